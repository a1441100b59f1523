"""What every table shares: constraint names, identifiers and instants."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, Column, DateTime, Enum, ForeignKey, Identity, func
from sqlmodel import Field, SQLModel

SQLModel.metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


def primary_key() -> Any:
    return Field(default=None, primary_key=True, sa_type=BigInteger, sa_column_args=(Identity(),))


def reference(target: str, *, on_delete: str, nullable: bool = False, index: bool = True) -> Any:
    """A foreign key that the database enforces."""
    column: Column[int] = Column(
        BigInteger, ForeignKey(target, ondelete=on_delete), nullable=nullable, index=index
    )
    return Field(default=None, sa_column=column)


def instant(*, nullable: bool = True, index: bool = False) -> Any:
    return Field(default=None, sa_column=Column(DateTime(timezone=True), nullable=nullable, index=index))


def now_by_default(*, on_update: bool = False) -> Any:
    column: Column[datetime] = Column(
        DateTime(timezone=True),
        nullable=False,
        server_default=func.now(),
        onupdate=func.now() if on_update else None,
    )
    return Field(default=None, sa_column=column)


def closed_set(kind: type[StrEnum], name: str, *, default: StrEnum | None = None) -> Any:
    """A text column whose values a CHECK holds to those of the enumeration."""
    values = Enum(
        kind,
        native_enum=False,
        create_constraint=True,
        name=name,
        length=20,
        values_callable=lambda members: [member.value for member in members],
    )
    column: Column[StrEnum] = Column(values, nullable=False, server_default=default.value if default else None)
    return Field(default=default, sa_column=column)

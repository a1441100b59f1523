from datetime import datetime

from sqlalchemy import BigInteger, Column, LargeBinary
from sqlmodel import Field, SQLModel

from app.models.base import now_by_default


class ImportOrigin(SQLModel, table=True):
    """Where an imported row came from, so that importing the same thing again finds it.

    The fingerprint is made of what never changes about the row where it came from. No foreign key: the row
    may be removed here, and an import must not bring it back.
    """

    __tablename__ = "import_origin"

    fingerprint: bytes = Field(sa_column=Column(LargeBinary, primary_key=True))
    table_name: str
    row_id: int = Field(sa_column=Column(BigInteger, nullable=False))
    imported_at: datetime = now_by_default()

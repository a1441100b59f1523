from datetime import datetime

from sqlalchemy import CheckConstraint, Column, LargeBinary, text
from sqlmodel import Field, SQLModel

from app.models.base import closed_set, instant, now_by_default, primary_key, reference
from schemas.token import TokenKind
from schemas.user import Role


class User(SQLModel, table=True):
    """Somebody or something that signs in; the address is kept in lower case."""

    __tablename__ = "user_account"
    __table_args__ = (CheckConstraint("email = lower(email)", name="email"),)

    id: int = primary_key()
    email: str = Field(unique=True)
    password_hash: str
    role: Role = closed_set(Role, "role", default=Role.CLIENT)
    is_active: bool = Field(default=True, sa_column_kwargs={"server_default": text("true")})
    created_at: datetime = now_by_default()
    modified_at: datetime = now_by_default(on_update=True)


class Token(SQLModel, table=True):
    """A token that was given out: a JWT by its `jti`, a personal access token by the hash of its secret."""

    __tablename__ = "access_token"

    id: int = primary_key()
    jti: str = Field(unique=True)
    user_id: int = reference("user_account.id", on_delete="CASCADE")
    kind: TokenKind = closed_set(TokenKind, "kind")
    name: str = Field(default="", sa_column_kwargs={"server_default": ""})
    secret_hash: bytes | None = Field(default=None, sa_column=Column(LargeBinary, nullable=True, unique=True))
    created_at: datetime = now_by_default()
    expires_at: datetime | None = instant()
    revoked_at: datetime | None = instant()


class SignInThrottle(SQLModel, table=True):
    """Failed sign-ins of one account or one address, counted since the window began."""

    __tablename__ = "sign_in_throttle"

    key: str = Field(primary_key=True)
    failures: int
    window_ends_at: datetime = instant(nullable=False, index=True)

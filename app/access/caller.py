"""On whose behalf something is done."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from app.core import errors, security
from app.models import Role


@dataclass(frozen=True, slots=True)
class Caller:
    """A user by way of one token; leases are bound to the token's `jti`. An operator of the machine is no user."""

    user_id: int | None
    username: str
    role: Role
    jti: str
    issued_at: datetime
    expires_at: datetime | None = None

    @classmethod
    def internal(cls, name: str) -> "Caller":
        """Somebody without a token who may do everything: `cli:ada` at the command line, an extension."""
        return cls(None, name, Role.ADMIN, name, datetime.now(UTC))

    @property
    def is_admin(self) -> bool:
        return self.role is Role.ADMIN

    @property
    def is_expired(self) -> bool:
        return self.expires_at is not None and self.expires_at <= datetime.now(UTC)

    def require_admin(self) -> None:
        """Raises Forbidden."""
        if not self.is_admin:
            raise errors.Forbidden({"Authorization": "only an administrator may do this"})

    @property
    def claims(self) -> Mapping[str, Any]:
        claims = {
            "sub": str(self.user_id),
            "username": self.username,
            "iat": int(self.issued_at.timestamp()),
            "jti": self.jti,
            "iss": security.ISSUER,
            "aud": security.AUDIENCE,
        }
        return claims if self.expires_at is None else {**claims, "exp": int(self.expires_at.timestamp())}

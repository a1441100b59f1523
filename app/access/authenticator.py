"""Who is calling: from a bearer token to a caller, with a memory that revocation empties at once."""

from typing import Any

from cachetools import LRUCache

from app.access import queries
from app.access.caller import Caller
from app.core import errors, security
from app.core.postgres.database import Database
from app.core.postgres.notifications import Notifications
from app.core.security import SigningKey
from app.models import Role, Token, User

MOST_REMEMBERED = 20_000
# The channel on which triggers tell that a user or a token changed.
ACCESS_CHANGED = "pygai_access_changed"


class Gate:
    """Checks tokens. One that was good costs neither query nor signature while NOTIFY would tell of its end."""

    def __init__(self, database: Database, notifications: Notifications, *, signing_key: SigningKey) -> None:
        self._database = database
        self._notifications = notifications
        self._signing_key = signing_key
        # By the hash of the whole token: the same bytes, signed by the same key, are as good as they were.
        self._remembered: LRUCache[bytes, Caller] = LRUCache(MOST_REMEMBERED)
        self._generation = 0
        notifications.subscribe(ACCESS_CHANGED, lambda _payload: self.forget())
        notifications.on_gap(self.forget)

    def forget(self) -> None:
        """Forget every token, because one of them may have changed."""
        self._generation += 1
        self._remembered.clear()

    async def admit(self, token: str) -> Caller:
        """The caller behind a token. Raises Unauthorized."""
        key = security.hash_token(token)
        caller = self._remembered.get(key) if self._notifications.is_listening else None
        if caller is None:
            caller = await self._look_up(token, key)
        if caller.is_expired:
            raise _unauthorized("the token has expired")
        return caller

    async def _look_up(self, token: str, key: bytes) -> Caller:
        by: dict[str, Any] = {"secret_hash": key}
        if not token.startswith(security.PERSONAL_PREFIX):
            by = {"jti": self._checked_jti(token)}
        generation = self._generation
        async with self._database.session() as session:
            found = await queries.find_bearer(session, **by)
        if found is None:
            raise _unauthorized("the token is unknown, expired or revoked")
        caller = _caller(*found)
        # A revocation heard of meanwhile may be missing from what was just read.
        if generation == self._generation:
            self._remember(key, caller)
        return caller

    def _checked_jti(self, token: str) -> str:
        claims = security.read_jwt(self._signing_key.read(), token)
        if claims is None:
            raise _unauthorized("the token is malformed, expired or not signed by this service")
        return str(claims["jti"])

    def _remember(self, key: bytes, caller: Caller) -> None:
        self._remembered[key] = caller


def _caller(token: Token, user: User) -> Caller:
    return Caller(
        user_id=user.id,
        username=user.email,
        role=Role(user.role),
        jti=token.jti,
        issued_at=token.created_at,
        expires_at=token.expires_at,
    )


def _unauthorized(reason: str) -> errors.Unauthorized:
    return errors.Unauthorized({"Authorization": reason})

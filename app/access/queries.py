"""SQL of users, tokens and the sign-in throttle."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, func, or_, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from app.models import Role, SignInThrottle, Token, TokenKind, User


async def find_user(session: AsyncSession, *, email: str) -> User | None:
    if "\x00" in email:  # which PostgreSQL does not take, not even to look for it
        return None
    return await session.scalar(select(User).where(col(User.email) == email.strip().lower()))


async def list_users(session: AsyncSession) -> Sequence[User]:
    return (await session.scalars(select(User).order_by(col(User.id)))).all()


async def count_administrators(session: AsyncSession) -> int:
    admins = select(func.count()).where(col(User.role) == Role.ADMIN, col(User.is_active))
    return await session.scalar(admins) or 0


async def find_bearer(
    session: AsyncSession, *, jti: str | None = None, secret_hash: bytes | None = None
) -> tuple[Token, User] | None:
    """The good token and its active user; the database's clock decides whether it is good."""
    query = (
        select(Token, User)
        .join(User, col(User.id) == col(Token.user_id))
        .where(
            col(User.is_active),
            col(Token.revoked_at).is_(None),
            or_(col(Token.expires_at).is_(None), col(Token.expires_at) > func.now()),
        )
    )
    if jti is not None:
        query = query.where(col(Token.jti) == jti, col(Token.kind) == TokenKind.JWT)
    else:
        query = query.where(col(Token.secret_hash) == secret_hash)
    row = (await session.execute(query)).one_or_none()
    return None if row is None else (row[0], row[1])


async def list_tokens(session: AsyncSession, *, user_id: int | None = None) -> Sequence[tuple[Token, User]]:
    query = select(Token, User).join(User, col(User.id) == col(Token.user_id)).order_by(col(Token.id))
    if user_id is not None:
        query = query.where(col(Token.user_id) == user_id)
    return [(row[0], row[1]) for row in await session.execute(query)]


async def find_token(session: AsyncSession, *, token_id: int) -> Token | None:
    return await session.get(Token, token_id)


async def mark_revoked(session: AsyncSession, *, jti: str) -> Token | None:
    """The token, unless it was revoked before or there is none."""
    revoking = (
        update(Token)
        .where(col(Token.jti) == jti, col(Token.revoked_at).is_(None))
        .values(revoked_at=func.now())
        .returning(Token)
    )
    return await session.scalar(revoking)


async def mark_all_revoked(session: AsyncSession, *, user_id: int) -> None:
    await session.execute(
        update(Token)
        .where(col(Token.user_id) == user_id, col(Token.revoked_at).is_(None))
        .values(revoked_at=func.now())
    )


async def count_attempt(session: AsyncSession, *, key: str, window_seconds: int) -> tuple[int, datetime]:
    """Count a sign-in before it is checked, so that many at once cannot slip past the limit together."""
    ends_at = func.now() + text("make_interval(secs => :seconds)").bindparams(seconds=window_seconds)
    counting = (
        insert(SignInThrottle)
        .values(key=key, failures=1, window_ends_at=ends_at)
        .on_conflict_do_update(
            index_elements=["key"],
            set_={
                "failures": text(
                    "CASE WHEN sign_in_throttle.window_ends_at <= now() THEN 1 "
                    "ELSE sign_in_throttle.failures + 1 END"
                ),
                "window_ends_at": text(
                    "CASE WHEN sign_in_throttle.window_ends_at <= now() "
                    "THEN excluded.window_ends_at ELSE sign_in_throttle.window_ends_at END"
                ),
            },
        )
        .returning(col(SignInThrottle.failures), col(SignInThrottle.window_ends_at))
    )
    row = (await session.execute(counting)).one()
    return row[0], row[1]


async def forgive(session: AsyncSession, *, account_key: str, address_key: str) -> None:
    """After a good sign-in: the account starts anew, the address gets its one count back."""
    # The address first, as when counting: two transactions must not wait for each other.
    await session.execute(
        update(SignInThrottle)
        .where(col(SignInThrottle.key) == address_key)
        .values(failures=func.greatest(col(SignInThrottle.failures) - 1, 0))
    )
    await session.execute(delete(SignInThrottle).where(col(SignInThrottle.key) == account_key))


async def expire_throttles(session: AsyncSession) -> None:
    await session.execute(delete(SignInThrottle).where(col(SignInThrottle.window_ends_at) <= func.now()))

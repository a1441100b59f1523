"""Signing in and out, users, tokens."""

import asyncio
import hashlib
import ipaddress
import math
import re
from datetime import UTC, datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from app.access import queries
from app.core import errors, security
from app.core.postgres.database import Database
from app.core.settings import EMAIL_PATTERN, Settings
from app.models import Role, Token, TokenKind, User

ATTEMPTS_PER_ADDRESS = 10  # times those per account: many people sit behind one address
SHORTEST_PASSWORD = 8
LONGEST_PASSWORD = 1024
LONGEST_EMAIL = 320
MOST_DIGITS = 18

# Argon2 takes 64 MB and all of a core; more at once would only make everybody wait.
_verifications = asyncio.Semaphore(2)


async def sign_in(
    database: Database, settings: Settings, *, secret: str, username: str, password: str, address: str
) -> security.Issued:
    """A new JWT for the right pair.

    Raises Unauthorized for a wrong pair, the same way whether or not the user exists, and TooMany after too many
    failures of one account or one address.
    """
    keys = _throttle_keys(username, address)
    await _count_attempt(database, settings, *keys)
    async with database.session() as session:
        user = await queries.find_user(session, email=username)
    async with _verifications:
        is_right = await asyncio.to_thread(
            security.verify_password, password, user.password_hash if user and user.is_active else None
        )
    if user is None or not is_right:
        raise errors.Unauthorized({"username": "wrong user name or password"})
    async with database.session() as session:
        await queries.forgive(session, account_key=keys[0], address_key=keys[1])
        return _add_jwt(session, user, secret=secret, seconds=settings.token_seconds)


def _add_jwt(session: AsyncSession, user: User, *, secret: str, seconds: int) -> security.Issued:
    issued = security.issue_jwt(secret, user_id=user.id, username=user.email, seconds=seconds)
    session.add(Token(jti=issued.jti, user_id=user.id, kind=TokenKind.JWT, expires_at=issued.expires_at))
    return issued


def _throttle_keys(username: str, address: str) -> tuple[str, str]:
    account = hashlib.sha256(username.strip().lower().encode("utf-8", "surrogatepass")).hexdigest()
    return f"account:{account}", f"address:{_network(address)}"


def _network(address: str) -> str:
    """One IPv6 customer has a whole /64 to come from."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return "unknown"
    if parsed.version == 4:
        return str(parsed)
    return str(ipaddress.ip_network((parsed, 64), strict=False))


async def _count_attempt(database: Database, settings: Settings, account_key: str, address_key: str) -> None:
    """Raises TooMany. What a paused address tries counts against no account."""
    limits = {address_key: settings.signin_attempts * ATTEMPTS_PER_ADDRESS, account_key: settings.signin_attempts}
    async with database.session() as session:
        for key, limit in limits.items():
            failures, ends_at = await queries.count_attempt(
                session, key=key, window_seconds=settings.signin_window_seconds
            )
            if failures > limit:
                break
        else:
            return
    # Raised out here: inside, it would take the count back.
    seconds = math.ceil((ends_at - datetime.now(UTC)).total_seconds())
    raise errors.TooMany({"username": "too many failed sign-ins; wait"}, retry_after_seconds=seconds)


async def add_user(session: AsyncSession, *, email: str, password: str, role: Role = Role.CLIENT) -> User:
    """A new user. Raises Invalid for a bad address or password, Conflict for a known address."""
    user = User(
        email=checked_email(email),
        password_hash=await asyncio.to_thread(security.hash_password, checked_password(password)),
        role=role,
    )
    session.add(user)
    await session.flush()
    return user


async def get_user(session: AsyncSession, *, email: str) -> User:
    user = await queries.find_user(session, email=email)
    if user is None:
        raise errors.NotFound({"email": f"there is no user {email}"})
    return user


async def change_user(
    session: AsyncSession,
    *,
    email: str,
    password: str | None = None,
    role: Role | None = None,
    is_active: bool | None = None,
) -> User:
    """Change what is given; a new password or deactivation revokes the user's tokens.

    Raises Conflict when it would leave no active administrator.
    """
    user = await get_user(session, email=email)
    was_administrator = is_administrator(user)
    if password is not None:
        user.password_hash = await asyncio.to_thread(security.hash_password, checked_password(password))
    user.role = role or user.role
    user.is_active = user.is_active if is_active is None else is_active
    session.add(user)
    await session.flush()
    if password is not None or is_active is False:
        await queries.mark_all_revoked(session, user_id=user.id)
    if was_administrator:
        await _refuse_without_administrator(session)
    return user


async def remove_user(session: AsyncSession, user: User) -> None:
    """Remove a user with all tokens. Raises Conflict when it would leave no active administrator."""
    await session.delete(user)
    await session.flush()
    if is_administrator(user):
        await _refuse_without_administrator(session)


def is_administrator(user: User) -> bool:
    return user.is_active and user.role == Role.ADMIN


async def _refuse_without_administrator(session: AsyncSession) -> None:
    if await queries.count_administrators(session) == 0:
        raise errors.Conflict({"role": "this is the last active administrator"})


async def add_personal_token(
    session: AsyncSession, *, email: str, name: str, days: int | None = None
) -> tuple[Token, str]:
    """A personal access token and its secret, which is shown this once and kept only as a hash."""
    user = await get_user(session, email=email)
    secret, secret_hash = security.new_personal_token()
    token = Token(
        jti=f"pat-{secret_hash.hex()[:24]}",
        user_id=user.id,
        kind=TokenKind.PERSONAL,
        name=name,
        secret_hash=secret_hash,
        expires_at=None if days is None else datetime.now(UTC) + timedelta(days=days),
    )
    session.add(token)
    await session.flush()
    return token, secret


async def revoke_token(session: AsyncSession, *, jti: str) -> Token:
    """Raises NotFound."""
    token = await queries.mark_revoked(session, jti=jti)
    if token is None:
        raise errors.NotFound({"jti": f"there is no good token {jti}"})
    return token


async def jti_of(session: AsyncSession, reference: str) -> str:
    """The `jti` of the token of that number; what is no such number is taken for a `jti`."""
    if not (reference.isascii() and reference.isdecimal()) or len(reference) > MOST_DIGITS:
        return reference
    found = await queries.find_token(session, token_id=int(reference))
    return found.jti if found else reference


def checked_email(email: str) -> str:
    email = email.strip().lower()
    # Whoever signs in at `admin@nas.local` shall; whether mail arrives there is no concern of ours.
    if len(email) > LONGEST_EMAIL or not re.fullmatch(EMAIL_PATTERN, email):
        raise errors.Invalid({"email": f"{email!r} is not an e-mail address"})
    return email


def checked_password(password: str) -> str:
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        raise errors.Invalid({"password": f"must have {SHORTEST_PASSWORD} to {LONGEST_PASSWORD} characters"})
    return password


async def expire_throttles(database: Database) -> None:
    """Forget failures whose window is over."""
    async with database.session() as session:
        await queries.expire_throttles(session)


async def ensure_administrator(session: AsyncSession, settings: Settings) -> str | None:
    """See that an administrator can sign in; the password that had to be made up for it, to be shown once."""
    # Users may well be there before: `pygai demo` and `pygai user add` work on a new installation too.
    if await queries.count_administrators(session) or await queries.find_user(session, email=settings.admin_email):
        return None
    made_up = None if settings.admin_password else security.made_up_password()
    password = settings.admin_password.get_secret_value() if settings.admin_password else made_up
    await add_user(session, email=settings.admin_email, password=password or "", role=Role.ADMIN)
    return made_up

"""Secrets: the signing key, passwords, tokens."""

import contextlib
import hashlib
import os
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from jose import JWTError, jwt
from passlib.hash import argon2

from app.core.settings import SHORTEST_SECRET, Settings

ALGORITHM = "HS512"
ISSUER = "pygai-connector"
AUDIENCE = "pygai"
PERSONAL_PREFIX = "pygai_"

_ALL_REQUIRED = {f"require_{claim}": True for claim in ("sub", "iat", "exp", "jti", "iss", "aud")}

# Verified against when there is no such user, so that both refusals take the same time.
_NOBODY = argon2.hash(secrets.token_urlsafe())


class SecretMissing(RuntimeError):
    """There is no signing key and none may be made up."""


def signing_secret(settings: Settings, *, may_make: bool) -> str:
    """The key that signs tokens: from the settings, from a file, or made up once for the data folder.

    Raises SecretMissing when there is none and `may_make` is false (a public address is asked for).
    """
    if settings.secret:
        return settings.secret.get_secret_value()
    path = settings.secret_file or settings.data_dir / "secret.key"
    with contextlib.suppress(FileNotFoundError):
        return _checked(path.read_text().strip(), path)
    if settings.secret_file or not may_make:
        raise SecretMissing(
            f"There is no signing secret at {path}. Set PYGAI_SECRET to at least {SHORTEST_SECRET} random "
            "characters, or PYGAI_SECRET_FILE to a file with them, or start once on 127.0.0.1 to have one made."
        )
    return _checked(_made_once(path), path)


class SigningKey:
    """The key that signs tokens, read at its first use."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._value: str | None = None

    def read(self, *, may_make: bool = False) -> str:
        """Raises SecretMissing."""
        if self._value is None:
            self._value = signing_secret(self._settings, may_make=may_make)
        return self._value


def _made_once(path: Path) -> str:
    """Write a new key whole or find the one another process wrote first."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(secrets.token_urlsafe(64))
        file.flush()
        os.fsync(file.fileno())
    with contextlib.suppress(FileExistsError):
        os.link(draft, path)
    draft.unlink()
    return path.read_text().strip()


def _checked(secret: str, path: Path) -> str:
    if len(secret) < SHORTEST_SECRET:
        raise SecretMissing(f"The signing secret in {path} has fewer than {SHORTEST_SECRET} characters.")
    return secret


def hash_password(password: str) -> str:
    """Argon2id; takes tens of milliseconds, so keep it off the event loop."""
    return str(argon2.hash(password))


def verify_password(password: str, hashed: str | None) -> bool:
    """The same time whether or not there is a hash to compare with."""
    try:
        matches = bool(argon2.verify(password, hashed or _NOBODY))
    except ValueError:
        return False
    return matches and hashed is not None


def made_up_password() -> str:
    return secrets.token_urlsafe(15)


@dataclass(frozen=True, slots=True)
class Issued:
    """A JWT and what it claims."""

    jwt: str
    jti: str
    expires_at: datetime


def issue_jwt(secret: str, *, user_id: int, username: str, seconds: int) -> Issued:
    now = datetime.now(UTC).replace(microsecond=0)
    jti = secrets.token_urlsafe(16)
    claims = {
        "sub": str(user_id),
        "username": username,
        "iat": int(now.timestamp()),
        "exp": int(now.timestamp()) + seconds,
        "jti": jti,
        "iss": ISSUER,
        "aud": AUDIENCE,
    }
    return Issued(jwt.encode(claims, secret, algorithm=ALGORITHM), jti, now + timedelta(seconds=seconds))


def read_jwt(secret: str, token: str) -> dict[str, Any] | None:
    """The claims of a token that we signed and that has not expired, or None."""
    try:
        claims = jwt.decode(
            token, secret, algorithms=[ALGORITHM], audience=AUDIENCE, issuer=ISSUER, options=_ALL_REQUIRED
        )
    except (JWTError, ValueError, TypeError, AttributeError, OverflowError):
        return None
    is_storable = isinstance(claims["jti"], str) and "\x00" not in claims["jti"]
    return claims if is_storable else None


def new_personal_token() -> tuple[str, bytes]:
    """A personal access token and the hash that is kept of it."""
    token = PERSONAL_PREFIX + secrets.token_urlsafe(32)
    return token, hash_token(token)


def hash_token(token: str) -> bytes:
    # Its 256 bits of randomness, or its signature, need no slow hash.
    return hashlib.sha256(token.encode("utf-8", "surrogateescape")).digest()

"""T5: signing in, and what clients present instead of a password."""

from datetime import datetime
from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field


class TokenKind(StrEnum):
    """`jwt` is one of a signed-in client, `personal` a personal access token."""

    JWT = "jwt"
    PERSONAL = "personal"


class SignedIn(BaseModel):
    """A JSON Web Token for the other calls."""

    jwt: str = Field(
        description="HS512-signed token; send it as `Authorization: Bearer <jwt>`.",
        examples=["eyJhbGciOiJIUzUxMiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl"],
    )


class Claims(BaseModel):
    """What the presented token claims (RFC 7519); never the token itself."""

    sub: str = Field(description="The user's number.", examples=["1"])
    username: str = Field(description="The user's e-mail address.", examples=["admin@example.com"])
    iat: int = Field(description="Issued at, in seconds since 1970.", examples=[1795305600])
    exp: int | None = Field(None, description="Expires at; absent when it does not.", examples=[1797897600])
    jti: str = Field(description="The token's own id, which leases are bound to.", examples=["q3Jp0bRZ5n0"])
    iss: str = Field(description="Who issued it.", examples=["pygai-connector"])
    aud: str = Field(description="Whom it is for.", examples=["pygai"])


class TokenDraft(BaseModel):
    """A personal access token to be made."""

    model_config = ConfigDict(extra="forbid")

    email: str = Field(description="Whose token it is.")
    name: str = Field("", description="What it is for.")
    days: int | None = Field(None, ge=1, le=36_500, description="How long it is good; for ever when null.")


class TokenDetails(BaseModel):
    """A token that was given out, without its secret."""

    id: int = Field(description="The token's number.")
    user: str = Field(description="The address of its user.")
    name: str = Field(description="What it is for.")
    kind: TokenKind = Field(description="How it came to be.")
    jti: str = Field(description="The token's own id, which leases are bound to.")
    created_at: datetime = Field(description="When it was given out.")
    expires_at: datetime | None = Field(description="Until when it is good; null for ever.")
    revoked_at: datetime | None = Field(description="When it was revoked.")


class NewToken(TokenDetails):
    """A personal access token and its secret, which is told this once."""

    secret: str = Field(description="What the client presents; it is kept only as a hash.", repr=False)

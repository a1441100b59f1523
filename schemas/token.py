"""T5: signing in."""

from pydantic import BaseModel, Field


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

"""Who may sign in."""

from datetime import datetime
from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from schemas.changes import Changes
from schemas.token import TokenDetails

EMAIL = "The address they sign in with; kept in lower case."
ROLE = "What they may do."
IS_ACTIVE = "Whether they get in."


class Role(StrEnum):
    """What a user may do: `admin` everything, `client` fetch tasks and hand results back."""

    ADMIN = "admin"
    CLIENT = "client"


class UserDraft(BaseModel):
    """A user to be added."""

    model_config = ConfigDict(extra="forbid")

    email: str = Field(description=EMAIL)
    password: SecretStr = Field(description="The password.")
    role: Role = Field(Role.CLIENT, description=ROLE)


class UserChanges(Changes):
    """What is to be different about a user."""

    password: SecretStr | None = Field(None, description="A new password, which ends every token of the user.")
    role: Role | None = Field(None, description=ROLE)
    is_active: bool | None = Field(None, description=IS_ACTIVE)


class UserSummary(BaseModel):
    """Somebody or something that signs in."""

    id: int = Field(description="The user's number.")
    email: str = Field(description=EMAIL)
    role: Role = Field(description=ROLE)
    is_active: bool = Field(description=IS_ACTIVE)
    created_at: datetime = Field(description="When they were added.")


class UserDetails(UserSummary):
    """A user and their personal access tokens."""

    tokens: list[TokenDetails] = Field(description="Their personal access tokens, never a secret.")

"""JSend envelopes (https://github.com/omniti-labs/jsend): every answer of the service is one of these."""

from typing import Generic, Literal, TypeVar

from pydantic import BaseModel, Field

Data = TypeVar("Data")


class Success(BaseModel, Generic[Data]):
    """It worked; `data` holds what was asked for."""

    status: Literal["success"]
    data: Data


class Empty(BaseModel):
    """An object without keys."""


class Fail(BaseModel):
    """The caller can mend it (4xx): `data` names each field and the reason."""

    status: Literal["fail"]
    data: dict[str, str] = Field(examples=[{"id": "must be a whole number"}])


class Error(BaseModel):
    """Only the server can mend it (5xx): a message without internals and the HTTP status."""

    status: Literal["error"]
    message: str = Field(examples=["The service cannot answer at the moment"])
    code: int = Field(examples=[500])

"""What a router asks for to know its caller."""

from typing import Annotated

from fastapi import Depends, Request, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from app.access.authenticator import Caller, Gate
from app.core import errors

bearer = HTTPBearer(
    auto_error=False,
    bearerFormat="JWT",
    scheme_name="Bearer",
    description="The `jwt` that `POST /signin` answers with, or a personal access token (`pygai_…`).",
)


async def get_caller(
    request: Request, credentials: Annotated[HTTPAuthorizationCredentials | None, Security(bearer)]
) -> Caller:
    if credentials is None or not credentials.credentials:
        raise errors.Unauthorized({"Authorization": "send `Authorization: Bearer <token>`"})
    gate: Gate = request.app.state.gate
    return await gate.admit(credentials.credentials)


async def identify(request: Request) -> Caller:
    """`get_caller` for a hot route. Raises Unauthorized."""
    return await get_caller(request, await bearer(request))


CallerDep = Annotated[Caller, Depends(get_caller)]


async def get_administrator(caller: CallerDep) -> Caller:
    if not caller.is_admin:
        raise errors.Forbidden({"Authorization": "only an administrator may do this"})
    return caller


AdministratorDep = Annotated[Caller, Depends(get_administrator)]

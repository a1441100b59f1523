"""What routers ask for: the runtime, and who is calling."""

from typing import Annotated

from fastapi import Depends, Request, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from app.access.caller import Caller
from app.core import errors
from app.runtime import Runtime

bearer = HTTPBearer(
    auto_error=False,
    bearerFormat="JWT",
    scheme_name="Bearer",
    description="The `jwt` that `POST /signin` answers with, or a personal access token (`pygai_…`).",
)


async def get_runtime(request: Request) -> Runtime:
    return runtime_of(request)


def runtime_of(request: Request) -> Runtime:
    """`get_runtime` for a hot route."""
    runtime: Runtime = request.app.state.runtime
    return runtime


RuntimeDep = Annotated[Runtime, Depends(get_runtime)]


async def get_caller(
    runtime: RuntimeDep, credentials: Annotated[HTTPAuthorizationCredentials | None, Security(bearer)]
) -> Caller:
    if credentials is None or not credentials.credentials:
        raise _no_token()
    return await runtime.authenticator.admit(credentials.credentials)


async def identify(request: Request, runtime: Runtime) -> Caller:
    """`get_caller` for a hot route. Raises Unauthorized."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not (token := token.strip()):
        raise _no_token()
    return await runtime.authenticator.admit(token)


def _no_token() -> errors.Unauthorized:
    return errors.Unauthorized({"Authorization": "send `Authorization: Bearer <token>`"})


CallerDep = Annotated[Caller, Depends(get_caller)]


async def get_administrator(caller: CallerDep) -> Caller:
    if not caller.is_admin:
        raise errors.Forbidden({"Authorization": "only an administrator may do this"})
    return caller


AdministratorDep = Annotated[Caller, Depends(get_administrator)]

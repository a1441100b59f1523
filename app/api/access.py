"""T5: `/signin`, `/jwtinfo`, `/signout`."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from starlette.responses import Response

from app.access import service
from app.api.dependencies import CallerDep, RuntimeDep, get_caller, identify, runtime_of
from app.core import errors
from app.core.http import jsend
from app.core.http.routing import hot_router
from schemas.jsend import Empty, Success
from schemas.token import Claims, SignedIn

router = APIRouter(tags=["T5 Access"])
hot = hot_router(tags=["T5 Access"], documented_dependencies=[Depends(get_caller)])

Username = Annotated[
    str,
    Form(
        description="The user's e-mail address, in any case.",
        min_length=1,
        max_length=service.LONGEST_EMAIL,
        examples=["admin@example.com"],
    ),
]
Password = Annotated[
    str,
    Form(
        description="The password.",
        min_length=1,
        max_length=service.LONGEST_PASSWORD,
        examples=["the password shown once"],
    ),
]


@router.post("/signin/", include_in_schema=False)
@router.post(
    "/signin",
    summary="Sign in (T5)",
    response_model=Success[SignedIn],
    responses=jsend.documents(400, 401, 413, 422, 429, 503),
)
async def sign_in(request: Request, runtime: RuntimeDep, username: Username, password: Password) -> Response:
    """Trade a user name and password for a JSON Web Token. The form may be urlencoded or multipart."""
    if request.query_params.keys() & {"username", "password"}:
        raise errors.Invalid({"username": "credentials belong in the body, never in the address"})
    address = request.client.host if request.client else ""
    signed_in = await runtime.connector.sign_in(username, password, address=address)
    return jsend.success(signed_in, headers=jsend.NO_STORE)


@hot.get("/jwtinfo/", include_in_schema=False)
@hot.get(
    "/jwtinfo",
    summary="Show what the token claims",
    response_model=Success[Claims],
    responses=jsend.documents(401, 503),
)
async def jwt_info(request: Request) -> Response:
    """The claims of the presented token, never the token itself."""
    caller = await identify(request, runtime_of(request))
    return jsend.success(caller.claims, headers=jsend.NO_STORE)


@router.post("/signout/", include_in_schema=False)
@router.post("/signout", summary="Sign out", response_model=Success[Empty], responses=jsend.documents(401, 503))
async def sign_out(runtime: RuntimeDep, caller: CallerDep) -> Response:
    """Revoke the presented token; it is refused everywhere from now on."""
    await runtime.connector.sign_out(caller)
    return jsend.success(headers=jsend.NO_STORE)

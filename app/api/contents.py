"""T2 `/aicontent/input/`, and what became of a submission."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request
from starlette.responses import Response

from app.api.dependencies import CallerDep, RuntimeDep, get_caller, identify, runtime_of
from app.contents.reading import read_submission, wants_publication
from app.core.http import jsend
from app.core.http.convertors import digits
from app.core.http.routing import hot_router
from schemas.content import ATTEMPT, RESULT, AttemptReport, ContentState
from schemas.jsend import Empty, Success
from schemas.prompt import GREATEST_ID

router = APIRouter(prefix="/aicontent", tags=["T2 Results"])

ContentId = Annotated[int, Path(ge=1, le=GREATEST_ID, description="The content's number.", examples=[1])]
WriteToFile = Annotated[
    str, Query(description="Publish as well. Empty, `0`, `false`, `no` and `off` mean no, all else yes.")
]


async def get_writetofile(writetofile: WriteToFile = "") -> str:
    return writetofile


hot = hot_router(
    prefix="/aicontent",
    tags=["T2 Results"],
    documented_dependencies=[Depends(get_caller), Depends(get_writetofile)],
)

BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {
                    "anyOf": [
                        {"$ref": "#/components/schemas/ContentSubmission"},
                        {"$ref": "#/components/schemas/AttemptReport"},
                    ]
                },
                "examples": {
                    "result": {"summary": "A text with a picture", "value": RESULT},
                    "attempt": {"summary": "The task could not be done", "value": ATTEMPT},
                },
            }
        },
    }
}


@hot.post("/input", include_in_schema=False)
@hot.post(
    "/input/",
    summary="Hand back a result (T2)",
    response_model=Success[Empty],
    responses=jsend.documents(400, 401, 413, 415, 422, 502, 503),
    openapi_extra=BODY,
)
async def submit(request: Request) -> Response:
    """Store what was generated, for good, and publish it when asked; `Content-Location` says where it is.

    A client that could not do its task sends a JSend fail or error instead: it is noted and the task given back.
    """
    runtime = runtime_of(request)
    caller = await identify(request, runtime)
    submission = await read_submission(request)
    connector = runtime.connector
    if isinstance(submission, AttemptReport):
        await connector.report_failure(caller, submission)
        return jsend.success(headers=jsend.NO_STORE)
    publish = wants_publication(request)
    content_id = await connector.submit_content(caller, submission.data, publish=publish)
    if publish:
        await connector.wait_for_page(caller, content_id)
    where = f"{runtime.settings.path_prefix}/aicontent/{content_id}/"
    return jsend.success(headers={**jsend.NO_STORE, "Content-Location": where})


@router.get(f"/{digits('content_id')}", include_in_schema=False)
@router.get(
    f"/{digits('content_id')}/",
    summary="See what became of a submission",
    response_model=Success[ContentState],
    responses=jsend.documents(401, 403, 404, 422, 503),
)
async def report(runtime: RuntimeDep, caller: CallerDep, content_id: ContentId) -> Response:
    """The content, its files and its page. A client sees its own, an administrator all."""
    content = await runtime.connector.read_content(caller, content_id)
    return jsend.success(content, headers=jsend.NO_STORE)

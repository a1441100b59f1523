"""T2 `/aicontent/input/`, and what became of a submission."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request
from starlette.responses import Response

from app.api.dependencies import CallerDep, RuntimeDep, get_caller, identify, runtime_of
from app.contents import handlers, service
from app.contents.reading import read_submission, wants_publication
from app.contents.shown import shown
from app.core import errors
from app.core.http import jsend
from app.core.http.convertors import digits
from app.core.http.routing import hot_router
from schemas.content import ATTEMPT, RESULT, AttemptReport, ContentState
from schemas.jsend import Empty, Success

router = APIRouter(prefix="/aicontent", tags=["T2 Results"])

ContentId = Annotated[int, Path(ge=1, le=service.GREATEST_ID, description="The content's number.", examples=[1])]
WriteToFile = Annotated[
    str, Query(description="Publish as well. Empty, `0`, `false`, `no` and `off` mean no, all else yes.")
]


async def get_writetofile(writetofile: WriteToFile = "") -> str:
    return writetofile


hot = hot_router(
    prefix="/aicontent", tags=["T2 Results"], dependencies=[Depends(get_caller), Depends(get_writetofile)]
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
    database, settings = runtime.database, runtime.settings
    if isinstance(submission, AttemptReport):
        await service.record_attempt(database, report=submission, caller=caller)
        return jsend.success(headers=jsend.NO_STORE)
    publish = wants_publication(request)
    content_id = await handlers.submit(
        runtime.extensions, database, settings, data=submission.data, publish=publish, caller=caller
    )
    if publish:
        await runtime.publication_watch.wait(content_id, seconds=settings.publish_wait_seconds)
    return jsend.success(
        headers={**jsend.NO_STORE, "Content-Location": f"{settings.path_prefix}/aicontent/{content_id}/"}
    )


@router.get(f"/{digits('content_id')}", include_in_schema=False)
@router.get(
    f"/{digits('content_id')}/",
    summary="See what became of a submission",
    response_model=Success[ContentState],
    responses=jsend.documents(401, 403, 404, 422, 503),
)
async def report(runtime: RuntimeDep, caller: CallerDep, content_id: ContentId) -> Response:
    """The content, its files and its page. A client sees its own, an administrator all."""
    async with runtime.database.session() as session:
        found = await service.get_report(session, content_id=content_id)
    if not caller.is_admin and found.content.submitted_by != caller.user_id:
        raise errors.Forbidden({"id": "this content was submitted by somebody else"})
    return jsend.success(shown(found, runtime.settings), headers=jsend.NO_STORE)

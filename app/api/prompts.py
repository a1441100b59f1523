"""T1 `/aiprompt/output/`, T4 `/aiprompt/reset/`, leases and attachments."""

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Depends, File, Request, UploadFile
from fastapi import Path as PathParameter
from starlette.responses import Response

from app.api.dependencies import AdministratorDep, CallerDep, RuntimeDep, get_caller, identify, runtime_of
from app.api.task_query import FiltersDep, TaskQueryDep, read_task_query
from app.core.http import jsend
from app.core.http.routing import hot_router
from schemas.jsend import Empty, Success
from schemas.prompt import GREATEST_ID, Attachment, Lease, PromptTask

router = APIRouter(prefix="/aiprompt")
hot = hot_router(prefix="/aiprompt", documented_dependencies=[Depends(get_caller), TaskQueryDep])

PromptId = Annotated[int, PathParameter(ge=1, le=GREATEST_ID, description="The prompt's number.", examples=[1])]
FileId = Annotated[int, PathParameter(ge=1, le=GREATEST_ID, description="The attachment's number.", examples=[7])]


@hot.get("/output", include_in_schema=False)
@hot.get(
    "/output/",
    tags=["T1 Tasks"],
    summary="Fetch a task (T1)",
    response_model=Success[PromptTask | Empty],
    responses=jsend.documents(401, 422, 502, 503),
)
async def output(request: Request) -> Response:
    """Lease the longest available task to the asking token; `{}` when there is nothing to do.

    The same token asking again gets the task that it already holds. All filters are combined.
    """
    runtime = runtime_of(request)
    caller = await identify(request, runtime)
    query = read_task_query(request)
    claiming = runtime.connector.claim_task(caller, query)
    task: PromptTask | None = await (_unless_gone(request, claiming) if query.wait else claiming)
    return jsend.success(task and task.model_dump(exclude_unset=True, warnings=False), headers=jsend.NO_STORE)


async def _unless_gone(request: Request, handing_out: Any) -> Any:
    """Stop waiting when the client hangs up: a task for nobody would be held for a whole lease."""
    working = asyncio.ensure_future(handing_out)
    hanging_up = asyncio.ensure_future(_hang_up(request))
    try:
        await asyncio.wait({working, hanging_up}, return_when=asyncio.FIRST_COMPLETED)
        return await working if working.done() else None
    finally:
        working.cancel()
        hanging_up.cancel()
        await asyncio.gather(working, hanging_up, return_exceptions=True)


async def _hang_up(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


@router.get("/reset", include_in_schema=False)
@router.post("/reset", include_in_schema=False)
@router.get(
    "/reset/",
    tags=["T4 Reset"],
    summary="Make used prompts available again (T4)",
    response_model=Success[Empty],
    responses=jsend.documents(401, 422, 502, 503),
)
@router.post(
    "/reset/",
    tags=["T4 Reset"],
    summary="Make used prompts available again (T4, by POST)",
    operation_id="reset_by_post",
    response_model=Success[Empty],
    responses=jsend.documents(401, 422, 502, 503),
)
async def reset(runtime: RuntimeDep, caller: CallerDep, filters: FiltersDep) -> Response:
    """Clear the return data of every used prompt, or of those that the filters name, and restore its count.

    A prompt that an operator disabled stays disabled; a running lease stays.
    """
    await runtime.connector.reset_prompts(caller, filters)
    return jsend.success(headers=jsend.NO_STORE)


@router.post("/{prompt_id}/heartbeat", include_in_schema=False)
@router.post(
    "/{prompt_id}/heartbeat/",
    tags=["T1 Tasks"],
    summary="Keep a task a while longer",
    response_model=Success[Lease],
    responses=jsend.documents(401, 404, 409, 422, 503),
)
async def heartbeat(runtime: RuntimeDep, caller: CallerDep, prompt_id: PromptId) -> Response:
    """Extend the caller's own lease by a whole one; 409 when the caller does not hold it."""
    return jsend.success(await runtime.connector.extend_lease(caller, prompt_id), headers=jsend.NO_STORE)


@router.post("/{prompt_id}/release", include_in_schema=False)
@router.post(
    "/{prompt_id}/release/",
    tags=["T1 Tasks"],
    summary="Give a task back",
    response_model=Success[Empty],
    responses=jsend.documents(401, 404, 409, 422, 503),
)
async def release(runtime: RuntimeDep, caller: CallerDep, prompt_id: PromptId) -> Response:
    """End the caller's own lease without a result; 409 when the caller does not hold it."""
    await runtime.connector.release_task(caller, prompt_id)
    return jsend.success(headers=jsend.NO_STORE)


@router.get("/{prompt_id}/files", include_in_schema=False)
@router.get(
    "/{prompt_id}/files/",
    tags=["Attachments"],
    summary="List a prompt's attachments",
    response_model=Success[list[Attachment]],
    responses=jsend.documents(401, 403, 404, 422, 503),
)
async def list_files(runtime: RuntimeDep, administrator: AdministratorDep, prompt_id: PromptId) -> Response:
    """The files in the order in which T1 hands them out. For administrators."""
    return jsend.success(await runtime.connector.list_files(administrator, prompt_id))


@router.post("/{prompt_id}/files", include_in_schema=False)
@router.post(
    "/{prompt_id}/files/",
    tags=["Attachments"],
    summary="Attach a file to a prompt",
    response_model=Success[Attachment],
    responses=jsend.documents(400, 401, 403, 404, 409, 413, 422, 503),
)
async def attach(
    runtime: RuntimeDep,
    administrator: AdministratorDep,
    prompt_id: PromptId,
    file: Annotated[UploadFile, File(description="The file; its name is kept.", examples=["leaf.jpg"])],
) -> Response:
    """Store the file and hand its address out with the prompt from now on. For administrators."""
    content = await file.read()
    attached = await runtime.connector.attach_file(administrator, prompt_id, content, name=file.filename or "")
    return jsend.success(attached)


@router.delete("/{prompt_id}/files/{file_id}", include_in_schema=False)
@router.delete(
    "/{prompt_id}/files/{file_id}/",
    tags=["Attachments"],
    summary="Take an attachment away",
    response_model=Success[Empty],
    responses=jsend.documents(401, 403, 404, 422, 503),
)
async def detach(
    runtime: RuntimeDep, administrator: AdministratorDep, prompt_id: PromptId, file_id: FileId
) -> Response:
    """The prompt is handed out without the file from now on. For administrators."""
    await runtime.connector.detach_file(administrator, prompt_id, file_id)
    return jsend.success()

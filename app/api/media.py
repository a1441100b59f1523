from typing import Annotated, Any

from fastapi import APIRouter, Path, Request
from starlette.responses import Response

from app.api.dependencies import RuntimeDep
from app.core.http import jsend
from app.media import service
from app.media.names import safe_name
from app.media.recognition import presentation_of
from app.media.serving import serve

EXAMPLE_HASH = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"

# A file under its hash can never change, and nothing in it may run or load anything.
CACHE_CONTROL = "public, max-age=31536000, immutable"
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cross-Origin-Resource-Policy": "cross-origin",
}

_BINARY: dict[str, Any] = {"schema": {"type": "string", "format": "binary"}}
RESPONSES: jsend.Responses = {
    200: {
        "description": "The file",
        "content": {"*/*": _BINARY},
    },
    206: {"description": "The part that `Range` asked for", "content": {"*/*": _BINARY}},
    304: {"description": "The caller has it already"},
    **jsend.documents(404, 416, 503),
}

router = APIRouter(tags=["Files"])


FileHash = Annotated[
    str, Path(alias="hash", description="SHA-256 of the file's bytes, in hexadecimal", examples=[EXAMPLE_HASH])
]
FileName = Annotated[str, Path(description="Only names the download", examples=["picture.png"])]


async def get_file(request: Request, runtime: RuntimeDep, hash_: FileHash, name: FileName) -> Response:
    """A stored file by its hash, whole or in part. No token is needed.

    Pictures, sound, video, PDF and plain text are shown; everything else is handed out for saving only.
    """
    library = runtime.library
    async with runtime.database.session() as session:
        stored = await service.get_file(session, library=library, hash_=hash_)
    shown = presentation_of(stored.media_type)
    return await serve(
        library.store,
        library.key_of(stored.hash),
        request,
        media_type=shown.content_type,
        filename=safe_name(name, stored.media_type),
        inline=shown.is_inline,
        cache_control=CACHE_CONTROL,
        extra_headers=HEADERS,
        etag=f'"{stored.hash}"',
    )


for _place, _what in (("media", "a file"), ("uploads", "an attachment")):
    for _method, _verb in (("GET", "Fetch"), ("HEAD", "Ask about")):
        router.add_api_route(
            f"/{_place}/{{hash}}/{{name:path}}",
            get_file,
            methods=[_method],
            summary=f"{_verb} {_what}",
            operation_id=f"{_method.lower()}_{_place}",
            response_class=Response,
            responses=RESPONSES,
        )

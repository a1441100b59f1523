"""What `pygai content` does."""

from typing import Any

from app.cli.output import columns_of, print_row, print_rows, say
from app.cli.running import operator, run
from app.runtime import Runtime
from schemas.content import Approval, ContentMove, ContentQuery


def print_all(*, prompt_id: int | None, before_id: int | None, limit: int, as_json: bool) -> None:
    query = ContentQuery(prompt_id=prompt_id, before_id=before_id, limit=limit)
    lines = run(lambda runtime: runtime.connector.list_contents(operator(), query))
    print_rows([columns_of(line) for line in lines], as_json=as_json)


def show(content_id: int, *, as_json: bool) -> None:
    async def work(runtime: Runtime) -> dict[str, Any]:
        content = await runtime.connector.read_content(operator(), content_id)
        approval = await runtime.connector.read_approval(operator(), content_id)
        approved = {"approvedBy": approval.approved_by, "approvedAt": approval.approved_at}
        return content.model_dump() | approved

    print_row(run(work), as_json=as_json)


def approve(content_id: int, *, by: str | None, as_json: bool) -> None:
    approval = run(lambda runtime: runtime.connector.approve_content(operator(), content_id, by=by))
    _print_approval(approval, f"Content {content_id} approved by {approval.approved_by}.", as_json=as_json)


def withdraw_approval(content_id: int, *, as_json: bool) -> None:
    approval = run(lambda runtime: runtime.connector.withdraw_approval(operator(), content_id))
    _print_approval(approval, f"Approval of content {content_id} withdrawn.", as_json=as_json)


def _print_approval(approval: Approval, done: str, *, as_json: bool) -> None:
    print_row(approval.model_dump(exclude={"is_live"}), as_json=as_json)
    say(done + (" Its page will be updated by the next free worker." if approval.is_live else ""))


def remove(content_id: int) -> None:
    page = run(lambda runtime: runtime.connector.remove_content(operator(), content_id))
    say(f"Removed content {content_id}" + (f" and its page {page}." if page else "."))


def move(content_id: int, *, topic: str | None, site: str | None, as_json: bool) -> None:
    to = ContentMove(topic=topic, site=site)
    page = run(lambda runtime: runtime.connector.move_content(operator(), content_id, to))
    print_row(page.model_dump() if page else {}, as_json=as_json)

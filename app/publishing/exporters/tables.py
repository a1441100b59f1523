"""Tables with pipes."""

from collections.abc import Callable, Iterator, Sequence

from app.publishing.exporters.parsing import Element, Node

_FREE_OF_CHARGE = 20_000
_LONGEST_ROW = 30_000
_RULES = {"align-left": ":---", "align-center": ":---:", "align-right": "---:"}


def rows_of(element: Element) -> Iterator[Element]:
    for child in element.children:
        if not isinstance(child, Element):
            continue
        if child.name == "tr":
            yield child
        elif child.name in {"thead", "tbody", "tfoot"}:
            yield from rows_of(child)


def table(element: Element, written: Callable[[Sequence[Node]], str]) -> str:
    """Empty when it has no cell, a row too long to be read, or far more cells once its rows are filled up."""
    rows = [_cells(row) for row in rows_of(element)]
    columns = max(map(len, rows), default=0)
    if columns == 0 or columns * len(rows) > _FREE_OF_CHARGE + 4 * sum(map(len, rows)):
        return ""
    has_head = any(isinstance(child, Element) and child.name == "thead" for child in element.children)
    head, body = (rows[0], rows[1:]) if has_head else ([], rows)
    rules = [_RULES.get(cell.attributes.get("class", ""), "---") for cell in rows[0]]
    lines = [_filled([written(cell.children) for cell in head], columns, "")]
    lines.append(_filled(rules, columns, "---"))
    lines += [_filled([written(cell.children) for cell in row], columns, "") for row in body]
    return "\n".join(lines) if max(map(len, lines)) <= _LONGEST_ROW else ""


def _cells(row: Element) -> list[Element]:
    return [cell for cell in row.children if isinstance(cell, Element) and cell.name in {"td", "th"}]


def _filled(cells: Sequence[str], columns: int, empty: str) -> str:
    return "| " + " | ".join([*cells, *[empty] * (columns - len(cells))]) + " |"

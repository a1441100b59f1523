"""Whether the cells of a table fill a grid, as HTML wants it of those that span rows or columns."""

import re
from collections.abc import Iterator

from app.publishing.text.tree import Element

_GROUPS = frozenset({"tbody", "tfoot", "thead"})
_SPAN = re.compile(r' (col|row)span="(\d+)"')
_WIDEST = 100


class IrregularError(Exception):
    """Cells overlap, reach beyond their rows, or leave a column in which none begins."""


def without_wrong_spans(table: Element) -> Iterator[tuple[int, int, str]]:
    """The changes that leave each cell one row high and one column wide, where the spans make no grid."""
    spanning = [cell for row in _rows(table) for cell in row.children if _SPAN.search(cell.attributes)]
    if not spanning or _is_regular(table):
        return
    for cell in spanning:
        yield cell.start, cell.opened, f"<{cell.name}{_SPAN.sub('', cell.attributes)}>"


def _rows(table: Element) -> Iterator[Element]:
    for group in table.children:
        if group.name in _GROUPS:
            yield from group.children


def _is_regular(table: Element) -> bool:
    begun: set[int] = set()
    width = 0
    try:
        for group in table.children:
            covered: list[int] = []
            for row in group.children if group.name in _GROUPS else ():
                _lay(row, covered, begun)
                covered[:] = [max(0, rows - 1) for rows in covered]
            width = max(width, len(covered))
            if any(covered):
                return False
    except IrregularError:
        return False
    return len(begun) == width


def _lay(row: Element, covered: list[int], begun: set[int]) -> None:
    """Put the cells into the columns that no cell from above still covers."""
    column = 0
    for cell in row.children:
        spans = {kind: int(number) for kind, number in _SPAN.findall(cell.attributes)}
        while column < len(covered) and covered[column]:
            column += 1
        end = column + spans.get("col", 1)
        if end > _WIDEST or any(covered[column:end]):
            raise IrregularError
        begun.add(column)
        covered.extend([0] * (end - len(covered)))
        covered[column:end] = [spans.get("row", 1)] * (end - column)
        column = end

"""The one writer of CSV: every table that leaves the program is written here.

Texts are cleaned, and guarded so that no spreadsheet takes one for a formula; `provenance.cells`
reads them back. What a spreadsheet of some country may split at stands in quotation marks.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from provenance.cells import SEPARATORS, guarded
from provenance.report.wording import clean

_QUOTED = frozenset(f',"{SEPARATORS}')

BYTE_ORDER_MARK = "\ufeff"
"""At the head of a file that people open: without it, Excel takes UTF-8 for the letters of its
country."""


def csv_text(rows: Iterable[Sequence[object]], *, lines_from: int | None = None) -> str:
    """Rows as CSV.

    Args:
        rows: their cells. A number stays one, a truth value becomes "yes" or "no", None nothing.
        lines_from: texts from this column on keep their line breaks; others become one line.
    """
    return "".join(
        ",".join(
            _cell(value, first=not column, lines=lines_from is not None and column >= lines_from)
            for column, value in enumerate(row)
        )
        + "\n"
        for row in rows
    )


def _cell(value: object, *, first: bool, lines: bool) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return str(value)
    said = str(value)
    cleaned = "\n".join(map(clean, said.splitlines())) if lines else clean(said)
    text = guarded(cleaned, first=first)
    if _QUOTED.isdisjoint(text):
        return text
    return '"' + text.replace('"', '""') + '"'

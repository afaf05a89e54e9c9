"""Tables of claims: a row for each clip, with what is said of it.

    url,text,date,place
    https://example.org/watch/1,Soldiers queue near the border,2024-10-29,"Sumy, Ukraine"
    clips/second.mp4,The same queue from above,,

A table comes from a spreadsheet: columns in any order, separated by commas, semicolons or tabs,
whatever the country's custom, as UTF-8 or UTF-16. The clip stands under `url`, `path`, `source` or
`file`, where there are several in the first that is filled; a path starts from the table's folder.
`text` (or `claim`), `date`, `date_end`, `place`, `claim_url` and `published` (when the claim was
made) say what is claimed; all else is the table's own business and is kept. Cells with a guard
against formulas before them (`'=...`) are read without it.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from provenance.cells import read_cell
from provenance.claims.given import claim_of
from provenance.errors import FeedError, UsageError
from provenance.feeds.text import decoded, read_bytes
from provenance.models import Claim
from provenance.urls import is_address

SOURCES = ("url", "path", "source", "file")
"""Columns that may name the clip."""
_CLAIM = {
    "text": ("claim_text", "text", "claim"),
    "date": ("claim_date", "date"),
    "date_end": ("claim_date_end", "date_end"),
    "place": ("claim_place", "place"),
    "url": ("claim_url",),
    "published": ("claim_published", "published"),
}
"""What is claimed -> columns that may say it; the first that the table has is the one."""
_KNOWN = frozenset(SOURCES).union(*_CLAIM.values())
_DELIMITERS = ",;\t"
_LONGEST_CELL = 1024 * 1024
_SHOWN_LINES = 12
_ZIP = b"PK\x03\x04"
_SAVE = "In the spreadsheet program, save it as “CSV UTF-8”."
_EXAMPLE = "The first line names the columns, such as: url,text,date,place."


@dataclass(frozen=True)
class ClaimRow:
    """One row.

    Attributes:
        source: what is to be checked: an address, or a path in which the table's folder is.
        claim: what is said of it; None where the row says nothing.
        line: the line of the table on which it begins, from 1.
        extra: the other cells of the row, which say none of this, by the names of their columns.
    """

    source: str
    claim: Claim | None
    line: int
    extra: Mapping[str, str]


def read_claims_table(path: str | Path) -> list[ClaimRow]:
    """All rows of a table; blank ones are passed over.

    Raises:
        UsageError: there is no such file, it is no table of claims, or a row makes no sense. The
            message names file and line, and where several rows are wrong, the lines of all.
    """
    name = str(path)
    text = _text(path, name)
    rows: list[ClaimRow] = []
    wrong: list[tuple[int, UsageError]] = []
    for line, columns, cells in _records(text, name):
        try:
            rows.append(_row(f"{name}, line {line}", line, columns, cells, Path(path).parent))
        except UsageError as error:
            wrong.append((line, error))
    if wrong:
        raise _all_wrong(wrong)
    if not rows:
        raise UsageError(f"{name} has no rows.", _EXAMPLE)
    return rows


def _text(path: str | Path, name: str) -> str:
    try:
        data = read_bytes(path)
        if data.startswith(_ZIP):
            raise UsageError(f"{name} is a workbook, no table as text.", _SAVE)
        return decoded(data, name)
    except FeedError as error:
        wrong_text = isinstance(error.__cause__, UnicodeDecodeError)
        raise UsageError(error.message, _SAVE if wrong_text else error.hint) from error


def _records(text: str, name: str) -> Iterator[tuple[int, Sequence[str], Sequence[str]]]:
    """The rows below the header: the line each begins on, the names of the columns, the cells."""
    lines = io.StringIO(text, newline="")
    delimiter, skipped = _delimiter(text)
    for _ in range(skipped):
        lines.readline()
    csv.field_size_limit(max(_LONGEST_CELL, csv.field_size_limit()))  # one for all threads
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    columns: list[str] | None = None
    start = 0
    try:
        for cells in reader:
            line, start = skipped + start + 1, reader.line_num
            if not any(cell.strip() for cell in cells):
                continue
            if columns is None:
                columns = [read_cell(cell) for cell in cells]
                _refuse_unfit(columns, f"{name}, line {line}")
            else:
                yield line, columns, cells
    except csv.Error as error:
        # Behind an open quotation mark nothing can be told apart any more.
        raise UsageError(
            f"{name}, line {skipped + start + 1}: not CSV: {error}.",
            "Is a quotation mark missing? One within a quoted cell is written twice.",
        ) from error


def _delimiter(text: str) -> tuple[str, int]:
    """What separates the columns, and how many lines stand before the table.

    The header decides, since it holds names that are known; a header of one column is split at
    tabs, so that an address may hold commas and semicolons. Excel may say it in a first line.
    """
    for skipped, line in enumerate(io.StringIO(text, newline="")):
        said = line.strip().strip('"').lower()
        if said.startswith("sep=") and len(said) == len("sep=;"):
            return said[-1], skipped + 1
        if said.strip(_DELIMITERS + " "):
            return max("\t,;", key=lambda one: len(_known(line.split(one)))), skipped
    return "\t", 0


def _known(cells: Sequence[str]) -> frozenset[str]:
    return _KNOWN.intersection(_field(cell.strip().strip('"')) for cell in cells)


def _refuse_unfit(columns: Sequence[str], where: str) -> None:
    fields = [_field(column) for column in columns]
    if not set(SOURCES) & set(fields):
        raise UsageError(
            f"{where}: no column is called url, path, source or file, so there is no telling what "
            "is to be checked.",
            _EXAMPLE,
        )
    twice = sorted({name for name in fields if name and fields.count(name) > 1})
    if twice:
        raise UsageError(
            f"{where}: two columns have the same name: {', '.join(twice)}.",
            "Rename or remove the one that is not meant.",
        )


def _row(
    where: str, line: int, columns: Sequence[str], cells: Sequence[str], folder: Path
) -> ClaimRow:
    if any(cell.strip() for cell in cells[len(columns) :]):
        raise UsageError(
            f"{where}: {len(cells)} cells under {len(columns)} columns.",
            "A cell that holds what separates the columns must stand in quotation marks.",
        )
    filled = [*cells, *[""] * (len(columns) - len(cells))]
    given = {c: read_cell(cell) for c, cell in zip(columns, filled, strict=False) if c}
    said = {_field(column): cell for column, cell in given.items()}
    clip = next((name for name in SOURCES if said.get(name)), None)
    if clip is None:
        raise UsageError(
            f"{where}: nothing to check: url, path, source and file are empty.",
            "Fill one of them, or remove the row.",
        )
    if "\0" in said[clip]:
        raise UsageError(f"{where}: {clip} holds a zero byte, which no name has.", "Correct it.")
    asked = {key: next((c for c in named if c in said), "") for key, named in _CLAIM.items()}
    claim = claim_of({key: said[c] for key, c in asked.items() if said.get(c)}, where)
    # Under "url" may also stand an address of another kind, for whoever fetches such ones.
    address = is_address(said[clip], folder) or (clip == "url" and ":" in said[clip])
    source = said[clip] if address else str(folder / said[clip])
    used = {clip, *asked.values()}
    extra = {column: cell for column, cell in given.items() if _field(column) not in used}
    return ClaimRow(source, claim if claim or claim.published else None, line, extra)


def _all_wrong(wrong: Sequence[tuple[int, UsageError]]) -> UsageError:
    """One error for all rows that make no sense: a person wants to correct them in one go."""
    first = wrong[0][1]
    if len(wrong) == 1:
        return first
    lines = ", ".join(str(line) for line, _ in wrong[:_SHOWN_LINES])
    more = "" if len(wrong) <= _SHOWN_LINES else " and others"
    return UsageError(
        f"{first.message} In all, {len(wrong)} rows are wrong: lines {lines}{more}.", first.hint
    )


def _field(column: str) -> str:
    return column.strip().lower().replace(" ", "_").replace("-", "_")

"""Reports as tables: a row for each matched stretch, in full and as copy-detection research has it.

Cells from outside are guarded, so that a spreadsheet takes no title for a formula.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from provenance.models import Match, Report, Segment
from provenance.report.wording import clean, first_dated, footage_name

COLUMNS = (
    *("source", "source_sha256", "label", "error", "footage_id", "footage_location", "title"),
    *("accepted", "commonplace", "score", "query_start", "query_end", "reference_start"),
    *("reference_end", "speed", "mirrored", "reversed", "segment_score", "edits", "sound"),
    *("published", "precision", "basis", "place", "uploader", "url"),
)
SEGMENT_COLUMNS = (
    *("query_id", "ref_id", "query_start", "query_end", "ref_start", "ref_end", "score"),
)
_FORMULA = ("=", "+", "-", "@")


class CsvReport:
    """A row for each segment of each match; a source without any has one row without them.

    Dates and places are those of the footage's earliest dated appearance that is not the source.
    """

    name = "csv"

    def render(self, reports: Sequence[Report]) -> str:
        return _table(COLUMNS, (row for report in reports for row in _rows(report)))


class SegmentReport:
    """`query_id,ref_id,query_start,query_end,ref_start,ref_end,score`: matched stretches alone.

    `query_id` is the source as given, `ref_id` the number of the footage in the archive.
    """

    name = "segments"

    def render(self, reports: Sequence[Report]) -> str:
        return _table(
            SEGMENT_COLUMNS,
            (
                [report.source.location, match.footage.id, *_times(part), _figure(part.score)]
                for report in reports
                for match in report.matches
                for part in match.segments
            ),
        )


def _rows(report: Report) -> Iterable[list[object]]:
    head: list[object] = [
        report.source.location,
        report.source.sha256,
        report.verdict.label if report.verdict else None,
        report.error.message if report.error else None,
    ]
    empty = True
    for match in report.matches:
        known = _known(match, report)
        for part in match.segments:
            empty = False
            yield [
                *head,
                match.footage.id,
                match.footage.location,
                footage_name(match.footage),
                match.accepted,
                match.commonplace,
                _figure(match.score),
                *_times(part),
                _figure(part.speed),
                part.mirrored,
                part.reversed,
                _figure(part.score),
                " ".join(match.edits),
                match.sound,
                *known,
            ]
    if empty:
        yield head


def _known(match: Match, report: Report) -> list[object]:
    first = first_dated(match.footage, report.source)
    if first is None or first.published is None:
        return []
    when = first.published
    return [when.value, when.precision, first.basis, first.place, first.uploader, first.url]


def _times(part: Segment) -> list[str]:
    return [
        f"{seconds:.3f}"
        for seconds in (part.query_start, part.query_end, part.reference_start, part.reference_end)
    ]


def _figure(value: float) -> str:
    return f"{value:.4f}"


def _table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    cells = ([safe_cell(value) for value in row] for row in rows)
    return csv_text([columns, *(row + [""] * (len(columns) - len(row)) for row in cells)])


def csv_text(rows: Iterable[Sequence[str]]) -> str:
    """Rows of cells as CSV."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue()


def safe_cell(value: object) -> str:
    """A value as a cell of one line that no spreadsheet takes for a formula."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    text = clean(str(value))
    return guarded(text) if isinstance(value, str) else text


def guarded(text: str) -> str:
    """The text with an apostrophe before it where a spreadsheet would compute it."""
    return f"'{text}" if _is_formula(text) else text


def _is_formula(text: str) -> bool:
    """Whether a spreadsheet would compute it; a number is none."""
    return text.startswith(_FORMULA) and not text.lstrip("+-").replace(".", "", 1).isdigit()

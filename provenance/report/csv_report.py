"""Reports as tables: a row for each matched stretch, in full and as copy-detection research has
it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from provenance.models import Match, Report, Segment
from provenance.report.tables import csv_text
from provenance.report.wording import first_dated, footage_name

COLUMNS = (
    *("source", "source_sha256", "label", "error", "footage_id", "footage_location", "title"),
    *("accepted", "commonplace", "score", "query_start", "query_end", "reference_start"),
    *("reference_end", "speed", "mirrored", "reversed", "segment_score", "edits", "sound"),
    *("published", "precision", "basis", "place", "uploader", "url"),
)
SEGMENT_COLUMNS = (
    *("query_id", "ref_id", "query_start", "query_end", "ref_start", "ref_end", "score"),
)


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
    return csv_text([columns, *([*row, *[None] * (len(columns) - len(row))] for row in rows)])

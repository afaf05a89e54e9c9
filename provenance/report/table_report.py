"""Reports as a table to work with in a spreadsheet: a row for each source, with its verdict.

What the row of a table of claims held besides (case numbers, notes) stands behind it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from provenance.models import Report
from provenance.report.tables import csv_text

COLUMNS = (
    *("source", "claim", "claim_date", "claim_date_end", "claim_place"),
    *("label", "confidence", "summary", "contradiction", "fact_check"),
    *("earliest_published", "earliest_basis", "earliest_place", "earliest_url", "score"),
    *("error_kind", "error", "source_sha256", "checked_at", "key"),
)


class TableReport:
    """One row a source.

    `claim_date` is the date that the verdict rests on, also where it was found in words;
    `contradiction` is the first reason that speaks against the claim, `score` that of the best
    match, `key` that of the row of the table of claims.
    """

    name = "table"

    def render(self, reports: Sequence[Report]) -> str:
        extra = [report.row.extra if report.row else {} for report in reports]
        columns = extra_columns(extra)
        rows = zip(map(cells, reports), extra, strict=True)
        return answer_text(
            [
                [*COLUMNS, *columns],
                *([*own, *extra_cells(more, columns)] for own, more in rows),
            ]
        )


def answer_text(rows: Iterable[Sequence[object]]) -> str:
    """Rows as CSV: what stands under `COLUMNS`, and behind it cells of somebody else's, with their
    line breaks."""
    return csv_text(rows, lines_from=len(COLUMNS))


def cells(report: Report) -> list[object]:
    """What stands under `COLUMNS`."""
    claim, verdict, first, error = report.claim, report.verdict, report.earliest, report.error
    against = (r.text for r in verdict.reasons if r.bearing == "against") if verdict else ()
    return [
        report.source.location,
        claim and claim.text,
        claim and claim.date and claim.date.value,
        claim and claim.date_end and claim.date_end.value,
        claim and claim.place,
        verdict and verdict.label,
        None if verdict is None or verdict.confidence is None else f"{verdict.confidence:.4f}",
        verdict and verdict.summary,
        next(iter(against), None),
        next((met.check.url for met in report.fact_checks), None),
        first and first.published and first.published.value,
        first and first.basis,
        first and first.place,
        first and first.url,
        next((f"{match.score:.4f}" for match in report.matches), None),
        error and error.kind,
        error and error.message,
        report.source.sha256,
        report.checked_at.value,
        report.row and report.row.key,
    ]


def extra_columns(rows: Iterable[Mapping[str, str]]) -> list[str]:
    """The names under which the rows of a table of claims hold more, each once.

    Without those of `COLUMNS`: a table of verdicts may become a table of claims again.
    """
    names = dict.fromkeys(name for row in rows for name in row)
    return [name for name in names if name not in COLUMNS]


def extra_cells(row: Mapping[str, str], columns: Sequence[str]) -> list[str]:
    """What stands under such columns."""
    return [row.get(name, "") for name in columns]

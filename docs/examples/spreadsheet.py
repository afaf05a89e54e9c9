"""A spreadsheet of clips in, a spreadsheet of verdicts out.

    pip install openpyxl
    python docs/examples/spreadsheet.py claims.xlsx verdicts.xlsx

The first line of the first sheet names the columns: `url` (or `path`), and what is claimed: `text`,
`date`, `place`. All other columns stay as they are; the verdicts come behind them.
"""

from __future__ import annotations

import datetime as dt
import sys
from pathlib import Path

from openpyxl import Workbook, load_workbook

from provenance import Archive, Claim, ProvenanceError, check

VERDICT = ("verdict", "summary", "first published", "first seen at")


def claim_of(row: dict[str, object]) -> Claim:
    """What a row claims. Spreadsheets hold a day as its midnight; a year may be a number."""
    date = row.get("date")
    if isinstance(date, dt.datetime) and date.time() == dt.time():
        date = date.date()
    if isinstance(date, int | float):
        date = f"{date:.0f}"
    text, place = (str(row[name]) if row.get(name) else None for name in ("text", "place"))
    return Claim(text, date=date or None, place=place)


def verdict_on(row: dict[str, object], folder: Path, archive: Archive) -> list[str]:
    """The cells under `VERDICT`; what goes wrong with one row stops no other."""
    source = str(row.get("url") or folder / str(row.get("path") or ""))
    try:
        report = check(source, claim=claim_of(row), archive=archive, pictures=False)
    except ProvenanceError as error:
        return ["not checked", str(error)]
    first = report.earliest
    published = first.published.value if first and first.published else ""
    seen_at = first.url or "" if first else ""
    return [report.verdict.label, report.verdict.summary, published, seen_at]


def main(claims: str, verdicts: str) -> None:
    rows = load_workbook(claims, read_only=True, data_only=True).worksheets[0].values
    header = next(rows)
    names = [str(name).strip().lower() for name in header]
    book = Workbook()
    sheet = book.active
    sheet.append([*header, *VERDICT])
    try:
        with Archive.open() as archive:
            for cells in filter(any, rows):
                row = dict(zip(names, cells, strict=True))
                sheet.append([*cells, *verdict_on(row, Path(claims).parent, archive)])
    finally:  # what is done is kept, whatever comes
        for row in sheet:
            for cell in row:
                if cell.data_type == "f":
                    cell.data_type = "s"  # text from elsewhere is no formula
        book.save(verdicts)


if __name__ == "__main__":
    main(*sys.argv[1:])

"""Files of answers: wherever a run was cut off, the next one loses and doubles nothing."""

from __future__ import annotations

import csv
import io
import resource
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
import report_factory as factory
from hypothesis import given
from hypothesis import strategies as some

from provenance.cli._answer_forms import FORMS
from provenance.cli._answers import AnswerFile
from provenance.cli._terminal import OutputError
from provenance.models import Report, Row
from provenance.report import renderer
from provenance.report.table_report import COLUMNS

EXTRA = {"Case": "=7", "Note": "two\nlines, and “quotes”\r\n\x1b[31m", "label": "mine"}
REPORTS = [
    replace(report, row=Row(number + 2, f"{number:032x}", EXTRA))
    for number, report in enumerate(factory.every_report().values())
]
ROWS = [report.row for report in REPORTS if report.row]
FORM = pytest.mark.parametrize("form", FORMS)


def answered(folder: Path, form: str, reports: Sequence[Report]) -> AnswerFile:
    """A file of answers to all rows into which some of the reports have been written."""
    file = AnswerFile(folder / "out", form, folder / "claims.csv", ROWS)
    for report in reports:
        file.write(report)
    return file


@FORM
@given(data=some.data())
def test_a_file_that_was_cut_anywhere_is_gone_on_with(
    form: str, data: some.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("answers")
    order = [REPORTS[n] for n in data.draw(some.permutations(range(len(REPORTS))))]
    half = order[: data.draw(some.integers(0, len(order)))]
    answered(folder, form, half).abandon()
    part = folder / "out.part"
    whole = part.read_bytes() if part.exists() else b""
    assert bool(whole) == bool(half)
    cut = whole[: data.draw(some.integers(0, len(whole)))]
    part.write_bytes(cut)

    again = answered(folder, form, [])
    known = {row.line for row in ROWS if again.answer(row)}
    records = cut.count(b"\n") - (form == "table" and b"\n" in cut)
    assert known == {r.row.line for r in half[:records] if r.verdict and r.row}
    for report in order:
        if report.row and report.row.line not in known:
            again.write(report)
    again.finish()
    assert [path.name for path in folder.iterdir()] == ["out"]

    calm = tmp_path_factory.mktemp("calm")
    answered(calm, form, REPORTS).finish()
    assert (folder / "out").read_bytes() == (calm / "out").read_bytes()


def test_lines_of_json_are_those_of_the_format(tmp_path: Path) -> None:
    answered(tmp_path, "jsonl", REPORTS[::-1]).finish()
    assert (tmp_path / "out").read_text("utf-8") == renderer("jsonl").render(REPORTS)


def test_a_table_is_that_of_the_format_with_a_mark_for_spreadsheets(tmp_path: Path) -> None:
    answered(tmp_path, "table", REPORTS[::-1]).finish()
    assert (tmp_path / "out").read_bytes().decode() == "\ufeff" + renderer("table").render(REPORTS)


@FORM
def test_a_complete_file_is_read_again_and_written_as_it_was(form: str, tmp_path: Path) -> None:
    answered(tmp_path, form, REPORTS).finish()
    before = (tmp_path / "out").read_bytes()
    again = answered(tmp_path, form, [])
    assert all(again.answer(report.row) for report in REPORTS if report.row and report.verdict)
    for report in REPORTS:
        if not report.verdict:
            assert report.row
            assert again.answer(report.row) is None  # what failed is asked again
            again.write(report)
    again.finish()
    assert (tmp_path / "out").read_bytes() == before


@FORM
def test_what_is_written_through_a_link_replaces_what_it_leads_to(
    form: str, tmp_path: Path
) -> None:
    (tmp_path / "far").mkdir()
    (tmp_path / "out").symlink_to(tmp_path / "far" / "real")
    answered(tmp_path, form, REPORTS).finish()
    assert (tmp_path / "out").is_symlink()
    assert [path.name for path in (tmp_path / "far").iterdir()] == ["real"]


def test_cells_of_a_table_compute_nothing_and_steer_nothing() -> None:
    text = renderer("table").render(REPORTS)
    rows = list(csv.reader(io.StringIO(text, newline="")))
    assert tuple(rows[0]) == (*COLUMNS, "Case", "Note")  # the table's own label is left out
    assert len(rows) == len(REPORTS) + 1
    for row in rows:
        assert len(row) == len(rows[0])
        assert not [cell for cell in row if cell.startswith(("=", "+", "@"))]
        assert not set("".join(row)) & set("\x1b\x9b\u202e\r")
    assert rows[1][-2:] == ["'=7", "two\nlines, and “quotes”\n"]


@FORM
def test_a_full_disk_costs_the_record_that_did_not_fit_and_no_other(
    form: str, tmp_path: Path
) -> None:
    file = answered(tmp_path, form, REPORTS[:3])
    size = (tmp_path / "out.part").stat().st_size
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size + 100, limits[1]))
    try:
        with pytest.raises(OutputError, match="out cannot be written"):
            file.write(REPORTS[3])
        file.abandon()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    again = answered(tmp_path, form, [])
    assert [bool(again.answer(row)) for row in ROWS[:4]] == [True, True, True, False]
    for report in REPORTS[3:]:
        again.write(report)
    again.finish()
    assert (tmp_path / "out").read_bytes().decode().endswith(renderer(form).render(REPORTS))

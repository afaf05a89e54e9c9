"""Cells of all tables that are written: no spreadsheet computes them, and we read them back."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path

import pytest
from archive_factory import store
from command_line import call
from hypothesis import example, given
from hypothesis import strategies as some

from provenance import Archive
from provenance.cells import guarded, read_cell, unguarded
from provenance.claims import read_claims_table
from provenance.feeds.manifest import read_manifest
from provenance.models import Appearance
from provenance.report.tables import csv_text
from provenance.report.wording import clean

HOSTILE = some.text(some.sampled_from("=+-@＝－;,\t\r\n\"' a1.|\u00a0\u200b"), max_size=12)
TEXTS = HOSTILE | some.text(max_size=30)
FORMULA = re.compile(r"[\s\"]*[=+\-@＝＋－＠]")
NUMBER = re.compile(r"[+-]?\d+([.,]\d+)?([eE][+-]?\d+)?")


def computed(cell: str) -> bool:
    """Whether a spreadsheet might take it for a formula."""
    if cell.startswith("'") or NUMBER.fullmatch(cell):
        return False
    return FORMULA.match(cell) is not None


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("=1+1", "'=1+1"),
        ("+1 234", "'+1 234"),
        ("-x", "'-x"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\tx", "'\tx"),
        ("\r=x", "'\r'=x"),
        ("  =x", "'  =x"),
        ("\u00a0=x", "'\u00a0=x"),
        ("＝x", "'＝x"),
        ('"=x"', '\'"=x"'),
        ("'=x", "''=x"),
        ("x;=y", "x;'=y"),
        ('x; "=y"; z', 'x;\' "=y"; z'),
        ("x\t@y\n-z", "x\t'@y\n'-z"),
        ("-5", "-5"),
        ("-74.006", "-74.006"),
        ("5 - 3 = 2", "5 - 3 = 2"),
        ("one;two\n\nthree", "one;two\n\nthree"),
        ("it's -5, 'tis", "it's -5, 'tis"),
    ],
)
def test_what_might_be_computed_has_an_apostrophe_before_it(text: str, cell: str) -> None:
    assert guarded(text) == cell
    assert unguarded(cell) == text


@given(TEXTS)
def test_a_guard_is_taken_away_again_whatever_the_text(text: str) -> None:
    assert unguarded(guarded(text)) == text
    assert unguarded(guarded(guarded(text))) == guarded(text)


@given(some.lists(some.lists(TEXTS, min_size=2, max_size=4), min_size=1, max_size=3))
@example([['a"', '";=x'], ["a;", "\t=x"]])
@example([["-1", ""], ["+1", "x"]])
def test_no_cell_is_computed_whatever_a_spreadsheet_splits_at(rows: list[list[str]]) -> None:
    text = csv_text(rows, lines_from=1)
    for delimiter in ",;\t":
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter):
            assert not [cell for cell in row if computed(cell)], row


@given(some.lists(some.lists(TEXTS, min_size=2, max_size=4), min_size=1, max_size=3))
def test_every_table_is_read_back_as_it_was_written(rows: list[list[str]]) -> None:
    text = csv_text(rows, lines_from=1)
    found = [list(map(unguarded, row)) for row in csv.reader(io.StringIO(text, newline=""))]
    assert found == [
        [clean(first), *("\n".join(map(clean, one.splitlines())) for one in others)]
        for first, *others in rows
    ]


@given(title=TEXTS, note=TEXTS, column=TEXTS)
def test_claims_and_manifests_that_we_write_say_to_us_what_they_said(
    title: str, note: str, column: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("tables")
    head = ["path", "text", f"about {column}"]
    written = csv_text([head, ["a.mp4", title, note]])
    (folder / "claims.csv").write_text(written, "utf-8")
    (row,) = read_claims_table(folder / "claims.csv")
    assert ((row.claim and row.claim.text) or "") == clean(title)
    assert row.extra == {clean(head[2]): clean(note)}
    manifest = csv_text([["path", "title", "note"], ["a.mp4", title, note]])
    (known,), problems = read_manifest(manifest.encode(), folder / "list.csv")
    assert problems == []
    assert (known.title or "", known.note or "") == (clean(title), clean(note))


def test_the_name_of_a_column_is_guarded_once_however_often_the_table_goes_round(
    tmp_path: Path,
) -> None:
    table = "path,text,=Notes\na.mp4,-9 degrees;=1,'=x\n"
    for _ in range(3):
        (tmp_path / "claims.csv").write_text(table, "utf-8")
        (row,) = read_claims_table(tmp_path / "claims.csv")
        assert row.claim
        assert (row.claim.text, row.extra) == ("-9 degrees;=1", {"=Notes": "=x"})
        table = csv_text([["path", "text", *row.extra], ["a.mp4", row.claim.text, "=x"]])


def test_numbers_of_ours_stay_numbers_and_truth_is_yes_or_no() -> None:
    row = [-1.5, -3, True, False, None, "x"]
    assert csv_text([row]) == "-1.5,-3,yes,no,,x\n"


def test_what_is_known_goes_to_another_desk_as_it_is(tmp_path: Path) -> None:
    said = {"title": "=HYPERLINK(1)", "note": "see; =1+1", "place": "'-x", "uploader": "＠desk"}
    with Archive.open(tmp_path / "archive") as archive:
        store(archive, 1, Appearance(**said))
    out = call("export", "--archive", tmp_path / "archive").out
    for delimiter in ",;\t":
        for row in csv.reader(io.StringIO(out), delimiter=delimiter):
            assert not [cell for cell in row if computed(cell)]
    (known,), problems = read_manifest(out.encode(), tmp_path / "known.csv")
    assert problems == []
    assert {name: getattr(known, name) for name in said} == said


def test_a_cell_that_a_person_wrote_is_read_without_the_space_around_it() -> None:
    assert read_cell(" '=x ") == "=x"
    assert read_cell(" it's ") == "it's"

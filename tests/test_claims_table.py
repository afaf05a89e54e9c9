"""Tables of claims: what spreadsheet programs write, and what a broken table is told."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as some

from provenance.cells import guarded
from provenance.claims import ClaimRow, read_claims_table
from provenance.errors import UsageError
from provenance.models import Claim


def write(folder: Path, content: str | bytes) -> Path:
    path = folder / "claims.csv"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def read(folder: Path, content: str | bytes) -> list[tuple[str, Claim | None, int]]:
    """Rows without their cells, with paths as they lie behind the folder."""
    return [
        (row.source.removeprefix(f"{folder}/"), row.claim, row.line)
        for row in read_claims_table(write(folder, content))
    ]


def test_a_row_gives_a_clip_and_all_that_is_claimed_of_it(tmp_path: Path) -> None:
    table = (
        "url,text,date,date_end,place,claim_url,published\n"
        "https://example.org/v/1,Солдаты у границы,2024-10-01,2024-10-29,Russia,"
        "https://example.org/post,2024-11-01\n"
    )
    claim = Claim(
        "Солдаты у границы",
        date="2024-10-01",
        date_end="2024-10-29",
        place="Russia",
        url="https://example.org/post",
        published="2024-11-01",
    )
    assert read(tmp_path, table) == [("https://example.org/v/1", claim, 2)]


def test_a_row_may_claim_nothing(tmp_path: Path) -> None:
    assert read(tmp_path, "path,text,date\na.mp4,,\nb.mp4\n") == [
        ("a.mp4", None, 2),
        ("b.mp4", None, 3),
    ]


def test_what_else_stands_in_a_row_is_kept_by_the_names_of_its_columns(tmp_path: Path) -> None:
    table = "Case No,URL ,Path,Claim,,Notes,Date\n7,https://e.org/1,b.mp4,Flood,,'=call back\n"
    (row,) = read_claims_table(write(tmp_path, table))
    extra = {"Case No": "7", "Path": "b.mp4", "Notes": "=call back"}
    assert row == ClaimRow("https://e.org/1", Claim("Flood"), 2, extra)


def test_paths_start_from_the_tables_folder_and_absolute_ones_do_not(tmp_path: Path) -> None:
    rows = read_claims_table(write(tmp_path, "file\nclips/a.mp4\n/elsewhere/b.mp4\n"))
    assert [row.source for row in rows] == [str(tmp_path / "clips/a.mp4"), "/elsewhere/b.mp4"]


def test_an_address_of_another_kind_is_no_path(tmp_path: Path) -> None:
    table = "url,path\ndesk:12,\nclips/a.mp4,\n,12:30.mp4\n"
    sources = [row.source for row in read_claims_table(write(tmp_path, table))]
    assert sources == ["desk:12", str(tmp_path / "clips/a.mp4"), str(tmp_path / "12:30.mp4")]


def test_of_several_columns_for_the_clip_the_first_that_is_filled_counts(tmp_path: Path) -> None:
    table = "path,url,source\na.mp4,https://e.org/1,x\n,https://e.org/2,x\nb.mp4,,\n"
    assert [source for source, _, _ in read(tmp_path, table)] == [
        "https://e.org/1",
        "https://e.org/2",
        "b.mp4",
    ]


def test_a_column_that_says_claim_overrules_one_of_the_plain_name(tmp_path: Path) -> None:
    table = "url,date,claim_date\nhttps://e.org/1,1999,2024-10\nhttps://e.org/2,1999,\n"
    assert [claim for _, claim, _ in read(tmp_path, table)] == [Claim(date="2024-10"), None]


@pytest.mark.parametrize(
    "content",
    [
        "url;text;date\nhttps://e.org/1;Flood, yesterday;2024\n",
        "url\ttext\tdate\nhttps://e.org/1\tFlood, yesterday\t2024\n",
        'url,text,date\nhttps://e.org/1,"Flood, yesterday",2024\n',
        '"url";"text";"date"\r\n"https://e.org/1";"Flood, yesterday";"2024"\r\n',
        "sep=;\nurl;text;date\nhttps://e.org/1;Flood, yesterday;2024\n",
        "URL;Text;Date;;\nhttps://e.org/1;Flood, yesterday;2024;;\n;;;;\n\n",
        "\n;;\nurl;text;date\n\n;;\nhttps://e.org/1;Flood, yesterday;2024",
        "Date;note, if any;url;text\n2024;a,b;https://e.org/1;Flood, yesterday\n",
        "url;text;date\rhttps://e.org/1;Flood, yesterday;2024\r",
    ],
)
@pytest.mark.parametrize("coding", ["utf-8", "utf-8-sig", "utf-16"])
def test_what_spreadsheets_of_many_countries_write_is_read(
    tmp_path: Path, content: str, coding: str
) -> None:
    ((source, claim, _),) = read(tmp_path, content.encode(coding))
    assert (source, claim) == ("https://e.org/1", Claim("Flood, yesterday", date="2024"))


def test_a_list_of_addresses_under_one_name_may_hold_commas(tmp_path: Path) -> None:
    table = "url\nhttps://e.org/a,b;c\nhttps://e.org/2\n"
    assert [source for source, _, _ in read(tmp_path, table)] == [
        "https://e.org/a,b;c",
        "https://e.org/2",
    ]


def test_lines_are_counted_through_cells_of_several_lines(tmp_path: Path) -> None:
    table = 'url,text\nhttps://e.org/1,"two\nlines"\n\nhttps://e.org/2,x\n'
    assert [(claim and claim.text, line) for _, claim, line in read(tmp_path, table)] == [
        ("two\nlines", 2),
        ("x", 5),
    ]


@pytest.mark.parametrize(
    ("content", "named"),
    [
        ("", "is empty"),
        (" \n\n", "is empty"),
        ("url,text\n", "has no rows"),
        ("https://e.org/1\nhttps://e.org/2\n", "line 1: no column is called url"),
        ("\nclip;text\na.mp4;x\n", "line 2: no column is called url"),
        ("url,URL\nhttps://e.org/1,\n", "line 1: two columns have the same name: url"),
        ("url,date\nhttps://e.org/1,29.10.2024\n", "line 2: \"date\": '29.10.2024' is not a date"),
        ("url,date_end\nhttps://e.org/1,2024\n", 'line 2: "date_end": The claim has an end date'),
        ("url,text\nhttps://e.org/1,Flood, again\n", "line 2: 3 cells under 2 columns"),
        ("url,text\n,Flood\n", "line 2: nothing to check"),
        ('url,text\nhttps://e.org/1,"Flood\n', "line 2: not CSV"),
        ("path,text\na\0b.mp4,Flood\n", "line 2: path holds a zero byte"),
        (b"url,text\nhttps://e.org/1,\xff\n", "line 2: not UTF-8"),
        (b"PK\x03\x04and so on", "is a workbook"),
    ],
)
def test_a_broken_table_is_a_usage_error_that_names_file_and_line(
    tmp_path: Path, content: str | bytes, named: str
) -> None:
    path = write(tmp_path, content)
    with pytest.raises(UsageError) as caught:
        read_claims_table(path)
    assert caught.value.message.startswith(str(path))
    assert named in caught.value.message
    assert caught.value.hint
    assert type(caught.value) is UsageError


@pytest.mark.parametrize("name", ["missing.csv", ".", "nul\0byte.csv"])
def test_what_is_no_readable_file_is_a_usage_error_that_names_it(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError) as caught:
        read_claims_table(tmp_path / name)
    assert str(tmp_path / name) in caught.value.message


def test_all_lines_that_are_wrong_are_named_at_once(tmp_path: Path) -> None:
    path = write(tmp_path, "url,date\nhttps://e.org/1,soon\nhttps://e.org/2,2024\n,2024\n")
    with pytest.raises(UsageError, match=r"2 rows are wrong: lines 2, 4\."):
        read_claims_table(path)


CELL = some.text(some.characters(blacklist_categories=("Cs", "Cc")), max_size=20).map(str.strip)


@given(
    some.lists(some.tuples(CELL.filter(bool), CELL), min_size=1, max_size=5),
    some.sampled_from(",;\t"),
)
def test_whatever_is_written_as_a_table_is_read_as_it_was(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, str]], delimiter: str
) -> None:
    text = io.StringIO()
    writer = csv.writer(text, delimiter=delimiter)
    writer.writerow(["path", "text", "case"])
    writer.writerows(
        (f"clip {n}", guarded(claim), guarded(case)) for n, (claim, case) in enumerate(rows)
    )
    read_rows = read_claims_table(write(tmp_path_factory.mktemp("table"), text.getvalue()))
    assert [(r.claim and r.claim.text, r.extra["case"]) for r in read_rows] == rows

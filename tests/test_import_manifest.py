"""Manifests: rows of footage with what is known of them, from other desks' tables."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from command_line import call, make_clip
from hypothesis import given
from hypothesis import strategies as st

from provenance.errors import FeedError
from provenance.feeds import kind_of
from provenance.feeds.manifest import read_manifest


def rows(text: str, name: str = "desk/list.csv") -> tuple[list[dict[str, object]], list[str]]:
    found, problems = read_manifest(text.encode(), name)
    shown = [
        {k: str(v.value) if k == "published" else v for k, v in vars(row).items() if v is not None}
        for row in found
    ]
    return shown, [str(problem) for problem in problems]


def test_columns_stand_in_any_order_and_paths_start_from_the_manifest() -> None:
    (row,), problems = rows('Title;File;Date\n"a;b";clips/a.mp4;2019-05\n')
    assert problems == []
    assert row == {
        "where": "desk/list.csv, line 2",
        "source": "desk/clips/a.mp4",
        "title": "a;b",
        "published": "2019-05",
    }


def test_a_row_without_a_path_is_fetched_from_its_address() -> None:
    (row,), _ = rows("url,path\nhttps://example.org/v/1,\n")
    assert row["source"] == row["url"] == "https://example.org/v/1"


def test_when_another_desk_added_footage_is_not_taken_for_its_publication() -> None:
    (row,), problems = rows("path,published,basis\na.mp4,2019-05-02T08:00:00Z,ingested\n")
    assert problems == []
    assert row.get("published") is None
    assert row["note"] == "Known to another archive by 2 May 2019, 08:00 UTC."


def test_one_bad_row_does_not_stop_the_others() -> None:
    text = (
        "path,url,published,strange\n"
        "a.mp4,,2019-05-02,x\n"
        "b.mp4,,soon,\n"
        ",,2019,\n"
        '"c\nd.mp4",,,\n'
        "e.mp4,ftp://x,,\n"
        "f.mp4,,,,,\n"
        "g.mp4,,,\n"
    )
    found, problems = rows(text, "list.csv")
    assert [row["source"] for row in found] == ["a.mp4", "c\nd.mp4", "g.mp4"]
    assert [row["where"] for row in found][1:] == ["list.csv, line 5", "list.csv, line 9"]
    assert [problem.partition("line ")[2] for problem in problems] == [
        "1: passed over, because they are not known here: strange.",
        "3: published: 'soon' is not a date.",
        "4: neither path nor url is given.",
        "7: url: no web address: “ftp://x”.",
        "8: 6 cells under 4 columns; is a comma unquoted?",
    ]


def test_lines_of_json_are_rows_too() -> None:
    text = '{"path": "a.mp4", "published": 2019}\n\n{"path": 1.5}\nnonsense\n[1]\n{"file": "b"}\n'
    found, problems = rows(text, "list.jsonl")
    assert [row["source"] for row in found] == ["a.mp4", "b"]
    assert found[0]["published"] == "2019"
    assert problems == [
        "list.jsonl, line 3: path: not a text but a number.",
        "list.jsonl, line 4: not JSON: Expecting value.",
        "list.jsonl, line 5: not an object but a list.",
    ]


def test_an_array_of_json_objects_is_read_as_rows() -> None:
    text = '[{"path": "a.mp4", "published": 2019}, 5, {"url": "https://example.org/v"}]'
    assert kind_of(text.encode(), "list.json") == "manifest"
    found, problems = rows(text, "list.json")
    assert [row["source"] for row in found] == ["a.mp4", "https://example.org/v"]
    assert problems == ["list.json: [1]: not an object but a number."]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("name,year\nx,1\n", "no column path"),
        ("path\n", "has no rows"),
        ("path,date,published\nx,2020,2021\n", "two columns give the same: published"),
        ("path\n\xff", "not UTF-8"),
    ],
)
def test_what_is_no_manifest_is_refused_in_words(text: str, message: str) -> None:
    with pytest.raises(FeedError, match=message):
        read_manifest(text.encode("latin-1"), "list.csv")


@given(st.text(alphabet=st.characters(codec="utf-8")))
def test_whatever_a_table_holds_it_is_rows_problems_or_a_refusal(text: str) -> None:
    try:
        found, problems = read_manifest(f"path,title\n{text}".encode(), "list.csv")
    except FeedError:
        return
    assert found or problems


@pytest.mark.parametrize(
    ("text", "name", "kind"),
    [
        ("path,url\n", "a.txt", "manifest"),
        ('{"path": "a"}\n', "a.jsonl", "manifest"),
        ('{"@context": "https://schema.org",\n', "a.json", "fact-checks"),
        ('[{"@type": "ClaimReview"}]', "a.json", "fact-checks"),
        ("\ufeff <!DOCTYPE html>", "a", "fact-checks"),
        (f"0,100,{'ab' * 32},0.000\n", "a.txt", "hashes"),
        (f"{'ab' * 32},100\n", "a.csv", "hashes"),
        (f"frame_number,quality,hash,seconds\n0,9,{'ab' * 32},0\n", "a.csv", "hashes"),
        ("hash,path\n", "a.csv", "manifest"),
        (f'["{"ab" * 32},100,0.0"]', "a.json", "hashes"),
    ],
)
def test_what_a_file_is_shows_in_what_it_holds(text: str, name: str, kind: str) -> None:
    assert kind_of(text.encode(), name) == kind


def test_an_import_goes_on_where_it_stopped_and_reads_nothing_twice(tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "one.mp4")
    shutil.copy(clip, tmp_path / "same.mp4")
    make_clip(tmp_path / "two.mp4", "mandelbrot")
    manifest = tmp_path / "list.csv"
    manifest.write_text(
        "path,published,title,url\n"
        "one.mp4,2019-05-02,First,https://example.org/1\n"
        "gone.mp4,2020,Gone,\n"
        "same.mp4,2020,Second,https://example.org/2\n"
        "two.mp4,,Other,\n",
        "utf-8",
    )
    there = ("--archive", tmp_path / "archive")
    done = call("import", manifest, *there)
    assert done.code == 11
    assert f"Error: {manifest}, line 3: {tmp_path / 'gone.mp4'} is not there." in done.err
    assert "added 2, already known 1, failed 1" in done.err
    listed = {f["title"]: f for f in call("list", "--json", *there).json}
    assert [a["published"] for a in listed["First"]["appearances"]] == ["2019-05-02", "2020"]

    (tmp_path / "one.mp4").touch()  # another time: it is read again, and nothing new is in it
    manifest.write_text(manifest.read_text("utf-8").replace("gone", "two"), "utf-8")
    again = call("import", "--json", manifest, *there)
    assert (again.code, again.json[0]["known"], again.json[0]["failed"]) == (0, 4, 0)
    assert len(call("list", "--json", *there).json) == 2
    assert [len(f["appearances"]) for f in call("list", "--json", *there).json] == [2, 2]


def test_options_of_a_hash_list_are_refused_with_a_manifest(tmp_path: Path) -> None:
    manifest = tmp_path / "list.csv"
    manifest.write_text("path\na.mp4\n", "utf-8")
    done = call("import", manifest, "--title", "x", "--archive", tmp_path / "archive")
    assert (done.code, "--title tells of a hash list" in done.err) == (2, True)

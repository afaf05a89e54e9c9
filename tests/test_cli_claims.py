"""`check --claims`: a table of claims is answered, whatever stops the work, and nothing is lost."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import shutil
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from command_line import Called, call, make_clip, start
from web import Web, web_server

from provenance.report import validate


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory, samples: Path) -> Path:
    """An archive that knows one clip."""
    folder = tmp_path_factory.mktemp("claims") / "archive"
    said = ("--published", "2021-11-11", "--place", "Lviv, Ukraine", "--url", "https://e.org/1")
    assert call("add", samples / "footage/square.mp4", *said, "--archive", folder).code == 0
    return folder


@pytest.fixture(scope="module")
def clips(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of tiny clips that no archive here knows: 0.mp4 to 3.mp4."""
    folder = tmp_path_factory.mktemp("clips")
    for number in range(4):
        make_clip(folder / f"{number}.mp4", f"life=seed={number + 3}:mold=10", 1.0)
    return folder


@pytest.fixture(scope="module")
def web() -> Iterator[Web]:
    with web_server() as server:
        yield server


def table(path: Path, *rows: str) -> Path:
    path.write_text("".join(f"{row}\n" for row in rows), "utf-8")
    return path


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def cells(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline="")))


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def timeless(text: str) -> str:
    """Output without the times of the checks, which differ from run to run."""
    return re.sub(r'(?<=[",])20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ(?=[",])', "TIME", text)


def old_times(records: list[bytes]) -> set[tuple[bytes, bytes]]:
    """Key and time of check of each record that is no failure."""
    good = [record for record in records if b"e.org" in record or b"no_match" in record]
    pattern = rb"(20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ)"
    return {
        (
            re.findall(rb"\b[0-9a-f]{32}\b", record)[-1],
            re.findall(pattern, record)[0 if record[:1] == b"{" else -1],
        )
        for record in good
    }


# What comes out


def test_each_row_is_answered_by_its_own_claim_in_a_table_for_spreadsheets(
    tmp_path: Path, samples: Path, archive: Path
) -> None:
    reused, unrelated = samples / "checks/reused.mp4", samples / "checks/unrelated.mp4"
    claims = table(
        tmp_path / "claims.csv",
        "Case;path;claim;date;place;Desk note",
        f'A 1;{reused};"Soldiers queue; today";2024-10-29;Sumy, Ukraine;=HYPERLINK("x")',
        f'A 2;{unrelated};;;;"two\nlines"',
        "A 3;gone.mp4;Флуд;2020;;",
        f"A 4;{reused};;2020-01-01;;-5",
    )
    out = tmp_path / "verdicts.csv"
    called = call("check", "--claims", claims, "-o", out, "--archive", archive)
    assert (called.code, called.out) == (11, "")
    assert f"{claims}, line 5: {tmp_path}/gone.mp4 is not there" in called.err
    assert re.search(
        r"claims\.csv: 4 rows answered, in .+ s\.\n"
        r"  earlier appearance  1\n"
        r"  known footage       1\n"
        r"  no match            1\n"
        r"  failed              1  \(1 media missing\)\n$",
        called.err,
    )
    text = out.read_text("utf-8")
    assert text.startswith("\ufeffsource,claim,claim_date,")
    one, two, three, four = cells(text)
    assert (one["label"], one["confidence"]) == ("earlier_appearance", one["score"])
    assert one["claim"] == "Soldiers queue; today"
    assert (one["claim_date"], one["claim_place"]) == ("2024-10-29", "Sumy, Ukraine")
    assert one["earliest_published"], one["earliest_place"] == ("2021-11-11", "Lviv, Ukraine")
    assert one["earliest_url"] == "https://e.org/1"
    assert "8 s of this clip" in one["summary"]
    assert "before the claimed date" in one["contradiction"]
    assert one["Desk note"] == '\'=HYPERLINK("x")'
    assert (two["label"], two["Desk note"], two["error"]) == ("no_match", "two\nlines", "")
    assert (three["label"], three["error_kind"]) == ("", "media_missing")
    assert (three["claim"], three["source"]) == ("Флуд", str(tmp_path / "gone.mp4"))
    assert (four["label"], four["Desk note"], four["Case"]) == ("known_footage", "-5", "A 4")
    assert names(tmp_path) == ["claims.csv", "verdicts.csv"]


def test_a_table_of_verdicts_is_a_table_of_claims_again(
    tmp_path: Path, clips: Path, archive: Path
) -> None:
    claims = table(tmp_path / "claims.csv", "path,claim,case", f"{clips}/0.mp4,=Flood,7")
    first, second = tmp_path / "first.csv", tmp_path / "second.csv"
    assert call("check", "--claims", claims, "-o", first, "--archive", archive).code == 0
    assert call("check", "--claims", first, "-o", second, "--archive", archive).code == 0
    assert timeless(second.read_text("utf-8")) == timeless(first.read_text("utf-8"))


def test_lines_of_json_are_reports_that_tell_their_row(
    tmp_path: Path, clips: Path, archive: Path
) -> None:
    rows = ("path,claim,case", f"{clips}/0.mp4,Flood,7", f"{clips}/1.mp4,,8")
    claims = table(tmp_path / "claims.csv", *rows)
    out = tmp_path / "out.jsonl"
    assert call("check", "--claims", claims, "-o", out, "--archive", archive).code == 0
    one, two = lines(out)
    validate(one)
    assert (one["claim"]["text"], two["claim"]) == ("Flood", None)
    assert (one["row"]["line"], one["row"]["extra"]) == (2, {"case": "7"})
    assert two["row"]["extra"] == {"case": "8"}


def test_standard_output_gets_the_answers_in_the_order_of_the_table(
    tmp_path: Path, clips: Path, archive: Path
) -> None:
    rows = [f"{clips}/0.mp4", "gone.mp4", f"{clips}/1.mp4", "gone.mp4", "a.mp4", "b.mp4"]
    claims = table(tmp_path / "claims.csv", "path", *rows)
    words = ("check", "--claims", claims, "--jobs", "3", "--archive", archive)
    called = call(*words, "--format", "jsonl")
    assert called.code == 11
    told = [json.loads(line) for line in called.out.splitlines()]
    assert [report["row"]["line"] for report in told] == [2, 3, 4, 5, 6, 7]
    assert "6 rows answered" in called.err
    claims = table(claims, "path,case", "gone.mp4,1", "a.mp4,2")
    called = call(*words, "--format", "table")
    assert [row["case"] for row in cells(called.out)] == ["1", "2"]
    assert called.out.startswith("source,")


def test_options_fill_what_a_row_leaves_open(tmp_path: Path, clips: Path, archive: Path) -> None:
    claims = table(
        tmp_path / "claims.csv",
        "path,claim,date,date_end,place",
        f"{clips}/0.mp4,Flood,2020,,",
        f"{clips}/1.mp4,,,,Kyiv",
    )
    said = ("--claim", "War", "--claim-date", "2024-10-01/2024-10-29", "--claim-place", "Sumy")
    called = call("check", "--claims", claims, *said, "--json", "--archive", archive)
    told = [[r["claim"][k] for k in ("text", "date", "date_end", "place")] for r in called.json]
    assert told == [["Flood", "2020", None, "Sumy"], ["War", "2024-10-01", "2024-10-29", "Kyiv"]]


def test_exit_code_10_tells_of_any_row_also_of_one_that_was_answered_before(
    tmp_path: Path, samples: Path, clips: Path, archive: Path
) -> None:
    rows = ("path,date", f"{samples}/checks/reused.mp4,2024-10-29", f"{clips}/0.mp4,")
    claims = table(tmp_path / "claims.csv", *rows)
    words = ("check", "--claims", claims, "-o", tmp_path / "out.csv", "--archive", archive)
    assert call(*words, "--exit-code").code == 10
    assert call(*words, "--exit-code").code == 10
    assert call(*words).code == 0


def test_html_pages_of_a_table_go_into_a_folder(tmp_path: Path, clips: Path, archive: Path) -> None:
    claims = table(tmp_path / "claims.csv", "path", f"{clips}/0.mp4", "gone.mp4")
    words = ("--format", "html", "-o", tmp_path / "pages", "--archive", archive)
    assert call("check", "--claims", claims, *words).code == 11
    assert names(tmp_path / "pages") == ["01-0.html", "02-gone.html"]


# What is refused


def test_a_table_takes_the_place_of_sources(tmp_path: Path, clips: Path, archive: Path) -> None:
    claims = table(tmp_path / "claims.csv", "path", f"{clips}/0.mp4")
    both = call("check", clips / "0.mp4", "--claims", claims, "--archive", archive)
    assert both.code == 2
    assert "0.mp4" in both.err
    neither = call("check", "--archive", archive)
    assert (neither.code, neither.out) == (2, "")
    assert "--claims" in neither.err


def test_a_wrong_row_stops_the_call_before_any_work(tmp_path: Path, archive: Path) -> None:
    claims = table(tmp_path / "claims.csv", "path,date", "a.mp4,29.10.2024")
    out = tmp_path / "out.csv"
    called = call("check", "--claims", claims, "-o", out, "--archive", archive)
    assert (called.code, called.out) == (2, "")
    assert f"{claims}, line 2" in called.err
    assert names(tmp_path) == ["claims.csv"]


def test_no_archive_is_trouble_and_leaves_no_file(tmp_path: Path, clips: Path) -> None:
    claims = table(tmp_path / "claims.csv", "path", f"{clips}/0.mp4", f"{clips}/1.mp4")
    out = tmp_path / "out.csv"
    called = call("check", "--claims", claims, "-o", out, "--archive", tmp_path / "nowhere")
    assert called.code == 5
    assert names(tmp_path) == ["claims.csv"]


@pytest.mark.parametrize("name", ["out.csv", "out.jsonl", "out.csv.part", "out.jsonl.part"])
@pytest.mark.parametrize(
    "content",
    [
        "My notes\n",
        "a,b,c\n1,2,3\n",
        '{"schema": "provenance.report/1", "verdict": null, "error": null}\n',
        "[1]\n",
        "[" * 100_000 + "\n",
        "\n",
        "source,claim\n",
        "\x00\xff\n",
    ],
)
def test_a_file_that_is_no_file_of_answers_is_never_written_over(
    tmp_path: Path, clips: Path, archive: Path, name: str, content: str
) -> None:
    claims = table(tmp_path / "claims.csv", "path", f"{clips}/0.mp4")
    there = tmp_path / name
    there.write_bytes(content.encode("latin-1"))
    out = tmp_path / name.removesuffix(".part")
    called = call("check", "--claims", claims, "-o", out, "--archive", archive)
    assert (called.code, called.out) == (2, "")
    assert str(there) in called.err
    assert there.read_bytes() == content.encode("latin-1")
    assert names(tmp_path) == sorted(["claims.csv", name])


def test_the_table_itself_and_the_answers_to_another_are_never_written_over(
    tmp_path: Path, clips: Path, archive: Path
) -> None:
    one = table(tmp_path / "one.csv", "path", f"{clips}/0.mp4")
    two = table(tmp_path / "two.csv", "path", f"{clips}/1.mp4")
    called = call("check", "--claims", one, "-o", one, "--json", "--archive", archive)
    assert (called.code, one.read_text("utf-8")) == (2, f"path\n{clips}/0.mp4\n")
    out = tmp_path / "out.jsonl"
    assert call("check", "--claims", one, "-o", out, "--archive", archive).code == 0
    before = out.read_bytes()
    called = call("check", "--claims", two, "-o", out, "--archive", archive)
    assert (called.code, out.read_bytes()) == (2, before)
    assert "answers none of the questions" in called.err
    assert names(tmp_path) == ["one.csv", "out.jsonl", "two.csv"]


# Going on


@pytest.mark.parametrize(
    ("name", "clip"),
    [
        ("out.csv", "3.mp4"),
        pytest.param("out.csv", "reused.mp4", marks=pytest.mark.slow),
        pytest.param("out.jsonl", "reused.mp4", marks=pytest.mark.slow),
    ],
)
def test_a_run_that_was_killed_goes_on_and_ends_as_if_it_had_not_been(
    name: str, clip: str, tmp_path: Path, samples: Path, clips: Path, archive: Path, web: Web
) -> None:
    last, body = "/last.mp4", (clips / "0.mp4").read_bytes()
    url = web.file(last, body)
    first = (samples / "checks" if clip == "reused.mp4" else clips) / clip
    rows = [
        f"{first},Queue at the border,2024,1",
        *(f"{clips}/{n}.mp4,,20{n}0,{n}" for n in range(3)),
    ]
    rows += ["gone.mp4,,,", f"{first},Queue at the border,2019,2", "gone.mp4,,,again", f"{url},,,"]
    claims = table(tmp_path / "claims.csv", "path,claim,date,case", *rows)
    calm, torn = tmp_path / "calm" / name, tmp_path / "torn" / name
    for out in (calm, torn):
        out.parent.mkdir()
    words = ("check", "--claims", claims, "--archive", archive, "-o")
    assert call(*words, calm).code == 11

    part = torn.with_name(f"{name}.part")
    web.stalling(last, body, after=100)  # no run is done before it is killed
    done: list[bytes] = []
    for wanted in (1, 3):  # killed twice, with a longer file of answers each time
        process = start(*words, torn)
        try:
            deadline = time.monotonic() + 60
            while time.monotonic() < deadline and process.poll() is None:
                if part.exists() and part.read_bytes().count(b"\n") > wanted:
                    break
                time.sleep(0.01)
            process.kill()
            process.communicate()
        finally:
            process.kill()
        assert process.returncode == -signal.SIGKILL
        found = part.read_bytes().splitlines(keepends=True)
        assert found[: len(done)] == done
        done = [line for line in found if line.endswith(b"\n")]
    with part.open("ab") as file:  # and once more, amid a record
        file.write(done[-1][:40])
    assert not torn.exists()

    web.file(last, body)
    called = call(*words, torn)
    assert called.code == 11
    assert "answers" in called.err
    assert timeless(torn.read_text("utf-8")) == timeless(calm.read_text("utf-8"))
    assert old_times(done) <= old_times(torn.read_bytes().splitlines())  # none was checked twice
    assert names(torn.parent) == [name]
    again = call(*words, torn)
    assert "6 of them before" in again.err


def test_rows_may_be_added_changed_moved_and_taken_away_meanwhile(
    tmp_path: Path, clips: Path, archive: Path
) -> None:
    claims = tmp_path / "claims.csv"
    out = tmp_path / "out.jsonl"
    words = ("check", "--claims", claims, "-o", out, "--archive", archive)
    table(claims, "path,date", *(f"{clips}/{n}.mp4,2020" for n in (0, 1, 2)))
    assert call(*words).code == 0
    first = {report["source"]["location"]: report for report in lines(out)}
    time.sleep(1.1)  # so that the times of the checks differ
    rows = (f"{n},{clips}/{n}.mp4,{date}" for n, date in ((2, 2020), (1, 2021), (3, 2020)))
    table(claims, "case,path,date", *rows)
    called = call(*words)
    assert called.code == 0
    assert "3 rows answered, 1 of them before" in called.err
    two, one, three = lines(out)
    old = first[f"{clips}/2.mp4"]
    assert two == old | {"row": {"line": 2, "key": old["row"]["key"], "extra": {"case": "2"}}}
    assert one["claim"]["date"] == "2021"
    assert one["checked_at"] > first[f"{clips}/1.mp4"]["checked_at"]
    assert three["row"]["line"] == 4


def test_what_failed_and_what_holds_other_bytes_by_now_is_checked_again(
    tmp_path: Path, clips: Path, archive: Path
) -> None:
    for number in (0, 1):
        shutil.copy(clips / f"{number}.mp4", tmp_path)
    claims = table(tmp_path / "claims.csv", "path", "0.mp4", "1.mp4", "late.mp4")
    out = tmp_path / "out.csv"
    words = ("check", "--claims", claims, "-o", out, "--archive", archive)
    assert call(*words).code == 11
    zero, one, late = cells(out.read_text("utf-8"))
    assert (late["label"], late["error_kind"]) == ("", "media_missing")
    shutil.copy(clips / "2.mp4", tmp_path / "late.mp4")
    shutil.copy(clips / "3.mp4", tmp_path / "1.mp4")
    os.utime(tmp_path / "1.mp4", (0, 0))  # as if it had been moved there from elsewhere
    (tmp_path / "0.mp4").touch()
    called = call(*words)
    assert called.code == 0
    assert "3 rows answered, 1 of them before" in called.err
    zero_now, one_now, late_now = cells(out.read_text("utf-8"))
    assert zero_now == zero
    assert one_now["source_sha256"] != one["source_sha256"]
    assert late_now["label"] == "no_match"


def test_rows_that_ask_the_same_are_checked_once_and_answered_each(
    tmp_path: Path, web: Web, clips: Path, archive: Path
) -> None:
    url = web.file("/same.mp4", (clips / "0.mp4").read_bytes())
    claims = table(tmp_path / "claims.csv", "url,case", f"{url},1", f"{url},2", f"{url},3")
    out = tmp_path / "out.csv"
    web.requests.clear()
    called = call("check", "--claims", claims, "-o", out, "--archive", archive)
    assert called.code == 0
    assert [row["case"] for row in cells(out.read_text("utf-8"))] == ["1", "2", "3"]
    once = len(web.requests)
    web.requests.clear()
    claims = table(tmp_path / "claims.csv", "url", url)
    called = call("check", "--claims", claims, "--json", "--archive", archive)
    assert len(web.requests) == once


def stalled(web: Web, *words: str | Path) -> Any:
    """The program at a table with an address that never answers to the end."""
    web.requests.clear()
    process = start(*words, env={**os.environ, "no_proxy": "*"})
    deadline = time.monotonic() + 60
    while not web.requests and time.monotonic() < deadline:
        time.sleep(0.05)
    return process


def test_an_interrupted_run_says_where_it_stands_and_how_to_go_on(
    tmp_path: Path, clips: Path, archive: Path, web: Web
) -> None:
    url = web.stalling("/clip.mp4", b"\0" * 100_000, after=2000)
    claims = table(tmp_path / "claims.csv", "source", f"{clips}/0.mp4", url)
    out = tmp_path / "out.csv"
    words = ("check", "--claims", claims, "-o", out, "--jobs", "1", "--archive", archive)
    process = stalled(web, *words)
    process.send_signal(signal.SIGINT)
    called = Called(0, *(text.decode() for text in process.communicate(timeout=30)))
    assert process.returncode == 130
    assert f"Checked 1 of 2 rows of {claims}, in {out}.part: 1 no match." in called.err
    assert "The same command goes on from there." in called.err
    assert names(tmp_path) == ["claims.csv", "out.csv.part"]


def test_two_runs_do_not_write_the_same_file(
    tmp_path: Path, clips: Path, archive: Path, web: Web
) -> None:
    url = web.stalling("/clip.mp4", b"\0" * 100_000, after=2000)
    claims = table(tmp_path / "claims.csv", "source", url, f"{clips}/0.mp4")
    words = ("check", "--claims", claims, "-o", tmp_path / "out.csv", "--archive", archive)
    process = stalled(web, *words)
    try:
        second = call(*words)
        assert (second.code, second.out) == (2, "")
        assert "Another run is writing" in second.err
        assert process.poll() is None
    finally:
        process.kill()
        process.communicate()
    assert (tmp_path / "out.csv.part").exists()

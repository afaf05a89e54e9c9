"""`provenance check`: reports in every form, where they go, and what the exit code says."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from command_line import Called, call, make_clip, on_terminal, start
from web import Web, web_server

from provenance.process import find_ffmpeg, run
from provenance.report import validate

CLAIM = ("--claim", "Filmed today", "--claim-date", "2024-10-29", "--claim-place", "Russia")


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory, samples: Path) -> Path:
    """An archive that knows one clip, published in May 2019."""
    folder = tmp_path_factory.mktemp("check") / "archive"
    words = ("--published", "2019-05-02", "--title", "The square", "--archive", folder)
    assert call("add", samples / "footage" / "square.mp4", *words).code == 0
    return folder


@pytest.fixture(scope="module")
def old(tmp_path_factory: pytest.TempPathFactory, samples: Path) -> Path:
    """Three seconds of the known clip, smaller and encoded again."""
    path = tmp_path_factory.mktemp("old") / "old.mp4"
    cut = ("-ss", "5", "-t", "3", "-i", str(samples / "footage" / "square.mp4"))
    done = run([find_ffmpeg(), "-v", "error", *cut, "-vf", "scale=320:-2", "-an", str(path)])
    assert done.returncode == 0, done.stderr
    return path


@pytest.fixture(scope="module")
def new(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clip that no archive here knows."""
    return make_clip(tmp_path_factory.mktemp("new") / "new.mp4", "life=seed=3:mold=10", 1.0)


@pytest.fixture(scope="module")
def text(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A text that is called a clip."""
    path = tmp_path_factory.mktemp("text") / "text.mp4"
    path.write_text("This is no video.")
    return path


@pytest.fixture(scope="module")
def web() -> Iterator[Web]:
    with web_server() as server:
        yield server


def labels(reports: list[dict[str, Any]]) -> list[str | None]:
    return [report["verdict"] and report["verdict"]["label"] for report in reports]


# What is found


def test_old_footage_appeared_earlier_than_claimed(old: Path, archive: Path) -> None:
    called = call("check", old, *CLAIM, "--json", "--archive", archive)
    assert (called.code, called.err) == (0, "")
    report = called.json
    validate(report)
    assert labels([report]) == ["earlier_appearance"]
    assert report["claim"]["text"] == "Filmed today"
    assert report["claim"]["place"] == "Russia"
    (match,) = report["matches"]
    (segment,) = match["segments"]
    assert segment["reference_start"] - segment["query_start"] == pytest.approx(5, abs=0.3)
    assert report["source"]["location"] == str(old)


def test_exit_code_10_is_given_on_request_and_only_for_an_earlier_appearance(
    old: Path, new: Path, archive: Path
) -> None:
    words = ("--exit-code", "--json", "--archive", archive)
    assert call("check", old, *CLAIM, *words).code == 10
    later = call("check", old, "--claim-date", "2018-01-01", *words)
    assert (later.code, labels([later.json])) == (0, ["known_footage"])
    unknown = call("check", new, *CLAIM, *words)
    assert (unknown.code, labels([unknown.json])) == (0, ["no_match"])


def test_the_claim_file_is_read_and_options_overrule_it(
    new: Path, archive: Path, tmp_path: Path
) -> None:
    file = tmp_path / "claim.json"
    claim = {
        "text": "From the file",
        "date": "2020",
        "place": "Here",
        "url": "https://example.org/",
    }
    file.write_text(json.dumps(claim))
    words = ("--claim-file", file, "--claim-date", "2021-06", "--json", "--archive", archive)
    told = call("check", new, *words).json["claim"]
    assert (told["text"], told["date"], told["place"]) == ("From the file", "2021-06", "Here")
    file.write_text('{"date": "some day"}')
    called = call("check", new, "--claim-file", file, "--archive", archive)
    assert (called.code, called.out) == (2, "")
    assert str(file) in called.err


def test_no_archive_is_trouble_and_an_empty_one_works(
    new: Path, archive: Path, tmp_path: Path
) -> None:
    called = call("check", new, "--archive", tmp_path / "nowhere")
    assert (called.code, called.out) == (5, "")
    assert "There is no archive" in called.err
    assert "provenance add" in called.err
    empty = tmp_path / "empty"
    assert call("add", new, "--archive", empty).code == 0
    assert call("remove", "1", "--yes", "--archive", empty).code == 0
    called = call("check", new, "--json", "--archive", empty)
    assert (called.code, labels([called.json])) == (0, ["no_match"])


def test_remember_adds_the_clip_and_never_calls_it_earlier_than_itself(
    new: Path, tmp_path: Path, samples: Path
) -> None:
    archive = tmp_path / "archive"
    assert call("add", make_clip(tmp_path / "a.mp4", "testsrc"), "--archive", archive).code == 0
    assert call("check", new, "--remember", "--json", "--archive", archive).code == 0
    assert len(call("list", "--archive", archive).out.splitlines()) == 2
    again = call(
        "check", new, "--claim-date", "2050", "--json", "--exit-code", "--archive", archive
    )
    assert again.code == 0
    assert labels([again.json]) == ["known_footage"]


# Forms


def test_text_gives_the_verdict_and_no_colours_into_a_pipe(old: Path, archive: Path) -> None:
    called = call("check", old, *CLAIM, "--archive", archive)
    assert (called.code, called.err) == (0, "")
    assert called.out.startswith("APPEARED EARLIER THAN CLAIMED")
    assert "2 May 2019" in called.out
    assert "The square" in called.out
    assert "\x1b" not in called.out


def test_text_has_colours_on_a_terminal_unless_no_color_is_set(
    new: Path, archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    code, shown = on_terminal("check", new, "--archive", archive)
    assert code == 0
    assert "\x1b[1mNOT FOUND IN THIS ARCHIVE" in shown
    monkeypatch.setenv("NO_COLOR", "1")
    code, shown = on_terminal("check", new, "--archive", archive)
    assert code == 0
    assert "NOT FOUND IN THIS ARCHIVE" in shown
    assert "\x1b[31m" not in shown


def test_several_sources_give_an_array_in_the_order_given(
    new: Path, text: Path, archive: Path
) -> None:
    called = call("check", text, new, "nothing.mp4", "--json", "--archive", archive)
    assert called.code == 11
    for report in called.json:
        validate(report)
    assert [r["source"]["location"] for r in called.json] == [str(text), str(new), "nothing.mp4"]
    assert labels(called.json) == [None, "no_match", None]
    assert [r["error"] and r["error"]["exit_code"] for r in called.json] == [4, None, 4]
    assert called.err.count("Error: ") == 2
    assert called.err.endswith("Checked 3 sources: 2 failed and 1 no match.\n")


def test_json_lines_are_one_compact_report_a_line(new: Path, text: Path, archive: Path) -> None:
    called = call("check", text, new, "--format", "jsonl", "--archive", archive)
    assert called.code == 11
    reports = [json.loads(line) for line in called.out.splitlines()]
    assert labels(reports) == [None, "no_match"]


def test_several_sources_as_text_are_told_on_standard_output_alone(
    new: Path, text: Path, archive: Path
) -> None:
    called = call("check", text, new, "--archive", archive)
    assert called.code == 11
    assert "NOT CHECKED" in called.out
    assert "NOT FOUND IN THIS ARCHIVE" in called.out
    assert called.out.count("─" * 80) == 1
    assert called.err == "Checked 2 sources: 1 failed and 1 no match.\n"


def test_an_html_page_is_whole_and_loads_nothing(old: Path, archive: Path, tmp_path: Path) -> None:
    page = tmp_path / "report.html"
    called = call("check", old, *CLAIM, "-o", page, "--archive", archive)
    assert (called.code, called.out, called.err) == (0, "", "")
    html = page.read_text(encoding="utf-8")
    addresses = _Addresses()
    addresses.feed(html)
    assert addresses.pictures
    assert all(source.startswith("data:image/jpeg;base64,") for source in addresses.pictures)
    assert "The square" in html
    assert call("check", old, *CLAIM, "--format", "html", "--archive", archive).out.startswith("<!")


def test_several_html_pages_go_into_a_folder(
    new: Path, text: Path, archive: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "pages"
    words = ("--format", "html", "--archive", archive)
    called = call("check", new, text, "-o", folder, *words)
    assert (called.code, called.out) == (11, "")
    assert sorted(page.name for page in folder.iterdir()) == ["01-new.html", "02-text.html"]
    assert call("check", new, "-o", folder, *words).code == 0
    for path in (None, new):
        more = () if path is None else ("-o", path)
        refused = call("check", new, text, *words, *more)
        assert (refused.code, refused.out) == (2, "")
        assert "-o FOLDER" in refused.err


def test_an_html_page_is_not_poured_onto_a_terminal(new: Path, archive: Path) -> None:
    code, shown = on_terminal("check", new, "--format", "html", "--archive", archive)
    assert code == 2
    assert "-o FILE.html" in shown


def test_json_and_another_format_exclude_each_other(new: Path, archive: Path) -> None:
    called = call("check", new, "--json", "--format", "html", "--archive", archive)
    assert (called.code, called.out) == (2, "")
    assert call("check", new, "--json", "--format", "json", "--archive", archive).code == 0


# Errors of a single source


@pytest.mark.parametrize(
    ("given", "wrong"),
    [
        ("ftp://host/x", "only http and https addresses are fetched"),
        ("magnet:?xt=urn:btih:c12fe1", "only http and https addresses are fetched"),
        ("www.example.org/watch?v=1", "https:// is missing before it"),
    ],
)
def test_an_address_that_cannot_be_fetched_is_told_as_that_and_as_no_missing_file(
    given: str, wrong: str, archive: Path, tmp_path: Path
) -> None:
    said = f"The download of {given} is not possible: {wrong}"
    for command in (("check",), ("add",), ("keyframes", "-o", tmp_path / "frames")):
        called = call("--archive", archive, *command, given)
        assert (called.code, called.out) == (3, "")
        assert called.err.startswith(f"Error: {said}")
    called = call("check", "-", "--json", "--archive", archive, stdin=f"{given}\n".encode())
    assert (called.code, called.json["error"]["kind"]) == (3, "download")
    for column in ("url", "path"):
        (tmp_path / "claims.csv").write_text(f"{column},text\n{given},words\n")
        called = call("check", "--claims", tmp_path / "claims.csv", "--archive", archive)
        assert f"line 2: {said}" in called.err


@pytest.mark.parametrize("name", ["youtu.be/clip", "ftp://host/clip", "magnet:clip"])
def test_a_file_that_is_called_like_an_address_is_a_file(
    name: str, new: Path, archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path(name).parent.mkdir(parents=True, exist_ok=True)
    Path(name).write_bytes(new.read_bytes())
    called = call("check", name, "--json", "--archive", archive)
    assert (called.code, called.json["error"]) == (0, None)


@pytest.mark.parametrize(
    ("make", "code", "message"),
    [
        ("nothing", 4, "is not there"),
        ("folder", 4, "is a folder"),
        ("empty", 4, "is empty"),
        ("text", 4, "no video or picture"),
        ("sound", 4, "sound only"),
        ("address", 3, "404"),
    ],
)
def test_a_single_bad_source_gives_its_own_code_and_still_a_report(
    make: str, code: int, message: str, text: Path, archive: Path, tmp_path: Path, web: Web
) -> None:
    source: str | Path = tmp_path / "clip.mp4"
    if make == "folder":
        source = tmp_path
    elif make == "text":
        source = text
    elif make == "address":
        source = web.url("/nothing.mp4")
    elif make == "empty":
        Path(source).touch()
    elif make == "sound":
        tone = ("-f", "lavfi", "-i", "sine=duration=1", str(source))
        assert run([find_ffmpeg(), "-v", "error", *tone]).returncode == 0
    called = call("check", source, *CLAIM, "--exit-code", "--archive", archive)
    assert (called.code, called.out) == (code, "")
    assert called.err.startswith("Error: ")
    assert message in called.err
    as_json = call("check", source, *CLAIM, "--json", "--archive", archive)
    assert as_json.code == code
    validate(as_json.json)
    assert as_json.json["error"]["exit_code"] == code
    assert (as_json.json["verdict"], as_json.json["matches"]) == (None, [])
    assert message in as_json.err


# Standard input


def test_a_dash_reads_one_source_a_line(new: Path, text: Path, archive: Path) -> None:
    lines = f"\ufeff# what came in today\r\n{new}\r\n\n  \n  {text}  \n".encode()
    called = call("check", "-", "--json", "--archive", archive, stdin=lines)
    assert [report["source"]["location"] for report in called.json] == [str(new), str(text)]
    assert called.code == 11
    single = call("check", "-", "--json", "--archive", archive, stdin=os.fsencode(new))
    assert (single.code, labels([single.json])) == (0, ["no_match"])


def test_a_thousand_lines_give_a_thousand_reports_in_their_order(archive: Path) -> None:
    names = [f"/nowhere/{number}.mp4" for number in range(1000)]
    lines = "".join(f"# {name}\r\n\r\n{name}\r\n" for name in names).encode()
    called = call("check", "-", "--format", "jsonl", "--archive", archive, stdin=lines)
    reports = [json.loads(line) for line in called.out.splitlines()]
    assert [report["source"]["location"] for report in reports] == names
    assert {report["error"]["kind"] for report in reports} == {"media_missing"}
    assert called.code == 11


def test_no_line_is_no_report(archive: Path, tmp_path: Path) -> None:
    called = call("check", "-", "--json", "--archive", archive, stdin=b"# nothing\n")
    assert (called.code, called.json) == (0, [])
    assert "No sources" in called.err
    called = call("check", "-", "--format", "html", "--archive", archive, stdin=b"")
    assert (called.code, called.out) == (0, "")
    assert call("check", "-", "-", "--archive", archive, stdin=b"").code == 2


# Files


def test_a_file_gets_its_name_when_it_is_complete_and_its_format_from_it(
    new: Path, archive: Path, tmp_path: Path
) -> None:
    for name, start_of_it in {
        "r.json": "{\n",
        "r.jsonl": '{"schema"',
        "r.txt": "NOT FOUND",
    }.items():
        target = tmp_path / name
        target.write_text("what was there before")
        called = call("check", new, "-o", target, "--archive", archive)
        assert (called.code, called.out, called.err) == (0, "", "")
        assert target.read_text().startswith(start_of_it)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["r.json", "r.jsonl", "r.txt"]
    assert call("check", new, "--json", "-o", "-", "--archive", archive).json["error"] is None


def test_nothing_is_checked_when_the_report_can_go_nowhere(
    new: Path, archive: Path, tmp_path: Path
) -> None:
    copy = tmp_path / "copy.dat"
    copy.write_bytes(new.read_bytes())
    for target, message in {
        tmp_path: "is a folder",
        tmp_path / "no" / "r.json": "there is no folder",
        tmp_path / "clip.mp4": "over a video",
        copy: "over a video",
    }.items():
        called = call("check", copy, "--json", "-o", target, "--archive", archive)
        assert (called.code, called.out) == (2, "")
        assert message in called.err
    assert copy.read_bytes() == new.read_bytes()
    assert [path.name for path in tmp_path.iterdir()] == ["copy.dat"]


def test_a_failed_start_leaves_the_old_file_and_no_other(new: Path, tmp_path: Path) -> None:
    target = tmp_path / "r.json"
    target.write_text("before")
    called = call("check", new, "-o", target, "--archive", tmp_path / "nowhere")
    assert called.code == 5
    assert target.read_text() == "before"
    assert [path.name for path in tmp_path.iterdir()] == ["r.json"]


def interrupted(web: Web, *words: str | Path, first: Path) -> Called:
    """Check a clip and then an address that never answers to the end; interrupted there."""
    url = web.stalling("/clip.mp4", b"\0" * 100_000, after=2000)
    web.requests.clear()
    words = (*words, "--jobs", "1")
    process = start("check", first, url, *words, env={**os.environ, "no_proxy": "*"})
    try:
        deadline = time.monotonic() + 60
        while not web.requests and time.monotonic() < deadline:
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)
    finally:
        process.kill()
    return Called(process.returncode, out.decode(), err.decode())


@pytest.mark.parametrize("form", ["json", "jsonl", "text"])
def test_what_is_finished_when_a_batch_is_interrupted_is_kept(
    form: str, new: Path, archive: Path, tmp_path: Path, web: Web
) -> None:
    target = tmp_path / "results"
    words = ("--format", form, "-o", target, "--archive", archive)
    called = interrupted(web, *words, first=new)
    assert called.code == 130
    kept = tmp_path / "results.part"
    assert str(kept) in called.err
    assert "Checked 1 of 2 sources" in called.err
    assert [path.name for path in tmp_path.iterdir()] == ["results.part"]
    if form == "text":
        assert kept.read_text().startswith("NOT FOUND")
    else:
        assert labels([json.loads(kept.read_text())]) == ["no_match"]


def test_each_json_line_is_written_as_soon_as_its_source_is_done(
    new: Path, archive: Path, web: Web
) -> None:
    url = web.stalling("/slow.mp4", b"\0" * 100_000, after=2000)
    words = ("check", new, url, "--format", "jsonl", "--archive", archive)
    process = start(*words, env={**os.environ, "no_proxy": "*"})
    try:
        assert process.stdout is not None
        assert labels([json.loads(process.stdout.readline())]) == ["no_match"]
        assert process.poll() is None
    finally:
        process.kill()
        process.communicate()


class _Addresses(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.pictures: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "img":
            self.pictures.append(dict(attrs).get("src") or "")

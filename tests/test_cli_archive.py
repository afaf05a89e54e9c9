"""The commands about the archive: add, list, show, edit, remove, reject."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest
from command_line import ROOT, Called, call, make_clip, on_terminal, start
from web import web_server

from provenance.archive import Archive


@pytest.fixture(scope="module")
def clips(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with two clips and a text that is called a clip."""
    folder = tmp_path_factory.mktemp("clips")
    make_clip(folder / "one.mp4", "testsrc2")
    make_clip(folder / "two.mp4", "testsrc")
    (folder / "text.mp4").write_text("This is no video.")
    return folder


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory, clips: Path) -> Path:
    """An archive of the two clips."""
    archive = tmp_path_factory.mktemp("known") / "archive"
    one, two = clips / "one.mp4", clips / "two.mp4"
    assert call("add", one, "--archive", archive, "--published", "2019-05-02").code == 0
    assert call("add", two, "--archive", archive, "--title", "Second").code == 0
    return archive


@pytest.fixture
def archive(known: Path, tmp_path: Path) -> Path:
    """A copy of that archive to change."""
    return Path(shutil.copytree(known, tmp_path / "archive"))


def ids(archive: Path) -> list[int]:
    return [footage["id"] for footage in call("list", "--json", "--archive", archive).json]


def assert_nothing_happened(called: Called, code: int, message: str) -> None:
    assert called.code == code, called.err
    assert called.out == ""
    assert message in called.err


# add


def test_add_prints_a_line_for_each_footage_and_counts_on_standard_error(
    clips: Path, tmp_path: Path
) -> None:
    words = ("--archive", tmp_path, "--published", "2019-05")
    one = call("add", clips / "one.mp4", *words)
    assert one.code == 0
    assert one.out.split() == ["1", "new", "1.0", "s", "May", "2019", "(declared)", "one.mp4"]
    assert one.err == ""
    both = call("add", clips / "one.mp4", clips / "two.mp4", *words)
    assert both.code == 0
    assert [line.split()[:2] for line in both.out.splitlines()] == [["1", "known"], ["2", "new"]]
    assert both.err == "Added 1, already known 1, failed 0.\n"


def test_what_is_said_holds_for_every_source(clips: Path, tmp_path: Path) -> None:
    said = {
        "published": "2019-05-02T10:00:00+02:00",
        "title": "The title",
        "place": "Kherson",
        "uploader": "Somebody",
        "note": "A note",
    }
    options = [word for name, value in said.items() for word in (f"--{name}", value)]
    sources = (clips / "one.mp4", clips / "two.mp4")
    called = call("add", *sources, *options, "--json", "--archive", tmp_path)
    assert called.code == 0
    assert [result["source"] for result in called.json] == [str(source) for source in sources]
    for result in called.json:
        assert (result["new"], result["error"]) == (True, None)
        (appearance,) = result["footage"]["appearances"]
        assert appearance["basis"] == "declared"
        assert appearance["published"] == "2019-05-02T08:00:00Z"
        assert appearance["zone"] == "+02:00"
        assert {n: appearance[n] for n in said if n != "published"} == {
            n: v for n, v in said.items() if n != "published"
        }


def test_no_thumbnails_keeps_no_picture(clips: Path, tmp_path: Path) -> None:
    called = call("add", clips / "one.mp4", "--no-thumbnails", "--json", "--archive", tmp_path)
    assert called.json[0]["footage"]["has_thumbnails"] is False
    with Archive.open(tmp_path) as archive:
        assert archive.thumbnails(1, [0.0]) == [None]


def test_a_folder_is_all_its_media_and_a_bad_file_stops_no_other(
    clips: Path, tmp_path: Path
) -> None:
    called = call("add", clips, "--archive", tmp_path)
    assert called.code == 11
    assert [line.split()[-1] for line in called.out.splitlines()] == ["one.mp4", "two.mp4"]
    assert f"Error: {clips / 'text.mp4'} " in called.err
    assert called.err.endswith("Added 2, already known 0, failed 1.\n")
    as_json = call("add", clips, "--json", "--archive", tmp_path)
    failed = [result for result in as_json.json if result["error"]]
    assert [Path(result["source"]).name for result in failed] == ["text.mp4"]
    assert failed[0]["error"]["exit_code"] == 4
    assert failed[0]["footage"] is None


@pytest.mark.parametrize(
    ("name", "code", "message"),
    [
        ("nothing.mp4", 4, "is not there"),
        ("text.mp4", 4, "no video or picture"),
        ("empty", 4, "folder"),
    ],
)
def test_a_single_source_that_fails_gives_its_own_exit_code(
    name: str, code: int, message: str, clips: Path, tmp_path: Path
) -> None:
    (tmp_path / "empty").mkdir()
    source = tmp_path / "empty" if name == "empty" else clips / name
    assert_nothing_happened(call("add", source, "--archive", tmp_path / "a"), code, message)
    assert not (tmp_path / "a").exists()


def test_url_with_several_sources_is_a_usage_error_before_anything_is_added(
    clips: Path, tmp_path: Path
) -> None:
    for sources in ([clips / "one.mp4", clips / "two.mp4"], [clips]):
        called = call(
            "add", *sources, "--url", "https://example.org/1", "--archive", tmp_path / "a"
        )
        assert_nothing_happened(called, 2, "--url")
    assert not (tmp_path / "a").exists()
    words = ("--url", "https://example.org/1", "--json", "--archive", tmp_path / "a")
    single = call("add", clips / "one.mp4", *words)
    assert single.json[0]["footage"]["appearances"][0]["url"] == "https://example.org/1"


def test_an_address_is_fetched_and_a_missing_one_has_exit_code_3(
    clips: Path, tmp_path: Path
) -> None:
    with web_server() as web:
        url = web.file("/clip.mp4", (clips / "one.mp4").read_bytes())
        words = ("--archive", tmp_path, "--title", "From the web")
        called = call("add", url, "--json", *words)
        assert called.code == 0, called.err
        assert called.json[0]["footage"]["location"] == url
        assert_nothing_happened(call("add", web.url("/nothing.mp4"), *words), 3, "404")


def test_the_entries_of_a_playlist_are_added_each(clips: Path, tmp_path: Path) -> None:
    with web_server() as web:
        urls = [
            web.file(f"/{name}.mp4", (clips / f"{name}.mp4").read_bytes())
            for name in ("one", "two")
        ]
        items = "".join(
            f'<item><title>{n}</title><enclosure url="{url}" type="video/mp4"/></item>'
            for n, url in enumerate(urls)
        )
        feed = f'<rss version="2.0"><channel><title>Feed</title>{items}</channel></rss>'
        page = web.file("/feed.xml", feed.encode(), {"Content-Type": "application/rss+xml"})
        refused = call("add", page, "--url", "https://example.org/1", "--archive", tmp_path / "a")
        assert_nothing_happened(refused, 2, "--url")
        called = call("add", page, "--archive", tmp_path / "a")
    assert called.code == 0, called.err
    assert len(called.out.splitlines()) == 2
    assert called.err == "Added 2, already known 0, failed 0.\n"


def test_a_full_disk_stops_at_once_and_leaves_the_archive_sound(clips: Path, archive: Path) -> None:
    """The kernel lets this process write no file beyond a small size, as a full disk would."""
    size = 50_000  # less than what is kept of one second of a rich picture
    code = (
        "import resource, signal, sys; signal.signal(signal.SIGXFSZ, signal.SIG_IGN); "
        f"resource.setrlimit(resource.RLIMIT_FSIZE, ({size}, {size})); "
        "from provenance.cli import run; sys.exit(run(sys.argv[1:]))"
    )
    third = make_clip(clips.parent / "third.mp4", "mandelbrot")
    fourth = make_clip(clips.parent / "fourth.mp4", "rgbtestsrc")
    words = ("add", third, fourth, "--archive", archive)
    done = subprocess.run(
        [sys.executable, "-c", code, *map(str, words)],
        check=False,
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 5, done.stderr
    assert done.stderr.count("Error: ") == 1
    assert "Traceback" not in done.stderr
    assert ids(archive) == [1, 2]
    assert call("doctor", "--archive", archive).code == 0


def test_a_settings_error_is_told_once_and_not_for_every_source(
    clips: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PROVENANCE_FFMPEG", "no-such-ffmpeg")
    called = call("add", clips / "one.mp4", clips / "two.mp4", "--archive", tmp_path / "a")
    assert called.code == 70
    assert called.err.count("no-such-ffmpeg") == 1


# list and show


def test_list_shows_id_duration_date_and_title(archive: Path) -> None:
    called = call("list", "--archive", archive)
    assert (called.code, called.err) == (0, "")
    first, second = called.out.splitlines()
    assert first.split() == ["1", "1.0", "s", "2", "May", "2019", "(declared)", "one.mp4"]
    assert second.split()[0] == "2"
    assert second.split()[-2:] == ["(ingested)", "Second"]


def test_no_archive_is_trouble_and_an_empty_one_is_none(archive: Path, tmp_path: Path) -> None:
    for words in (["list"], ["show", "1"], ["edit", "1", "--place", "x"], ["remove", "1", "--yes"]):
        called = call(*words, "--archive", tmp_path / "nowhere")
        assert_nothing_happened(called, 5, "There is no archive")
    assert not (tmp_path / "nowhere").exists()
    assert call("remove", "1", "2", "--yes", "--archive", archive).code == 0
    empty = call("list", "--archive", archive)
    assert (empty.code, empty.out) == (0, "")
    assert "is empty" in empty.err
    assert call("list", "--json", "--archive", archive).json == []


def test_an_archive_of_a_newer_version_is_left_alone(tmp_path: Path, archive: Path) -> None:
    with sqlite3.connect(archive / "catalogue.sqlite") as connection:
        connection.execute("INSERT INTO migration (version, name, tool) VALUES (99, 'x', '7.5')")
    connection.close()
    called = call("list", "--archive", archive)
    assert_nothing_happened(called, 5, "version 99")


def test_show_tells_everything_with_what_was_corrected(archive: Path) -> None:
    edited = call("edit", "1", "--published", "2018", "--place", "Kherson", "--archive", archive)
    assert edited.code == 0
    assert call("reject", "1", "2", "--archive", archive).code == 0
    shown = call("show", "1", "--archive", archive).out
    before, after = shown.split("What they said before")
    assert "2018 (declared by the person who added it)" in before
    assert "Kherson" in before
    assert "2 May 2019" in after
    assert "Not the same footage as" in after
    told = call("show", "1", "--json", "--archive", archive).json
    assert told["appearances"][0]["published"] == "2018"
    assert told["history"][0]["before"]["published"] == "2019-05-02"
    other = call("show", "2", "--json", "--archive", archive).json
    assert told["rejected"] == [other["sha256"]]


def test_an_unknown_id_is_told(archive: Path) -> None:
    for words in (
        ["show", "99"],
        ["edit", "99", "--place", "x"],
        ["remove", "99", "--yes"],
        ["reject", "1", "99"],
    ):
        called = call(*words, "--archive", archive)
        assert_nothing_happened(called, 5, "holds no footage 99")


# edit


def test_edit_changes_what_is_named_and_an_empty_text_takes_a_value_away(archive: Path) -> None:
    words = (
        "--title",
        "T",
        "--url",
        "https://example.org/1",
        "--fact-check",
        "https://example.org/f",
    )
    called = call("edit", "1", *words, "--json", "--archive", archive)
    (appearance,) = called.json["appearances"]
    assert (appearance["title"], appearance["published"]) == ("T", "2019-05-02")
    assert appearance["fact_check"] == "https://example.org/f"
    called = call("edit", "1", "--title", "", "--published", "", "--json", "--archive", archive)
    (appearance,) = called.json["appearances"]
    assert (appearance["title"], appearance["published"], appearance["basis"]) == (None, None, None)
    assert appearance["url"] == "https://example.org/1"


def test_edit_needs_something_to_change(archive: Path) -> None:
    assert_nothing_happened(call("edit", "1", "--archive", archive), 2, "Nothing is named")


def test_edit_asks_which_of_several_appearances_is_meant(archive: Path, clips: Path) -> None:
    again = call("add", clips / "one.mp4", "--url", "https://example.org/2", "--archive", archive)
    assert "(+1 more)" in again.out
    called = call("edit", "1", "--place", "here", "--archive", archive)
    assert_nothing_happened(called, 2, "several appearances")
    numbers = [
        a["id"] for a in call("show", "1", "--json", "--archive", archive).json["appearances"]
    ]
    words = ("--appearance", str(numbers[1]), "--place", "here")
    changed = call("edit", "1", *words, "--json", "--archive", archive).json
    assert [a["place"] for a in changed["appearances"]] == [None, "here"]


# remove and reject


def test_remove_needs_consent_where_nobody_can_be_asked(archive: Path) -> None:
    assert_nothing_happened(call("remove", "1", "--archive", archive, stdin=b"y\n"), 2, "--yes")
    assert ids(archive) == [1, 2]
    called = call("remove", "1", "--yes", "--archive", archive)
    assert (called.code, called.out.split()) == (0, ["1", "removed", "one.mp4"])
    assert ids(archive) == [2]


def test_one_unknown_id_and_nothing_is_removed(archive: Path) -> None:
    called = call("remove", "1", "99", "--yes", "--archive", archive)
    assert_nothing_happened(called, 5, "99")
    assert ids(archive) == [1, 2]


def test_remove_asks_on_a_terminal(archive: Path) -> None:
    code, shown = on_terminal("remove", "1", "--archive", archive, typed="n\n")
    assert code == 130
    assert "one.mp4" in shown
    assert "Nothing was removed." in shown
    assert ids(archive) == [1, 2]
    code, shown = on_terminal("remove", "1", "2", "--archive", archive, typed="y\n")
    assert code == 0, shown
    assert ids(archive) == []


def test_reject_takes_ids_and_the_checksum_of_a_checked_clip(archive: Path) -> None:
    sha256 = "ab" * 32
    called = call("reject", "1", sha256.upper(), "--archive", archive)
    assert called.code == 0
    with Archive.open(archive) as opened:
        assert opened.rejected_for(sha256) == {1}
    assert_nothing_happened(call("reject", "1", "1", "--archive", archive), 2, "same footage")
    assert_nothing_happened(
        call("reject", sha256, "cd" * 32, "--archive", archive), 2, "in the archive"
    )


def known_so_far(folder: Path) -> list[int]:
    """Ids in an archive that somebody else may be creating."""
    called = call("list", "--json", "--archive", folder)
    return [footage["id"] for footage in called.json] if called.code == 0 else []


def test_an_interrupted_addition_keeps_what_was_added_and_says_so(
    clips: Path, tmp_path: Path
) -> None:
    """Footage is in the archive a moment before its result is among the results: of the first one
    both are certain once the second, which is not fetched before, is in the archive."""
    first_is_kept = threading.Event()
    with web_server() as web:
        second = web.file("/two.mp4", (clips / "two.mp4").read_bytes())
        give = web.answers["/two.mp4"]

        def in_its_turn(request: BaseHTTPRequestHandler) -> None:
            first_is_kept.wait(60)
            give(request)

        web.answer("/two.mp4", in_its_turn)
        url = web.stalling("/clip.mp4", b"\0" * 100_000, after=2000)
        words = ("add", clips / "one.mp4", second, url, "--json", "--archive", tmp_path)
        process = start(*words, env={**os.environ, "no_proxy": "*"})
        try:
            deadline = time.monotonic() + 120
            for known in ([1], [1, 2]):
                while known_so_far(tmp_path) != known and time.monotonic() < deadline:
                    time.sleep(0.05)
                first_is_kept.set()
            process.send_signal(signal.SIGTERM)
            out, err = process.communicate(timeout=60)
        finally:
            process.kill()
    assert process.returncode == 130
    assert [result["footage"]["id"] for result in json.loads(out)] in ([1], [1, 2])
    assert b"Interrupted" in err
    assert ids(tmp_path) == [1, 2]

"""`provenance watch` as it is used: real processes, real signals, real clips."""

from __future__ import annotations

import csv
import json
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import bench_watch
import kill_watch
import pytest
from command_line import Called, call, make_clip, start
from web import web_server

from provenance import Archive
from provenance.models import Report
from provenance.report import renderer
from provenance.report.json_report import validate
from provenance.watch import handling
from provenance.watch.inbox import is_being_written

SETTLE = ("--settle", "0.2")


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive that knows four seconds of testsrc2, and clips: that, and two others."""
    folder = tmp_path_factory.mktemp("known")
    with Archive.open(folder / "archive") as archive:
        archive.add(make_clip(folder / "known.mp4", "testsrc2", 4.0), published="2020-01-01")
    for picture in ("testsrc2", "mandelbrot", "rgbtestsrc"):
        make_clip(folder / f"{picture}.mp4", picture)
    return folder


@dataclass
class Desk:
    """A watched folder, with where its reports and its moved files go."""

    folder: Path
    known: Path

    @property
    def inbox(self) -> Path:
        return self.folder / "inbox"

    @property
    def reports(self) -> Path:
        return self.folder / "reports"

    def put(self, name: str, picture: str = "mandelbrot") -> Path:
        path = self.inbox / name
        path.parent.mkdir(exist_ok=True)
        return Path(shutil.copy(self.known / f"{picture}.mp4", path))

    def claim(self, name: str, **keys: str) -> None:
        (self.inbox / name).write_text(json.dumps(keys))

    def command(self, *options: str | Path) -> tuple[str | Path, ...]:
        return (
            *("watch", self.inbox, "--reports", self.reports, *SETTLE),
            *("--archive", self.folder / "archive", *options),
        )

    def once(self, *options: str | Path) -> Called:
        return call(*self.command("--once", *options))

    def report(self, name: str) -> Any:
        data = json.loads((self.reports / f"{name}.report.json").read_text())
        validate(data)
        assert (self.reports / f"{name}.report.html").read_text().endswith("</html>\n")
        return data

    def reported(self) -> list[str]:
        endings = len(".report.json")
        found = self.reports.rglob("*.report.json")
        return sorted(str(path.relative_to(self.reports))[:-endings] for path in found)

    def failed(self) -> dict[str, str]:
        path = self.reports / "failed.csv"
        if not path.exists():
            return {}
        with path.open(encoding="utf-8-sig", newline="") as file:
            return {row["file"] + row["address"]: row["message"] for row in csv.DictReader(file)}

    def status(self) -> Any:
        return json.loads((self.reports / "status.json").read_text())


@pytest.fixture
def desk(tmp_path: Path, known: Path) -> Desk:
    desk = Desk(tmp_path, known)
    desk.inbox.mkdir()
    shutil.copytree(known / "archive", tmp_path / "archive")
    return desk


@pytest.fixture
def started(desk: Desk) -> Iterator[Callable[..., subprocess.Popen[bytes]]]:
    """Starts watchers; what still runs at the end is killed."""
    running: list[subprocess.Popen[bytes]] = []

    def begin(*options: str | Path) -> subprocess.Popen[bytes]:
        running.append(start(*desk.command(*options)))
        return running[-1]

    yield begin
    for process in running:
        process.kill()
        process.communicate()


def wait_for(what: Callable[[], object], process: subprocess.Popen[bytes] | None = None) -> None:
    for _ in range(4000):
        if what():
            return
        assert process is None or process.poll() is None, process.communicate()
        time.sleep(0.05)
    raise AssertionError("it did not happen")


def test_what_is_in_the_folder_is_reported_with_its_claim_and_only_once(desk: Desk) -> None:
    desk.put("old.mp4", "testsrc2")
    desk.claim("old.claim.json", text="Filmed today", date="2024-10-29")
    desk.put("new.mp4")
    (desk.inbox / "broken.mp4").write_bytes(b"no clip")
    done = desk.once()
    assert done.code == 11
    assert desk.reported() == ["new.mp4", "old.mp4"]
    assert desk.report("old.mp4")["verdict"]["label"] == "earlier_appearance"
    assert desk.report("old.mp4")["claim"]["text"] == "Filmed today"
    assert desk.report("new.mp4")["claim"] is None
    assert list(desk.failed()) == ["broken.mp4"]
    assert "no video or picture" in desk.failed()["broken.mp4"]
    assert done.err.count("Error:") == 1
    assert "Reported 2: " in done.err
    assert "1 failed" in done.err
    assert len(done.out.splitlines()) == 2
    assert f"old.mp4 {desk.reports / 'old.mp4.report.html'}" in done.out
    before = {path: path.stat().st_mtime_ns for path in desk.reports.glob("*.report.*")}

    again = desk.once()
    assert again.code == 0
    assert again.out == ""
    assert before == {path: path.stat().st_mtime_ns for path in desk.reports.glob("*.report.*")}
    assert list(desk.failed()) == ["broken.mp4"]

    status = desk.status()
    assert status["schema"] == "provenance.watch-status/1"
    assert status["state"] == "ended"
    assert status["counts"]["done"] == 2
    assert status["counts"]["bad"] == 1
    assert status["pid"] == os.getpid()


def test_a_changed_file_and_a_late_claim_get_another_report_and_touching_gets_none(
    desk: Desk,
) -> None:
    clip = desk.put("clip.mp4")
    desk.once()
    os.utime(clip)
    assert desk.once().out == ""
    assert desk.reported() == ["clip.mp4"]
    desk.claim("clip.claim.json", text="It comes late")
    desk.once()
    assert desk.reported() == ["clip.mp4", "clip.mp4.2"]
    assert desk.report("clip.mp4.2")["claim"]["text"] == "It comes late"
    desk.put("clip.mp4", "rgbtestsrc")
    desk.once()
    assert desk.reported() == ["clip.mp4", "clip.mp4.2", "clip.mp4.3"]
    hashes = {desk.report(name)["source"]["sha256"] for name in desk.reported()}
    assert len(hashes) == 2


def test_a_clip_is_never_checked_without_a_claim_that_cannot_be_read(desk: Desk) -> None:
    desk.put("a.mp4")
    desk.claim("a.claim.json", date="soon")
    assert desk.once().code == 11
    assert desk.reported() == []
    assert "a.claim.json" in desk.failed()["a.mp4"]
    desk.claim("a.claim.json", date="2024")
    assert desk.once().code == 0
    assert desk.reported() == ["a.mp4"]
    assert desk.failed() == {}


def test_a_clip_waits_for_its_claim_where_one_is_required(desk: Desk) -> None:
    desk.put("a.mp4")
    done = desk.once("--require-claim")
    assert "a.mp4: without a claim" in done.err
    assert desk.reported() == []
    (desk.inbox / "claims.csv").write_text("file;text\na.mp4;What is said\n")
    desk.once("--require-claim")
    assert desk.report("a.mp4")["claim"]["text"] == "What is said"
    (desk.inbox / "claims.csv").unlink()  # as if a claim had been moved, and the clip not yet
    assert "without a claim" not in desk.once("--require-claim", "--move", desk.folder / "done").err
    assert (desk.folder / "done" / "a.mp4").exists()


def test_addresses_in_files_are_jobs_of_their_own_and_a_list_may_grow(desk: Desk) -> None:
    with web_server() as web:
        clip = (desk.known / "mandelbrot.mp4").read_bytes()
        one, two = web.file("/one.mp4", clip), web.file("/two.mp4", clip)
        gone = web.status("/gone.mp4", 404)
        (desk.inbox / "links.txt").write_text(f"# today\n{one}\n{gone}\n")
        (desk.inbox / "Clip.url").write_text(f"[InternetShortcut]\r\nURL={two}\r\n")
        desk.claim("links.claim.json", text="Of the list")
        moved = desk.folder / "moved"
        assert desk.once("--move", moved).code == 11
        first, second = desk.reported()
        assert (first[:11], second[:13]) == ("Clip.url.01", "links.txt.01-")
        assert desk.report(second)["source"]["location"] == one
        assert desk.report(second)["claim"]["text"] == "Of the list"
        assert list(desk.failed()) == [f"links.txt{gone}"]
        assert [path.name for path in moved.iterdir()] == ["Clip.url"]

        (desk.inbox / "links.txt").write_text(f"{one}\n{two}\n")
        asked = len(web.requests)
        assert desk.once("--move", moved).code == 0
        assert set(web.requests[asked:]) == {"/two.mp4"}
        assert len(desk.reported()) == 3
        assert desk.failed() == {}
        assert not list(desk.inbox.iterdir())


def test_reported_files_are_moved_with_their_claims_and_a_new_one_of_that_name_is_new(
    desk: Desk,
) -> None:
    moved = desk.folder / "moved"
    for number, picture in ((1, "mandelbrot"), (2, "rgbtestsrc")):
        desk.put("a.mp4", picture)
        desk.claim("a.claim.json", text=f"Number {number}")
        assert desk.once("--move", moved).code == 0
    assert not list(desk.inbox.iterdir())
    assert sorted(path.name for path in moved.iterdir()) == [
        *("a.2.claim.json", "a.2.mp4", "a.claim.json", "a.mp4")
    ]
    assert desk.report("a.mp4")["claim"]["text"] == "Number 1"
    assert desk.report("a.mp4.2")["claim"]["text"] == "Number 2"


def test_what_was_killed_between_report_and_move_is_moved_later(desk: Desk) -> None:
    desk.put("a.mp4")
    desk.once()
    done = desk.once("--move", desk.folder / "moved")
    assert done.out == ""
    assert (desk.folder / "moved" / "a.mp4").exists()
    assert not list(desk.inbox.iterdir())


def test_a_growing_file_is_left_for_next_time(desk: Desk) -> None:
    desk.put("a.mp4")
    with (desk.inbox / "b.mp4").open("wb") as file:
        file.write(b"half")
        file.flush()
        if not is_being_written(desk.inbox / "b.mp4"):
            pytest.skip("this file system grants no leases")
        done = desk.once()
    assert done.code == 0
    assert "b.mp4: not complete yet" in done.err
    assert desk.reported() == ["a.mp4"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_list_that_may_not_be_read_stops_nothing_and_is_read_when_it_may_be(desk: Desk) -> None:
    desk.put("a.mp4")
    (desk.inbox / "links.txt").write_text("nothing")
    (desk.inbox / "links.txt").chmod(0)
    assert desk.once().code == 11
    assert desk.reported() == ["a.mp4"]
    assert "links.txt cannot be read: Permission denied" in desk.failed()["links.txt"]
    (desk.inbox / "links.txt").chmod(0o644)
    desk.once()
    assert "line 1: 'nothing' is no address" in desk.failed()["links.txt"]


@pytest.mark.slow
def test_once_does_not_wait_for_a_folder_that_is_away(
    desk: Desk, started: Callable[..., subprocess.Popen[bytes]]
) -> None:
    desk.put("a.mp4")
    process = started("--once", "--settle", "20")
    wait_for((desk.reports / "status.json").exists, process)
    shutil.rmtree(desk.inbox)
    _, err = process.communicate()
    assert process.returncode == 2
    assert b"inbox cannot be read: No such file" in err


def test_subfolders_keep_their_names_among_the_reports(desk: Desk) -> None:
    for name in ("a.mp4", "one/a.mp4"):
        desk.put(name)
    desk.once("--recursive", "--jobs", "2")
    assert desk.reported() == ["a.mp4", "one/a.mp4"]


@pytest.mark.slow
def test_a_name_that_is_no_utf_8_is_reported(desk: Desk) -> None:
    desk.put(os.fsdecode(b"caf\xe9.mp4"))
    assert desk.once().code == 0
    assert len(desk.reported()) == 1


@pytest.mark.parametrize(
    "options", [(), pytest.param(("--poll=0.3",), marks=pytest.mark.slow)], ids=["told", "polling"]
)
def test_a_clip_that_arrives_is_reported_and_being_told_to_end_is_no_failure(
    desk: Desk, started: Callable[..., subprocess.Popen[bytes]], options: tuple[str, ...]
) -> None:
    process = started(*options)
    wait_for((desk.reports / "status.json").exists, process)
    assert desk.status()["state"] == "watching"
    unfinished = desk.put("clip.mp4.part")
    time.sleep(0.5)
    unfinished.rename(desk.inbox / "clip.mp4")
    (desk.inbox / "broken.mp4").write_bytes(b"no clip")
    # A report is written a moment before it counts, and is written anew where that moment is lost.
    journal = Archive.open(desk.folder / "archive").journal(desk.inbox.resolve())
    ended = {"waiting": 0, "working": 0, "done": 1, "bad": 1}
    wait_for(lambda: journal.counts() == ended, process)
    process.send_signal(signal.SIGTERM)
    out, err = process.communicate()
    assert process.returncode == 0
    assert desk.reported() == ["clip.mp4"]
    assert list(desk.failed()) == ["broken.mp4"]
    assert b"clip.mp4" in out
    assert b"Reported 1: 1 no match, 1 failed." in err
    assert b"Traceback" not in err
    assert desk.status()["state"] == "ended"


def test_ctrl_c_amid_a_check_loses_nothing_and_calls_nothing_bad(
    desk: Desk, started: Callable[..., subprocess.Popen[bytes]]
) -> None:
    for number in range(3):
        desk.put(f"{number}.mp4")
    process = started("--jobs", "2")
    journal = Archive.open(desk.folder / "archive").journal(desk.inbox.resolve())
    wait_for(lambda: journal.counts()["working"] == 2, process)
    process.send_signal(signal.SIGINT)
    time.sleep(0.01)
    process.send_signal(signal.SIGINT)  # a person who is impatient
    _, err = process.communicate()
    assert process.returncode == 130
    assert b"Reported 0: 0 failed." in err
    assert b"wait for their turn" in err
    assert b"Traceback" not in err
    assert journal.counts() == {"waiting": 3, "working": 0, "done": 0, "bad": 0}
    assert desk.failed() == {}


@pytest.mark.slow
def test_two_watchers_share_one_folder(
    desk: Desk, started: Callable[..., subprocess.Popen[bytes]]
) -> None:
    for number in range(6):
        desk.put(f"{number}.mp4")
    said = b"".join(
        process.communicate()[0]
        for process in [started("--once", "--status", desk.folder / f"{n}.json") for n in "ab"]
    )
    lines = sorted(line.split()[1] for line in said.splitlines())
    assert lines == [f"{number}.mp4".encode() for number in range(6)]
    states = [json.loads((desk.folder / f"{n}.json").read_text())["reported"] for n in "ab"]
    assert sum(states) == 6


def test_a_killed_watcher_leaves_its_clip_to_the_next(
    desk: Desk, started: Callable[..., subprocess.Popen[bytes]]
) -> None:
    desk.put("a.mp4")
    process = started()
    journal = Archive.open(desk.folder / "archive").journal(desk.inbox.resolve())
    wait_for(lambda: journal.counts()["working"], process)
    process.kill()
    process.wait()
    assert journal.counts()["working"] == 1
    assert desk.once().code == 0
    assert desk.reported() == ["a.mp4"]


def test_without_an_archive_nothing_is_checked(desk: Desk) -> None:
    shutil.rmtree(desk.folder / "archive")
    desk.put("a.mp4")
    done = desk.once()
    assert done.code == 5
    assert "There is no archive" in done.err
    assert desk.reported() == []
    assert desk.failed() == {}


def test_trouble_with_the_archive_is_no_fault_of_a_clip(
    desk: Desk, started: Callable[..., subprocess.Popen[bytes]]
) -> None:
    process = started()
    wait_for((desk.reports / "status.json").exists, process)
    for file in (desk.folder / "archive" / "index").iterdir():
        file.rename(file.with_suffix(".away"))
    desk.put("a.mp4")
    _, err = process.communicate()
    assert process.returncode == 5, err
    assert b"Traceback" not in err
    assert desk.reported() == []
    assert desk.failed() == {}
    for file in (desk.folder / "archive" / "index").iterdir():
        file.rename(file.with_suffix(".lists"))
    assert desk.once().code == 0
    assert desk.reported() == ["a.mp4"]


@pytest.mark.slow
def test_without_ffmpeg_no_clip_is_called_bad(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.put("a.mp4")
    with monkeypatch.context() as patch:
        patch.setenv("PROVENANCE_FFMPEG", "/nowhere/ffmpeg")
        assert desk.once().code == 70
    assert desk.failed() == {}
    assert desk.once().code == 0
    assert desk.reported() == ["a.mp4"]


def test_a_fault_of_the_program_with_one_file_stops_no_other(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.put("strange.mp4")
    desk.put("usual.mp4", "rgbtestsrc")

    def broken(form: str) -> Any:
        def render(reports: Sequence[Report]) -> str:
            if "strange" in reports[0].source.location:
                raise KeyError("a field that nobody thought of")
            return renderer(form).render(reports)

        return SimpleNamespace(render=render)

    monkeypatch.setattr(handling, "renderer", broken)
    assert desk.once().code == 11
    assert desk.reported() == ["usual.mp4"]
    assert "a fault in the program (KeyError" in desk.failed()["strange.mp4"]


@pytest.mark.slow
def test_reports_that_cannot_be_written_lose_nothing(desk: Desk) -> None:
    desk.put("a.mp4")
    desk.reports.mkdir()
    (desk.reports / "a.mp4.report.html").symlink_to("/nowhere/at/all")  # a name that is taken
    assert desk.once().code == 0
    assert desk.reported() == ["a.mp4.2"]
    desk.put("sub/b.mp4", "rgbtestsrc")
    (desk.reports / "sub").write_text("a file where a folder is needed")
    desk.put("c.mp4")
    assert desk.once("--recursive").code == 11  # nor does it stop others
    assert "cannot be written" in desk.failed()["sub/b.mp4"]
    assert desk.reported() == ["a.mp4.2", "c.mp4"]
    (desk.reports / "sub").unlink()
    assert desk.once("--recursive", "--retry-failed").code == 0
    assert desk.reported() == ["a.mp4.2", "c.mp4", "sub/b.mp4"]
    (desk.inbox / "broken.mp4").write_bytes(b"no clip")
    (desk.reports / "failed.csv").mkdir()
    done = desk.once()
    assert done.code == 2
    assert "failed.csv cannot be written" in done.err
    (desk.reports / "failed.csv").rmdir()
    desk.once()
    assert list(desk.failed()) == ["broken.mp4"]


@pytest.mark.slow
def test_what_failed_is_tried_again_when_that_is_wanted(desk: Desk) -> None:
    with web_server() as web:
        url = web.status("/clip.mp4", 404)
        (desk.inbox / "link.txt").write_text(url)
        (desk.inbox / "prose.txt").write_text("See you tomorrow")
        desk.put("unclear.mp4")
        desk.claim("unclear.claim.json", date="soon")
        assert desk.once().code == 11
        web.file("/clip.mp4", (desk.known / "mandelbrot.mp4").read_bytes())
        assert desk.once().code == 0
        assert desk.reported() == []
        assert desk.once("--retry-failed").code == 11
    assert len(desk.reported()) == 1
    assert sorted(desk.failed()) == ["prose.txt", "unclear.mp4"]
    assert desk.status()["counts"]["bad"] == 2


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda desk: desk.inbox.rmdir(), "There is no folder"),
        (lambda desk: desk.reports.write_text("a file"), "cannot be made"),
        (lambda desk: desk.reports.symlink_to(desk.inbox), "the watched folder itself"),
        (lambda desk: ("--move", desk.inbox), "the watched folder itself"),
        (lambda desk: ("--status", desk.inbox / "state.json"), "in the watched folder"),
        (
            lambda desk: ("--recursive", "--status", desk.inbox / "sub" / "state.json"),
            "in the watched folder",
        ),
    ],
)
def test_folders_that_make_no_sense_are_refused(
    desk: Desk, change: Callable[[Desk], object], said: str
) -> None:
    options = change(desk)
    done = desk.once(*options if isinstance(options, tuple) else ())
    assert done.code == 2
    assert said in done.err
    assert "Reported" not in done.err


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize(("seed", "watchers"), [(11, 1), (12, 2)])
def test_every_file_is_reported_once_whenever_the_watcher_is_killed(
    seed: int, watchers: int
) -> None:
    _, outcome = kill_watch.run(seed, files=12, kills=8, watchers=watchers, longest=4.0)
    assert outcome.wrong == []


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_memory_does_not_grow_with_the_files_that_were_handled(tmp_path: Path) -> None:
    names = bench_watch.fill(tmp_path / "inbox", 60, seed=3)
    readings = list(bench_watch.handle(tmp_path / "inbox", tmp_path))
    assert [one.name for one in readings] == names
    _, early = bench_watch.around(readings, 25)
    _, late = bench_watch.around(readings, 50)
    assert late - early < 10.0


def test_a_link_that_fails_for_a_reason_that_may_pass_is_tried_again_and_reported(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PROVENANCE_DOWNLOAD_RETRIES", "0")
    monkeypatch.setattr(handling, "PAUSES", (3600.0,))
    with web_server() as web:
        clip = (desk.known / "mandelbrot.mp4").read_bytes()
        url = web.failing("/clip.mp4", clip, status=503, times=1)
        (desk.inbox / "links.txt").write_text(f"{url}\n")
        desk.put("other.mp4")
        first = desk.once()
        assert (first.code, desk.reported(), desk.failed()) == (0, ["other.mp4"], {})
        assert "HTTP 503" in first.err and "tried again later" in first.err
        assert desk.status()["counts"]["postponed"] == 1
        [told] = desk.status()["postponed"]
        assert told["file"] == f"links.txt: {url}" and "HTTP 503" in told["message"]
        asked = len(web.requests)
        again = desk.once()  # it is not due yet, and its reason is still told
        assert (again.code, len(web.requests)) == (0, asked) and "HTTP 503" in again.err
        assert desk.once("--retry-failed").code == 0
        assert len(desk.reported()) == 2
        assert (desk.status()["counts"]["postponed"], desk.status()["postponed"]) == (0, [])


def test_the_password_in_a_link_opens_it_and_is_told_nowhere(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PROVENANCE_DOWNLOAD_RETRIES", "0")
    with web_server() as web:
        urls = [
            web.file("/good.mp4", (desk.known / "mandelbrot.mp4").read_bytes()),
            web.status("/down.mp4", 503),
            web.status("/gone.mp4", 404),
        ]
        lines = [url.replace("://", "://me:secret@") for url in urls]
        (desk.inbox / "links.txt").write_text("\n".join([*lines, "ftp://me:secret@h/a"]))
        called = desk.once()
        assert called.code == 11
        assert len(desk.reported()) == desk.status()["counts"]["postponed"] == 1
        assert set(desk.failed()) == {f"links.txt{urls[2]}", "links.txt"}
        told = [path.name + path.read_text() for path in desk.reports.iterdir()]
        assert "secret" not in "".join([called.out, called.err, *told])


def test_without_a_place_for_temporary_files_no_link_is_called_bad(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    with web_server() as web:
        url = web.file("/clip.mp4", (desk.known / "mandelbrot.mp4").read_bytes())
        (desk.inbox / "links.txt").write_text(f"{url}\n")
        with monkeypatch.context() as without:
            without.setattr(tempfile, "tempdir", str(desk.folder / "gone"))
            called = desk.once()
            assert called.code == 70 and "TMPDIR" in called.err
            assert (desk.reported(), desk.failed()) == ([], {})
        assert desk.once().code == 0
        assert len(desk.reported()) == 1


def test_a_link_that_keeps_failing_is_given_up_with_its_reason_after_some_tries(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PROVENANCE_DOWNLOAD_RETRIES", "0")
    monkeypatch.setattr(handling, "PAUSES", (3600.0, 3600.0))
    with web_server() as web:
        url = web.status("/down.mp4", 503)
        (desk.inbox / "links.txt").write_text(f"{url}\n")
        for tries in (1, 2, 3):
            assert desk.failed() == {}
            assert desk.once("--retry-failed").code == (0 if tries < 3 else 11)
            assert len(web.requests) == tries
        assert "HTTP 503" in desk.failed()[f"links.txt{url}"]
        assert desk.status()["postponed"] == []
        assert desk.once().code == 0
        assert len(web.requests) == 3


def test_a_watcher_that_goes_on_tries_by_itself_what_is_due(
    desk: Desk, started: Callable[..., subprocess.Popen[bytes]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PROVENANCE_DOWNLOAD_RETRIES", "0")
    with web_server() as web:
        clip = (desk.known / "mandelbrot.mp4").read_bytes()
        url = web.failing("/clip.mp4", clip, status=503, times=1)
        (desk.inbox / "links.txt").write_text(f"{url}\n")
        running = started()
        with Archive.open(desk.folder / "archive") as archive:
            journal = archive.journal(desk.inbox.resolve())
            wait_for(journal.postponed, running)
            [job] = journal.postponed()
            assert 200 < job.due - time.time() <= 300
            desk.put("other.mp4")
            wait_for(lambda: desk.reported() == ["other.mp4"], running)
            journal.forget_failed()  # as if the time had come
        wait_for(lambda: len(desk.reported()) == 2, running)
        assert desk.failed() == {}

"""Adding many sources: in their order, several at a time, and nothing lost that was reported."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
from collections.abc import Callable
from pathlib import Path

import pytest
from clip_maker import H264, ffmpeg, painted
from command_line import call, make_clip, start
from web import web_server

from provenance.archive import Archive, Outcome
from provenance.archive.learn import Learner
from provenance.crew import Crew
from provenance.errors import InterruptedWorkError, MediaError, ToolError, UsageError
from provenance.process import run
from provenance.settings import Settings

LONG_SLEEP = f"617.{os.getpid()}"
"""Seconds that nobody else sleeps, another run of the tests on this machine among them."""
PICTURES = ("testsrc2", "testsrc", "smptebars", "rgbtestsrc", "mandelbrot", "yuvtestsrc")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twelve clips; the first by name takes longest, one in the middle is none."""
    folder = tmp_path_factory.mktemp("many")
    for number in range(12):
        picture = PICTURES[number % len(PICTURES)]
        make_clip(folder / f"{number:02d}.mp4", picture, 12.0 if not number else 1 + number / 10)
    (folder / "05.mp4").write_text("This is no film.")
    return folder


def named(outcomes: list[Outcome]) -> list[str]:
    return [Path(outcome.source).stem for outcome in outcomes]


def test_outcomes_come_in_the_order_of_the_sources(folder: Path, tmp_path: Path) -> None:
    with Archive.open(tmp_path, settings=Settings()) as archive:
        outcomes = list(archive.add_all([folder], jobs=3, published="2020"))
        assert named(outcomes) == [f"{number:02d}" for number in range(12)]
        added = [outcome.added for outcome in outcomes if outcome.added]
        assert [one.footage.id for one in added] == list(range(1, 12))
        assert all(one.new for one in added)
        (bad,) = [outcome for outcome in outcomes if outcome.error]
        assert bad.source == str(folder / "05.mp4")
        assert isinstance(bad.error, MediaError)
        assert archive.check_soundness() == []


def test_what_is_given_back_is_on_disk_already(folder: Path, tmp_path: Path) -> None:
    with Archive.open(tmp_path, settings=Settings()) as archive:
        for outcome in archive.add_all([folder]):
            if outcome.added:
                with Archive.open(tmp_path, settings=Settings()) as other:
                    assert other.footage(outcome.added.footage.id).location == outcome.source


def test_the_same_bytes_twice_in_one_call_are_new_once(folder: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.mp4"
    shutil.copy(folder / "01.mp4", copy)
    with Archive.open(tmp_path / "archive", settings=Settings()) as archive:
        sources = [folder / "01.mp4", copy, folder / "01.mp4"]
        outcomes = list(archive.add_all(sources, published="2020", jobs=3))
        assert [outcome.added and outcome.added.new for outcome in outcomes] == [True, False, False]
        assert archive.state().footages == 1


def test_a_fault_with_one_source_stops_no_other_and_one_of_the_archive_stops_all(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    learn: Callable[..., object] = Learner.learn_or_list
    faults = {"01.mp4": ZeroDivisionError("ours")}

    def sometimes(learner: Learner, source: str, wanted: object) -> object:
        fault = faults.get(Path(source).name)
        if fault:
            raise fault
        return learn(learner, source, wanted)

    monkeypatch.setattr(Learner, "learn_or_list", sometimes)
    sources = [folder / name for name in ("01.mp4", "02.mp4", "03.mp4")]
    with Archive.open(tmp_path, settings=Settings()) as archive:
        first, *others = archive.add_all(sources)
        assert isinstance(first.error, ZeroDivisionError)
        assert all(other.added for other in others)
        faults["02.mp4"] = ToolError("No ffmpeg.")  # type: ignore[assignment]
        with pytest.raises(ToolError):
            list(archive.add_all(sources))


def test_a_sidecar_that_cannot_be_read_stops_no_other_file(folder: Path, tmp_path: Path) -> None:
    names = ("01.mp4", "02.mp4", "03.mp4")
    for name in names:
        shutil.copy(folder / name, tmp_path)
    (tmp_path / "02.info.json").write_text('{"title": ')  # as a download leaves it that was stopped
    with Archive.open(tmp_path / "archive", settings=Settings()) as archive:
        first, second, third = archive.add_all([tmp_path / name for name in names])
        assert first.added
        assert third.added
        assert isinstance(second.error, UsageError)
        assert "02.info.json cannot be read" in second.error.message


def test_a_date_that_is_none_or_one_address_for_several_is_said_before_any_work(
    folder: Path, tmp_path: Path
) -> None:
    with Archive.open(tmp_path / "archive", settings=Settings()) as archive:
        with pytest.raises(UsageError, match="not a date"):
            archive.add_all([folder], published="soon")
        with pytest.raises(UsageError, match="12 sources"):
            archive.add_all([folder], url="https://example.org/1")
        assert not archive.exists


def test_an_addition_that_was_killed_loses_nothing_it_reported_and_goes_on(
    folder: Path, tmp_path: Path
) -> None:
    process = start("add", folder, "--archive", tmp_path, "--jobs", "2")
    assert process.stdout
    reported = [process.stdout.readline().decode() for _ in range(2)]
    process.kill()
    reported += process.stdout.read().decode().splitlines()
    process.wait(30)
    kept = {int(line.split()[0]) for line in reported if line.strip()}
    with Archive.open(tmp_path, settings=Settings()) as archive:
        assert kept <= {footage.id for footage in archive.footages()}

    again = call("add", folder, "--archive", tmp_path)
    assert again.code == 11
    states = {line.split()[-1]: line.split()[1] for line in again.out.splitlines()}
    assert sorted(states) == [f"{n:02d}.mp4" for n in range(12) if n != 5]
    assert set(states.values()) <= {"new", "known"}
    assert list(states.values()).count("known") >= len(kept)
    with Archive.open(tmp_path, settings=Settings()) as archive:
        archive.repair()  # what the killed process was writing
        assert archive.state().footages == 11
        assert archive.check_soundness() == []


def test_ctrl_c_ends_the_children_and_keeps_what_was_reported(tmp_path: Path) -> None:
    """A film that takes minutes to learn stands behind a short one."""
    short = make_clip(tmp_path / "a.mp4")
    long = tmp_path / "b.mp4"
    part = tmp_path / "part.mp4"  # with one keyframe, so that all is decoded
    painted(part, "color=gray:size=1280x720:rate=25", *H264, "-g", "9999", seconds=30)
    ffmpeg("-stream_loop", "200", "-i", part, "-c", "copy", long)
    process = start("add", short, long, "--archive", tmp_path / "archive")
    assert process.stdout
    assert process.stdout.readline().split()[1] == b"new"
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert b"Interrupted" in err
    assert not _running(str(long))
    with Archive.open(tmp_path / "archive", settings=Settings()) as archive:
        assert [footage.location for footage in archive.footages()] == [str(short)]


def test_entries_of_an_address_and_files_keep_their_order(folder: Path, tmp_path: Path) -> None:
    with web_server() as web:
        url = web.file("/film.mp4", (folder / "02.mp4").read_bytes())
        missing = f"{url}-gone"
        called = call("add", missing, url, folder / "03.mp4", "--json", "--archive", tmp_path)
    assert called.code == 11
    assert [result["source"] for result in called.json] == [missing, url, str(folder / "03.mp4")]
    assert [bool(result["error"]) for result in called.json] == [True, False, False]


def test_a_crew_that_fails_waits_for_no_child() -> None:
    """Else this would take ten minutes."""
    with pytest.raises(ZeroDivisionError), Crew(2) as crew:
        inner = crew.submit(_within_another_crew)
        waiting = crew.submit(run, ["sleep", f"{LONG_SLEEP}1"])
        while not (_running(f"sleep {LONG_SLEEP}1") and _running(f"sleep {LONG_SLEEP}2")):
            assert not waiting.done()
        raise ZeroDivisionError
    assert inner.done()
    assert waiting.done()
    assert not _running(f"sleep {LONG_SLEEP}")


def test_a_crew_that_has_ended_starts_no_child() -> None:
    with Crew(1) as crew:
        crew.end()
        with pytest.raises(InterruptedWorkError):
            crew.submit(run, ["sleep", "600"]).result()


def _within_another_crew() -> int:
    with Crew(1) as crew:
        return crew.submit(run, ["sleep", f"{LONG_SLEEP}2"]).result().returncode


def _running(words: str) -> bool:
    """Whether a program with these words on its command line is running."""
    lines = []
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):  # it has ended
            lines.append((process / "cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8"))
    return any(re.search(words, line) for line in lines)


@pytest.mark.parametrize("profile", ["compact", "standard", "thorough"])
def test_a_profile_says_how_much_is_kept(profile: str, folder: Path, tmp_path: Path) -> None:
    called = call("add", folder / "04.mp4", "--profile", profile, "--archive", tmp_path)
    assert called.code == 0
    with Archive.open(tmp_path, settings=Settings()) as archive:
        known = archive.fingerprint(1)
    most = {"compact": 60, "standard": 100, "thorough": 300}[profile]
    assert len(known.points) <= most * len(known.times)


def test_an_unknown_profile_is_a_usage_error(folder: Path, tmp_path: Path) -> None:
    called = call("add", folder / "04.mp4", "--profile", "huge", "--archive", tmp_path / "a")
    assert called.code == 2
    assert "huge" in called.err
    assert not (tmp_path / "a").exists()

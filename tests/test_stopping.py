"""A caller can stop work at any moment, and nothing of it stays: no child, no thread, no file."""

from __future__ import annotations

import contextlib
import shutil
import sqlite3
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from archive_factory import store
from leftovers import children, nothing_left
from web import web_server

from provenance import Archive, Callback, InterruptedWorkError, ProgressEvent, check
from provenance.archive.faiss_index import FaissIndex
from provenance.crew import Crew, checkpoint
from provenance.linking import link_new
from provenance.process import Child, run
from provenance.settings import load_settings
from provenance.stopping import stoppable

LONG = 120.0
"""Seconds that nothing here takes by far unless it is not stopped at all; no measure of speed."""


class Stop:
    """Answers True from the moment on that `when` does, and remembers when that was."""

    def __init__(self, when: Callable[[], bool]) -> None:
        self._when = when
        self.asked = 0
        self.since: float | None = None

    def __call__(self) -> bool:
        self.asked += 1
        if self.since is None and self._when():
            self.since = time.monotonic()
        return self.since is not None


def after(seconds: float) -> Stop:
    begun = time.monotonic()
    return Stop(lambda: time.monotonic() - begun >= seconds)


@pytest.fixture
def archive(sample_archive: Archive, tmp_path: Path) -> Iterator[Archive]:
    """A copy of the sample archive that may be written."""
    shutil.copytree(sample_archive.location, tmp_path / "archive")
    with Archive.open(tmp_path / "archive") as copy:
        yield copy


def test_a_check_stops_whatever_it_is_busy_with(
    archive: Archive, samples: Path, tmp_path: Path
) -> None:
    moments: list[Callable[[ProgressEvent], bool]] = [
        lambda event: event.description.startswith("fingerprinting"),
        lambda event: event.description.startswith("fingerprinting") and event.done > 3,
        lambda event: event.description.startswith("looking up"),
        lambda event: event.description.startswith("looking up") and event.finished,
    ]
    for reached in moments:
        stop = threading.Event()

        def see(event: ProgressEvent, stop: threading.Event = stop) -> None:
            if reached(event):  # noqa: B023 - called within this turn of the loop
                stop.set()

        with nothing_left(tmp_path), pytest.raises(InterruptedWorkError):
            for _ in range(100):  # of the last moment little is left, and may be done by then
                check(
                    samples / "checks/reused.mp4",
                    archive=archive,
                    progress=Callback(see, stop.is_set),
                )
    assert archive.check_soundness() == []


def test_an_addition_that_is_stopped_adds_nothing(
    archive: Archive, samples: Path, tmp_path: Path
) -> None:
    for seconds in (0.0, 0.1, 0.3):
        stop = after(seconds)
        with nothing_left(tmp_path), pytest.raises(InterruptedWorkError):
            for _ in range(100):
                added = archive.add(
                    samples / "checks/unrelated.mp4", progress=Callback(cancelled=stop)
                )
                archive.remove(added.footage.id)
    assert len(list(archive.footages())) == 4
    assert archive.check_soundness() == []


def test_an_addition_that_is_kept_already_is_not_called_stopped(
    samples: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stop = threading.Event()

    def tidy(index: FaissIndex) -> None:
        stop.set()  # what was added is on the disk, and its index is about to be merged
        with contextlib.suppress(InterruptedWorkError):
            while True:
                checkpoint()
        merge(index)

    merge = FaissIndex.tidy
    with Archive.open(tmp_path / "new") as archive:
        for number in range(3):
            store(archive, number)
        monkeypatch.setattr(FaissIndex, "tidy", tidy)
        added = archive.add(
            samples / "checks/unrelated.mp4", progress=Callback(cancelled=stop.is_set)
        )
        assert added.new
        assert archive.footage(added.footage.id) == added.footage
        assert archive.check_soundness() == []


def test_many_additions_stop_and_what_was_given_back_stands(samples: Path, tmp_path: Path) -> None:
    files = [samples / "checks/unrelated.mp4", samples / "footage/square.mp4"]
    done: list[str] = []
    stop = Stop(lambda: bool(done))
    with Archive.open(tmp_path / "new") as archive:
        with nothing_left(tmp_path), pytest.raises(InterruptedWorkError):
            for _ in range(100):
                for outcome in archive.add_all(files, jobs=1, progress=Callback(cancelled=stop)):
                    done.append(outcome.source)
                    time.sleep(0.5)  # the caller is busy with it, and changes their mind
                    assert outcome.added
        assert archive.check_soundness() == []
        known = {footage.location for footage in archive.footages()}
    assert set(done) <= known


def test_comparing_new_footage_can_be_stopped(archive: Archive, samples: Path) -> None:
    archive.add(samples / "checks/unrelated.mp4")
    with pytest.raises(InterruptedWorkError):
        list(link_new(archive, progress=Callback(cancelled=lambda: True)))
    assert archive.links.waiting()


def test_a_download_stops_while_the_site_says_nothing(archive: Archive, tmp_path: Path) -> None:
    begun = time.monotonic()
    with nothing_left(tmp_path), web_server() as web:
        url = web.stalling("/clip.mp4", b"\0" * 5000, after=1000)
        progress = Callback(cancelled=Stop(lambda: bool(web.requests)))
        settings = load_settings({"download_stall": 600.0})
        with pytest.raises(InterruptedWorkError):
            check(url, archive=archive, settings=settings, progress=progress)
    assert time.monotonic() - begun < LONG


def test_waiting_for_another_writer_can_be_stopped(
    archive: Archive, samples: Path, tmp_path: Path
) -> None:
    other = sqlite3.connect(Path(archive.location) / "catalogue.sqlite", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    learned = threading.Event()

    def see(event: ProgressEvent) -> None:
        if event.finished:
            learned.set()

    try:
        with nothing_left(tmp_path), pytest.raises(InterruptedWorkError):
            archive.add(
                samples / "checks/unrelated.mp4",
                progress=Callback(see, Stop(lambda: learned.wait(0.01))),
            )
    finally:
        other.execute("ROLLBACK")
        other.close()
    assert archive.add(samples / "checks/unrelated.mp4").new


def test_waiting_for_another_thread_can_be_stopped(archive: Archive, samples: Path) -> None:
    with archive._catalogue().database.write(), pytest.raises(InterruptedWorkError):
        failures: list[BaseException] = []

        def work() -> None:
            try:
                check(samples / "checks/reused.mp4", archive=archive, progress=progress)
            except BaseException as error:
                failures.append(error)

        progress = Callback(cancelled=after(0.3))
        thread = threading.Thread(target=work)
        thread.start()
        thread.join(LONG)
        raise failures[0]


def test_children_of_the_calling_thread_end_at_once(tmp_path: Path) -> None:
    progress = Callback(cancelled=lambda: bool(children()))
    with nothing_left(tmp_path), pytest.raises(InterruptedWorkError), stoppable(progress):
        run(["sleep", "600"])


def test_a_computation_stops_at_its_next_checkpoint() -> None:
    with pytest.raises(InterruptedWorkError), stoppable(Callback(cancelled=after(0.1))):
        while True:
            checkpoint()


def test_a_fault_of_the_callers_own_function_ends_the_work_and_reaches_them(
    archive: Archive, samples: Path, tmp_path: Path
) -> None:
    def confused() -> bool:
        raise ZeroDivisionError("of the caller")

    def surprised(event: ProgressEvent) -> None:
        if event.done:
            raise LookupError("of the caller")

    for fault, progress in (
        (ZeroDivisionError, Callback(cancelled=confused)),
        (LookupError, Callback(surprised)),
    ):
        with nothing_left(tmp_path), pytest.raises(fault, match="of the caller"):
            check(samples / "checks/reused.mp4", archive=archive, progress=progress)


def test_a_callback_hears_how_each_task_begins_goes_on_and_ends(
    archive: Archive, samples: Path
) -> None:
    heard: dict[str, list[ProgressEvent]] = {}
    check(
        samples / "checks/reused.mp4",
        archive=archive,
        progress=Callback(lambda event: heard.setdefault(event.description, []).append(event)),
    )
    frames = heard["fingerprinting reused.mp4"]
    assert (frames[0].done, frames[0].finished, frames[0].share) == (0.0, False, 0.0)
    shares = [event.share or 0.0 for event in frames]
    assert shares == sorted(shares)
    assert shares[-1] > 0.9
    assert all(events[-1].finished for events in heard.values())
    assert heard["looking up known footage"][0].share is None


def test_nothing_is_asked_once_the_work_is_done(archive: Archive, samples: Path) -> None:
    stop = Stop(lambda: False)
    check(samples / "checks/reused.mp4", archive=archive, progress=Callback(cancelled=stop))
    asked = stop.asked
    assert asked
    time.sleep(0.3)
    assert stop.asked == asked


def test_a_stopped_child_is_buried_though_its_reader_is_never_closed() -> None:
    before = children()
    with Crew(1) as crew:

        def first_line() -> object:
            child = Child(
                [sys.executable, "-c", "print(1, flush=True); import time; time.sleep(60)"]
            )
            child.__enter__()
            child.readline()
            return child  # nobody leaves its block

        held = crew.submit(first_line).result()
        crew.end()
        assert held
        assert children() == before

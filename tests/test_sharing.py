"""One archive, used by several threads and several processes at once."""

from __future__ import annotations

import contextlib
import copy
import multiprocessing
import os
import shutil
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.context import BaseContext
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from archive_factory import store

from provenance import Archive, ArchiveError, UnknownFootageError, check, check_all
from provenance.archive.segment_file import OpenSegment

PATIENCE = 60.0
"""Seconds after which a child is taken to hang, and killed."""


@pytest.fixture
def archive(sample_archive: Archive, tmp_path: Path) -> Iterator[Archive]:
    """A copy of the sample archive that may be written."""
    shutil.copytree(sample_archive.location, tmp_path / "archive")
    with Archive.open(tmp_path / "archive") as one:
        yield one


@pytest.fixture(params=["fork", "spawn"])
def processes(request: pytest.FixtureRequest) -> BaseContext:
    """A way to start processes."""
    return multiprocessing.get_context(request.param)


def test_eight_threads_check_add_edit_and_remove_at_once(archive: Archive, samples: Path) -> None:
    begin = threading.Barrier(8)
    (known,) = (f.id for f in archive.footages() if f.location.endswith("square.mp4"))

    def checking(_: int) -> None:
        begin.wait()
        report = check(samples / "checks/reused.mp4", archive=archive, pictures=False)
        assert [match.footage.id for match in report.matches if match.accepted] == [known]

    def learning(number: int) -> None:
        begin.wait()
        added = archive.add(samples / "checks/unrelated.mp4", title=f"By thread {number}")
        assert added.footage.title

    def changing(number: int) -> None:
        begin.wait()
        for turn in range(4):
            footage = store(archive, 100 * number + turn).footage
            archive.edit(footage.id, place=f"Place {number}")
            assert archive.footage(footage.id).appearances[0].place == f"Place {number}"
            assert archive.fingerprint(footage.id).pictures
            archive.remove(footage.id)
            with pytest.raises(UnknownFootageError):
                archive.footage(footage.id)

    work: list[Callable[[int], None]] = [*[checking] * 3, *[learning] * 2, *[changing] * 3]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda task: task[1](task[0]), enumerate(work)))
    assert archive.check_soundness() == []
    assert [len(footage.appearances) for footage in archive.footages()] == [1, 1, 1, 1, 2]


def test_one_thread_may_write_while_another_opens_the_index(archive: Archive) -> None:
    writing, opening, done = threading.Event(), threading.Event(), threading.Event()

    def write() -> None:
        with archive._catalogue().database.write():
            writing.set()
            opening.wait()
            assert archive.footage(1).id == 1
        done.set()

    def search() -> None:
        archive.search(np.zeros((1, 128), np.uint8))

    # Daemons: had they to wait for each other, they would do so for ever.
    threading.Thread(target=write, daemon=True).start()
    assert writing.wait(PATIENCE)
    searching = threading.Thread(target=search, daemon=True)
    searching.start()
    give_up = time.monotonic() + PATIENCE
    while not archive._lock.locked() and time.monotonic() < give_up:
        time.sleep(0.01)
    opening.set()
    assert done.wait(PATIENCE)
    searching.join(PATIENCE)
    assert not searching.is_alive()


def test_footage_that_is_removed_amid_a_check_costs_its_pictures_alone(
    archive: Archive, samples: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def too_late(self: Archive, footage_id: int, seconds: Sequence[float]) -> object:
        with contextlib.suppress(UnknownFootageError):
            self.remove(footage_id)
        return thumbnails(self, footage_id, seconds)

    thumbnails = Archive.thumbnails
    monkeypatch.setattr(Archive, "thumbnails", too_late)
    (report,) = check_all([samples / "checks/reused.mp4"], archive=archive)
    assert report.verdict
    assert report.verdict.label == "known_footage"
    (shown,) = ([known for _, known in one.pairs] for one in report.pictures)
    assert shown == [None] * 3


def add_and_check(archive: Archive, clip: Path, inbox: Path) -> None:
    """In another process: what it was given works, and what it finds is noted."""
    added = archive.add(clip, title="By the child")
    report = check(clip, archive=archive, pictures=False)
    assert report.matches[0].footage.id == added.footage.id
    (inbox / f"{os.getpid()}").write_text(str(added.footage.id))
    archive.close()


@pytest.mark.slow
def test_processes_add_while_another_checks(
    archive: Archive, samples: Path, tmp_path: Path, processes: BaseContext
) -> None:
    clip, inbox = samples / "checks/unrelated.mp4", tmp_path / "inbox"
    inbox.mkdir()
    assert check(clip, archive=archive, pictures=False).matches == ()  # all is open in the parent
    children = [
        processes.Process(target=add_and_check, args=(archive, clip, inbox))  # type: ignore[attr-defined]
        for _ in range(2)
    ]
    give_up = time.monotonic() + PATIENCE
    for child in children:
        child.start()
    while any(child.is_alive() for child in children):
        report = check(samples / "checks/reused.mp4", archive=archive, pictures=False)
        assert report.verdict
        assert report.verdict.label == "known_footage"
        if time.monotonic() > give_up:
            break
    assert [ended(child) for child in children] == [0, 0]
    assert {file.read_text() for file in inbox.iterdir()} == {"5"}
    assert [m.footage.title for m in check(clip, archive=archive).matches] == ["By the child"]
    assert archive.check_soundness() == []


def ended(child: BaseProcess, patience: float = PATIENCE) -> int | None:
    """The exit code of a child; killed where it hangs."""
    child.join(patience)
    if child.is_alive():
        child.kill()
        child.join()
    return child.exitcode


def in_a_fork(work: Callable[[], object]) -> int | None:
    """Do this in a forked child; its exit code."""
    child = multiprocessing.get_context("fork").Process(target=work)
    child.start()
    return ended(child)


def test_a_fork_waits_for_a_thread_that_writes(archive: Archive) -> None:
    writing, forked = threading.Event(), threading.Event()

    def write() -> None:
        with archive._catalogue().database.write():
            store_inside = archive._catalogue().database.execute
            store_inside("UPDATE footage SET title = 'new' WHERE id = 1")
            writing.set()
            assert not forked.wait(0.5)
            store_inside("UPDATE footage SET title = 'newer' WHERE id = 2")

    def look() -> None:
        assert [archive.footage(number).title for number in (1, 2)] == ["new", "newer"]
        store(archive, 7)

    thread = threading.Thread(target=write)
    thread.start()
    writing.wait()
    code = in_a_fork(look)
    forked.set()
    thread.join()
    assert code == 0
    assert len(list(archive.footages())) == 5
    assert archive.check_soundness() == []


def test_a_fork_needs_nothing_of_a_thread_that_searches(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    held, forked = threading.Event(), threading.Event()
    search = OpenSegment.search

    def slow(*given: Any) -> Any:
        held.set()
        forked.wait()
        return search(*given)

    monkeypatch.setattr(OpenSegment, "search", slow)
    with ThreadPoolExecutor(1) as pool:
        found = pool.submit(archive.search, np.zeros((1, 128), np.uint8))
        assert held.wait(60)
        code = in_a_fork(archive.state)
        forked.set()
        found.result(60)
    assert code == 0


def test_a_forked_child_holds_locks_of_its_own(archive: Archive) -> None:
    """With its parent's connection it would believe so and hold none: a third one could take the
    log away under its hands."""
    archive.state()

    def hold_and_look() -> None:
        database = archive._catalogue().database
        with database.read():
            database.row("SELECT count(*) FROM footage")
            third = sqlite3.connect(database.path, isolation_level=None)
            # A child without a lock of its own would not hinder this one from starting over.
            third.execute("UPDATE footage SET title = 'meanwhile'")
            busy, *_ = third.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            assert busy == 1

    assert in_a_fork(hold_and_look) == 0


def test_children_that_close_or_end_leave_the_parents_archive_usable(archive: Archive) -> None:
    store(archive, 1)
    for end in (archive.close, lambda: None, lambda: archive.remove(5)):
        assert in_a_fork(end) == 0
    assert len(list(archive.footages())) == 4
    store(archive, 2)
    assert archive.check_soundness() == []


def test_a_copy_of_an_archive_is_another_door_to_the_same_folder(
    archive: Archive, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    near = Archive.open("archive")
    other = copy.copy(near)
    monkeypatch.chdir("/")
    near.close()
    assert len(list(other.footages())) == 4
    other.close()


def test_closing_amid_the_work_of_another_thread_is_told_in_words(archive: Archive) -> None:
    database = archive._catalogue().database
    archive.close()
    with pytest.raises(ArchiveError, match="was closed while a thread was using it"):
        database.row("SELECT 1")
    assert len(list(archive.footages())) == 4  # the archive itself opens again


def test_threads_that_open_and_close_one_archive_lose_nothing(archive: Archive) -> None:
    end = time.monotonic() + 1.0
    refused = []

    def come_and_go(number: int) -> None:
        while time.monotonic() < end:
            try:
                assert len(list(archive.footages())) == 4
            except ArchiveError as error:
                refused.append(str(error))
            if number == 0:
                archive.close()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(come_and_go, range(4)))
    assert all("was closed while" in text for text in refused)
    assert archive.check_soundness() == []

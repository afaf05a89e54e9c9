"""What happens to an archive when processes meet, die, or find the disk full."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from archive_factory import indexed, make_fingerprint, store

from provenance.archive import Archive
from provenance.archive.catalogue import Catalogue
from provenance.archive.segment_file import SEGMENTS
from provenance.errors import ArchiveError, ArchiveFullError
from provenance.settings import Settings

BIG = b"x" * 10_000

spawn = multiprocessing.get_context("spawn")


def opened(folder: Path) -> Archive:
    return Archive.open(folder, settings=Settings())


def found(archive: Archive, seed: int, **size: int) -> set[int]:
    nearest = archive.search(indexed(make_fingerprint(seed, **size)), 1)
    ids, counts = np.unique(nearest.footage, return_counts=True)
    return {int(n) for n in ids[counts > 0.1 * len(nearest.footage)]}


def add_several(folder: Path, seeds: range) -> None:
    with opened(folder) as archive:
        for seed in seeds:
            store(archive, seed)


def read_until_removed(flag: Path, folder: Path, answers: Any) -> None:
    """Search all the time; every answer about footage 0 must be footage 0."""
    rounds, wrong = 0, []
    with opened(folder) as archive:
        if found(archive, 0) == {1}:
            answers.put("reading")
        while flag.exists() or not rounds:
            rounds += 1
            try:
                if found(archive, 0) != {1}:
                    wrong.append("lost footage 1")
                archive.state()
                list(archive.footages())
            except ArchiveError as error:
                wrong.append(str(error))
    answers.put((rounds, wrong))


def test_processes_add_at_once_while_another_reads(tmp_path: Path) -> None:
    folder, flag = tmp_path / "archive", tmp_path / "flag"
    with opened(folder) as archive:
        store(archive, 0)
    flag.touch()
    answers = spawn.Queue()
    reader = spawn.Process(target=read_until_removed, args=(flag, folder, answers))
    writers = [
        spawn.Process(target=add_several, args=(folder, seeds))
        # The last two add the same footage.
        for seeds in (range(1, 13), range(20, 32), range(20, 32))
    ]
    reader.start()
    assert answers.get(timeout=60) == "reading"  # else the writers might be done before it begins
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(60)
    flag.unlink()
    rounds, wrong = answers.get(timeout=60)
    reader.join(60)
    assert [writer.exitcode for writer in writers] == [0, 0, 0]
    assert wrong == []
    assert rounds > 1
    with opened(folder) as archive:
        assert archive.state().footages == 25
        assert archive.check_soundness() == []
        for footage in archive.footages():
            assert len(footage.appearances) == 1
            assert found(archive, int(Path(footage.location).stem)) == {footage.id}


def test_processes_may_create_the_archive_at_once(tmp_path: Path) -> None:
    folder = tmp_path / "archive"
    writers = [
        spawn.Process(target=add_several, args=(folder, range(n, n + 2))) for n in (0, 10, 20)
    ]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(60)
    assert [writer.exitcode for writer in writers] == [0, 0, 0]
    with opened(folder) as archive:
        assert archive.state().footages == 6
        assert archive.check_soundness() == []


def add_and_die(folder: Path) -> None:
    """Die as by `kill -9` when the index file is written and nothing is committed."""
    Catalogue.insert_appearance = lambda *_: os.kill(os.getpid(), signal.SIGKILL)  # type: ignore
    with opened(folder) as archive:
        store(archive, 1)


def test_a_killed_addition_leaves_a_sound_archive_and_one_leftover(tmp_path: Path) -> None:
    with opened(tmp_path) as archive:
        store(archive, 0)
    process = spawn.Process(target=add_and_die, args=(tmp_path,))
    process.start()
    process.join(60)
    assert process.exitcode == -signal.SIGKILL
    assert len(SEGMENTS.files(tmp_path / "index")) == 2

    with opened(tmp_path) as archive:
        assert archive.state().footages == 1
        assert found(archive, 0) == {1}
        (problem,) = archive.check_soundness()
        assert "interrupted addition" in problem
        (done,) = archive.repair()
        assert "Deleted" in done
        assert archive.check_soundness() == []
        assert store(archive, 1).new


class Interrupting:
    """A connection to the catalogue during one statement of which Ctrl-C is pressed: Python raises
    it when SQLite has done what it was told."""

    def __init__(self, connection: Any, statement: str) -> None:
        self._connection = connection
        self._statement = statement

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)

    def execute(self, sql: str, *values: Any) -> Any:
        result = self._connection.execute(sql, *values)
        if sql == self._statement:
            signal.raise_signal(signal.SIGINT)
        return result


@pytest.mark.parametrize(("statement", "stands"), [("COMMIT", True), ("BEGIN IMMEDIATE", False)])
def test_ctrl_c_leaves_an_addition_whole_or_undone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, statement: str, stands: bool
) -> None:
    with opened(tmp_path) as archive:
        store(archive, 0)
        database = archive._catalogue().database
        with monkeypatch.context() as patched:
            pressed = Interrupting(database._connection, statement)
            patched.setattr(database, "_connection", pressed)
            with pytest.raises(KeyboardInterrupt):
                store(archive, 1)
        assert archive.check_soundness() == []
        assert (found(archive, 1) == {2}) == stands
        with opened(tmp_path) as other:  # nobody is kept waiting
            assert store(other, 1).new != stands


def add_with_a_limit(folder: Path, limit: int, size: dict[str, int], answers: Any) -> None:
    """Add where no file may grow past `limit` bytes, as with a full disk or a quota."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
    try:
        with opened(folder) as archive:
            store(archive, 1, fingerprint=make_fingerprint(1, **size, picture=b"x" * 10_000))
        answers.put(None)
    except ArchiveError as error:
        answers.put((type(error).__name__, error.exit_code, error.message, error.hint))


@pytest.mark.parametrize(
    ("limit", "size"),
    [
        pytest.param(100_000, {"frames": 10, "features": 100}, id="writing the index file"),
        pytest.param(600_000, {"frames": 100, "features": 200}, id="writing the rows"),
        pytest.param(300_000, {"frames": 60, "features": 0}, id="committing"),
        pytest.param(20_000, {"frames": 2, "features": 2}, id="opening"),
    ],
)
def test_a_file_that_cannot_grow_undoes_the_addition(
    tmp_path: Path, limit: int, size: dict[str, int]
) -> None:
    with opened(tmp_path) as archive:
        store(archive, 0)
    answers = spawn.Queue()
    process = spawn.Process(target=add_with_a_limit, args=(tmp_path, limit, size, answers))
    process.start()
    kind, exit_code, message, hint = answers.get(timeout=60)
    process.join(60)
    assert (kind, exit_code) == ("ArchiveFullError", 5)
    assert str(tmp_path) in message
    assert "full" in message
    assert hint
    with opened(tmp_path) as archive:
        assert archive.check_soundness() == []
        assert [f.id for f in archive.footages()] == [1]
        assert found(archive, 0) == {1}
        assert store(archive, 1).new


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A real file system of 3 MiB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", str(folder)]
    try:
        mounted = subprocess.run(command, capture_output=True, check=False).returncode == 0
    except OSError:
        mounted = False
    if not mounted:
        pytest.skip("mounting a small disk needs root")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def test_a_full_disk_stops_additions_and_harms_nothing(small_disk: Path) -> None:
    folder = small_disk / "archive"
    size = {"frames": 10, "features": 60}
    stored = 0
    with opened(folder) as archive:
        with pytest.raises(ArchiveFullError, match="disk is full"):
            for seed in range(100):
                store(archive, seed, fingerprint=make_fingerprint(seed, **size))
                stored += 1
        assert stored > 2
        assert archive.check_soundness() == []
    with opened(folder) as archive:
        assert archive.state().footages == stored
        assert archive.check_soundness() == []
        for seed in range(stored):
            assert found(archive, seed, **size) == {seed + 1}


def test_where_room_is_wanting_to_shrink_the_catalogue_that_is_said(
    tmp_path: Path, small_disk: Path
) -> None:
    """SQLite makes its copy among temporary files, whose disk is another one."""
    with opened(tmp_path / "archive") as archive:
        for seed in range(4):
            store(archive, seed, fingerprint=make_fingerprint(seed, frames=120, picture=BIG))
        archive.remove(4)
    command = [sys.executable, "-m", "provenance", "compact", "--archive", tmp_path / "archive"]
    environment = {**os.environ, "TMPDIR": str(small_disk)}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 5
    assert "catalogue.sqlite cannot be made smaller" in done.stderr
    assert "TMPDIR" in done.stderr
    with opened(tmp_path / "archive") as archive:
        assert archive.check_soundness() == []
        assert [f.id for f in archive.footages()] == [1, 2, 3]


def remove_with_a_limit(folder: Path, footage_id: int, limit: int, answers: Any) -> None:
    """Remove where no file may be written past `limit` bytes: there is room in the log only."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
    try:
        with opened(folder) as archive:
            archive.remove(footage_id)
        answers.put(None)
    except ArchiveError as error:
        answers.put((type(error).__name__, error.exit_code, error.message))


def test_a_removal_that_cannot_empty_the_log_is_not_said_to_be_undone(tmp_path: Path) -> None:
    with opened(tmp_path) as archive:
        store(archive, 0, fingerprint=make_fingerprint(0, frames=40, picture=b"x" * 10_000))
        store(archive, 1)
    answers = spawn.Queue()
    process = spawn.Process(target=remove_with_a_limit, args=(tmp_path, 2, 300_000, answers))
    process.start()
    kind, exit_code, message = answers.get(timeout=60)
    process.join(60)
    assert (kind, exit_code) == ("ArchiveFullError", 5)
    assert "Footage 2 is removed, but the disk is full" in message
    with opened(tmp_path) as archive:
        assert [f.id for f in archive.footages()] == [1]
        assert archive.check_soundness() == []


def test_an_archive_cannot_be_created_on_a_full_disk(small_disk: Path) -> None:
    with contextlib.suppress(OSError), (small_disk / "ballast").open("wb", buffering=0) as ballast:
        while True:
            ballast.write(b"x" * 4096)
    with opened(small_disk / "archive") as archive:
        with pytest.raises(ArchiveFullError):
            store(archive, 0)
        (small_disk / "ballast").unlink()
        assert store(archive, 0).new
        assert archive.check_soundness() == []


def hold_a_reader(folder: Path, ready: Any, seconds: float) -> None:
    with opened(folder) as archive, archive._catalogue().database.read():
        archive.state()
        ready.set()
        time.sleep(seconds)


def test_removing_waits_for_a_reader_so_that_nothing_stays(tmp_path: Path) -> None:
    with opened(tmp_path) as archive:
        footage = store(archive, 0).footage
        ready = spawn.Event()
        reader = spawn.Process(target=hold_a_reader, args=(tmp_path, ready, 0.5))
        reader.start()
        assert ready.wait(60)
        archive.remove(footage.id)
        content = b"".join(p.read_bytes() for p in tmp_path.rglob("*") if p.is_file())
        reader.join(60)
    assert b"thumbnail 0 at" not in content

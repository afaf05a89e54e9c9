"""Scratch folders are gone when they are not needed any more, and not before."""

from __future__ import annotations

import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from command_line import ROOT, call, start
from web import web_server

from provenance.errors import NoScratchError
from provenance.locks import FOLDER, try_lock
from provenance.scratch import scratch_folder


@pytest.fixture
def parent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of temporary files, for this process and its children."""
    folder = tmp_path / "tmp"
    folder.mkdir()
    monkeypatch.setenv("TMPDIR", str(folder))
    monkeypatch.setattr(tempfile, "tempdir", None)
    return folder


def until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 120
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.02)


@contextmanager
def ended(process: subprocess.Popen[bytes]) -> Iterator[subprocess.Popen[bytes]]:
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def test_a_scratch_folder_is_gone_after_an_error() -> None:
    with pytest.raises(KeyboardInterrupt), scratch_folder() as folder:
        (folder / "sub").mkdir()
        (folder / "sub" / "file").write_bytes(b"x")
        raise KeyboardInterrupt
    assert not folder.exists()


def test_the_folder_of_a_download_that_was_killed_is_deleted_and_that_of_a_living_one_stays(
    parent: Path, tmp_path: Path
) -> None:
    archive = tmp_path / "archive"
    slow = b"\0" * 100_000
    with web_server() as one, web_server() as other, web_server() as third, ExitStack() as stack:
        killed = stack.enter_context(
            ended(start("add", one.dripping("/a.mp4", slow), "--archive", archive))
        )
        until(lambda: bool(one.requests))
        [left] = parent.iterdir()
        living = stack.enter_context(
            ended(start("add", other.dripping("/b.mp4", slow), "--archive", archive))
        )
        until(lambda: bool(other.requests))
        [stays] = set(parent.iterdir()) - {left}
        assert call("add", third.url("/c.mp4"), "--archive", archive).code == 3
        assert set(parent.iterdir()) == {left, stays}
        killed.send_signal(signal.SIGKILL)
        killed.wait()
        assert any(left.iterdir())
        assert call("add", third.url("/c.mp4"), "--archive", archive).code == 3
        assert list(parent.iterdir()) == [stays]
        assert any(stays.iterdir())
        assert living.poll() is None


def test_nothing_is_deleted_that_is_no_scratch_folder_of_a_dead_process(
    parent: Path, tmp_path: Path
) -> None:
    for name in ("provenance-abcdefgh", "provenance-archive.scratch", "other-abcdefgh.scratch"):
        (parent / name).mkdir()
    (parent / "provenance-12345678.scratch").touch()
    (tmp_path / "mine").mkdir()
    (parent / "provenance-abcd_fgh.scratch").symlink_to(tmp_path / "mine")
    before = set(parent.iterdir())
    with scratch_folder() as outer, scratch_folder() as inner:  # as threads have them
        assert set(parent.iterdir()) == {*before, outer, inner}
    assert set(parent.iterdir()) == before
    assert (tmp_path / "mine").is_dir()


def test_no_folder_is_swept_away_under_one_of_many_who_make_and_leave_them(parent: Path) -> None:
    code = (
        "import os; from provenance.scratch import scratch_folder\n"
        "for _ in range(150):\n"
        "    with scratch_folder() as folder:\n"
        "        (folder / 'file').touch(); os.sched_yield(); (folder / 'file').unlink()\n"
        "last = scratch_folder(); last.__enter__(); os._exit(0)  # as if killed"
    )
    many = [subprocess.Popen([sys.executable, "-c", code], cwd=ROOT) for _ in range(5)]
    assert [one.wait(timeout=120) for one in many] == [0] * 5
    assert any(parent.iterdir())
    with scratch_folder() as folder:
        assert list(parent.iterdir()) == [folder]


def test_a_folder_that_another_is_deleting_is_not_waited_for(
    parent: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fresh = tempfile.mkdtemp
    made: list[Path] = []

    with ExitStack() as elsewhere:

        def mkdtemp(**how: str) -> str:
            made.append(Path(fresh(**how)))
            if len(made) == 1:  # as if found by another, whose fork keeps it for longer
                assert elsewhere.enter_context(try_lock(made[0], FOLDER)) is not None
            return str(made[-1])

        monkeypatch.setattr(tempfile, "mkdtemp", mkdtemp)
        with scratch_folder() as folder:
            assert folder == made[1]


def test_that_there_is_no_place_for_temporary_files_is_told_and_is_no_fault_of_a_link(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "gone"))
    wrong = f"in {tmp_path}/gone: No such file"
    with pytest.raises(NoScratchError, match=wrong) as told, scratch_folder():
        pass
    assert "TMPDIR" in told.value.hint
    assert told.value.kind == "tool"  # which ends a watcher; its files wait

"""What work leaves behind in this process: children, threads, files in the scratch folder.

with nothing_left(tmp_path):
    check("clip.mp4", progress=progress)
"""

from __future__ import annotations

import contextlib
import os
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest


def children() -> list[str]:
    """The command lines of the processes that this one has started, those that are dead too."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):  # it has ended
            words = (process / "stat").read_text().rpartition(")")[2].split()
            if int(words[1]) == os.getpid():
                found.append((process / "cmdline").read_bytes().replace(b"\0", b" ").decode())
    return found


@contextlib.contextmanager
def nothing_left(folder: Path) -> Iterator[None]:
    """Fails where the block leaves a child, a thread, or a file in the scratch folder, which is in
    `folder` meanwhile."""
    scratch = folder / "scratch"
    scratch.mkdir(exist_ok=True)
    before, threads = children(), set(threading.enumerate())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tempfile, "tempdir", str(scratch))
        yield
    assert children() == before
    left = [thread for thread in threading.enumerate() if thread not in threads]
    for thread in left:
        thread.join(5)  # those of a server that was told to end
    assert [thread.name for thread in left if thread.is_alive()] == []
    assert list(scratch.iterdir()) == []

"""Locks that threads and processes share: a file or a folder, held by whoever has it open; the
kernel lets go of it when they end, however they end, and tells those in other containers too."""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path

_FILE = os.O_RDWR | os.O_CREAT
FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW
"""How to open a folder that is there; a link to one is none."""


@contextlib.contextmanager
def lock(path: Path) -> Iterator[None]:
    """Hold the lock; wait for it as long as it takes. For moments only.

    Raises:
        OSError: there is no such folder, or it cannot be written, or knows no locks.
    """
    with _opened(path, _FILE) as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


@contextlib.contextmanager
def try_lock(path: Path, opening: int = _FILE) -> Iterator[int | None]:
    """Hold the lock if nobody else does.

    Gives:
        the open file, to read and write; None where another holds it.

    Raises:
        OSError: as `lock`.
    """
    with _opened(path, opening) as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield None
            return
        yield handle


@contextlib.contextmanager
def _opened(path: Path, opening: int) -> Iterator[int]:
    handle = os.open(path, opening | os.O_CLOEXEC, 0o600)
    try:
        yield handle
    finally:
        os.close(handle)

"""New files of the index: whole and durable under their name, or not there at all."""

from __future__ import annotations

import contextlib
import hashlib
import os
import uuid
from collections.abc import Iterator
from io import BufferedRandom
from pathlib import Path


@contextlib.contextmanager
def new_file(folder: Path, ending: str) -> Iterator[tuple[BufferedRandom, str]]:
    """A file of a new name in a folder, which is made where it is not, and that name.

    It is written under a temporary name; when the block is left it is made durable and renamed. An
    error within the block leaves nothing behind.

    Raises:
        OSError: it cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{uuid.uuid4().hex}{ending}"
    unfinished = path.with_name(path.name + ".part")
    try:
        with unfinished.open("x+b") as file:
            yield file, path.name
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)
        _make_durable(folder)
    except BaseException:
        for leftover in (unfinished, path):
            with contextlib.suppress(OSError):
                leftover.unlink()
        raise


def sha256_of(path: Path) -> str:
    """SHA-256 of a file in hex. Raises OSError."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _make_durable(folder: Path) -> None:
    """Make a new name survive a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)

"""Files that are whole and durable under their name, or not there at all."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import re
import uuid
from collections.abc import Iterator
from io import BufferedRandom
from pathlib import Path

LEFTOVER = re.compile(r"\.[0-9a-f]{32}\.part")
"""The name of a file that was being written when the process was killed."""


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


def put_file(path: Path, data: bytes) -> None:
    """Write a file under its name, in the place of what has that name; its folder is there.

    A process that is killed leaves what was there before, and perhaps a `LEFTOVER`.

    Raises:
        OSError: it cannot be written; what was there before is still there.
    """
    unfinished = path.with_name(f".{uuid.uuid4().hex}.part")
    try:
        with unfinished.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)
        _make_durable(path.parent)
    except BaseException:
        with contextlib.suppress(OSError):
            unfinished.unlink()
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
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):  # some network shares cannot say so
            raise
    finally:
        os.close(handle)

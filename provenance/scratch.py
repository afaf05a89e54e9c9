"""Folders that are gone when they are not needed any more, also where their process is killed.

    with scratch_folder() as folder:
        ...

A folder is locked as long as its process lives; the next one that makes such a folder deletes those
that nobody holds any more. So no number of a process is asked for, which another may have by then,
and which says nothing in another container that shares the folder of temporary files.
"""

from __future__ import annotations

import contextlib
import errno
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from provenance.errors import NoScratchError
from provenance.locks import FOLDER, try_lock

_NO_LOCKS = {
    *(errno.EBADF, errno.EINVAL, errno.ENOLCK),
    *(errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP),
}
"""What file systems say that know no locks, or (NFS) none of folders."""
_PREFIX, _SUFFIX = "provenance-", ".scratch"
_NAME = re.compile(rf"{_PREFIX}[a-z0-9_]{{8}}{re.escape(_SUFFIX)}")


@contextlib.contextmanager
def scratch_folder() -> Iterator[Path]:
    """A folder of our own that is gone when the block is left, whatever happened in it.

    Raises:
        NoScratchError: none can be made.
    """
    with contextlib.ExitStack() as held:
        try:
            _sweep(Path(tempfile.gettempdir()))
            folder = _new(held)
        except OSError as error:
            where = f" in {Path(error.filename).parent}" if error.filename else ""
            raise NoScratchError(
                f"No folder for temporary files can be made{where}: {error.strerror or error}.",
                "Make room there and let it be written to, or name another folder in TMPDIR.",
            ) from error
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def _new(held: contextlib.ExitStack) -> Path:
    """A new folder, locked until `held` closes."""
    while True:
        folder = Path(tempfile.mkdtemp(prefix=_PREFIX, suffix=_SUFFIX))
        with contextlib.ExitStack() as attempt:
            try:
                handle = attempt.enter_context(try_lock(folder, FOLDER))
            except FileNotFoundError:  # somebody swept it away before we had it locked
                continue
            except OSError as error:
                if error.errno not in _NO_LOCKS:
                    raise
                return folder  # nobody can sweep here either
            if handle is not None and folder.exists():  # else somebody is at it, or was
                held.push(attempt.pop_all())
                return folder


def _sweep(parent: Path) -> None:
    """Delete what dead processes left, as far as it is this user's."""
    with contextlib.suppress(OSError):
        for name in os.listdir(parent):  # noqa: PTH208  # may be long: no path for each
            if _NAME.fullmatch(name):
                _delete_if_left(parent / name)


def _delete_if_left(folder: Path) -> None:
    with contextlib.suppress(OSError), try_lock(folder, FOLDER) as handle:
        if handle is not None and os.fstat(handle).st_uid == os.geteuid():
            shutil.rmtree(folder, ignore_errors=True)

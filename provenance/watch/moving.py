"""Moves a file out of a watched folder without ever writing over another, also to another disk.

What is interrupted is done again: a copy that is there already, byte for byte, is the file's own.
"""

from __future__ import annotations

import contextlib
import errno
import filecmp
import os
import shutil
import uuid
from collections.abc import Collection
from itertools import count
from pathlib import Path, PurePath

from provenance.watch.inbox import Seen
from provenance.watch.names import CLAIM_ENDING, is_passed_over

_ENDINGS = (CLAIM_ENDING, ".info.json")
_NO_LINKS = {errno.EXDEV, errno.EPERM, errno.ENOTSUP, errno.EMLINK, errno.ENOSYS}


def move_away(inbox: Path, seen: Seen, names: Collection[str], to: Path) -> bool:
    """Move a file, and what belongs to it alone, into a folder, under its name or "NAME.2.ext".

    Args:
        seen: the file; False where it is another one by now, which stays.
        names: of all files in `inbox`.

    Raises:
        OSError: the file cannot be moved, and stays.
    """
    if _is_other(inbox / seen.name, seen.stamp):  # and so is what lies beside it
        return False
    together = [*companions(seen.name, names), seen.name]
    number = next(
        number
        for number in count(1)
        if all(_has_room(inbox / one, to / _numbered(one, seen.name, number)) for one in together)
    )
    for one in together[:-1]:
        _move(inbox / one, to / _numbered(one, seen.name, number), None)
    return _move(inbox / seen.name, to / _numbered(seen.name, seen.name, number), seen.stamp)


def companions(name: str, names: Collection[str]) -> list[str]:
    """The claim and the sidecar of a file, as far as they are there and no other file's too."""
    stem = os.path.splitext(name)[0]  # noqa: PTH122 - of a name with its folders
    own = [name + CLAIM_ENDING]
    shared = any(
        other != name
        and os.path.splitext(other)[0] == stem  # noqa: PTH122
        and not is_passed_over(PurePath(other).name)
        for other in names
    )
    if not shared:
        own += [stem + ending for ending in _ENDINGS]
    return [one for one in own if one in names]


def _move(path: Path, target: Path, stamp: tuple[int, int] | None) -> bool:
    target.parent.mkdir(parents=True, exist_ok=True)
    if _is_other(path, stamp):
        return False
    try:
        try:
            _give_name(path, target)
        except FileExistsError:
            if not _has_room(path, target):  # somebody has taken it just now
                raise
        if _is_other(path, stamp):  # it was replaced under our hands
            return False
        path.unlink()
    except FileNotFoundError:  # another watcher was quicker
        if os.path.lexists(path):
            raise
        return False
    return True


def _has_room(path: Path, target: Path) -> bool:
    """Whether a name is free, or has the same bytes already."""
    if not os.path.lexists(target):
        return True
    try:
        return target.is_file() and filecmp.cmp(path, target, shallow=False)
    except FileNotFoundError:
        return True


def _numbered(name: str, clip: str, number: int) -> str:
    """The name of a clip or of what lies beside it, so that they still belong together."""
    stem = os.path.splitext(clip)[0]  # noqa: PTH122 - of a name with its folders
    return name if number == 1 else f"{stem}.{number}{name.removeprefix(stem)}"


def _is_other(path: Path, stamp: tuple[int, int] | None) -> bool:
    try:
        found = path.stat()
    except FileNotFoundError:
        return True
    return stamp is not None and Seen.of(path.name, found).stamp != stamp


def _give_name(path: Path, target: Path) -> None:
    """Let the bytes of a file have another name too. Raises FileExistsError where that is taken."""
    try:
        target.hardlink_to(path.resolve())
    except FileExistsError:
        raise
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        _copy(path, target)


def _copy(path: Path, target: Path) -> None:
    if os.path.lexists(target):
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(target))
    unfinished = target.with_name(f".{uuid.uuid4().hex}.part")
    try:
        shutil.copy2(path, unfinished)
        with unfinished.open("rb") as file:
            os.fsync(file.fileno())
        unfinished.rename(target)
    finally:
        with contextlib.suppress(OSError):
            unfinished.unlink()

"""What is in a watched folder, and which of it is complete.

inbox = Inbox(Path("inbox"), settle=3.0)
while True:
    sight = inbox.look()
    for file in sight.complete: ...

A file is complete when its size and time have stayed the same for `settle` seconds, no program has
it open for writing, and no other file beside it says that it is still being fetched.
"""

from __future__ import annotations

import errno
import fcntl
import os
import signal
import time
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from provenance.watch import names as naming

EMPTY_SECONDS = 60.0
"""A file may be made some time before anything is written into it; after this it is empty."""
_LATEST = 2**63 - 1


@dataclass(frozen=True)
class Seen:
    """A file as it was seen.

    Attributes:
        name: in which the folder is; parts are joined by "/".
        size, mtime: bytes, and nanoseconds of its last change.
        arrived: nanoseconds; when it came here, or was written to last.
    """

    name: str
    size: int
    mtime: int
    arrived: int

    @classmethod
    def of(cls, name: str, found: os.stat_result) -> Self:
        """What the system says of a file, as the journal can keep it: anybody can give a file a
        year, from 2263 on, whose nanoseconds SQLite's integers do not hold."""
        times = (found.st_mtime_ns, found.st_ctime_ns)
        return cls(name, found.st_size, *(max(-_LATEST, min(time, _LATEST)) for time in times))

    @property
    def stamp(self) -> tuple[int, int]:
        """What differs where the content does."""
        return self.size, self.mtime


@dataclass(frozen=True)
class Sight:
    """A folder at one moment.

    Attributes:
        names: of all files that are there.
        complete: those that can be checked, in the order of their arrival.
        unsettled: name -> for how many seconds it has been watched without being complete.
        problems: what could not be looked at, in words.
    """

    names: frozenset[str]
    complete: tuple[Seen, ...]
    unsettled: dict[str, float]
    problems: tuple[str, ...] = ()


@dataclass
class _Watched:
    stamp: tuple[int, int]
    since: float
    """When it was first seen like this."""
    first: float
    """When it was first seen at all."""
    closed: bool = False
    """Nobody had it open for writing when it had settled."""


@dataclass
class Inbox:
    """A folder that is looked at again and again.

    Attributes:
        folder: which.
        settle: seconds without a change after which a file is complete.
        recursive: whether files in its subfolders count; links to folders are never followed.
        excluded: folders in it that are not looked into, by their real paths.
        clock: seconds that only ever rise.
    """

    folder: Path
    settle: float
    recursive: bool = False
    excluded: Collection[Path] = ()
    clock: Callable[[], float] = time.monotonic
    _watched: dict[str, _Watched] = field(default_factory=dict)

    def look(self) -> Sight:
        """Look at everything in it. Raises OSError when the folder itself cannot be read."""
        problems: list[str] = []
        found = {seen.name: seen for seen in self._files("", problems)}
        moment = self.clock()
        self._watched = {name: self._watch(seen, moment) for name, seen in found.items()}
        complete, unsettled = [], {}
        for name, seen in found.items():
            if naming.is_passed_over(name.rpartition("/")[2]):
                continue
            if self._is_complete(seen, found, moment):
                complete.append(seen)
            else:
                unsettled[name] = moment - self._watched[name].first
        complete.sort(key=lambda seen: (seen.arrived, seen.name))
        return Sight(frozenset(found), tuple(complete), unsettled, tuple(problems))

    def see(self, name: str) -> Seen | None:
        """One file as it is now; None where it is gone."""
        try:
            return Seen.of(name, (self.folder / name).stat())
        except OSError:
            return None

    def is_watched(self, folder: Path) -> bool:
        """Whether a file in this folder, by its real path, would be taken for one that arrives."""
        inbox = self.folder.resolve()
        if folder == inbox or not self.recursive:
            return folder == inbox
        return folder.is_relative_to(inbox) and not any(map(folder.is_relative_to, self.excluded))

    def _watch(self, seen: Seen, moment: float) -> _Watched:
        before = self._watched.get(seen.name)
        if before is None:
            return _Watched(seen.stamp, moment, moment)
        if before.stamp != seen.stamp:
            return _Watched(seen.stamp, moment, before.first)
        return before

    def _is_complete(self, seen: Seen, found: Collection[str], moment: float) -> bool:
        watched = self._watched[seen.name]
        told_by = naming.told_by(seen.name)
        if not all(self._has_settled(name, moment) for name in (seen.name, *told_by)):
            return False
        if any(name in found for name in naming.controls(seen.name)):
            return False
        if not seen.size and moment - watched.since < EMPTY_SECONDS > _age(seen):
            return False
        watched.closed = watched.closed or not is_being_written(self.folder / seen.name)
        return watched.closed

    def _has_settled(self, name: str, moment: float) -> bool:
        """Whether a file is not there, or has not changed for long enough."""
        watched = self._watched.get(name)
        return watched is None or moment - watched.since >= self.settle

    def _files(self, below: str, problems: list[str]) -> Iterator[Seen]:
        folder = self.folder / below
        try:
            with os.scandir(folder) as entries:
                listed = list(entries)
        except OSError as error:
            if not below:
                raise
            problems.append(f"{folder} cannot be read: {error.strerror or error}.")
            return
        for entry in listed:
            name = f"{below}/{entry.name}" if below else entry.name
            try:
                if entry.is_file():
                    yield Seen.of(name, entry.stat())
                elif self.recursive and self._is_entered(entry):
                    yield from self._files(name, problems)
            except PermissionError as error:  # of the folder: it may be listed and not entered
                problems.append(f"{folder / entry.name} cannot be read: {error.strerror}.")
            except OSError:  # it has just gone, or a link leads nowhere
                continue

    def _is_entered(self, entry: os.DirEntry[str]) -> bool:
        return (
            entry.is_dir(follow_symlinks=False)
            and not naming.is_folder_passed_over(entry.name)
            and Path(entry.path).resolve() not in self.excluded
        )


def is_being_written(path: Path) -> bool:
    """Whether some program has a file open for writing, where the system can tell: it grants a
    lease to read a file (fcntl(2), F_SETLEASE) to its owner, while nobody can write to it. Network
    shares, files of other users and systems without leases tell nothing, so that it is False."""
    if not hasattr(fcntl, "F_SETLEASE"):
        return False
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    except OSError:
        return False
    try:
        # A writer who comes within the lease makes a signal: one that does nothing, instead of
        # SIGIO, which would end the process.
        fcntl.fcntl(handle, fcntl.F_SETSIG, signal.SIGURG)
        fcntl.fcntl(handle, fcntl.F_SETLEASE, fcntl.F_RDLCK)
        fcntl.fcntl(handle, fcntl.F_SETLEASE, fcntl.F_UNLCK)
    except OSError as error:
        return error.errno == errno.EAGAIN
    finally:
        os.close(handle)
    return False


def _age(seen: Seen) -> float:
    return time.time() - seen.arrived / 1e9

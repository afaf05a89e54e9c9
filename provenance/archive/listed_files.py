"""Files beside the catalogue that count because it lists them, and how they come and go with it.

They are written once and never changed, under the catalogue's write lock only, so that whoever
holds it knows that no unlisted file is somebody's work in progress. A file that was added is
deleted when the transaction is undone, one that was dropped when it has become permanent; what a
killed process leaves between is unlisted, and a leftover.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
from collections.abc import Callable, Iterator
from dataclasses import astuple, dataclass
from io import BufferedRandom, BufferedReader
from pathlib import Path
from typing import TypeVar

from provenance.archive.catalogue import now
from provenance.archive.connection import Database
from provenance.errors import REPAIR_HINT, ArchiveDamagedError

_READ_AT_ONCE = 1 << 22  # bytes; progress is told as often
_REREADS = 5  # times a reader follows a list that changes under its hands

Open = TypeVar("Open")
Advance = Callable[[float], None]
"""Told that so much more is done, and may end it; see `progress.Task.advance`."""


def untold(amount: float) -> None:
    """Nobody wants to know."""


@dataclass(frozen=True)
class FileInfo:
    """What the catalogue records of a file.

    `head_bytes` of it, in front, are structure, which says where its `items` (features, or items of
    sound) stand. It is checked whenever the file is opened: with a wrong one, whoever looks
    something up would read beyond it.
    """

    file: str
    bytes: int
    sha256: str
    head_bytes: int
    head_sha256: str
    items: int


@dataclass(frozen=True)
class Kind:
    """What tells files of one kind from others.

    Args:
        table: of the catalogue, that lists them; `counted`: its column for the number of items.
        version: of the layout; it is part of the name.
        suffixes: that names have or had, today's first.
    """

    table: str
    counted: str
    version: int
    suffixes: tuple[str, ...]

    @property
    def ending(self) -> str:
        """How the names of new files end."""
        return f".v{self.version}.{self.suffixes[0]}"

    def files(self, folder: Path) -> list[Path]:
        """Files in `folder` that carry such a name, of any version, finished or not."""
        name = re.compile(rf"[0-9a-f]{{32}}\.v\d+\.({'|'.join(self.suffixes)})(\.part)?")
        paths = sorted(folder.iterdir()) if folder.is_dir() else []
        return [path for path in paths if name.fullmatch(path.name)]


def written(file: BufferedRandom, name: str, head: bytes, items: int) -> FileInfo:
    """What is to be recorded of a file in which all is written."""
    file.seek(0)
    digest = hashlib.file_digest(file, "sha256").hexdigest()
    return FileInfo(name, file.tell(), digest, len(head), hashlib.sha256(head).hexdigest(), items)


class UnreadableFileError(ArchiveDamagedError):
    """A listed file is missing or not as it was written; the message says which of both."""


def unreadable(path: Path, what: str) -> UnreadableFileError:
    """The error that says so: `what` is "missing" or "damaged"."""
    return UnreadableFileError(f"The index file {path} is {what}.", REPAIR_HINT)


@contextlib.contextmanager
def read_file(folder: Path, info: FileInfo) -> Iterator[tuple[BufferedReader, bytes]]:
    """A file, open for the block, and its head, which is as it was written.

    Raises:
        UnreadableFileError: it is missing, cut short or damaged in front; or the block could not
            read it.
    """
    path = folder / info.file
    try:
        with path.open("rb") as file:
            head = file.read(info.head_bytes)
            size = os.fstat(file.fileno()).st_size
            if size != info.bytes or hashlib.sha256(head).hexdigest() != info.head_sha256:
                raise unreadable(path, "damaged")
            yield file, head
    except OSError as error:
        raise unreadable(path, "missing") from error


def check_all(folder: Path, info: FileInfo, advance: Advance = untold) -> None:
    """Read all of a file.

    Args:
        advance: told how many bytes were read, over and over.

    Raises:
        UnreadableFileError: a byte of it is not as it was written.
    """
    digest = hashlib.sha256()
    with read_file(folder, info) as (file, _):
        file.seek(0)
        while block := file.read(_READ_AT_ONCE):
            digest.update(block)
            advance(len(block))
        if digest.hexdigest() != info.sha256:
            raise unreadable(folder / info.file, "damaged")


class ListedFiles:
    """The files of one kind in an archive. Remembers nothing, so that threads may share it.

    `add`, `drop` and what deletes must be called inside a `Database.write`, and nothing else.
    """

    def __init__(self, database: Database, folder: Path, kind: Kind) -> None:
        self._database = database
        self._folder = folder
        self._kind = kind

    def listed(self) -> dict[int, FileInfo]:
        """What the catalogue lists, by rising id."""
        rows = self._database.rows(
            "SELECT id, file, bytes, sha256, head_bytes, head_sha256,"  # noqa: S608
            f" {self._kind.counted} FROM {self._kind.table} ORDER BY id"
        )
        return {row[0]: FileInfo(*row[1:]) for row in rows}

    def opened(self, open_file: Callable[[Path, FileInfo], Open]) -> dict[str, Open]:
        """All of them, open, by name. Follows a list that another process changes meanwhile.

        Args:
            open_file: opens one, from the folder; may raise UnreadableFileError.

        Raises:
            UnreadableFileError: one cannot be read, and still counts.
        """
        for _ in range(_REREADS):
            listed = self.listed()
            try:
                return {info.file: open_file(self._folder, info) for info in listed.values()}
            except UnreadableFileError:
                if self.listed() == listed:  # nobody replaced it: it is really not there
                    raise
        raise UnreadableFileError(
            f"The index in {self._folder} changed at every attempt to read it.", "Try again."
        )

    def add(self, write: Callable[[Path], FileInfo]) -> int:
        """Let a new file be written into the folder and list it; its id."""
        with self._database.translated():
            info = write(self._folder)
        return self._list(info)

    def drop(self, file_id: int) -> None:
        """List a file no more."""
        path = self._folder / self.listed()[file_id].file
        self._database.execute(f"DELETE FROM {self._kind.table} WHERE id = ?", (file_id,))  # noqa: S608
        # A reader that has the file mapped keeps it until it lets go; the name goes at once.
        self._database.after_commit(lambda: path.unlink(missing_ok=True))

    def delete_leftovers(self) -> list[str]:
        """Delete what a killed process left; says what was done."""
        done = []
        for path in self._leftovers():
            path.unlink(missing_ok=True)
            done.append(f"Deleted {path}, left behind by an interrupted addition.")
        return done

    def bytes(self) -> int:
        """How large all of them are."""
        return sum(info.bytes for info in self.listed().values())

    def drop_damaged(self, advance: Advance) -> list[str]:
        """Drop what is not as it was written; says what was done.

        Args:
            advance: told how many bytes were read; all are.
        """
        done = []
        for file_id, info in self.listed().items():
            try:
                check_all(self._folder, info, advance)
            except UnreadableFileError:
                self.drop(file_id)
                done.append(f"Dropped the damaged index file {self._folder / info.file}.")
        return done

    def problems(self, advance: Advance) -> list[str]:
        """What is wrong with the files, in words. Others may go on meanwhile.

        Args:
            advance: told how many bytes were read; all are.
        """
        found = []
        for info in self.listed().values():
            try:
                check_all(self._folder, info, advance)
            except UnreadableFileError as error:
                if info in self.listed().values():  # not replaced just now
                    found.append(error.message)
        with self._database.write():  # while this is held nobody else creates files
            left = self._leftovers()
        return found + [
            f"The file {path} was left behind by an interrupted addition." for path in left
        ]

    def _list(self, info: FileInfo) -> int:
        path = self._folder / info.file
        self._database.after_rollback(lambda: path.unlink(missing_ok=True))
        return self._database.execute(
            f"INSERT INTO {self._kind.table} (file, bytes, sha256, head_bytes, head_sha256,"  # noqa: S608
            f" {self._kind.counted}, created_at) VALUES (?, ?, ?, ?, ?, ?, ?)",
            (*astuple(info), now().value),
        )

    def _leftovers(self) -> list[Path]:
        listed = {info.file for info in self.listed().values()}
        return [path for path in self._kind.files(self._folder) if path.name not in listed]

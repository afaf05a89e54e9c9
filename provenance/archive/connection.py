"""One SQLite file: opening it, transactions, and sqlite's errors in words of ours."""

from __future__ import annotations

import contextlib
import errno
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from provenance.archive.migrations import migrate
from provenance.crew import ASKED_EVERY, checkpoint
from provenance.errors import (
    REPAIR_HINT,
    ArchiveDamagedError,
    ArchiveError,
    ArchiveFullError,
    ArchiveNotFoundError,
)

# Most a writer waits for its turn. Indexing one very long video holds the others up for minutes,
# and what they want to add has cost them work already.
PATIENCE = 600.0
LOG_PATIENCE = 60.0  # a removal waits so long for readers of the log
# SQLite waits in C, deaf to Ctrl-C; so it waits in short pieces.
_BUSY_SECONDS = 0.5
_WORTH_SHRINKING = 10  # the file is copied where one page in so many is free

# What a full disk, a quota or a limit on file sizes looks like from here: SQLite reports only
# ENOSPC as FULL, and the others as failed writes.
_FULL_CODES = {
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_IOERR_WRITE,
    sqlite3.SQLITE_IOERR_SHMSIZE,
    sqlite3.SQLITE_IOERR_SHMOPEN,
}
_FULL_ERRNOS = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_DAMAGED_CODES = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
_BUSY_CODES = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
_PRIMARY_CODE = 0xFF  # the low byte of an extended result code


class Database:
    """A catalogue file. Threads may share it; they take turns.

    Attributes:
        turn: held by the thread whose turn it is.

    Args:
        path: the SQLite file.
        location: the archive as the user named it, for messages.
        create: make it, and its folder, where it is not; else a missing one is an error.

    Raises (from every method):
        ArchiveNotFoundError, ArchiveVersionError, ArchiveFullError, ArchiveDamagedError,
        ArchiveError.
    """

    def __init__(self, path: Path, location: str, *, create: bool) -> None:
        self.path = path
        self.location = location
        self.turn = _Turns()
        self._closed = False
        self._after_commit: list[Callable[[], None]] = []
        self._after_rollback: list[Callable[[], None]] = []
        with self.translated():
            if not create and not path.is_file():
                raise ArchiveNotFoundError(
                    f"There is no archive at {location}.",
                    "Create one with `provenance add`, or name another with --archive.",
                )
            if create:
                path.parent.mkdir(parents=True, exist_ok=True)
            self._connection = _connect(path)
            try:
                migrate(self._connection, location, _begin)
            except BaseException:
                self._connection.close()
                raise

    def close(self) -> None:
        """Let go of the file. What was written stays written."""
        with self.turn, contextlib.suppress(sqlite3.Error):
            self._closed = True
            self._connection.close()

    def rows(self, sql: str, values: tuple[Any, ...] = ()) -> list[Any]:
        """All rows of one statement."""
        with self.turn, self.translated():
            return self._connection.execute(sql, values).fetchall()

    def row(self, sql: str, values: tuple[Any, ...] = ()) -> Any:
        """The first row, or None."""
        with self.turn, self.translated():
            return self._connection.execute(sql, values).fetchone()

    def execute(self, sql: str, values: tuple[Any, ...] = ()) -> int:
        """Run one writing statement; the id of a new row."""
        with self.turn, self.translated():
            return self._connection.execute(sql, _storable(values)).lastrowid or 0

    def execute_many(self, sql: str, values: Iterator[tuple[Any, ...]]) -> None:
        """Run one writing statement for every tuple of values."""
        with self.turn, self.translated():
            self._connection.executemany(sql, map(_storable, values))

    @contextlib.contextmanager
    def read(self) -> Iterator[None]:
        """Everything read inside belongs to one moment."""
        with self.turn:
            with self.translated():
                within = self._connection.in_transaction
            if within:
                yield
                return
            try:
                with self.translated():
                    self._connection.execute("BEGIN")
                yield
            finally:
                self._rollback()

    @contextlib.contextmanager
    def write(self, patience: float | None = None) -> Iterator[None]:
        """All or nothing, and alone: while others write, it waits for so many seconds; None: for
        `PATIENCE`."""
        with self.turn:
            self._after_commit, self._after_rollback = [], []
            committing = False
            try:
                with self.translated():
                    _begin(self._connection, patience)
                yield
                with self.translated():
                    committing = True
                    self._connection.execute("COMMIT")
            except BaseException as error:
                # Ctrl-C amid the commit is raised when that has been made, and stands.
                told = isinstance(error, ArchiveError)
                if committing and not told and not self._connection.in_transaction:
                    self._finish()
                else:
                    self._rollback()
                    for undo in self._after_rollback:
                        undo()
                raise
            self._finish()

    def after_commit(self, action: Callable[[], None]) -> None:
        """Do this once the running `write` has become permanent."""
        self._after_commit.append(action)

    def after_rollback(self, action: Callable[[], None]) -> None:
        """Do this if the running `write` is undone."""
        self._after_rollback.append(action)

    def forget_log(self, patience: float = LOG_PATIENCE) -> bool:
        """Empty the write-ahead log, so that removed bytes stand nowhere and its room is free.

        Args:
            patience: seconds to wait for those who read it.

        Returns:
            False: it is still in use.
        """
        give_up = time.monotonic() + patience
        while self.row("PRAGMA wal_checkpoint(TRUNCATE)")[0]:
            if time.monotonic() > give_up:
                return False
        return True

    def shrink(self) -> None:
        """Give room that nothing uses back to the disk, where it is worth the copying, and that of
        the log.

        Raises:
            ArchiveFullError: there is no room for the copy, here or among temporary files.
        """
        (pages,) = self.row("PRAGMA page_count")
        (free,) = self.row("PRAGMA freelist_count")
        if free * _WORTH_SHRINKING > pages:
            try:
                with self.turn, self.translated():
                    _patiently(self._connection, "VACUUM")
            except ArchiveFullError as error:
                raise ArchiveFullError(
                    f"The catalogue {self.path} cannot be made smaller: it is copied for that, "
                    "into the folder of temporary files and back, and one of both disks is full. "
                    "Nothing is lost.",
                    "Free some space, or name a folder on a larger disk in TMPDIR, then try again.",
                ) from error
        # The copy went through it, and perhaps a removal could not empty it.
        self.forget_log(patience=0.0)

    @contextlib.contextmanager
    def translated(self) -> Iterator[None]:
        """sqlite's and the system's errors as errors of the archive."""
        try:
            yield
        except sqlite3.Error as error:
            raise self._translation(error) from error
        except OSError as error:
            raise os_error(error, self.location) from error

    def _finish(self) -> None:
        with self.translated():
            for finish in self._after_commit:
                finish()

    def _rollback(self) -> None:
        with contextlib.suppress(sqlite3.Error):
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")

    def _translation(self, error: sqlite3.Error) -> ArchiveError:
        if self._closed:
            return ArchiveError(
                f"The archive {self.location} was closed while a thread was using it.",
                "Close it when the last call that uses it has come back.",
            )
        code = getattr(error, "sqlite_errorcode", 0)
        if code in _FULL_CODES:
            return full_error(self.location)
        if code & _PRIMARY_CODE in _DAMAGED_CODES:
            return ArchiveDamagedError(
                f"The catalogue {self.path} is damaged ({error}).",
                f"{REPAIR_HINT} If that does not help, restore it from a backup.",
            )
        if code & _PRIMARY_CODE in _BUSY_CODES:
            return ArchiveError(
                f"The archive {self.location} is in use by another program.",
                "Wait until that has finished, then try again.",
            )
        return ArchiveError(
            f"The archive {self.location} cannot be used ({error}).",
            "Check that its directory can be read and written, and run `provenance doctor`.",
        )


class _Turns:
    """A reentrant lock; whoever waits for it in a `with` can be stopped."""

    def __init__(self) -> None:
        self.lock = threading.RLock()

    def __enter__(self) -> None:
        while not self.lock.acquire(timeout=ASKED_EVERY):
            checkpoint()

    def __exit__(self, *_: object) -> None:
        self.lock.release()


def full_error(location: str) -> ArchiveFullError:
    """What a full disk means for the archive at `location`."""
    return ArchiveFullError(
        f"The archive {location} cannot be written: the disk is full, or a limit on size is "
        "reached. What had been begun was undone.",
        "Free some space, or move the archive to a larger disk, then try again.",
    )


def os_error(error: OSError, location: str) -> ArchiveError:
    """The system's refusal as an error of the archive at `location`."""
    if error.errno in _FULL_ERRNOS:
        return full_error(location)
    return ArchiveError(
        f"The archive {location} cannot be used ({error.strerror or error}).",
        "Check that its directory can be read and written.",
    )


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(
        path, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False
    )
    try:
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA secure_delete = ON")
        # FULL: a commit must not be lost in a power cut once old index files are deleted after it.
        connection.execute("PRAGMA synchronous = FULL")
        _patiently(connection, "PRAGMA journal_mode = WAL")
    except BaseException:
        connection.close()
        raise
    return connection


def _begin(connection: sqlite3.Connection, patience: float | None = None) -> None:
    _patiently(connection, "BEGIN IMMEDIATE", patience)


def _patiently(connection: sqlite3.Connection, sql: str, patience: float | None = None) -> None:
    """Run a statement that may have to wait for others; Ctrl-C, or a caller who does not want the
    work any more, ends the waiting."""
    give_up = time.monotonic() + (PATIENCE if patience is None else patience)
    while True:
        checkpoint()
        try:
            connection.execute(sql)
            return
        except sqlite3.OperationalError as error:
            busy = error.sqlite_errorcode & _PRIMARY_CODE in _BUSY_CODES
            if not busy or time.monotonic() > give_up:
                raise
        time.sleep(0.02)  # turning the log on fails at once instead of waiting (seen)


def _storable(values: tuple[Any, ...]) -> tuple[Any, ...]:
    """SQLite takes UTF-8 only; what is none in the name of a file becomes a question mark."""
    return tuple(
        value.encode("utf-8", "replace").decode() if isinstance(value, str) else value
        for value in values
    )

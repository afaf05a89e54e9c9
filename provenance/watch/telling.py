"""What a watcher leaves for others to read: the list of what failed, and its own state."""

from __future__ import annotations

import datetime as dt
import os
import socket
import time
from collections import deque
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from provenance._version import __version__
from provenance.archive.durable import put_file
from provenance.archive.journal import Job, Journal
from provenance.errors import UsageError
from provenance.report.json_report import to_json
from provenance.report.tables import BYTE_ORDER_MARK, csv_text
from provenance.urls import without_login

SCHEMA = "provenance.watch-status/1"
COLUMNS = ("file", "address", "since", "kind", "message", "hint", "exit_code")
_RATE_SECONDS = 3600.0
_SHOWN = 100


class FailedList:
    """The bad files of a folder and why they are, as CSV; there is no such file while there are
    none."""

    def __init__(self, journal: Journal, inbox: Path, path: Path) -> None:
        self._journal = journal
        self._inbox = inbox
        self._path = path

    def write(self) -> int:
        """Let it say what the journal says; how many are in it.

        Another watcher may write at the same time, from an older look into the journal. So whoever
        has written looks again, and writes again where that changed: the last one is right.

        Raises:
            UsageError: it cannot be written.
        """
        wanted, count = self._wanted()
        while self._written() != wanted:
            try:
                if wanted:
                    put_file(self._path, wanted)
                else:
                    self._path.unlink(missing_ok=True)
            except OSError as error:
                raise _unwritable(self._path, error) from error
            wanted, count = self._wanted()
        return count

    def _written(self) -> bytes:
        try:
            return self._path.read_bytes()
        except OSError:
            return b""

    def _wanted(self) -> tuple[bytes, int]:
        rows = [self._row(job) for job in self._journal.jobs("bad") if self._is_there(job)]
        text = BYTE_ORDER_MARK + csv_text([COLUMNS, *rows])
        return text.encode("utf-8", "replace") if rows else b"", len(rows)

    def _is_there(self, job: Job) -> bool:
        return os.path.lexists(self._inbox / job.name)

    @staticmethod
    def _row(job: Job) -> list[object]:
        error = job.error
        assert error
        said = (error.kind, error.message, error.hint, error.exit_code)
        return [job.name, without_login(job.address), job.changed_at, *said]


class Status:
    """The state of one watcher, as a JSON file that monitoring reads.

    Args:
        told: what does not change: the folders and the number of workers.
    """

    def __init__(self, path: Path, told: dict[str, Any]) -> None:
        self._path = path
        self._told = told
        self._started = _now()
        self._recent: deque[float] = deque()
        self._since = time.monotonic()
        self._reported = self._failed = 0
        self._last_error: dict[str, Any] | None = None

    def count(self, *, failed: bool) -> None:
        """One more was reported, or failed."""
        self._recent.append(time.monotonic())
        self._failed += failed
        self._reported += not failed

    def trouble(self, about: str, message: str) -> None:
        """The last thing that went wrong."""
        self._last_error = {"at": _now(), "file": about, "message": message}

    def write(
        self,
        state: str,
        counts: dict[str, int],
        current: list[dict[str, Any]],
        postponed: Sequence[Job],
    ) -> None:
        """Write it, whole.

        Args:
            state: "watching", or how it ended.
            counts: of the journal and of what is not complete yet.
            current: what is being checked.
            postponed: what is tried again later, the next first; no more than `_SHOWN` are told.

        Raises:
            UsageError: it cannot be written.
        """
        data = {
            "schema": SCHEMA,
            "version": __version__,
            "state": state,
            "host": socket.gethostname(),
            "pid": os.getpid(),
            "started_at": self._started,
            "updated_at": _now(),
            **self._told,
            "counts": counts,
            "current": current,
            "postponed": [_told_of(job) for job in postponed[:_SHOWN]],
            "reported": self._reported,
            "failed": self._failed,
            "per_hour": round(self._rate(), 1),
            "last_error": self._last_error,
        }
        try:
            put_file(self._path, f"{to_json(data, indent=2)}\n".encode("utf-8", "replace"))
        except OSError as error:
            raise _unwritable(self._path, error) from error

    def _rate(self) -> float:
        """Handled in an hour, at the pace of the last hour, or of the time since the start."""
        moment = time.monotonic()
        while self._recent and self._recent[0] < moment - _RATE_SECONDS:
            self._recent.popleft()
        span = min(_RATE_SECONDS, max(1.0, moment - self._since))
        return len(self._recent) * 3600.0 / span


def _told_of(job: Job) -> dict[str, Any]:
    due = dt.datetime.fromtimestamp(job.due, dt.UTC)
    told = {"file": job.title, "tries": job.tries, "due": _written(due)}
    return told | {"message": job.error and job.error.message}


def _now() -> str:
    return _written(dt.datetime.now(dt.UTC))


def _written(moment: dt.datetime) -> str:
    return moment.replace(microsecond=0, tzinfo=None).isoformat() + "Z"


def _unwritable(path: Path, error: OSError) -> UsageError:
    return UsageError(
        f"{path} cannot be written: {error.strerror or error}.",
        "Make room, or let the folder be written to, and start again; nothing is lost.",
    )

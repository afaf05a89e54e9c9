"""Manners: one download at a time from one site, a pause between two, and patience when it asks.

    with turn_at(url, settings, progress) as turn:
        ...
        turn.asked_for_patience(seconds)    # the site said: too many requests

The turns are files in the cache's directory, one a site, locked by whoever is downloading: so they
hold for threads and for processes of one user alike. In each stands when the next may begin.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import random
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from provenance.crew import ended_with_crew
from provenance.download.failures import Failure, explained
from provenance.errors import InterruptedWorkError
from provenance.locks import try_lock
from provenance.progress import Progress, Task
from provenance.settings import Settings
from provenance.urls import page_key

MOST_PATIENCE = 3600.0
"""Seconds; a site that asks for more is asked again after these."""
_JITTER = (0.5, 1.5)  # of the pause: what comes like clockwork looks like an attack
_LOOK = 0.1  # seconds; also how soon a caller can stop the waiting
_UNNOTICED = 1.0  # seconds; shorter waits are not told
_SITES = "sites"
_NUMBER = 32  # bytes; a time is shorter


def site_of(url: str) -> str:
    """Host and port that an address leads to, the same for all addresses of one platform."""
    key = page_key(url)
    try:
        return urlsplit(f"//{key}" if "://" not in key else key).netloc or key
    except ValueError:
        return key


@dataclass
class Turn:
    """A download that is under way. `patience`: seconds that the site asked to be left alone."""

    patience: float = 0.0

    def asked_for_patience(self, seconds: float) -> None:
        """Nobody is to ask this site again for so long."""
        self.patience = min(seconds, MOST_PATIENCE)


@contextlib.contextmanager
def turn_at(url: str, settings: Settings, progress: Progress) -> Iterator[Turn]:
    """Wait until it is our turn at the site, and hold it within the block.

    Whoever holds it longer than a download may take is stuck, and is not waited for. Where no file
    can be made nothing is waited for either: manners spoil no download.

    Raises:
        DownloadError: the site asked for more patience than a download may take.
        InterruptedWorkError: the caller wants to stop.
    """
    turn = Turn()
    with contextlib.ExitStack() as stack:
        file = _file(url, settings)
        handle = _wait_for(file, url, settings, progress, stack) if file else None
        try:
            yield turn
        finally:
            if handle is not None:
                pause = settings.download_pause * random.uniform(*_JITTER)  # noqa: S311  # no secret
                rest = turn.patience or pause
                _write(handle, time.time() + rest)


def _file(url: str, settings: Settings) -> Path | None:
    name = hashlib.sha256(site_of(url).encode("utf-8", "surrogatepass")).hexdigest()[:32]
    folder = settings.cache_path() / _SITES
    try:
        # Others on this machine need not see what is looked at; parents get no mode of their own.
        folder.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        folder.mkdir(exist_ok=True, mode=0o700)
        (folder / name).touch(mode=0o600)
    except OSError:
        return None
    return folder / name


def _wait_for(
    file: Path, url: str, settings: Settings, progress: Progress, stack: contextlib.ExitStack
) -> int | None:
    """The file, locked, when nobody else has it and its time has come."""
    with _Patience(site_of(url), settings, progress) as patience:
        # One at a time waits for the turn, behind a door: else whoever has just let go of it takes
        # it again, being quicker than those who look now and then.
        with contextlib.ExitStack() as door:
            if patience.until_locked(file.with_suffix(".door"), door) is None:
                return None
            handle = patience.until_locked(file, stack)
        if handle is not None:
            left = _left(handle, settings)
            if left > max(settings.download_timeout, settings.download_pause * _JITTER[1]):
                raise explained(url, Failure("", kind="patience", figure=left), settings)
            patience.wait(left, "pausing before the next download from")
    return handle


def _left(handle: int, settings: Settings) -> float:
    """Seconds until the next download may begin; a clock that was put back is not waited for."""
    try:
        left = float(os.pread(handle, _NUMBER, 0)) - time.time()
    except (ValueError, OSError):
        return 0.0
    most = max(MOST_PATIENCE, settings.download_pause * _JITTER[1])
    return left if 0 < left <= most else 0.0


def _write(handle: int, moment: float) -> None:
    with contextlib.suppress(OSError):
        os.ftruncate(handle, 0)
        os.pwrite(handle, f"{moment:.3f}".encode(), 0)


class _Patience(contextlib.ExitStack):
    """Waits, says so where it takes a while, and stops when the caller or the crew does."""

    def __init__(self, site: str, settings: Settings, progress: Progress) -> None:
        super().__init__()
        self._site = site
        self._progress = progress
        self._over = threading.Event()
        self._task: Task | None = None
        self._waited = 0.0
        self._given_up = time.monotonic() + settings.download_timeout
        self.enter_context(ended_with_crew(self._over.set))

    def until_locked(self, file: Path, stack: contextlib.ExitStack) -> int | None:
        """The file, locked until the stack closes; None where others keep it for too long."""
        while time.monotonic() < self._given_up:
            attempt = contextlib.ExitStack()
            handle = attempt.enter_context(try_lock(file))
            if handle is not None:
                stack.push(attempt)
                return handle
            attempt.close()
            self.wait(_LOOK, "waiting for another download from")
        return None

    def wait(self, seconds: float, doing: str) -> None:
        """Let time pass. Raises InterruptedWorkError where nobody wants to wait any more."""
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            if self._task is None and self._waited + left > _UNNOTICED:
                self._task = self.enter_context(self._progress.task(f"{doing} {self._site}"))
            if self._task:
                self._task.advance(0)
            if self._over.wait(min(left, _LOOK)):
                raise InterruptedWorkError("The work was stopped.")
            self._waited += min(left, _LOOK)

"""How long work reports itself and learns that it should stop; no terminal in it.

A caller passes a `Progress`; work opens a task and advances it:

    with progress.task("decoding", total=duration) as task:
        task.advance(1.0)

The simplest one calls a function of yours, and asks another whether to go on:

    check("clip.mp4", progress=Callback(lambda event: print(event), cancelled=stop.is_set))
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Protocol, Self, runtime_checkable

from provenance.errors import InterruptedWorkError


class Task(Protocol):
    """One piece of long work."""

    def advance(self, amount: float = 1.0) -> None:
        """So much more is done. Raises InterruptedWorkError when the caller wants to stop."""

    def describe(self, description: str) -> None:
        """Call it something else from now on."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...


@runtime_checkable
class Progress(Protocol):
    """Where long work reports to. Several threads may do so at once."""

    def task(self, description: str, total: float | None = None) -> Task:
        """Open a task; `total` is None where the amount is unknown."""


@runtime_checkable
class Cancellable(Protocol):
    """What a `Progress` has besides where its work can be stopped at any time.

    Without it work can be stopped only where it reports, by an InterruptedWorkError that `advance`
    raises.
    """

    def cancelled(self) -> bool:
        """Whether the work should stop; asked ten times a second, from a thread of its own."""


@dataclass(frozen=True)
class ProgressEvent:
    """Where a task stands.

    Attributes:
        description: what is being done, in words.
        done, total: how much, in the task's own unit (seconds of footage, bytes, sources); `total`
            is None where the amount is unknown.
        finished: the task is over; nothing more comes of it.
    """

    description: str
    done: float
    total: float | None
    finished: bool = False

    @property
    def share(self) -> float | None:
        """How much of it is done, 0..1; None where the amount is unknown."""
        return min(1.0, self.done / self.total) if self.total else None


class Callback:
    """A `Progress` that calls functions of yours; no two calls of `on_progress` at once.

    Args:
        on_progress: told of every task when it begins, advances and is over, by the thread that
            works; what it raises ends the work on that source, as any other failure would.
        cancelled: see `Cancellable`. Once it answers True the work stops with an
            InterruptedWorkError and leaves no child process behind.
    """

    def __init__(
        self,
        on_progress: Callable[[ProgressEvent], object] | None = None,
        cancelled: Callable[[], bool] | None = None,
    ) -> None:
        self._on_progress = on_progress
        self._cancelled = cancelled
        self._lock = threading.Lock()

    def task(self, description: str, total: float | None = None) -> Task:
        return _CallbackTask(self, description, total)

    def cancelled(self) -> bool:
        """See `Cancellable`."""
        return self._cancelled is not None and self._cancelled()

    def tell(self, event: ProgressEvent) -> None:
        """Pass on how a task stands."""
        if self._on_progress:
            with self._lock:
                self._on_progress(event)


class SilentProgress(Callback):
    """Reports nothing; stops the work when `cancelled` answers True.

    >>> with SilentProgress().task("waiting", 2) as task:
    ...     task.advance()
    """

    def __init__(self, cancelled: Callable[[], bool] | None = None) -> None:
        super().__init__(None, cancelled)


class _CallbackTask:
    def __init__(self, callback: Callback, description: str, total: float | None) -> None:
        self._callback = callback
        self._description = description
        self._total = total
        self._done = 0.0

    def advance(self, amount: float = 1.0) -> None:
        if self._callback.cancelled():
            raise InterruptedWorkError("The work was stopped by its caller.")
        self._done += amount
        self._tell()

    def describe(self, description: str) -> None:
        self._description = description
        self._tell()

    def _tell(self, *, finished: bool = False) -> None:
        self._callback.tell(
            ProgressEvent(self._description, self._done, self._total, finished=finished)
        )

    def __enter__(self) -> Self:
        self._tell()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if kind is None:
            self._tell(finished=True)

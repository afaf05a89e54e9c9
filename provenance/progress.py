"""How long work reports itself and learns that it should stop; no terminal in it.

A caller passes a `Progress`; work opens a task and advances it:

    with progress.task("decoding", total=duration) as task:
        task.advance(1.0)
"""

from __future__ import annotations

from collections.abc import Callable
from types import TracebackType
from typing import Protocol, Self

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


class Progress(Protocol):
    """Where long work reports to."""

    def task(self, description: str, total: float | None = None) -> Task:
        """Open a task; `total` is None where the amount is unknown."""


class SilentProgress:
    """Reports nothing; stops the work when `cancelled` answers True.

    >>> with SilentProgress().task("waiting", 2) as task:
    ...     task.advance()
    """

    def __init__(self, cancelled: Callable[[], bool] | None = None) -> None:
        self._cancelled = cancelled

    def task(self, description: str, total: float | None = None) -> Task:
        return _SilentTask(self._cancelled)


class _SilentTask:
    def __init__(self, cancelled: Callable[[], bool] | None) -> None:
        self._cancelled = cancelled

    def advance(self, amount: float = 1.0) -> None:
        if self._cancelled and self._cancelled():
            raise InterruptedWorkError("The work was stopped by its caller.")

    def describe(self, description: str) -> None:
        return

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        return None

"""Progress bars on standard error, shown while there is a task and gone afterwards."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, TaskID, TaskProgressColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as RichProgress

from provenance.progress import Task
from provenance.report.wording import cut

_DESCRIPTION = 48  # characters; a bar and a time beside it fit into 80 columns


class Bars:
    """One bar a task. Threads may share it."""

    def __init__(self, console: Console | None = None) -> None:
        self._rich = RichProgress(
            TextColumn("{task.description}", markup=False),
            BarColumn(bar_width=20),
            TaskProgressColumn(),
            TimeRemainingColumn(),
            console=console or Console(stderr=True),
            transient=True,
            # Else rich would take results that go to a file and print them on standard error.
            redirect_stdout=False,
            redirect_stderr=False,
        )
        self._open = 0
        self._lock = threading.RLock()

    def task(self, description: str, total: float | None = None) -> Task:
        return _BarTask(self, cut(description, _DESCRIPTION), total)

    @contextlib.contextmanager
    def hidden(self) -> Iterator[None]:
        """No bars while something is printed."""
        with self._lock:
            self._rich.stop()
            try:
                yield
            finally:
                if self._open:
                    self._rich.start()

    def add(self, description: str, total: float | None) -> TaskID:
        """Show another bar."""
        with self._lock:
            number = self._rich.add_task(description, total=total)
            self._open += 1
            self._rich.start()
            return number

    def advance(self, number: TaskID, amount: float) -> None:
        """So much more of it is done."""
        self._rich.update(number, advance=amount)

    def describe(self, number: TaskID, description: str) -> None:
        """It is called something else."""
        self._rich.update(number, description=description)

    def remove(self, number: TaskID) -> None:
        """Take a bar away; with the last one the display goes."""
        with self._lock:
            self._open -= 1
            if not self._open:
                self._rich.stop()
            self._rich.remove_task(number)


class _BarTask:
    def __init__(self, bars: Bars, description: str, total: float | None) -> None:
        self._bars = bars
        self._description = description
        self._total = total
        self._number: TaskID | None = None

    def advance(self, amount: float = 1.0) -> None:
        if self._number is not None:
            self._bars.advance(self._number, amount)

    def describe(self, description: str) -> None:
        self._description = cut(description, _DESCRIPTION)
        if self._number is not None:
            self._bars.describe(self._number, self._description)

    def __enter__(self) -> Self:
        self._number = self._bars.add(self._description, self._total)
        return self

    def __exit__(self, *_: object) -> None:
        if self._number is not None:
            self._bars.remove(self._number)
            self._number = None

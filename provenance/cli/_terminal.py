"""The two streams: results to standard output and nothing else, all other words to standard error.

Where the process is the program's own, whatever else runs in it cannot write among the results:
what plug-ins print, and programs that they start, goes to standard error.

Progress bars appear on standard error where that is a terminal, and step aside while something is
printed.
"""

from __future__ import annotations

import contextlib
import fcntl
import io
import os
import sys
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, Self, TextIO

from provenance.errors import ProvenanceError
from provenance.progress import Progress, SilentProgress, Task

if TYPE_CHECKING:
    from rich.console import Console

    from provenance.cli._bars import Bars

SAID_EVERY = 30.0
"""Seconds between two lines on how far several sources have come, where there is no terminal."""


class OutputError(ProvenanceError):
    """Results cannot be written to where they should go."""

    kind = "output"


def internal_error(error: Exception, source: str = "") -> ProvenanceError:
    """What to say of an error that should not have been."""
    return ProvenanceError(
        f"{source + ': ' if source else ''}provenance itself failed "
        f"({type(error).__name__}: {error}). This is a fault of the program.",
        "The same command with -v shows where. Please report it, with what `doctor` says.",
    )


class Terminal:
    """Where a run prints. `verbose`: also say how long each step took, and show tracebacks."""

    def __init__(self) -> None:
        self.verbose = False
        self._bars: Bars | None = None
        self._own: TextIO | None = None

    @property
    def stdout(self) -> TextIO:
        """Where results go."""
        return self._own or sys.stdout

    def keep_stdout(self) -> None:
        """From now on only results go to standard output; all that others write there goes to
        standard error, until the process ends.

        This is for the whole process: also for threads, and for what writes without Python.
        """
        stdout = sys.stdout
        if self._own or not isinstance(stdout, io.TextIOWrapper):  # closed by whoever started us
            return
        stdout.flush()
        number = stdout.fileno()
        # Above 2, which is free where standard error was closed, and which others write to.
        own = fcntl.fcntl(number, fcntl.F_DUPFD_CLOEXEC, 3)
        self._own = open(own, "w", encoding=stdout.encoding, errors=stdout.errors)  # noqa: PTH123, SIM115
        with open(os.devnull, "wb") as nothing:  # noqa: PTH123
            os.dup2((sys.stderr or nothing).fileno(), number)
        stdout.reconfigure(line_buffering=True)  # among our own words, not behind them

    def out(self, text: str, *, machine: bool = False) -> None:
        """Print a result, at once.

        Args:
            text: complete lines; text from outside in it is cleaned already.
            machine: JSON or HTML, which is UTF-8 whatever the terminal speaks.

        Raises:
            BrokenPipeError: nobody reads any more.
            OutputError: the results cannot be written (the disk behind a redirection is full).
        """
        stdout = self.stdout
        encoding = "utf-8" if machine else stdout.encoding or "utf-8"
        with self._uncovered():
            try:
                stdout.flush()
                stdout.buffer.write(text.encode(encoding, "replace"))
                stdout.buffer.flush()
            except BrokenPipeError:
                raise
            except OSError as error:
                raise OutputError(
                    f"The results cannot be written: {error.strerror or error}.",
                    "Write them elsewhere.",
                ) from error

    def out_json(self, data: Any) -> None:
        """Print data as indented JSON."""
        from provenance.report.json_report import to_json

        self.out(to_json(data, indent=2) + "\n", machine=True)

    def say(self, text: str) -> None:
        """Print one line for people, cleaned of whatever could steer the terminal."""
        from provenance.report.wording import clean

        self._write_error(clean(text) + "\n")

    def say_counts(self, counts: Sequence[tuple[str, int, str]]) -> None:
        """Print a small table for people: what, how many, and a note on it or ""."""
        name = max((len(what) for what, _, _ in counts), default=0)
        width = max((len(str(count)) for _, count, _ in counts), default=0)
        for what, count, note in counts:
            line = f"  {what:<{name}}  {count:>{width}}" + (f"  ({note})" if note else "")
            self._write_error(line + "\n")

    def complain(self, message: str, hint: str = "") -> None:
        """Print an error and what can be done."""
        self.say(f"Error: {message}")
        if hint:
            self.say(f"Hint: {hint}")

    def trace(self, error: BaseException | None = None) -> None:
        """Print where in the program an error arose, the one being handled unless another is given,
        where that is wanted."""
        if self.verbose:
            text = "".join(traceback.format_exception(error)) if error else traceback.format_exc()
            self._write_error("".join(c if c.isprintable() or c == "\n" else "?" for c in text))

    def confirm(self, question: str) -> bool:
        """Ask a person; no is the default."""
        import click

        from provenance.report.wording import clean

        with self._uncovered():
            return click.confirm(clean(question), err=True)

    @property
    def can_ask(self) -> bool:
        """Whether somebody sits there who can answer."""
        return sys.stdin is not None and sys.stdin.isatty()

    @property
    def out_is_terminal(self) -> bool:
        """Whether results go to a terminal."""
        return self.stdout.isatty()

    def console(self) -> Console | None:
        """What decides on width and colours of results; None: plain text."""
        from rich.console import Console

        console = Console(file=self.stdout)
        return console if console.is_terminal else None

    @cached_property
    def progress(self) -> Progress:
        """Where long work reports to."""
        if sys.stderr.isatty():
            from provenance.cli._bars import Bars

            self._bars = Bars()
            return self._bars
        return _Lines(self) if self.verbose else SilentProgress()

    @contextlib.contextmanager
    def several(self, doing: str, count: int) -> Iterator[Callable[[float], None]]:
        """How far work on several sources has come; nothing for a single one.

        Gives what to call after each source, with the seconds of footage in it. A terminal gets a
        bar, with how fast it goes and how long it takes yet; all else a line now and then.
        """
        if count < 2:
            yield lambda seconds: None
            return
        from provenance.cli._pace import Pace

        pace = Pace(doing, count)
        with self.progress.task(pace.text(), count) as task:
            said = time.monotonic()

            def done(seconds: float) -> None:
                nonlocal said
                pace.done(seconds)
                task.advance()
                task.describe(pace.text())
                if self._bars is None and time.monotonic() - said >= SAID_EVERY:
                    said = time.monotonic()
                    self.say(pace.sentence())

            yield done

    def _write_error(self, text: str) -> None:
        encoding = sys.stderr.encoding or "utf-8"
        # Words on a closed or full stream are lost; that must not stop the work they are about.
        with self._uncovered(), contextlib.suppress(OSError, ValueError):
            sys.stderr.write(text.encode(encoding, "replace").decode(encoding))
            sys.stderr.flush()

    @contextlib.contextmanager
    def _uncovered(self) -> Iterator[None]:
        if self._bars is None:
            yield
        else:
            with self._bars.hidden():
                yield


class _Lines:
    """Progress as a line for each finished step."""

    def __init__(self, terminal: Terminal) -> None:
        self._terminal = terminal

    def task(self, description: str, total: float | None = None) -> Task:
        return _LineTask(self._terminal, description)


class _LineTask:
    def __init__(self, terminal: Terminal, description: str) -> None:
        self._terminal = terminal
        self._description = description
        self._started = time.monotonic()

    def advance(self, amount: float = 1.0) -> None:
        return

    def describe(self, description: str) -> None:
        self._description = description

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        took = time.monotonic() - self._started
        self._terminal.say(f"{self._description}: {took:.1f} s")

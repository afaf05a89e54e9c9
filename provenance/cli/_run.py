"""From arguments to an exit code: every error that gets here becomes words and a number."""

from __future__ import annotations

import contextlib
import os
import signal
import threading
from collections.abc import Iterator, Sequence
from types import FrameType
from typing import TextIO

import click

from provenance.cli._codes import NOBODY_READS
from provenance.cli._program import program
from provenance.cli._session import Session
from provenance.cli._signals import answered, raised_for_certain
from provenance.cli._terminal import internal_error
from provenance.errors import InterruptedWorkError, ProvenanceError, UsageError


def run(argv: Sequence[str], *, alone: bool = False) -> int:
    """Run one command line; the exit code. Raises nothing.

    Args:
        argv: without the program's name.
        alone: the process is for this command line only, and may be changed for it.
    """
    session = Session(alone=alone)
    terminal = session.terminal
    try:
        with raised_for_certain(), _ended_by_signals():
            return _run(argv, session)
    except (KeyboardInterrupt, click.Abort):
        # Started with -m, Python ends by the signal, without an exit code, where Ctrl-C came within
        # an exec(), as dataclasses have while a module is loaded. Another exec() lets it forget.
        exec("")  # noqa: S102
        terminal.complain("Interrupted.", "What was finished before is kept.")
        return InterruptedWorkError.exit_code
    except click.ClickException as error:
        terminal.complain(error.format_message(), _usage_hint(error))
        return UsageError.exit_code
    except ProvenanceError as error:
        terminal.complain(error.message, error.hint)
        terminal.trace()
        return error.exit_code
    except BrokenPipeError:
        return NOBODY_READS
    except Exception as error:
        fault = internal_error(error)
        terminal.complain(fault.message, fault.hint)
        terminal.trace()
        return fault.exit_code
    finally:
        _let_go(terminal.stdout)


def _run(argv: Sequence[str], session: Session) -> int:
    try:
        with program.make_context("provenance", list(argv), obj=session) as context:
            result = program.invoke(context)
    except click.exceptions.Exit as end:  # --help and --version
        result = end.exit_code
    session.terminal.stdout.flush()
    return result if isinstance(result, int) else 0


@contextlib.contextmanager
def _ended_by_signals() -> Iterator[None]:
    """Being told to end is like Ctrl-C: children are ended and scratch files deleted on the way."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    names = (signal.SIGTERM, signal.SIGHUP)
    # What somebody set to be ignored (nohup) stays ignored.
    with answered([s for s in names if signal.getsignal(s) is signal.SIG_DFL], _interrupt):
        yield


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _usage_hint(error: click.ClickException) -> str:
    context = error.ctx if isinstance(error, click.UsageError) else None
    return f"`{context.command_path if context else 'provenance'} --help` explains the options."


def _let_go(stdout: TextIO) -> None:
    """What cannot be written is dropped; else Python tries again on exit and ends with code 120."""
    try:
        stdout.flush()
    except (OSError, ValueError):
        with contextlib.suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), stdout.fileno())

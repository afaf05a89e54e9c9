"""`provenance watch`: check whatever arrives in a folder."""

from __future__ import annotations

import contextlib
import signal
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

import click

from provenance.cli._codes import SOME_FAILED
from provenance.cli._options import archive_option, everywhere, pass_session
from provenance.cli._session import Session
from provenance.cli._signals import answered

if TYPE_CHECKING:
    from provenance.cli._terminal import Terminal
    from provenance.watch import Handled, Summary

_SECONDS = click.FloatRange(min=0.1, max=86400.0)
_FOLDER = click.Path(path_type=Path)
_LABEL_WIDTH = 18  # of the longest label
_SHOWN_NAMES = 5


@everywhere
@archive_option
@click.command("watch", short_help="Check whatever arrives in a folder.")
@click.argument("inbox", metavar="INBOX", type=_FOLDER)
@click.option(
    "--reports",
    required=True,
    type=_FOLDER,
    metavar="DIR",
    help="Where reports go: NAME.report.json and NAME.report.html, and the list failed.csv.",
)
@click.option(
    "--move",
    type=_FOLDER,
    metavar="DIR",
    help="Move files there when they are reported. [default: they stay]",
)
@click.option(
    "--settle",
    type=_SECONDS,
    default=3.0,
    metavar="SECONDS",
    help="A file is complete when it, and its claim, have not changed for so long. [default: 3]",
)
@click.option(
    "--poll",
    type=_SECONDS,
    is_flag=False,
    flag_value=10.0,
    metavar="[SECONDS]",
    help="Look every so often (10 seconds), instead of being told of changes by the system: for "
    "network shares.",
)
@click.option("--recursive", is_flag=True, help="Look into subfolders, too.")
@click.option(
    "--jobs",
    type=click.IntRange(1, 64),
    default=1,
    metavar="N",
    help="How many are checked at once. [default: 1]",
)
@click.option(
    "--once", is_flag=True, help="End when everything that is complete has been handled: for cron."
)
@click.option("--retry-failed", is_flag=True, help="Begin with what failed before.")
@click.option(
    "--require-claim", is_flag=True, help="Leave alone whatever nothing is claimed of, until it is."
)
@click.option(
    "--status",
    type=_FOLDER,
    metavar="FILE",
    help="Where its state is kept for monitoring. [default: status.json among the reports]",
)
@pass_session
def command(
    session: Session,
    *,
    inbox: Path,
    reports: Path,
    move: Path | None,
    settle: float,
    poll: float | None,
    recursive: bool,
    jobs: int,
    once: bool,
    retry_failed: bool,
    require_claim: bool,
    status: Path | None,
) -> int:
    """Check whatever arrives in the folder INBOX, once each, and write its report.

    What is claimed of clip.mp4 stands in clip.claim.json beside it, or in a claims.csv in the
    folder. A *.txt holds addresses, one a line; so do shortcuts (*.url, *.webloc). What cannot be
    checked is listed in failed.csv and stops nothing. The archive keeps a journal, so that each
    file is reported once, whoever is stopped when, and several can watch one folder.

    Ctrl-C ends it. So does SIGTERM, with exit code 0; what was being checked then is checked again.
    """
    from provenance.watch import Watcher, WatchOptions

    terminal = session.terminal
    options = WatchOptions(
        reports=reports,
        status=status,
        move=move,
        settle=settle,
        poll=poll,
        recursive=recursive,
        jobs=jobs,
        once=once,
        retry_failed=retry_failed,
        require_claim=require_claim,
    )

    def tell(handled: Handled) -> None:
        _tell(terminal, handled)

    with session.open_archive() as archive:
        watcher = Watcher(inbox, options, archive, session.settings, tell, terminal.complain)
        try:
            with _told_to_end():
                watcher.run()
        except _ToldToEndError:
            return 0
        finally:
            if watcher.summary:
                _sum_up(terminal, watcher.summary)
    return SOME_FAILED if watcher.summary and watcher.summary.failed else 0


class _ToldToEndError(BaseException):
    """Somebody who starts and stops services wants this one to end."""


@contextlib.contextmanager
def _told_to_end() -> Iterator[None]:
    """Being told to end is no interruption here: it is how watching ends."""

    def end(number: int, frame: FrameType | None) -> None:
        for one in heard:
            signal.signal(one, signal.SIG_IGN)  # once is enough: ending must not be interrupted
        raise KeyboardInterrupt if number == signal.SIGINT else _ToldToEndError

    names = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT)
    heard = [s for s in names if signal.getsignal(s) is not signal.SIG_IGN]
    with answered(heard, end):
        yield


def _tell(terminal: Terminal, handled: Handled) -> None:
    from provenance.report.wording import clean

    if handled.outcome == "reported":
        line = f"{handled.label:<{_LABEL_WIDTH}}  {handled.title}  {handled.page}"
        terminal.out(clean(line) + "\n")
    elif handled.outcome == "postponed" and handled.error:
        terminal.say(f"{handled.title}: {handled.error.message} It is tried again later.")
    elif handled.error:
        terminal.complain(f"{handled.title}: {handled.error.message}", handled.error.hint)


def _sum_up(terminal: Terminal, summary: Summary) -> None:
    labels = [f"{count} {label.replace('_', ' ')}" for label, count in summary.labels.items()]
    said = ", ".join([*labels, f"{summary.failed} failed"])
    terminal.say(f"Reported {summary.labels.total()}: {said}.")
    if summary.waiting:
        terminal.say(f"{summary.waiting} wait for their turn.")
    if summary.postponed:
        title, why = summary.postponed[0]
        count = len(summary.postponed)
        terminal.say(f"To be tried again later: {count}. The first is {title}: {why}")
    for names, what in (
        (summary.unfinished, "not complete yet, left for next time"),
        (summary.unclaimed, "without a claim, left until there is one"),
    ):
        if names:
            more = f" and {len(names) - _SHOWN_NAMES} more" if len(names) > _SHOWN_NAMES else ""
            terminal.say(f"{', '.join(names[:_SHOWN_NAMES])}{more}: {what}.")

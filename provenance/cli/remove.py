"""`provenance remove`: footage goes with all that is kept of it."""

from __future__ import annotations

import click

from provenance.cli._options import FOOTAGE_ID, archive_option, everywhere, pass_session
from provenance.cli._session import Session
from provenance.errors import InterruptedWorkError, UsageError

_MOST_NAMED = 10


@everywhere
@archive_option
@click.command("remove", short_help="Remove footage for good.")
@click.argument("footage_ids", metavar="ID...", type=FOOTAGE_ID, nargs=-1, required=True)
@click.option("--yes", is_flag=True, help="Do not ask.")
@pass_session
def command(session: Session, footage_ids: tuple[int, ...], yes: bool) -> int:
    """Remove footage with its fingerprints, pictures, appearances and history, for good.

    It is in no answer from then on. Traces of its features and its sound stay in the files of
    the index until they are merged; `provenance compact` merges them at once. Asks first; where
    nobody can be asked, --yes is needed.
    """
    from provenance.report.wording import footage_name

    terminal = session.terminal
    with session.open_archive() as archive:
        # All are looked up before any goes, so that a slip of the pen removes nothing.
        doomed = [archive.footage(number) for number in dict.fromkeys(footage_ids)]
        if not yes:
            if not terminal.can_ask:
                raise UsageError(
                    "Removing cannot be undone, and there is no terminal to ask on.",
                    "Add --yes to remove without being asked.",
                )
            for footage in doomed[:_MOST_NAMED]:
                terminal.say(f"{footage.id}: {footage_name(footage)}, {footage.location}")
            count = len(doomed)
            if not terminal.confirm(
                f"Remove {'this' if count == 1 else f'these {count}'} for good?"
            ):
                raise InterruptedWorkError("Nothing was removed.")
        with terminal.progress.task("removing", len(doomed)) as task:
            for footage in doomed:
                archive.remove(footage.id)
                task.advance()
                terminal.out(f"{footage.id:>5}  removed  {footage_name(footage)}\n")
    return 0

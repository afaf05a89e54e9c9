"""`provenance compact`: the archive made small and quick."""

from __future__ import annotations

import click

from provenance.cli._options import archive_option, everywhere, pass_session
from provenance.cli._session import Session


@everywhere
@archive_option
@click.command("compact", short_help="Make the archive small and quick.")
@pass_session
def command(session: Session) -> int:
    """Merge the files of the index into one, and give back the room of removed footage.

    Worth it after thousands of additions, or to have removed footage gone from every file. Checks
    go on meanwhile, additions wait. It can be interrupted: what was there stays.
    """
    from provenance.report.wording import size

    terminal = session.terminal
    with session.open_archive() as archive:
        before = archive.bytes_on_disk()
        archive.compact(progress=terminal.progress)
        after = archive.bytes_on_disk()
        terminal.out(f"{archive.location}: {size(before)} before, {size(after)} now\n")
    return 0

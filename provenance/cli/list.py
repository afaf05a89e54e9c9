"""`provenance list`: what the archive holds."""

from __future__ import annotations

import click

from provenance.cli._options import archive_option, everywhere, json_option, pass_session
from provenance.cli._session import Session


@everywhere
@archive_option
@click.command("list", short_help="List the known footage.")
@json_option("all footage with all appearances")
@pass_session
def command(session: Session, as_json: bool) -> int:
    """List the known footage, one line each: id, duration, first known appearance, title."""
    from provenance.cli._footage import header, row
    from provenance.models import footage_dict

    terminal = session.terminal
    with session.open_archive() as archive:
        if as_json:
            terminal.out_json([footage_dict(footage) for footage in archive.footages()])
            return 0
        if not archive.state().footages:
            terminal.say(f"The archive {archive.location} is empty.")
            return 0
        if terminal.out_is_terminal:
            terminal.out(header())
        for footage in archive.footages():
            terminal.out(row(footage))
    return 0

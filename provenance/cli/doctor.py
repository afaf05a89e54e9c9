"""`provenance doctor`: look whether everything is in order."""

from __future__ import annotations

from dataclasses import asdict

import click

from provenance.cli._options import archive_option, everywhere, json_option, pass_session
from provenance.cli._session import Session
from provenance.errors import ArchiveError


@everywhere
@archive_option
@click.command("doctor", short_help="Look whether everything is in order.")
@click.option(
    "--repair", is_flag=True, help="Build the archive's index again where needed, delete leftovers."
)
@json_option("what was found")
@pass_session
def command(session: Session, repair: bool, as_json: bool) -> int:
    """Look at what is installed, which ffmpeg is used, and whether the archive is sound.

    Each line says ok, warn or fail, and what to do. The exit code is 5 where the archive has a
    problem, else 0.
    """
    from provenance.doctor import examine
    from provenance.report.wording import clean

    terminal = session.terminal
    found = []
    for diagnosis in examine(session.settings, repair=repair, progress=terminal.progress):
        found.append(diagnosis)
        if not as_json:
            line = f"{diagnosis.status:<4}  {clean(diagnosis.name):<22}  {clean(diagnosis.text)}\n"
            if diagnosis.advice:
                line += f"{'':<30}{clean(diagnosis.advice)}\n"
            terminal.out(line)
    if as_json:
        terminal.out_json([asdict(diagnosis) for diagnosis in found])
    return ArchiveError.exit_code if any(d.status == "fail" for d in found) else 0

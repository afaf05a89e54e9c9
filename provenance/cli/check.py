"""`provenance check`: find out whether clips are known footage, and older than is claimed."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from provenance.cli._checking import Asked, Run, Table, Ways
from provenance.cli._claims import answers_file, asked_by, left_to_ask
from provenance.cli._options import (
    DATE,
    DATE_OR_SPAN,
    archive_option,
    everywhere,
    fresh_option,
    pass_session,
)
from provenance.cli._output import format_for, open_output
from provenance.cli._session import Session
from provenance.errors import UsageError
from provenance.report import FORMATS

if TYPE_CHECKING:
    from provenance.cli._bundle import Bundle


@everywhere
@archive_option
@click.command("check", short_help="Find out whether clips are known footage.")
@click.argument("sources", nargs=-1, metavar="SOURCE...")
@click.option(
    "--claims",
    "claims",
    metavar="FILE.csv",
    help="Check the rows of a table instead: url or path, text, date, place. With -o FILE.jsonl or "
    "FILE.csv, a call that was stopped goes on where it was.",
)
@click.option("--claim", "text", metavar="TEXT", help="What is said of the clip.")
@click.option(
    "--claim-date",
    "date",
    type=DATE_OR_SPAN,
    metavar="DATE[/DATE]",
    help="When it is said to have happened; two dates for a span of time.",
)
@click.option("--claim-place", "place", metavar="PLACE", help="Where it is said to have happened.")
@click.option("--claim-url", "url", metavar="URL", help="Where it is said.")
@click.option(
    "--claim-published",
    "said_at",
    type=DATE,
    metavar="DATE",
    help='When that was said; "yesterday" in TEXT is counted from it. [default: when the source '
    "was published]",
)
@click.option(
    "--claim-file",
    "claim_file",
    metavar="FILE",
    help="Read the claim from a JSON file with the keys text, date, date_end, place, url, "
    "published; the other options overrule it.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(FORMATS),
    help="How reports are written. [default: text, or what the name behind -o asks for]",
)
@click.option("--json", "as_json", is_flag=True, help="Short for --format json.")
@click.option(
    "-o",
    "--output",
    "path",
    metavar="FILE|-",
    help="Write to a file (with html also: a folder) instead of standard output.",
)
@click.option(
    "--jobs",
    type=click.IntRange(1, 256),
    metavar="N",
    help="Sources that are checked at once. [default: as many as there are processors]",
)
@click.option("--candidates", is_flag=True, help="Also list matches that are too weak to accept.")
@click.option("--remember", is_flag=True, help="Add the checked clips to the archive.")
@fresh_option("Fetch URLs anew, also those that were fetched a short while ago.")
@click.option(
    "--bundle",
    metavar="FILE.zip",
    help="Also write an evidence bundle: the report with matched frames, hashes and versions.",
)
@click.option(
    "--timestamp-url",
    "stamp_url",
    metavar="URL",
    help="Have the bundle stamped by this RFC 3161 server. [default: the setting timestamp_url]",
)
@click.option(
    "--exit-code",
    "exit_code",
    is_flag=True,
    help="End with exit code 10 when a clip appeared earlier than is claimed.",
)
@pass_session
def command(
    session: Session,
    *,
    sources: tuple[str, ...],
    claims: str | None,
    text: str | None,
    date: tuple[str, str | None] | None,
    place: str | None,
    url: str | None,
    said_at: str | None,
    claim_file: str | None,
    form: str | None,
    as_json: bool,
    path: str | None,
    jobs: int | None,
    candidates: bool,
    remember: bool,
    bundle: str | None,
    stamp_url: str | None,
    exit_code: bool,
) -> int:
    """Find out whether clips are known footage, and whether it is older than is claimed.

    SOURCE is a file, a URL, or `-` for one source a line on standard input. The claim holds for
    every SOURCE of the call; with --claims, each row has its own, and the options fill what it
    leaves open. Each source gets a report; one that cannot be read does not stop the others.

    What no option tells of the claim is looked for in TEXT or, without it, in the title and the
    description of a download: dates, also relative ones, and places. The report shows the words.

    DATE is as precise as you know it: 2024, 2024-10, 2024-10-29, 2024-10-29T08:30:00Z.
    """
    from provenance.claims import merge_claim, read_claim_file

    if as_json and form not in (None, "json"):
        raise UsageError(f"--json and --format {form} exclude each other.", "Give one of them.")
    base = read_claim_file(claim_file) if claim_file else None
    first, last = date or (None, None)
    claim = merge_claim(
        base, text=text, date=first, date_end=last, place=place, url=url, published=said_at
    )
    form = "json" if as_json else form or format_for(path, table=bool(claims))
    with session.open_archive() as archive:
        if claims:
            _refuse_odd_table(claims, sources, path)
            asked = asked_by(claims, claim, archive, candidates=candidates)
        else:
            asked = [Asked(source, claim) for source in _named(sources)]
        if not asked:
            session.terminal.say("No sources came on standard input.")
            if form == "html":  # the other formats have a way to say "none"
                return 0
        kept = _bundle(session, bundle, stamp_url, len(asked))
        table, output = Table(claims) if claims else None, None
        if claims and (output := answers_file(path, form, claims, asked)):
            asked, before = left_to_ask(asked, output)
            table = Table(claims, before)
            _say_what_is_taken_over(session, table, str(path))
        run = Run(
            session,
            asked,
            output or open_output(form, path, [one.source for one in asked], session.terminal),
            plain=form == "text" and path in (None, "-"),
            bundle=kept,
            table=table,
        )
        pictures = form == "html" or bool(kept)
        run.work(archive, Ways(candidates, remember, pictures, jobs, in_order=output is None))
    return run.code(exit_code)


def _refuse_odd_table(claims: str, sources: Sequence[str], path: str | None) -> None:
    if sources:
        raise UsageError(
            f"--claims names what is to be checked, and so does SOURCE ({sources[0]}).",
            "Write the source into a row of the table, or check it in a call of its own.",
        )
    target = Path(path) if path not in (None, "-") else None
    if target and target.exists() and Path(claims).exists() and target.samefile(claims):
        raise UsageError(f"{path} is the table of claims itself.", "Name another file with -o.")


def _say_what_is_taken_over(session: Session, table: Table, path: str) -> None:
    if table.before:
        session.terminal.say(
            f"{path} answers {len(table.before)} rows of {table.name} already. To have them "
            "checked anew, move it away or name another file with -o."
        )


def _bundle(
    session: Session, path: str | None, stamp_url: str | None, sources: int
) -> Bundle | None:
    """Where the evidence goes; refused before any work where it cannot go there."""
    from provenance.cli._bundle import Bundle

    if path is None:
        if stamp_url:
            raise UsageError("--timestamp-url stamps a bundle.", "Add --bundle FILE.zip.")
        return None
    if sources != 1:
        raise UsageError(
            f"A bundle holds the evidence of one source, and there are {sources}.",
            "Check them one by one with --bundle.",
        )
    return Bundle(session, path, stamp_url)


def _named(sources: Sequence[str]) -> list[str]:
    """The sources, with "-" replaced by the lines of standard input."""
    if not sources:
        raise click.UsageError(
            "Missing argument 'SOURCE...', or option '--claims'.", click.get_current_context()
        )
    if sources.count("-") > 1:
        raise UsageError("- stands among the sources twice.", "Standard input is read once.")
    return [name for source in sources for name in (_lines() if source == "-" else [source])]


def _lines() -> list[str]:
    """One source a line; blank lines and comments (#) are passed over."""
    text = os.fsdecode(sys.stdin.buffer.read()).removeprefix("\ufeff")
    lines = (line.strip() for line in text.split("\n"))
    return [line for line in lines if line and not line.startswith("#")]

"""`provenance check`: find out whether clips are known footage, and older than is claimed."""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from provenance.cli._codes import EARLIER, SOME_FAILED
from provenance.cli._options import (
    DATE,
    DATE_OR_SPAN,
    archive_option,
    everywhere,
    fresh_option,
    pass_session,
)
from provenance.cli._output import Output, format_for, open_output
from provenance.cli._session import Session
from provenance.errors import UsageError
from provenance.report import FORMATS

if TYPE_CHECKING:
    from provenance.cli._bundle import Bundle
    from provenance.models import Claim, Report, SourceError

_FAILED = "failed"


@everywhere
@archive_option
@click.command("check", short_help="Find out whether clips are known footage.")
@click.argument("sources", nargs=-1, required=True, metavar="SOURCE...")
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
    text: str | None,
    date: tuple[str, str | None] | None,
    place: str | None,
    url: str | None,
    said_at: str | None,
    claim_file: str | None,
    form: str | None,
    as_json: bool,
    path: str | None,
    candidates: bool,
    remember: bool,
    bundle: str | None,
    stamp_url: str | None,
    exit_code: bool,
) -> int:
    """Find out whether clips are known footage, and whether it is older than is claimed.

    SOURCE is a file, a URL, or `-` for one source a line on standard input. The claim holds for
    every SOURCE of the call. Each one gets a report; one that cannot be read does not stop the
    others.

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
    named = _named(sources)
    form = "json" if as_json else form or format_for(path)
    if not named:
        session.terminal.say("No sources came on standard input.")
        if form == "html":  # the other formats have a way to say "none"
            return 0
    kept = _bundle(session, bundle, stamp_url, named)
    output = open_output(form, path, named, session.terminal)
    plain = form == "text" and path in (None, "-")
    run = _Run(session, named, output, plain=plain, bundle=kept)
    run.work(claim, candidates=candidates, remember=remember, pictures=form == "html" or bool(kept))
    return run.code(exit_code)


class _Run:
    """One call over its sources."""

    def __init__(
        self,
        session: Session,
        sources: list[str],
        output: Output,
        *,
        plain: bool,
        bundle: Bundle | None,
    ) -> None:
        self._session = session
        self._terminal = session.terminal
        self._sources = sources
        self._output = output
        self._plain = plain
        self._bundle = bundle
        self._counts: Counter[str] = Counter()
        self._error: SourceError | None = None

    def work(
        self, claim: Claim | None, *, candidates: bool, remember: bool, pictures: bool
    ) -> None:
        """Check everything, one report after the other."""
        try:
            from provenance.checker import check_all

            with self._session.open_archive() as archive:
                reports = check_all(
                    self._sources,
                    claim=claim,
                    archive=archive,
                    settings=self._session.settings,
                    progress=self._terminal.progress,
                    candidates=candidates,
                    remember=remember,
                    pictures=pictures,
                    evidence=self._bundle is not None,
                )
                with self._terminal.several("checking", len(self._sources)) as done:
                    for report in reports:
                        self._take(report)
                        done(report.source.duration or 0.0)
            self._output.finish()
        except BaseException:
            self._say_what_is_kept(self._output.abandon())
            raise
        if len(self._sources) > 1:
            self._terminal.say(f"Checked {len(self._sources)} sources: {self._summary()}.")

    def code(self, tell_earlier: bool) -> int:
        """The exit code of the call."""
        if self._error:
            return SOME_FAILED if len(self._sources) > 1 else self._error.exit_code
        if self._bundle and self._bundle.code:
            return self._bundle.code
        return EARLIER if tell_earlier and self._counts["earlier_appearance"] else 0

    def _take(self, report: Report) -> None:
        error = report.error
        self._counts[_FAILED if error or not report.verdict else report.verdict.label] += 1
        several = len(self._sources) > 1
        if not (error and self._plain and not several):
            self._output.write(report)
        if self._bundle and not error:
            self._bundle.write(report)
        if error:
            self._error = error
            if not (self._plain and several):  # there the report on the screen says it already
                self._terminal.complain(error.message, error.hint)

    def _summary(self) -> str:
        from provenance.verdict.wording import joined

        return joined(
            [f"{count} {label.replace('_', ' ')}" for label, count in self._counts.items()]
        )

    def _say_what_is_kept(self, place: str) -> None:
        done, asked = self._counts.total(), len(self._sources)
        if asked > 1 and done:
            where = f", in {place}" if place else ""
            self._terminal.say(f"Checked {done} of {asked} sources{where}: {self._summary()}.")


def _bundle(
    session: Session, path: str | None, stamp_url: str | None, named: list[str]
) -> Bundle | None:
    """Where the evidence goes; refused before any work where it cannot go there."""
    from provenance.cli._bundle import Bundle

    if path is None:
        if stamp_url:
            raise UsageError("--timestamp-url stamps a bundle.", "Add --bundle FILE.zip.")
        return None
    if len(named) != 1:
        raise UsageError(
            f"A bundle holds the evidence of one source, and there are {len(named)}.",
            "Check them one by one with --bundle.",
        )
    return Bundle(session, path, stamp_url)


def _named(sources: Sequence[str]) -> list[str]:
    """The sources, with "-" replaced by the lines of standard input."""
    if sources.count("-") > 1:
        raise UsageError("- stands among the sources twice.", "Standard input is read once.")
    return [name for source in sources for name in (_lines() if source == "-" else [source])]


def _lines() -> list[str]:
    """One source a line; blank lines and comments (#) are passed over."""
    text = os.fsdecode(sys.stdin.buffer.read()).removeprefix("\ufeff")
    lines = (line.strip() for line in text.split("\n"))
    return [line for line in lines if line and not line.startswith("#")]

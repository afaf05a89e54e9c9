"""`provenance add`: learn known footage."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from provenance.cli._codes import SOME_FAILED
from provenance.cli._links import link_what_waits, say_links
from provenance.cli._options import (
    DATE,
    archive_option,
    everywhere,
    fresh_option,
    json_option,
    pass_session,
)
from provenance.cli._session import Session
from provenance.cli._terminal import Terminal, internal_error
from provenance.errors import ProvenanceError, UsageError
from provenance.settings import PROFILES
from provenance.urls import without_login

if TYPE_CHECKING:
    from provenance.archive import Archive, Outcome
    from provenance.settings import Settings


@everywhere
@archive_option
@click.command("add", short_help="Learn known footage.")
@click.argument("sources", nargs=-1, required=True, metavar="SOURCE...")
@click.option("--published", type=DATE, metavar="DATE", help="When it was published.")
@click.option("--url", help="Where it was published; for a single SOURCE.")
@click.option("--title", help="Its title.")
@click.option("--place", help="What place it shows.")
@click.option("--uploader", help="Who published it.")
@click.option("--note", help="What else should be known of it.")
@click.option(
    "--since",
    type=DATE,
    metavar="DATE",
    help="Of playlists and channels, take what was published then or later, and what has no date.",
)
@click.option(
    "--limit",
    type=click.IntRange(1),
    metavar="N",
    help="Of each playlist or channel, take the first N videos; known ones count.",
)
@fresh_option("Fetch URLs anew, also known ones and those that were fetched a short while ago.")
@click.option(
    "--no-thumbnails",
    "no_thumbnails",
    is_flag=True,
    help="Keep no pictures of it, only fingerprints. Reports then show none, and matches are "
    "verified less closely.",
)
@click.option(
    "--profile",
    type=click.Choice(PROFILES),
    help="How much is kept of it: the more, the more edits it is found under, and the larger the "
    "archive. [default: standard]",
)
@click.option(
    "--jobs",
    type=click.IntRange(1, 256),
    metavar="N",
    help="Sources that are learned at once. [default: as many as there are processors]",
)
@click.option(
    "--no-link",
    "no_link",
    is_flag=True,
    help="Do not look now whether it is a copy of known footage; the next `add` without this does.",
)
@json_option("what became of each source")
@pass_session
def command(
    session: Session,
    *,
    sources: tuple[str, ...],
    published: str | None,
    url: str | None,
    title: str | None,
    place: str | None,
    uploader: str | None,
    note: str | None,
    since: str | None,
    limit: int | None,
    no_thumbnails: bool,
    profile: str | None,
    jobs: int | None,
    no_link: bool,
    as_json: bool,
) -> int:
    """Learn known footage. The archive is created where there is none.

    SOURCE is a file, a folder (with all media files in it), a URL, or the URL of a playlist or a
    channel. The options hold for every SOURCE of the call; what they leave open comes from the
    site, or from a NAME.info.json beside the file, as yt-dlp writes it. A URL that is known is not
    fetched again, and bytes that are known get another appearance; so what was interrupted goes on
    when it is called again. What is recognised as a
    copy of known footage, edited or not, is linked to it, so that a check that finds the copy
    reports the earliest appearance of both; `reject` cuts a link.

    DATE is as precise as you know it: 2019, 2019-05, 2019-05-02, 2019-05-02T10:00:00Z.
    """
    from provenance.archive import Choice
    from provenance.dates import When
    from provenance.plugins import is_remote

    session.profile = profile
    if (since or limit) and not any(is_remote(name, session.settings) for name in sources):
        raise UsageError(
            "--since and --limit choose among the videos of playlists and channels, and no SOURCE "
            "is an address.",
            "Leave them out.",
        )
    choice = Choice(since=(since and When.parse(since)) or None, limit=limit, fresh=session.fresh)
    said = {
        "published": published,
        "url": url,
        "title": title,
        "place": place,
        "uploader": uploader,
        "note": note,
        "thumbnails": not no_thumbnails,
        "choice": choice,
        "jobs": jobs,
    }
    with session.open_archive() as archive:
        linking = None if no_link else session.settings
        run = _Run(session.terminal, linking, as_json=as_json)
        run.work(archive, sources, said)
    return run.code


class _Run:
    """One call over its sources. Without settings for linking nothing is linked."""

    def __init__(self, terminal: Terminal, linking: Settings | None, *, as_json: bool) -> None:
        self._terminal = terminal
        self._linking = linking
        self._as_json = as_json
        self._results: list[dict[str, Any]] = []
        self._new = self._known = self._older = self._links = 0
        self._errors: list[ProvenanceError] = []

    @property
    def code(self) -> int:
        """The exit code of the call."""
        if not self._errors:
            return 0
        return SOME_FAILED if self._total > 1 else self._errors[0].exit_code

    @property
    def _total(self) -> int:
        return self._new + self._known + len(self._errors)

    def work(self, archive: Archive, sources: Sequence[str], said: Mapping[str, Any]) -> None:
        """Add everything; what is done stands also when it is stopped amid it.

        Raises:
            ArchiveError: the archive cannot be written (its disk is full): no source would fare
                better than this one.
        """
        from provenance.archive import expand_sources

        names = expand_sources(sources)
        outcomes = archive.add_all(names, progress=self._terminal.progress, **said)
        try:
            with self._terminal.several("adding", len(names)) as done:
                for outcome in outcomes:
                    done(self._report(archive, outcome))
            self._catch_up(archive)
        finally:
            if self._as_json and self._results:
                self._terminal.out_json(self._results)
            if self._total > 1 or self._older:
                older = f", too old {self._older}" if self._older else ""
                counts = f"Added {self._new}, already known {self._known}{older}"
                self._terminal.say(f"{counts}, failed {len(self._errors)}.")

    def _catch_up(self, archive: Archive) -> None:
        """Link what an earlier call left: it was interrupted, or told not to link."""
        if self._linking is not None:
            link_what_waits(archive, self._linking, self._terminal)

    def _report(self, archive: Archive, outcome: Outcome) -> float:
        """Say what became of a source; the seconds of footage that were learned."""
        from provenance.cli._footage import row
        from provenance.models import footage_dict, link_dict

        if outcome.error:
            self._failed(outcome.source, outcome.error)
            return 0.0
        if outcome.added is None:
            self._left_out(outcome)
            return 0.0
        if outcome.note:
            self._terminal.say(f"{without_login(outcome.source)} {outcome.note}")
        footage, new = outcome.added.footage, outcome.added.new
        self._new += new
        self._known += not new
        result = _result(outcome.source, new=new, footage=footage_dict(footage), note=outcome.note)
        self._results.append(result)
        if not self._as_json:
            self._terminal.out(row(footage, "new  " if new else "known"))
        if new and self._linking:  # after what is done has been told: comparing takes its time
            from provenance.linking import link_one

            _, links = link_one(archive, footage.id, self._linking) or (footage, [])
            result["copy_of"] = [link_dict(link) for link in links]
            say_links(self._terminal, footage, links)
        return (footage.duration or 0.0) if new else 0.0

    def _left_out(self, outcome: Outcome) -> None:
        """Say why nothing was learned of a source that did not fail, or what a list holds."""
        self._older += outcome.older
        self._results.append(_result(outcome.source, note=outcome.note))
        if not outcome.older or self._terminal.verbose:
            self._terminal.say(f"{without_login(outcome.source)} {outcome.note}")

    def _failed(self, name: str, fault: Exception) -> None:
        from provenance.models import SourceError

        error = (
            fault
            if isinstance(fault, ProvenanceError)
            else internal_error(fault, without_login(name))
        )
        self._errors.append(error)
        told = asdict(SourceError.of(error))
        self._results.append(_result(name, error=told))
        self._terminal.complain(error.message, error.hint)
        self._terminal.trace(fault)


def _result(source: str, *, new: bool = False, note: str = "", **said: Any) -> dict[str, Any]:
    """What --json tells of a source."""
    nothing: dict[str, Any] = {"footage": None, "copy_of": [], "error": None}
    return {"source": without_login(source), "new": new, **nothing, **said, "note": note or None}

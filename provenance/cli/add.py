"""`provenance add`: learn known footage."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from provenance.cli._codes import SOME_FAILED
from provenance.cli._options import DATE, archive_option, everywhere, json_option, pass_session
from provenance.cli._session import Session
from provenance.cli._terminal import internal_error
from provenance.errors import DownloadError, MediaError, ProvenanceError, UsageError
from provenance.process import LimitError

if TYPE_CHECKING:
    from provenance.archive import Added, Archive


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
    "--no-thumbnails",
    "no_thumbnails",
    is_flag=True,
    help="Keep no pictures of it, only fingerprints. Reports then show none, and matches are "
    "verified less closely.",
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
    no_thumbnails: bool,
    as_json: bool,
) -> int:
    """Learn known footage. The archive is created where there is none.

    SOURCE is a file, a folder (with all media files in it), a URL, or the URL of a playlist. The
    options hold for every SOURCE of the call; what they leave open comes from the site, or from a
    NAME.info.json beside the file, as yt-dlp writes it. Bytes that are known already get another
    appearance.

    DATE is as precise as you know it: 2019, 2019-05, 2019-05-02, 2019-05-02T10:00:00Z.
    """
    from provenance.archive import expand_sources

    names = expand_sources(sources)
    if url and len(names) > 1:
        raise _one_address(len(names))
    said = {
        "published": published,
        "url": url,
        "title": title,
        "place": place,
        "uploader": uploader,
        "note": note,
        "thumbnails": not no_thumbnails,
    }
    with session.open_archive() as archive:
        run = _Run(session, archive, said, as_json=as_json)
        run.work(names)
    return run.code


class _Run:
    """One call over its sources."""

    def __init__(
        self, session: Session, archive: Archive, said: dict[str, Any], *, as_json: bool
    ) -> None:
        self._session = session
        self._terminal = session.terminal
        self._archive = archive
        self._said = said
        self._as_json = as_json
        self._results: list[dict[str, Any]] = []
        self._new = self._known = 0
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

    def work(self, names: list[str]) -> None:
        """Add everything; what is done stands also when it is stopped amid it.

        Raises:
            ArchiveError: the archive cannot be written (its disk is full): no source would fare
                better than this one.
        """
        try:
            with self._terminal.several("adding", len(names)) as done:
                for name in names:
                    for single in self._expanded(name):
                        self._add(single)
                    done()
        finally:
            if self._as_json and self._results:
                self._terminal.out_json(self._results)
            if self._total > 1:
                counts = f"Added {self._new}, already known {self._known}"
                self._terminal.say(f"{counts}, failed {len(self._errors)}.")

    def _expanded(self, name: str) -> Iterator[str]:
        """The entries of a playlist; any other source as it is."""
        from provenance.download import expand, is_url

        if not is_url(name):
            yield name
            return
        try:
            with self._terminal.progress.task("contacting the site"):
                entries = expand(name, self._session.settings)
        except DownloadError as error:
            self._failed(name, error)
            return
        if self._said["url"] and len(entries) > 1:
            raise _one_address(len(entries))
        yield from entries

    def _add(self, name: str) -> None:
        try:
            added = self._archive.add(name, **self._said, progress=self._terminal.progress)
        except (DownloadError, MediaError, LimitError) as error:
            self._failed(name, error)
            return
        except ProvenanceError:
            raise
        except (
            Exception
        ) as error:  # a fault of ours with one source is no reason to drop the others
            self._failed(name, internal_error(error, name))
            return
        self._new += added.new
        self._known += not added.new
        self._report(name, added)

    def _report(self, name: str, added: Added) -> None:
        from provenance.cli._footage import row
        from provenance.models import footage_dict

        footage = footage_dict(added.footage)
        self._results.append({"source": name, "new": added.new, "footage": footage, "error": None})
        if not self._as_json:
            self._terminal.out(row(added.footage, "new  " if added.new else "known"))

    def _failed(self, name: str, error: ProvenanceError) -> None:
        from provenance.models import SourceError

        self._errors.append(error)
        told = asdict(SourceError(error.kind, error.message, error.hint, error.exit_code))
        self._results.append({"source": name, "new": False, "footage": None, "error": told})
        self._terminal.complain(error.message, error.hint)
        self._terminal.trace()


def _one_address(count: int) -> UsageError:
    return UsageError(
        f"--url names where one video was published, and there are {count} sources.",
        "Add them one by one, or leave --url out.",
    )

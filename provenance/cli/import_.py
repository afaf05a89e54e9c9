"""`provenance import`: learn from files of other desks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from provenance.cli._codes import SOME_FAILED
from provenance.cli._links import link_what_waits
from provenance.cli._options import DATE, archive_option, everywhere, json_option, pass_session
from provenance.cli._session import Session
from provenance.cli._terminal import Terminal, internal_error
from provenance.errors import FeedError, ProvenanceError, UsageError

if TYPE_CHECKING:
    from provenance.archive import Archive
    from provenance.feeds import Kind, Problem

_KINDS = ("manifest", "fact-checks", "hashes")
_MOST_TOLD = 20
"""Complaints about one file on the screen; --json has them all."""


@everywhere
@archive_option
@click.command("import", short_help="Learn from a manifest, a hash list or a feed of fact-checks.")
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@click.option(
    "--as",
    "kind",
    type=click.Choice(_KINDS),
    help="What FILE is. [default: what its content looks like]",
)
@click.option(
    "--published", type=DATE, metavar="DATE", help="Of a hash list: when the footage was published."
)
@click.option("--url", help="Of a hash list: where the footage was published.")
@click.option(
    "--title", help="Of a hash list: the title of the footage. [default: the file's name]"
)
@click.option("--place", help="Of a hash list: what place the footage shows.")
@click.option("--uploader", help="Of a hash list: who published the footage.")
@click.option("--note", help="Of a hash list: what else should be known, such as who shared it.")
@click.option(
    "--no-thumbnails",
    "no_thumbnails",
    is_flag=True,
    help="Of a manifest: keep no pictures of the footage, only fingerprints.",
)
@click.option(
    "--jobs",
    type=click.IntRange(1, 256),
    metavar="N",
    help="Of a manifest: rows that are learned at once. [default: as many as there are processors]",
)
@json_option("what became of each file")
@pass_session
def command(
    session: Session,
    /,
    *,
    files: tuple[str, ...],
    kind: Kind | None,
    no_thumbnails: bool,
    jobs: int | None,
    as_json: bool,
    **told: str | None,
) -> int:
    """Learn from files of other desks. The archive is created where there is none.

    FILE is a manifest of footage (CSV or lines of JSON), a list of vPDQ or PDQ hashes, or a feed of
    fact-checks (ClaimReview, MediaReview; JSON, or a saved page with JSON-LD in it). A wrong entry
    is told with its line or field and stops no other. What was interrupted goes on when it is
    called again: rows and fact-checks that are known are passed over.
    """
    terminal = session.terminal
    results, code = [], 0
    with session.open_archive() as archive:
        for file in files:
            run = _Import(terminal, archive, file, quiet=as_json)
            try:
                run.work(kind, told, thumbnails=not no_thumbnails, jobs=jobs)
            except (FeedError, UsageError) as error:
                if len(files) == 1:
                    raise
                run.failed_whole(error)
            finally:
                run.sum_up()
            results.append(run.result)
            code = code or run.code
        if any(result["kind"] == "manifest" and result["new"] for result in results):
            link_what_waits(archive, session.settings, terminal)
    if as_json:
        terminal.out_json(results)
    return code


class _Import:
    """One file."""

    def __init__(self, terminal: Terminal, archive: Archive, file: str, *, quiet: bool) -> None:
        self._terminal, self._archive, self._file, self._quiet = terminal, archive, file, quiet
        self._complaints = 0
        self.result: dict[str, Any] = {
            **{"file": file, "kind": None, "new": 0, "known": 0, "failed": 0},
            **{"footage": [], "problems": [], "error": None},
        }

    @property
    def code(self) -> int:
        """The exit code of this file."""
        return SOME_FAILED if self.result["failed"] or self.result["error"] else 0

    def work(
        self, kind: Kind | None, told: dict[str, str | None], *, thumbnails: bool, jobs: int | None
    ) -> None:
        """Import it.

        Raises:
            FeedError: the file cannot be read as what it should be.
            ArchiveError: the archive cannot be written.
        """
        from provenance.feeds import kind_of, read_bytes

        data = read_bytes(self._file)
        kind = kind or kind_of(data, self._file)
        named = [name for name, value in told.items() if value]
        if named and kind != "hashes":
            raise UsageError(
                f"--{named[0]} tells of a hash list, and {self._file} is none.",
                "A manifest says in its columns what is known of each row.",
            )
        self.result["kind"] = kind
        if kind == "fact-checks":
            self._fact_checks(data)
        elif kind == "manifest":
            self._manifest(data, thumbnails=thumbnails, jobs=jobs)
        else:
            self._hashes(data, told)

    def failed_whole(self, error: ProvenanceError) -> None:
        """The file itself cannot be read; others may be."""
        self.result["error"] = {"kind": error.kind, "message": error.message, "hint": error.hint}
        self._terminal.complain(error.message, error.hint)

    def sum_up(self) -> None:
        """What became of it, in one line for people."""
        more = self._complaints - _MOST_TOLD
        if more > 0 and not self._quiet:
            self._terminal.say(f"... and {more} more of the kind; --json lists them all.")
        result = self.result
        if result["kind"] == "manifest" and result["new"] + result["known"] + result["failed"]:
            self._terminal.say(
                f"{self._file}: added {result['new']}, already known {result['known']}, "
                f"failed {result['failed']}."
            )

    def _fact_checks(self, data: bytes) -> None:
        from provenance.feeds.fact_checks import read_fact_checks

        checks, problems = read_fact_checks(data, self._file)
        self._complain(problems)
        if not checks:
            return
        done = self._archive.fact_checks.put(checks)
        self.result |= {"new": done.new, "known": done.known, "linked": done.linked}
        self.result["without_media"] = done.without_media
        if self._quiet:
            return
        text = f"{self._file}: {done.new} new fact-checks, {done.known} known; "
        text += f"recorded with {done.linked} appearances of known footage"
        if done.without_media:
            text += f"; {done.without_media} name no footage"
        self._say_result(text + ".")

    def _manifest(self, data: bytes, *, thumbnails: bool, jobs: int | None) -> None:
        from provenance.archive.learn import Told
        from provenance.feeds.manifest import read_manifest

        rows, problems = read_manifest(data, self._file)
        self._complain(problems)
        told = [
            (r.source, Told(r.published, r.url, r.title, r.place, r.uploader, r.note)) for r in rows
        ]
        outcomes = self._archive.add_rows(
            told, thumbnails=thumbnails, jobs=jobs, progress=self._terminal.progress
        )
        with self._terminal.several("importing", len(rows)) as done:
            for row, outcome in zip(rows, outcomes, strict=True):
                if outcome.added:
                    self._added(outcome.added.footage.id, outcome.added.new)
                    if not outcome.passed and not self._quiet:
                        self._show(outcome.added.footage, outcome.added.new)
                    done((outcome.added.footage.duration or 0.0) if outcome.added.new else 0.0)
                else:
                    assert outcome.error
                    self._row_failed(row.where, outcome.error)
                    done(0.0)

    def _hashes(self, data: bytes, told: dict[str, str | None]) -> None:
        from provenance.archive.learn import Told, appearance_of
        from provenance.download import PlatformFacts
        from provenance.feeds.hash_lists import read_hashes

        frames, problems = read_hashes(data, self._file)
        self._complain(problems)
        title = told["title"] or Path(self._file).stem
        said = Told.of(
            *(told["published"], told["url"], title, told["place"], told["uploader"], told["note"])
        )
        appearance = appearance_of(said, PlatformFacts())
        location = str(Path(self._file).absolute())
        done = self._archive.hash_lists.add(frames, title, location, appearance)
        self._added(done.footage.id, done.new)
        self.result["hashes"] = len(frames)
        if not self._quiet:
            self._show(done.footage, done.new)

    def _added(self, footage_id: int, new: bool) -> None:
        self.result["new" if new else "known"] += 1
        if footage_id not in self.result["footage"]:
            self.result["footage"].append(footage_id)

    def _show(self, footage: Any, new: bool) -> None:
        from provenance.cli._footage import row

        self._terminal.out(row(footage, "new  " if new else "known"))

    def _row_failed(self, where: str, fault: Exception) -> None:
        from provenance.feeds import Problem

        error = fault if isinstance(fault, ProvenanceError) else internal_error(fault)
        self._complain([Problem(where, error.message)], error.hint)
        self._terminal.trace(fault)

    def _complain(self, problems: Sequence[Problem], hint: str = "") -> None:
        for problem in problems:
            self.result["problems"].append(asdict(problem))
            self.result["failed"] += problem.left_out
            self._complaints += 1
            if self._complaints > _MOST_TOLD:
                continue
            if problem.left_out:
                self._terminal.complain(str(problem), hint)
            else:
                self._terminal.say(f"Note: {problem}")

    def _say_result(self, text: str) -> None:
        from provenance.report.wording import clean

        self._terminal.out(clean(text) + "\n")

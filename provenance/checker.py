"""The one path from a source to its report: fetch, fingerprint, look up, match, judge.

with Archive.open() as archive:
    report = check("clip.mp4", claim=Claim("...", date="2024-10-29"), archive=archive)
"""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from provenance.archive import Archive
from provenance.arguments import expect, many_sources, one_source
from provenance.claims import completed
from provenance.credentials import read_credentials
from provenance.crew import Crew, checkpoint
from provenance.dates import When
from provenance.download import PlatformFacts, facts_from_sidecar
from provenance.errors import (
    ArchiveError,
    ArchiveNotFoundError,
    InterruptedWorkError,
    ProvenanceError,
    UnknownFootageError,
)
from provenance.evidence import evidence_of
from provenance.hash_lookup import match_hashes
from provenance.linking import with_links
from provenance.media import MediaInfo, file_sha256, probe
from provenance.metadata import read_metadata
from provenance.models import (
    Appearance,
    Claim,
    Footage,
    Match,
    Report,
    SegmentPictures,
    Source,
    SourceError,
)
from provenance.plugin_lookup import plugged_hits, proposals, with_hits
from provenance.plugins import describe, fingerprint_plugins, is_remote, obtain
from provenance.progress import Progress, SilentProgress
from provenance.scratch import scratch_folder
from provenance.seeing import SourceFrames
from provenance.settings import Settings, load_settings
from provenance.stopping import stoppable
from provenance.urls import is_url, without_login
from provenance.verdict import coverage, earliest_appearance, judge

if TYPE_CHECKING:
    from provenance.hearing import Ear
    from provenance.matching import Found, View
    from provenance.models import Fingerprint, Thumbnail

CANDIDATE_SCORE = 0.15
"""A match that is not accepted but scores this much makes a verdict `inconclusive` instead of
`no_match`; weaker ones are noise and only shown on request."""
WIDE = 16 / 9
"""Width to height of a wide frame."""
SHOWN_MATCHES = 5
PAIRS_A_SEGMENT = 3


def check(
    source: str | Path,
    *,
    claim: Claim | None = None,
    archive: Archive | None = None,
    settings: Settings | None = None,
    progress: Progress | None = None,
    candidates: bool = False,
    remember: bool = False,
    pictures: bool = True,
    evidence: bool = False,
) -> Report:
    """Find out whether a clip is known footage and what that means for a claim.

    Args:
        source: a path, a URL, or a location that a plug-in takes.
        claim: what is said of it.
        archive: what is known; None opens the default archive for this call.
        progress: told what is being done; what is `progress.Cancellable` can stop it at any time.
        candidates: also list matches too weak to accept.
        remember: add the checked clip to the archive afterwards.
        pictures: make the side-by-side pictures that only the HTML report shows.
        evidence: also keep what an evidence bundle holds besides the report.

    Raises:
        ArchiveError: no archive there, or it cannot be used.
        DownloadError, MediaError: the source cannot be had or read.
        UsageError: an argument of another kind.
        InterruptedWorkError: `progress` stopped it; no child process is left, nothing remembered.
    """
    name = one_source(source)
    expect(claim, Claim, "A claim", 'Give a Claim: Claim("...", date="2024-10-29").')
    expect(archive, Archive, "An archive", 'Give an Archive: Archive.open("FOLDER").')
    expect(settings, Settings, "Settings", "Give a Settings: load_settings({...}).")
    expect(progress, Progress, "Progress", "Give a Progress: Callback(on_progress=...).")
    settings = settings or load_settings()
    with contextlib.ExitStack() as stack:
        stack.enter_context(stoppable(progress))
        if archive is None:
            archive = stack.enter_context(Archive.open(settings=settings))
        if not archive.exists:
            raise ArchiveNotFoundError(
                f"There is no archive at {archive.location}.",
                "Learn some known footage first: `provenance add FILE --published DATE`.",
            )
        facts, path, fetched_at = PlatformFacts(), Path(name), None
        if is_remote(name, settings):
            folder = stack.enter_context(scratch_folder())
            fetched = obtain(name, folder, settings, progress)
            facts, path, fetched_at = fetched.facts, fetched.path, When.of(fetched.fetched)
        with Crew(1) as beside:
            beside.submit(_load_libraries)  # while children examine and decode the file
            one = _Checked.read(name, path, facts, settings, fetched_at)
            report = one.report(archive, claim, progress, candidates=candidates)
        if pictures:
            report = replace(report, pictures=one.pictures(archive, report.matches))
        if evidence:
            kept = evidence_of(path, one.info, one.facts, report.matches, settings)
            report = replace(report, evidence=kept)
        checkpoint()
        if remember:
            one.remember(archive, progress)
        return report


def check_all(
    sources: Iterable[str | Path],
    *,
    claim: Claim | None = None,
    archive: Archive | None = None,
    settings: Settings | None = None,
    progress: Progress | None = None,
    candidates: bool = False,
    remember: bool = False,
    pictures: bool = True,
    evidence: bool = False,
) -> Iterator[Report]:
    """One report a source, in the order given; a bad source gives a report with `error`.

    Raises:
        ArchiveError: the archive itself cannot be used, so that no source could be checked.
        InterruptedWorkError: the caller stopped the work.
    """
    for source in many_sources(sources):
        try:
            yield check(
                source,
                claim=claim,
                archive=archive,
                settings=settings,
                progress=progress,
                candidates=candidates,
                remember=remember,
                pictures=pictures,
                evidence=evidence,
            )
        except (ArchiveError, InterruptedWorkError):
            raise
        except ProvenanceError as error:
            yield failure(source, claim, error)
        except Exception as error:  # a fault of ours with one source must not lose the others
            fault = ProvenanceError(
                f"{source} could not be checked because of a fault in the program "
                f"({type(error).__name__}: {error}).",
                "Please report it, if you can with the clip.",
            )
            fault.__cause__ = error
            yield failure(source, claim, fault)


def failure(source: str | Path, claim: Claim | None, error: ProvenanceError) -> Report:
    """The report of a source that could not be checked."""
    return Report(
        source=Source(location=without_login(str(source))),
        checked_at=_now(),
        claim=claim,
        error=SourceError.of(error),
    )


@dataclass(frozen=True)
class _Checked:
    """A source that is at hand as a file, and what is known of the file."""

    path: Path
    source: Source
    info: MediaInfo
    facts: PlatformFacts
    settings: Settings
    ear: Ear

    @property
    def fetched(self) -> bool:
        """It was fetched, so that `path` is a name of ours, and gone when the check is done."""
        return self.source.fetched_at is not None

    @classmethod
    def read(
        cls,
        location: str,
        path: Path,
        facts: PlatformFacts,
        settings: Settings,
        fetched_at: When | None = None,
    ) -> _Checked:
        info = probe(path, settings)
        from provenance.hearing import Ear

        fetched = fetched_at is not None
        if not fetched:
            facts = facts_from_sidecar(path) or facts
        source = Source(
            location=without_login(location),
            url=facts.url or (without_login(location) if is_url(location) else None),
            file=path.name if fetched else str(path.absolute()),
            sha256=file_sha256(path),
            bytes=path.stat().st_size,
            duration=info.duration,
            width=info.width,
            height=info.height,
            fps=info.fps,
            codec=info.codec,
            title=facts.title,
            uploader=facts.uploader,
            platform=facts.platform,
            published=facts.published,
            basis=facts.basis,
            description=facts.description,
            fetched_at=fetched_at,
        )
        return cls(path, source, info, facts, settings, Ear(path, info, settings))

    def report(
        self,
        archive: Archive,
        claim: Claim | None,
        progress: Progress | None,
        *,
        candidates: bool,
    ) -> Report:
        from provenance.fingerprints import fingerprint_query, is_usable

        frames = SourceFrames(self.path, self.info, self.settings)
        state = archive.state()
        assert self.source.sha256
        banned = frozenset(archive.rejected_for(self.source.sha256))
        with Crew(3) as beside:
            claimed = beside.submit(completed, claim, self.source)
            heard = beside.submit(self.ear.listen)
            query = fingerprint_query(
                self.path, self.info, self.settings, progress, read=frames.read
            )
            heard.result()
            # Decoding and describing keep two processors busy, matching does not: what else is
            # to be done for the file waits until then.
            known_sounds = beside.submit(self.ear.known, archive)
            said_to_be = beside.submit(read_credentials, self.path, self.settings)
            of_itself = beside.submit(
                read_metadata,
                *(self.path, self.info, self.settings),
                last_modified=self.facts.last_modified,
                name=None if self.fetched else self.path.name,
            )
            matches = self._matches(archive, query, frames, banned, progress)
            sounds, credentials = known_sounds.result(), said_to_be.result()
            claim, metadata = claimed.result(), of_itself.result()
        sound, matches = self.ear.compare(archive, matches, banned, sounds)
        hashed = match_hashes(self.path, self.info, archive, banned, self.settings)
        # A title card is found again if it is known; it is only no ground for `no_match`.
        usable = is_usable(query) or any(match.accepted for match in matches)
        weighty = [m for m in matches if m.accepted or m.score >= CANDIDATE_SCORE] + hashed
        listed = matches if candidates else [m for m in matches if m.accepted]
        listed = sorted([*listed, *hashed], key=lambda match: -match.score)
        met = archive.fact_checks.met(self.source, matches)
        verdict = judge(
            source=self.source,
            claim=claim,
            matches=weighty,
            usable=usable,
            archive=state,
            metadata=metadata,
            sound=sound,
            credentials=credentials,
            fact_checks=met,
        )
        if not candidates:
            sound = replace(sound, matches=tuple(m for m in sound.matches if m.accepted))
        return Report(
            source=self.source,
            checked_at=_now(),
            archive=state,
            claim=claim,
            verdict=verdict,
            coverage=coverage(listed, self.info.duration),
            earliest=earliest_appearance(listed, self.source),
            matches=tuple(listed),
            metadata=metadata,
            content_credentials=credentials,
            sound=sound,
            fact_checks=met,
        )

    def _matches(
        self,
        archive: Archive,
        query: Fingerprint,
        frames: SourceFrames,
        banned: frozenset[int],
        progress: Progress | None,
    ) -> list[Match]:
        from provenance.matching import find, mark_commonplace

        with (progress or SilentProgress()).task("looking up known footage", None):
            hits = plugged_hits(self.path, self.info, archive, banned, self.settings)
            found = find(
                *(query, self.info.duration, archive, frames),
                banned=banned,
                proposals=proposals(hits),
            )
            if not any(item.score >= self.settings.accept_score for item in found):
                found = self._second_look(archive, frames, found, banned)
        matches = mark_commonplace([m for item in found if (m := self._match(archive, item))])
        return with_links(archive, with_hits(archive, matches, hits), banned)

    def _second_look(
        self, archive: Archive, frames: SourceFrames, found: list[Found], banned: frozenset[int]
    ) -> list[Found]:
        """Look again with upright frames made wide, or wide ones upright.

        Local features forgive a squeeze by a third, not upright video stretched over a wide screen.
        """
        from provenance.fingerprints import fingerprint_query
        from provenance.matching import as_squeezed, find

        width, height = self.info.width, self.info.height
        if not width or not height:
            return found
        factor = (WIDE if height > width else 1 / WIDE) * height / width
        query = fingerprint_query(
            self.path, self.info, self.settings, reshape=factor, read=frames.read
        )

        def look(start: float, end: float, every: float) -> View:
            return frames(start, end, every).reshaped(factor)

        best = {item.footage: item for item in found}
        for item in find(query, self.info.duration, archive, look, banned=banned):
            if item.footage not in best or item.score > best[item.footage].score:
                best[item.footage] = as_squeezed(item, factor)
        return sorted(best.values(), key=lambda item: -item.score)

    def _match(self, archive: Archive, found: Found) -> Match | None:
        try:
            footage = archive.footage(found.footage)
        except UnknownFootageError:  # removed by somebody else since it was found
            return None
        return Match(
            footage=footage,
            score=found.score,
            accepted=found.score >= self.settings.accept_score,
            segments=found.segments,
            edits=tuple(found.edits),
            edit_details=found.edits,
        )

    def pictures(self, archive: Archive, matches: Sequence[Match]) -> tuple[SegmentPictures, ...]:
        """Side-by-side pictures of the accepted segments; what cannot be shown is left out."""
        from provenance.fingerprints import thumbnail_at

        shown = []
        for number, match in enumerate(matches[:SHOWN_MATCHES]):
            for place, segment in enumerate(match.segments):
                if not match.accepted:
                    continue
                length = segment.query_end - segment.query_start
                shares = [(k + 0.5) / PAIRS_A_SEGMENT for k in range(PAIRS_A_SEGMENT)]
                if self.info.duration is None:
                    shares = [0.0]
                span = segment.reference_end - segment.reference_start
                moments = [
                    segment.reference_start + span * (1 - s if segment.reversed else s)
                    for s in shares
                ]
                known = _thumbnails(archive, match.footage.id, moments)
                pairs = []
                for share, moment, thumbnail in zip(shares, moments, known, strict=True):
                    # The kept picture is the nearest one: show the source at that one's moment.
                    shift = 0.0 if thumbnail is None else thumbnail.seconds - moment
                    if segment.reversed:
                        shift = -shift
                    at = segment.query_start + share * length + shift / max(segment.speed, 1e-3)
                    at = min(max(at, segment.query_start), segment.query_end)
                    pairs.append((thumbnail_at(self.path, self.info, at, self.settings), thumbnail))
                shown.append(SegmentPictures(number, place, tuple(pairs)))
        return tuple(shown)

    def remember(self, archive: Archive, progress: Progress | None) -> None:
        """Add the checked clip to the archive, marked as what it is."""
        from provenance.fingerprints import fingerprint_known

        assert self.source.sha256
        fingerprint, thumbnails = fingerprint_known(
            self.path, self.info, self.settings, progress=progress
        )
        published, basis = self.facts.published, self.facts.basis
        footage = Footage(
            id=0,
            location=self.source.url
            or (self.source.location if self.fetched else str(self.path.absolute())),
            sha256=self.source.sha256,
            title=self.source.title,
            duration=self.info.duration,
            width=self.info.width,
            height=self.info.height,
            fps=self.info.fps,
        )
        appearance = Appearance(
            url=self.source.url,
            platform=self.source.platform,
            published=published or _now(),
            basis=basis if published else "ingested",
            title=self.source.title,
            uploader=self.source.uploader,
            note="Recorded when it was checked.",
            remembered_sha256=self.source.sha256,
        )
        kinds = fingerprint_plugins(self.settings)
        vectors = describe(self.path, self.info, kinds, self.settings)
        archive.store(footage, fingerprint, thumbnails, appearance, self.ear.heard, vectors)


def _thumbnails(
    archive: Archive, footage_id: int, moments: Sequence[float]
) -> Sequence[Thumbnail | None]:
    try:
        return archive.thumbnails(footage_id, moments)
    except UnknownFootageError:  # removed by somebody else since it was found
        return [None] * len(moments)


def _load_libraries() -> None:
    from provenance.fingerprints import load_libraries

    load_libraries()


def _now() -> When:
    return When.of(dt.datetime.now(dt.UTC).replace(microsecond=0))

"""The one path from a source to its report: fetch, fingerprint, look up, match, judge.

with Archive.open() as archive:
    report = check("clip.mp4", claim=Claim("...", date="2024-10-29"), archive=archive)
"""

from __future__ import annotations

import contextlib
import datetime as dt
import math
import threading
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from provenance.archive import Archive
from provenance.claims import completed
from provenance.credentials import read_credentials
from provenance.crew import Crew
from provenance.dates import When
from provenance.download import PlatformFacts, download, facts_from_sidecar, is_url, scratch_folder
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
from provenance.progress import Progress, SilentProgress
from provenance.settings import Settings, load_settings
from provenance.verdict import coverage, earliest_appearance, judge

if TYPE_CHECKING:
    from provenance.hearing import Ear
    from provenance.matching import Found, View
    from provenance.media import Frame
    from provenance.models import Fingerprint

CANDIDATE_SCORE = 0.15
"""A match that is not accepted but scores this much makes a verdict `inconclusive` instead of
`no_match`; weaker ones are noise and only shown on request."""
WIDE = 16 / 9
"""Width to height of a wide frame."""
MOST_KEPT = 80
"""Frames of a source that are kept for a second look, which takes a fifth of them."""
MOST_VIEWS = 3
"""Stretches of a long source that are kept as they were decoded, some 40 MB each."""
SLACK = 0.0005
"""Seconds by which frames may be nearer to each other: time stamps are rounded."""
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
        source: a path or a URL.
        claim: what is said of it.
        archive: what is known; None opens the default archive for this call.
        candidates: also list matches too weak to accept.
        remember: add the checked clip to the archive afterwards.
        pictures: make the side-by-side pictures that only the HTML report shows.
        evidence: also keep what an evidence bundle holds besides the report.

    Raises:
        ArchiveError: no archive there, or it cannot be used.
        DownloadError, MediaError: the source cannot be had or read.
    """
    settings = settings or load_settings()
    with contextlib.ExitStack() as stack:
        if archive is None:
            archive = stack.enter_context(Archive.open(settings=settings))
        if not archive.exists:
            raise ArchiveNotFoundError(
                f"There is no archive at {archive.location}.",
                "Learn some known footage first: `provenance add FILE --published DATE`.",
            )
        facts, path = PlatformFacts(), Path(source)
        if is_url(str(source)):
            folder = stack.enter_context(scratch_folder())
            fetched = download(str(source), folder, settings, progress)
            facts, path = fetched.facts, fetched.path
        with Crew(1) as beside:
            beside.submit(_load_libraries)  # while a child examines the file
            one = _Checked.read(str(source), path, facts, settings)
        report = one.report(archive, claim, progress, candidates=candidates)
        if pictures:
            report = replace(report, pictures=one.pictures(archive, report.matches))
        if evidence:
            kept = evidence_of(path, one.info, one.facts, report.matches, settings)
            report = replace(report, evidence=kept)
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
    for source in sources:
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
        source=Source(location=str(source)),
        checked_at=_now(),
        claim=claim,
        error=SourceError(error.kind, error.message, error.hint, error.exit_code),
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

    @classmethod
    def read(cls, location: str, path: Path, facts: PlatformFacts, settings: Settings) -> _Checked:
        from provenance.hearing import Ear

        info = probe(path, settings)
        fetched = is_url(location)
        if not fetched:
            facts = facts_from_sidecar(path) or facts
        source = Source(
            location=location,
            url=facts.url or (location if fetched else None),
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

        frames = _Frames(self.path, self.info, self.settings)
        state = archive.state()
        assert self.source.sha256
        banned = frozenset(archive.rejected_for(self.source.sha256))
        with Crew(2) as beside:
            known_sounds = beside.submit(self.ear.known, archive)
            said_to_be = beside.submit(read_credentials, self.path, self.settings)
            query = fingerprint_query(
                self.path, self.info, self.settings, progress, read=frames.read
            )
            matches = self._matches(archive, query, frames, banned, progress)
            sounds, credentials = known_sounds.result(), said_to_be.result()
        sound, matches = self.ear.compare(archive, matches, banned, sounds)
        hashed = match_hashes(self.path, self.info, archive, banned, self.settings)
        # A title card is found again if it is known; it is only no ground for `no_match`.
        usable = is_usable(query) or any(match.accepted for match in matches)
        weighty = [m for m in matches if m.accepted or m.score >= CANDIDATE_SCORE] + hashed
        listed = matches if candidates else [m for m in matches if m.accepted]
        listed = sorted([*listed, *hashed], key=lambda match: -match.score)
        metadata = read_metadata(
            *(self.path, self.info, self.settings),
            last_modified=self.facts.last_modified,
            name=None if is_url(self.source.location) else self.path.name,
        )
        claim = completed(claim, self.source)
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
        frames: _Frames,
        banned: frozenset[int],
        progress: Progress | None,
    ) -> list[Match]:
        from provenance.matching import find, mark_commonplace

        with (progress or SilentProgress()).task("looking up known footage", None):
            found = find(query, self.info.duration, archive, frames, banned=banned)
            if not any(item.score >= self.settings.accept_score for item in found):
                found = self._second_look(archive, frames, found, banned)
        matches = mark_commonplace([m for item in found if (m := self._match(archive, item))])
        return with_links(archive, matches, banned)

    def _second_look(
        self, archive: Archive, frames: _Frames, found: list[Found], banned: frozenset[int]
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
                known = archive.thumbnails(match.footage.id, moments)
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
            location=self.source.url or str(self.path.absolute()),
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
        archive.store(footage, fingerprint, thumbnails, appearance, self.ear.heard)


class _Frames:
    """The source's gray frames, decoded once for its fingerprint and for all candidates.

    A short source is decoded as densely as candidates want to see it while it is fingerprinted, and
    kept; stretches of a long one are decoded when they are asked for.
    """

    def __init__(self, path: Path, info: MediaInfo, settings: Settings) -> None:
        self._path, self._info, self._settings = path, info, settings
        self._sampled: list[Frame] = []
        self._whole: View | None = None
        self._views: dict[tuple[float, float, float], View] = {}
        self._lock = threading.Lock()

    def read(
        self, path: str | Path, info: MediaInfo, *, long_side: int, every: float, settings: Settings
    ) -> Iterator[Frame]:
        """As `media.read_frames`, for fingerprints: the first decodes, a coarser one need not."""
        import numpy as np

        from provenance.matching import View, whole_step
        from provenance.media import read_frames

        if self._sampled:
            yield from _spaced(self._sampled, every)
            return
        step = whole_step(info.duration)
        moments, images = [], []

        def decoded() -> Iterator[Frame]:
            for frame in read_frames(
                path, info, long_side=long_side, every=step or every, settings=settings
            ):
                if step is not None:
                    moments.append(frame.seconds)
                    images.append(frame.image)
                yield frame

        kept = max(every, (info.duration or 0.0) / MOST_KEPT)
        for frame in _spaced(decoded(), every):
            if not self._sampled or frame.seconds - self._sampled[-1].seconds >= kept - SLACK:
                self._sampled.append(frame)
            yield frame
        if step is not None:
            self._whole = View(np.array(moments), images)

    def __call__(self, start: float, end: float, every: float) -> View:
        """See `matching.Look`."""
        if self._whole:
            return self._whole
        key = (round(start, 2), round(end, 2), every)
        with self._lock:  # what two candidates want to see is decoded once
            if key not in self._views:
                while len(self._views) >= MOST_VIEWS:
                    del self._views[next(iter(self._views))]
                self._views[key] = self._decoded(start, end, every)
            return self._views[key]

    def _decoded(self, start: float, end: float, every: float) -> View:
        import numpy as np

        from provenance.matching import LOOK_SIDE, View
        from provenance.media import read_frames

        duration = self._info.duration
        frames = list(
            read_frames(
                self._path,
                self._info,
                every=every,
                long_side=LOOK_SIDE,
                start=start,
                end=None if duration is None or end >= duration else end,
                settings=self._settings,
            )
        )
        return View(np.array([f.seconds for f in frames]), [f.image for f in frames])


def _spaced(frames: Iterable[Frame], every: float) -> Iterator[Frame]:
    """Frames that are so many seconds apart, as `media.read_frames` chooses them."""
    last = -math.inf
    for frame in frames:
        if frame.seconds - last >= every - SLACK:
            last = frame.seconds
            yield frame


def _load_libraries() -> None:
    from provenance.fingerprints import load_libraries

    load_libraries()


def _now() -> When:
    return When.of(dt.datetime.now(dt.UTC).replace(microsecond=0))

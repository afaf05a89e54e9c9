"""Is what was just added a copy of footage that was known before? Then the two are linked.

    added = archive.add("repost.mp4")
    links = link_new(archive)          # compares all that has not been compared yet

New footage is looked for in the archive like a clip that is checked, from what the archive keeps
of it: neither its file nor the network is needed, so that an interrupted run goes on with the next
call. Only accepted matches that are not commonplace make links, the same ones that a check would
report.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from provenance.archive import Archive
from provenance.chains import follow
from provenance.errors import UnknownFootageError
from provenance.models import Fingerprint, Footage, Link, Linked, Match, Segment
from provenance.progress import Progress, SilentProgress
from provenance.settings import Settings, load_settings
from provenance.stopping import stoppable

if TYPE_CHECKING:
    from provenance.matching import Found, View

CLOSEST = 5
"""Footages with the most votes, of a minute of footage and a side; only they are compared. A check
looks at more of them; a copy that is worth a link stands among the first."""
MAX_STILL = 0.04
"""Seconds that a still is taken to last, as in matching."""


def link_new(
    archive: Archive, *, settings: Settings | None = None, progress: Progress | None = None
) -> Iterator[tuple[Footage, list[Link]]]:
    """Compare all footage that was added and not compared yet, and record its links.

    Each is on disk when it is given back: (the footage, what it is a copy of, the best first).

    Raises:
        ArchiveError: the archive cannot be used.
    """
    settings = settings or load_settings()
    if not archive.exists:
        return
    waiting = archive.links.waiting()
    with (progress or SilentProgress()).task("comparing with known footage", len(waiting)) as task:
        for footage_id in waiting:
            with stoppable(progress):
                found = link_one(archive, footage_id, settings)
            task.advance()
            if found is not None:
                yield found


def link_one(
    archive: Archive, footage_id: int, settings: Settings
) -> tuple[Footage, list[Link]] | None:
    """Compare one footage with all others and record its links; None where it was removed."""
    try:
        footage = archive.footage(footage_id)
        links = copies(archive, footage, settings)
    except UnknownFootageError:
        return None
    archive.links.settle(footage_id, links)
    return footage, links


def copies(archive: Archive, footage: Footage, settings: Settings) -> list[Link]:
    """What known footage this one holds seconds of, the best first; records nothing.

    Footage that is kept without pictures has none to compare and gets no links of its own.

    Raises:
        UnknownFootageError, ArchiveDamagedError
    """
    from provenance.matching import find, mark_commonplace

    fingerprint = archive.fingerprint(footage.id)
    view = _View.of(fingerprint)
    if view is None:
        return []
    banned = frozenset({footage.id, *archive.rejected_for(footage.sha256)})
    found = find(fingerprint, footage.duration, archive, view, banned=banned, most=CLOSEST)
    matches = mark_commonplace(
        [match for item in found if (match := _match(archive, item, settings.accept_score))]
    )
    return [
        Link(footage.id, match.footage.id, match.score, match.segments)
        for match in matches
        if match.accepted and not match.commonplace
    ]


def _match(archive: Archive, found: Found, accept_score: float) -> Match | None:
    try:
        known = archive.footage(found.footage)
    except UnknownFootageError:  # removed by somebody else since it was found
        return None
    accepted = found.score >= accept_score
    segments = tuple(s for s in found.segments if s.score >= accept_score)
    return Match(known, found.score, accepted, segments or found.segments)


@dataclass(frozen=True, eq=False)
class _View:
    """The kept pictures in the place of a file's frames; see `matching.Look`."""

    whole: View

    @classmethod
    def of(cls, fingerprint: Fingerprint) -> _View | None:
        """None where no pictures are kept, or some cannot be read."""
        from provenance.matching import View
        from provenance.matching.pixels import decode_pictures

        pictures = decode_pictures(fingerprint.pictures)
        if not pictures or len(pictures) != len(fingerprint.times):
            return None
        return cls(View(fingerprint.times, pictures))

    def __call__(self, start: float, end: float, every: float) -> View:
        import numpy as np

        from provenance.matching import View

        low, high = np.searchsorted(self.whole.moments, (start, end))
        high = max(int(high), int(low) + 1)
        return View(self.whole.moments[low:high], self.whole.frames[low:high])


def with_links(archive: Archive, matches: Sequence[Match], banned: frozenset[int]) -> list[Match]:
    """The matches, those that are accepted with the footage that theirs is a copy of.

    Footage that matches by itself is not told again, and neither is any that somebody rejected for
    the source or for what lies on the way to it.

    Args:
        banned: ids that must not be reported for the source.
    """
    told = {match.footage.id for match in matches if match.accepted}
    return [
        replace(match, linked=tuple(linked(archive, match, told, banned)))
        if match.accepted and not match.commonplace
        else match
        for match in matches
    ]


def everywhere(archive: Archive, footage: Footage) -> list[Linked]:
    """All footage that holds any seconds of this one by way of links, the nearest first."""
    end = footage.duration or MAX_STILL
    own = Segment(0.0, end, 0.0, end, score=1.0)
    return list(linked(archive, Match(footage, 1.0, True, (own,))))


def linked(
    archive: Archive, match: Match, told: Set[int] = frozenset(), banned: Set[int] = frozenset()
) -> Iterator[Linked]:
    """All footage that holds the matched seconds by way of links, the nearest first.

    Args:
        told: ids that are left out because they are told of anyhow; what lies behind them is not.
        banned: ids that are not gone through.
    """

    def barred(reached: int, way: tuple[int, ...]) -> bool:
        if reached in banned:
            return True
        try:
            return not archive.rejected_for(archive.footage(reached).sha256).isdisjoint(way)
        except UnknownFootageError:
            return True

    parts: dict[int, Linked] = {}
    start = match.footage.id
    for reached, way, score, segments in follow(start, match.segments, archive.links.of, barred):
        if reached in parts:  # by another way, with other seconds
            before = parts[reached]
            parts[reached] = replace(before, segments=before.segments + segments)
        elif reached not in told:
            with contextlib.suppress(UnknownFootageError):  # removed by somebody else just now
                parts[reached] = Linked(archive.footage(reached), way, score, segments)
    yield from parts.values()

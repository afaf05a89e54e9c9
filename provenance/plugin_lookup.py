"""Known footage that a plugged-in kind of fingerprint takes for the source's.

All vectors of the archive are compared with those of the source, which are made once as the frames
are and once with left and right swapped. Footage with near ones is proposed to `matching`, which
looks at its pictures as at those of any other candidate. What the pictures do not confirm is told
as a candidate too weak to change a verdict: nobody here has measured a stranger's plug-in.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from provenance.archive import Archive
from provenance.crew import checkpoint
from provenance.errors import UnknownFootageError
from provenance.media import MediaInfo
from provenance.models import Match, Segment
from provenance.plugins import (
    Described,
    FingerprintPlugin,
    Loaded,
    describe,
    distances,
    fingerprint_plugins,
)
from provenance.settings import Settings

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from provenance.matching import Proposal

PROPOSED = 12
"""Footages, of those with near vectors, that a kind may propose: those with most near frames."""
NEAREST = 3
"""Near frames of a footage that are tried for each frame of the source."""
HIGHEST_SCORE = 0.12
"""Of a candidate that no picture confirms: below what makes a verdict "inconclusive" (0.15)."""
_AT_ONCE = 1 << 23  # pairs of values that are compared at once; bounds memory
_SHORTEST = 0.04  # s; a still or a single frame has to have some length


@dataclass(frozen=True, eq=False)
class Hit:
    """A footage some of whose frames a kind takes for frames of the source.

    Attributes:
        kind: the plug-in's name.
        times, known: (P,) seconds in the source and in the footage of near pairs, the nearest
            first in each frame of the source.
        frames, of_frames: frames of the source with a near one, and all that were described.
        distance: mean distance of the nearest.
    """

    kind: str
    footage: int
    mirrored: bool
    times: npt.NDArray[np.float64]
    known: npt.NDArray[np.float64]
    frames: int
    of_frames: int
    distance: float

    def evidence(self) -> dict[str, float]:
        """Its figures, under the kind's name."""
        return {
            f"{self.kind}_frames": float(self.frames),
            f"{self.kind}_of_frames": float(self.of_frames),
            f"{self.kind}_distance": self.distance,
        }


def plugged_hits(
    path: Path, info: MediaInfo, archive: Archive, banned: frozenset[int], settings: Settings
) -> list[Hit]:
    """What the plugged-in kinds find, those with most near frames first.

    Raises:
        PluginError: a plug-in is at fault.
        UnreadableMediaError: the source cannot be decoded.
    """
    kinds = fingerprint_plugins(settings)
    found: list[Hit] = []
    for kind, one in zip(kinds, describe(path, info, kinds, settings, mirrored=True), strict=True):
        hits = [hit for hit in _hits(kind, one, archive) if hit.footage not in banned]
        hits.sort(key=lambda hit: (-hit.frames, hit.distance))
        found += hits[:PROPOSED]
    return found


def proposals(hits: Sequence[Hit]) -> list[Proposal]:
    """The hits as candidates for `matching.find`."""
    from provenance.matching import Proposal

    return [Proposal(hit.footage, hit.mirrored, hit.times, hit.known) for hit in hits]


def with_hits(archive: Archive, matches: Sequence[Match], hits: Sequence[Hit]) -> list[Match]:
    """The matches with what the plug-ins say of them; what nothing else has found comes last."""
    of_footage: dict[int, dict[str, float]] = {}
    for hit in reversed(hits):
        of_footage.setdefault(hit.footage, {}).update(hit.evidence())
    told = [_with(match, of_footage.get(match.footage.id, {})) for match in matches]
    seen = {match.footage.id for match in matches}
    for hit in hits:
        if hit.footage not in seen and (match := _unconfirmed(archive, hit)):
            seen.add(hit.footage)
            told.append(match)
    return told


def _with(match: Match, evidence: dict[str, float]) -> Match:
    segments = (replace(s, evidence={**s.evidence, **evidence}) for s in match.segments)
    return replace(match, segments=tuple(segments))


def _unconfirmed(archive: Archive, hit: Hit) -> Match | None:
    try:
        footage = archive.footage(hit.footage)
    except UnknownFootageError:  # removed by somebody else since it was found
        return None
    score = HIGHEST_SCORE * hit.frames / max(hit.of_frames, 1)
    length = max(_SHORTEST, float(hit.times.max() - hit.times.min()))
    start, first = float(hit.times.min()), float(hit.known.min())
    evidence = {f"{hit.kind}_only": 1.0, **hit.evidence()}
    segment = Segment(
        start,
        start + length,
        first,
        max(first + _SHORTEST, float(hit.known.max())),
        mirrored=hit.mirrored,
        score=score,
        evidence=evidence,
    )
    edits = ("mirrored",) if hit.mirrored else ()
    return Match(footage, score, False, (segment,), edits=edits)


def _hits(kind: Loaded[FingerprintPlugin], source: Described, archive: Archive) -> Iterator[Hit]:
    """Of each footage with near frames the better of both ways to look at the source."""
    if not len(source.times):
        return
    assert source.mirrored is not None
    for known in archive.vectors.all(kind):
        checkpoint()
        best: Hit | None = None
        for mirrored, vectors in ((False, source.vectors), (True, source.mirrored)):
            apart = _apart(vectors, known.vectors, binary=kind.plugin.binary)
            hit = _hit(kind.plugin, known.footage, source.times, known.times, apart, mirrored)
            if hit and (best is None or hit.frames > best.frames):
                best = hit
        if best:
            yield best


def _apart(
    one: npt.NDArray[np.generic], other: npt.NDArray[np.generic], *, binary: bool
) -> npt.NDArray[np.float32]:
    import numpy as np

    step = max(1, _AT_ONCE // max(1, one.size))
    parts = [
        distances(one, other[start : start + step], binary=binary)
        for start in range(0, len(other), step)
    ]
    return np.concatenate([np.zeros((len(one), 0), np.float32), *parts], axis=1)


def _hit(
    kind: FingerprintPlugin,
    footage: int,
    times: npt.NDArray[np.float64],
    known: npt.NDArray[np.float64],
    apart: npt.NDArray[np.float32],
    mirrored: bool,
) -> Hit | None:
    import numpy as np

    if not apart.shape[1]:
        return None
    order = np.argsort(apart, axis=1, kind="stable")[:, :NEAREST]
    nearest = np.take_along_axis(apart, order, axis=1)
    rows, columns = np.nonzero(nearest <= kind.near)
    if not len(rows):
        return None
    return Hit(
        kind.name,
        footage,
        mirrored,
        times[rows],
        known[order[rows, columns]],
        frames=len(np.unique(rows)),
        of_frames=len(times),
        distance=float(nearest[np.unique(rows), 0].mean()),
    )

"""Which known footages could be in the source: votes of the index, before any geometry.

Each feature of the source gives each footage at most one vote at a place, and shares it out among
all the footages that it resembles: a feature that looks like everything (a station logo, a test
bar, black) says nothing about any of them. This is the inverse document frequency of text search,
estimated from the neighbours at hand. Votes count together where they agree in time.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    from provenance.archive.index import Neighbours
    from provenance.models import Fingerprint

LEAST_SIMILARITY = 0.80
"""A neighbour below this inner product has no vote (prototype's figure)."""
FADING, FADING_OF_PAIRS = 0.02, 0.08
"""By so much less similarity than that of a feature's nearest neighbour, another one's vote for its
footage fades to a third, and its vote for a pair of frames. Footages are many, and strangers come
near; of one footage several frames in a row look alike, and the right one is not always nearest."""
SHORT_LIST = 24
"""Footages that go on to geometry."""
STANDSTILL_GRID = 160
"""Features in the same cell of this grid along the longer side, alike in size and direction, are
taken for the same one."""
OFFSET_SPAN = 4.0
"""Votes count together that put the source at the same place of a footage, give or take: hits by
chance are strewn over all of it. Measured with an archive of 1,000 simulated hours and the ten
hardest edits: of true footage 89 % come onto the short list with it, 79 % without."""
_PLACES = 1 << 20
FRAMES_A_FRAME = 3
"""Reference frames that are tried for each query frame."""


@dataclass(frozen=True, eq=False)
class Candidate:
    """A footage that the source may hold.

    Attributes:
        votes: its idf-weighted votes.
        pairs: (P, 2) int32, (query frame, reference frame) worth a look, best first in each
            query frame.
        weights: (P,) float64, the votes of each pair.
    """

    footage: int
    mirrored: bool
    votes: float
    pairs: npt.NDArray[np.int32]
    weights: npt.NDArray[np.float64]

    def strongest(self, count: int) -> npt.NDArray[np.int32]:
        """The pairs with the most votes, no more than `count`."""
        return self.pairs[np.argsort(-self.weights, kind="stable")[:count]]

    def joined(self, other: Candidate) -> Candidate:
        """Both as one: the same footage, found in two pieces of a source."""
        return Candidate(
            self.footage,
            self.mirrored,
            self.votes + other.votes,
            np.concatenate([self.pairs, other.pairs]),
            np.concatenate([self.weights, other.weights]),
        )


@dataclass(frozen=True, eq=False)
class Proposal:
    """A footage that something else than the votes takes for the source's, to be looked at.

    Attributes:
        query_seconds, reference_seconds: (P,) float64, moments that show the same, best first.
    """

    footage: int
    mirrored: bool
    query_seconds: npt.NDArray[np.float64]
    reference_seconds: npt.NDArray[np.float64]

    @property
    def key(self) -> tuple[int, bool]:
        """What tells it from another: the footage, and which way round."""
        return self.footage, self.mirrored

    def candidate(self, query: Fingerprint, reference: Fingerprint) -> Candidate:
        """The frames at these moments, and those beside them in the footage: the right one may be
        half a step away."""
        rows = _nearest(query.times, self.query_seconds)
        columns = _nearest(reference.times, self.reference_seconds)
        pairs, weights = [], []
        for shift, weight in ((0, 1.0), (-1, 0.5), (1, 0.5)):
            column = columns + shift
            inside = (column >= 0) & (column < len(reference.times))
            pairs.append(np.column_stack([rows, column])[inside])
            weights.append(np.full(int(inside.sum()), weight))
        found, which = np.unique(np.concatenate(pairs), axis=0, return_inverse=True)
        votes = np.bincount(which.ravel(), np.concatenate(weights)).astype(np.float64)
        return Candidate(
            self.footage, self.mirrored, float(votes.sum()), found.astype(np.int32), votes
        )


def _nearest(
    times: npt.NDArray[np.float64], wanted: npt.NDArray[np.float64]
) -> npt.NDArray[np.intp]:
    """Indices of the times nearest to the wanted ones; times rise."""
    after = np.searchsorted(times, wanted).clip(1, max(1, len(times) - 1))
    before = after - 1
    after = np.minimum(after, len(times) - 1)
    nearer = np.abs(times[after] - wanted) < np.abs(times[before] - wanted)
    return np.where(nearer, after, before)


def rarity(fingerprint: Fingerprint, chosen: npt.NDArray[np.intp]) -> npt.NDArray[np.float64]:
    """(Q,) weight of each looked-up feature: one over the number of frames that show the same one.

    Captions, logos and borders stand still over the whole source and would outvote the footage
    behind them frame after frame; so they vote once. Fixed cameras lose alike on all footages.
    """
    unit = max(fingerprint.width, fingerprint.height, 1) / STANDSTILL_GRID
    key = np.column_stack(
        [
            np.rint(fingerprint.points[chosen] / unit),
            np.rint(np.log2(np.maximum(fingerprint.scales[chosen], 1e-3)) * 2),
            np.rint(fingerprint.angles[chosen] / (np.pi / 4)),
        ]
    ).astype(np.int32)
    _, which = np.unique(key, axis=0, return_inverse=True)
    shown = np.unique(np.column_stack([which.ravel(), fingerprint.frame[chosen]]), axis=0)
    frames = np.bincount(shown[:, 0])
    return np.asarray(1.0 / frames[which.ravel()], np.float64)


def shortlist(
    query_frame: npt.NDArray[np.int32],
    neighbours: Neighbours,
    weight: npt.NDArray[np.float64],
    query_seconds: npt.NDArray[np.float64],
    *,
    mirrored: bool,
    most: int = SHORT_LIST,
) -> list[Candidate]:
    """Candidates, best first, no more than `most`.

    Args:
        query_frame: (Q,) the query frame of each feature that was looked up.
        neighbours: what the index answered for them.
        weight: (Q,) weight of each feature, from `rarity`.
        query_seconds: (Q,) when in the source each feature is.
        mirrored: the features were looked up in their mirrored form.
    """
    rows, columns = np.nonzero(
        (neighbours.footage >= 0) & (neighbours.similarity >= LEAST_SIMILARITY)
    )
    footage = neighbours.footage[rows, columns]
    if not len(rows):
        return []
    similarity = neighbours.similarity[rows, columns].astype(np.float64)
    nearest = np.zeros(len(query_frame))
    np.maximum.at(nearest, rows, similarity)
    farther = similarity - nearest[rows]
    strength = np.exp(farther / FADING)
    of_pair = np.exp(farther / FADING_OF_PAIRS)
    known, which = np.unique(footage, return_inverse=True)
    votes = _votes(
        rows,
        which,
        strength,
        neighbours.seconds[rows, columns] - query_seconds[rows],
        weight,
    )
    chosen = np.argsort(-votes, kind="stable")[:most]
    reference_frame = neighbours.frame[rows, columns]
    return [
        Candidate(
            int(known[c]),
            mirrored,
            float(votes[c]),
            *_pairs(
                query_frame[rows[which == c]], reference_frame[which == c], of_pair[which == c]
            ),
        )
        for c in chosen
    ]


def _votes(
    rows: npt.NDArray[np.intp],
    which: npt.NDArray[np.intp],
    strength: npt.NDArray[np.float64],
    offset: npt.NDArray[np.float64],
    weight: npt.NDArray[np.float64],
) -> npt.NDArray[np.float64]:
    """(F,) the votes of each footage within the few seconds of offset where it has most.

    Args:
        rows, which, strength, offset: (H,) of each hit the feature, the footage, how alike, and
            how much later it is in the footage than in the source; by feature, and most alike
            first, as the index answers.
        weight: (Q,) of each feature.
    """
    footages = int(which.max()) + 1
    # What a feature has to give is shared out by how much each footage resembles it.
    nearest = _firsts(rows * footages + which)
    shared = np.bincount(rows[nearest], strength[nearest], minlength=len(weight))
    vote = weight[rows] * strength / shared[rows]
    best = np.zeros(footages)
    for shift in (0.0, 0.5):  # so that no offset lies at an edge in both
        place = np.floor(offset / OFFSET_SPAN + shift).astype(np.int64)
        bins, bin_of = np.unique(which * _PLACES + place, return_inverse=True)
        counted = _firsts(rows * len(bins) + bin_of)  # one vote a feature and bin: its best one
        sums = np.bincount(bin_of[counted], vote[counted], minlength=len(bins))
        np.maximum.at(best, (bins + _PLACES // 2) // _PLACES, sums)
    return best


def _firsts(keys: npt.NDArray[np.int64]) -> npt.NDArray[np.intp]:
    """Where each key stands first; in order of the keys."""
    order = np.argsort(keys, kind="stable")
    keys = keys[order]
    first = np.concatenate([[True], keys[1:] != keys[:-1]])
    return np.asarray(order[first], np.intp)


def _pairs(
    query_frame: npt.NDArray[np.int32],
    reference_frame: npt.NDArray[np.int32],
    strength: npt.NDArray[np.float64],
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.float64]]:
    keys, which = np.unique(
        query_frame.astype(np.int64) << 32 | reference_frame, return_inverse=True
    )
    pairs = np.column_stack([keys >> 32, keys & 0xFFFFFFFF])
    weight = np.bincount(which.ravel(), strength).astype(np.float64)
    chosen: list[int] = []
    for frame in np.unique(pairs[:, 0]):
        rows = np.flatnonzero(pairs[:, 0] == frame)
        chosen.extend(rows[np.argsort(-weight[rows], kind="stable")][:FRAMES_A_FRAME].tolist())
    return pairs[chosen].astype(np.int32), weight[chosen]

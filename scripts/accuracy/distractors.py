"""Footage that never was: fingerprints that crowd an archive as real unrelated footage would.

Local features of unrelated footage are far from random: each feature of a clip has look-alikes in
every other clip, and the more footage is known, the nearer the nearest. So distractors are bred
from real features. One distractor is made of shots; a shot starts from the features of one real
frame, each blended with a look-alike or given parts of its patch, perhaps mirrored or as in a
negative. Positions, sizes and angles are those of another real frame. From frame to frame the
features of a shot drift, change a little and give way to new ones. Some footage belongs to a
station whose logo and caption stand in every frame, bit for bit.

All of it follows from the material and a number, so that a distractor needs no room on the disk.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from accuracy.kept_arrays import KeptArrays
from provenance.models import Fingerprint

DIMENSIONS = 128
LENGTH = 512.0
SIZE = (360, 202)  # pixels of the analysed frame

# Set by `similarity_curve` against real features; docs/accuracy.md has the curves.
PARENTS = 3
"""Real features that lend parts of their patch to a new one."""
BLENDED = 0.9
"""Share of shots whose features are blends of two look-alikes instead, which lie denser."""
WINDOW = 1500
"""Neighbouring donors that the features of one shot are bred from: about one real frame."""

# Set by what recurs in real clips from one sampled frame to the next ones: 40 % of the features
# after one frame, 20 % after four, at a similarity of 0.98 (0.91 to 0.999).
LASTING = (0.0, 0.7)
"""Share of a shot's features that last to its end, lowest and highest."""
SURVIVAL = 0.3
"""Share of the others that is still there a frame later."""
CHANGE = (0.02, 0.28)
"""Relative change of a descriptor's values from frame to frame, least and most of a shot."""

SHOT_SECONDS = 8.0  # mean
MEDIAN_SECONDS, SPREAD = 60.0, 0.9  # of footage; log-normal, as uploads are
LEAST_SECONDS, MOST_SECONDS = 8, 600
OF_A_STATION = 0.3


@dataclass(frozen=True, eq=False)
class Material(KeptArrays):
    """What distractors are made of. Arrays of real features, none of a source that is looked for.

    Attributes:
        pool: (P, 128) uint8, real descriptors, mirrored and negative ones among them.
        donors: (D, 128) uint8, real descriptors in the order of clips and frames.
        near: (D, K) int32, rows of `pool` that look like each donor.
        layout: (L, 4) float32, x, y, diameter (in longer sides) and angle of features of frames.
        layout_ends: (F,) int64, where each frame ends in `layout`.
        counts: (C,) float32, mean features a frame of each real clip.
        station: (S, 128) uint8, descriptors of logos and captions.
        station_layout: (S, 4) float32, as `layout`.
        station_ends: (T,) int64, where each station ends in them.
    """

    pool: npt.NDArray[np.uint8]
    donors: npt.NDArray[np.uint8]
    near: npt.NDArray[np.int32]
    layout: npt.NDArray[np.float32]
    layout_ends: npt.NDArray[np.int64]
    counts: npt.NDArray[np.float32]
    station: npt.NDArray[np.uint8]
    station_layout: npt.NDArray[np.float32]
    station_ends: npt.NDArray[np.int64]

    @cached_property
    def noise(self) -> npt.NDArray[np.float32]:
        """Rows of normal noise to choose from: drawing them afresh would take most of the time."""
        return np.random.default_rng(0).standard_normal((1 << 14, DIMENSIONS), dtype=np.float32)


def distractor(material: Material, number: int) -> Fingerprint:
    """The fingerprint of one distractor, without pictures; the same for the same number."""
    chooser = np.random.default_rng((7, number))
    seconds = MEDIAN_SECONDS * np.exp(SPREAD * chooser.standard_normal())
    frames = int(np.clip(seconds, LEAST_SECONDS, MOST_SECONDS))
    richness = float(chooser.choice(material.counts))
    station = _station(material, chooser) if chooser.random() < OF_A_STATION else None
    places, descriptors, counts = [], [], []
    left = frames
    while left > 0:
        length = min(left, 1 + int(chooser.exponential(SHOT_SECONDS)))
        place, values = _shot(material, chooser, length, richness)
        for k in range(length):
            parts = [(place[k], values[k])] + ([station] if station else [])
            places += [part[0] for part in parts]
            descriptors += [part[1] for part in parts]
            counts.append(sum(len(part[0]) for part in parts))
        left -= length
    placed = np.concatenate(places) * np.array([SIZE[0]] * 3 + [1], np.float32)
    return Fingerprint(
        times=np.arange(frames, dtype=np.float64),
        frame=np.repeat(np.arange(frames, dtype=np.int32), counts),
        points=np.ascontiguousarray(placed[:, :2]),
        scales=np.ascontiguousarray(placed[:, 2]),
        angles=np.ascontiguousarray(placed[:, 3]),
        descriptors=np.concatenate(descriptors),
        width=SIZE[0],
        height=SIZE[1],
    )


def _shot(
    material: Material, chooser: np.random.Generator, frames: int, richness: float
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.uint8]]:
    """(frames, n, 4) places and (frames, n, 128) descriptors of one shot."""
    number = int(chooser.integers(len(material.layout_ends)))
    stop = int(material.layout_ends[number])
    start = int(material.layout_ends[number - 1]) if number else 0
    n = max(1, min(stop - start, round(richness)))
    identity = _identities(chooser, frames, n)
    distinct = int(identity.max()) + 1
    slots = chooser.permutation(stop - start)[np.arange(distinct) % (stop - start)]
    place = material.layout[start + slots]
    if chooser.random() < 0.5:
        place = place * np.array([-1, 1, 1, -1], np.float32) + np.array([1, 0, 0, 0], np.float32)
    born = _bred(material, chooser, distinct)

    rows = identity.ravel()
    change = chooser.uniform(*CHANGE)
    noise = material.noise[chooser.integers(0, len(material.noise), len(rows))]
    descriptors = unit_bytes(born[rows] * np.maximum(1 + np.float32(change) * noise, 0))
    moved = place[identity] + 0.002 * noise[:, :4].reshape(frames, n, 4)
    drift = np.append(chooser.normal(0, 0.008, 2), [0, 0]).astype(np.float32)
    moved += np.arange(frames, dtype=np.float32)[:, None, None] * drift
    moved[..., 2] = np.maximum(moved[..., 2], 0.004)
    return moved.astype(np.float32), descriptors.reshape(frames, n, DIMENSIONS)


def _identities(chooser: np.random.Generator, frames: int, n: int) -> npt.NDArray[np.intp]:
    """(frames, n): which feature stands in each place of each frame."""
    lasts = chooser.random(n) < chooser.uniform(*LASTING)
    new = ~lasts & (chooser.random((frames, n)) > SURVIVAL)
    new[0] = True
    fresh = np.where(new, (np.cumsum(new) - 1).reshape(frames, n), -1)
    return np.maximum.accumulate(fresh, axis=0)


def _bred(material: Material, chooser: np.random.Generator, n: int) -> npt.NDArray[np.float32]:
    """(n, 128) new descriptors from the neighbourhood of one real frame, not yet rounded."""
    first = int(chooser.integers(0, max(1, len(material.donors) - WINDOW)))
    rows = chooser.integers(first, min(first + WINDOW, len(material.donors)), n)
    order = forms()[int(chooser.integers(len(forms())))]
    values = material.donors[rows].astype(np.float32)
    near = material.near[rows]

    def look_alikes() -> npt.NDArray[np.float32]:
        chosen = near[np.arange(n), chooser.integers(0, near.shape[1], n)]
        return material.pool[chosen].astype(np.float32)

    if chooser.random() < BLENDED:
        share = chooser.random((n, 1), dtype=np.float32)
        values = np.sqrt((1 - share) * values**2 + share * look_alikes() ** 2)
    else:
        parts = _parts()
        for _ in range(PARENTS - 1):
            values = np.where(parts[chooser.integers(0, len(parts), n)], look_alikes(), values)
    return np.ascontiguousarray(values[:, order], np.float32)


def _station(
    material: Material, chooser: np.random.Generator
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.uint8]]:
    number = int(chooser.integers(len(material.station_ends)))
    start = int(material.station_ends[number - 1]) if number else 0
    rows = slice(start, int(material.station_ends[number]))
    return material.station_layout[rows], material.station[rows]


def forms() -> tuple[npt.NDArray[np.intp], ...]:
    """Orders of the 128 values: as they are, mirrored, as in a negative, both.

    In a negative all gradients point the other way; the patch turns with its main direction, so
    that directions stay and cells change place with those opposite.
    """
    bins = np.arange(DIMENSIONS).reshape(4, 4, 8)
    mirrored = bins[::-1][:, :, (8 - np.arange(8)) % 8]
    return tuple(form.ravel() for form in (bins, mirrored, bins[::-1, ::-1], mirrored[::-1, ::-1]))


def unit_bytes(values: npt.NDArray[np.float32]) -> npt.NDArray[np.uint8]:
    """(N, 128) values scaled to the length of a descriptor, as bytes."""
    lengths = np.sqrt(np.einsum("ij,ij->i", values, values))[:, None]
    scaled = values * (np.float32(LENGTH) / np.maximum(lengths, 1e-6))
    return np.asarray(np.minimum(np.rint(scaled), 255), np.uint8)


def _parts() -> npt.NDArray[np.bool_]:
    """(8, 128): halves, quarters, the middle and the diagonal of the 4 x 4 cells of a patch."""
    y, x = np.mgrid[:4, :4]
    middle = (x % 3 > 0) & (y % 3 > 0)
    cells = [x < 2, y < 2, middle, (x < 2) ^ (y < 2), x < 1, y < 1, x < 3, y < 3]
    return np.repeat(np.stack(cells).reshape(8, 16), 8, axis=1)

"""Real features: what distractors are made of, and what they are measured against.

Distractors are bred from clips that nothing is looked for in: the split's `filler`, and the sample
footage of this repository. What they have to be like is measured on all clips.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import faiss
import numpy as np
import numpy.typing as npt

from accuracy.distractors import Material, forms
from provenance.errors import MediaError
from provenance.fingerprints import fingerprint_known
from provenance.fingerprints.local_features import extract_features
from provenance.media import probe, read_frames
from provenance.models import Fingerprint

DONORS = 100_000
NEAR = 32
SIDES = (1280, 360)
"""Features of the clips' own resolution are added: more real features, seen from nearer."""
FEATURES = 2500
MOMENTS = 14

STATIONS = 20
WORDS = (
    *("LIVE", "NEWS", "WORLD", "TODAY", "BREAKING", "CITY"),
    *("REPORT", "EXCLUSIVE", "SPORT", "MORNING", "CHANNEL", "WEATHER"),
)


@dataclass(frozen=True, eq=False)
class RealFeatures:
    """Features of real clips as the archive keeps them.

    Attributes:
        descriptors: (N, 128) uint8.
        source: (N,) int32, which clip each comes from; related clips have one number.
        wanted: (N,) bool, of a clip that queries are cut from.
        counts: (C,) float32, mean features a frame of each clip.
    """

    descriptors: npt.NDArray[np.uint8]
    source: npt.NDArray[np.int32]
    wanted: npt.NDArray[np.bool_]
    counts: npt.NDArray[np.float32]


def real_features(split: Path, clips: Path) -> RealFeatures:
    """Fingerprint all clips. Clips from one place (up to the first underscore) count as related."""
    wanted = set(json.loads(split.read_text())["reference"])
    groups: dict[str, int] = {}
    parts: list[tuple[Fingerprint, int, bool]] = []
    for path in sorted(clips.iterdir()):
        try:
            fingerprint, _ = fingerprint_known(path, probe(path), thumbnails=False)
        except MediaError:
            continue
        group = groups.setdefault(path.name.split("_")[0], len(groups))
        parts.append((fingerprint, group, path.name in wanted))
    sizes = [len(fingerprint.frame) for fingerprint, _, _ in parts]
    return RealFeatures(
        np.concatenate([fingerprint.descriptors for fingerprint, _, _ in parts]),
        np.repeat(np.array([group for _, group, _ in parts], np.int32), sizes),
        np.repeat([wants for _, _, wants in parts], sizes),
        np.array([len(f.frame) / len(f.times) for f, _, _ in parts], np.float32),
    )


def gather(clips: list[Path], counts: npt.NDArray[np.float32], *, donors: int = DONORS) -> Material:
    """Material from the frames of these clips; takes some minutes for twenty.

    Args:
        counts: mean features a frame of real clips, for distractors to have as many.
        donors: features that are bred from, at most.
    """
    chooser = np.random.default_rng(5)
    descriptors, layouts = [], []
    for path in clips:
        for side, found in _frames(path):
            descriptors.append(found[0])
            if side == min(SIDES) and len(found[1]):
                layouts.append(found[1])
    real = np.concatenate(descriptors)
    chosen = np.sort(chooser.choice(len(real), min(donors, len(real)), replace=False))
    pool = np.concatenate(
        [real[chosen]]
        + [
            real[chooser.choice(len(real), len(chosen), replace=False)][:, form]
            for form in forms()[1:]
        ]
    )
    stations = [_station(chooser) for _ in range(STATIONS)]
    return Material(
        pool=pool,
        donors=real[chosen],
        near=look_alikes(real[chosen], pool, NEAR),
        layout=np.concatenate(layouts),
        layout_ends=np.cumsum([len(layout) for layout in layouts]),
        counts=counts[counts >= 1],
        station=np.concatenate([found[0] for found in stations]),
        station_layout=np.concatenate([found[1] for found in stations]),
        station_ends=np.cumsum([len(found[0]) for found in stations]),
    )


def look_alikes(
    descriptors: npt.NDArray[np.uint8], pool: npt.NDArray[np.uint8], count: int
) -> npt.NDArray[np.int32]:
    """(N, count) rows of the pool that look like each descriptor, without itself; approximate."""
    index: Any = faiss.index_factory(
        pool.shape[1], f"IVF{max(1, len(pool) // 400)},Flat", faiss.METRIC_INNER_PRODUCT
    )
    index.cp.niter, index.cp.max_points_per_centroid = 4, 64
    index.cp.min_points_per_centroid = 1
    values = pool.astype(np.float32)
    index.train(values)
    index.add(values)
    index.nprobe = 12
    _, rows = index.search(descriptors.astype(np.float32), count + 1)
    rows = np.where(rows < 0, rows[:, :1], rows)  # fewer in its lists than asked for
    return np.asarray(rows[:, 1:], np.int32)


Found = tuple[npt.NDArray[np.uint8], npt.NDArray[np.float32]]
"""(N, 128) descriptors and (N, 4) places of the features of a frame."""


def _frames(path: Path) -> Iterator[tuple[int, Found]]:
    info = probe(path)
    every = max(0.25, (info.duration or 1.0) / MOMENTS)
    for side in SIDES:
        limit = FEATURES if side > min(SIDES) else 300
        for frame in read_frames(path, info, long_side=side, every=every):
            yield side, _features(frame.image, limit)


def _features(image: npt.NDArray[np.uint8], limit: int) -> Found:
    found = extract_features(image, limit)
    side = max(image.shape)
    place = np.column_stack([found.points / side, found.scales / side, found.angles])
    return found.descriptors, place.astype(np.float32)


def _station(chooser: np.random.Generator) -> Found:
    """A logo in a corner and a line of text at the foot, as features of a painted picture."""
    import cv2

    image = np.full((202, 360), 128, np.uint8)
    words = chooser.choice(WORDS, 4)
    at = (int(chooser.integers(8, 250)), int(chooser.integers(26, 40)))
    shade = int(chooser.choice([0, 40, 220, 255]))
    face = int(chooser.choice([cv2.FONT_HERSHEY_DUPLEX, cv2.FONT_HERSHEY_TRIPLEX]))
    cv2.rectangle(image, (at[0] - 6, at[1] - 20), (at[0] + 80, at[1] + 8), 255 - shade, -1)
    cv2.putText(image, words[0][:5], at, face, 0.7, shade, 2, cv2.LINE_AA)
    cv2.rectangle(image, (0, 172), (360, 196), 255 - shade, -1)
    cv2.putText(image, " ".join(words[1:]), (8, 189), face, 0.5, shade, 1, cv2.LINE_AA)
    return _features(image, 60)

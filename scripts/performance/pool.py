"""Features of ordinary footage, coded once; any number of simulated hours are made of them.

They are those of distractors (`accuracy.distractors`), which are bred from the features of real
clips: counts, places, what recurs from frame to frame, look-alikes, logos and captions are like
those of real footage. Distractors have a frame a second; here every fourth of them makes a run of
frames four seconds apart, as footage with a keyframe every four seconds is sampled, so that one
distractor gives four runs.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Self

import numpy as np
import numpy.typing as npt
from accuracy.crowd import CLIPS, SPLIT, prepared
from accuracy.distractors import SIZE, Material, distractor
from accuracy.kept_arrays import KeptArrays
from accuracy.material import gather

from provenance.archive.durable import sha256_of
from provenance.archive.faiss_index import INDEXED
from provenance.archive.index import strongest
from provenance.fingerprints import fingerprint_known
from provenance.fingerprints.codebook import FILE, CodedFeatures, codebook
from provenance.fingerprints.sampling import LEAN
from provenance.media import probe
from provenance.models import Fingerprint

SAMPLES = Path(__file__).resolve().parents[2] / "samples" / "footage"
GAP = 4
"""Seconds between two sampled frames of footage with that much between its keyframes."""
FEATURES = LEAN.features
"""Most features a frame, as the archive keeps of such footage."""
HOURS = 5.0
"""Of distractors; four times as much of sampled footage comes of it."""
PARTS = 4
"""Parts of a frame, and parts of a code, that are put together anew."""


@dataclass(frozen=True, eq=False)
class Pool(KeptArrays):
    """N features of F frames, run by run, in each frame the strongest first.

    Attributes:
        words: (N,) uint16 and codes: (N, 16) uint8, as the catalogue keeps them.
        rough: (N,) uint64, as the index keeps them.
        places: (N, 4) float32, x, y, diameter (in longer sides) and angle.
        ends: (F,) int64, where each frame ends.
        indexed: (N,) bool, whether the index has the feature.
        made_for: the codebook and the features a frame; another pool is needed when they change.
    """

    words: npt.NDArray[np.uint16]
    codes: npt.NDArray[np.uint8]
    rough: npt.NDArray[np.uint64]
    places: npt.NDArray[np.float32]
    ends: npt.NDArray[np.int64]
    indexed: npt.NDArray[np.bool_]
    made_for: str

    @classmethod
    def load(cls, path: Path) -> Self | None:
        """What `save` kept; None where there is none, or it is out of date."""
        kept = super().load(path)
        return kept if kept and str(kept.made_for) == _made_for() else None

    @cached_property
    def frame(self) -> npt.NDArray[np.int64]:
        """(N,) the frame of each feature."""
        return np.repeat(np.arange(len(self.ends)), np.diff(self.ends, prepend=0))

    @cached_property
    def part(self) -> npt.NDArray[np.int8]:
        """(N,) which part of its frame a feature belongs to, the same one while it lasts."""
        slot = np.arange(len(self.words)) - (self.ends - np.diff(self.ends, prepend=0))[self.frame]
        return (slot % PARTS).astype(np.int8)

    @cached_property
    def by_word(self) -> npt.NDArray[np.int64]:
        """(N,) rows in the order of their words."""
        return np.argsort(self.words, kind="stable")

    @cached_property
    def word_ends(self) -> npt.NDArray[np.int64]:
        """(65536,) where the rows of each word end in `by_word`."""
        return np.cumsum(np.bincount(self.words, minlength=1 << 16))


def prepared_pool(work: Path) -> Pool:
    """The pool of a work folder, made at the first call, which takes a few minutes."""
    kept = work / "pool.npz"
    pool = Pool.load(kept)
    if pool is None:
        pool = bred(material(work), HOURS)
        pool.save(kept)
    return pool


def material(work: Path) -> Material:
    """What distractors are bred from: the shared clips that no query is cut from and our samples;
    where the shared ones are absent, our samples alone."""
    if CLIPS.is_dir():
        return prepared(work)[1]
    kept = Material.load(work / "material.npz")
    if kept is None:
        clips = sorted(SAMPLES.glob("*.mp4"))
        found = [fingerprint_known(clip, probe(clip), thumbnails=False)[0] for clip in clips]
        counts = np.array([len(f.frame) / len(f.times) for f in found], np.float32)
        kept = gather(clips, counts)
        kept.save(work / "material.npz")
    return kept


def bred(from_: Material, hours: float) -> Pool:
    """A pool of so many hours of distractors."""
    runs = list(_runs(from_, hours))
    counts = np.concatenate([run[0] for run in runs])
    descriptors = [run[1] for run in runs]
    coded = [CodedFeatures.of(one) for one in descriptors]
    words = np.concatenate([one.words for one in coded])
    codes = np.concatenate([one.codes for one in coded])
    frame = np.repeat(np.arange(len(counts), dtype=np.int32), counts)
    indexed = np.zeros(len(words), np.bool_)
    indexed[strongest(frame, INDEXED)] = True
    return Pool(
        words=words,
        codes=codes,
        rough=codebook().rough_codes(CodedFeatures(words, codes)),
        places=np.concatenate([run[2] for run in runs]),
        ends=np.cumsum(counts).astype(np.int64),
        indexed=indexed,
        made_for=_made_for(),
    )


def real_clips() -> list[Path]:
    """Footage that an archive holds for real beside what is simulated."""
    if not CLIPS.is_dir():
        return sorted(SAMPLES.glob("*.mp4"))
    split = json.loads(SPLIT.read_text("utf-8"))
    return [CLIPS / name for name in split["reference"] + split["filler"]]


_Run = tuple[npt.NDArray[np.int64], npt.NDArray[np.uint8], npt.NDArray[np.float32]]


def _runs(from_: Material, hours: float) -> Iterator[_Run]:
    """Counts, descriptors and places of one run of frames after the other."""
    number, seconds = 0, 0
    while seconds < hours * 3600:
        one = distractor(from_, number)
        number += 1
        seconds += len(one.times)
        if number % 10 == 0:
            print(f"\rpool: {seconds / 3600:.1f} of {hours:g} h", end="", file=sys.stderr)
        rows = _kept(one)
        frame = one.frame[rows]
        places = np.column_stack(
            [one.points[rows] / SIZE[0], one.scales[rows] / SIZE[0], one.angles[rows]]
        ).astype(np.float32)
        descriptors = np.asarray(one.descriptors[rows])
        for phase in range(min(GAP, len(one.times))):
            mine = frame % GAP == phase
            counts = np.bincount(frame[mine] // GAP)
            yield counts.astype(np.int64), descriptors[mine], places[mine]
    print(file=sys.stderr)


def _made_for() -> str:
    return f"{sha256_of(FILE)} {INDEXED:.3f} {FEATURES}"


def _kept(one: Fingerprint) -> npt.NDArray[np.intp]:
    """At most FEATURES of each frame, the same ones while they last."""
    counts = np.bincount(one.frame, minlength=len(one.times))
    first = np.cumsum(counts) - counts
    rows = [
        start + np.unique(np.linspace(0, count - 1, min(count, FEATURES)).astype(np.intp))
        for start, count in zip(first, counts, strict=True)
        if count
    ]
    return np.concatenate(rows)

"""Is the simulated crowd as near as a crowd of bred features, which was set against real footage?

Features of clips that no archive here knows are looked up among so many bred features and among as
many simulated ones: how near the nearest come, and the tenth.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from accuracy.crowd import CLIPS, SPLIT

from performance.pool import GAP, SAMPLES, Pool
from performance.simulation import Simulation
from provenance.archive.faiss_index import PROBES
from provenance.archive.index import DESCRIPTOR_NORM, encoded
from provenance.archive.segment_file import OpenSegment, Postings, write_parts
from provenance.fingerprints import fingerprint_query
from provenance.fingerprints.codebook import codebook
from provenance.media import probe

LOOKED_UP = 200
"""Features of each clip."""
NEIGHBOURS = 10
QUANTILES = (0.1, 0.5, 0.9)


def likeness(pool: Pool, work: Path, hours: Iterable[float] = ()) -> list[dict[str, Any]]:
    """A row for the pool itself, for as many simulated features, and for each of the hours.

    Gives:
        features, made ("bred" or "simulated"), nearest and tenth (quantiles of similarity).
    """
    queries = _unknown_features()
    rows = pool.by_word[pool.indexed[pool.by_word]]
    frame = pool.frame[rows]
    bred = Postings(
        pool.words[rows], pool.rough[rows], encoded(1, frame % (1 << 18), np.zeros(len(rows)))
    )
    found = [_row("bred", queries, [bred], np.unique(bred.words), work)]
    for size in (len(pool.ends) * GAP / 3600, *hours):
        simulation = Simulation(pool, size)
        made = _row("simulated", queries, simulation.postings(), simulation.used(), work)
        found.append(made)
    return found


def _row(
    made: str,
    queries: npt.NDArray[np.uint8],
    postings: Iterable[Postings],
    used: npt.NDArray[Any],
    work: Path,
) -> dict[str, Any]:
    book = codebook()
    _, words = book.nearest(queries, PROBES)
    with tempfile.TemporaryDirectory(dir=work) as folder:
        info = write_parts(Path(folder), used, postings)
        segment = OpenSegment(Path(folder), info)
        keys, near = segment.search(book, queries.astype(np.float32), words, NEIGHBOURS)
    similarity = np.where(keys < 0, 0, near / DESCRIPTOR_NORM**2)
    return {
        "made": made,
        "features": info.items,
        "nearest": np.quantile(similarity[:, 0], QUANTILES).tolist(),
        "tenth": np.quantile(similarity[:, -1], QUANTILES).tolist(),
    }


def _unknown_features() -> npt.NDArray[np.uint8]:
    """(Q, 128) features of clips that are not in the archives."""
    if CLIPS.is_dir():
        split = json.loads(SPLIT.read_text("utf-8"))
        clips = [CLIPS / name for name in split["negative"]]
    else:
        clips = [SAMPLES.parent / "checks" / "unrelated.mp4"]
    chooser = np.random.default_rng(0)
    found = []
    for clip in clips:
        descriptors = np.asarray(fingerprint_query(clip, probe(clip)).descriptors)
        rows = chooser.choice(len(descriptors), min(LOOKED_UP, len(descriptors)), replace=False)
        found.append(descriptors[rows])
    return np.concatenate(found)

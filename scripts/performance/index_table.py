"""Ways to keep the features of an index: how large, how quick, and is the true footage found?

    python -m performance.index_table --queries DIR [--hours 100,1000] [--every 12] [--work DIR]

All hold the same features, those of real clips and of simulated hours, decoded from the codes of
the catalogue. What counts is whether the true footage is on the short list, by the votes that
matching counts. Times are those of looking up 7,200 features, as many as a clip of 30 s has.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from accuracy.crowd import CLIPS
from accuracy.runner import add
from accuracy.tables import table

from performance.choices import Choice, choices
from performance.pool import Pool, prepared_pool, real_clips
from performance.simulation import Simulation
from provenance.archive import Archive
from provenance.archive.faiss_index import INDEXED
from provenance.archive.index import encoded, strongest
from provenance.fingerprints import fingerprint_query
from provenance.fingerprints.codebook import CodedFeatures
from provenance.fingerprints.local_features import mirror_descriptors
from provenance.matching.candidates import SHORT_LIST, rarity, shortlist
from provenance.matching.matcher import NEIGHBOURS, _looked_up
from provenance.media import probe
from provenance.models import Fingerprint

LOOKED_UP = 7200


@dataclass(frozen=True)
class Query:
    """A clip and the id of the footage that it shows."""

    fingerprint: Fingerprint
    expected: int


@dataclass(frozen=True)
class Row:
    """What one choice came to: bytes an hour, milliseconds a query, shares of the queries."""

    bytes_an_hour: float
    milliseconds: float
    listed: float
    first: float


def main() -> None:
    """See the module."""
    parser = argparse.ArgumentParser(prog="bench-index", description="Compare kinds of index.")
    parser.add_argument("--queries", type=Path, required=True, help="with queries/, truth.json")
    parser.add_argument("--hours", default="100,1000")
    parser.add_argument("--every", type=int, default=12, help="take every so-manieth query")
    parser.add_argument("--only", default="", help="choices whose name holds this")
    parser.add_argument("--work", type=Path, default=Path("bench-work"), help="what is made")
    told = parser.parse_args()
    if not CLIPS.is_dir():
        print("Skipped: the shared clips are not here.", file=sys.stderr)
        return
    told.work.mkdir(parents=True, exist_ok=True)
    pool = prepared_pool(told.work)
    if not (told.work / "bare").exists():
        add(told.work / "bare", real_clips())
    with Archive.open(told.work / "bare") as archive:
        queries = _queries(archive, told.queries, told.every)
        rows = []
        for size in map(float, told.hours.split(",")):
            for name, make in choices(pool).items():
                if told.only in name:
                    row = measured(make(), archive, pool, size, queries)
                    cells = (row.bytes_an_hour / 1e6, row.milliseconds, row.listed, row.first)
                    digits = (2, 0, 3, 3)
                    shown = [f"{c:,.{d}f}" for c, d in zip(cells, digits, strict=True)]
                    rows.append([name, f"{size:,.0f}", *shown])
                    print(" | ".join(rows[-1]), file=sys.stderr, flush=True)
    head = ["kept as", "hours", "MB an hour", "ms a query", f"among {SHORT_LIST}", "first"]
    print(f"{len(queries)} queries\n\n{table(head, rows)}")


def measured(
    choice: Choice, archive: Archive, pool: Pool, hours: float, queries: Sequence[Query]
) -> Row:
    """Fill an index with real and simulated footage, and look the queries up in it."""
    last = 0
    for footage in archive.footages():
        coded, ids = real_features(archive, footage.id)
        choice.add(coded, ids)
        last = footage.id
    simulation = Simulation(pool, hours, first_id=last + 1)
    before = choice.kept
    choice.add_simulated(simulation)
    taken, ranks = [], []
    for query in queries:
        seconds, features, found = _looked(choice, query.fingerprint)
        taken.append(1000 * seconds / features * LOOKED_UP)
        ranks.append(found.index(query.expected) if query.expected in found else SHORT_LIST)
    return Row(
        (choice.kept - before) / hours,
        statistics.median(taken),
        float(np.mean(np.array(ranks) < SHORT_LIST)),
        float(np.mean(np.array(ranks) == 0)),
    )


def real_features(archive: Archive, footage_id: int) -> tuple[CodedFeatures, npt.NDArray[np.int64]]:
    """The features of a footage that an index has, and their ids."""
    one = archive.fingerprint(footage_id)
    rows = strongest(one.frame, INDEXED)
    coded = one.descriptors
    assert isinstance(coded, CodedFeatures)
    ids = encoded(footage_id, one.frame[rows], one.times[one.frame[rows]])
    return CodedFeatures(coded.words[rows], coded.codes[rows]), ids


def _looked(choice: Choice, query: Fingerprint) -> tuple[float, int, list[int]]:
    """Seconds, features that were looked up, and the short list, as matching makes it."""
    chosen = _looked_up(query, np.arange(len(query.times)))
    weight = rarity(query, chosen)
    seconds, candidates = 0.0, []
    for mirrored in (False, True):
        descriptors = np.asarray(query.descriptors[chosen])
        if mirrored:
            descriptors = np.ascontiguousarray(mirror_descriptors(descriptors))
        start = time.perf_counter()
        neighbours = choice.search(descriptors, query.frame[chosen], NEIGHBOURS)
        seconds += time.perf_counter() - start
        candidates += shortlist(
            query.frame[chosen],
            neighbours,
            weight,
            query.times[query.frame[chosen]],
            mirrored=mirrored,
        )
    candidates.sort(key=lambda candidate: -candidate.votes)
    found = list(dict.fromkeys(candidate.footage for candidate in candidates))
    return seconds, 2 * len(chosen), found[:SHORT_LIST]


def _queries(archive: Archive, folder: Path, every: int) -> list[Query]:
    """Every so-manieth query of known clips."""
    ids = {Path(footage.location).name: footage.id for footage in archive.footages()}
    truth = json.loads((folder / "truth.json").read_text("utf-8"))
    found = []
    for row in [row for row in truth if row["expected"]][::every]:
        path = folder / "queries" / row["query"]
        fingerprint = fingerprint_query(path, probe(path))
        found.append(Query(fingerprint, ids[row["expected"]]))
        print(f"\rreading queries: {len(found)}", end="", file=sys.stderr)
    print(file=sys.stderr)
    return found


if __name__ == "__main__":
    main()

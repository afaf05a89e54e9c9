"""Ways to keep the features of an index: how large, how quick, and is the true footage found?

    python -m performance.index_table --queries DIR [--hours 100,1000] [--every 12] [--work DIR]

All hold the same features, those of real clips and of simulated hours, decoded from the codes of
the catalogue. Whether the true footage is on the short list is decided by the votes that matching
counts; micro-AP is that of the whole search behind it, from geometry to pixels, without the second
look at reshaped frames. Times are those of the processors for looking up 7,200 features, as many as
a clip of 30 s has: they can be compared on a busy machine too. A size for which a choice would need
more memory than there is gets a row that says so.
"""

from __future__ import annotations

import argparse
import ctypes
import re
import statistics
import sys
import time
from collections.abc import Sequence, Set
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from accuracy.crowd import CLIPS
from accuracy.figures import score
from accuracy.runner import add
from accuracy.tables import table
from accuracy.truth import Found, read_truth
from accuracy.truth import Query as Truth

from performance.aggregated import indexed_features
from performance.choices import Choice, choices
from performance.pool import Pool, prepared_pool, real_clips
from performance.simulation import Simulation
from provenance.archive import Archive
from provenance.archive.index import Neighbours
from provenance.fingerprints import fingerprint_query
from provenance.fingerprints.local_features import mirror_descriptors
from provenance.matching import find
from provenance.matching.candidates import SHORT_LIST, rarity, shortlist
from provenance.matching.matcher import NEIGHBOURS, _looked_up
from provenance.media import probe
from provenance.models import Fingerprint, Footage
from provenance.seeing import SourceFrames
from provenance.settings import Settings

LOOKED_UP = 7200
SPARE = 1.1
"""Lists take a little more than what is in them, and so does what fills them."""


@dataclass(frozen=True)
class Query:
    """A clip, and what it shows."""

    truth: Truth
    fingerprint: Fingerprint
    frames: SourceFrames
    duration: float | None


@dataclass(frozen=True)
class Row:
    """What one choice came to: bytes an hour, milliseconds a query, shares of the known queries
    whose footage is on the short list and on top of it, micro-AP over all of them."""

    bytes_an_hour: float
    milliseconds: float
    listed: float
    first: float
    micro_ap: float


@dataclass(frozen=True)
class _Known:
    """Real and simulated footage, looked up in one choice; see `matching.matcher.Known`.

    Attributes:
        frames: of the clip that is looked up, the frame of each feature that is.
    """

    choice: Choice
    archive: Archive
    simulation: Simulation
    frames: npt.NDArray[np.int32]

    def search(
        self, descriptors: npt.NDArray[np.uint8], k: int = 10, without: Set[int] = frozenset()
    ) -> Neighbours:
        assert not without, "no kind here passes footage over"
        return self.choice.search(descriptors, self.frames, k)

    def fingerprint(self, footage_id: int) -> Fingerprint:
        number = footage_id - self.simulation.first_id
        return (
            self.archive.fingerprint(footage_id)
            if number < 0
            else self.simulation.fingerprint(number)
        )

    def footage(self, footage_id: int) -> Footage:
        number = footage_id - self.simulation.first_id
        if number < 0:
            return self.archive.footage(footage_id)
        length = float(self.simulation.seconds()[number])
        return Footage(footage_id, f"simulated-{number}", "", duration=length)


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
        queries = _queries(told.queries, told.every)
        rows = []
        for size in map(float, told.hours.split(",")):
            for name, make in choices(pool).items():
                if told.only not in name:
                    continue
                try:
                    row = measured(make(), archive, pool, size, queries)
                except MemoryError:
                    rows.append([name, f"{size:,.0f}", "more memory than there is", *4 * [""]])
                else:
                    cells = [row.bytes_an_hour / 1e6, row.milliseconds]
                    cells += [row.listed, row.first, row.micro_ap]
                    digits = (2, 0, 3, 3, 3)
                    shown = [f"{c:,.{d}f}" for c, d in zip(cells, digits, strict=True)]
                    rows.append([name, f"{size:,.0f}", *shown])
                print(" | ".join(rows[-1]), file=sys.stderr, flush=True)
    head = ["kept as", "hours", "MB an hour", "ms a query"]
    head += [f"among {SHORT_LIST}", "first", "micro-AP"]
    known = sum(bool(query.truth.expected) for query in queries)
    print(f"{known} queries of known footage, {len(queries) - known} of other\n")
    print(table(head, rows))


def measured(
    choice: Choice, archive: Archive, pool: Pool, hours: float, queries: Sequence[Query]
) -> Row:
    """Fill an index with real and simulated footage, and look the queries up in it.

    Raises:
        MemoryError: it would take more than is free.
    """
    names, features = {}, 0
    for footage in archive.footages():
        coded, ids = indexed_features(archive.fingerprint(footage.id), footage.id)
        choice.add(coded, ids)
        features += len(coded)
        names[footage.id] = Path(footage.location).name
    simulation = Simulation(pool, hours, first_id=max(names) + 1)
    before = choice.kept
    if before / features * simulation.most_postings() * SPARE > _free_memory():
        raise MemoryError
    choice.add_simulated(simulation)
    taken, ranks, said = [], [], []
    for query in queries:
        seconds, looked_up, found = _looked(choice, query.fingerprint)
        taken.append(1000 * seconds / looked_up * LOOKED_UP)
        listed = [names.get(footage, "") for footage in found]
        ranks += [
            listed.index(name) if name in listed else SHORT_LIST for name in query.truth.expected
        ]
        said += _found(query, _Known(choice, archive, simulation, _frames(query)), names)
    return Row(
        (choice.kept - before) / hours,
        statistics.median(taken),
        float(np.mean(np.array(ranks) < SHORT_LIST)),
        float(np.mean(np.array(ranks) == 0)),
        score([query.truth for query in queries], said).micro_ap,
    )


def _free_memory() -> int:
    """Bytes that can be had without swapping, once what earlier lists took is given back."""
    ctypes.CDLL(None).malloc_trim(0)
    said = Path("/proc/meminfo").read_text("ascii")
    (kilobytes,) = re.findall(r"MemAvailable:\s+(\d+) kB", said)
    return 1024 * int(kilobytes)


def _found(query: Query, known: _Known, names: dict[int, str]) -> list[Found]:
    """What the whole search says of a query, accepted or not."""
    return [
        Found(query.truth.query, names.get(one.footage, f"simulated-{one.footage}"), one.score)
        for one in find(query.fingerprint, query.duration, known, query.frames)
    ]


def _frames(query: Query) -> npt.NDArray[np.int32]:
    """The frame of each feature that is looked up; queries are shorter than a piece of matching."""
    fingerprint = query.fingerprint
    return fingerprint.frame[_looked_up(fingerprint, np.arange(len(fingerprint.times)))]


def _looked(choice: Choice, query: Fingerprint) -> tuple[float, int, list[int]]:
    """Seconds, features that were looked up, and the short list, as matching makes it."""
    chosen = _looked_up(query, np.arange(len(query.times)))
    weight = rarity(query, chosen)
    seconds, candidates = 0.0, []
    for mirrored in (False, True):
        descriptors = np.asarray(query.descriptors[chosen])
        if mirrored:
            descriptors = np.ascontiguousarray(mirror_descriptors(descriptors))
        start = time.process_time()
        neighbours = choice.search(descriptors, query.frame[chosen], NEIGHBOURS)
        seconds += time.process_time() - start
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


def _queries(folder: Path, every: int) -> list[Query]:
    """Every so-manieth query of clips that the archive knows, and of those that it does not."""
    settings = Settings()
    found = []
    for truth in read_truth(folder / "truth.json")[::every]:
        path = folder / "queries" / truth.query
        info = probe(path, settings)
        frames = SourceFrames(path, info, settings)
        fingerprint = fingerprint_query(path, info, settings, read=frames.read)
        found.append(Query(truth, fingerprint, frames, info.duration))
        print(f"\rreading queries: {len(found)}", end="", file=sys.stderr)
    print(file=sys.stderr)
    return found


if __name__ == "__main__":
    main()

"""How much matching loses in a crowd: the same queries against an archive bare and padded.

    python -m accuracy.crowd --queries DIR [--hours 100] [--every 4] [--work DIR]
    python -m accuracy.crowd --curves       how near unrelated features come, real and bred

Everything made is kept in the work folder, and an interrupted run goes on where it stopped.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

import provenance
from accuracy.crowded_archive import CrowdedArchive, TimedArchive
from accuracy.distractors import Material, distractor
from accuracy.material import RealFeatures, gather, real_features
from provenance import check
from provenance.errors import ProvenanceError

ROOT = Path(__file__).resolve().parents[2]
SHARED = Path(os.environ.get("PROVENANCE_SHARED") or ROOT.parent / "shared")
CLIPS = SHARED / "footage" / "clips"
SPLIT = SHARED / "bench" / "dev.json"

LEVELS = (0.8, 0.85, 0.9)
CURVE = (10_000, 30_000, 100_000, 200_000, 1_000_000)
LOOKED_UP = 80
"""Features of each wanted clip whose neighbours the curves are about."""
CHUNK = 50_000


def main() -> None:
    """See the module."""
    parser = argparse.ArgumentParser(description="Measure matching in a padded archive.")
    parser.add_argument("--queries", type=Path, help="folder with queries/ and truth.json")
    parser.add_argument("--hours", type=float, default=100, help="of distractors")
    parser.add_argument("--every", type=int, default=4, help="take every so-manieth query")
    parser.add_argument("--work", type=Path, default=Path("crowd-work"), help="what is made")
    parser.add_argument("--curves", action="store_true", help="only the similarity curves")
    told = parser.parse_args()
    if not CLIPS.is_dir():
        print(f"Skipped: the benchmark's clips are not at {SHARED}.", file=sys.stderr)
        return
    told.work.mkdir(parents=True, exist_ok=True)
    real, material = prepared(told.work)
    if told.curves:
        _print_curves(real, material)
    elif told.queries is None:
        parser.error("--queries is needed (make them with scripts/bench-accuracy)")
    else:
        _compare(told.work, material, told.queries, told.hours, told.every)


def similarity_curve(
    queries: npt.NDArray[np.uint8],
    batches: Iterable[npt.NDArray[np.uint8]],
    counts: Iterable[int] = CURVE,
) -> Iterator[tuple[int, npt.NDArray[np.float64], npt.NDArray[np.float64]]]:
    """How near the nearest of N features come, for rising N.

    Gives:
        (N, quantiles 0.1, 0.5, 0.9, 0.99 of the similarity of the nearest, pairs a query and
        million features with a similarity of at least each of LEVELS).
    """
    looked_up = queries.astype(np.float32) / 512
    best = np.zeros(len(queries), np.float32)
    pairs = np.zeros(len(LEVELS))
    seen = 0
    wanted = iter(sorted(counts))
    target = next(wanted, None)
    for batch in batches:
        rest = batch
        while target is not None and len(rest):
            part, rest = np.split(rest, [min(len(rest), target - seen, CHUNK)])
            products = looked_up @ (part.astype(np.float32).T / 512)
            best = np.maximum(best, products.max(axis=1))
            pairs += [(products >= level).sum() / len(queries) for level in LEVELS]
            seen += len(part)
            if seen == target:
                yield seen, np.quantile(best, [0.1, 0.5, 0.9, 0.99]), pairs / seen * 1e6
                target = next(wanted, None)
        if target is None:
            return


def _print_curves(real: RealFeatures, material: Material) -> None:
    chooser = np.random.default_rng(1)
    chosen = np.flatnonzero(real.wanted)
    print(
        "| features | made of | nearest: 10 % | 50 % | 90 % | 99 % | >= 0.80 | >= 0.85 | >= 0.90 |"
    )
    print("|---|---|---|---|---|---|---|---|---|")

    def row(count: int, kind: str, nearest: Any, pairs: Any) -> None:
        cells = [f"{value:.3f}" for value in nearest] + [f"{value:,.0f}" for value in pairs]
        print(f"| {count:,} | {kind} | " + " | ".join(cells) + " |", flush=True)

    looked_up, per_clip = [], []
    for group in np.unique(real.source[chosen]):
        mine = chosen[real.source[chosen] == group]
        some = real.descriptors[chooser.choice(mine, min(LOOKED_UP, len(mine)), replace=False)]
        others = chooser.permutation(np.flatnonzero(real.source != group))
        per_clip.append(list(similarity_curve(some, [real.descriptors[others]])))
        looked_up.append(some)
    for steps in zip(*per_clip, strict=False):
        mean = [np.mean([step[k] for step in steps], axis=0) for k in (1, 2)]
        row(steps[0][0], "real", *mean)
    bred = [distractor(material, number).descriptors[:] for number in range(60)]
    mixed = chooser.permutation(np.concatenate(bred))
    later = (distractor(material, number).descriptors[:] for number in range(60, 10**6))

    def batches() -> Iterator[npt.NDArray[np.uint8]]:
        yield mixed
        yield from later

    for step in similarity_curve(np.concatenate(looked_up), batches()):
        row(step[0], "bred", step[1], step[2])


def prepared(work: Path) -> tuple[RealFeatures, Material]:
    """Real features and the material for distractors, made once."""
    kept = work / "real.npz"
    if kept.exists():
        with np.load(kept) as arrays:
            real = RealFeatures(**arrays)
    else:
        print("Reading features of the clips ...", file=sys.stderr)
        real = real_features(SPLIT, CLIPS)
        np.savez(kept, **vars(real))
    material = Material.load(work / "material.npz")
    if material is None:
        print("Gathering material for distractors ...", file=sys.stderr)
        clips = [CLIPS / name for name in json.loads(SPLIT.read_text())["filler"]]
        clips += sorted((ROOT / "samples" / "footage").glob("*.mp4"))
        material = gather(clips, real.counts)
        material.save(work / "material.npz")
    return real, material


def _compare(work: Path, material: Material, queries: Path, hours: float, every: int) -> None:
    truth = json.loads((queries / "truth.json").read_text())[::every]
    bare = work / "bare"
    if not bare.is_dir():
        making = work / "bare.part"
        shutil.rmtree(making, ignore_errors=True)
        split = json.loads(SPLIT.read_text())
        with CrowdedArchive(making, material) as archive:
            for name in split["reference"] + split["filler"]:
                archive.add(CLIPS / name, published="2020-01-01")
        making.rename(bare)
    rows = {}
    for name, size in (("bare", 0.0), (f"padded-{hours:g}h", hours)):
        folder = work / name
        if not folder.is_dir():
            shutil.copytree(bare, folder)
        with CrowdedArchive(folder, material) as archive:
            for so_far in archive.pad(size):
                print(f"{name}: {so_far:.1f} h", file=sys.stderr)
            rows[name] = measured(archive, queries, truth, work / f"{name}.jsonl")
            rows[name]["disk, GB"] = sum(f.stat().st_size for f in folder.rglob("*")) / 1e9
    print(f"\n{len(truth)} queries\n\n| | " + " | ".join(rows) + " |")
    print("|---|" + "---|" * len(rows))
    for figure in next(iter(rows.values())):
        cells = [row[figure] for row in rows.values()]
        print(f"| {figure} | " + " | ".join(_shown(cell) for cell in cells) + " |")


def measured(
    archive: TimedArchive, queries: Path, truth: list[dict[str, Any]], kept: Path
) -> dict[str, Any]:
    """Figures of one archive. Queries whose answer by this program is in `kept` are not checked
    again."""
    done = answered(archive, queries, [row["query"] for row in truth], kept)
    answers = [(row["expected"], done[row["query"]]) for row in truth]
    accepted = [(expected, name) for expected, a in answers for name in a["accepted"]]
    known = sum(expected is not None for expected, _ in answers)
    seconds = [a["search_seconds"] for _, a in answers]
    return {
        **_scored(truth, [a for _, a in answers], kept.with_suffix(".scored")),
        "known queries accepted": f"{sum(e == name for e, name in accepted)} of {known}",
        "accepted matches that name other footage": sum(e != name for e, name in accepted),
        "look-up, seconds a query (median)": float(np.median(seconds)),
        "look-up, seconds a query (most)": max(seconds),
    }


def answered(
    archive: TimedArchive, queries: Path, names: Sequence[str], kept: Path
) -> dict[str, dict[str, Any]]:
    """What the program says of each query; answers that are in `kept` already are its own."""
    program = _program()
    done: dict[str, dict[str, Any]] = {}
    if kept.exists():
        rows = map(json.loads, kept.read_text("utf-8").splitlines())
        done = {row["query"]: row for row in rows if row.get("program") == program}
    with kept.open("w", encoding="utf-8") as file:
        file.writelines(json.dumps(row) + "\n" for row in done.values())
        for number, name in enumerate(names):
            if name not in done:
                answer = _answer(archive, queries / "queries" / name)
                done[name] = {"query": name, "program": program, **answer}
                file.write(json.dumps(done[name]) + "\n")
                file.flush()
                print(f"\r{kept.stem}: {number + 1}/{len(names)}", end="", file=sys.stderr)
    return done


def _program() -> str:
    """A name of the package's files as they are, so that no other version's answers are taken."""
    folder = Path(provenance.__file__).parent
    read = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.suffix in {".py", ".npz"}:
            read.update(path.read_bytes())
    return read.hexdigest()[:16]


def _answer(archive: TimedArchive, query: Path) -> dict[str, Any]:
    archive.search_seconds = 0.0
    start = time.perf_counter()
    try:
        matches = check(query, archive=archive, candidates=True, pictures=False).matches
    except ProvenanceError as error:
        print(f"{query.name}: {error}", file=sys.stderr)
        matches = ()
    return {
        "matches": [(Path(m.footage.location).name, m.score) for m in matches],
        "accepted": [Path(m.footage.location).name for m in matches if m.accepted],
        "search_seconds": archive.search_seconds,
        "seconds": time.perf_counter() - start,
    }


def _scored(
    truth: list[dict[str, Any]], answers: list[dict[str, Any]], scratch: Path
) -> dict[str, float]:
    """What the benchmark's own scoring says."""
    wanted, results = scratch.with_suffix(".truth"), scratch.with_suffix(".results")
    wanted.write_text(json.dumps(truth))
    results.write_text(
        "".join(
            json.dumps({"query": a["query"], "reference": name, "score": score}) + "\n"
            for a in answers
            for name, score in a["matches"]
        )
    )
    command = [sys.executable, str(SHARED / "bench" / "score.py"), str(wanted), str(results)]
    figures = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    return {
        "micro-AP": figures["micro_ap"],
        "recall before the first false pair": figures["recall_at_p1"],
        "recall at any rank": figures["recall_any"],
    }


def _shown(value: Any) -> str:
    return f"{value:.3f}" if isinstance(value, float) else str(value)


if __name__ == "__main__":
    main()

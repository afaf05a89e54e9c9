"""Measure how well edited footage is found: see `scripts/bench-accuracy`."""

from __future__ import annotations

import argparse
import json
import os
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from accuracy import calibration, pictures, tables
from accuracy.documents import write_figures
from accuracy.edits import EDITS
from accuracy.figures import Figures, score
from accuracy.peers import frame_hash, vpdq
from accuracy.runner import Run, RunError, kept, read_rows, rows, run
from accuracy.sets import ROOT, TITLES, Drawing, QuerySet, SkippedError, given, prepared
from accuracy.truth import Found
from provenance.errors import ProvenanceError

PEERS = {"vpdq": f"vPDQ {vpdq.VERSION}", "phash": "pHash a frame"}


@dataclass(frozen=True)
class Measured:
    """A set, what the program said about it, and everybody's figures, the program's first."""

    queries: QuerySet
    run: Run
    systems: dict[str, Figures]

    @property
    def figures(self) -> Figures:
        return self.systems["provenance"]


def main() -> None:
    """Make or take the queries, run the program and its peers, print and keep the figures."""
    options = _options()
    folder = tempfile.TemporaryDirectory(prefix="bench-accuracy-")
    with folder as scratch:
        keep = options.keep or Path(scratch)
        measured = [one for name in options.sets if (one := _measure(name, keep, options))]
        if not measured:
            tell("Nothing was measured.")
            return
        text = _text(measured, options.command)
        print(text)
        (keep / "figures.md").write_text(text + "\n", "utf-8")
        (keep / "calibration.json").write_text(_calibration_json(measured), "utf-8")
        if options.write_docs:
            write_figures(ROOT / "docs" / "accuracy.md", text)
        if options.pictures:
            for one in measured:
                if one.queries.name == "samples":
                    pictures.draw(one.queries, one.run.reports, one.figures, options.pictures)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="bench-accuracy",
        description="Measure how well edited footage is found, and how well vPDQ finds it.",
    )
    add = parser.add_argument
    add("--sets", default=",".join(TITLES), help="of dev, own, samples; all of them unless given")
    add("--queries", type=Path, help="a folder of queries made before from the shared clips")
    add("--seed", type=int, default=1, help="other cuts, other drawings")
    add("--per-source", type=int, default=12, metavar="K", help="queries a source (12)")
    add("--limit", type=int, metavar="N", help="at most so many queries a set, spread evenly")
    add("--edits", default="", help="only these edits: NAME,NAME")
    add("--peers", default=",".join(PEERS), help="of vpdq, phash; '' for none")
    add("--keep", type=Path, metavar="DIR", help="keep queries, reports and figures")
    add("--reuse", action="store_true", help="take what --keep has, and go on from there")
    add("--jobs", type=int, default=2, help="processes at a time (2)")
    add("--write-docs", action="store_true", help="put the figures into docs/accuracy.md")
    add("--pictures", type=Path, metavar="DIR", help="draw cases of our own clips as PNG files")
    options = parser.parse_args()
    options.sets = ["given"] if options.queries else [s for s in options.sets.split(",") if s]
    options.peers = [peer for peer in options.peers.split(",") if peer]
    for name in options.sets:
        if name not in (*TITLES, "given"):
            parser.error(f"no such set: {name} (there are {', '.join(TITLES)})")
    for name in options.peers:
        if name not in PEERS:
            parser.error(f"no such peer: {name} (there are {', '.join(PEERS)})")
    for name in filter(None, options.edits.split(",")):
        if name not in {**EDITS, **tables.SHARED_TITLES}:
            parser.error(f"no such edit: {name} (there are {', '.join(EDITS)})")
    options.shared = Path(os.environ.get("PROVENANCE_SHARED", ROOT.parent / "shared"))
    options.drawing = Drawing(
        options.seed,
        options.per_source,
        options.limit,
        tuple(name for name in options.edits.split(",") if name),
    )
    options.command = _command(options)
    return options


def _command(options: argparse.Namespace) -> str:
    """What others type for the same figures; without folders of this machine."""
    words = ["scripts/bench-accuracy"]
    if options.queries:
        words += ["--queries", options.queries.name]
    elif options.sets != list(TITLES):
        words += ["--sets", ",".join(options.sets)]
    for name, usual in (("seed", 1), ("per_source", 12), ("limit", None), ("edits", "")):
        if getattr(options, name) != usual:
            words += [f"--{name.replace('_', '-')}", str(getattr(options, name))]
    return shlex.join(words)


def _measure(name: str, keep: Path, options: argparse.Namespace) -> Measured | None:
    """One set from its queries to its figures; None, with the reason told, where it cannot be."""
    here = keep / name
    try:
        if name == "given":
            queries = given(options.queries, options.shared, options.drawing)
        else:
            tell(f"{TITLES[name]}: making queries ...")
            queries = prepared(
                name, options.shared, here, options.drawing, reuse=options.reuse, jobs=options.jobs
            )
    except SkippedError as error:
        tell(f"Skipped {TITLES.get(name, 'the given queries')}: {error}.")
        return None
    if options.reuse and (here / "run.json").exists():
        done = kept(here)
    else:
        tell(f"{len(queries.files)} queries against {len(queries.sources.archived)} clips ...")
        try:
            done = run(
                queries.sources.archived, queries.files, here, options.jobs, resume=options.reuse
            )
        except RunError as error:
            sys.exit(str(error))
    systems = {"provenance": score(queries.queries, done.found)}
    (here / "results.jsonl").write_text(rows(done.found), "utf-8")
    if all(len(query.expected) < 2 for query in queries.queries):
        _compare_with_shared_scorer(queries, here, options.shared, systems["provenance"])
    for peer in options.peers:
        found = _peer(peer, queries, here / f"{peer}.jsonl", options)
        if found is not None:
            systems[PEERS[peer]] = score(queries.queries, found)
    return Measured(queries, done, systems)


def _peer(
    name: str, queries: QuerySet, keep: Path, options: argparse.Namespace
) -> list[Found] | None:
    """What another way of finding says; None, with the reason told, where it cannot be had."""
    if options.reuse and keep.exists():
        return read_rows(keep.read_text("utf-8"))
    tell(f"{PEERS[name]} on the same queries ...")
    files, known = queries.files, queries.sources.archived
    try:
        if name == "phash":
            found = frame_hash.results(files, known, options.jobs)
        else:
            found = vpdq.results(files, known)
    except vpdq.VpdqMissingError as error:
        tell(f"Without vPDQ: {error}.")
        return None
    keep.write_text(rows(found), "utf-8")
    return found


def _compare_with_shared_scorer(
    queries: QuerySet, here: Path, shared: Path, figures: Figures
) -> None:
    """Where the shared scorer is at hand, it has to come to the same ranking."""
    scorer = shared / "bench" / "score.py"
    if not scorer.exists():
        return
    names = {query.query for query in queries.queries}
    truth = json.loads((queries.folder / "truth.json").read_text("utf-8"))
    part = here / "truth-of-run.json"
    part.write_text(json.dumps([row for row in truth if row["query"] in names]), "utf-8")
    done = subprocess.run(
        [sys.executable, scorer, part, here / "results.jsonl"],
        capture_output=True,
        text=True,
        check=True,
    )
    said = json.loads(done.stdout)
    ours = {
        "micro_ap": round(figures.micro_ap, 4),
        "recall_at_p1": round(figures.recall_before_false, 4),
        "recall_at_p95": round(figures.recall_at_95, 4),
        "recall_any": round(figures.recall, 4),
        "per_edit": {
            edit: f"{of.before_false}/{of.pairs} (any {of.found}/{of.pairs})"
            for edit, of in figures.edits.items()
        },
    }
    theirs = {key: said[key] for key in ours}
    if ours != theirs:
        sys.exit(f"The shared scorer disagrees:\n{ours}\n{theirs}")
    tell("The shared scorer comes to the same figures.")


def _text(measured: Sequence[Measured], command: str) -> str:
    parts = [f"`{command}`"]
    for one in measured:
        name, run_ = one.queries.name, one.run
        parts += [
            f"### {TITLES.get(name, name)}",
            tables.overview(one.systems),
            f"Learning {len(one.queries.sources.archived)} clips took {run_.add_seconds:.0f} s, "
            f"checking {run_.checked} queries {run_.check_seconds:.0f} s; the archive has "
            f"{run_.archive_megabytes:.1f} MB. Queries that could not be checked: "
            f"{len(run_.errors)}.",
            tables.by_edit(one.systems),
            "Missed, lowest score first, and false pairs, highest score first:",
            tables.worst(one.figures, one.queries.queries),
        ]
    pool = _pool(measured)
    parts += [
        "### What a score means",
        tables.calibration(calibration.bins(pool)),
        f"Expected calibration error: {calibration.calibration_error(pool):.3f} over "
        f"{len(pool)} reported pairs.",
    ]
    return "\n\n".join(parts)


def _pool(measured: Sequence[Measured]) -> list[calibration.Point]:
    return [
        point
        for one in measured
        for point in calibration.points(one.queries.queries, one.run.found)
    ]


def _calibration_json(measured: Sequence[Measured]) -> str:
    pool = _pool(measured)
    return json.dumps(
        {
            "error": calibration.calibration_error(pool),
            "bins": [asdict(part) | {"share": part.share} for part in calibration.bins(pool)],
            "curve": calibration.curve(pool),
            "points": sorted((point.score, point.true) for point in pool),
        },
        indent=1,
    )


def tell(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    try:
        main()
    except ProvenanceError as error:
        sys.exit(f"{error.message}\n{error.hint}")
    except KeyboardInterrupt:
        sys.exit(130)

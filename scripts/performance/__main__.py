"""Measure what learning and checking cost: see `scripts/bench`."""

from __future__ import annotations

import argparse
import json
import os
import shlex
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from accuracy import crowd
from accuracy.documents import write_figures
from accuracy.peers import vpdq
from accuracy.runner import RunError, add

from performance import costs, tables
from performance.archives import Pictures, SimulatedArchive, build, bytes_needed
from performance.clips import checked_clips
from performance.film import make_film
from performance.likeness import likeness
from performance.measuring import ROOT, CommandError
from performance.plot import cost_plot
from performance.pool import Pool, prepared_pool, real_clips
from provenance import check
from provenance.archive import Archive
from provenance.errors import ProvenanceError

FILM_SECONDS = 170
PARTS = ("learning", "checking", "accuracy", "likeness")
LIKENESS_HOURS = 100
"""Larger crowds are not compared with the bred one."""
SPARE = 2e9
"""Bytes of the disk that are left free."""
DOCUMENT = ROOT / "docs" / "performance.md"
PLOT = ROOT / "docs" / "images" / "cost.svg"


def main() -> None:
    """Make or take what is measured, measure it, print and keep the figures."""
    told = _options()
    told.work.mkdir(parents=True, exist_ok=True)
    kept = told.work / "figures.json"
    figures = json.loads(kept.read_text("utf-8")) if kept.exists() else {}
    figures["cores"] = len(os.sched_getaffinity(0))
    for name, part in zip(PARTS, (_learning, _checking, _accuracy, _likeness), strict=True):
        if name in told.parts:
            part(told, figures)
            figures.setdefault("commands", {})[name] = told.command
            kept.write_text(json.dumps(figures, indent=1), "utf-8")
    text = tables.document(figures)
    print(text)
    if told.write_docs:
        write_figures(DOCUMENT, text)
        PLOT.write_text(cost_plot(figures["sizes"]), "utf-8")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench", description="Measure what the work costs.")
    add_ = parser.add_argument
    add_("--hours", default="100,1000,10000", help="sizes of simulated archives")
    add_("--parts", default=",".join(PARTS), help=f"of {', '.join(PARTS)}")
    add_("--rounds", type=int, default=3, help="medians are taken over so many (3)")
    add_("--queries", type=Path, help="made before; with queries/ and truth.json")
    add_("--accuracy", type=int, default=40, metavar="N", help="queries checked a size (40)")
    add_("--accuracy-hours", default="100,1000", help="sizes in which they are checked")
    add_("--skip-build", action="store_true", help="take only archives that are there")
    add_("--work", type=Path, default=Path("bench-work"), help="what is made, and the figures")
    add_("--write-docs", action="store_true", help="put the figures into docs/performance.md")
    told = parser.parse_args()
    told.parts = [part for part in told.parts.split(",") if part]
    told.hours = sorted(float(size) for size in told.hours.split(",") if size)
    told.accuracy_hours = [float(size) for size in told.accuracy_hours.split(",") if size]
    for part in told.parts:
        if part not in PARTS:
            parser.error(f"no such part: {part} (there are {', '.join(PARTS)})")
    if "accuracy" in told.parts and (told.queries is None or not crowd.CLIPS.is_dir()):
        tell("Accuracy is left out: it needs the shared clips and --queries.")
        told.parts.remove("accuracy")
    words = ["scripts/bench"]
    if told.parts != list(PARTS):
        words += ["--parts", ",".join(told.parts)]
    words += ["--hours", _listed(told.hours)]
    if "accuracy" in told.parts:
        words += ["--accuracy", str(told.accuracy), "--queries", "DIR"]
        words += ["--accuracy-hours", _listed(told.accuracy_hours)]
    told.command = shlex.join(words)
    return told


def _listed(sizes: list[float]) -> str:
    return ",".join(f"{size:g}" for size in sizes)


def _learning(told: argparse.Namespace, figures: dict[str, Any]) -> None:
    film = told.work / f"film-{FILM_SECONDS}.mp4"
    if not film.exists():
        tell(f"Making {film} ...")
        make_film(film, FILM_SECONDS)
    peer = _peer()
    rounds: list[dict[str, Any]] = []
    parts: list[dict[str, Any]] = []
    starts: list[dict[str, Any]] = []
    for number in range(told.rounds):
        one = costs.learning(film, told.work, peer)
        rounds.append(one)
        parts.append(costs.parts_of_learning(film, told.work))
        starts.append(costs.help_text())
        walls = ", ".join(f"{name} {cost['wall']:.1f} s" for name, cost in one.items())
        tell(f"learning, round {number + 1}: {walls}")
    figures["learning"] = costs.median(rounds)
    figures["parts of learning"] = costs.median(parts)
    figures["help"] = costs.median(starts)
    figures["film"] = {"seconds": FILM_SECONDS, "bytes": film.stat().st_size}
    figures["disk"] = costs.bytes_an_hour(told.work / "learnt")
    figures["disk of short clips"] = costs.bytes_an_hour(_bare(told))
    if peer:
        said = costs.hashed_by_vpdq(peer, film).said
        figures["vpdq disk"] = costs.vpdq_bytes_an_hour(said, FILM_SECONDS)


def _checking(told: argparse.Namespace, figures: dict[str, Any]) -> None:
    """All sizes take turns in every round."""
    clips = checked_clips(told.work)
    peer = _peer()
    measured: dict[float, list[Any]] = {}
    for size, folder in _archives(told, told.hours):
        measured[size] = []
        with _opened(told, folder) as archive:
            for clip in vars(clips).values():
                check(clip, archive=archive, pictures=False)
            tell(f"{size:g} h: {archive.keep_made()} fingerprints were asked for")
    hashing = []
    for number in range(told.rounds):
        if peer:
            hashing.append(costs.seconds(costs.hashed_by_vpdq(peer, clips.known)))
        for size, rounds in measured.items():
            folder = _folder(told, size)
            one: dict[str, Any] = {
                "check": costs.checking(clips, folder),
                "parts": costs.parts_of_checking(clips, folder),
                "vpdq look-up": costs.vpdq_look_up(size),
            }
            rounds.append(one)
            walls = ", ".join(f"{n} {cost['wall']:.1f} s" for n, cost in one["check"].items())
            tell(f"checking in {size:g} h, round {number + 1}: {walls}")
    sizes = figures.setdefault("sizes", {})
    for size, rounds in measured.items():
        folder = _folder(told, size)
        index = sum(file.stat().st_size for file in (folder / "index").iterdir())
        sizes.setdefault(f"{size:g}", {}).update(
            costs.median(rounds),
            disk=index,
            memory=costs.checking(clips, folder, watched=True),
            cold=costs.checking_from_disk(clips, folder),
        )
    figures["stopped"] = [size for size in told.hours if size not in measured]
    if hashing:
        figures["vpdq check"] = costs.median(hashing)


def _accuracy(told: argparse.Namespace, figures: dict[str, Any]) -> None:
    truth = json.loads((told.queries / "truth.json").read_text("utf-8"))
    truth = truth[:: max(1, len(truth) // told.accuracy)]
    found = {"bare": _bare(told)}
    found |= {f"{size:g}": folder for size, folder in _archives(told, told.accuracy_hours)}
    figures["accuracy"] = {}
    for name, folder in found.items():
        with _opened(told, folder) as archive:
            kept = told.work / f"accuracy-{name}.jsonl"
            figures["accuracy"][name] = crowd.measured(archive, told.queries, truth, kept)
    figures["queries"] = len(truth)


def _likeness(told: argparse.Namespace, figures: dict[str, Any]) -> None:
    sizes = [size for size in told.hours if size <= LIKENESS_HOURS]
    figures["likeness"] = likeness(_pool(told), told.work, sizes)


def _archives(told: argparse.Namespace, sizes: list[float]) -> Iterator[tuple[float, Path]]:
    """Archives of these sizes, as far as the disk has room for them."""
    for size in sizes:
        folder = _folder(told, size)
        if not folder.exists():
            free = shutil.disk_usage(told.work).free
            if told.skip_build:
                tell(f"{size:g} h: left out, since it is not in {told.work}")
                continue
            if bytes_needed(size) + SPARE > free:
                tell(
                    f"{size:g} h: left out; it needs {bytes_needed(size) / 1e9:.0f} GB, "
                    f"{told.work} has {free / 1e9:.0f} GB. What is given for it is extrapolated."
                )
                continue
            build(folder, _bare(told), _pool(told), size)
        yield size, folder


def _opened(told: argparse.Namespace, folder: Path) -> SimulatedArchive:
    return SimulatedArchive(folder, _pool(told), _pictures(told))


def _folder(told: argparse.Namespace, size: float) -> Path:
    return Path(told.work / f"archive-{size:g}h")


def _pool(told: argparse.Namespace) -> Pool:
    if not hasattr(told, "pool"):
        tell("Features to simulate footage with ...")
        told.pool = prepared_pool(told.work)
    pool: Pool = told.pool
    return pool


def _bare(told: argparse.Namespace) -> Path:
    """The archive of real footage only."""
    folder = Path(told.work / "bare")
    if not folder.exists():
        making = folder.with_name("bare.part")
        shutil.rmtree(making, ignore_errors=True)
        tell(f"Learning {len(real_clips())} real clips ...")
        add(making, real_clips())
        making.rename(folder)
    return folder


def _pictures(told: argparse.Namespace) -> Pictures:
    """Pictures of footage that no query is cut from."""
    if not crowd.CLIPS.is_dir():
        return ()
    fillers = set(json.loads(crowd.SPLIT.read_text("utf-8"))["filler"])
    with Archive.open(_bare(told)) as archive:
        return [
            archive.fingerprint(footage.id).pictures
            for footage in archive.footages()
            if Path(footage.location).name in fillers
        ]


def _peer() -> Path | None:
    try:
        return vpdq.installed()
    except vpdq.VpdqMissingError as error:
        tell(f"Without vPDQ: {error}.")
        return None


def tell(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    try:
        main()
    except (CommandError, RunError) as error:
        sys.exit(str(error))
    except ProvenanceError as error:
        sys.exit(f"{error.message}\n{error.hint}")
    except KeyboardInterrupt:
        sys.exit(130)

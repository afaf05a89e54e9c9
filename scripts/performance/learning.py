"""What learning costs: `provenance add` beside ffmpeg's own decoding of the same file.

    python -m performance.learning [--seconds 170] [--rounds 3] [--work DIR]
    python -m performance.learning --folder 500

Both are whole commands, started one after the other in every round, so that whatever else the
machine does falls on both. What is made is kept in the work folder and used again.
"""

from __future__ import annotations

import argparse
import os
import resource
import shutil
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from performance.film import ROOT, make_film, make_folder
from provenance import Archive
from provenance.crew import cores
from provenance.process import find_ffmpeg
from provenance.settings import PROFILES

PROVENANCE = [sys.executable, "-m", "provenance"]


@dataclass(frozen=True)
class Cost:
    """Seconds by the clock, and of processors, of one command and its children."""

    wall: float
    processor: float


def main() -> None:
    """See the module."""
    parser = argparse.ArgumentParser(description="Measure what learning costs.")
    parser.add_argument("--seconds", type=float, default=170, help="length of the film")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--profile", choices=PROFILES, default="standard")
    parser.add_argument("--folder", type=int, metavar="N", help="learn N small files instead")
    parser.add_argument("--work", type=Path, default=Path("learn-work"), help="what is made")
    told = parser.parse_args()
    told.work.mkdir(parents=True, exist_ok=True)
    if told.folder:
        _small_files(told.work, told.folder, told.profile)
    else:
        _one_film(told.work, told.seconds, told.rounds, told.profile)


def cost_of(*command: str | Path) -> Cost:
    """Run a command to its end. Raises CalledProcessError."""
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    subprocess.run(
        [str(word) for word in command],
        check=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    processor = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Cost(time.monotonic() - started, processor)


def _one_film(work: Path, seconds: float, rounds: int, profile: str) -> None:
    film = work / f"film-{seconds:g}.mp4"
    if not film.exists():
        print(f"Making {film} ...", file=sys.stderr)
        make_film(film, seconds)
    archive = work / "archive"
    decode = (find_ffmpeg(), "-v", "error", "-nostdin", "-i", film, "-f", "null", "-")
    learning, decoding = [], []
    for number in range(rounds):
        shutil.rmtree(archive, ignore_errors=True)
        words = ("--profile", profile, "--archive", archive)
        learning.append(cost_of(*PROVENANCE, "add", film, *words))
        decoding.append(cost_of(*decode))
        print(f"Round {number + 1}: {learning[-1]}, ffmpeg: {decoding[-1]}", file=sys.stderr)
    with Archive.open(archive) as opened:
        fingerprint = opened.fingerprint(1)
    frames, pictures = len(fingerprint.times), fingerprint.pictures
    print(
        f"{seconds:g} s of 1080p H.264, {film.stat().st_size / 1e6:.0f} MB, {cores()} processors; "
        f"profile {profile}: {frames} frames, {len(fingerprint.points)} features, "
        f"{sum(map(len, pictures)) / max(1, len(pictures)):.0f} bytes a picture"
    )
    print("\n| median of seconds | by the clock | of processors |\n|---|---|---|")
    ratios = []
    for name, costs in (("provenance add", learning), ("ffmpeg, full decode", decoding)):
        wall = statistics.median(cost.wall for cost in costs)
        processor = statistics.median(cost.processor for cost in costs)
        ratios.append((wall, processor))
        print(f"| {name} | {wall:.2f} | {processor:.2f} |")
    (wall, processor), (whole, all_processors) = ratios
    print(f"| ratio | {wall / whole:.3f} | {processor / all_processors:.3f} |")


def _small_files(work: Path, count: int, profile: str) -> None:
    folder = work / f"folder-{count}"
    if len(list(folder.glob("???.mp4"))) < count:
        print(f"Making {count} files in {folder} ...", file=sys.stderr)
        make_folder(folder, count)
    print("| jobs | seconds | files a second | processors busy |\n|---|---|---|---|")
    for jobs in (1, cores()):
        archive = work / f"archive-{jobs}"
        shutil.rmtree(archive, ignore_errors=True)
        # Made of few clips they are copies of one another, as footage of a newsroom is not: to link
        # them would take most of the time.
        words = ("--profile", profile, "--jobs", str(jobs), "--no-link", "--archive", archive)
        cost = cost_of(*PROVENANCE, "add", folder, *words)
        busy = cost.processor / cost.wall
        print(f"| {jobs} | {cost.wall:.1f} | {count / cost.wall:.1f} | {busy:.2f} |", flush=True)
    again = cost_of(*PROVENANCE, "add", folder, "--no-link", "--archive", archive)
    print(f"| again, all known | {again.wall:.1f} | {count / again.wall:.1f} | |")


if __name__ == "__main__":
    main()

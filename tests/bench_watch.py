"""Whether a watched folder is handled in order, and in the same memory however much is in it.

Run by scripts/bench-watch: puts tiny clips into a folder, lets one `provenance watch --once` handle
them in a process of its own, and reads that process's memory after each report.
"""

from __future__ import annotations

import argparse
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from command_line import ROOT, make_clip, start

from provenance import Archive

PICTURES = (
    *("testsrc2", "testsrc", "rgbtestsrc", "smptebars", "smptehdbars", "mandelbrot", "cellauto"),
    *("life", "yuvtestsrc", "pal75bars"),
)
AROUND = 10
"""Readings on both sides of one, of which the median is taken."""
MIB = 1024.0


@dataclass(frozen=True)
class Reading:
    """After one report: its file, and the watcher's memory in KiB, all of it and without files."""

    name: str
    resident: int
    anonymous: int


def fill(inbox: Path, count: int, seed: int) -> list[str]:
    """Put clips into a folder, each of other bytes; their names in the order of their arrival."""
    numbers = list(range(count))
    random.Random(seed).shuffle(numbers)  # so that they do not arrive in the order of their names
    with tempfile.TemporaryDirectory() as folder:
        clips = [
            make_clip(Path(folder, f"{picture}.mp4"), picture).read_bytes() for picture in PICTURES
        ]
    inbox.mkdir(parents=True)
    names = []
    for position, number in enumerate(numbers):
        names.append(f"clip-{number:04d}.mp4")
        mark = position.to_bytes(8, "big")  # in a box that every reader passes over
        box = (len(mark) + 8).to_bytes(4, "big") + b"free" + mark
        (inbox / names[-1]).write_bytes(clips[position % len(clips)] + box)
        while time.time_ns() - (inbox / names[-1]).stat().st_ctime_ns < 5_000_000:
            time.sleep(0.005)  # file systems tell times apart that lie some milliseconds apart
    return names


def handle(inbox: Path, folder: Path, jobs: int = 1) -> Iterator[Reading]:
    """Let a watcher handle a folder; a reading for each report, in the order they come."""
    learn(folder)
    command = ("watch", inbox, "--reports", folder / "reports", "--once", "--jobs", jobs)
    process = start(*command, "--archive", folder / "archive", stderr=subprocess.STDOUT)
    with process:
        assert process.stdout
        for line in process.stdout:
            words = line.decode().split()
            if len(words) == 3 and words[2].endswith(".report.html"):
                yield Reading(words[1], *memory(process.pid))
    assert process.returncode == 0, process.returncode


def learn(folder: Path) -> None:
    """An archive that knows one of the pictures."""
    with Archive.open(folder / "archive") as archive:
        archive.add(make_clip(folder / "known.mp4", "testsrc2", 4.0), published="2020-01-01")


def memory(pid: int) -> tuple[int, int]:
    """KiB that a process has in memory: all, and without what is only a file's."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    values = dict(line.split(":", 1) for line in lines)
    return int(values["VmRSS"].split()[0]), int(values["RssAnon"].split()[0])


def around(readings: Sequence[Reading], number: int) -> tuple[float, float]:
    """Median MiB of the readings around one that is counted from 1."""
    some = readings[max(0, number - AROUND) : number + AROUND]
    return (
        statistics.median(one.resident for one in some) / MIB,
        statistics.median(one.anonymous for one in some) / MIB,
    )


def show(readings: Sequence[Reading], number: int) -> None:
    """Print the memory after one report as a row."""
    print("| {} | {:.1f} | {:.1f} |".format(number, *around(readings, number)), flush=True)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=1000)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        print(f"Making {options.files} clips (seed {options.seed}) ...", flush=True)
        names = fill(folder / "inbox", options.files, options.seed)
        began = time.monotonic()
        print("| after report | resident, MiB | of it no file, MiB |\n|---|---|---|")
        readings: list[Reading] = []
        for reading in handle(folder / "inbox", folder, options.jobs):
            readings.append(reading)
            number = len(readings) - AROUND  # all of which the median is taken are there
            if number in (1, 10) or (number > 0 and number % 100 == 0):
                show(readings, number)
        show(readings, len(readings))
        took = time.monotonic() - began
    print(f"{len(readings)} reports in {took:.0f} s, {took / len(readings):.2f} s each.")
    handled = [one.name for one in readings]
    print("Handled in order of arrival." if handled == names else "NOT all in order of arrival.")
    return 0 if handled == names or options.jobs > 1 else 1


if __name__ == "__main__":
    os.chdir(ROOT)
    sys.exit(main())

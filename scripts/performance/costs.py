"""The measurements of `scripts/bench`: each runs whole commands, or parts in a child of its own."""

from __future__ import annotations

import json
import shutil
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from accuracy.peers import vpdq

from performance.clips import CheckedClips
from performance.measuring import Cost, forget_pages, in_child, run
from provenance.archive import Archive
from provenance.process import find_ffmpeg

PROVENANCE = (sys.executable, "-m", "provenance")
CLAIM = ("--claim-date", "2024-10-29")
VPDQ_BYTES = 32
Figures = dict[str, Any]


def learning(film: Path, work: Path, peer: Path | None) -> Figures:
    """One round: `provenance add` into a fresh archive, ffmpeg's full decoding, vPDQ's hashing.

    Args:
        peer: the Python that has vPDQ.
    """
    archive = work / "learnt"
    shutil.rmtree(archive, ignore_errors=True)
    costs = {
        "provenance": run([*PROVENANCE, "--archive", archive, "add", film]),
        "ffmpeg": run([find_ffmpeg(), "-v", "error", "-nostdin", "-i", film, "-f", "null", "-"]),
    }
    if peer:
        costs["vpdq"] = hashed_by_vpdq(peer, film)
    return {name: seconds(cost) for name, cost in costs.items()}


def parts_of_learning(film: Path, work: Path) -> Figures:
    """One round: what the parts of `provenance add` take."""
    archive = work / "learnt-in-parts"
    shutil.rmtree(archive, ignore_errors=True)
    return in_child("split_child", "add", film, archive)


def hashed_by_vpdq(peer: Path, film: Path) -> Cost:
    """vPDQ over one file, a hash a second."""
    child = Path(vpdq.__file__).with_name("vpdq_child.py")
    return run([peer, "-P", child], given=f"{film}\n")


def vpdq_bytes_an_hour(said: str, film_seconds: float) -> float:
    """Of vPDQ's text: number, quality, hash and time of every frame."""
    hashes = json.loads(said) or []
    lines = [f"{n},{quality},{text},{n:.3f}\n" for n, (text, quality) in enumerate(hashes)]
    return sum(map(len, lines)) * 3600 / film_seconds


def vpdq_look_up(hours: float, looked_up: int = 30) -> float:
    """Seconds to compare so many hashes with random ones, one a second of so many hours."""
    import faiss

    known = np.random.default_rng(0).bytes(round(hours * 3600) * VPDQ_BYTES)
    index = faiss.IndexBinaryFlat(VPDQ_BYTES * 8)
    index.add(np.frombuffer(known, np.uint8).reshape(-1, VPDQ_BYTES))
    query = np.random.default_rng(1).integers(0, 256, (looked_up, VPDQ_BYTES), np.uint8)
    start = time.perf_counter()
    index.search(query, 1)
    return time.perf_counter() - start


def bytes_an_hour(folder: Path) -> dict[str, float]:
    """Bytes that an archive keeps, by what they are for, for an hour of such footage.

    They are the sums of what rows and lists hold. Not counted are the catalogue's empty pages and
    the heads of index files, which do not grow with the hours. The file of sound is counted where
    there is none yet, since a larger archive has it.
    """
    with Archive.open(folder) as archive:
        database = archive._catalogue().database

        def of(table: str) -> int:
            columns = [row[1] for row in database.rows(f"PRAGMA table_info({table})")]
            length = " + ".join(f"ifnull(length(CAST({name} AS BLOB)), 0)" for name in columns)
            return int(database.row(f"SELECT ifnull(sum({length}), 0) FROM {table}")[0])

        kept = {
            "features": of("fingerprint"),
            "index": database.row("SELECT ifnull(sum(vectors), 0) FROM index_segment")[0] * 16,
            "pictures for verification": of("fingerprint_pictures"),
            "sound": of("sound"),
            "index of sound": 4 * database.row("SELECT ifnull(sum(items), 0) FROM sound")[0],
            "display pictures": of("thumbnail"),
        }
        hours = archive.state().hours
    return {name: size / hours for name, size in kept.items()}


def checking(clips: CheckedClips, folder: Path, *, watched: bool = False) -> Figures:
    """One round: the program checks both clips; watched, for the memory that it takes."""
    return {name: _check(clip, folder, watched=watched) for name, clip in vars(clips).items()}


def parts_of_checking(clips: CheckedClips, folder: Path) -> Figures:
    """One round: what the parts of checking take, and opening the archive."""
    parts = {
        name: in_child("split_child", "check", clip, folder) for name, clip in vars(clips).items()
    }
    return parts | {"open": in_child("split_child", "open", folder)}


def checking_from_disk(clips: CheckedClips, folder: Path) -> Figures:
    """The known clip, when the system keeps nothing of the archive in memory."""
    forget_pages(folder)
    return _check(clips.known, folder)


def _check(clip: Path, folder: Path, *, watched: bool = False) -> Figures:
    words = ["--archive", str(folder), "check", *CLAIM, "--json", str(clip)]
    return seconds(run([*PROVENANCE, *words], watched=watched))


def help_text() -> Figures:
    """`provenance --help`."""
    return seconds(run([*PROVENANCE, "--help"]))


def seconds(cost: Cost) -> Figures:
    """A cost without what was said."""
    return {name: value for name, value in vars(cost).items() if name != "said"}


def median(rounds: Sequence[Any]) -> Any:
    """Of several rounds with the same figures in them, each figure's median."""
    first = rounds[0]
    if isinstance(first, Mapping):
        return {name: median([one[name] for one in rounds]) for name in first}
    return float(np.median(rounds))

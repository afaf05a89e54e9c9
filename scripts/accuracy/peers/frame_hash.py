"""The naive way: one perceptual hash (pHash, 64 bits) of a whole frame each second."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from accuracy.peers.hashes import Bits, compare
from accuracy.truth import Found
from provenance.fingerprints.frame_hash import frame_hash
from provenance.process import find_ffmpeg

DISTANCE = 10
"""Bits of 64; what users of pHash commonly take for the same picture."""
SIDE = 64


def results(queries: Sequence[Path], known: Sequence[Path], jobs: int = 2) -> list[Found]:
    """Scores of all pairs that have any."""
    paths = [*queries, *known]
    with ThreadPoolExecutor(jobs) as pool:
        hashed = dict(zip(paths, pool.map(hashes, paths), strict=True))
    return compare(
        {path.name: hashed[path] for path in queries},
        {path.name: hashed[path] for path in known},
        DISTANCE,
    )


def hashes(path: Path) -> Bits:
    """One row of 64 bits a second."""
    command = [find_ffmpeg(), "-v", "error", "-nostdin", "-i", str(path), "-an"]
    command += ["-vf", f"fps=1,scale={SIDE}:{SIDE}:flags=area,format=gray", "-f", "rawvideo", "-"]
    data = subprocess.run(command, capture_output=True, check=False).stdout
    frames = np.frombuffer(data[: len(data) // SIDE**2 * SIDE**2], np.uint8)
    values = [frame_hash(frame) for frame in frames.reshape(-1, SIDE, SIDE)]
    return np.array([[value >> bit & 1 for bit in range(64)] for value in values], np.uint8)

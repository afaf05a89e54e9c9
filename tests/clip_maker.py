"""Clips made by ffmpeg while the tests run: edited cuts of the samples, and files with odd shapes.

cut(samples / "footage/square.mp4", folder / "cut.mp4", "crop=480:270", start=4, seconds=5)
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from pathlib import Path

from provenance.process import find_ffmpeg, run

H264 = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p")


def ffmpeg(*arguments: str | Path) -> None:
    """Run ffmpeg and insist that it succeeds."""
    done = run([find_ffmpeg(), "-v", "error", "-nostdin", "-y", *map(str, arguments)])
    assert done.returncode == 0, done.stderr


def cut(
    footage: Path,
    to: Path,
    filters: str = "null",
    *,
    start: float = 0.0,
    seconds: float = 5.0,
    crf: int = 30,
) -> Path:
    """A stretch of one clip through a chain of filters, encoded again without sound."""
    window = ("-ss", str(start), "-t", str(seconds))
    ffmpeg(*window, "-i", footage, "-vf", filters, "-an", *H264, "-crf", str(crf), to)
    return to


def compose(
    inputs: Sequence[tuple[Path, float, float]], to: Path, graph: str, *, crf: int = 30
) -> Path:
    """Several stretches (file, start, seconds) through a filter graph that ends in [out]."""
    named: list[str | Path] = []
    for path, start, seconds in inputs:
        named += ["-ss", str(start), "-t", str(seconds), "-i", path]
    ffmpeg(
        *(*named, "-filter_complex", graph, "-map", "[out]", "-an"),
        *(*H264, "-crf", str(crf), to),
    )
    return to


def painted(to: Path, picture: str, *arguments: str, seconds: float = 2.0) -> Path:
    """One of ffmpeg's own pictures ("testsrc2=size=160x120:rate=10"), without sound."""
    ffmpeg("-f", "lavfi", "-i", picture, "-t", str(seconds), *(arguments or H264), to)
    return to


def turned(video: Path, to: Path, degrees: int) -> Path:
    """The same mp4 with a note in its track header that players turn it clockwise.

    The matrix is written by hand: ffmpeg's own option for it has changed between its versions.
    """
    cos, sin = {90: (0, 1), 180: (-1, 0), 270: (0, -1)}[degrees]
    one = 1 << 16
    matrix = (cos * one, sin * one, 0, -sin * one, cos * one, 0, 0, 0, 1 << 30)
    data = bytearray(video.read_bytes())
    header = data.index(b"tkhd")
    assert data[header + 4] == 0, "a version 0 header is expected"
    data[header + 44 : header + 80] = struct.pack(">9i", *matrix)
    to.write_bytes(data)
    return to

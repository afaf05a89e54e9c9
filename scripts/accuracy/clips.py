"""Clips, and which seconds of which footage they show."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from provenance.media.probe import probe

SHORTEST = 0.08
"""Seconds; what is left of a piece below this is a frame or two and is dropped."""
FASTEST = 30.0
"""Frames a second of queries; phones film and platforms show at this."""


@dataclass(frozen=True)
class Piece:
    """A stretch of a clip and where it comes from.

    Attributes:
        query_start, query_end: seconds in the clip.
        footage: name of the footage's file.
        source_start, source_end: seconds in the footage; equal where a still is shown.
        speed: seconds of the footage for one second of the clip; None for a still.
        mirrored, reversed: how it is shown.
    """

    query_start: float
    query_end: float
    footage: str
    source_start: float
    source_end: float
    speed: float | None = 1.0
    mirrored: bool = False
    reversed: bool = False


@dataclass(frozen=True)
class Clip:
    """A file with pictures: seconds, pixels, frames a second, and what it shows."""

    path: Path
    seconds: float
    width: int
    height: int
    fps: float
    pieces: tuple[Piece, ...]


@cache
def footage(path: Path) -> Clip:
    """A file that shows itself, under its own name. Raises ProvenanceError (unreadable)."""
    info = probe(path)
    seconds = info.duration or 0.0
    fps = min(info.fps or FASTEST, FASTEST)
    whole = Piece(0.0, seconds, path.name, 0.0, seconds)
    return Clip(path, seconds, info.width, info.height, fps, (whole,))


def edited(path: Path, pieces: Iterable[Piece]) -> Clip:
    """A file that was made out of others."""
    return replace(footage(path), pieces=tuple(pieces))


def traced(piece: Piece, clip: Clip) -> list[Piece]:
    """What a piece of `clip` shows in the end: its source seconds count in `clip`, whose own
    pieces say where those come from. Maps of time are put one behind the other."""
    found = []
    for inner in clip.pieces:
        start = max(piece.source_start, inner.query_start)
        end = min(piece.source_end, inner.query_end)
        still = piece.speed is None
        if end < start or (not still and end - start < SHORTEST):
            continue
        shown = _interval(
            start,
            end,
            (piece.source_start, piece.source_end),
            (piece.query_start, piece.query_end),
            piece.reversed,
        )
        known = _interval(
            start,
            end,
            (inner.query_start, inner.query_end),
            (inner.source_start, inner.source_end),
            inner.reversed,
        )
        speed = None
        if piece.speed is not None and inner.speed is not None:
            speed = piece.speed * inner.speed
        found.append(
            Piece(
                *shown,
                inner.footage,
                *known,
                speed,
                piece.mirrored != inner.mirrored,
                piece.reversed != inner.reversed,
            )
        )
        if still:
            break  # one moment comes from one piece
    return found


def _interval(
    start: float,
    end: float,
    here: tuple[float, float],
    there: tuple[float, float],
    backwards: bool,
) -> tuple[float, float]:
    """[start, end] within `here`, carried over to `there` linearly."""
    length = here[1] - here[0]
    if length <= 0:
        return there
    scale = (there[1] - there[0]) / length
    if backwards:
        return there[1] - (end - here[0]) * scale, there[1] - (start - here[0]) * scale
    return there[0] + (start - here[0]) * scale, there[0] + (end - here[0]) * scale

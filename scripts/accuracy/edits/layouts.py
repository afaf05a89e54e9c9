"""Several pictures in one frame."""

from __future__ import annotations

from dataclasses import replace

from accuracy.clips import Piece
from accuracy.desk import Desk, Recipe, edit, filling, fitting


@edit(extreme=True)
def small_inset(desk: Desk) -> Recipe:
    """Picture in picture at 0.3 of the width."""
    width, height = desk.random.choice([(640, 360), (640, 480)])
    x, y = desk.random.choice(["16", "W-w-16"]), desk.random.choice(["16", "H-h-16"])
    graph = (
        f"[v]scale={round(width * 0.3)}:-2[inset];{desk.background(width, height)}[back];"
        f"[back][inset]overlay=x={x}:y={y}:shortest=1[out]"
    )
    return Recipe(graph, desk.whole())


@edit(extreme=True)
def split_two(desk: Desk) -> Recipe:
    """Split screen of two footages."""
    label, piece = desk.second(desk.seconds, desk.seconds)
    half = filling(320, 360) if desk.random.random() < 0.5 else fitting(360, 360)
    way = f"{half},fps={desk.fps:g}"
    graph = f"[v]{way}[one];{label}{way}[two];[one][two]hstack=shortest=1[out]"
    return Recipe(graph, side_by_side(desk, piece))


@edit(extreme=True)
def reaction(desk: Desk) -> Recipe:
    """Reaction layout, upright: two footages, one above the other."""
    label, piece = desk.second(desk.seconds, desk.seconds)
    rate = f"fps={desk.fps:g}"
    share = desk.random.choice([240, 280])
    graph = (
        f"[v]{fitting(360, 640 - share, '0x101018')},{rate}[main];"
        f"{label}{filling(360, share)},{rate}[face];[main][face]vstack=shortest=1[out]"
    )
    return Recipe(graph, side_by_side(desk, piece))


def side_by_side(desk: Desk, piece: Piece) -> list[Piece]:
    """What two pictures show as long as both are there."""
    length = min(desk.seconds, piece.query_end)
    end = piece.source_start + length
    return [desk.piece((0, length), (0, length)), replace(piece, query_end=length, source_end=end)]

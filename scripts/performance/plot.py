"""Cost against archive size, as an SVG: both axes logarithmic, one line a cost."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

WIDTH, HEIGHT = 720, 420
LEFT, RIGHT, TOP, BOTTOM = 64, 210, 28, 52
LINES = (
    ("check of an edited clip", ("check", "known", "wall"), "#1b5e9c"),
    ("check of an unknown clip", ("check", "unknown", "wall"), "#c0562f"),
    ("look-up and matching", ("parts", "known", "look-up and matching"), "#5b8c3a"),
    ("look-up alone", ("parts", "known", "look-up"), "#8a5aa5"),
    ("opening the archive", ("parts", "open", "open and search"), "#777777"),
)
SECONDS = (0.03, 0.1, 0.3, 1, 3, 10, 30, 100)


def cost_plot(sizes: Mapping[str, Any]) -> str:
    """SVG of seconds over hours, from the figures by size."""
    measured = {float(name): of for name, of in sizes.items() if "check" in of}
    hours = sorted(measured)
    lines = [
        (title, [(size, _at(measured[size], path)) for size in hours], colour)
        for title, path, colour in LINES
    ]
    values = [value for _, points, _ in lines for _, value in points]
    low = max([tick for tick in SECONDS if tick <= min(values)], default=SECONDS[0])
    high = min([tick for tick in SECONDS if tick >= max(values)], default=SECONDS[-1])

    def x(size: float) -> float:
        return _place(size, hours[0], hours[-1], LEFT, WIDTH - RIGHT)

    def y(value: float) -> float:
        return _place(value, low, high, HEIGHT - BOTTOM, TOP)

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
        'font-family="sans-serif" font-size="13">',
        "<title>Seconds of a check of a 30 s clip, by the hours in the archive</title>",
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>',
    ]
    for tick in (tick for tick in SECONDS if low <= tick <= high):
        parts.append(_rule(LEFT, y(tick), WIDTH - RIGHT, y(tick)))
        parts.append(_text(LEFT - 8, y(tick) + 4, f"{tick:g} s", "end"))
    for size in hours:
        parts.append(_rule(x(size), TOP, x(size), HEIGHT - BOTTOM))
        parts.append(_text(x(size), HEIGHT - BOTTOM + 20, f"{size:,.0f} h", "middle"))
    parts.append(_text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 12, "hours in the archive", "middle"))
    labels = _spread([y(points[-1][1]) for _, points, _ in lines])
    for (title, points, colour), place in zip(lines, labels, strict=True):
        path = " ".join(f"{x(size):.1f},{y(value):.1f}" for size, value in points)
        parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        for size, value in points:
            parts.append(
                f'<circle cx="{x(size):.1f}" cy="{y(value):.1f}" r="3.5" fill="{colour}"/>'
            )
        parts.append(_text(WIDTH - RIGHT + 12, place + 4, title, "start", colour))
    return "\n".join([*parts, "</svg>"]) + "\n"


def _at(figures: Any, path: Sequence[str]) -> float:
    for step in path:
        figures = figures[step]
    return float(figures)


def _place(value: float, low: float, high: float, start: float, stop: float) -> float:
    """Where a value stands between two ends of a logarithmic axis."""
    span = math.log(high / low)
    share = math.log(min(max(value, low), high) / low) / span if span else 0.5
    return start + share * (stop - start)


def _spread(places: Sequence[float], apart: float = 18) -> list[float]:
    """The places, moved down where they would lie over each other."""
    moved = [0.0] * len(places)
    last = -math.inf
    for number in sorted(range(len(places)), key=lambda number: places[number]):
        last = moved[number] = max(places[number], last + apart)
    return moved


def _rule(x1: float, y1: float, x2: float, y2: float) -> str:
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="#ddd"/>'


def _text(x: float, y: float, text: str, anchor: str, colour: str = "#333") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{colour}">{text}</text>'

"""Trees, lorries and flags."""

import math
from collections.abc import Sequence

import numpy as np

from samples.colours import GOODS, Colour, pick, shade, vary
from samples.sprites import Canvas, Sprite
from samples.surfaces import Rng


def paint_tree(
    rng: Rng, height: float, leaf: Colour, bare: float = 0.0, scale: float = 40
) -> Sprite:
    """A tree grown from its trunk; ``bare`` is the share of twigs without leaves."""
    canvas = Canvas(height * 1.5, height * 1.1, scale)
    tips: list[tuple[float, float]] = []

    def grow(x: float, y: float, angle: float, length: float, width: float) -> None:
        end = x + length * math.sin(angle), y + length * math.cos(angle)
        canvas.line([(x, y), end], vary(rng, (74, 60, 48), 8), width)
        if width < height * 0.004:
            tips.append(end)
            return
        for _ in range(3 if rng.random() < 0.45 else 2):
            turn = angle * 0.9 + rng.normal(0, 0.5)
            grow(*end, turn, length * rng.uniform(0.66, 0.9), width * 0.62)

    grow(0, 0, rng.normal(0, 0.05), height * 0.24, height * 0.03)
    rng.shuffle(tips)
    for x, y in tips:
        if rng.random() < bare:
            continue
        for _ in range(18):
            spread = rng.normal(0, height * 0.035, 2)
            light = 0.75 + 1.2 * (y + spread[1] - 0.6 * x) / height * 0.6 + rng.normal(0, 0.16)
            leaf_size = height * rng.uniform(0.005, 0.012)
            tone = shade(vary(rng, leaf, 9), max(0.25, light - 0.35))
            canvas.blob(x + spread[0], y + spread[1], leaf_size, leaf_size * 0.7, tone)
    return canvas.finish(rng, 0.5, 0.1)


def paint_truck(rng: Rng, body: Colour, rear: bool = False) -> Sprite:
    """A lorry with a canvas cover, from its side (heading left) or from behind."""
    canvas = Canvas(2.7 if rear else 7.6, 3.3, 44)
    dark = shade(body, 0.5)
    if rear:
        for x in (-1.05, 0.6):
            canvas.rect(x, 0, 0.45, 0.95, (24, 24, 24))
        canvas.rect(-1.2, 0.75, 2.4, 0.35, (40, 38, 36))
        canvas.rect(-1.25, 1.05, 2.5, 0.75, body)
        canvas.poly(
            [(-1.25, 1.8), (1.25, 1.8), (1.2, 2.9), (0.8, 3.2), (-0.8, 3.2), (-1.2, 2.9)], dark
        )
        flap = rng.uniform(-0.6, 0.6)
        canvas.poly([(-1.1, 1.8), (flap, 1.8), (flap / 2, 3.0), (-0.8, 3.1)], shade(body, 1.2))
        for x in np.arange(-1, 1, 0.33):
            canvas.line([(x, 1.1), (x, 1.75)], shade(body, rng.uniform(0.5, 0.9)), 0.05)
        for x in (-1.1, 0.85):
            canvas.rect(x, 0.82, 0.26, 0.16, (190, 36, 24))
        canvas.rect(-0.3, 0.8, 0.6, 0.18, (224, 222, 206))
        canvas.scribble(rng, -0.26, 0.82, 0.12, 0.5)
        canvas.scribble(rng, -0.7, 1.25, 0.35, 1.1)
        return canvas.finish(rng, 0.7)
    canvas.rect(-3.6, 0.75, 7.2, 0.3, (40, 38, 36))
    canvas.poly([(-3.7, 0.7), (-3.7, 1.6), (-3.2, 2.6), (-1.9, 2.65), (-1.9, 0.7)], body)
    canvas.poly([(-3.5, 1.65), (-3.1, 2.42), (-2.15, 2.42), (-2.15, 1.65)], (52, 62, 70))
    canvas.line([(-2.75, 1.65), (-2.75, 2.42)], dark, 0.08)
    canvas.scribble(rng, -3.2, 1.15, 0.3, 0.9)
    canvas.rect(-1.75, 1.05, 5.4, 0.55, dark)
    canvas.poly(
        [(-1.75, 1.6), (-1.75, 2.9), (-1.4, 3.2), (3.3, 3.15), (3.65, 2.8), (3.65, 1.6)], body
    )
    for x in np.arange(-1.4, 3.6, rng.uniform(0.7, 1.0)):
        canvas.line([(x, 1.6), (x + 0.06, 3.1)], shade(body, rng.uniform(0.5, 1.3)), 0.1)
    canvas.scribble(rng, rng.uniform(-1, 0.5), 2.0, 0.55, rng.uniform(1.2, 2.6))
    for x in (-2.8, 1.5, 2.75):
        canvas.blob(x, 0.55, 0.56, 0.56, (22, 22, 22))
        canvas.blob(x, 0.55, 0.26, 0.26, (96, 92, 84))
    return canvas.finish(rng, 0.8)


def paint_flag(rng: Rng, colours: Sequence[Colour]) -> Sprite:
    """A flag of no country, with something like arms on it."""
    canvas = Canvas(3.2, 2.6, 50)
    for number, colour in enumerate(colours):
        canvas.rect(-1.4, 0.4 + number * 1.8 / len(colours), 2.8, 1.8 / len(colours), colour)
    for _ in range(14):
        x, y = rng.normal((-0.3, 1.3), 0.22)
        canvas.blob(float(x), float(y), 0.12, 0.1, pick(rng, GOODS))
    return canvas.finish(rng, 0.35)

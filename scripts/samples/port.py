"""What is seen across a harbour: ships, cranes and a shore."""

import numpy as np

from samples.colours import GOODS, Colour, pick, shade, vary
from samples.sprites import Canvas, Sprite
from samples.surfaces import Rng, fractal


def paint_ship(rng: Rng, length: float, hull: Colour, scale: float = 9) -> Sprite:
    """A cargo ship from its side, heading left."""
    canvas = Canvas(length, length * 0.42, scale)
    half, deck = length / 2, length * 0.11
    bow = [(-half, deck * 1.35), (-half * 0.9, 0), (half * 0.96, 0), (half, deck)]
    canvas.poly([*bow, (-half * 0.8, deck)], hull)
    keel = [(half * 0.98, deck * 0.3), (-half * 0.92, deck * 0.3)]
    canvas.poly([(-half * 0.9, 0), (half * 0.96, 0), *keel], (112, 44, 36))
    canvas.scribble(rng, -half * 0.75, deck * 0.6, deck * 0.3, length * 0.14)
    for _ in range(60):  # rust
        x, y = rng.uniform(-half * 0.85, half * 0.95), rng.uniform(0.3, 1) * deck
        canvas.line([(x, y), (x + 0.1, y - rng.uniform(0.1, 0.6) * deck)], (122, 72, 44), 0.22)
    x = -half * 0.7
    while x < half * 0.45:
        wide = rng.uniform(0.05, 0.075) * length
        for layer in range(int(rng.integers(1, 5))):
            box = pick(rng, [*GOODS, (40, 84, 110), (150, 60, 40)])
            canvas.rect(x, deck + layer * 2.5, wide, 2.4, box)
            for rib in np.arange(x, x + wide, 0.55):
                tone = shade(box, rng.uniform(0.65, 0.95))
                canvas.line(
                    [(rib, deck + layer * 2.5), (rib, deck + layer * 2.5 + 2.3)], tone, 0.12
                )
        x += wide + 0.3
    for layer in range(5):
        inset = layer * 0.5
        base = deck + layer * 2.6
        house = half * 0.5 + inset, length * 0.19 - inset
        canvas.rect(house[0], base, house[1], 2.6, vary(rng, (214, 210, 200), 8))
        for window in np.arange(house[0] + 0.6, sum(house) - 0.8, 1.3):
            lit = rng.random() < 0.4
            canvas.rect(window, base + 1, 0.7, 0.8, (250, 214, 130) if lit else (44, 50, 58))
    canvas.rect(half * 0.74, deck + 13, 3, 4.5, pick(rng, GOODS))
    for mast in (-half * 0.8, -half * 0.3, half * 0.2, half * 0.62):
        top = deck + rng.uniform(0.14, 0.24) * length
        canvas.line([(mast, deck), (mast, top)], (190, 170, 110), 0.5)
        canvas.line([(mast, top - 1), (mast + rng.uniform(-9, 9), deck + 5)], (170, 150, 100), 0.3)
        canvas.line([(mast, top), (mast + 12, deck)], (60, 58, 56), 0.1)
    return canvas.finish(rng, 0.8, -0.2)


def paint_crane(rng: Rng, height: float, colour: Colour) -> Sprite:
    """A harbour crane: legs, cab and a latticed boom."""
    canvas = Canvas(height * 1.1, height, 9)
    leg, cab = height * 0.4, height * 0.52

    def lattice(start: tuple[float, float], end: tuple[float, float], wide: float) -> None:
        rails = np.array(start), np.array(end)
        normal = np.array([rails[1][1] - rails[0][1], rails[0][0] - rails[1][0]], float)
        normal *= wide / np.hypot(*normal) / 2
        knots = []
        for number, part in enumerate(np.linspace(0, 1, 15)):
            middle = rails[0] + (rails[1] - rails[0]) * part
            knots.append(tuple(middle + normal * (1 if number % 2 else -1) * (1 - 0.6 * part)))
        canvas.line(knots, shade(colour, 0.8), 0.25)
        for side in (-1, 1):
            begin, finish = rails[0] + normal * side, rails[1] + normal * side * 0.4
            canvas.line([tuple(begin), tuple(finish)], colour, 0.4)

    for x in (-0.22, 0.02):
        lattice((x * height, 0), (-0.1 * height, leg), height * 0.08)
    canvas.rect(-0.2 * height, leg, 0.22 * height, cab - leg, colour)
    canvas.rect(-0.02 * height, leg + 1, 2.6, 2.4, (60, 72, 84))
    canvas.scribble(rng, -0.18 * height, leg + 1, 1.8, height * 0.12)
    tip = (rng.uniform(0.3, 0.48) * height, rng.uniform(0.8, 0.96) * height)
    lattice((-0.05 * height, cab), tip, height * 0.06)
    canvas.line(
        [(-0.15 * height, cab), (-0.12 * height, 0.85 * height), tip], shade(colour, 0.6), 0.25
    )
    canvas.line([tip, (tip[0], rng.uniform(0.2, 0.5) * height)], (40, 40, 40), 0.15)
    return canvas.finish(rng, 0.6)


def paint_hills(rng: Rng, width: float, height: float, land: Colour, houses: int) -> Sprite:
    """A distant shore: a ridge, its woods and its houses with some windows lit."""
    canvas = Canvas(width, height, 2.0)
    ridge = fractal(rng, 4, int(width), 256, 0.45)[0] * height * 0.75 + height * 0.12
    line = [(x - width / 2, float(top)) for x, top in enumerate(ridge)]
    canvas.poly([(-width / 2, 0), *line, (width / 2, 0)], land)
    for _ in range(houses):
        at = int(rng.integers(0, len(ridge)))
        x, y = at - width / 2, rng.uniform(0, 0.8) * ridge[at]
        wall = pick(rng, [(150, 130, 112), (120, 112, 110), (176, 150, 126), (96, 84, 84)])
        wide, high = rng.uniform(4, 16), rng.uniform(4, 15)
        canvas.rect(x, y, wide, high, wall)
        canvas.rect(x, y + high, wide, 1.5, pick(rng, [(110, 60, 48), (70, 64, 66)]))
        for _ in range(int(wide * high / 9)):
            spot = x + rng.uniform(0.5, wide - 1), y + rng.uniform(1, high - 1)
            canvas.rect(*spot, 1, 1, (255, 212, 130) if rng.random() < 0.3 else (60, 56, 60))
    return canvas.finish(rng, 0.9, 0.0)

"""Houses with their windows and shops, and market stalls."""

from itertools import pairwise

import numpy as np

from samples.colours import CLOTHES, GOODS, Colour, pick, shade, vary
from samples.sprites import Canvas, Sprite
from samples.surfaces import Rng


def paint_facade(
    rng: Rng, width: float, floors: int, wall: Colour, brick: bool = False, scale: float = 44
) -> Sprite:
    """A town house of its own."""
    ground, storey = rng.uniform(3.4, 4.1), rng.uniform(2.9, 3.4)
    height = ground + floors * storey + 1.6
    canvas = Canvas(width, height, scale)
    left, trim = -width / 2, shade(pick(rng, [(214, 204, 184), (170, 158, 140), wall]), 1.05)
    canvas.rect(left, 0, width, height - rng.uniform(0.2, 0.9), wall)
    if brick:
        for level in np.arange(0, height - 1.2, 0.16):
            for x in np.arange(left - rng.uniform(0, 0.4), -left, 0.44):
                canvas.rect(x, level, 0.4, 0.13, shade(wall, rng.uniform(0.68, 1.25)))
    for _ in range(14):  # mended plaster
        x, y = rng.uniform(left, -left), rng.uniform(ground, height)
        ring = [(x + rng.normal(0, 0.5), y + rng.normal(0, 0.35)) for _ in range(7)]
        canvas.poly(ring, shade(wall, rng.uniform(0.78, 1.15)))
    bays = max(2, round(width / rng.uniform(2.3, 3.1)))
    pitch = width / bays
    wide, high = pitch * rng.uniform(0.36, 0.46), storey * rng.uniform(0.5, 0.62)
    for floor in range(floors):
        base = ground + floor * storey
        canvas.line([(left, base + 0.02), (-left, base + 0.02)], shade(wall, 0.55), 0.1)
        canvas.line([(left, base + 0.16), (-left, base + 0.16)], shade(trim, 1.05), 0.18)
        for bay in range(bays):
            x = left + (bay + 0.5) * pitch - wide / 2
            paint_window(canvas, rng, x, base + storey * 0.27, wide, high, trim)
    for bay in range(bays):
        paint_shop(canvas, rng, left + bay * pitch + 0.15, pitch - 0.3, ground)
    top = ground + floors * storey
    canvas.line([(left, top - 0.12), (-left, top - 0.12)], shade(wall, 0.45), 0.22)
    canvas.rect(left, top, width, 0.5, trim)
    for x in np.arange(left, -left, 0.55):
        canvas.rect(x, top + 0.1, 0.25, 0.25, shade(trim, rng.uniform(0.5, 0.8)))
    for _ in range(4):
        x = rng.uniform(left, -left - 1)
        canvas.rect(x, top + 0.3, rng.uniform(0.4, 1), rng.uniform(0.5, 1.2), (104, 74, 62))
    pipe = rng.uniform(left + 0.2, -left - 0.2)
    canvas.line([(pipe, 0), (pipe, top)], (84, 84, 80), 0.12)
    canvas.scribble(rng, rng.uniform(left, 0), 0.6, 0.7, width * 0.25)
    return canvas.finish(rng, 0.75, 0.06)


def paint_shop(canvas: Canvas, rng: Rng, x: float, wide: float, height: float) -> None:
    """The street-level front of a house: goods behind glass, or a door, under a sign."""
    top = height - 0.95
    frame = pick(rng, CLOTHES)
    canvas.rect(x, 0, wide, height - 0.1, frame)
    canvas.rect(x + 0.12, 0.5, wide - 0.24, top - 0.5, (30, 30, 34))
    for _ in range(26):
        spot = x + rng.uniform(0.15, max(0.2, wide - 0.6)), rng.uniform(0.5, top - 0.5)
        box = rng.uniform(0.1, 0.4), rng.uniform(0.1, 0.5)
        canvas.rect(*spot, *box, shade(pick(rng, GOODS), rng.uniform(0.35, 0.95)))
    if rng.random() < 0.6:
        door = x + rng.uniform(0.1, max(0.2, wide - 1.1))
        canvas.rect(door, 0, 0.95, top - 0.1, shade(frame, 0.6))
        canvas.rect(door + 0.15, 0.9, 0.65, top - 1.3, (92, 100, 104))
    sign = pick(rng, [(36, 60, 100), (150, 36, 36), (226, 216, 190), (40, 84, 60), (30, 30, 30)])
    canvas.rect(x + 0.06, top + 0.08, wide - 0.12, 0.68, sign)
    canvas.scribble(rng, x + 0.3, top + 0.2, 0.38, wide - 0.8)


def paint_window(
    canvas: Canvas, rng: Rng, x: float, y: float, wide: float, high: float, trim: Colour
) -> None:
    """One window of a house, with whatever its people did to it."""
    canvas.rect(x - 0.14, y - 0.1, wide + 0.28, high + 0.28, vary(rng, trim, 6))
    canvas.rect(x - 0.03, y - 0.03, wide + 0.06, high + 0.06, (38, 34, 32))
    glass = pick(rng, [(40, 48, 58), (86, 104, 122), (56, 60, 60), (120, 136, 150)])
    canvas.rect(x, y, wide, high, glass)
    for _ in range(5):
        spot = x + rng.uniform(0, wide * 0.7), y + rng.uniform(0, high * 0.7)
        canvas.rect(*spot, wide * 0.3, high * 0.28, shade(glass, rng.uniform(0.55, 1.5)))
    if rng.random() < 0.6:
        drop = rng.uniform(0.2, 1) * high
        curtain = pick(rng, [(214, 206, 190), (160, 120, 90), (190, 190, 200), (120, 60, 50)])
        canvas.rect(x, y + high - drop, wide * rng.uniform(0.2, 1), drop, curtain)
    frame = pick(rng, [(232, 228, 220), (110, 78, 54), (70, 84, 80)])
    canvas.line([(x + wide / 2, y), (x + wide / 2, y + high)], frame, 0.07)
    bar = y + high * rng.choice([0.5, 0.68, 0.72])
    canvas.line([(x, bar), (x + wide, bar)], frame, 0.06)
    canvas.line([(x - 0.2, y - 0.22), (x + wide + 0.2, y - 0.22)], shade(trim, 0.4), 0.09)
    canvas.line([(x - 0.2, y - 0.12), (x + wide + 0.2, y - 0.12)], shade(trim, 1.15), 0.12)
    extra = rng.random()
    if extra < 0.16:
        shutter = pick(rng, [(70, 92, 78), (104, 70, 50), (88, 98, 116)])
        for edge in (x - wide * 0.52, x + wide + 0.06):
            canvas.rect(edge, y, wide * 0.46, high, shutter)
            for level in np.arange(y + 0.1, y + high, 0.16):
                slat = [(edge + 0.05, level), (edge + wide * 0.4, level)]
                canvas.line(slat, shade(shutter, 0.6), 0.04)
    elif extra < 0.36:
        canvas.rect(x - 0.4, y - 0.3, wide + 0.8, 0.18, shade(trim, 0.75))
        for post in np.arange(x - 0.4, x + wide + 0.41, 0.17):
            canvas.line([(post, y - 0.2), (post, y + 0.75)], (36, 34, 36), 0.035)
        canvas.line([(x - 0.4, y + 0.75), (x + wide + 0.4, y + 0.75)], (30, 30, 30), 0.06)
        for _ in range(int(rng.integers(0, 4))):
            hung = x + rng.uniform(-0.3, wide - 0.2)
            canvas.rect(hung, y + rng.uniform(0, 0.3), rng.uniform(0.2, 0.5), 0.5, pick(rng, GOODS))
    elif extra < 0.46:
        canvas.rect(x + wide * 0.2, y - 0.75, 0.75, 0.5, (196, 194, 186))
        canvas.blob(x + wide * 0.2 + 0.3, y - 0.5, 0.18, 0.18, (80, 80, 78))
    elif extra < 0.6:
        for _ in range(14):
            leaf = x + rng.uniform(-0.1, wide + 0.1), y + rng.uniform(-0.15, 0.2)
            canvas.blob(*leaf, 0.08, 0.08, pick(rng, [(70, 110, 50), (190, 60, 70), (90, 130, 60)]))


def paint_stall(rng: Rng) -> Sprite:
    """A market stall under its awning."""
    width = rng.uniform(2.4, 3.4)
    canvas = Canvas(width + 0.6, 2.9, 70)
    left = -width / 2
    for x in (left, -left):
        canvas.line([(x, 0), (x, 2.4)], (90, 80, 70), 0.06)
    canvas.rect(left, 1.0, width, 1.2, (48, 42, 38))
    for _ in range(30):
        spot = rng.uniform(left, -left - 0.3), rng.uniform(1.1, 2.0)
        hung = rng.uniform(0.1, 0.4), rng.uniform(0.1, 0.5)
        canvas.rect(*spot, *hung, shade(pick(rng, GOODS), rng.uniform(0.4, 0.9)))
    cloth = pick(rng, CLOTHES)
    canvas.rect(left - 0.1, 0.1, width + 0.2, 0.85, cloth)
    for x in np.arange(left, -left, 0.23):
        canvas.line(
            [(x, 0.1), (x + rng.normal(0, 0.05), 0.95)], shade(cloth, rng.uniform(0.6, 1.3)), 0.07
        )
    for crate in np.arange(left, -left - 0.3, 0.52):
        fruit = pick(rng, GOODS)
        canvas.rect(crate, 0.85, 0.5, 0.2, (136, 104, 66))
        for _ in range(22):
            spot = crate + rng.uniform(0.03, 0.47), rng.uniform(1.0, 1.2)
            canvas.blob(*spot, 0.06, 0.06, shade(vary(rng, fruit, 14), rng.uniform(0.6, 1.2)))
    first, second = pick(rng, GOODS), pick(rng, [(230, 224, 210), (220, 200, 160), (60, 70, 80)])
    stripes = np.linspace(left - 0.25, -left + 0.25, int(rng.integers(8, 15)))
    for number, (x, after) in enumerate(pairwise(stripes)):
        drop = 2.05 + rng.uniform(-0.06, 0.06)
        outline = [
            (x * 0.92, 2.85),
            (after * 0.92, 2.85),
            (after, 2.2),
            (after, drop),
            (x, drop),
            (x, 2.2),
        ]
        canvas.poly(outline, shade(second if number % 2 else first, rng.uniform(0.85, 1.1)))
    canvas.scribble(rng, left * 0.6, 0.4, 0.3, width * 0.5)
    return canvas.finish(rng, 0.7)

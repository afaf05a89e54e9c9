"""People, painted limb by limb."""

import math
from collections.abc import Sequence

import numpy as np

from samples.colours import CLOTHES, GOODS, SKINS, Colour, mixed, pick, shade
from samples.sprites import Canvas, Sprite
from samples.surfaces import Rng


def paint_person(
    rng: Rng, stride: float = 1.0, clothes: Sequence[Colour] = CLOTHES
) -> list[Sprite]:
    """Somebody walking to the right: eight phases of one step, or one picture if they stand."""
    size, girth = rng.uniform(0.88, 1.08), rng.uniform(0.85, 1.25)
    coat, legs, cap = pick(rng, clothes), pick(rng, CLOTHES[:7]), pick(rng, clothes)
    skin, stripe, bag = pick(rng, SKINS), pick(rng, GOODS), pick(rng, CLOTHES)
    stripe = shade(mixed(coat, stripe), rng.uniform(0.7, 1.3))
    hem, look = rng.uniform(0.62, 0.92), rng.random(5)
    seed = int(rng.integers(1 << 30))
    phases = []
    for phase in np.arange(8 if stride else 1) * math.pi / 4:
        canvas = Canvas(1.5, 2.1, 80)

        def put(*points: tuple[float, float]) -> list[tuple[float, float]]:
            return [(x * size, y * size) for x, y in points]

        swing, rest = math.sin(phase) * 0.5 * stride, 0.06 * (1 - stride)
        for side, tone in ((-1, 0.7), (1, 1.0)):
            angle = swing * side
            lift = 0.1 * max(0.0, math.cos(phase) * side) * stride
            hip, foot = (rest * side, 0.9), (math.sin(angle) * 0.8 + rest * side, 0.07 + lift)
            knee = (math.sin(angle) * 0.34 + 0.05 * stride + rest * side, 0.48 + lift / 2)
            canvas.line(put(hip, knee, foot), shade(legs, tone), 0.15 * girth)
            canvas.line(put(foot, (foot[0] + 0.13, foot[1] - 0.02)), (28, 24, 22), 0.09)
        if look[0] < 0.3:
            canvas.blob(-0.2 * size, 1.22 * size, 0.15, 0.25, bag)
        far_hand = (math.sin(swing) * 0.5 + 0.05, 0.88)
        canvas.line(put((0.02, 1.42), (0.08, 1.15), far_hand), shade(coat, 0.6), 0.11)
        wide = 0.2 * girth
        body = put((-wide, 1.4), (-0.1, 1.5), (0.1, 1.5), (wide, 1.4), (wide * 1.05, hem))
        canvas.poly([*body, *put((-wide * 1.1, hem))], coat)
        canvas.line(put((0.02, 1.48), (0.05, hem)), shade(coat, 0.6), 0.03)
        if look[1] < 0.3:
            for level in np.arange(hem + 0.08, 1.35, 0.16 + 0.1 * look[2]):
                canvas.line(put((-wide, level), (wide, level)), stripe, 0.03)
        hand = (-math.sin(swing) * 0.5 - 0.05, 0.88)
        canvas.line(put((-0.06, 1.42), (-0.1, 1.15), hand), shade(coat, 1.2), 0.12)
        canvas.blob(hand[0] * size, hand[1] * size, 0.05, 0.06, skin)
        if look[2] < 0.35:
            canvas.rect(hand[0] * size - 0.15, 0.42 * size, 0.3, 0.38, bag)
            canvas.scribble(rng, hand[0] * size - 0.1, 0.55 * size, 0.06, 0.2)
        canvas.line(put((0.01, 1.48), (0.02, 1.58)), shade(skin, 0.75), 0.1)
        canvas.blob(0.02 * size, 1.66 * size, 0.1, 0.135, skin)
        for eye in (0.0, 0.07):
            canvas.blob(eye * size, 1.68 * size, 0.022, 0.012, shade(skin, 0.6))
        canvas.line(put((0.0, 1.59), (0.06, 1.595)), shade(skin, 0.75), 0.02)
        canvas.poly(
            put((-0.11, 1.6), (-0.11, 1.76), (0, 1.83), (0.1, 1.78), (0.11, 1.7), (-0.02, 1.7)),
            cap if look[3] < 0.5 else (48, 34, 26),
        )
        if look[4] < 0.35:
            canvas.line(put((-0.12, 1.52), (0.12, 1.5)), stripe, 0.09)
        phases.append(canvas.finish(np.random.default_rng(seed), 0.85, 0.4))
    return phases

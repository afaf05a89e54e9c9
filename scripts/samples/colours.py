"""Colours, slightly off each time, so that no two things are painted the same."""

from collections.abc import Sequence

import numpy as np

from samples.surfaces import Rng

Colour = tuple[float, float, float]  # 0..255

CLOTHES: list[Colour] = [
    (42, 46, 58), (96, 82, 66), (132, 52, 46), (62, 84, 70), (178, 168, 148), (54, 74, 116),
    (30, 30, 32), (148, 116, 60), (112, 108, 116), (196, 190, 190), (86, 50, 70), (70, 70, 48),
]  # fmt: skip
SKINS: list[Colour] = [(222, 180, 152), (196, 148, 116), (150, 104, 78), (232, 196, 172)]
GOODS: list[Colour] = [
    (200, 60, 40), (220, 150, 40), (90, 140, 50), (230, 210, 120), (120, 60, 90), (180, 180, 170),
    (70, 90, 130), (150, 100, 60),
]  # fmt: skip


def shade(colour: Colour, factor: float) -> Colour:
    """The colour made darker or lighter."""
    red, green, blue = (min(255.0, part * factor) for part in colour)
    return red, green, blue


def vary(rng: Rng, colour: Colour, amount: float = 18) -> Colour:
    """A colour near this one."""
    light = 1 + rng.normal(0, amount / 90)
    red, green, blue = np.clip(np.array(colour) * light + rng.normal(0, amount / 4, 3), 4, 250)
    return float(red), float(green), float(blue)


def pick(rng: Rng, colours: Sequence[Colour]) -> Colour:
    """One of the colours, slightly off, so that no two things are painted the same."""
    return vary(rng, colours[int(rng.integers(len(colours)))], 12)


def mixed(one: Colour, other: Colour) -> Colour:
    """The colour half-way between two."""
    return (one[0] + other[0]) / 2, (one[1] + other[1]) / 2, (one[2] + other[2]) / 2

"""The post that passes known footage off as new."""

from collections.abc import Iterable, Iterator
from pathlib import Path

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from samples.films import copied, shoot
from samples.stage import Scene
from samples.surfaces import Picture, f32

SOURCE, SOURCE_START, CUT_SECONDS, OPENING, CLOSING = "square", 4.0, 8.0, 5.0, 6.0
CROP = (104, 70, 480, 270)  # left, top, width, height: three quarters of each side
POST, BAND = (432, 244), 44


def reused(scene: Scene, source: Path) -> Iterator[Picture]:
    """The lie: something new, then the stretch of the known film, then more of the new."""
    yield from shoot(scene, OPENING)
    yield from map(disguised, copied(source, SOURCE_START, CUT_SECONDS))
    yield from shoot(scene, CLOSING, start=OPENING + 1)


def disguised(frame: Picture) -> Picture:
    """What hides the origin: mirrored, and cut to three quarters."""
    left, top, width, height = CROP
    return frame[top : top + height, left : left + width][:, ::-1]


def posted(frames: Iterable[Picture]) -> Iterator[Picture]:
    """The frames as a post shows them: smaller, below a white band with words, with a logo."""
    card = Image.new("RGB", (POST[0], POST[1] + BAND), "white")
    pen = ImageDraw.Draw(card)
    pen.text(
        (10, 3), "BREAKING: Soldiers queue for equipment", "black", ImageFont.load_default(size=18)
    )
    pen.text(
        (10, 24),
        "near the border, filmed today - share!",
        (60, 60, 60),
        ImageFont.load_default(size=14),
    )
    logo = Image.new("L", (64, 22))
    pen = ImageDraw.Draw(logo)
    pen.rounded_rectangle((0, 0, 63, 21), 6, fill=215)
    pen.text((6, 2), "NOW24", 0, ImageFont.load_default(size=14))
    seen = np.asarray(logo, np.float32)[..., None] / 255
    blank = np.asarray(card, np.float32) / 255
    corner = (slice(BAND + 8, BAND + 30), slice(POST[0] - 74, POST[0] - 10))
    for frame in frames:
        page = blank.copy()
        page[BAND:] = cv2.resize(frame, POST, interpolation=cv2.INTER_AREA)
        page[corner] = page[corner] * (1 - seen) + seen * f32([0.85, 0.15, 0.12])
        yield page

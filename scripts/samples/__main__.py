"""Render the sample clips: see `scripts/render-samples`."""

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from samples.camera import HEIGHT, WIDTH
from samples.films import encode, shoot
from samples.post import BAND, POST, SOURCE, posted, reused
from samples.scenes.border import Border
from samples.scenes.coast import Coast
from samples.scenes.harbour import Harbour
from samples.scenes.market import Market
from samples.scenes.mountain_road import MountainRoad
from samples.scenes.square import Square
from samples.sound import ambience
from samples.stage import Scene

SAMPLES = Path(__file__).resolve().parents[2] / "samples"
KNOWN = {"harbour": 13, "market": 12, "mountain-road": 13, "square": 15}  # seconds


def main() -> None:
    """Render everything, or only what is named."""
    parser = argparse.ArgumentParser(
        prog="render-samples", description="Render the sample clips again."
    )
    parser.add_argument("only", nargs="*", help="harbour, market, ..., reused, unrelated")
    parser.add_argument("--out", type=Path, default=SAMPLES, help="folder to write to")
    options = parser.parse_args()
    footage, checks = options.out / "footage", options.out / "checks"
    footage.mkdir(parents=True, exist_ok=True)
    checks.mkdir(parents=True, exist_ok=True)
    cv2.setNumThreads(1)
    full = (WIDTH, HEIGHT)

    def known(name: str, scene: Scene, crf: int, sound: Any = None) -> None:
        encode(footage / f"{name}.mp4", shoot(scene, KNOWN[name]), full, crf, sound)

    def sound(seed: int, name: str, crowd: float) -> Any:
        return ambience(np.random.default_rng(seed), KNOWN[name], crowd)

    square = footage / f"{SOURCE}.mp4"
    post = (POST[0], POST[1] + BAND)
    films: dict[str, Callable[[], None]] = {
        "harbour": lambda: known("harbour", Harbour(11), 29, sound(1, "harbour", 0.1)),
        "market": lambda: known("market", Market(22), 31, sound(2, "market", 0.9)),
        "mountain-road": lambda: known("mountain-road", MountainRoad(33), 29),
        "square": lambda: known("square", Square(44), 29, sound(4, "square", 0.5)),
        "reused": lambda: encode(
            checks / "reused.mp4", posted(reused(Border(55), square)), post, 31
        ),
        "unrelated": lambda: encode(checks / "unrelated.mp4", shoot(Coast(66), 8), full, 30),
    }
    for name in options.only or films:
        if name not in films:
            parser.error(f"no such clip: {name}")
        films[name]()
        print(f"rendered {name}")


if __name__ == "__main__":
    main()

"""Where an edit is made: the clips at hand, a random generator, and ffmpeg.

An edit is a function that is given a desk and returns a `Recipe`: an ffmpeg filter graph from [v]
(the stretch of footage, at most 480 lines) to [out], what the result shows when, and, where ffmpeg
falls short, a function that paints each frame.

    @edit(seconds=(4, 9))
    def mirror(desk: Desk) -> Recipe:
        \"\"\"Mirrored.\"\"\"
        return Recipe("[v]hflip[out]", desk.whole(mirrored=True))
"""

from __future__ import annotations

import random
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from accuracy.clips import Clip, Piece, edited, traced
from provenance.process import find_ffmpeg

Frame = NDArray[np.uint8]
"""(height, width, 3), RGB."""
Paint = Callable[[Frame, float], Frame]
"""A frame and its seconds to a frame of the same size."""

LINES = 480
"""Edits are made at this height at most: what messengers and platforms hand on is not larger."""
QUALITIES = (26, 30, 34)
"""Constant rate factors of x264, from good to poor."""

SECONDS_AT_MOST = 600
"""Wall time of one call of ffmpeg."""


class EditError(Exception):
    """ffmpeg could not make a query."""


@dataclass(frozen=True)
class Recipe:
    """How a query is made.

    Attributes:
        graph: ffmpeg filters from [v] and the desk's other inputs to [out].
        pieces: what it shows; source seconds count in the desk's clips.
        paint: changes every frame that the graph gives; frames keep their size.
        encoding: arguments of x264 in place of a drawn constant rate factor.
        note: what was drawn, where the edit's name does not say it.
    """

    graph: str
    pieces: Sequence[Piece]
    paint: Paint | None = None
    encoding: tuple[str, ...] = ()
    note: str = ""


@dataclass
class Desk:
    """What an edit works with.

    Attributes:
        random: every choice is drawn here, so that the same seed makes the same query.
        folder: for files in between.
        clip, start, seconds: the stretch to be edited.
        others: further footage of the same kind (known, or unknown); never the same file.
        scenery: clips that no archive knows, for backgrounds and what stands around.
    """

    random: random.Random
    folder: Path
    clip: Clip
    start: float
    seconds: float
    others: Sequence[Clip]
    scenery: Sequence[Clip]
    inputs: list[list[str]] = field(default_factory=list)
    sources: list[Clip] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.use(self.clip, self.start, self.seconds)

    def use(self, clip: Clip, start: float, seconds: float) -> None:
        """Work on this stretch from here on, in place of the one before."""
        self.clip, self.start, self.seconds = clip, start, seconds
        self.inputs, self.sources = [_stretch(clip, start, seconds)], [clip]

    @property
    def fps(self) -> float:
        return self.clip.fps

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of [v]."""
        height = min(LINES, self.clip.height) // 2 * 2
        return max(2, round(self.clip.width * height / self.clip.height / 2) * 2), height

    @property
    def upright(self) -> bool:
        return self.clip.height > self.clip.width

    def between(self, low: float, high: float) -> float:
        return self.random.uniform(low, high)

    def numbers(self) -> np.random.Generator:
        """A generator for arrays that depends on the desk's."""
        return np.random.default_rng(self.random.getrandbits(64))

    def image(self, picture: Image.Image) -> str:
        """A picture as a further input; returns its label. Overlays repeat it."""
        path = self.folder / f"picture-{len(self.inputs)}.png"
        picture.save(path)
        self.inputs.append(["-i", str(path)])
        return f"[{len(self.inputs) - 1}:v]"

    def background(self, width: int, height: int) -> str:
        """Filters that end without a label in a picture of unknown footage that fills a frame."""
        clip = self.random.choice(self.scenery or self.others)
        start = self.between(0, max(0.0, clip.seconds - self.seconds))
        self.inputs.append(["-stream_loop", "-1", *_stretch(clip, start, self.seconds)])
        return f"[{len(self.inputs) - 1}:v]{filling(width, height)},fps={self.fps:g}"

    def second(self, low: float, high: float) -> tuple[str, Piece]:
        """A stretch of another footage: its label, and what it shows from second 0 on."""
        clip = self.random.choice([c for c in self.others if c.seconds >= low] or self.others)
        seconds = min(clip.seconds, self.between(low, high))
        start = self.between(0, clip.seconds - seconds)
        self.inputs.append(_stretch(clip, start, seconds))
        self.sources.append(clip)
        piece = Piece(0.0, seconds, clip.path.name, start, start + seconds)
        return f"[{len(self.inputs) - 1}:v]", piece

    def piece(
        self,
        query: tuple[float, float],
        source: tuple[float, float],
        *,
        mirrored: bool = False,
        backwards: bool = False,
    ) -> Piece:
        """A piece of the clip; `source` counts from the start of [v]."""
        (from_, till), (first, last) = query, source
        speed = (last - first) / (till - from_) if last > first else None
        return Piece(
            *(from_, till, self.clip.path.name),
            *(self.start + first, self.start + last),
            speed=speed,
            mirrored=mirrored,
            reversed=backwards,
        )

    def whole(self, *, mirrored: bool = False) -> list[Piece]:
        """All of [v], as it is."""
        return [self.piece((0, self.seconds), (0, self.seconds), mirrored=mirrored)]

    def film(self, recipe: Recipe, to: Path) -> tuple[Piece, ...]:
        """Make the file; what it shows in the end. Raises EditError."""
        width, height = self.size
        graph = f"[0:v]fps={self.fps:g},scale={width}:{height},setsar=1[v];" + recipe.graph.replace(
            "[out]", "[raw]"
        )
        graph += ";[raw]scale=trunc(iw/2)*2:trunc(ih/2)*2,setsar=1,format=yuv420p[out]"
        encoding = recipe.encoding or ("-crf", str(self.random.choice(QUALITIES)))
        command = [find_ffmpeg(), "-v", "error", "-nostdin", "-y", "-filter_complex_threads", "1"]
        for given in self.inputs:
            command += given
        command += ["-filter_complex", graph, "-map", "[out]", "-an"]
        if recipe.paint:
            _paint(command, recipe.paint, encoding, to)
        else:
            _run([*command, *_x264(encoding), str(to)])
        if not to.exists() or to.stat().st_size < 1000:
            raise EditError(f"{to.name} came out empty.")
        by_name = {clip.path.name: clip for clip in self.sources}
        return tuple(
            shown for piece in recipe.pieces for shown in traced(piece, by_name[piece.footage])
        )

    def in_between(self, recipe: Recipe, name: str) -> Clip:
        """A file to be edited again."""
        path = self.folder / f"{name}.mp4"
        return edited(path, self.film(recipe, path))


@dataclass(frozen=True)
class Edit:
    """A kind of edit: `seconds` of footage that it takes, the least that it can do with."""

    name: str
    title: str
    draw: Callable[[Desk], Recipe]
    seconds: tuple[float, float]
    at_least: float
    extreme: bool

    def make(self, desk: Desk, to: Path) -> tuple[tuple[Piece, ...], str]:
        """Draw and film it; returns what the file shows, and the recipe's note."""
        recipe = self.draw(desk)
        return desk.film(recipe, to), recipe.note


EDITS: dict[str, Edit] = {}


def edit(
    seconds: tuple[float, float] = (4.0, 9.0), at_least: float = 0.0, extreme: bool = False
) -> Callable[[Callable[[Desk], Recipe]], Callable[[Desk], Recipe]]:
    """Register an edit under its function's name; the docstring is its title in tables.

    Args:
        seconds: range from which the length of the stretch is drawn; short footage gives all.
        at_least: seconds of footage without which the edit makes no sense.
        extreme: not to be edited a second time: too little would be left.
    """

    def register(draw: Callable[[Desk], Recipe]) -> Callable[[Desk], Recipe]:
        name = draw.__name__
        title = (draw.__doc__ or name).splitlines()[0].rstrip(".")
        EDITS[name] = Edit(name, title, draw, seconds, at_least, extreme)
        return draw

    return register


def cut(clip: Clip, start: float, seconds: float, to: Path) -> None:
    """A stretch of a clip as a file of its own, as good as the clip. Raises EditError."""
    command = [find_ffmpeg(), "-v", "error", "-nostdin", "-y", *_stretch(clip, start, seconds)]
    _run([*command, "-an", *_x264(("-crf", "18")), str(to)])


def filling(width: int, height: int) -> str:
    """Filters that scale a picture to cover a frame and cut what stands out."""
    return (
        f"scale={width}:{height}:force_original_aspect_ratio=increase,"
        f"crop={width}:{height},setsar=1"
    )


def fitting(width: int, height: int, colour: str = "black") -> str:
    """Filters that scale a picture to fit into a frame, with bands."""
    return (
        f"scale={width}:{height}:force_original_aspect_ratio=decrease:force_divisible_by=2,"
        f"pad={width}:{height}:(ow-iw)/2:(oh-ih)/2:{colour},setsar=1"
    )


def shifted(piece: Piece, seconds: float) -> Piece:
    """The same piece, later in the query."""
    return replace(
        piece, query_start=piece.query_start + seconds, query_end=piece.query_end + seconds
    )


def _stretch(clip: Clip, start: float, seconds: float) -> list[str]:
    return ["-ss", f"{start:.3f}", "-t", f"{seconds:.3f}", "-i", str(clip.path)]


def _x264(encoding: Sequence[str]) -> list[str]:
    return ["-c:v", "libx264", "-preset", "veryfast", "-threads", "1", *encoding]


def _run(command: Sequence[str]) -> None:
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=SECONDS_AT_MOST, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise EditError(f"ffmpeg took more than {SECONDS_AT_MOST} s.") from error
    if done.returncode:
        raise EditError(done.stderr.strip()[-400:])


def _paint(command: list[str], paint: Paint, encoding: Sequence[str], to: Path) -> None:
    """Decode the graph to frames, paint them, encode them."""
    middle = to.with_suffix(".frames.mkv")
    _run([*command, "-c:v", "ffv1", str(middle)])
    clip = edited(middle, ())
    size = f"{clip.width}x{clip.height}"
    ffmpeg = [find_ffmpeg(), "-v", "error", "-nostdin", "-y"]
    raw = ["-f", "rawvideo", "-pix_fmt", "rgb24"]
    reading = [*ffmpeg, "-i", str(middle), *raw, "-"]
    writing = [*ffmpeg, *raw, "-s", size, "-r", f"{clip.fps:g}", "-i", "-"]
    writing += ["-pix_fmt", "yuv420p", *_x264(encoding), str(to)]
    read = subprocess.Popen(reading, stdout=subprocess.PIPE)
    write = subprocess.Popen(writing, stdin=subprocess.PIPE)
    assert read.stdout and write.stdin
    shape, number = (clip.height, clip.width, 3), 0
    with read, write:
        while data := read.stdout.read(clip.width * clip.height * 3):
            frame = np.frombuffer(data, np.uint8).reshape(shape)
            write.stdin.write(paint(frame, number / clip.fps).tobytes())
            number += 1
    middle.unlink()
    if read.returncode or write.returncode:
        raise EditError(f"{to.name} could not be painted.")

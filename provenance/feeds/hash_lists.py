"""Lists of PDQ hashes as other tools write and read them.

    0,100,e42926b9...c54,0.000               vPDQ's own text: frame number, quality, hash, seconds
    ["e42926b9...c54,100,0.000", ...]         python-threatexchange: hash, quality, seconds
    e42926b9...c54,100                        PDQ: a picture a line, the quality may be missing

The first two hold the frames of one video. A line of the third is a picture of its own, without a
place in time. Some tools drop leading zeros of a hash, so that shorter ones are filled up.
https://github.com/facebook/ThreatExchange: vpdq/README.md, python-threatexchange's vpdq extension.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from provenance.errors import FeedError
from provenance.feeds.problem import Problem, kind_of_value
from provenance.feeds.text import decoded, parsed

Layout = Literal["text", "json"]
DIGITS = 64
FULL_QUALITY = 100
"""Of a hash that comes without one: whoever listed it found it worth sharing."""
MOST_HASHES = 1_000_000

_VPDQ_PARTS = 4
_HASH = re.compile(r"[0-9a-fA-F]{1,64}")
_PICTURE = re.compile(r"[0-9a-fA-F]{48,64}")
"""A hash at the start of a line, where the number of a frame stands in a line that was cut off."""
_COLUMNS = frozenset({"hash", "pdq", "pdq_hash", "md5", "quality", "signal", "frame", "timestamp"})


@dataclass(frozen=True)
class HashedFrame:
    """One hash of a list.

    Attributes:
        digits: 64 hex digits in lower case.
        quality: 0..100.
        seconds: from the start of the video; None in a list of pictures.
    """

    digits: str
    quality: int = FULL_QUALITY
    seconds: float | None = None


def read_hashes(data: bytes, name: str) -> tuple[list[HashedFrame], list[Problem]]:
    """The hashes of a list in any of the three layouts, and what is wrong with other lines.

    Raises:
        FeedError: not one hash stands in it.
    """
    text = decoded(data, name)
    problems: list[Problem] = []
    frames: list[HashedFrame] = []
    for where, entry in _entries(text, name, problems):
        try:
            frames.append(_frame(entry, as_text=not text.lstrip().startswith("[")))
        except ValueError as error:
            problems.append(Problem(where, f"{error}."))
        if len(frames) > MOST_HASHES:
            raise FeedError(f"{name} has more than {MOST_HASHES:,} hashes.", "Split it.")
    if not frames:
        told = f" ({problems[0]})" if problems else ""
        raise FeedError(
            f"{name} holds no hash{told}.",
            "A line is `frame,quality,hash,seconds` (vPDQ) or `hash,quality` (PDQ).",
        )
    timed = [frame for frame in frames if frame.seconds is not None]
    if timed and len(timed) < len(frames):
        lost = len(frames) - len(timed)
        problems.append(Problem(name, f"{lost} hashes have no time, and the others do."))
        frames = timed
    return sorted(frames, key=lambda frame: frame.seconds or 0.0), problems


def write_hashes(frames: Sequence[HashedFrame], layout: Layout) -> str:
    """A list that vPDQ's own tools ("text") or python-threatexchange ("json") read.

    Hashes of pictures without times are given the time 0.
    """
    if layout == "json":
        return json.dumps([f"{f.digits},{f.quality},{f.seconds or 0.0:.3f}" for f in frames]) + "\n"
    return "".join(
        f"{number},{f.quality},{f.digits},{f.seconds or 0.0:.3f}\n"
        for number, f in enumerate(frames)
    )


def _entries(text: str, name: str, problems: list[Problem]) -> Iterable[tuple[str, Sequence[str]]]:
    """Where each entry stands, and its parts."""
    if text.lstrip().startswith("["):
        for number, value in enumerate(parsed(text, name)):
            where = f"{name}: [{number}]"
            if isinstance(value, str):
                yield where, value.split(",")
            else:
                problems.append(Problem(where, f"not a text but {kind_of_value(value)}."))
        return
    for number, line in enumerate(text.splitlines(), 1):
        parts = [part.strip() for part in line.split(",")]
        named = {part.lower() for part in parts} & _COLUMNS
        if line.strip() and not line.startswith("#") and not (named and number == 1):
            yield f"{name}, line {number}", parts


def _frame(parts: Sequence[str], *, as_text: bool) -> HashedFrame:
    """One entry. Raises ValueError with what is wrong."""
    parts = [part.strip() for part in parts]
    quality = seconds = ""
    if as_text and len(parts) == _VPDQ_PARTS:
        _, quality, digits, seconds = parts
    elif not as_text and len(parts) == _VPDQ_PARTS - 1:
        digits, quality, seconds = parts
    else:
        digits, quality = parts[0], "".join(parts[1:2])
    if not (_HASH if seconds else _PICTURE).fullmatch(digits):
        raise ValueError(f"no hash of 64 hex digits: “{digits[:80]}”")
    return HashedFrame(
        digits.lower().rjust(DIGITS, "0"), _quality(quality), _seconds(seconds) if seconds else None
    )


def _quality(text: str) -> int:
    if not text:
        return FULL_QUALITY
    if not text.isascii() or not text.isdigit() or len(text) > 3 or int(text) > FULL_QUALITY:
        raise ValueError(f"no quality between 0 and 100: “{text[:40]}”")
    return int(text)


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = math.nan
    if not 0 <= seconds < 1e6:
        raise ValueError(f"no time in seconds: “{text[:40]}”")
    return seconds

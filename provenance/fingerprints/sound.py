"""The sound fingerprint of a file, and how much of it tells one recording from another.

heard = listen("clip.mp4", probe("clip.mp4"), Settings())
heard.state, heard.fingerprint
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np

from provenance.errors import NoChromaprintError, UnreadableSoundError
from provenance.media import MediaInfo
from provenance.media.audio import AS_IT_IS, HALF_SPAN, HOP, Played, read_sound
from provenance.settings import Settings

if TYPE_CHECKING:
    import numpy.typing as npt

Hearing = Literal["heard", "silent", "none", "unavailable", "unreadable"]
"""As `models.SoundState`, where nothing has been compared yet."""

BITS = 32
AROUND = 32
"""Items to either side (4 s) over which it is counted how often each bit is set."""
LIVELY = 0.22
"""Share of bits that two moments within `AROUND` must be expected to differ in to be of use.
Measured: silence, hum and dither 0; hum with some noise 0.05; white noise 0.16 to 0.19; all but the
dullest hundredth of street noise 0.21 and more, of speech and music 0.36 and more."""
LEAST_ITEMS = 16
"""Lively items below which nothing is compared: 4.6 s of sound."""


@dataclass(frozen=True, eq=False)
class SoundFingerprint:
    """What is kept of a sound track: chromaprint items at even steps.

    Attributes:
        codes: (N,) uint32.
        start: seconds from the start of the file to the middle of what the first item stands for.
        step: seconds from item to item.
    """

    codes: npt.NDArray[np.uint32]
    start: float
    step: float


@dataclass(frozen=True, eq=False)
class Heard:
    """The sound of a file. `fingerprint` is None unless `state` is "heard"."""

    state: Hearing
    fingerprint: SoundFingerprint | None = None


def listen(path: Path, info: MediaInfo, settings: Settings) -> Heard:
    """Fingerprint the sound of a file. Never raises for what is wrong with the sound."""
    return listen_again(path, info, settings, (AS_IT_IS,))[0]


def listen_again(
    path: Path,
    info: MediaInfo,
    settings: Settings,
    played: Sequence[Played],
    *,
    start: float = 0.0,
    end: float | None = None,
) -> list[Heard]:
    """As `listen`, once for each way to play it; the fingerprints' times are those of the file.

    Args:
        played, start, end: as `read_sound`.
    """
    if not info.has_audio:
        return [Heard("none") for _ in played]
    try:
        read = read_sound(path, info, played, start=start, end=end, settings=settings)
    except NoChromaprintError:
        return [Heard("unavailable") for _ in played]
    except UnreadableSoundError:
        return [Heard("unreadable") for _ in played]
    return [
        Heard("heard", fingerprint_of(codes, way.speed, start))
        if int((liveliness(codes) >= LIVELY).sum()) >= LEAST_ITEMS
        else Heard("silent")
        for codes, way in zip(read, played, strict=True)
    ]


def fingerprint_of(
    codes: npt.NDArray[np.uint32], factor: float = 1.0, start: float = 0.0
) -> SoundFingerprint:
    """Chromaprint items with their times, where the file was played `factor` times as fast from
    second `start` on."""
    return SoundFingerprint(codes, start + HALF_SPAN * factor, HOP * factor)


def bit_rates(codes: npt.NDArray[np.uint32]) -> npt.NDArray[np.float32]:
    """(N, 32) float32: how often each bit is set within `AROUND` items of each item."""
    bits = (codes[:, None] >> np.arange(BITS, dtype=np.uint32)) & np.uint32(1)
    sums = np.zeros((len(codes) + 1, BITS), np.int32)
    np.cumsum(bits, axis=0, out=sums[1:])
    middle = np.arange(len(codes))
    first = np.maximum(0, middle - AROUND)
    last = np.minimum(len(codes), middle + AROUND + 1)
    rates = (sums[last] - sums[first]) / (last - first)[:, None]
    return np.asarray(rates, np.float32)


def chance_errors(
    a: npt.NDArray[np.float32], b: npt.NDArray[np.float32]
) -> npt.NDArray[np.float32]:
    """(N,) share of bits that would differ if items with these bit rates met by chance."""
    return np.asarray((a * (1 - b) + b * (1 - a)).mean(axis=1), np.float32)


def liveliness(codes: npt.NDArray[np.uint32]) -> npt.NDArray[np.float32]:
    """(N,) share of bits in which an item is expected to differ from its neighbourhood."""
    return liveliness_of(bit_rates(codes))


def liveliness_of(rates: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """As `liveliness`, from the items' bit rates."""
    return chance_errors(rates, rates)

"""What a file holds: size, duration, rate, where its keyframes are.

>>> probe("clip.mp4").duration          # doctest: +SKIP
12.48
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

from provenance.errors import MissingMediaError, UnreadableMediaError
from provenance.process import LimitError, Limits, run_worker
from provenance.settings import Settings

WORKER = "provenance.media.worker"
PROBE_TIMEOUT = 120.0
MIN_SECONDS = 0.001


@dataclass(frozen=True)
class MediaInfo:
    """What a file holds.

    Attributes:
        is_still: one picture; `duration` and `fps` are None then.
        duration: seconds, None also where nothing tells.
        width, height: as shown: turned by the rotation, pixels made square.
        fps: mean frames a second.
        stream: index of the video stream in the file; cover pictures are passed over.
        keyframes: seconds of each keyframe.
        has_audio: there is sound.
        container: format and tags as the file has them, for the metadata readers.
    """

    is_still: bool
    width: int
    height: int
    codec: str | None = None
    duration: float | None = None
    fps: float | None = None
    stream: int = 0
    keyframes: tuple[float, ...] = ()
    has_audio: bool = False
    container: Mapping[str, Any] = field(default_factory=dict)

    def longest_keyframe_gap(self) -> float:
        """Seconds of the longest stretch without a keyframe; infinite where none is known."""
        if not self.keyframes or self.duration is None:
            return float("inf")
        marks = [0.0, *self.keyframes, self.duration]
        return max(b - a for a, b in pairwise(marks))


def probe(path: str | Path, settings: Settings | None = None) -> MediaInfo:
    """Find out what a file holds, in a child process.

    Raises:
        MissingMediaError: nothing is there.
        UnreadableMediaError: a folder, an empty file, no known container, no picture in it, or
            larger or longer than the settings allow.
    """
    settings = settings or Settings()
    path = Path(path)
    _check_file(path)
    try:
        found = run_worker(
            WORKER,
            ["probe", str(path.absolute()), str(settings.max_media_pixels)],
            Limits(timeout=PROBE_TIMEOUT, memory=settings.decode_memory, output=256 << 20),
        )
    except LimitError as error:
        raise UnreadableMediaError(
            f"{path} could not be examined: {error.message}",
            "The file may be damaged; try to re-encode it.",
        ) from error
    if found is None:
        raise UnreadableMediaError(
            f"{path} made the reader crash and is refused.",
            "The file is damaged or made to do harm; try to re-encode it elsewhere.",
        )
    if "error" in found:
        raise UnreadableMediaError(
            f"{path} is no video or picture that can be read ({_plain(found['error'])}).",
            "Check that the file plays in a media player and was copied completely.",
        )
    if found.get("no_video"):
        raise UnreadableMediaError(
            f"{path} holds sound only, no picture.", "Give the video that the sound belongs to."
        )
    return _checked(path, _info(found), settings)


def _check_file(path: Path) -> None:
    try:
        if not path.exists():
            raise MissingMediaError(f"{path} is not there.", "Check the spelling of the path.")
        if path.is_dir():
            raise UnreadableMediaError(
                f"{path} is a folder, not a file.", f"Name the files in it, e.g. {path / '*.mp4'}."
            )
        if not path.is_file():
            raise UnreadableMediaError(f"{path} is not a regular file.", "Give a media file.")
        if path.stat().st_size == 0:
            raise UnreadableMediaError(
                f"{path} is empty (0 bytes).",
                "The copy or download did not finish; fetch it again.",
            )
        with path.open("rb"):
            pass
    except OSError as error:
        raise UnreadableMediaError(
            f"{path} cannot be opened: {error.strerror or error}.", "Check the path and its rights."
        ) from error


def _info(found: Mapping[str, Any]) -> MediaInfo:
    if found["still"]:
        return MediaInfo(
            is_still=True,
            width=found["width"],
            height=found["height"],
            codec=found["codec"],
            container=found["container"],
        )
    width, height = found["width"] * found["aspect"], float(found["height"])
    if round(found["rotation"] / 90) % 2:
        width, height = height, width
    fps = found["fps"]
    ends = [v for v in (found["duration"], found["end"]) if v and v > MIN_SECONDS]
    # The packets are what is there; the header only says what was meant to be there.
    duration = found["end"] if found["end"] > MIN_SECONDS else max(ends, default=None)
    one_picture = found["packets"] <= 1
    return MediaInfo(
        is_still=one_picture,
        width=round(width),
        height=round(height),
        codec=found["codec"],
        duration=None if one_picture else duration,
        fps=None if one_picture else fps,
        stream=found["stream"],
        keyframes=tuple(found["keyframes"]),
        has_audio=found["has_audio"],
        container=found["container"],
    )


def _checked(path: Path, info: MediaInfo, settings: Settings) -> MediaInfo:
    if info.width < 1 or info.height < 1:
        raise UnreadableMediaError(
            f"{path} holds a video stream without a picture size.",
            "The file is damaged; fetch it again.",
        )
    if info.width * info.height > settings.max_media_pixels:
        raise UnreadableMediaError(
            f"{path} has frames of {info.width}x{info.height} pixels, more than allowed.",
            "Scale it down, or raise max_media_pixels.",
        )
    if info.duration and info.duration > settings.max_media_duration:
        raise UnreadableMediaError(
            f"{path} is {info.duration / 3600:.1f} hours long, more than the allowed "
            f"{settings.max_media_duration / 3600:.1f}.",
            "Cut it, or raise max_media_duration.",
        )
    return info


def _plain(error: str) -> str:
    """The worker's error without class names and numbers that say nothing to a user."""
    said = re.sub(r"^\w+: |\[Errno \d+\] ", "", error)
    return said.split(":")[0].strip(" .") or "unknown"

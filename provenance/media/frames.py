"""Frames of a file as small arrays with their exact times, decoded by ffmpeg in a child process.

ffmpeg-python builds the argument list, `process.Child` runs it. Frames arrive as Netpbm pictures
on standard output, their presentation times on standard error (the showinfo filter).

    for frame in read_frames("clip.mp4", probe("clip.mp4"), every=0.5, long_side=360):
        print(frame.seconds, frame.image.shape)
"""

from __future__ import annotations

import base64
import queue
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from provenance.errors import UnreadableMediaError
from provenance.media.formats import FORMAT_WHITELIST, PROTOCOL_WHITELIST
from provenance.media.probe import WORKER, MediaInfo
from provenance.process import Child, LimitError, Limits, find_ffmpeg, run_worker
from provenance.settings import Settings

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

_TIME = re.compile(r"Parsed_showinfo.* pts_time:\s*(-?[\d.]+)")
_SECONDS_FOR_A_LINE = 30.0  # the line is written before the picture; this only bounds a hang
_SECONDS_FOR_A_STILL = 60.0
_MIN_SIDE = 16
_INPUT = "file:input"
_LIGHT = 190_000
"""Bytes a second, or fewer, that one thread decodes as soon as two would: handing frames from
thread to thread costs a sixth of such a stream's decoding."""

Decoded = Literal["all", "referenced", "keyframes"]
"""Which frames are decoded: all; none of those that no other frame is predicted from, which is half
of most files (of 1080p H.264 36 % of the time); or nothing but keyframes."""
_SKIPPED: dict[Decoded, str] = {"referenced": "noref", "keyframes": "nokey"}


@dataclass(frozen=True, eq=False)
class Frame:
    """One decoded frame.

    Attributes:
        seconds: presentation time from the start of the file.
        image: (height, width) uint8 gray, or (height, width, 3) uint8 RGB.
    """

    seconds: float
    image: npt.NDArray[np.uint8]


def read_frames(
    path: str | Path,
    info: MediaInfo,
    *,
    long_side: int,
    every: float = 0.0,
    decoded: Decoded = "all",
    start: float = 0.0,
    end: float | None = None,
    colour: bool = False,
    settings: Settings | None = None,
) -> Iterator[Frame]:
    """Decode frames in order of time; rotation is applied, pixels are square.

    Args:
        info: what `probe` found in the file.
        long_side: frames are scaled down so that their longer side has this many pixels.
        every: least distance in seconds between two frames; 0 gives every frame.
        decoded: which frames are decoded at all; the fewer, the faster.
        start, end: only frames of this stretch, in seconds.
        colour: RGB instead of gray.

    Yields:
        frames that exist in the file, never invented ones: a variable rate keeps its own times.

    Raises:
        UnreadableMediaError: not one frame could be decoded.
    """
    settings = settings or Settings()
    size = _scaled(info.width, info.height, long_side)
    if info.is_still and (still := _read_still(Path(path), long_side, colour, settings)):
        yield still
        return
    argv = _arguments(path, info, size, every, decoded, start, end, colour, settings)
    times: queue.Queue[float] = queue.Queue()

    def take_time(line: str) -> None:
        if found := _TIME.search(line):
            times.put(float(found[1]))

    limits = Limits(
        timeout=settings.decode_timeout,
        memory=settings.decode_memory,
        output=sys.maxsize,  # read one frame at a time, so it piles up nowhere; time bounds it
    )
    count = 0
    try:
        with Child(argv, limits, on_stderr=take_time) as child:
            while (image := _read_netpbm(child)) is not None:
                count += 1
                yield Frame(times.get(timeout=_SECONDS_FOR_A_LINE) + start, image)
            child.finish()
            tail = child.stderr_tail()
    except (LimitError, queue.Empty) as error:
        raise UnreadableMediaError(
            f"{path} could not be decoded: {error}",
            "The file may be damaged; try to re-encode it, or raise decode_timeout.",
        ) from error
    if not count and not start:
        raise UnreadableMediaError(
            f"Not one picture of {path} could be decoded{_last_words(tail)}.",
            "Check that the file plays in a media player and was copied completely.",
        )


def _scaled(width: int, height: int, long_side: int) -> tuple[int, int]:
    factor = min(1.0, long_side / max(width, height))
    return max(_MIN_SIDE, round(width * factor)), max(_MIN_SIDE, round(height * factor))


def _arguments(
    path: str | Path,
    info: MediaInfo,
    size: tuple[int, int],
    every: float,
    decoded: Decoded,
    start: float,
    end: float | None,
    colour: bool,
    settings: Settings,
) -> list[str]:
    import ffmpeg

    options: dict[str, object] = {
        "protocol_whitelist": PROTOCOL_WHITELIST,
        "format_whitelist": FORMAT_WHITELIST,
        "threads": 1 if _is_light(path, info, decoded) else settings.decode_threads,
        # Nothing is predicted from these frames, and what the filter smooths is scaled down.
        "skip_loop_filter": "noref",
    }
    if decoded in _SKIPPED:
        options["skip_frame"] = _SKIPPED[decoded]
    if start > 0:
        options["ss"] = f"{start:.4f}"
    if end is not None:
        options["t"] = f"{max(0.0, end - start):.4f}"
    stream = ffmpeg.input(_INPUT, **options)[str(info.stream)]
    if every > 0:
        # Half a millisecond of slack: time stamps are rounded to their time base.
        chosen = f"isnan(prev_selected_t)+gte(t-prev_selected_t,{every - 0.0005:.4f})"
        stream = stream.filter("select", chosen)
    stream = stream.filter("scale", size[0], size[1], flags="area")
    stream = stream.filter("format", "rgb24" if colour else "gray")
    stream = stream.filter("showinfo", checksum=0)
    output = ffmpeg.output(
        stream,
        "pipe:",
        format="image2pipe",
        vcodec="ppm" if colour else "pgm",
        fps_mode="passthrough",
        threads=1,
    ).global_args("-hide_banner", "-nostats", "-nostdin")
    argv: list[str] = ffmpeg.compile(output, cmd=find_ffmpeg(settings.ffmpeg))
    # `file:` keeps ffmpeg from reading a protocol or a number pattern out of a name. The name
    # is put in last: ffmpeg-python cannot take one that is not UTF-8, and Unix allows any bytes.
    return [f"file:{Path(path).absolute()}" if word == _INPUT else word for word in argv]


def _is_light(path: str | Path, info: MediaInfo, decoded: Decoded) -> bool:
    if decoded == "keyframes":
        return True
    try:
        size = Path(path).stat().st_size
    except OSError:  # gone meanwhile: ffmpeg will say so
        return False
    return info.duration is not None and size <= _LIGHT * info.duration


def _read_netpbm(child: Child) -> npt.NDArray[np.uint8] | None:
    """The next binary PGM or PPM picture, or None at the end or at a torn picture."""
    magic = child.readline().strip()
    if magic not in (b"P5", b"P6"):
        return None
    size, depth = child.readline().split(), child.readline().strip()
    if len(size) != 2 or depth != b"255":
        return None
    width, height = int(size[0]), int(size[1])
    channels = 3 if magic == b"P6" else 1
    data = child.read(width * height * channels)
    return _as_image(data, width, height, channels)


def _as_image(data: bytes, width: int, height: int, channels: int) -> npt.NDArray[np.uint8] | None:
    import numpy as np

    if len(data) != width * height * channels:
        return None
    image = np.frombuffer(data, np.uint8)
    return image.reshape((height, width, 3) if channels == 3 else (height, width))


def _read_still(path: Path, long_side: int, colour: bool, settings: Settings) -> Frame | None:
    """A picture by Pillow in a worker; None where it cannot and ffmpeg may (HEIC)."""
    arguments = [
        *("still", str(path.absolute()), str(settings.max_media_pixels)),
        *(str(long_side), "colour" if colour else "gray"),
    ]
    limits = Limits(timeout=_SECONDS_FOR_A_STILL, memory=settings.decode_memory)
    try:
        found = run_worker(WORKER, arguments, limits)
    except LimitError as error:
        raise UnreadableMediaError(
            f"{path} could not be decoded: {error.message}",
            "The picture may be damaged; try to save it anew with an image program.",
        ) from error
    if not found or "error" in found:
        return None
    magic, size, _, data = base64.b64decode(found["netpbm"]).split(b"\n", 3)
    width, height = (int(n) for n in size.split())
    image = _as_image(data, width, height, 3 if magic == b"P6" else 1)
    return None if image is None else Frame(0.0, image)


def _last_words(tail: str) -> str:
    """What ffmpeg complained of, without the lines that only say that it gave up."""
    lines = [line.split("] ")[-1].strip() for line in tail.splitlines()]
    telling = [line for line in lines if re.search(r"(?i)invalid|not found|error|missing", line)]
    return f" (ffmpeg: {telling[0][:120].rstrip('.')})" if telling else ""

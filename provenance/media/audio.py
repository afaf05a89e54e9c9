"""The sound of a file as chromaprint items, computed by ffmpeg in a child process.

Chromaprint describes what is heard around a moment by 32 bits: how the strengths of the twelve
notes of the scale change over time, quantised. Another encoding, another loudness and noise change
few of the bits; what is played decides them. The algorithm is L. Lalinsky's, after Y. Ke,
D. Hoiem and R. Sukthankar, "Computer Vision for Music Identification" (CVPR 2005).

    read_sound("clip.mp4", probe("clip.mp4"))       # [array([3011..., ...], dtype=uint32)]
"""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from provenance.errors import NoChromaprintError, NoScratchError, UnreadableSoundError
from provenance.media.formats import FORMAT_WHITELIST, PROTOCOL_WHITELIST
from provenance.media.probe import MediaInfo
from provenance.process import LimitError, Limits, find_ffmpeg, run
from provenance.scratch import scratch_folder
from provenance.settings import Settings

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

RATE = 11025
"""Samples a second that chromaprint works with."""
HOP = 1365 / RATE
"""Seconds between two items: a third of chromaprint's window of 4096 samples."""
HALF_SPAN = 1.319
"""Seconds from the start of what an item stands for to its middle. Item k stands for the seconds
from k * HOP to k * HOP + 2 * HALF_SPAN: 30 s give 221 items, and a sound that begins at 5.00 s
changes the item that ends at 4.99 s, one that ends at 10.00 s the item that begins at 9.90 s."""


# Sound is compared in the band that a telephone carries. Measured on ten real recordings and eleven
# made ones: through a telephone (300 to 3400 Hz, 8 kHz, 32 kbit/s) 15 % of the bits change where
# everything is fingerprinted, up to 38 % in one recording, and 7.5 %, at most 14 %, in this band;
# with other bass and treble 7.1 % and 3.9 %; with nothing but another encoding 2.3 % and 2.7 %.
LOWEST, HIGHEST = 300, 3000
"""Hz. Everything is filtered to this band before it is fingerprinted, twice."""
_PASSES = 2

_PIECE = 8192  # samples
_MOST_BYTES = 64 << 20  # 16 million items: more than three weeks
_INPUT = "file:input"
_DISK_FULL = re.compile(r"(?i)no space left|disk quota")
_UNKNOWN_MUXER = re.compile(r"(?i)output format '?chromaprint")


@dataclass(frozen=True)
class Played:
    """How a sound is played before it is fingerprinted.

    Attributes:
        tempo: so many times as fast, the pitch kept.
        rate: so many times as fast, the pitch rising with it.
    """

    tempo: float = 1.0
    rate: float = 1.0

    @property
    def speed(self) -> float:
        """Seconds of the file in a second of what is played."""
        return self.tempo * self.rate


AS_IT_IS = Played()


def read_sound(
    path: str | Path,
    info: MediaInfo,
    played: Sequence[Played] = (AS_IT_IS,),
    *,
    start: float = 0.0,
    end: float | None = None,
    settings: Settings | None = None,
) -> list[npt.NDArray[np.uint32]]:
    """The chromaprint items of the first sound track, mixed to one channel.

    The clock is the file's: where the track begins later than the pictures or has gaps, silence is
    put in, so that item k stands for the same moment whatever container it came in.

    Args:
        info: what `probe` found in the file.
        played: in which ways; all of them are computed by one child, which decodes once.
        start, end: only this stretch, in seconds of the file.

    Returns:
        of each way an (N,) uint32, one item about every `HOP` seconds of what is played; empty
        where there is no sound track, or too little of it (chromaprint needs 2.6 s for its first
        item).

    Raises:
        NoChromaprintError: this ffmpeg is built without the muxer.
        UnreadableSoundError: there is a sound track and none of it could be decoded.
    """
    import numpy as np

    if not info.has_audio:
        return [np.zeros(0, np.uint32) for _ in played]
    settings = settings or Settings()
    limits = Limits(settings.decode_timeout, settings.decode_memory)
    try:
        with scratch_folder() as folder:
            files = [folder / f"{number}.items" for number in range(len(played))]
            done = run(_arguments(path, played, files, (start, end), settings), limits)
            read = [file.read_bytes() if file.exists() else b"" for file in files]
        if _DISK_FULL.search(done.stderr):  # what was written is no whole fingerprint
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    except (LimitError, NoScratchError, OSError) as error:
        reason = f"{error.strerror or error}." if isinstance(error, OSError) else error.message
        raise UnreadableSoundError(
            f"The sound of {path} could not be decoded: {reason}",
            "Its pictures are compared all the same.",
        ) from error
    if _UNKNOWN_MUXER.search(done.stderr):
        raise NoChromaprintError(
            "This ffmpeg is built without chromaprint, so that sound is not compared.",
            "Install a fuller ffmpeg, or name one in PROVENANCE_FFMPEG.",
        )
    if done.returncode and not any(read):
        raise UnreadableSoundError(
            f"The sound of {path} could not be decoded.",
            "Its pictures are compared all the same; check that it plays in a media player.",
        )
    return [np.frombuffer(d[: len(d) // 4 * 4], "<u4").astype(np.uint32) for d in read]


def _arguments(
    path: str | Path,
    played: Sequence[Played],
    files: Sequence[Path],
    stretch: tuple[float, float | None],
    settings: Settings,
) -> list[str]:
    import ffmpeg

    start, end = stretch
    options: dict[str, object] = {}
    if start > 0:
        options["ss"] = f"{start:.4f}"
    if end is not None:
        options["t"] = f"{max(0.0, end - start):.4f}"
    stream = ffmpeg.input(
        _INPUT,
        protocol_whitelist=PROTOCOL_WHITELIST,
        format_whitelist=FORMAT_WHITELIST,
        threads=settings.decode_threads,
        **options,
    )["a:0"]
    # async=1 fills gaps and a late start with silence.
    resample = {"async": 1, "first_pts": 0}
    stream = stream.filter("aresample", RATE, **resample)
    # In pieces of three quarters of a second: ffmpeg has a thread for each filter graph and each
    # output, and hands small frames on at the cost of most of the work (a third of it is left).
    stream = stream.filter("asetnsamples", n=_PIECE, p=0)
    stream = stream.filter("aformat", channel_layouts="mono")
    for _ in range(_PASSES):
        stream = stream.filter("highpass", f=LOWEST).filter("lowpass", f=HIGHEST)
    copies = stream.filter_multi_output("asplit", len(played))
    outputs = [
        ffmpeg.output(
            _played(copies.stream(number), way),
            f"file:{file}",
            format="chromaprint",
            fp_format="raw",
            acodec="pcm_s16le",
            threads=1,
            fs=_MOST_BYTES,
        )
        for number, (way, file) in enumerate(zip(played, files, strict=True))
    ]
    output = ffmpeg.merge_outputs(*outputs).global_args("-hide_banner", "-nostats", "-nostdin")
    argv: list[str] = ffmpeg.compile(output, cmd=find_ffmpeg(settings.ffmpeg))
    # As in frames.py: the name goes in last, because Unix allows any bytes in it.
    return [f"file:{Path(path).absolute()}" if word == _INPUT else word for word in argv]


def _played(stream: Any, way: Played) -> Any:
    if way.rate != 1:
        stream = stream.filter("asetrate", round(RATE * way.rate)).filter("aresample", RATE)
    if way.tempo != 1:
        stream = stream.filter("atempo", f"{way.tempo:.6f}")
    return stream

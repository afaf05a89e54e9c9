"""Which frames are fingerprinted and how: sparse for what is known, denser for what is checked.

The archive keeps about one frame a second; the source is looked at twice as often, with more
features, because only one of the two has to be stored.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from provenance.errors import UnreadableMediaError
from provenance.fingerprints.frame_hash import frame_hash
from provenance.fingerprints.local_features import FrameFeatures, extract_features
from provenance.media import Frame, MediaInfo, read_frames
from provenance.models import Fingerprint, Thumbnail
from provenance.progress import Progress, SilentProgress
from provenance.settings import Settings

if TYPE_CHECKING:
    import numpy.typing as npt

KEYFRAME_GAP = 1.5
"""Keyframes alone are sampling enough where no gap between them is longer (seconds)."""

USABLE_GRID = 12
USABLE_CELLS = 22
"""A usable frame has features in so many cells of a grid of 12 along its longer side. Titles of one
and two lines fill 3 to 20 of them, the emptiest of 22 clips that were looked at 28."""

PICTURE_SIDE = 160
"""Longer side of the gray pictures kept for pixel verification."""
PICTURE_QUALITY = 70
THUMBNAIL_SIDE = 320
THUMBNAIL_QUALITY = 72


@dataclass(frozen=True)
class Sampling:
    """How one side is sampled.

    Attributes:
        every: seconds between frames.
        least_frames: short footage is sampled more often, to have at least so many ...
        shortest_step: ... but never more often than this (seconds).
        long_side: pixels of the analysed frame's longer side.
        features: most features a frame.
        most_frames: very long sources are sampled more rarely, to have at most so many.
    """

    every: float
    least_frames: int
    shortest_step: float
    long_side: int
    features: int
    most_frames: int = 100_000

    def step(self, duration: float | None) -> float:
        """Seconds between frames for footage of this length."""
        if not duration:
            return self.every
        step = max(self.shortest_step, min(self.every, duration / self.least_frames))
        return max(step, duration / self.most_frames)


KNOWN = Sampling(every=1.0, least_frames=8, shortest_step=0.25, long_side=360, features=300)
QUERY = Sampling(
    every=0.5, least_frames=12, shortest_step=0.2, long_side=480, features=600, most_frames=2400
)

RESHAPED_QUERY = Sampling(
    every=0.5, least_frames=8, shortest_step=0.2, long_side=480, features=600, most_frames=16
)
"""For the second look at a source in which nothing was found."""
LEAST_WIDTH = 240
"""A picture is not made narrower than this; it is made higher."""


def fingerprint_known(
    path: str | Path,
    info: MediaInfo,
    settings: Settings | None = None,
    *,
    thumbnails: bool = True,
    progress: Progress | None = None,
) -> tuple[Fingerprint, tuple[Thumbnail, ...]]:
    """Fingerprint footage for the archive, with colour pictures for people.

    Args:
        thumbnails: False keeps no picture at all, neither to look at nor to verify pixels.

    Raises:
        UnreadableMediaError: not one frame can be decoded.
    """
    step = KNOWN.step(info.duration)
    frames = read_frames(
        path,
        info,
        long_side=max(KNOWN.long_side, THUMBNAIL_SIDE),
        every=step,
        keyframes_only=info.longest_keyframe_gap() <= min(KEYFRAME_GAP, step * KEYFRAME_GAP),
        colour=True,
        settings=settings,
    )
    shown: list[Thumbnail] = []

    def gray(colour_frames: Iterable[Frame]) -> Iterator[Frame]:
        import cv2

        for frame in colour_frames:
            if thumbnails:
                shown.append(Thumbnail(frame.seconds, _jpeg(frame.image, THUMBNAIL_SIDE)))
            yield Frame(
                frame.seconds, np.asarray(cv2.cvtColor(frame.image, cv2.COLOR_RGB2GRAY), np.uint8)
            )

    fingerprint = _fingerprint(gray(frames), KNOWN, path, info, progress, pictures=thumbnails)
    return fingerprint, tuple(shown)


def fingerprint_query(
    path: str | Path,
    info: MediaInfo,
    settings: Settings | None = None,
    progress: Progress | None = None,
    *,
    reshape: float = 1.0,
    read: Callable[..., Iterator[Frame]] = read_frames,
) -> Fingerprint:
    """Fingerprint a source that is checked: denser, with more features.

    Args:
        reshape: make the frames so many times as wide first, and look at fewer of them.
        read: gives the frames; whoever has another use for them too need not decode them twice.

    Raises:
        UnreadableMediaError: not one frame can be decoded.
    """
    sampling = QUERY if reshape == 1.0 else RESHAPED_QUERY
    frames = read(
        path,
        info,
        long_side=sampling.long_side,
        every=sampling.step(info.duration),
        settings=settings,
    )
    if reshape != 1.0:
        frames = (Frame(f.seconds, reshaped(f.image, reshape)) for f in frames)
    return _fingerprint(frames, sampling, path, info, progress, pictures=False)


def reshaped(image: npt.NDArray[np.uint8], factor: float) -> npt.NDArray[np.uint8]:
    """The picture so many times as wide for its height, about as large as before or larger."""
    import cv2

    height, width = image.shape[:2]
    if factor < 1 and width * factor < LEAST_WIDTH:
        height = round(height / factor)
    else:
        width = max(1, round(width * factor))
    return np.asarray(cv2.resize(image, (width, height), interpolation=cv2.INTER_LINEAR), np.uint8)


def is_usable(fingerprint: Fingerprint) -> bool:
    """True when at least one frame shows enough to be told apart from others.

    Black, a flat colour and a title card do not: their few features sit in few places.
    """
    unit = max(fingerprint.width, fingerprint.height, 1) / USABLE_GRID
    cells = np.floor(fingerprint.points / unit).astype(np.int64)
    keys = (fingerprint.frame.astype(np.int64) * USABLE_GRID + cells[:, 0]) * USABLE_GRID
    filled = np.unique(keys + cells[:, 1])
    frames = np.bincount(filled // USABLE_GRID**2, minlength=len(fingerprint.times))
    return bool(frames.max(initial=0) >= USABLE_CELLS)


def thumbnail_at(
    path: str | Path, info: MediaInfo, seconds: float, settings: Settings | None = None
) -> Thumbnail | None:
    """A small colour picture of the source at a moment, or None where none can be decoded."""
    with contextlib.suppress(UnreadableMediaError):
        frames = read_frames(
            path,
            info,
            long_side=THUMBNAIL_SIDE,
            start=max(0.0, seconds),
            end=seconds + 1.0,
            colour=True,
            settings=settings,
        )
        for frame in frames:
            return Thumbnail(frame.seconds, _jpeg(frame.image, THUMBNAIL_SIDE))
    return None


def _fingerprint(
    frames: Iterable[Frame],
    sampling: Sampling,
    path: str | Path,
    info: MediaInfo,
    progress: Progress | None,
    *,
    pictures: bool,
) -> Fingerprint:
    times: list[float] = []
    hashes: list[int] = []
    found: list[FrameFeatures] = []
    kept: list[bytes] = []
    size = (0, 0)
    name = Path(path).name
    with (progress or SilentProgress()).task(f"fingerprinting {name}", info.duration) as task:
        for frame in frames:
            task.advance(frame.seconds - times[-1] if times else 0.0)
            times.append(frame.seconds)
            hashes.append(frame_hash(frame.image))
            found.append(extract_features(frame.image, sampling.features))
            if pictures:
                kept.append(_jpeg(frame.image, PICTURE_SIDE, PICTURE_QUALITY))
            size = (frame.image.shape[1], frame.image.shape[0])
    if not times:
        raise UnreadableMediaError(
            f"Not one picture of {path} could be decoded.",
            "Check that the file plays in a media player.",
        )
    counts = [len(features.points) for features in found]
    return Fingerprint(
        times=np.array(times, np.float64),
        hashes=np.array(hashes, np.uint64),
        frame=np.repeat(np.arange(len(times), dtype=np.int32), counts),
        points=np.concatenate([f.points for f in found]),
        scales=np.concatenate([f.scales for f in found]),
        angles=np.concatenate([f.angles for f in found]),
        descriptors=np.concatenate([f.descriptors for f in found]),
        width=size[0],
        height=size[1],
        pictures=tuple(kept),
    )


def _jpeg(image: npt.NDArray[np.uint8], long_side: int, quality: int = THUMBNAIL_QUALITY) -> bytes:
    """JPEG of a gray or RGB image, scaled down to `long_side`."""
    import cv2

    height, width = image.shape[:2]
    factor = long_side / max(height, width)
    if factor < 1:
        size = (max(1, round(width * factor)), max(1, round(height * factor)))
        image = np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)
    if image.ndim == 3:
        image = np.asarray(cv2.cvtColor(image, cv2.COLOR_RGB2BGR), np.uint8)
    done, data = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, quality])
    assert done
    return bytes(data)

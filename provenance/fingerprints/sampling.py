"""Which frames are fingerprinted and how: sparse for what is known, denser for what is checked.

Of known footage a frame every 1 to 4 seconds is kept; the source is looked at twice a second, with
more features, because only one of the two has to be stored. Frames are decoded in a child, and
described by several threads meanwhile.
"""

from __future__ import annotations

import contextlib
import math
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from provenance.crew import checkpoint, cores
from provenance.errors import UnreadableMediaError
from provenance.fingerprints.local_features import FrameFeatures, extract_features
from provenance.fingerprints.pictures import (
    LEAN_PICTURE,
    RICH_PICTURE,
    thumbnail,
    verification_picture,
)
from provenance.fingerprints.repeats import without_repeats
from provenance.media import Decoded, Frame, MediaInfo, read_frames
from provenance.models import Fingerprint, Thumbnail
from provenance.progress import Progress, SilentProgress
from provenance.settings import Profile, Settings, kept_variable, threads_are_calm

if TYPE_CHECKING:
    import numpy.typing as npt

STRETCHED = 1.5
"""Keyframes alone are decoded where no gap between them exceeds the step by more than half."""
SPACINGS = (1.0, 0.9, 0.75, 0.6, 0.5, 0.0)
"""Least distances of keyframes that are tried, in steps: 0 takes them all."""
FINE_STEP = 1.0
"""Up to this step (seconds) all frames are decoded: leaving some out would make steps uneven."""
AHEAD = 8
"""Frames that are decoded while the first of them is described."""

USABLE_GRID = 12
USABLE_CELLS = 22
"""A usable frame has features in so many cells of a grid of 12 along its longer side. Titles of one
and two lines fill 3 to 20 of them, the emptiest of 22 clips that were looked at 28."""

THUMBNAIL_SIDE = 320


@dataclass(frozen=True)
class Sampling:
    """How one side is sampled.

    Attributes:
        step: seconds between frames ...
        enough: ... but footage is sampled more rarely where it would have more frames than this ...
        longest_step: ... up to so many seconds;
        least: short footage is sampled more often, to have at least so many frames ...
        shortest_step: ... down to so many seconds.
        most: of very long footage there are never more frames than this.
        long_side: pixels of the analysed frame's longer side.
        features: most features a frame.
        picture: longer side and quality of the gray picture kept of each frame.
    """

    step: float
    enough: int
    longest_step: float
    least: int
    shortest_step: float
    long_side: int
    features: int
    picture: tuple[int, int] = RICH_PICTURE
    most: int = 10**9

    def seconds(self, duration: float | None) -> float:
        """Seconds between frames for footage of this length."""
        if not duration:
            return self.step
        rarely = min(self.longest_step, max(self.step, duration / self.enough))
        return max(self.shortest_step, min(rarely, duration / self.least), duration / self.most)


RICH = Sampling(
    1.0, 10**9, 1.0, least=24, shortest_step=0.25, long_side=360, features=300, picture=RICH_PICTURE
)
LEAN = Sampling(
    1.0, 40, 4.0, least=8, shortest_step=0.25, long_side=360, features=88, picture=LEAN_PICTURE
)
COMPACT = replace(LEAN, longest_step=8.0, features=60)
RICH_SECONDS = 120.0
"""Short footage is what most reposts are cut from, and what little of it there is to know is soon
lost; it costs little however much of it is kept."""


def sampling_of_known(profile: Profile, duration: float | None) -> Sampling:
    """How footage of this length is sampled for the archive."""
    if profile == "thorough":
        return RICH
    if profile == "compact":
        return COMPACT
    return RICH if not duration or duration <= RICH_SECONDS else LEAN


QUERY = Sampling(0.5, 32, 1.0, least=12, shortest_step=0.2, long_side=480, features=600, most=2400)
RESHAPED_QUERY = replace(QUERY, longest_step=float("inf"), enough=10, least=8)
"""For the second look at a source in which nothing was found."""


def fingerprint_known(
    path: str | Path,
    info: MediaInfo,
    settings: Settings | None = None,
    *,
    thumbnails: bool = True,
    progress: Progress | None = None,
) -> tuple[Fingerprint, tuple[Thumbnail, ...]]:
    """Fingerprint footage for the archive, with colour pictures for people.

    Frames that repeat the one before are left out, so that a picture that is shown for minutes is
    kept a few times only.

    Args:
        settings: its `profile` says how much is kept.
        thumbnails: False keeps no picture at all, neither to look at nor to verify pixels.

    Raises:
        UnreadableMediaError: not one frame can be decoded.
    """
    settings = settings or Settings()
    sampling = sampling_of_known(settings.profile, info.duration)
    step = sampling.seconds(info.duration)

    def read(every: float, decoded: Decoded) -> Iterator[Frame]:
        return read_frames(
            path,
            info,
            long_side=max(sampling.long_side, THUMBNAIL_SIDE),
            every=every,
            decoded=decoded,
            colour=True,
            settings=settings,
        )

    def described(frame: Frame) -> _Described:
        gray = _gray(frame.image)
        return _described(
            Frame(frame.seconds, gray),
            extract_features(gray, RICH.features).to_keep(sampling.features),
            picture=verification_picture(gray, *sampling.picture) if thumbnails else None,
            thumbnail=thumbnail(frame.image, THUMBNAIL_SIDE) if thumbnails else None,
        )

    def kept(frames: Iterator[Frame]) -> list[_Described]:
        watched = _watched(frames, path, info, progress)
        return list(_ahead(without_repeats(watched), described))

    done: list[_Described] = []
    if info.longest_keyframe_gap() <= STRETCHED * step:
        frames = read(_spacing(info.keyframes, step), "keyframes")
        with contextlib.suppress(_KeyframesMissingError):
            done = kept(_all_of(frames, info.keyframes, (1 + STRETCHED) * step))
    if not done:
        done = kept(read(step, "all" if step <= FINE_STEP else "referenced"))
    shown = (Thumbnail(d.seconds, d.thumbnail) for d in done if d.thumbnail)
    return _fingerprint(done, path), tuple(shown)


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
        every=sampling.seconds(info.duration),
        settings=settings,
    )

    def described(frame: Frame) -> _Described:
        image = frame.image if reshape == 1.0 else reshaped(frame.image, reshape)
        return _described(Frame(frame.seconds, image), extract_features(image, sampling.features))

    watched = _watched(frames, path, info, progress)
    return _fingerprint(list(_ahead(watched, described)), path)


def load_libraries() -> None:
    """Load what fingerprinting needs, for those who have something else to wait for."""
    import ffmpeg  # noqa: F401
    from PIL import Image  # noqa: F401

    from provenance.fingerprints.codebook import codebook

    with kept_variable("LD_LIBRARY_PATH"):  # OpenCV puts a folder in front of it
        import cv2
    if threads_are_calm():
        # With the variable alone OpenCV asks its empty pool all the same, and every thread that
        # ever called it leaves a kilobyte behind, which a watcher of folders gathers for months.
        cv2.setNumThreads(1)
    _ = codebook().quantizer


def reshaped(image: npt.NDArray[np.uint8], factor: float) -> npt.NDArray[np.uint8]:
    """The picture so many times as wide for its height, with about as many pixels."""
    import cv2

    height, width = image.shape[:2]
    size = (max(1, round(width * factor**0.5)), max(1, round(height / factor**0.5)))
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)


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
            return Thumbnail(frame.seconds, thumbnail(frame.image, THUMBNAIL_SIDE))
    return None


@dataclass(frozen=True, eq=False)
class _Described:
    """One frame as it is kept; `size` is its width and height."""

    seconds: float
    size: tuple[int, int]
    features: FrameFeatures
    picture: bytes | None = None
    thumbnail: bytes | None = None


def _described(
    frame: Frame,
    features: FrameFeatures,
    picture: bytes | None = None,
    thumbnail: bytes | None = None,
) -> _Described:
    return _Described(
        frame.seconds,
        (frame.image.shape[1], frame.image.shape[0]),
        features,
        picture,
        thumbnail,
    )


def _spacing(keyframes: tuple[float, ...], step: float) -> float:
    """Least seconds between the keyframes to take, so that they lie about a step apart on average
    and nowhere much further."""
    best, least = 0.0, float("inf")
    for share in SPACINGS:
        taken = [keyframes[0]]
        for seconds in keyframes[1:]:
            if seconds - taken[-1] >= share * step:
                taken.append(seconds)
        gaps = [b - a for a, b in pairwise(taken)]
        if gaps and max(gaps) <= STRETCHED * step:
            off = abs(math.log(max(sum(gaps) / len(gaps), 1e-3) / step))
            if off < least:
                best, least = share * step, off
    return best


class _KeyframesMissingError(Exception):
    """Keyframes that a file has do not come out of the decoder."""


def _all_of(
    frames: Iterator[Frame], keyframes: tuple[float, ...], longest: float
) -> Iterator[Frame]:
    """Decoded keyframes, as long as they follow each other as they should.

    What a container calls a keyframe may be a place where decoding can begin, and no frame that
    stands alone: H.264 with open groups of pictures, as cameras and broadcasters write it, or with
    pictures that are renewed stripe by stripe, as live streams are. Where such frames alone are to
    be decoded, ffmpeg gives one or a few of all (seen: 3 of 90, the last one first).

    Args:
        keyframes: what the container calls so; at least one.
        longest: seconds; no two frames that follow each other lie further apart.

    Raises:
        _KeyframesMissingError: some do not come.
    """
    last, before = keyframes[0], -math.inf
    try:
        for frame in frames:
            if frame.seconds <= before or frame.seconds - last > longest:
                raise _KeyframesMissingError
            last = before = frame.seconds
            yield frame
    except UnreadableMediaError as error:
        if before >= 0:
            raise
        raise _KeyframesMissingError from error  # others may come
    if keyframes[-1] - last > longest:
        raise _KeyframesMissingError


def _watched(
    frames: Iterable[Frame], path: str | Path, info: MediaInfo, progress: Progress | None
) -> Iterator[Frame]:
    """The frames, telling of each to whoever waits."""
    before = 0.0
    description = f"fingerprinting {Path(path).name}"
    with (progress or SilentProgress()).task(description, info.duration) as task:
        for frame in frames:
            task.advance(frame.seconds - before)
            before = frame.seconds
            yield frame


def _ahead(
    frames: Iterable[Frame], describe: Callable[[Frame], _Described]
) -> Iterator[_Described]:
    """Every frame described, in order, by several threads. OpenCV lets others run meanwhile."""
    waiting: deque[Future[_Described]] = deque()
    with ThreadPoolExecutor(cores()) as pool:
        for frame in frames:
            checkpoint()
            waiting.append(pool.submit(describe, frame))
            if len(waiting) > AHEAD:
                yield waiting.popleft().result()
        while waiting:
            checkpoint()
            yield waiting.popleft().result()


def _fingerprint(frames: list[_Described], path: str | Path) -> Fingerprint:
    if not frames:
        raise UnreadableMediaError(
            f"Not one picture of {path} could be decoded.",
            "Check that the file plays in a media player.",
        )
    found = [frame.features for frame in frames]
    counts = [len(features.points) for features in found]
    return Fingerprint(
        times=np.array([frame.seconds for frame in frames], np.float64),
        frame=np.repeat(np.arange(len(frames), dtype=np.int32), counts),
        points=np.concatenate([f.points for f in found]),
        scales=np.concatenate([f.scales for f in found]),
        angles=np.concatenate([f.angles for f in found]),
        descriptors=np.concatenate([f.descriptors for f in found]),
        width=frames[-1].size[0],
        height=frames[-1].size[1],
        pictures=tuple(frame.picture for frame in frames if frame.picture),
    )


def _gray(image: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    import cv2

    return np.asarray(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), np.uint8)

"""The pictures of a checked source, decoded once for its fingerprint and for all candidates."""

from __future__ import annotations

import math
import threading
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from provenance.media import MediaInfo
from provenance.settings import Settings

if TYPE_CHECKING:
    from provenance.matching import View
    from provenance.media import Frame

MOST_KEPT = 80
"""Frames of a source that are kept for a second look, which takes a fifth of them."""
MOST_VIEWS = 3
"""Stretches of a long source that are kept as they were decoded, some 40 MB each."""
SLACK = 0.0005
"""Seconds by which frames may be nearer to each other: time stamps are rounded."""


class SourceFrames:
    """The source's gray frames, decoded once for its fingerprint and for all candidates.

    A short source is decoded as densely as candidates want to see it while it is fingerprinted, and
    kept; stretches of a long one are decoded when they are asked for.
    """

    def __init__(self, path: Path, info: MediaInfo, settings: Settings) -> None:
        self._path, self._info, self._settings = path, info, settings
        self._sampled: list[Frame] = []
        self._whole: View | None = None
        self._views: dict[tuple[float, float, float], View] = {}
        self._lock = threading.Lock()

    def read(
        self, path: str | Path, info: MediaInfo, *, long_side: int, every: float, settings: Settings
    ) -> Iterator[Frame]:
        """As `media.read_frames`, for fingerprints: the first decodes, a coarser one need not."""
        import numpy as np

        from provenance.matching import View, whole_step
        from provenance.media import read_frames

        if self._sampled:
            yield from _spaced(self._sampled, every)
            return
        step = whole_step(info.duration)
        moments, images = [], []

        def decoded() -> Iterator[Frame]:
            for frame in read_frames(
                path, info, long_side=long_side, every=step or every, settings=settings
            ):
                if step is not None:
                    moments.append(frame.seconds)
                    images.append(frame.image)
                yield frame

        kept = max(every, (info.duration or 0.0) / MOST_KEPT)
        for frame in _spaced(decoded(), every):
            if not self._sampled or frame.seconds - self._sampled[-1].seconds >= kept - SLACK:
                self._sampled.append(frame)
            yield frame
        if step is not None:
            self._whole = View(np.array(moments), images)

    def __call__(self, start: float, end: float, every: float) -> View:
        """See `matching.Look`."""
        if self._whole:
            return self._whole
        key = (round(start, 2), round(end, 2), every)
        with self._lock:  # what two candidates want to see is decoded once
            if key not in self._views:
                while len(self._views) >= MOST_VIEWS:
                    del self._views[next(iter(self._views))]
                self._views[key] = self._decoded(start, end, every)
            return self._views[key]

    def _decoded(self, start: float, end: float, every: float) -> View:
        import numpy as np

        from provenance.matching import LOOK_SIDE, View
        from provenance.media import read_frames

        duration = self._info.duration
        frames = list(
            read_frames(
                self._path,
                self._info,
                every=every,
                long_side=LOOK_SIDE,
                start=start,
                end=None if duration is None or end >= duration else end,
                settings=self._settings,
            )
        )
        return View(np.array([f.seconds for f in frames]), [f.image for f in frames])


def _spaced(frames: Iterable[Frame], every: float) -> Iterator[Frame]:
    """Frames that are so many seconds apart, as `media.read_frames` chooses them."""
    last = -math.inf
    for frame in frames:
        if frame.seconds - last >= every - SLACK:
            last = frame.seconds
            yield frame

"""Frames that repeat the one before: a slide, a title, a still that is shown for a minute.

Of a stretch in which nothing changes the first frame is kept and the last, which tells when it
ended, and some in between, so that any few seconds of it have one near.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from provenance.fingerprints.pictures import shrunk
from provenance.media import Frame

COMPARED_SIDE = 80
"""Pixels of the longer side at which frames are compared, as matching compares pictures."""
SAME_LEVELS = 10
"""Gray levels by which no pixel of a repeated frame may differ from the frame that was kept. A
still encoded as H.264 with a CRF of 23, 30, 36 differs from its own first frame by up to 4, 7, 11.
Of 37 real clips, some of them of an empty street, all frames but one are kept."""
LONGEST_UNSEEN = 10.0
"""Seconds after which a frame is kept, however much it is like the last one."""


def without_repeats(frames: Iterable[Frame]) -> Iterator[Frame]:
    """The frames without those between a frame and the last one that repeats it.

    Args:
        frames: gray or RGB, in order of time.
    """
    kept: Frame | None = None
    kept_small = np.zeros(0, np.int16)
    skipped: Frame | None = None
    for frame in frames:
        small = shrunk(frame.image, COMPARED_SIDE).astype(np.int16)
        if kept is not None and int(np.abs(small - kept_small).max()) <= SAME_LEVELS:
            if frame.seconds - kept.seconds < LONGEST_UNSEEN:
                skipped = frame
                continue
        elif skipped is not None:
            yield skipped
        yield frame
        kept, kept_small, skipped = frame, small, None
    if skipped is not None:
        yield skipped

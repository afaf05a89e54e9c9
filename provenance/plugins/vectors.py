"""Pictures of a file as vectors of the kinds that are plugged in, and how far two are apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from provenance.media import MediaInfo, read_frames
from provenance.plugins.interface import FingerprintPlugin
from provenance.plugins.loading import Loaded
from provenance.settings import Settings

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

STEP = 1.0
"""Seconds between described frames; those of short footage are nearer ..."""
LEAST, MOST = 6, 3600
"""... so that there are so many at least; of very long footage there are never more than that."""
SIDE = 320
"""Longer side in pixels of the pictures that are described."""


@dataclass(frozen=True, eq=False)
class Described:
    """The frames of a file as one kind describes them.

    Attributes:
        kind: the plug-in's name.
        times: (K,) float64, seconds from the start of the file; frames that tell nothing are out.
        vectors: (K, size) uint8, or float32 of length 1.
        mirrored: the same with left and right swapped, where that was asked for.
    """

    kind: str
    times: npt.NDArray[np.float64]
    vectors: npt.NDArray[np.generic]
    mirrored: npt.NDArray[np.generic] | None = None


def describe(
    path: Path,
    info: MediaInfo,
    kinds: Sequence[Loaded[FingerprintPlugin]],
    settings: Settings,
    *,
    mirrored: bool = False,
) -> list[Described]:
    """The frames of a file as each of these kinds describes them; decoded once for all.

    Raises:
        UnreadableMediaError: not one frame can be decoded.
        PluginError: a plug-in failed, or gave no vector of its size.
    """
    import numpy as np

    if not kinds:
        return []
    duration = info.duration or STEP
    every = max(min(STEP, duration / LEAST), duration / MOST)
    times: list[list[float]] = [[] for _ in kinds]
    straight: list[list[npt.NDArray[np.generic]]] = [[] for _ in kinds]
    turned: list[list[npt.NDArray[np.generic]]] = [[] for _ in kinds]
    for frame in read_frames(
        path, info, long_side=SIDE, every=every, colour=True, settings=settings
    ):
        for place, kind in enumerate(kinds):
            vector = _vector(kind, frame.image)
            if vector is None:
                continue
            if mirrored:
                other = _vector(kind, np.ascontiguousarray(frame.image[:, ::-1]))
                turned[place].append(vector if other is None else other)
            times[place].append(frame.seconds)
            straight[place].append(vector)
    return [
        Described(
            kind.plugin.name,
            np.array(times[place], np.float64),
            _stacked(kind, straight[place]),
            _stacked(kind, turned[place]) if mirrored else None,
        )
        for place, kind in enumerate(kinds)
    ]


def dtype_of(kind: FingerprintPlugin) -> str:
    """How values of its vectors are stored."""
    return "|u1" if kind.binary else "<f4"


def distances(
    one: npt.NDArray[np.generic], other: npt.NDArray[np.generic], *, binary: bool
) -> npt.NDArray[np.float32]:
    """(Q, K) float32: how far apart (Q, size) and (K, size) vectors are, as `near` counts."""
    import numpy as np

    if binary:
        bits = np.bitwise_count(one[:, None].astype(np.uint8) ^ other[None].astype(np.uint8))
        return np.asarray(bits.sum(axis=2, dtype=np.float32) / (8 * one.shape[1]), np.float32)
    return np.asarray(1 - one.astype(np.float32) @ other.astype(np.float32).T, np.float32)


def _vector(
    kind: Loaded[FingerprintPlugin], image: npt.NDArray[np.uint8]
) -> npt.NDArray[np.generic] | None:
    import numpy as np

    plugin = kind.plugin
    given = kind.asked(lambda plugin: plugin.describe(image))
    if given is None:
        return None
    try:
        vector = np.asarray(given)
        fits = vector.shape == (plugin.size,) and (vector.dtype == np.uint8) == plugin.binary
        vector = vector.astype(dtype_of(plugin))
        length = 1.0 if plugin.binary else float(np.linalg.norm(vector.astype(np.float64)))
    except (TypeError, ValueError):
        fits, length = False, 0.0
    if not fits or not np.isfinite(length):
        wanted = f"{plugin.size} values of {'uint8' if plugin.binary else 'float32'}"
        raise kind.fault(f"described a picture by something else than {wanted}")
    if not length:
        return None
    return vector if plugin.binary else np.asarray(vector / np.float32(length), np.float32)


def _stacked(
    kind: Loaded[FingerprintPlugin], vectors: Sequence[npt.NDArray[np.generic]]
) -> npt.NDArray[np.generic]:
    import numpy as np

    return np.array(vectors, dtype_of(kind.plugin)).reshape(len(vectors), kind.plugin.size)

"""What is kept of footage and shown of it: fingerprints, and pictures for people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt


class Descriptors(Protocol):
    """(N, 128) uint8, an array or what gives one when it is indexed by rows."""

    def __len__(self) -> int: ...
    def __getitem__(self, rows: Any, /) -> npt.NDArray[np.uint8]: ...


@dataclass(frozen=True, eq=False)
class Fingerprint:
    """What is kept of footage to find it again: F sampled frames and their N local features.

    Attributes:
        times: (F,) float64, seconds from the start of the file.
        frame: (N,) int32, the frame index of each feature, ascending.
        points: (N, 2) float32, x and y in pixels of the analysed frame.
        scales: (N,) float32, feature diameter in pixels of the analysed frame.
        angles: (N,) float32, orientation in radians.
        descriptors: (N, 128) uint8, RootSIFT x 512; from an archive decoded when indexed.
        width, height: size of the analysed frame in pixels.
        pictures: F small gray pictures for pixel verification (WebP; JPEG in older archives), or
            empty where the footage must not be kept as pictures.
    """

    times: npt.NDArray[np.float64]
    frame: npt.NDArray[np.int32]
    points: npt.NDArray[np.float32]
    scales: npt.NDArray[np.float32]
    angles: npt.NDArray[np.float32]
    descriptors: Descriptors
    width: int
    height: int
    pictures: tuple[bytes, ...] = ()

    @classmethod
    def of_nothing(cls) -> Fingerprint:
        """Of what nobody has seen: it holds nothing that could be found."""
        import numpy as np

        return cls(
            times=np.zeros(0),
            frame=np.zeros(0, np.int32),
            points=np.zeros((0, 2), np.float32),
            scales=np.zeros(0, np.float32),
            angles=np.zeros(0, np.float32),
            descriptors=np.zeros((0, 128), np.uint8),
            width=1,
            height=1,
        )


@dataclass(frozen=True)
class Thumbnail:
    """A small colour JPEG of a moment, for people to look at."""

    seconds: float
    jpeg: bytes


@dataclass(frozen=True)
class SegmentPictures:
    """Pairs (source picture, footage picture) of one segment of one match, for the HTML report."""

    match: int
    segment: int
    pairs: tuple[tuple[Thumbnail | None, Thumbnail | None], ...]


@dataclass(frozen=True)
class EvidenceFrame:
    """One frame of the source in its full resolution, as PNG.

    `match` and `segment` count from 0 in the order of the report; `seconds` is its time in the
    source, `reference_seconds` the moment of the footage that it shows.
    """

    match: int
    segment: int
    seconds: float
    reference_seconds: float
    png: bytes


@dataclass(frozen=True)
class Evidence:
    """What a bundle holds besides the report.

    Attributes:
        frames: frames of the matched seconds.
        download: what the site, or the sidecar of a file, said of the source.
    """

    frames: tuple[EvidenceFrame, ...] = ()
    download: Mapping[str, Any] | None = None

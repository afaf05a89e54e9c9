"""What a plug-in has to be. A class is made an object by calling it without arguments, once a
process; threads share the object."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from provenance.download import Download
from provenance.progress import Progress
from provenance.settings import Settings

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt


class SourcePlugin(Protocol):
    """Another source of footage, for locations such as `newsroom:1234`.

    It is asked for every location that is no file or folder here, before yt-dlp is; `check`, `add`
    and `keyframes` use it alike. Where two want the same location neither gets it.
    """

    @property
    def name(self) -> str:
        """A word for it, in messages."""

    def accepts(self, location: str) -> bool:
        """Whether this location is one of its own. Quick, and without the network."""

    def fetch(
        self, location: str, folder: Path, settings: Settings, progress: Progress
    ) -> Download:
        """The file of one video, and what its keeper says of it.

        Args:
            folder: an empty one to put the file into, deleted when the work is done. The file may
                also be elsewhere; then it is only read.
            progress: to be told of long work. It stops work by an InterruptedWorkError from
                `advance`; what runs in `provenance.process.Child` is stopped at any time.

        Returns:
            `Download(path, location, PlatformFacts(...))`. A publication date says by its `basis`
            what it rests on: "platform" where the keeper published it then; without a basis it
            counts as "declared", the word of a person.

        Raises:
            DownloadError: there is no such video, or it cannot be had. Say why, and what to do.
        """


@runtime_checkable
class Collection(Protocol):
    """What a source has besides where one location may stand for several videos."""

    def expand(self, location: str) -> Iterable[str]:
        """The locations of a collection's videos, in order; `[location]` for one video. They may
        be locations of any kind. Raises DownloadError."""


class FingerprintPlugin(Protocol):
    """Another kind of fingerprint: a vector of fixed size for a picture.

    Footage that is added from now on is described about once a second and so is what is checked.
    Footage with vectors near those of the source becomes a candidate, whose pictures are compared
    as those of every other: a plug-in proposes, and never accepts. What the pictures do not confirm
    is a weak candidate, which changes no verdict.
    """

    @property
    def name(self) -> str:
        """What it is called in the archive and in the evidence of segments: lower-case letters,
        digits and underscores. Vectors of another meaning need another name."""

    @property
    def size(self) -> int:
        """Values of a vector."""

    @property
    def binary(self) -> bool:
        """True: uint8, whose differing bits are counted; False: float32, compared by the cosine."""

    @property
    def near(self) -> float:
        """Greatest distance of two pictures that may be the same: the share of bits that differ,
        or 1 minus the cosine. Few strangers should be as near."""

    def describe(self, image: npt.NDArray[np.uint8]) -> npt.NDArray[np.generic] | None:
        """The (size,) vector of an (height, width, 3) RGB picture of at most 320 pixels a side;
        None where it shows too little to be told apart (black, a flat colour)."""

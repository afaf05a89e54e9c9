"""Footage that is known by hashes alone: somebody shared them, nobody here holds the pictures."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from provenance.archive.adding import Added
from provenance.archive.catalogue import Catalogue
from provenance.feeds.hash_lists import HashedFrame
from provenance.models import Appearance, Fingerprint, Footage

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

_BYTES = 32


@dataclass(frozen=True, eq=False)
class HashList:
    """The hashes of one footage.

    Attributes:
        bits: (N, 32) uint8.
        qualities: (N,) uint8, 0..100.
        times: (N,) float64, seconds; None for pictures that have no place in time.
    """

    footage: int
    bits: npt.NDArray[np.uint8]
    qualities: npt.NDArray[np.uint8]
    times: npt.NDArray[np.float64] | None


class HashLists:
    """The lists of one archive.

    Args:
        catalogue: opens the archive's catalogue; with `create=True` makes one.
    """

    def __init__(self, catalogue: Callable[..., Catalogue]) -> None:
        self._catalogue = catalogue

    def add(
        self, frames: Sequence[HashedFrame], title: str, location: str, appearance: Appearance
    ) -> Added:
        """Know footage by its hashes. The same hashes again are another appearance of it.

        Args:
            frames: either all with times, in their order, or all without.
            location: where the list was read from.

        Raises:
            ArchiveError: the archive cannot be written; nothing was kept.
        """
        import numpy as np

        bits = b"".join(bytes.fromhex(frame.digits) for frame in frames)
        qualities = bytes(frame.quality for frame in frames)
        times = [frame.seconds for frame in frames if frame.seconds is not None]
        stored = np.array(times, "<f8").tobytes() if times else None
        digest = hashlib.sha256(b"\x00".join((bits, qualities, stored or b""))).hexdigest()
        catalogue = self._catalogue(create=True)
        with catalogue.database.write():
            known = catalogue.by_sha256(digest)
            if known:
                number = known.id
            else:
                footage = Footage(
                    0,
                    location,
                    digest,
                    title,
                    duration=max(times) if times else None,
                    has_thumbnails=False,
                )
                number = catalogue.insert_footage(footage, Fingerprint.of_nothing(), ())
                catalogue.database.execute(
                    "INSERT INTO hash_list VALUES (?, ?, ?, ?)", (number, bits, qualities, stored)
                )
            catalogue.insert_appearance(number, appearance)
            return Added(catalogue.footage(number), known is None)

    def any(self) -> bool:
        """Whether any footage is known so."""
        row = self._catalogue().database.row("SELECT EXISTS (SELECT 1 FROM hash_list)")
        return bool(row[0])

    def all(self) -> Iterator[HashList]:
        """The hashes of all such footage, by rising id."""
        database = self._catalogue().database
        for (number,) in database.rows("SELECT footage_id FROM hash_list ORDER BY footage_id"):
            if found := self.get(number):
                yield found

    def get(self, footage_id: int) -> HashList | None:
        """The hashes of one footage; None where it is not known so."""
        import numpy as np

        row = self._catalogue().database.row(
            "SELECT hashes, qualities, times FROM hash_list WHERE footage_id = ?", (footage_id,)
        )
        if row is None:
            return None
        return HashList(
            footage_id,
            np.frombuffer(row[0], np.uint8).reshape(-1, _BYTES),
            np.frombuffer(row[1], np.uint8),
            None if row[2] is None else np.frombuffer(row[2], "<f8"),
        )

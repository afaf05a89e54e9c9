"""The reference: compares with every known feature, decoded. Slow, exact, nothing kept on disk."""

from __future__ import annotations

from collections.abc import Set
from typing import TYPE_CHECKING

from provenance.archive.index import Nearest, Neighbours, checked, encoded

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from provenance.archive.catalogue import Catalogue


class ExactIndex:
    """Reads all descriptors from the catalogue at each search."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue

    def add(self, footage_ids: list[int]) -> None:
        """Nothing to do: the catalogue holds the descriptors."""

    def remove(self, footage_id: int) -> None:
        """Nothing to do: the catalogue drops the descriptors."""

    def compact(self) -> None:
        """Nothing to do."""

    def tidy(self) -> None:
        """Nothing to do."""

    def search(
        self, descriptors: npt.NDArray[np.uint8], k: int, without: Set[int] = frozenset()
    ) -> Neighbours:
        """See `FeatureIndex.search`."""
        import numpy as np

        queries = checked(descriptors, k)
        nearest = Nearest(len(queries), k)
        for footage_id in self._catalogue.footage_ids():
            times, frames, known = self._catalogue.features(footage_id)
            if footage_id in without or not len(known):
                continue
            products = queries @ known[:].astype(np.float32).T
            keys = np.broadcast_to(encoded(footage_id, frames, times[frames]), products.shape)
            nearest.merge(keys, products)
        return nearest.neighbours()

    def close(self) -> None:
        """Nothing is open."""

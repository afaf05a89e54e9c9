"""What an archive knows of footage that is a copy of other footage.

It is told of links: finding them takes the matcher, which stands on a higher floor
(`provenance.linking`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from provenance.archive import links as rows
from provenance.archive.catalogue import Catalogue, now
from provenance.models import Link


class Links:
    """The links of one archive. Every method raises ArchiveError when it cannot be used.

    Args:
        catalogue: opens the archive's catalogue.
    """

    def __init__(self, catalogue: Callable[[], Catalogue]) -> None:
        self._catalogue = catalogue

    def of(self, footage_id: int) -> list[Link]:
        """The links of a footage, each seen from it, the best first; none where it is unknown."""
        return rows.links_of(self._catalogue().database, footage_id)

    def waiting(self) -> list[int]:
        """Ids of footage that was added and not yet compared with the rest, rising."""
        return rows.waiting(self._catalogue().database)

    def settle(self, footage_id: int, links: Iterable[Link]) -> None:
        """Record the links of a footage that was compared; it waits no longer."""
        database = self._catalogue().database
        with database.write():
            rows.settle(database, footage_id, links, now())

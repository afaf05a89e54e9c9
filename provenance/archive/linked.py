"""What an archive knows of footage that is a copy of other footage.

The part of `Archive` that reads and writes links. It is told of them: finding them takes the
matcher, which stands on a higher floor (`provenance.linking`).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from provenance.archive import links as rows
from provenance.models import Link

if TYPE_CHECKING:
    from provenance.archive.catalogue import Catalogue


class LinkedArchive:
    """The links of an archive. Every method raises ArchiveError when it cannot be used."""

    def _catalogue(self, *, create: bool = False) -> Catalogue:
        raise NotImplementedError

    def links(self, footage_id: int) -> list[Link]:
        """The links of a footage, each seen from it, the best first; none where it is unknown."""
        return rows.links_of(self._catalogue().database, footage_id)

    def waiting_for_links(self) -> list[int]:
        """Ids of footage that was added and not yet compared with the rest, rising."""
        return rows.waiting(self._catalogue().database)

    def settle_links(self, footage_id: int, links: Iterable[Link]) -> None:
        """Record the links of a footage that was compared; it waits no longer."""
        from provenance.archive.catalogue import now

        database = self._catalogue().database
        with database.write():
            rows.settle(database, footage_id, links, now())

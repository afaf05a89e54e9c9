"""An archive padded with distractors: to everything that searches and matches, known footage.

Each distractor is a row of the catalogue like any other, and its features are in the index that the
archive itself builds. Only its fingerprint is not stored, but made again from its number when it is
asked for; so a padded archive takes 16 bytes a feature on the disk instead of 39, and is read by
these scripts alone. Distractors have no pictures: they compete for the short list and in geometry,
and what passes both is scored by its features alone.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator, Set
from functools import lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from accuracy.distractors import SIZE, Material, distractor
from provenance.archive import Archive
from provenance.archive.catalogue import Catalogue
from provenance.archive.index import Neighbours
from provenance.fingerprints.codebook import CodedFeatures
from provenance.models import Appearance, Fingerprint, Footage
from provenance.settings import load_settings

PREFIX = "crowd:"
GROUP = 15_000_000
"""Features that are indexed at once, into one segment of about the size that merging leads to."""


Indexed = tuple[npt.NDArray[np.float64], npt.NDArray[np.int32], CodedFeatures]
"""What `Catalogue.features` gives."""


class CrowdedCatalogue(Catalogue):
    """A catalogue that makes the fingerprints of distractors when they are asked for."""

    def __init__(self, known: Catalogue, material: Material) -> None:
        super().__init__(known.database)
        self._made = lru_cache(maxsize=64)(lambda number: distractor(material, number))
        self._pending: dict[int, Indexed] = {}

    def fingerprint(self, footage_id: int) -> Fingerprint:
        """Stored or made."""
        number = self._number(footage_id)
        return super().fingerprint(footage_id) if number is None else self._made(number)

    def features(self, footage_id: int) -> Indexed:
        """Stored or made."""
        if footage_id in self._pending:
            return self._pending[footage_id]
        number = self._number(footage_id)
        if number is None:
            return super().features(footage_id)
        made = self._made(number)
        return _indexed(made)

    def distractors(self) -> tuple[int, float]:
        """How many there are, and their hours."""
        count, seconds = self.database.row(
            "SELECT count(*), total(duration) FROM footage WHERE location LIKE ?", (f"{PREFIX}%",)
        )
        return int(count), seconds / 3600

    def insert_distractor(self, number: int) -> tuple[int, int]:
        """Write the rows of one; (its id, its number of features)."""
        made = self._made(number)
        location = f"{PREFIX}{number}"
        footage = Footage(
            id=0,
            location=location,
            sha256=hashlib.sha256(location.encode()).hexdigest(),
            title=f"Distractor {number}",
            duration=float(len(made.times)),
            width=SIZE[0],
            height=SIZE[1],
            has_thumbnails=False,
        )
        footage_id = self.insert_footage(footage, Fingerprint.of_nothing(), [])
        self.database.execute(
            "UPDATE fingerprint SET frames = ?, features = ? WHERE footage_id = ?",
            (len(made.times), len(made.frame), footage_id),
        )
        self.insert_appearance(footage_id, Appearance(title=footage.title))
        self._pending[footage_id] = _indexed(made)
        return footage_id, len(made.frame)

    def forget_pending(self) -> None:
        """Let go of features that were kept at hand for the index."""
        self._pending.clear()

    def _number(self, footage_id: int) -> int | None:
        row = self.database.row("SELECT location FROM footage WHERE id = ?", (footage_id,))
        location = str(row[0]) if row else ""
        return int(location[len(PREFIX) :]) if location.startswith(PREFIX) else None


class TimedArchive(Archive):
    """An archive whose `search_seconds` add up what looking up has taken."""

    search_seconds = 0.0

    def search(
        self, descriptors: npt.NDArray[np.uint8], k: int = 10, without: Set[int] = frozenset()
    ) -> Neighbours:
        """See `Archive.search`."""
        start = time.perf_counter()
        try:
            return super().search(descriptors, k, without)
        finally:
            self.search_seconds += time.perf_counter() - start


class CrowdedArchive(TimedArchive):
    """An archive that may hold distractors."""

    def __init__(self, folder: Path, material: Material) -> None:
        super().__init__(folder, load_settings())
        self._material = material

    def pad(self, hours: float) -> Iterator[float]:
        """Add distractors until there are so many hours of them; gives the hours so far."""
        catalogue = self._catalogue(create=True)
        index = self._feature_index(catalogue)
        number, so_far = catalogue.distractors()
        while so_far < hours:
            ids, features = [], 0
            with catalogue.database.write():
                while so_far < hours and features < GROUP:
                    footage_id, count = catalogue.insert_distractor(number)
                    ids.append(footage_id)
                    features += count
                    number += 1
                    so_far += catalogue.fingerprint(footage_id).times.size / 3600
                index.add(ids)
                catalogue.forget_pending()
            yield so_far

    def _catalogue(self, *, create: bool = False) -> CrowdedCatalogue:
        known = super()._catalogue(create=create)
        if not isinstance(known, CrowdedCatalogue):
            known = self._opened = CrowdedCatalogue(known, self._material)
        return known


def _indexed(made: Fingerprint) -> Indexed:
    return made.times, made.frame, CodedFeatures.of(made.descriptors[:])

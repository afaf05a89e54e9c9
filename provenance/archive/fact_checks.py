"""Fact-checks that others published, found again by the addresses of the footage they are about."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from provenance.archive.catalogue import Catalogue, now
from provenance.archive.connection import Database
from provenance.archive.fact_check_rows import about, published_at, put, with_fact_check
from provenance.download import archived_capture
from provenance.models import Appearance, Footage, Match, Source
from provenance.models.fact_check import FactCheck, MetFactCheck
from provenance.urls import is_url, page_key


@dataclass(frozen=True)
class Imported:
    """What became of fact-checks: how many are new, how many were known (and are now as they were
    imported last), how many name no footage, and how many appearances they were recorded with."""

    new: int
    known: int
    without_media: int
    linked: int


class FactChecks:
    """The fact-checks of one archive.

    Args:
        catalogue: opens the archive's catalogue; with `create=True` makes one.
    """

    def __init__(self, catalogue: Callable[..., Catalogue]) -> None:
        self._catalogue = catalogue

    def put(self, checks: Sequence[FactCheck]) -> Imported:
        """Record fact-checks, and each with the known appearances that it is about.

        Raises:
            ArchiveError: the archive cannot be written; nothing was recorded.
        """
        catalogue = self._catalogue(create=True)
        with catalogue.database.write():
            moment = now().value
            new = [put(catalogue.database, check, moment) for check in checks]
            linked = _link(catalogue)
            catalogue.touch()
        bare = sum(not check.media for check in checks)
        return Imported(sum(new), len(new) - sum(new), bare, linked)

    def count(self) -> int:
        """How many there are."""
        return int(self._catalogue().database.row("SELECT count(*) FROM fact_check")[0])

    def met(self, source: Source, matches: Iterable[Match]) -> tuple[MetFactCheck, ...]:
        """Those that a checked clip meets, the most telling first.

        A fact-check is met by the clip's own address, and through accepted footage that is not
        commonplace, or through what that is a copy of: by the addresses where it appeared, and by
        the link that a person recorded.
        """
        database = self._catalogue().database
        found: list[MetFactCheck] = []
        for url in _addresses(source.url, source.location):
            found += [MetFactCheck(c, "source", None, m) for c, m in about(database, url)]
        for match in matches:
            if match.accepted and not match.commonplace:
                found += self._of_footage(database, match.footage)
                for linked in match.linked:
                    found += self._of_footage(database, linked.footage, linked=True)
        first: dict[Any, MetFactCheck] = {}
        for met in found:  # a page may be reached in several ways; the best one counts
            key = met.check.id or met.check.url
            if key not in first or _weight(met) < _weight(first[key]):
                first[key] = met
        return tuple(sorted(first.values(), key=_weight))

    @staticmethod
    def _of_footage(
        database: Database, footage: Footage, *, linked: bool = False
    ) -> Iterator[MetFactCheck]:
        urls = [footage.location, *(appearance.url for appearance in footage.appearances)]
        for url in _addresses(*urls):
            for check, media in about(database, url):
                yield MetFactCheck(check, "footage", footage.id, media, linked)
        for link in dict.fromkeys(a.fact_check for a in footage.appearances if a.fact_check):
            for check in published_at(database, link) or [FactCheck(link)]:
                yield MetFactCheck(check, "footage", footage.id, None, linked)


def _link(catalogue: Catalogue) -> int:
    """Record fact-checks with the appearances that they are about and that name none yet."""
    database = catalogue.database
    linked = 0
    for number, url in database.rows(
        "SELECT id, url FROM appearance WHERE url IS NOT NULL AND fact_check IS NULL"
    ):
        found = with_fact_check(database, Appearance(url=url)).fact_check
        if found:
            # Nothing is corrected by this, so that nothing goes into the history.
            database.execute("UPDATE appearance SET fact_check = ? WHERE id = ?", (found, number))
            linked += 1
    return linked


def _addresses(*given: str | None) -> list[str]:
    """The addresses among these, and the originals of those in web archives; each page once."""
    found: dict[str, str] = {}
    for url in given:
        if url and is_url(url):
            capture = archived_capture(url)
            for one in (url, capture[0] if capture else url):
                found.setdefault(page_key(one), one)
    return list(found.values())


def _weight(met: MetFactCheck) -> tuple[int, int, int, int, float]:
    """The clip itself before footage in it, its review before one of a copy, the newest first."""
    return (
        met.met_by != "source",
        met.linked,
        met.media is not None and met.media.role == "original",
        not met.check.id,
        -met.check.published.earliest.timestamp() if met.check.published else 0.0,
    )

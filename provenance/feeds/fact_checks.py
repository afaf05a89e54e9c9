"""Fact-checks out of feeds and pages: schema.org's ClaimReview and MediaReview.

Read are DataFeeds (`dataFeedElement[].item[]`), bare objects and arrays, `@graph`, and JSON-LD in
saved HTML pages; reviews are found wherever they stand. https://schema.org/ClaimReview and
https://schema.org/MediaReview say what the fields mean.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, cast

from provenance.dates import When
from provenance.download import archived_capture
from provenance.errors import FeedError, UsageError
from provenance.feeds.problem import Problem, kind_of_value
from provenance.feeds.text import decoded, linked_data, parsed
from provenance.models.fact_check import CheckedMedia, FactCheck, Kind, Role
from provenance.urls import is_url

_KINDS = ("ClaimReview", "MediaReview")
_ADDRESSES = ("url", "contentUrl", "embedUrl", "@id", "sameAs", "archivedAt")
_OBJECTS_EXPECTED = frozenset({"dataFeedElement", "item", "@graph"})
_LONG = 10_000  # characters of a claim

Node = dict[str, Any]


def read_fact_checks(data: bytes, name: str) -> tuple[list[FactCheck], list[Problem]]:
    """All fact-checks of a feed or a saved page, and what is wrong with the others.

    Args:
        data: the file, JSON or HTML.
        name: what to call it.

    Raises:
        FeedError: no JSON, or no fact-check stands in it at all.
    """
    reader = _Reader()
    text = decoded(data, name)
    if text.lstrip().startswith("<"):
        for line, block in linked_data(text):
            try:
                reader.take(parsed(block, name, line), f"{name}, line {line}")
            except FeedError as error:
                place, _, what = error.message.partition(": ")
                reader.problems.append(Problem(place, what))
    else:
        reader.take(parsed(text, name), name)
    if not reader.checks and not reader.problems:
        raise FeedError(
            f"{name} holds no ClaimReview and no MediaReview.",
            "Such pages and feeds carry them as JSON-LD; a page must be saved as HTML.",
        )
    return reader.checks, reader.problems


class _Reader:
    def __init__(self) -> None:
        self.checks: list[FactCheck] = []
        self.problems: list[Problem] = []

    def take(self, root: Any, origin: str) -> None:
        for node, path in self._reviews(root, origin):
            check = _Review(node, path, origin, self.problems).fact_check()
            if check:
                self.checks.append(check)

    def _reviews(self, root: Any, origin: str) -> Iterator[tuple[Node, str]]:
        """Every review, with its path, in the order of the file."""
        waiting: list[tuple[Any, str]] = [(root, "")]
        while waiting:
            value, path = waiting.pop()
            if isinstance(value, dict):
                if _kind(value):
                    yield value, path
                    continue
                inner = [(v, f"{path}.{key}" if path else str(key)) for key, v in value.items()]
                for (child, place), key in zip(inner, value, strict=True):
                    self._expect_objects(child, key, f"{origin}: {place}")
                waiting += reversed(inner)
            elif isinstance(value, list):
                waiting += reversed([(v, f"{path}[{i}]") for i, v in enumerate(value)])

    def _expect_objects(self, value: Any, key: str, place: str) -> None:
        if key not in _OBJECTS_EXPECTED or value is None:
            return
        if not isinstance(value, list):
            if not isinstance(value, dict):
                self._not_an_object(value, place)
            return
        for number, entry in enumerate(value):
            if entry is not None and not isinstance(entry, dict | list):
                self._not_an_object(entry, f"{place}[{number}]")

    def _not_an_object(self, value: Any, place: str) -> None:
        self.problems.append(Problem(place, f"not an object but {kind_of_value(value)}."))


class _Review:
    """One review node."""

    def __init__(self, node: Node, path: str, origin: str, problems: list[Problem]) -> None:
        self._node, self._path, self._origin = node, path, origin
        self._problems = problems
        nested = node.get("associatedClaimReview")
        self._claims = [n for n in _listed(nested) if isinstance(n, dict)]

    def fact_check(self) -> FactCheck | None:
        url = self._url()
        if url is None:
            return None
        node = self._node
        kind = _kind(node)
        assert kind
        return FactCheck(
            url,
            kind,
            publisher=_first(_name(node.get(key)) for key in ("author", "publisher")),
            published=self._date("datePublished") or self._date("dateCreated"),
            rating=_first(_rating(n.get("reviewRating")) for n in (node, *self._claims)),
            categories=tuple(
                _local(name)
                for name in map(_word, _listed(node.get("mediaAuthenticityCategory")))
                if name
            ),
            claim=_first(_word(n.get("claimReviewed")) for n in (node, *self._claims)),
            media=self._media(),
            origin=f"{self._origin}: {self._path}" if self._path else self._origin,
        )

    def _url(self) -> str | None:
        """The page of the fact-check; without one nobody could read it."""
        page = self._node.get("mainEntityOfPage")
        given = [self._node.get("url"), page, *(claim.get("url") for claim in self._claims)]
        given.append(self._node.get("@id"))
        named = [_address(value) for value in given if value not in (None, "")]
        found = _first(url for url in named if url and is_url(url))
        if found:
            return found.strip()
        value = self._node.get("url")
        if value in (None, ""):
            what = "missing: the address of the fact-check."
        elif isinstance(value, str):
            what = f"no web address: {_short(value)}."
        else:
            what = f"not a text but {kind_of_value(value)}."
        self._complain("url", what, left_out=True)
        return None

    def _date(self, key: str) -> When | None:
        value = _word(self._node.get(key))
        if not value:
            return None
        try:
            return When.parse(value)
        except UsageError:
            self._complain(key, f"no date: {_short(value)}; it is left open.")
            return None

    def _media(self) -> tuple[CheckedMedia, ...]:
        """Where the footage appeared: the reviewed item itself, and its appearances."""
        found: dict[tuple[str, Role], None] = {}
        for prefix, node in (
            ("", self._node),
            *(("associatedClaimReview.", c) for c in self._claims),
        ):
            for number, item in enumerate(_listed(node.get("itemReviewed"))):
                place = f"{prefix}itemReviewed" + (f"[{number}]" if number else "")
                if not isinstance(item, dict):
                    continue
                self._addresses(item, place, "reviewed", found)
                for key in ("appearance", "firstAppearance", "mediaItemAppearance"):
                    for index, shown in enumerate(_listed(item.get(key))):
                        self._addresses(shown, f"{place}.{key}[{index}]", "reviewed", found)
        for index, link in enumerate(_listed(self._node.get("originalMediaLink"))):
            self._addresses(link, f"originalMediaLink[{index}]", "original", found)
        return tuple(CheckedMedia(url, role) for url, role in found)

    def _addresses(
        self, value: Any, place: str, role: Role, found: dict[tuple[str, Role], None]
    ) -> None:
        if isinstance(value, dict):
            given = [(f"{place}.{k}", v) for k in _ADDRESSES for v in _listed(value.get(k))]
        else:
            given = [(place, value)]
        for where, text in given:
            if text in (None, ""):
                continue
            if isinstance(text, str) and is_url(text):
                found[text.strip(), role] = None
                if capture := archived_capture(text.strip()):
                    found[capture[0], role] = None
            elif not where.endswith("@id"):  # those are often names within the page
                said = _short(text) if isinstance(text, str) else kind_of_value(text)
                self._complain(where, f"no web address: {said}; it is passed over.")

    def _complain(self, field: str, message: str, *, left_out: bool = False) -> None:
        place = f"{self._path}.{field}" if self._path else field
        self._problems.append(Problem(f"{self._origin}: {place}", message, left_out))


def _kind(node: Node) -> Kind | None:
    named = [_local(name) for name in _listed(node.get("@type")) if isinstance(name, str)]
    for kind in _KINDS:
        if kind in named:
            return cast(Kind, kind)
    return "ClaimReview" if not named and "claimReviewed" in node else None


def _local(name: str) -> str:
    """The name without its vocabulary: "https://schema.org/ClaimReview", "schema:ClaimReview"."""
    return name.replace(":", "/").rpartition("/")[2].strip()


def _listed(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _word(value: Any) -> str | None:
    """The text of a value that may be wrapped in a list or in JSON-LD's `@value`."""
    for one in _listed(value):
        text = one.get("@value") or one.get("@id") if isinstance(one, dict) else one
        if isinstance(text, str) and text.strip():
            return text.strip()[:_LONG]
    return None


def _name(value: Any) -> str | None:
    for one in _listed(value):
        text = _word(one.get("name")) or _word(one.get("url")) if isinstance(one, dict) else one
        if isinstance(text, str) and text.strip():
            return text.strip()
    return None


def _address(value: Any) -> str | None:
    one = next(iter(_listed(value)), None)
    if isinstance(one, dict):
        one = one.get("url") or one.get("@id")
    return one if isinstance(one, str) else None


def _rating(value: Any) -> str | None:
    for one in _listed(value):
        if not isinstance(one, dict):
            continue
        if words := _word(one.get("alternateName")) or _word(one.get("name")):
            return words
        number, best = one.get("ratingValue"), one.get("bestRating")
        if number not in (None, "") and not isinstance(number, dict | list):
            scale = f" of {best}" if best not in (None, "", "-1", -1) else ""
            return f"{number}{scale}"
    return None


def _first(values: Iterator[str | None]) -> str | None:
    return next((value for value in values if value), None)


def _short(text: str) -> str:
    return f"“{text if len(text) <= 80 else text[:79] + '…'}”"

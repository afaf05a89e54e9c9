"""Fact-checks as rows of the catalogue."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from provenance.archive.connection import Database
from provenance.dates import When
from provenance.models import Appearance
from provenance.models.fact_check import CheckedMedia, FactCheck
from provenance.urls import page_key

_COLUMNS = (
    *("identity", "kind", "url", "page", "publisher", "published", "zone", "precision"),
    *("rating", "categories", "claim", "origin", "imported_at"),
)
_FIELDS = "fact_check.id, kind, fact_check.url, publisher, published, zone, precision, rating, \
categories, claim, origin"


def about(database: Database, url: str) -> list[tuple[FactCheck, CheckedMedia]]:
    """Fact-checks that speak of the footage at an address."""
    rows = database.rows(
        f"SELECT {_FIELDS}, fact_check_media.url, role FROM fact_check_media"  # noqa: S608
        " JOIN fact_check ON fact_check.id = fact_check_id WHERE key = ? ORDER BY fact_check.id",
        (page_key(url),),
    )
    return [(_fact_check(row), CheckedMedia(row[-2], row[-1])) for row in rows]


def with_fact_check(database: Database, appearance: Appearance) -> Appearance:
    """The appearance with the fact-check of its page, where one is known and none recorded."""
    if appearance.fact_check or not appearance.url:
        return appearance
    for check, media in about(database, appearance.url):
        if media.role == "reviewed":
            return replace(appearance, fact_check=check.url)
    return appearance


def published_at(database: Database, page: str) -> list[FactCheck]:
    """Fact-checks that stand on a page."""
    rows = database.rows(
        f"SELECT {_FIELDS} FROM fact_check WHERE page = ? ORDER BY id",  # noqa: S608
        (page_key(page),),
    )
    return [_fact_check(row) for row in rows]


def put(database: Database, check: FactCheck, imported_at: str) -> bool:
    """Record one; True where it is new."""
    identity = _identity(check)
    known = database.row("SELECT id FROM fact_check WHERE identity = ?", (identity,))
    when = check.published
    values = (
        *(identity, check.kind, check.url, page_key(check.url), check.publisher),
        *((when.value, when.zone, when.precision) if when else (None, None, None)),
        *(check.rating, json.dumps(check.categories), check.claim, check.origin, imported_at),
    )
    marks = ", ".join("?" * len(_COLUMNS))
    names = ", ".join(_COLUMNS)
    if known:
        number = known[0]
        database.execute(
            f"UPDATE fact_check SET ({names}) = ({marks}) WHERE id = ?",  # noqa: S608
            (*values, number),
        )
        database.execute("DELETE FROM fact_check_media WHERE fact_check_id = ?", (number,))
    else:
        number = database.execute(f"INSERT INTO fact_check ({names}) VALUES ({marks})", values)  # noqa: S608
    for media in check.media:
        database.execute(
            "INSERT OR IGNORE INTO fact_check_media VALUES (?, ?, ?, ?)",
            (number, page_key(media.url), media.role, media.url),
        )
    return not known


def _identity(check: FactCheck) -> str:
    """What stays the same when a feed is imported again. One page may judge several claims."""
    about_what = check.claim or " ".join(sorted(page_key(media.url) for media in check.media))
    return "\x1f".join((check.kind, page_key(check.url), about_what))


def _fact_check(row: Sequence[Any]) -> FactCheck:
    when = None
    if row[4]:
        parsed = When.parse(row[4])
        when = When(parsed.start, row[6] or parsed.precision, row[5])
    return FactCheck(
        id=row[0],
        kind=row[1],
        url=row[2],
        publisher=row[3],
        published=when,
        rating=row[7],
        categories=tuple(json.loads(row[8])),
        claim=row[9],
        origin=row[10],
    )

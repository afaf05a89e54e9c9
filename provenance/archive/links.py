"""The rows of links between footages that hold the same seconds, and which footage still waits.

A link is read from both sides: whoever asks for the links of a footage gets them as seen from it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace

from provenance.archive.connection import Database
from provenance.dates import When
from provenance.models import Link, Segment

_KEPT = ("query_start", "query_end", "reference_start", "reference_end", "speed")
_FLAGS = ("mirrored", "reversed")


def await_links(database: Database, footage_id: int) -> None:
    """Note that new footage has not been compared with the rest yet."""
    database.execute("INSERT INTO link_pending VALUES (?)", (footage_id,))


def waiting(database: Database) -> list[int]:
    """Ids of footage that has not been compared yet, rising."""
    return [row[0] for row in database.rows("SELECT footage_id FROM link_pending ORDER BY 1")]


def settle(database: Database, footage_id: int, links: Iterable[Link], when: When) -> None:
    """Record what the comparison of a footage found, and that it waits no longer.

    Links to what has been removed or rejected meanwhile are left out.
    """
    for link in links:
        database.execute(
            "INSERT OR REPLACE INTO link SELECT one.id, other.id, ?, ?, ?"
            " FROM footage AS one, footage AS other WHERE one.id = ? AND other.id = ?"
            " AND NOT EXISTS (SELECT 1 FROM rejected_pair WHERE footage_id = one.id"
            " AND sha256 = other.sha256) AND NOT EXISTS (SELECT 1 FROM link"
            " WHERE footage_id = other.id AND other_id = one.id)",
            (link.score, _written(link.segments), when.value, link.footage, link.other),
        )
    database.execute("DELETE FROM link_pending WHERE footage_id = ?", (footage_id,))


def links_of(database: Database, footage_id: int) -> list[Link]:
    """The links of a footage as seen from it, the best first."""
    rows = database.rows(
        "SELECT footage_id, other_id, score, segments FROM link"
        " WHERE footage_id = ? OR other_id = ? ORDER BY score DESC, footage_id, other_id",
        (footage_id, footage_id),
    )
    links = [Link(one, other, score, _read(text)) for one, other, score, text in rows]
    return [link if link.footage == footage_id else turned(link) for link in links]


def cut_link(database: Database, footage_id: int, sha256: str) -> None:
    """Forget the link of a footage with the one of these bytes, whichever was added first."""
    database.execute(
        "DELETE FROM link WHERE EXISTS (SELECT 1 FROM footage WHERE sha256 = ? AND"
        " ((link.footage_id = ? AND link.other_id = id) OR"
        " (link.other_id = ? AND link.footage_id = id)))",
        (sha256, footage_id, footage_id),
    )


def turned(link: Link) -> Link:
    """The same link seen from its other side."""
    return Link(
        link.other,
        link.footage,
        link.score,
        tuple(
            replace(
                segment,
                query_start=segment.reference_start,
                query_end=segment.reference_end,
                reference_start=segment.query_start,
                reference_end=segment.query_end,
                speed=1 / segment.speed,
            )
            for segment in link.segments
        ),
    )


def _written(segments: Iterable[Segment]) -> str:
    names = (*_KEPT, *_FLAGS, "score")
    return json.dumps([{name: getattr(segment, name) for name in names} for segment in segments])


def _read(text: str) -> tuple[Segment, ...]:
    return tuple(Segment(**fields) for fields in json.loads(text))

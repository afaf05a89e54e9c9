"""What is true about a query, and what was said about it; as rows of JSON.

The rows of truth.json have the fields of the shared benchmark, and `segments` besides, so that
either's tools read the other's where a query shows one stretch of one footage.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from accuracy.clips import Piece


@dataclass(frozen=True)
class Query:
    """One query.

    Attributes:
        query: name of the file.
        edit, source: what was done to which clip.
        expected: names of the footage that must be found; empty where nothing must be.
        pieces: what it shows, also of clips that are not known.
        note: what was drawn, where the edit's name does not say it.
    """

    query: str
    edit: str
    source: str
    expected: tuple[str, ...]
    pieces: tuple[Piece, ...]
    note: str = ""

    def of(self, footage: str) -> tuple[Piece, ...]:
        """The pieces that show one footage."""
        return tuple(piece for piece in self.pieces if piece.footage == footage)


@dataclass(frozen=True)
class Segment:
    """Seconds of a query that are said to be seconds of a footage."""

    query_start: float
    query_end: float
    reference_start: float
    reference_end: float
    speed: float | None = None
    mirrored: bool | None = None
    reversed: bool | None = None


@dataclass(frozen=True)
class Found:
    """What was said about a query and a footage."""

    query: str
    footage: str
    score: float
    accepted: bool = False
    segments: tuple[Segment, ...] = ()


def write_truth(queries: Sequence[Query], path: Path) -> None:
    """One row a query."""
    path.write_text(json.dumps([_row(query) for query in queries], indent=1), "utf-8")


def read_truth(path: Path) -> list[Query]:
    """The rows of this benchmark, or of the shared one."""
    return [_query(row) for row in json.loads(path.read_text("utf-8"))]


def found_in(report: Mapping[str, Any]) -> list[Found]:
    """The matches of a report, named by the files that the footage was added from."""
    query = Path(report["source"]["location"]).name
    return [
        Found(
            query,
            Path(match["footage"]["location"]).name,
            float(match["score"]),
            bool(match["accepted"]),
            tuple(
                Segment(
                    *(segment["query_start"], segment["query_end"]),
                    *(segment["reference_start"], segment["reference_end"]),
                    *(segment.get("speed"), segment.get("mirrored"), segment.get("reversed")),
                )
                for segment in match["segments"]
            ),
        )
        for match in report["matches"]
    ]


def _row(query: Query) -> dict[str, Any]:
    first = query.pieces[0]
    expected: Any = list(query.expected)
    if len(query.expected) < 2:
        expected = query.expected[0] if query.expected else None
    return {
        "query": query.query,
        "edit": query.edit,
        "source": query.source,
        "expected": expected,
        "source_start": round(first.source_start, 3),
        "source_end": round(first.source_end, 3),
        "query_start": round(first.query_start, 3),
        "query_end": round(first.query_end, 3),
        "speed": first.speed,
        "mirrored": first.mirrored,
        "segments": [
            {
                key: round(value, 3) if isinstance(value, float) else value
                for key, value in asdict(piece).items()
            }
            for piece in query.pieces
        ],
        "note": query.note,
    }


def _query(row: Mapping[str, Any]) -> Query:
    expected = row["expected"]
    names = tuple(expected) if isinstance(expected, list) else (expected,) if expected else ()
    if "segments" in row:
        pieces = tuple(Piece(**segment) for segment in row["segments"])
    else:
        pieces = (
            Piece(
                *(row["query_start"], row["query_end"], row["source"]),
                *(row["source_start"], row["source_end"]),
                *(row["speed"], row["mirrored"]),
            ),
        )
    return Query(row["query"], row["edit"], row["source"], names, pieces, row.get("note", ""))

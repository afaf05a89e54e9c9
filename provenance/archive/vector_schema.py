"""The table for fingerprints of kinds that are plugged in."""

from __future__ import annotations

import sqlite3

_VECTORS = """
CREATE TABLE plugged_vectors (
    footage_id INTEGER NOT NULL REFERENCES footage (id) ON DELETE CASCADE,
    kind TEXT NOT NULL,
    size INTEGER NOT NULL,
    dtype TEXT NOT NULL,
    times BLOB NOT NULL,
    vectors BLOB NOT NULL,
    PRIMARY KEY (footage_id, kind)
) STRICT
"""


def plugged_vectors(connection: sqlite3.Connection) -> None:
    """Vectors of the frames of footage, one kind a plug-in."""
    connection.execute(_VECTORS)

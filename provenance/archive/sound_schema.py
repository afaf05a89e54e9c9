"""The tables for the file of sound: which file there is, and whether there is other sound now."""

from __future__ import annotations

import sqlite3

# Rows of `sound` carry all items, 35 kB each: what is asked of all of them at once is answered by
# the index alone. `sound_changes` is counted by the triggers, so that nobody can forget to; rows
# never change.
_SOUND_FILE = (
    "CREATE INDEX sound_heard ON sound (state, footage_id, items)",
    """
    CREATE TABLE sound_file (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        file TEXT NOT NULL UNIQUE,
        bytes INTEGER NOT NULL,
        sha256 TEXT NOT NULL,
        head_bytes INTEGER NOT NULL,
        head_sha256 TEXT NOT NULL,
        items INTEGER NOT NULL,
        created_at TEXT NOT NULL
    ) STRICT
    """,
    "INSERT INTO meta VALUES ('sound_changes', '0')",
    """
    CREATE TRIGGER sound_came AFTER INSERT ON sound
    BEGIN UPDATE meta SET value = value + 1 WHERE name = 'sound_changes'; END
    """,
    """
    CREATE TRIGGER sound_went AFTER DELETE ON sound
    BEGIN UPDATE meta SET value = value + 1 WHERE name = 'sound_changes'; END
    """,
)


def sound_file(connection: sqlite3.Connection) -> None:
    """The file of all sound, and a count of the changes since."""
    for statement in _SOUND_FILE:
        connection.execute(statement)

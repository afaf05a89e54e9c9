"""The table of watched folders: what was found in them and what became of it."""

from __future__ import annotations

import sqlite3

# Names of files are bytes: not all of them are UTF-8. `address` is empty where the file itself is
# what is checked. What was `moved` away no longer stands for what has its name now.
_JOURNAL = """
CREATE TABLE watch_job (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    inbox BLOB NOT NULL,
    name BLOB NOT NULL,
    address TEXT NOT NULL,
    size INTEGER NOT NULL,
    mtime INTEGER NOT NULL,
    claim TEXT NOT NULL,
    arrived INTEGER NOT NULL,
    reports BLOB NOT NULL,
    report BLOB NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'working', 'done', 'bad')),
    attempts INTEGER NOT NULL DEFAULT 0,
    owner TEXT,
    lease REAL,
    sha256 TEXT,
    label TEXT,
    error TEXT,
    changed_at TEXT NOT NULL,
    moved INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE UNIQUE INDEX watch_job_by_report ON watch_job (reports, report);
CREATE INDEX watch_job_by_name ON watch_job (inbox, name, address);
CREATE INDEX watch_job_by_state ON watch_job (inbox, state, attempts, arrived)
"""


def later_tries(connection: sqlite3.Connection) -> None:
    """How often a job has failed for a reason that may pass, and when it is to be tried again, in
    seconds since 1970."""
    connection.execute("ALTER TABLE watch_job ADD COLUMN tries INTEGER NOT NULL DEFAULT 0")
    connection.execute("ALTER TABLE watch_job ADD COLUMN due REAL NOT NULL DEFAULT 0")
    connection.execute("DROP INDEX watch_job_by_state")
    connection.execute(
        "CREATE INDEX watch_job_by_state ON watch_job (inbox, state, attempts, tries, arrived)"
    )


def journal(connection: sqlite3.Connection) -> None:
    """What was found in watched folders, and what became of it."""
    for statement in _JOURNAL.split(";\n"):
        connection.execute(statement)

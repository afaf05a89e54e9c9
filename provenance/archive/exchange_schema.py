"""The tables for what comes from other desks: fact-checks, rows of manifests, lists of hashes."""

from __future__ import annotations

import sqlite3

# `identity` tells a fact-check that is imported again from another one; `page` and `key` are
# `urls.page_key` of addresses, to look them up by.
_EXCHANGE = """
CREATE TABLE fact_check (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    identity TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    url TEXT NOT NULL,
    page TEXT NOT NULL,
    publisher TEXT,
    published TEXT, zone TEXT, precision TEXT,
    rating TEXT,
    categories TEXT NOT NULL,
    claim TEXT,
    origin TEXT NOT NULL,
    imported_at TEXT NOT NULL
) STRICT;
CREATE INDEX fact_check_by_page ON fact_check (page);

CREATE TABLE fact_check_media (
    fact_check_id INTEGER NOT NULL REFERENCES fact_check (id) ON DELETE CASCADE,
    key TEXT NOT NULL,
    role TEXT NOT NULL,
    url TEXT NOT NULL,
    PRIMARY KEY (fact_check_id, key, role)
) STRICT, WITHOUT ROWID;
CREATE INDEX fact_check_by_media ON fact_check_media (key);

CREATE TABLE imported_row (
    key TEXT PRIMARY KEY,
    footage_id INTEGER NOT NULL REFERENCES footage (id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
CREATE INDEX imported_row_of_footage ON imported_row (footage_id);

CREATE TABLE hash_list (
    footage_id INTEGER PRIMARY KEY REFERENCES footage (id) ON DELETE CASCADE,
    hashes BLOB NOT NULL,
    qualities BLOB NOT NULL,
    times BLOB
) STRICT
"""


def exchange(connection: sqlite3.Connection) -> None:
    """Fact-checks, rows of manifests that were imported, footage that is known by hashes alone."""
    for statement in _EXCHANGE.split(";\n"):
        connection.execute(statement)

"""The catalogue's schema as a row of named steps; each runs once, in one transaction.

A step that has been released is never changed: a correction is a new step. An archive that records
a step unknown here was written by a newer version and is left alone.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable

from provenance._version import __version__
from provenance.archive.exchange_schema import exchange
from provenance.archive.journal_schema import journal, later_tries
from provenance.archive.sound_schema import sound_file
from provenance.archive.vector_schema import plugged_vectors
from provenance.errors import ArchiveDamagedError, ArchiveVersionError

APPLICATION_ID = 0x70726F76  # "prov": tells our catalogue from another program's SQLite file

_RECORD = """
CREATE TABLE IF NOT EXISTS migration (
    version INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    tool TEXT NOT NULL,
    applied_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%SZ', 'now'))
) STRICT
"""

# Ids are never given twice (AUTOINCREMENT): an id in an old report must not come to mean something
# else.
_SCHEMA_1 = """
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;

CREATE TABLE footage (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    location TEXT NOT NULL,
    sha256 TEXT NOT NULL UNIQUE,
    title TEXT,
    duration REAL,
    width INTEGER,
    height INTEGER,
    fps REAL,
    has_thumbnails INTEGER NOT NULL,
    added_at TEXT NOT NULL
) STRICT;

CREATE TABLE appearance (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    footage_id INTEGER NOT NULL REFERENCES footage (id) ON DELETE CASCADE,
    url TEXT, platform TEXT,
    published TEXT, precision TEXT, zone TEXT, basis TEXT, published_earliest TEXT,
    title TEXT, uploader TEXT, place TEXT, note TEXT, fact_check TEXT, remembered_sha256 TEXT
) STRICT;
CREATE INDEX appearance_of_footage ON appearance (footage_id);
CREATE INDEX appearance_by_date ON appearance (published_earliest);

CREATE TABLE appearance_history (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    changed_at TEXT NOT NULL,
    appearance_id INTEGER NOT NULL REFERENCES appearance (id) ON DELETE CASCADE,
    url TEXT, platform TEXT,
    published TEXT, precision TEXT, zone TEXT, basis TEXT, published_earliest TEXT,
    title TEXT, uploader TEXT, place TEXT, note TEXT, fact_check TEXT, remembered_sha256 TEXT
) STRICT;
CREATE INDEX history_of_appearance ON appearance_history (appearance_id);

-- `frame` and `descriptors` stand first: the index is rebuilt from them alone, and SQLite reads a
-- row's large values in order.
CREATE TABLE fingerprint (
    footage_id INTEGER PRIMARY KEY REFERENCES footage (id) ON DELETE CASCADE,
    format INTEGER NOT NULL,
    frames INTEGER NOT NULL,
    features INTEGER NOT NULL,
    width INTEGER NOT NULL,
    height INTEGER NOT NULL,
    frame BLOB NOT NULL,
    descriptors BLOB NOT NULL,
    times BLOB NOT NULL,
    hashes BLOB NOT NULL,
    points BLOB NOT NULL,
    scales BLOB NOT NULL,
    angles BLOB NOT NULL
) STRICT;

-- The gray pictures of all frames, one behind the other, and the offset at which each ends.
CREATE TABLE fingerprint_pictures (
    footage_id INTEGER PRIMARY KEY REFERENCES footage (id) ON DELETE CASCADE,
    ends BLOB NOT NULL,
    jpegs BLOB NOT NULL
) STRICT;

CREATE TABLE thumbnail (
    id INTEGER PRIMARY KEY,
    footage_id INTEGER NOT NULL REFERENCES footage (id) ON DELETE CASCADE,
    seconds REAL NOT NULL,
    jpeg BLOB NOT NULL
) STRICT;
CREATE INDEX thumbnail_of_footage ON thumbnail (footage_id, seconds);

CREATE TABLE rejected_pair (
    footage_id INTEGER NOT NULL REFERENCES footage (id) ON DELETE CASCADE,
    sha256 TEXT NOT NULL,
    rejected_at TEXT NOT NULL,
    PRIMARY KEY (footage_id, sha256)
) STRICT, WITHOUT ROWID;
CREATE INDEX rejected_by_source ON rejected_pair (sha256);

CREATE TABLE index_segment (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    file TEXT NOT NULL UNIQUE,
    bytes INTEGER NOT NULL,
    sha256 TEXT NOT NULL,
    head_bytes INTEGER NOT NULL,
    head_sha256 TEXT NOT NULL,
    vectors INTEGER NOT NULL,
    created_at TEXT NOT NULL
) STRICT;

CREATE TABLE index_segment_footage (
    footage_id INTEGER PRIMARY KEY REFERENCES footage (id) ON DELETE CASCADE,
    segment_id INTEGER NOT NULL REFERENCES index_segment (id) ON DELETE CASCADE
) STRICT;
CREATE INDEX footage_of_segment ON index_segment_footage (segment_id);
"""


def first_schema(connection: sqlite3.Connection) -> None:
    """Footage, appearances and their history, fingerprints, pictures, rejections, index files."""
    for statement in _SCHEMA_1.split(";\n"):
        if statement.strip():
            connection.execute(statement)


# Footage that was learnt before has no row: its sound has not been read.
_SOUND = """
CREATE TABLE sound (
    footage_id INTEGER PRIMARY KEY REFERENCES footage (id) ON DELETE CASCADE,
    format INTEGER NOT NULL,
    state TEXT NOT NULL,
    items INTEGER NOT NULL,
    codes BLOB NOT NULL
) STRICT
"""


def sound(connection: sqlite3.Connection) -> None:
    """The sound of footage: chromaprint items, or why there are none."""
    connection.execute(_SOUND)


# Codes instead of descriptors, places in five bytes instead of sixteen: an eighth of the room.
# `counts`, `words` and `codes` stand first: the index is rebuilt from them alone.
_COMPACT = """
ALTER TABLE fingerprint RENAME TO fingerprint_1;
CREATE TABLE fingerprint (
    footage_id INTEGER PRIMARY KEY REFERENCES footage (id) ON DELETE CASCADE,
    format INTEGER NOT NULL,
    frames INTEGER NOT NULL,
    features INTEGER NOT NULL,
    width INTEGER NOT NULL,
    height INTEGER NOT NULL,
    counts BLOB NOT NULL,
    words BLOB NOT NULL,
    codes BLOB NOT NULL,
    times BLOB NOT NULL,
    places BLOB NOT NULL
) STRICT;
CREATE TABLE index_removed (
    footage_id INTEGER PRIMARY KEY,
    segment_id INTEGER NOT NULL REFERENCES index_segment (id) ON DELETE CASCADE
) STRICT;
DELETE FROM index_segment;
INSERT INTO meta SELECT 'index_is_old', '' WHERE EXISTS (SELECT 1 FROM fingerprint_1)
"""


def compact_fingerprints(connection: sqlite3.Connection) -> None:
    """Fingerprints as codes. What was there is coded; the index is built again from it."""
    from provenance.archive.format_1 import recoded

    for statement in _COMPACT.split(";\n"):
        connection.execute(statement)
    ids = [row[0] for row in connection.execute("SELECT footage_id FROM fingerprint_1")]
    for footage_id in ids:
        row = recoded(connection, footage_id)
        if row:
            marks = ", ".join("?" * len(row))
            connection.execute(
                f"INSERT INTO fingerprint ({', '.join(row)}) VALUES ({marks})",  # noqa: S608
                tuple(row.values()),
            )
    connection.execute("DROP TABLE fingerprint_1")


# Footage in `link_pending` was added and not yet compared with the rest; the footage of an older
# archive is not compared anew.
_LINKS = """
CREATE TABLE link (
    footage_id INTEGER NOT NULL REFERENCES footage (id) ON DELETE CASCADE,
    other_id INTEGER NOT NULL REFERENCES footage (id) ON DELETE CASCADE,
    score REAL NOT NULL,
    segments TEXT NOT NULL,
    linked_at TEXT NOT NULL,
    PRIMARY KEY (footage_id, other_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX link_by_other ON link (other_id);
CREATE TABLE link_pending (
    footage_id INTEGER PRIMARY KEY REFERENCES footage (id) ON DELETE CASCADE
) STRICT
"""


def links(connection: sqlite3.Connection) -> None:
    """Which footages hold the same seconds."""
    for statement in _LINKS.split(";\n"):
        connection.execute(statement)


def without_frame_hashes(connection: sqlite3.Connection) -> None:
    """Whole-frame hashes, which nothing ever looked up, are kept no longer."""
    columns = connection.execute("SELECT name FROM pragma_table_info('fingerprint')")
    if ("hashes",) in columns.fetchall():
        connection.execute("ALTER TABLE fingerprint DROP COLUMN hashes")


MIGRATIONS: tuple[Callable[[sqlite3.Connection], None], ...] = (
    first_schema,
    sound,
    compact_fingerprints,
    links,
    exchange,
    sound_file,
    without_frame_hashes,
    journal,
    plugged_vectors,
    later_tries,
)
"""Step n brings an archive from version n to version n + 1 (n counts from 0)."""

KNOWN_VERSION = len(MIGRATIONS)


def recorded_version(connection: sqlite3.Connection, location: str) -> int:
    """Version of the archive; 0 for an empty file.

    Raises:
        ArchiveVersionError: a newer version wrote it.
        ArchiveDamagedError: a SQLite file that is none of ours.
    """
    tables = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]
    if not tables:
        return 0
    if connection.execute("PRAGMA application_id").fetchone()[0] != APPLICATION_ID:
        raise ArchiveDamagedError(
            f"{location} holds a catalogue.sqlite that is no archive of provenance.",
            "Name another directory with --archive.",
        )
    version, tool = connection.execute(
        "SELECT version, tool FROM migration ORDER BY version DESC LIMIT 1"
    ).fetchone() or (0, __version__)
    if version > KNOWN_VERSION:
        raise ArchiveVersionError(
            f"The archive {location} has version {version}, written by provenance {tool}; "
            f"this is provenance {__version__}, which knows versions up to {KNOWN_VERSION}.",
            "Upgrade: pip install --upgrade video-provenance.",
        )
    return int(version)


def migrate(
    connection: sqlite3.Connection,
    location: str,
    begin: Callable[[sqlite3.Connection], None],
) -> None:
    """Bring the catalogue to the version known here. Safe when several processes do it at once.

    Args:
        begin: opens a writing transaction, waiting for its turn.

    Raises:
        ArchiveVersionError, ArchiveDamagedError: as `recorded_version`.
        sqlite3.Error: as the connection raises it; the unfinished step is undone.
    """
    while (version := recorded_version(connection, location)) < KNOWN_VERSION:
        begin(connection)
        try:
            if recorded_version(connection, location) == version:  # nobody was quicker
                _apply(connection, version)
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise


def _apply(connection: sqlite3.Connection, version: int) -> None:
    step = MIGRATIONS[version]
    if version == 0:
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute(_RECORD)
    step(connection)
    connection.execute(
        "INSERT INTO migration (version, name, tool) VALUES (?, ?, ?)",
        (version + 1, step.__name__, __version__),
    )

"""What is claimed of the files in a folder: by a file beside each, or by a table.

claims = FolderClaims(Path("inbox"))
said = claims.of("clip.mp4", names)       # names: of all files in the folder
said.claim, said.text, said.error
"""

from __future__ import annotations

import datetime as dt
import json
import os
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from provenance.claims import read_claim_file
from provenance.claims.given import KEYS
from provenance.claims.table import read_claims_table
from provenance.dates import When
from provenance.errors import UsageError
from provenance.models import Claim
from provenance.urls import is_url, page_key
from provenance.watch.names import claim_names, table_names

MOST_TABLE_BYTES = 16 * 1024 * 1024
"""A table is held in memory, and anybody who may put files into the folder can write one."""


@dataclass(frozen=True)
class Said:
    """What is claimed of one clip.

    Attributes:
        text: the claim in words that are equal for equal claims; "" where nothing is claimed. What
            cannot be read has words of its own, too.
        error: why it cannot be read; the clip must not be checked without it.
    """

    text: str = ""
    error: UsageError | None = None


class FolderClaims:
    """The claims in a folder and its subfolders; files are read again when they have changed."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._files: dict[str, tuple[tuple[int, int], Said]] = {}
        self._tables: dict[str, tuple[tuple[int, int], dict[str, Said] | UsageError]] = {}

    def of(self, name: str, names: Collection[str], address: str = "") -> Said:
        """What is claimed of a file, or of an address in it.

        A row of a table that names the address comes first, then the file beside the file, then a
        row that names the file. A table that cannot be read might name any.

        Args:
            name: the file, in this folder.
            names: of all files in this folder.

        Raises:
            OSError: the folder cannot be read.
        """
        tables = [self._rows(table) for table in table_names(name) if table in names]
        if address:
            for rows in tables:
                if isinstance(rows, dict) and page_key(address) in rows:
                    return rows[page_key(address)]
        for beside in claim_names(name):
            if beside in names:
                return self._beside(beside)
        for rows in tables:
            if isinstance(rows, UsageError):
                return _unreadable(rows)
            if said := rows.get(_key(str(self._folder / name))):
                return said
        return Said()

    def forget(self, names: Collection[str]) -> None:
        """Keep nothing of files that are not among these."""
        self._files = {name: kept for name, kept in self._files.items() if name in names}
        self._tables = {name: kept for name, kept in self._tables.items() if name in names}

    def _beside(self, name: str) -> Said:
        stamp = _stamp(self._folder / name)
        if name not in self._files or self._files[name][0] != stamp:
            try:
                said = Said(claim_text(read_claim_file(self._folder / name)))
            except UsageError as error:
                said = _unreadable(error)
            self._files[name] = stamp, said
        return self._files[name][1]

    def _rows(self, name: str) -> dict[str, Said] | UsageError:
        stamp = _stamp(self._folder / name)
        if name not in self._tables or self._tables[name][0] != stamp:
            self._tables[name] = stamp, _read_table(self._folder / name)
        return self._tables[name][1]


def _read_table(path: Path) -> dict[str, Said] | UsageError:
    try:
        if path.stat().st_size > MOST_TABLE_BYTES:
            raise UsageError(
                f"{path} is larger than {MOST_TABLE_BYTES >> 20} MiB.",
                "Take out the rows of clips that are not in the folder any more.",
            )
        rows = read_claims_table(path)
    except UsageError as error:
        return error
    return {
        page_key(row.source) if is_url(row.source) else _key(row.source): Said(
            claim_text(row.claim) if row.claim else ""
        )
        for row in rows
    }


def _key(path: str) -> str:
    """One text for one file: a table may name it from the root, and a name with accents can be
    written in two ways, the one in the table (from a Mac) and the other in the folder."""
    return unicodedata.normalize("NFC", os.path.abspath(path))  # noqa: PTH100 - follow no links


def claim_text(claim: Claim) -> str:
    """A claim as JSON, from which `claim_from` makes the same claim."""
    said = {key: getattr(claim, key) for key in KEYS}
    written = {k: _written(v) if isinstance(v, When) else v for k, v in said.items() if v}
    return json.dumps(written, sort_keys=True) if written else ""


def claim_from(text: str) -> Claim | None:
    """The claim that was written by `claim_text`."""
    return Claim(**json.loads(text)) if text else None


def _written(when: When) -> str:
    """A date in the zone that it came with."""
    if when.zone in (None, "Z"):
        return when.value
    zone = dt.datetime.fromisoformat(f"2000-01-01T00:00:00{when.zone}").tzinfo
    return when.start.replace(tzinfo=dt.UTC).astimezone(zone).isoformat()


def _unreadable(error: UsageError) -> Said:
    return Said(f"unreadable: {error.message}", error)


def _stamp(path: Path) -> tuple[int, int]:
    found = path.stat()
    return found.st_size, found.st_mtime_ns

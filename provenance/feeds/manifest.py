"""Manifests: one piece of footage a row, with what is known of it; CSV, lines of JSON, or an array.

    path,url,published,title,place
    clips/square.mp4,https://example.org/watch/1,2021-11-11,Rehearsal,"Lviv, Ukraine"

A row names a file (`path`, relative to the manifest) or, where the video is to be fetched, only its
`url`. Columns may be separated by commas, semicolons or tabs, and stand in any order.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from provenance.cells import read_cell
from provenance.dates import When, spoken
from provenance.errors import FeedError, UsageError
from provenance.feeds.problem import Problem, kind_of_value
from provenance.feeds.text import decoded, loaded, parsed
from provenance.urls import is_address, is_url, without_login

FIELDS = ("path", "url", "published", "title", "place", "uploader", "note")
_OTHER_NAMES = {
    **dict.fromkeys(("file", "filename", "source", "location"), "path"),
    **dict.fromkeys(("date", "published_at"), "published"),
    "link": "url",
}
_OWN = frozenset(
    {"footage_id", "appearance_id", "sha256", "duration", "platform", "precision", "zone", "basis"}
    | {"fact_check", "hashes_only"}
)
"""Columns of our own export that say nothing to an import, but for a basis of "ingested"."""
_DELIMITERS = ",;\t"
_LONGEST_CELL = 1024 * 1024
_EXAMPLE = "The first line names the columns, such as: path,url,published,title,place."


@dataclass(frozen=True)
class Row:
    """One row.

    Attributes:
        where: the manifest and the line.
        source: what to learn: a path (a relative one lies behind the manifest's folder), or an
            address.
        published: the date, None where the row has none; the texts likewise.
    """

    where: str
    source: str
    published: When | None = None
    url: str | None = None
    title: str | None = None
    place: str | None = None
    uploader: str | None = None
    note: str | None = None


def read_manifest(data: bytes, path: str | Path) -> tuple[list[Row], list[Problem]]:
    """All rows that make sense, and what is wrong with the others.

    Args:
        data: the file.
        path: where it lies; relative paths in it start from its folder.

    Raises:
        FeedError: it is no manifest: neither CSV with a column `path` or `url`, nor lines of JSON.
    """
    name = str(path)
    text = decoded(data, name)
    problems: list[Problem] = []
    first = text.lstrip()[:1]
    records = {"{": _json_lines, "[": _json_array}.get(first, _csv_rows)
    rows = []
    for where, record in records(text, name, problems):
        try:
            rows.append(_row(where, record, Path(path).parent))
        except UsageError as error:
            problems.append(Problem(where, error.message))
    if not rows and not problems:
        raise FeedError(f"{name} has no rows.", _EXAMPLE)
    return rows, problems


def _csv_rows(
    text: str, name: str, problems: list[Problem]
) -> Iterator[tuple[str, dict[str, str]]]:
    first = text.partition("\n")[0]
    delimiter = max(_DELIMITERS, key=first.count)
    csv.field_size_limit(max(_LONGEST_CELL, csv.field_size_limit()))  # one for all threads
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        header = [_field(read_cell(cell)) for cell in next(reader)]
        if not {"path", "url"} & set(header):
            raise FeedError(f"{name}, line 1: there is no column path and no column url.", _EXAMPLE)
        if twice := sorted({field for field in FIELDS if header.count(field) > 1}):
            raise FeedError(
                f"{name}, line 1: two columns give the same: {', '.join(twice)}.",
                "Remove or rename the one that is not meant.",
            )
        _tell_unknown(header, f"{name}, line 1", problems)
        start = reader.line_num
        for cells in reader:
            where, start = f"{name}, line {start + 1}", reader.line_num
            if len(cells) > len(header):
                what = f"{len(cells)} cells under {len(header)} columns; is a comma unquoted?"
                problems.append(Problem(where, what))
            elif any(cell.strip() for cell in cells):
                yield where, {k: read_cell(c) for k, c in zip(header, cells, strict=False)}
    except csv.Error as error:
        # Behind an open quotation mark nothing can be told apart any more.
        problems.append(Problem(f"{name}, line {reader.line_num}", f"not CSV: {error}."))


def _json_lines(
    text: str, name: str, problems: list[Problem]
) -> Iterator[tuple[str, dict[str, Any]]]:
    told: set[str] = set()
    for number, line in enumerate(text.split("\n"), 1):
        where = f"{name}, line {number}"
        if not line.strip():
            continue
        try:
            record = loaded(line)
        except (ValueError, RecursionError) as error:
            reason = getattr(error, "msg", "nested too deeply")
            problems.append(Problem(where, f"not JSON: {reason}."))
            continue
        yield from _object(where, record, told, problems)


def _json_array(
    text: str, name: str, problems: list[Problem]
) -> Iterator[tuple[str, dict[str, Any]]]:
    told: set[str] = set()
    for number, record in enumerate(parsed(text, name)):
        yield from _object(f"{name}: [{number}]", record, told, problems)


def _object(
    where: str, record: Any, told: set[str], problems: list[Problem]
) -> Iterator[tuple[str, dict[str, Any]]]:
    """One object as a row; `told` are the keys that were met before."""
    if not isinstance(record, dict):
        problems.append(Problem(where, f"not an object but {kind_of_value(record)}."))
        return
    fields = {_field(key): value for key, value in record.items()}
    _tell_unknown([key for key in fields if key not in told], where, problems)
    told |= set(fields)
    yield where, fields


def _row(where: str, record: Mapping[str, Any], folder: Path) -> Row:
    said = {key: _text(key, record[key]) for key in FIELDS if record.get(key) not in (None, "")}
    url = said.get("url")
    if url is not None and not is_url(url):
        raise UsageError(f"url: no web address: “{without_login(url)}”.")
    source = said.pop("path", None) or url
    if not source:
        raise UsageError("neither path nor url is given.")
    if not is_address(source, folder):
        source = str(folder / source)
    elif url is None:
        said["url"] = source
    published = said.pop("published", None)
    try:
        when = When.parse(published) if published else None
    except UsageError as error:
        raise UsageError(f"published: {error.message}") from error
    if when and record.get("basis") == "ingested":
        # When another desk had it is not when it was published, and must not be declared to be.
        known = f"Known to another archive by {spoken(when)}."
        said["note"], when = " ".join(filter(None, (said.get("note"), known))), None
    return Row(where, source, when, **said)


def _text(key: str, value: Any) -> str:
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)  # a year
    raise UsageError(f"{key}: not a text but {kind_of_value(value)}.")


def _field(name: str) -> str:
    plain = name.strip().lower().replace(" ", "_").replace("-", "_")
    return _OTHER_NAMES.get(plain, plain)


def _tell_unknown(names: list[str], where: str, problems: list[Problem]) -> None:
    strange = [name for name in names if name and name not in (*FIELDS, *_OWN)]
    if strange:
        what = f"passed over, because they are not known here: {', '.join(strange)}."
        problems.append(Problem(where, what, left_out=False))

"""What is said of a clip: read from a file, completed by options.

A claim file is a JSON object with any of the keys `text`, `date`, `date_end`, `place`, `url`,
`published` (when the claim was made), each
a text, or empty or null where it is not known. Other keys are ignored, so that a fact-checker's own
record can be used as it is.

    {"text": "Soldiers collect their gear", "date": "2024-10-29", "place": "Russia"}
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from os import PathLike
from pathlib import Path
from typing import Any

from provenance.dates import When
from provenance.errors import UsageError
from provenance.models import Claim

KEYS = ("text", "date", "date_end", "place", "url", "published")
MAX_CLAIM_BYTES = 1024 * 1024
"""A claim is a few sentences; a larger file was meant for another option."""


def read_claim_file(path: str | PathLike[str]) -> Claim:
    """The claim of a JSON file (UTF-8, with or without a byte order mark).

    Raises:
        UsageError: the file is missing, too large, no JSON object, or holds a value that is no text
            or a date that is none; the message names the file, and the line or the key.
    """
    record = _read_object(Path(path))
    values = {
        key: _text(path, key, record[key]) for key in KEYS if record.get(key) not in (None, "")
    }
    return claim_of(values, str(path))


def claim_of(values: Mapping[str, str], where: str) -> Claim:
    """The claim of these values, by the names of `KEYS`.

    Raises:
        UsageError: a date that is none, or an interval that ends before it begins; the message
            begins with `where` and names the key.
    """
    for key in ("date", "date_end", "published"):
        if key in values:
            try:
                When.parse(values[key])
            except UsageError as error:
                raise UsageError(f'{where}: "{key}": {error.message}', error.hint) from error
    try:
        return Claim(**dict[str, Any](values))
    except UsageError as error:  # the interval as a whole
        raise UsageError(f'{where}: "date_end": {error.message}', error.hint) from error


def merge_claim(
    base: Claim | None = None,
    *,
    text: str | None = None,
    date: str | None = None,
    date_end: str | None = None,
    place: str | None = None,
    url: str | None = None,
    published: str | None = None,
) -> Claim | None:
    """The claim of a file with the options over it; None where nothing is claimed at all.

    A new date without a new end also drops the file's end, which belonged to the file's date.

    Raises:
        UsageError: a date that is none, or an interval that ends before it begins.
    """
    base = base or Claim()
    claim = Claim(
        text or base.text,
        date=date or base.date,
        date_end=date_end or (None if date else base.date_end),
        place=place or base.place,
        url=url or base.url,
        published=published or base.published,
    )
    return claim if claim else None


def claim_interval(claim: Claim | None) -> tuple[When, When] | None:
    """First and last date of the claim, or None without one; twice the same for a single date.

    "Earlier" is measured against the earliest instant that the first date may mean.
    """
    if claim is None or claim.date is None:
        return None
    return claim.date, claim.date_end or claim.date


def _read_object(path: Path) -> dict[str, Any]:
    try:
        with path.open("rb") as file:
            data = file.read(MAX_CLAIM_BYTES + 1)
    except FileNotFoundError as error:
        raise UsageError(
            f"There is no claim file {path}.", "Check the name given to --claim-file."
        ) from error
    except (OSError, ValueError) as error:  # a folder, no permission; a name with a zero byte
        reason = getattr(error, "strerror", None) or str(error)
        raise UsageError(
            f"The claim file {path} cannot be read: {reason}.", "Give a JSON file."
        ) from error
    if len(data) > MAX_CLAIM_BYTES:
        raise UsageError(
            f"The claim file {path} is larger than {MAX_CLAIM_BYTES // 1024} KiB.",
            "A claim file is a small JSON object; was this file meant for something else?",
        )
    example = 'It should look like {"text": "...", "date": "2024-10-29", "place": "..."}.'
    try:
        record = json.loads(data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise UsageError(
            f"{path}, line {line}: not UTF-8 text.", "Save the file as UTF-8."
        ) from error
    except json.JSONDecodeError as error:
        raise UsageError(
            f"{path}, line {error.lineno}, column {error.colno}: not JSON: {error.msg}.", example
        ) from error
    except (
        RecursionError,
        ValueError,
    ) as error:  # thousands of brackets; a number too long to read
        raise UsageError(f"{path}: not a claim: nested too deeply or too long.", example) from error
    if not isinstance(record, dict):
        raise UsageError(f"{path}: not a JSON object but {_kind(record)}.", example)
    return record


def _text(path: str | PathLike[str], key: str, value: object) -> str:
    if isinstance(value, str):
        return value
    written = f": {json.dumps(value)}" if isinstance(value, int | float) else ""
    hint = f'Write it in quotes: "{key}": "{value}".' if isinstance(value, int) else ""
    raise UsageError(f'{path}: "{key}" is not a text but {_kind(value)}{written}.', hint)


def _kind(value: object) -> str:
    kinds = {dict: "an object", list: "a list", str: "a text", bool: "a truth value"}
    return "null" if value is None else kinds.get(type(value), "a number")

"""Bytes of a file to text and to JSON; what is wrong is told with its line."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from provenance.errors import FeedError

MOST_BYTES = 512 * 1024 * 1024
"""The largest public feed of fact-checks has some 200 MB."""
_WRAPPING = re.compile(r"^\s*(?:<!--|(?://)?\s*<!\[CDATA\[)|(?:-->|(?://)?\s*\]\]>)\s*$")

_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")


def read_bytes(path: str | Path) -> bytes:
    """The whole file.

    Raises:
        FeedError: it is missing, unreadable, too large or empty.
    """
    try:
        with Path(path).open("rb") as file:
            data = file.read(MOST_BYTES + 1)
    except FileNotFoundError as error:
        raise FeedError(f"There is no file {path}.", "Check the spelling of the path.") from error
    except (OSError, ValueError) as error:  # a folder, no permission; a name with a zero byte
        reason = getattr(error, "strerror", None) or str(error)
        raise FeedError(f"{path} cannot be read: {reason}.", "Name a file.") from error
    if len(data) > MOST_BYTES:
        raise FeedError(
            f"{path} is larger than {MOST_BYTES >> 20} MiB.", "Split it, and import the parts."
        )
    if not data.strip():
        raise FeedError(f"{path} is empty.", "Was it downloaded or saved completely?")
    return data


def decoded(data: bytes, name: str) -> str:
    """UTF-8, with or without a byte order mark, or UTF-16 with one.

    Raises:
        FeedError: it is neither; the message names the first line that is not.
    """
    utf16 = data[:2] in (b"\xff\xfe", b"\xfe\xff")
    try:
        return data.decode("utf-16" if utf16 else "utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise FeedError(f"{name}, line {line}: not UTF-8 text.", "Save it as UTF-8.") from error


def parsed(text: str, name: str, first_line: int = 1) -> Any:
    """JSON of a text that begins on that line of a file.

    Raises:
        FeedError: it is no JSON; the message names line and column.
    """
    try:
        return loaded(text)
    except json.JSONDecodeError as error:
        line = error.lineno + first_line - 1
        raise FeedError(
            f"{name}, line {line}, column {error.colno}: not JSON: {error.msg}.",
            "Was it downloaded or saved completely?",
        ) from error
    except (RecursionError, ValueError) as error:
        raise FeedError(f"{name}: nested too deeply, or with a number too long to read.") from error


def loaded(text: str) -> Any:
    """JSON with control characters in its texts, and without halves of surrogate pairs, which no
    database takes. Raises as `json.loads`."""
    value = json.loads(text, strict=False)
    return _without_halves(value) if _SURROGATE.search(text) else value


def linked_data(page: str) -> Iterator[tuple[int, str]]:
    """The JSON-LD blocks of an HTML page: the line on which each begins, and its text.

    By the standard library's own parser: it takes broken pages as they come, and it alone knows
    lines.
    """
    reader = _Scripts()
    reader.feed(page)
    reader.close()
    reader.handle_endtag("script")  # of a page that was cut off
    for line, text in reader.found:
        if text.strip():
            yield line, _WRAPPING.sub(lambda found: "\n" * found[0].count("\n"), text)


def _without_halves(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, list):
        return [_without_halves(one) for one in value]
    if isinstance(value, dict):
        return {_without_halves(key): _without_halves(one) for key, one in value.items()}
    return value


class _Scripts(HTMLParser):
    """Collects the text of `<script type="application/ld+json">`."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[tuple[int, str]] = []
        self._parts: list[str] | None = None
        self._line = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        kind = (dict(attrs).get("type") or "").partition(";")[0].strip().lower()
        if tag == "script" and kind == "application/ld+json":
            self._parts, self._line = [], 0

    def handle_data(self, data: str) -> None:
        if self._parts is not None:
            self._line = self._line or self.getpos()[0]
            self._parts.append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag == "script" and self._parts is not None:
            self.found.append((self._line, "".join(self._parts)))
            self._parts = None

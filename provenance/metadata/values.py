"""Values from outside made fit for a report: JSON's own types, printable, short, not too many.

>>> safe_tags({"title": "a\\x1b[31mb", "blob": b"raw", "ratio": float("nan")})
{'title': 'a[31mb'}
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Mapping
from typing import Any

# How names begin of tags that are not the container's, or the picture's, own.
STREAM, COVER, XMP = "stream ", "Cover: ", "XMP: "
MAX_TAGS = 200
MAX_NAME, MAX_TEXT, MAX_LIST = 100, 500, 16
_SAFE_INTEGER = 2**53  # beyond it, readers of JSON that count in doubles round
_SPACES = frozenset({"Zl", "Zp", "Zs"})
_LEFT_OUT = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})
_JOINERS = "\u200c\u200d"  # formatting characters that scripts and emoji are written with


def clean_text(text: str, limit: int = MAX_TEXT) -> str:
    """One line without control characters and marks that turn the writing direction.

    What is longer than `limit` characters ends in "…".
    """
    text = text[: limit * 8]  # a tag may be as large as the file; what is cut need not be read
    text = " ".join("".join(map(_character, text)).split())
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def quoted(text: object, limit: int = 120) -> str:
    """Text from outside in quotation marks, which it cannot close itself."""
    inner = clean_text(str(text), limit)
    return f"“{inner.replace('“', chr(39)).replace('”', chr(39))}”"


def safe_tags(tags: object) -> dict[str, Any]:
    """The tags that can be kept: text, finite numbers and short lists of them, by clean names.

    Anything else (bytes, nested objects, empty text, infinity) is left out, and so is what comes
    after the first `MAX_TAGS`. What is no mapping has no tags.
    """
    kept: dict[str, Any] = {}
    for name, value in tags.items() if isinstance(tags, Mapping) else ():
        if len(kept) >= MAX_TAGS:
            break
        key, safe = clean_text(str(name), MAX_NAME), _safe(value)
        if key and safe is not None:
            kept[key] = safe
    return kept


def _safe(value: object) -> Any:
    if isinstance(value, list | tuple):
        items = [_safe_scalar(item) for item in value[:MAX_LIST]]
        return None if not items or None in items else items
    return _safe_scalar(value)


def _safe_scalar(value: object) -> str | int | float | None:
    if isinstance(value, str):
        return clean_text(value) or None
    if isinstance(value, int):
        return int(value) if abs(value) <= _SAFE_INTEGER else None
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return None


def _character(character: str) -> str:
    if character in "\t\n\r\v\f":
        return " "
    category = unicodedata.category(character)
    if category in _SPACES:
        return " "
    return "" if category in _LEFT_OUT and character not in _JOINERS else character

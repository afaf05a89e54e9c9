"""Which kind of file this is, told by what stands in it, never by its name alone."""

from __future__ import annotations

import re
from typing import Literal, get_args

Kind = Literal["manifest", "fact-checks", "hashes"]
KINDS: tuple[Kind, ...] = get_args(Kind)

_HEAD = 65_536  # bytes that tell
_VPDQ_LINE = re.compile(r"\d+,\d+,[0-9a-fA-F]{1,64},[\d.eE+-]+")
_ROWS = re.compile(r'\[\s*\{[^{}]*"(?:path|file|url)"\s*:', re.IGNORECASE)
_PDQ_LINE = re.compile(r"[0-9a-fA-F]{48,64}(?:,\d+)?(?:,.*)?")


def kind_of(data: bytes, name: str) -> Kind:
    """What a file holds.

    Args:
        data: the file.
        name: its name, asked only about lines of JSON.
    """
    text = (
        data[:_HEAD]
        .decode("utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig", "replace")
        .lstrip()
    )
    first = text.partition("\n")[0].strip()
    if text.startswith("<"):
        return "fact-checks"
    if text.startswith("["):
        if re.match(r'\[\s*"', text):
            return "hashes"
        return "manifest" if _ROWS.match(text) and '"@type"' not in text else "fact-checks"
    if text.startswith("{"):
        rows = name.lower().endswith((".jsonl", ".ndjson")) or _is_object(first)
        return "manifest" if rows and '"@type"' not in first else "fact-checks"
    if _VPDQ_LINE.fullmatch(first) or _PDQ_LINE.fullmatch(first) or _heads_hashes(first):
        return "hashes"
    return "manifest"


def _heads_hashes(line: str) -> bool:
    """Whether it names the columns of a list of hashes, and none of a manifest."""
    names = {name.strip(' "').lower() for name in line.split(",")}
    return bool(names & {"hash", "pdq", "pdq_hash"}) and not names & {"path", "file", "url"}


def _is_object(line: str) -> bool:
    import json

    try:
        return isinstance(json.loads(line), dict)
    except ValueError:
        return False

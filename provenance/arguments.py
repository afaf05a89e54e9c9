"""What callers hand in, told apart before any work: a wrong kind of thing is a UsageError."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import Any

from provenance.errors import UsageError


def one_source(source: Any) -> str:
    """The text of a source: a path, an address, or a location of a plug-in's.

    Raises:
        UsageError: it is none of them, or empty.
    """
    name = os.fspath(source) if isinstance(source, os.PathLike) else source
    if not isinstance(name, str):
        raise UsageError(
            f"A source is a path or an address, not {source!r}.", "Give a str or a Path."
        )
    if not name:
        raise UsageError("The source is empty.", "Give a path or an address.")
    return name


def many_sources(sources: Any) -> Iterable[Any]:
    """Several sources. Raises UsageError for one alone: a text would be taken letter by letter."""
    if isinstance(sources, str | bytes | os.PathLike) or not isinstance(sources, Iterable):
        raise UsageError(f"{sources!r} is no list of sources.", "Give a list, also for one source.")
    return sources


def expect(value: Any, kind: Any, what: str, hint: str) -> None:
    """Raises UsageError where a value is there and of another kind."""
    if value is not None and not isinstance(value, kind):
        raise UsageError(f"{what} cannot be {value!r}.", hint)

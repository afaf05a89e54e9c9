"""Files of an index that no catalogue lists: a killed process left them.

Files are written under the catalogue's write lock only, so that whoever holds it knows that no
unlisted one is somebody's work in progress. All of this is for the block of a `Database.write`.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path


def delete(leftovers: Iterable[Path]) -> list[str]:
    """Delete them; says what was done."""
    done = []
    for path in leftovers:
        path.unlink(missing_ok=True)
        done.append(f"Deleted {path}, left behind by an interrupted addition.")
    return done


def problems(leftovers: Iterable[Path]) -> list[str]:
    """That they are there, in words."""
    return [f"The file {path} was left behind by an interrupted addition." for path in leftovers]

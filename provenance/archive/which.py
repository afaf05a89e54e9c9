"""What a call means: which appearance, which footage, and whether a folder holds an archive."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from provenance.errors import ArchiveDamagedError, UsageError
from provenance.models import Appearance, Footage

if TYPE_CHECKING:
    from provenance.archive.catalogue import Catalogue

_SHA256 = re.compile(r"[0-9a-f]{64}")


def refuse_lost_catalogue(path: Path, index: Path, location: str) -> None:
    """An empty catalogue beside a full index is a loss, not a new archive: it would answer "no
    match" to everything."""
    if any(any(index.glob(kind)) for kind in ("*.lists", "*.faiss", "*.sound")):
        raise ArchiveDamagedError(
            f"The catalogue of the archive {location} is missing or empty.",
            f"Restore {path} from a backup, or name another archive with --archive.",
        )


def chosen(footage: Footage, appearance_id: int | None) -> Appearance:
    """The appearance of this id, or the only one there is. Raises UsageError."""
    if appearance_id is None and len(footage.appearances) == 1:
        return footage.appearances[0]
    for appearance in footage.appearances:
        if appearance.id == appearance_id:
            return appearance
    known = ", ".join(str(appearance.id) for appearance in footage.appearances)
    raise UsageError(
        f"Footage {footage.id} has no appearance {appearance_id}."
        if appearance_id is not None
        else f"Footage {footage.id} has several appearances.",
        f"Name one of: {known}.",
    )


def pair(catalogue: Catalogue, a: int | str, b: int | str) -> list[tuple[int, str]]:
    """(footage id, SHA-256 of the other) for each of two that is known footage.

    Raises:
        UnknownFootageError: no such footage.
        UsageError: twice the same, no id among them, or no SHA-256.
    """
    (id_a, sha_a), (id_b, sha_b) = (_identity(catalogue, x) for x in (a, b))
    if sha_a == sha_b:
        raise UsageError(f"{a} and {b} are the same footage.", "Name two different ones.")
    if id_a is None and id_b is None:
        raise UsageError(
            "Neither of the two is in the archive.", "One must be an id of known footage."
        )
    both = ((id_a, sha_b), (id_b, sha_a))
    return [(footage_id, other) for footage_id, other in both if footage_id is not None]


def _identity(catalogue: Catalogue, name: int | str) -> tuple[int | None, str]:
    """(footage id where it is known, SHA-256) of an id or a SHA-256."""
    if isinstance(name, int):
        return name, catalogue.footage(name).sha256
    if not _SHA256.fullmatch(name):
        raise UsageError(f"{name} is neither an id nor a SHA-256.", "Give an id of known footage.")
    known = catalogue.by_sha256(name)
    return (known.id if known else None), name

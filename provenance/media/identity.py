"""What tells one file from another: the SHA-256 of its bytes."""

from __future__ import annotations

import hashlib
from pathlib import Path

from provenance.crew import checkpoint
from provenance.errors import UnreadableMediaError

_AT_ONCE = 1 << 22  # bytes


def file_sha256(path: Path) -> str:
    """SHA-256 of a file's bytes in hex. Raises UnreadableMediaError when it cannot be read."""
    digest = hashlib.sha256()
    try:
        with path.open("rb") as file:
            while data := file.read(_AT_ONCE):
                checkpoint()
                digest.update(data)
        return digest.hexdigest()
    except OSError as error:
        raise UnreadableMediaError(
            f"{path} cannot be read: {error.strerror or error}.", "Check its permissions."
        ) from error

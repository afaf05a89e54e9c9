"""What tells one file from another: the SHA-256 of its bytes."""

from __future__ import annotations

import hashlib
from pathlib import Path

from provenance.errors import UnreadableMediaError


def file_sha256(path: Path) -> str:
    """SHA-256 of a file's bytes in hex. Raises UnreadableMediaError when it cannot be read."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise UnreadableMediaError(
            f"{path} cannot be read: {error.strerror or error}.", "Check its permissions."
        ) from error

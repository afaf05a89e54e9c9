"""Arrays that took minutes to make, kept in a file from one run to the next."""

from __future__ import annotations

import zipfile
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Self

import numpy as np


@dataclass(frozen=True, eq=False)
class KeptArrays:
    """The fields of a kind of this are arrays, or texts."""

    def save(self, path: Path) -> None:
        """Keep it. Raises OSError."""
        np.savez(path, **{field.name: getattr(self, field.name) for field in fields(self)})

    @classmethod
    def load(cls, path: Path) -> Self | None:
        """What `save` kept; None where there is none."""
        try:
            with np.load(path) as kept:
                return cls(**{field.name: kept[field.name] for field in fields(cls)})
        except (OSError, KeyError, ValueError, zipfile.BadZipFile):
            return None

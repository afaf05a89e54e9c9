"""What plugged-in kinds of fingerprint say of known footage."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from provenance.archive.catalogue import Catalogue
from provenance.errors import REPAIR_HINT, ArchiveDamagedError
from provenance.plugins import Described, FingerprintPlugin, Loaded
from provenance.plugins.vectors import dtype_of

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt


@dataclass(frozen=True, eq=False)
class KnownVectors:
    """The frames of one footage, described.

    Attributes:
        times: (K,) float64, seconds.
        vectors: (K, size) uint8 or float32.
    """

    footage: int
    times: npt.NDArray[np.float64]
    vectors: npt.NDArray[np.generic]


class Vectors:
    """The vectors of one archive.

    Args:
        catalogue: opens the archive's catalogue.
    """

    def __init__(self, catalogue: Callable[[], Catalogue]) -> None:
        self._catalogue = catalogue

    def all(self, kind: Loaded[FingerprintPlugin]) -> Iterator[KnownVectors]:
        """All footage that is described by this kind, by rising id.

        Raises:
            PluginError: what is stored under its name has another form than the plug-in's.
        """
        import numpy as np

        database, plugin = self._catalogue().database, kind.plugin
        asked = "SELECT footage_id FROM plugged_vectors WHERE kind = ? ORDER BY footage_id"
        for (number,) in database.rows(asked, (plugin.name,)):
            row = database.row(
                "SELECT size, dtype, times, vectors FROM plugged_vectors"
                " WHERE footage_id = ? AND kind = ?",
                (number, plugin.name),
            )
            if row is None:  # removed by somebody else meanwhile
                continue
            size, dtype, times, vectors = row
            if (size, dtype) != (plugin.size, dtype_of(plugin)):
                raise kind.fault(
                    f"has vectors of {plugin.size} values ({dtype_of(plugin)}), and the archive "
                    f"has some of {size} ({dtype}) under the name {plugin.name!r}: what has "
                    "changed needs another name"
                )
            moments = np.frombuffer(times, "<f8")
            if len(vectors) != len(moments) * size * np.dtype(dtype).itemsize:
                raise ArchiveDamagedError(
                    f"What the plug-in {plugin.name} said of footage {number} is damaged.",
                    REPAIR_HINT,
                )
            shaped = np.frombuffer(vectors, dtype).reshape(len(moments), size)
            yield KnownVectors(number, moments, shaped)

    def lacking(
        self, footage_id: int, kinds: Sequence[Loaded[FingerprintPlugin]]
    ) -> list[Loaded[FingerprintPlugin]]:
        """Those of the kinds that have not described a footage yet."""
        rows = self._catalogue().database.rows(
            "SELECT kind FROM plugged_vectors WHERE footage_id = ?", (footage_id,)
        )
        described = {row[0] for row in rows}
        return [kind for kind in kinds if kind.plugin.name not in described]


def keep_vectors(catalogue: Catalogue, footage_id: int, described: Iterable[Described]) -> None:
    """Write what is not there yet, inside a running `Database.write`."""
    for one in described:
        catalogue.database.execute(
            "INSERT OR IGNORE INTO plugged_vectors VALUES (?, ?, ?, ?, ?, ?)",
            (
                footage_id,
                one.kind,
                one.vectors.shape[1],
                one.vectors.dtype.str,
                one.times.astype("<f8").tobytes(),
                one.vectors.tobytes(),
            ),
        )

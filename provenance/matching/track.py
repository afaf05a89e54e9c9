"""How the footage lies in the source as time goes on.

Most edits put one transform on the whole clip. Slow zooms, crops that pan and hands that shake put
another one on every frame: a track holds the transform at some moments and leads from one to the
next.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]

MARKS = np.array([[0.1, 0.1], [0.9, 0.1], [0.5, 0.5], [0.1, 0.5], [0.5, 0.1]])
"""Points of the footage that transforms are compared by, in shares of its longer side."""


@dataclass(frozen=True, eq=False)
class Track:
    """Transforms from footage to source, in shares of the longer sides.

    Attributes:
        moments: (T,) seconds in the source, ascending; one alone holds all the time.
        matrices: (T, 2, 3).
    """

    moments: Floats
    matrices: Floats

    @classmethod
    def still(cls, matrix: Floats) -> Track:
        """One transform for all the time."""
        return cls(np.zeros(1), np.asarray(matrix, np.float64)[None])

    @property
    def moves(self) -> bool:
        """False where one transform holds all the time."""
        return len(self.moments) > 1

    @property
    def middle(self) -> Floats:
        """(2, 3): the transform in the middle of the time."""
        return np.asarray(self.at(self.moments[[0, -1]].mean(keepdims=True))[0], np.float64)

    def at(self, moments: Any) -> Floats:
        """(K, 2, 3): the transform at each of K moments; before the first and behind the last
        one these two hold.
        """
        flat = self.matrices.reshape(len(self.moments), 6)
        led = [np.interp(moments, self.moments, column) for column in flat.T]
        return np.stack(led, axis=-1).reshape(-1, 2, 3)


def carried(matrices: Any) -> Floats:
    """(..., 5, 2): where transforms (..., 2, 3) put the marks."""
    linear, shift = matrices[..., :2], matrices[..., 2]
    return np.asarray(MARKS @ np.swapaxes(linear, -1, -2) + shift[..., None, :], np.float64)

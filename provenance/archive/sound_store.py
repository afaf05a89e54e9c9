"""Keeps the file of sound in step with the catalogue; what it lacks is read from there.

The file may be behind: footage that was removed since is left out by whoever searches, and footage
that was added since is read from the catalogue. When that has become much a new file takes its
place, written under the write lock from the catalogue alone, so that no damage is passed on. The
catalogue lists the file that counts; one that it does not list is a leftover. Without a file that
can be read everything is read from the catalogue: that takes longer, and finds the same.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from provenance.archive.catalogue import Catalogue
from provenance.archive.listed_files import Advance, ListedFiles, UnreadableFileError, untold
from provenance.archive.runs import runs
from provenance.archive.sound_file import SOUND, OpenSoundFile, write_sound_file
from provenance.errors import ArchiveDamagedError

if TYPE_CHECKING:
    import numpy.typing as npt

    Ids = npt.NDArray[np.int64]
    Codes = npt.NDArray[np.uint32]

OUTSIDE = 1 << 20
"""Items outside of the file from which on it is written anew: 36 hours, read in a moment ..."""
OUTSIDE_SHARE = 4
"""... or one in so many of those in it, if that is more: what is written is then, over the years, a
few times what there is."""
_READ_AT_ONCE = 1 << 20  # items: other threads wait for the catalogue so long, some milliseconds
_ROWS_AT_ONCE = 500


class SoundFiles:
    """The file of sound of an archive. Remembers nothing, so that threads may share it.

    Args:
        catalogue: the truth, which also lists the file.
        folder: where the file is.
    """

    def __init__(self, catalogue: Catalogue, folder: Path) -> None:
        self._catalogue = catalogue
        self._database = catalogue.database
        self._files = ListedFiles(catalogue.database, folder, SOUND)

    def opened(self) -> OpenSoundFile | None:
        """The file as it is now; None where there is none that can be read."""
        try:
            return next(iter(self._files.opened(OpenSoundFile).values()), None)
        except UnreadableFileError:
            return None

    def read(self, footage: Ids, counts: Ids) -> Iterator[list[tuple[int, Codes]]]:
        """The items of some footages from the catalogue, in pieces, so that it is never held long.

        Args:
            footage, counts: (N,) ids, rising, and how many items each has.

        Yields:
            (id, items) by rising id. Footage that is removed meanwhile is left out.

        Raises:
            ArchiveDamagedError: the items of a footage cannot be read.
        """
        for first, last in runs(counts, _READ_AT_ONCE, _ROWS_AT_ONCE):
            yield self._catalogue.sound_codes(footage[first:last].tolist())

    def tidy(self) -> None:
        """Write a new file when much lies outside of the present one; else do nothing."""
        if self._much_outside():
            with self._database.write():
                self.sweep()
                if self._much_outside():  # nobody was quicker
                    self._replace()

    def compact(self) -> None:
        """Write a new file if the present one holds not exactly the sound that is known."""
        with self._database.write():
            self.sweep()
            file, (known, _) = self.opened(), self._catalogue.heard()
            if not np.array_equal(known, file.footage if file else []) or (
                file is None and self._files.listed()
            ):
                self._replace()

    def removed(self) -> None:
        """Footage was removed, inside a running `Database.write`. The file goes with the last of
        what was heard; before that `compact` or the next file leaves out what was removed."""
        self.sweep()
        if not self._catalogue.has_sound():
            self._drop()

    def sweep(self) -> None:
        """Delete what a killed process left, inside a running `Database.write`."""
        self._files.delete_leftovers()

    def bytes(self) -> int:
        """How large the file is."""
        return self._files.bytes()

    def problems(self, advance: Advance = untold) -> list[str]:
        """What is wrong with the file, in words. Others may go on meanwhile.

        Args:
            advance: told how many bytes were read; all are.
        """
        return self._files.problems(advance)

    def repair(self, advance: Advance = untold) -> list[str]:
        """Delete leftovers, and write a file anew that is not as it was; says what was done.

        Must run outside of `Database.write`.

        Args:
            advance: told how many bytes were read; all are.
        """
        with self._database.write():
            done = self._files.delete_leftovers()
            dropped = self._files.drop_damaged(advance)
        if dropped:
            # The footage whose sound cannot be read is named by `soundness.problems`.
            with contextlib.suppress(ArchiveDamagedError):
                with self._database.write():
                    if not self._files.listed():
                        self._replace()
                dropped.append("Wrote the file of sound again from the catalogue.")
        return done + dropped

    def _much_outside(self) -> bool:
        """Whether so many items lie outside of the file that it should be written anew."""
        known, counts = self._catalogue.heard()
        total = int(counts.sum())
        if total <= OUTSIDE:  # most archives; the file is not even looked at
            return False
        file = self.opened()
        held = int(counts[np.isin(known, file.footage)].sum()) if file else 0
        within = len(file.codes) if file else 0
        return total - held > max(OUTSIDE, within // OUTSIDE_SHARE)

    def _replace(self) -> None:
        """Write and register a file of all sound, inside a running `Database.write`."""
        known, counts = self._catalogue.heard()
        self._drop()
        if not len(known):
            return
        parts = (codes for part in self.read(known, counts) for _, codes in part)
        self._files.add(lambda folder: write_sound_file(folder, known, counts, parts))

    def _drop(self) -> None:
        """List no file any more, inside a running `Database.write`."""
        for file_id in self._files.listed():
            self._files.drop(file_id)

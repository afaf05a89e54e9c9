"""Keeps the file of sound in step with the catalogue; what it lacks is read from there.

The file may be behind: footage that was removed since is left out by whoever searches, and footage
that was added since is read from the catalogue. When that has become much a new file takes its
place, written under the write lock from the catalogue alone, so that no damage is passed on. The
catalogue lists the file that counts; one that it does not list is a leftover. Without a file that
can be read everything is read from the catalogue: that takes longer, and finds the same.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from provenance.archive import leftovers
from provenance.archive.catalogue import Catalogue, now
from provenance.archive.sound_file import (
    OpenSoundFile,
    SoundFileInfo,
    UnreadableSoundFileError,
    is_as_written,
    sound_files,
    write_sound_file,
)
from provenance.errors import ArchiveDamagedError

if TYPE_CHECKING:
    import numpy.typing as npt

    Ids = npt.NDArray[np.int64]
    Codes = npt.NDArray[np.uint32]

OUTSIDE = 1 << 20
"""Items outside of the file from which on it is written anew: nine hours, read in a moment ..."""
OUTSIDE_SHARE = 4
"""... or one in so many of those in it, if that is more: what is written is then, over the years, a
few times what there is."""
_READ_AT_ONCE = 1 << 20  # items: other threads wait for the catalogue so long, some milliseconds
_ROWS_AT_ONCE = 500
_REREADS = 5  # times a reader follows a file that is replaced under its hands


class SoundFiles:
    """The file of sound of an archive. Remembers nothing, so that threads may share it.

    Args:
        catalogue: the truth, which also lists the file.
        folder: where the file is.
    """

    def __init__(self, catalogue: Catalogue, folder: Path) -> None:
        self._catalogue = catalogue
        self._database = catalogue.database
        self._folder = folder

    def opened(self) -> OpenSoundFile | None:
        """The file as it is now; None where there is none that can be read."""
        info = self._info()
        for _ in range(_REREADS):
            if info is None:
                return None
            try:
                return OpenSoundFile(self._folder, info)
            except UnreadableSoundFileError:
                before, info = info, self._info()
                if info == before:  # nobody replaced it: it is really not there
                    return None
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
        ends = np.cumsum(counts)
        first = 0
        while first < len(footage):
            read = ends[first - 1] if first else 0
            last = int(np.searchsorted(ends, read + _READ_AT_ONCE, "right"))
            last = min(max(last, first + 1), first + _ROWS_AT_ONCE, len(footage))
            yield self._catalogue.sound_codes(footage[first:last].tolist())
            first = last

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
                file is None and self._info()
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
        leftovers.delete(self._leftovers())

    def problems(self) -> list[str]:
        """What is wrong with the file, in words. Reads all of it; others may go on meanwhile."""
        found = []
        if (info := self._info()) and (wrong := self._wrong(info)) and info == self._info():
            found.append(f"The index file {wrong}.")
        with self._database.write():  # while this is held nobody else creates files
            found += leftovers.problems(self._leftovers())
        return found

    def repair(self) -> list[str]:
        """Delete leftovers, and write a file anew that is not as it was; says what was done.

        Must run outside of `Database.write`.
        """
        with self._database.write():
            done = leftovers.delete(self._leftovers())
            info = self._info()
            if info is None or not self._wrong(info):
                return done
            self._drop()
            done.append(f"Dropped the damaged index file {self._folder / info.file}.")
        try:
            with self._database.write():
                if self._info() is None:
                    self._replace()
            done.append("Wrote the file of sound again from the catalogue.")
        except ArchiveDamagedError:
            pass  # the footage whose sound cannot be read is named by `soundness.problems`
        return done

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
        with self._database.translated():
            info = write_sound_file(self._folder, known, counts, parts)
        self._register(info)

    def _register(self, info: SoundFileInfo) -> None:
        """Let the catalogue list a new file, inside a running `Database.write`."""
        path = self._folder / info.file
        self._database.after_rollback(lambda: path.unlink(missing_ok=True))
        self._database.execute(
            "INSERT INTO sound_file (file, bytes, sha256, head_bytes, head_sha256, items,"
            " created_at) VALUES (?, ?, ?, ?, ?, ?, ?)",
            (
                *(info.file, info.bytes, info.sha256, info.head_bytes, info.head_sha256),
                *(info.items, now().value),
            ),
        )

    def _drop(self) -> None:
        """List no file any more, inside a running `Database.write`."""
        if info := self._info():
            self._database.execute("DELETE FROM sound_file")
            # A reader that has the old file mapped keeps it until it lets go.
            path = self._folder / info.file
            self._database.after_commit(lambda: path.unlink(missing_ok=True))

    def _info(self) -> SoundFileInfo | None:
        row = self._database.row(
            "SELECT file, bytes, sha256, head_bytes, head_sha256, items FROM sound_file"
        )
        return row and SoundFileInfo(*row)

    def _wrong(self, info: SoundFileInfo) -> str | None:
        """Which file is missing or damaged, if it is."""
        try:
            if not is_as_written(self._folder, info):
                return f"{self._folder / info.file} is damaged"
        except UnreadableSoundFileError as error:
            return str(error)
        return None

    def _leftovers(self) -> list[Path]:
        info = self._info()
        listed = info and info.file
        return [path for path in sound_files(self._folder) if path.name != listed]

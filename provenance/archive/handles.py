"""What an archive has open: shared by threads, opened anew in a forked child, never sent along.

SQLite forbids to carry an open connection into a forked child: the child would believe that it
holds locks which are its parent's, and the next one to write could spoil both. So a fork waits
until no thread of this process is in the middle of anything with an archive, and the child lets go
of what it got. An `Archive` that is pickled, for another process, is its folder and its settings.
"""

from __future__ import annotations

import os
import sys
import threading
import weakref
from pathlib import Path
from typing import TYPE_CHECKING, Self

from provenance.archive.catalogue import Catalogue
from provenance.archive.connection import Database, os_error
from provenance.archive.which import refuse_lost_catalogue
from provenance.settings import Settings

if TYPE_CHECKING:
    from provenance.archive.faiss_index import FaissIndex
    from provenance.archive.sound_index import SoundIndex
    from provenance.archive.sound_store import SoundFiles

CATALOGUE = "catalogue.sqlite"
INDEX = "index"


class Handles:
    """The open files of one archive, opened by the first call that needs them.

    Attributes:
        location: the directory, as text.
    """

    def __init__(self, folder: Path, settings: Settings) -> None:
        self.location = str(folder)
        self._folder = folder
        self._settings = settings
        self._opened: Catalogue | None = None
        self._index: FaissIndex | None = None
        self._sounds: SoundIndex | None = None
        self._lock = threading.Lock()
        with _guard:
            _alive.add(self)

    @property
    def exists(self) -> bool:
        """Whether there is an archive. Raises ArchiveError when its folder cannot be read."""
        try:
            return (self._folder / CATALOGUE).is_file()
        except OSError as error:
            raise os_error(error, self.location) from error

    def close(self) -> None:
        """Let go of all files. The archive opens again when it is used again."""
        with self._lock:
            self._let_go()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __reduce__(self) -> tuple[type[Self], tuple[Path, Settings]]:
        return type(self), (self._folder.absolute(), self._settings)

    def _let_go(self) -> None:
        if self._index:
            self._index.close()
        if self._opened:
            self._opened.database.close()
        self._opened = self._index = self._sounds = None

    def _catalogue(self, *, create: bool = False) -> Catalogue:
        # Without the lock where it is open already: who asks may be in the middle of writing, for
        # the end of which another thread waits that holds the lock and opens the index.
        if opened := self._opened:
            return opened
        with self._lock:
            if self._opened is None:
                path = self._folder / CATALOGUE
                if not self.exists or path.stat().st_size == 0:
                    refuse_lost_catalogue(path, self._folder / INDEX, self.location)
                self._opened = Catalogue(Database(path, self.location, create=create))
            return self._opened

    def _feature_index(self, catalogue: Catalogue) -> FaissIndex:
        with self._lock:
            if self._index is None:
                from provenance.archive.faiss_index import FaissIndex

                index = FaissIndex(catalogue, self._folder / INDEX)
                index.renew()
                self._index = index
            return self._index

    def _sound_index(self, catalogue: Catalogue) -> SoundIndex:
        from provenance.archive.sound_index import SoundIndex

        with self._lock:
            if self._sounds is None:
                self._sounds = SoundIndex(catalogue, self._folder / INDEX)
            return self._sounds

    def _whole(self, *, create: bool = False) -> tuple[Catalogue, FaissIndex, SoundFiles]:
        from provenance.archive.sound_store import SoundFiles

        catalogue = self._catalogue(create=create)
        sounds = SoundFiles(catalogue, self._folder / INDEX)
        return catalogue, self._feature_index(catalogue), sounds

    def _hold(self) -> None:
        """Wait until no other thread uses what is open, and keep it so."""
        self._lock.acquire()
        if self._opened:
            self._opened.database.turn.lock.acquire()

    def _release(self) -> None:
        """Let the others go on."""
        if self._opened:
            self._opened.database.turn.lock.release()
        self._lock.release()

    def _begin_anew(self) -> None:
        """In a forked child: let go of what the parent has open, which goes on with it unharmed."""
        opened = self._opened
        self._let_go()
        if opened:
            opened.database.turn.lock.release()
        self._lock.release()


_guard = threading.Lock()
_alive: weakref.WeakSet[Handles] = weakref.WeakSet()
_held: list[Handles] = []


def _before_fork() -> None:
    _guard.acquire()
    for handles in list(_alive):
        handles._hold()
        _held.append(handles)


def _in_parent() -> None:
    while _held:
        _held.pop()._release()
    _guard.release()


def _in_child() -> None:
    # FAISS's OpenMP would wait for ever for threads that the fork did not bring along. Only the
    # forking thread has had any: others that the child starts get threads of their own.
    faiss = sys.modules.get("faiss")
    if faiss and _held:
        faiss.omp_set_num_threads(1)
    while _held:
        _held.pop()._begin_anew()
    _guard.release()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_before_fork, after_in_parent=_in_parent, after_in_child=_in_child)

"""The archive as the rest of the program sees it.

    with Archive.open("newsroom") as archive:
        archive.add("old.mp4", published="2022-03-01", place="Kherson, Ukraine")
        for footage in archive.footages():
            print(footage.id, footage.location)

Opening touches nothing; the catalogue is opened by the first call that needs it. Every method
raises ArchiveError or one of its kinds when the archive cannot be used.
"""

from __future__ import annotations

import contextlib
import stat
from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import EllipsisType
from typing import TYPE_CHECKING, Any

from provenance.archive.adding import Added, Outcome, add_all, one_address, write_learned
from provenance.archive.catalogue import Change
from provenance.archive.fact_checks import FactChecks
from provenance.archive.handles import Handles
from provenance.archive.hash_lists import HashLists
from provenance.archive.journal import Journal
from provenance.archive.learn import Knowledge, Learned, Learner, Told
from provenance.archive.linked import Links
from provenance.archive.manifest_rows import add_rows
from provenance.archive.pages import KnownPages
from provenance.archive.sources import expand_sources
from provenance.archive.vectors import Vectors
from provenance.archive.walking import Choice
from provenance.archive.which import chosen, pair
from provenance.arguments import expect
from provenance.dates import DateLike, When
from provenance.errors import ArchiveDamagedError, ArchiveError, ArchiveFullError, UsageError
from provenance.models import Appearance, ArchiveState, Fingerprint, Footage, Thumbnail
from provenance.plugins import (
    Described,
    FingerprintPlugin,
    Loaded,
    fingerprint_plugins,
    source_plugins,
)
from provenance.progress import Progress, SilentProgress
from provenance.settings import Settings, load_settings
from provenance.stopping import stoppable

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from provenance.archive.index import Neighbours
    from provenance.archive.sound_index import SoundHits
    from provenance.fingerprints import Heard, SoundFingerprint


class Archive(Handles):
    """Known footage in a directory. Use `Archive.open`.

    Threads may share one, and so may processes: what a fork or a pickle brings into another process
    is opened there anew.

    Attributes:
        location: the directory, as text.
    """

    @classmethod
    def open(
        cls, location: str | Path | None = None, *, settings: Settings | None = None
    ) -> Archive:
        """An archive, whether or not anything is there yet.

        Args:
            location: its directory; None: the one of the settings, or the user's default.

        Raises:
            UsageError: the location is an address, not a directory.
        """
        expect(location, str | Path, "The place of an archive", "Give a str or a Path.")
        settings = settings or load_settings()
        named = location or settings.archive
        if named and "://" in str(named):
            raise UsageError(
                f"{named} is an address; an archive is a directory here.",
                "Name a directory with --archive.",
            )
        folder = Path(location).expanduser() if location else settings.archive_path()
        return cls(folder, settings)

    def add(
        self,
        source: str | Path,
        *,
        published: DateLike | None = None,
        url: str | None = None,
        title: str | None = None,
        place: str | None = None,
        uploader: str | None = None,
        note: str | None = None,
        thumbnails: bool = True,
        progress: Progress | None = None,
    ) -> Added:
        """Learn one file or URL. Bytes that are known already get another appearance, not a copy.

        Args:
            published, url, title, place, uploader, note: what you know of it. What is left open
                comes from the platform, or from the `NAME.info.json` beside the file.
            thumbnails: False for footage that must not be kept as pictures.

        Raises:
            DownloadError, MediaError: the source cannot be had or read.
            ArchiveFullError: the disk is full; nothing of it was kept.
            InterruptedWorkError: `progress` stopped it; nothing of it was kept.
        """
        told = Told.of(published, url, title, place, uploader, note)
        learner = self._learner(told, thumbnails, progress)
        with stoppable(progress):
            (added,) = self._write([learner.learn(source)])
        if isinstance(added, ArchiveError):
            raise added
        return added

    def add_all(
        self,
        sources: Iterable[str | Path],
        *,
        published: DateLike | None = None,
        url: str | None = None,
        title: str | None = None,
        place: str | None = None,
        uploader: str | None = None,
        note: str | None = None,
        thumbnails: bool = True,
        choice: Choice | None = None,
        jobs: int | None = None,
        progress: Progress | None = None,
    ) -> Iterator[Outcome]:
        """Learn many files, folders, URLs and playlists, several at a time.

        What is given back is on disk, in the order of the sources; a playlist becomes its entries.
        Called again after an interruption, it passes over known addresses, and reads known files.

        Args:
            published, url, title, place, uploader, note, thumbnails: as for `add`, for all of them.
            choice: which videos of playlists and channels are wanted; None: all that are new.
            jobs: sources that are learned at once; None: as many as there are processors.

        Raises:
            UsageError: `url` is given and there are several sources.
            ArchiveFullError: the disk is full; what was given back before is kept.
            ToolError, ArchiveError: no source would fare better. What is wrong with one source is
                in its outcome, and stops no other.
        """
        names = expand_sources(sources)
        if url and len(names) > 1:
            raise one_address(len(names))
        told = Told.of(published, url, title, place, uploader, note)
        return add_all(
            names,
            self._learner(told, thumbnails, progress).learn_or_list,
            self._write,
            choice=choice,
            known=KnownPages(lambda: self._catalogue() if self.exists else None, told).footage,
            single=bool(url),
            jobs=jobs,
            progress=progress,
        )

    def add_rows(
        self,
        rows: Sequence[tuple[str, Told]],
        *,
        thumbnails: bool = True,
        jobs: int | None = None,
        progress: Progress | None = None,
    ) -> Iterator[Outcome]:
        """Learn the rows of a manifest, each with what is told of it; as `add_all` otherwise.

        A row that was learnt before, and has changed neither its words nor its file, is passed over
        without reading or fetching anything.

        Raises:
            ArchiveFullError, ToolError, ArchiveError: as `add_all`.
        """
        learners = [self._learner(told, thumbnails, progress).learn for _, told in rows]
        catalogue = partial(self._catalogue, create=True)
        return add_rows(rows, learners, self._write, catalogue, jobs=jobs, progress=progress)

    def store(
        self,
        footage: Footage,
        fingerprint: Fingerprint,
        thumbnails: Sequence[Thumbnail],
        appearance: Appearance,
        sound: Heard | None = None,
        vectors: Sequence[Described] = (),
    ) -> Added:
        """Write footage that is fingerprinted already. Creates the archive where there is none.

        Args:
            footage: its `id`, `appearances` and `added_at` are ignored; with `has_thumbnails`
                False neither thumbnails nor the fingerprint's pictures are kept.
            sound: what was heard of it; None: nobody has listened yet.
            vectors: what plugged-in kinds of fingerprint say of it.

        Raises:
            ArchiveFullError: the disk is full; nothing of it was kept.
        """
        (added,) = self._write(
            [Learned(footage, appearance, fingerprint, tuple(thumbnails), sound, tuple(vectors))]
        )
        assert isinstance(added, Added)
        return added

    def footages(self) -> Iterator[Footage]:
        """All footage by rising id, without fingerprints or pictures."""
        return self._catalogue().footages()

    def footage(self, footage_id: int) -> Footage:
        """One footage. Raises UnknownFootageError."""
        return self._catalogue().footage(footage_id)

    def find_sha256(self, sha256: str) -> Footage | None:
        """The footage with exactly these bytes."""
        return self._catalogue().by_sha256(sha256)

    def fingerprint(self, footage_id: int) -> Fingerprint:
        """The fingerprint of a footage. Raises UnknownFootageError, ArchiveDamagedError."""
        return self._catalogue().fingerprint(footage_id)

    def thumbnails(self, footage_id: int, seconds: Sequence[float]) -> list[Thumbnail | None]:
        """For each moment the nearest thumbnail, None where none is kept."""
        return self._catalogue().thumbnails(footage_id, seconds)

    def search(
        self, descriptors: npt.NDArray[np.uint8], k: int = 10, without: Set[int] = frozenset()
    ) -> Neighbours:
        """The k known features nearest to each of (Q, 128) uint8 descriptors, but for those of the
        footages `without`.

        Footage that another process removes meanwhile may still be named in the answer.
        """
        catalogue = self._catalogue()
        return self._feature_index(catalogue).search(descriptors, k, without)

    def sound(self, footage_id: int) -> SoundFingerprint | None:
        """The sound of a footage; None where there is none to compare, or it was not read yet.

        Raises:
            UnknownFootageError, ArchiveDamagedError
        """
        from provenance.fingerprints.sound import fingerprint_of

        catalogue = self._catalogue()
        kept = catalogue.sound(footage_id)
        if kept is None:
            catalogue.footage(footage_id)
            return None
        return fingerprint_of(kept[1]) if kept[0] == "heard" else None

    def sound_state(self, footage_id: int) -> str | None:
        """What was heard of a footage: `fingerprints.sound.Hearing`, or None: not read yet."""
        kept = self._catalogue().sound(footage_id)
        return kept and kept[0]

    def has_sound(self) -> bool:
        """Whether there is any known sound to compare with."""
        return self._catalogue().has_sound()

    def search_sound(self, codes: npt.NDArray[np.uint32], *, roughly: bool = False) -> SoundHits:
        """Known items of sound near any of these (Q,) uint32 chromaprint items; `roughly` half of
        them, in a twentieth of the time."""
        from provenance.archive.sound_index import KEY_FLIPS

        sounds = self._sound_index(self._catalogue())
        return sounds.search(codes, 0 if roughly else KEY_FLIPS)

    def edit(
        self,
        footage_id: int,
        appearance_id: int | None = None,
        *,
        published: DateLike | EllipsisType | None = ...,
        url: str | EllipsisType | None = ...,
        title: str | EllipsisType | None = ...,
        place: str | EllipsisType | None = ...,
        uploader: str | EllipsisType | None = ...,
        note: str | EllipsisType | None = ...,
        fact_check: str | EllipsisType | None = ...,
    ) -> Footage:
        """Correct an appearance; what it said before is kept in its history.

        Args:
            appearance_id: None where the footage has only one.
            published ... fact_check: new values; None empties a field, `...` leaves it. A new
                date has the basis "declared".

        Raises:
            UnknownFootageError: no such footage.
            UsageError: no such appearance, or several and none named.
        """
        given = {
            "url": url,
            "title": title,
            "place": place,
            "uploader": uploader,
            "note": note,
            "fact_check": fact_check,
        }
        changes: dict[str, Any] = {n: v or None for n, v in given.items() if v is not ...}
        if not isinstance(published, EllipsisType):
            when = None if published is None else When.of(published)
            changes |= {"published": when, "basis": when and "declared"}
        catalogue = self._catalogue()
        with catalogue.database.write():
            before = chosen(catalogue.footage(footage_id), appearance_id)
            after = replace(before, **changes)
            if after != before:
                catalogue.change_appearance(footage_id, after)
            return catalogue.footage(footage_id)

    def history(self, footage_id: int) -> list[Change]:
        """What the appearances of a footage said before they were corrected, oldest first."""
        return self._catalogue().history(footage_id)

    def remove(self, footage_id: int) -> None:
        """Remove footage with all that is kept of it. Codes of its features and its sound, which
        are found no more, stay in the files of the index until they are merged: see `compact`.

        Raises:
            UnknownFootageError: no such footage.
            ArchiveError: it is removed, but readers of other processes hold back the last copy, or
                the disk is full.
        """
        catalogue, index, sounds = self._whole()
        with catalogue.database.write():
            catalogue.footage(footage_id)
            index.remove(footage_id)
            catalogue.delete_footage(footage_id)
            sounds.removed()
        try:
            forgotten = catalogue.database.forget_log()
        except ArchiveFullError as error:
            raise ArchiveFullError(
                f"Footage {footage_id} is removed, but the disk is full, so that traces of it stay "
                "in the archive's log.",
                "Free some space; the traces go with the next removal or addition.",
            ) from error
        if not forgotten:
            raise ArchiveError(
                f"Footage {footage_id} is removed, but another program is still reading the "
                "archive, so that traces of it stay in the log until that program ends.",
                "Close the other program; the traces go with the next removal or addition.",
            )

    def bytes_on_disk(self) -> int:
        """How much room the archive takes."""
        sizes = []
        for path in self._folder.rglob("*"):
            with contextlib.suppress(FileNotFoundError):  # others merge and delete files meanwhile
                status = path.stat()
                sizes.append(status.st_size if stat.S_ISREG(status.st_mode) else 0)
        return sum(sizes)

    def compact(self, *, progress: Progress | None = None) -> None:
        """Make one index file of many, one of all sound, and give back room that nothing uses.

        Reads and writes the whole index; others can search meanwhile, and wait with adding.

        Raises:
            ArchiveFullError: the disk is full; what was there is kept.
            InterruptedWorkError: `progress` stopped it; what was there is kept.
        """
        catalogue, index, sounds = self._whole()
        told = progress or SilentProgress()
        with stoppable(progress):
            with told.task("merging the index", 2 * index.features()) as task:
                index.compact(task.advance)
            with told.task("giving back room"):
                sounds.compact()
                catalogue.database.shrink()

    def reject(self, a: int | str, b: int | str) -> None:
        """Record that two things are not the same footage, so that the pair is reported no more.

        Args:
            a, b: footage ids, or the SHA-256 of a checked source (one of them must be an id).

        Raises:
            UnknownFootageError: no such footage.
            UsageError: twice the same, no id among them, or no SHA-256.
        """
        catalogue = self._catalogue()
        with catalogue.database.write():
            for footage_id, other in pair(catalogue, a, b):
                catalogue.insert_rejection(footage_id, other)

    def rejected(self) -> list[tuple[int, str]]:
        """All rejected pairs: (footage id, SHA-256 of what it is not the same footage as)."""
        return self._catalogue().rejections()

    def rejected_for(self, sha256: str) -> set[int]:
        """Ids of footage that must not be reported for a source with these bytes."""
        return self._catalogue().rejected_for(sha256)

    @property
    def fact_checks(self) -> FactChecks:
        """The fact-checks that were imported."""
        return FactChecks(self._catalogue)

    @property
    def hash_lists(self) -> HashLists:
        """The footage that is known by hashes alone."""
        return HashLists(self._catalogue)

    def journal(self, inbox: str | Path) -> Journal:
        """What was found in a watched folder, and what became of it."""
        return Journal(self._catalogue, str(inbox))

    @property
    def vectors(self) -> Vectors:
        """What plugged-in kinds of fingerprint say of the footage."""
        return Vectors(self._catalogue)

    @property
    def links(self) -> Links:
        """What footage is a copy of what."""
        return Links(self._catalogue)

    def state(self) -> ArchiveState:
        """What the archive holds now."""
        return self._catalogue().state()

    def check_soundness(self, *, progress: Progress | None = None) -> list[str]:
        """What is wrong with the archive, one sentence each; empty when it is sound.

        Raises:
            InterruptedWorkError: `progress` stopped it.
        """
        from provenance.archive.soundness import problems

        try:
            with stoppable(progress):
                return problems(*self._whole(), progress or SilentProgress())
        except ArchiveDamagedError as error:
            return [error.message]

    def repair(self, *, progress: Progress | None = None) -> list[str]:
        """Build the index again from the catalogue where needed, and delete leftovers.

        Returns:
            what was done, one sentence each.

        Raises:
            ArchiveDamagedError: the catalogue itself is damaged.
            InterruptedWorkError: `progress` stopped it; what was made good stays so.
        """
        from provenance.archive.soundness import repair

        with stoppable(progress):
            return repair(*self._whole(), progress or SilentProgress())

    def _learner(self, told: Told, thumbnails: bool, progress: Progress | None) -> Learner:
        # What is wrong with the archive, or with all that is plugged in, is said before long work.
        if self.exists:
            self._catalogue()
        source_plugins(self._settings)
        fingerprint_plugins(self._settings)
        return Learner(
            told=told,
            known=self._known_so_far,
            lacking=self._lacking,
            thumbnails=thumbnails,
            settings=self._settings,
            progress=progress or SilentProgress(),
        )

    def _write(self, learned: Sequence[Learned]) -> list[Added | ArchiveError]:
        return write_learned(*self._whole(create=True), learned)

    def _lacking(self, sha256: str) -> Sequence[Loaded[FingerprintPlugin]]:
        """The plugged-in kinds that have not described the file with these bytes yet."""
        kinds = fingerprint_plugins(self._settings)
        known = self.find_sha256(sha256) if kinds and self.exists else None
        return self.vectors.lacking(known.id, kinds) if known else kinds

    def _known_so_far(self, sha256: str) -> Knowledge:
        """What the archive knows of the file with these bytes."""
        known = self.find_sha256(sha256) if self.exists else None
        if known is None:
            return "nothing"
        return "pictures" if self.sound_state(known.id) is None else "all"

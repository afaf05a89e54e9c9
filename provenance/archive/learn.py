"""What one source teaches: its bytes, its fingerprint, and where and when it appeared.

What a person says beats what the platform says, field by field. The basis of the date is that of
whoever gave the date.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from provenance.archive.catalogue import now
from provenance.arguments import one_source
from provenance.crew import Crew
from provenance.dates import DateLike, When
from provenance.download import (
    MAX_ENTRIES,
    Download,
    Listing,
    Older,
    PlatformFacts,
    archived_capture,
    facts_from_sidecar,
)
from provenance.errors import MissingMediaError, UnreadableMediaError
from provenance.media import file_sha256
from provenance.models import Appearance, Basis, Fingerprint, Footage, Thumbnail
from provenance.plugins import (
    Described,
    FingerprintPlugin,
    Loaded,
    describe,
    is_remote,
    obtain,
    obtain_or_list,
)
from provenance.progress import Progress
from provenance.scratch import scratch_folder
from provenance.settings import Settings
from provenance.urls import without_login

if TYPE_CHECKING:
    from provenance.fingerprints import Heard

Knowledge = Literal["nothing", "pictures", "all"]
"""How much an archive knows of a file: footage of an older version's archive has no sound yet."""


@dataclass(frozen=True)
class Told:
    """What a person says of footage; None for what they leave open."""

    published: When | None = None
    url: str | None = None
    title: str | None = None
    place: str | None = None
    uploader: str | None = None
    note: str | None = None

    @classmethod
    def of(cls, published: DateLike | None, *said: str | None) -> Told:
        """From words as a caller gives them, empty ones left open. Raises UsageError (no date)."""
        return cls(
            None if published is None else When.of(published), *(word or None for word in said)
        )


@dataclass(frozen=True)
class Learned:
    """One source, learned. `footage` has no id and no appearances yet.

    `fingerprint` is None where the archive knows these bytes already, `sound` where it knows that
    too; `vectors` are of the plugged-in kinds that have not described it yet. `note` goes on where
    a sentence has begun with the source.
    """

    footage: Footage
    appearance: Appearance
    fingerprint: Fingerprint | None
    thumbnails: tuple[Thumbnail, ...]
    sound: Heard | None = None
    vectors: tuple[Described, ...] = ()
    note: str = ""


@dataclass(frozen=True)
class Wanted:
    """What is wanted of an address.

    Attributes:
        since: a video that was published before is not.
        most: entries of a list.
        is_dated: the list that the address was found in says when it was published.
    """

    since: When | None = None
    most: int = MAX_ENTRIES
    is_dated: bool = False


@dataclass(frozen=True)
class Learner:
    """Reads sources for an archive; threads may share it.

    Attributes:
        told: what a person says of what is read.
        known: what the archive knows of the bytes with this SHA-256.
        lacking: the plugged-in kinds that have not described these bytes yet.
        thumbnails: make pictures for people.
    """

    told: Told
    known: Callable[[str], Knowledge]
    lacking: Callable[[str], Sequence[Loaded[FingerprintPlugin]]]
    thumbnails: bool
    settings: Settings
    progress: Progress

    def learn(self, source: str | Path) -> Learned:
        """Read one file, or what a URL or a plug-in's location gives.

        Raises:
            DownloadError, MediaError, ToolError, UsageError: as the parts of the work do.
        """
        name = one_source(source)
        if not is_remote(name, self.settings):
            return self._file(Path(name))
        with scratch_folder() as folder:
            return self._download(obtain(name, folder, self.settings, self.progress))

    def learn_or_list(self, source: str | Path, wanted: Wanted) -> Learned | Listing | Older:
        """Read one file, or a location elsewhere that may be a list, too.

        Raises:
            DownloadError, MediaError, ToolError, UsageError: as `learn`.
        """
        name = one_source(source)
        if not is_remote(name, self.settings):
            return self._file(Path(name))
        with scratch_folder() as folder:
            found = obtain_or_list(
                *(name, folder, self.settings, self.progress),
                since=wanted.since,
                most=wanted.most,
            )
            if not isinstance(found, Download):
                return found
            learned = self._download(found)
        if wanted.since and not wanted.is_dated and not found.facts.published:
            return replace(learned, note="carries no date, and was taken for that reason.")
        return learned

    def _file(self, path: Path) -> Learned:
        _check_file(path)
        # The path is kept whole: the archive outlives the directory that somebody stood in.
        location = os.path.abspath(path)  # noqa: PTH100  # resolve() would also follow links
        return self._read(path, location, facts_from_sidecar(path) or PlatformFacts())

    def _download(self, found: Download) -> Learned:
        return self._read(found.path, without_login(found.location), found.facts)

    def _read(self, path: Path, location: str, facts: PlatformFacts) -> Learned:
        from provenance.media import probe

        sha256 = file_sha256(path)
        learned = self._fingerprinted(
            path,
            Footage(0, location, sha256, has_thumbnails=self.thumbnails),
            appearance_of(self.told, facts),
        )
        kinds = self.lacking(sha256)
        if not kinds:
            return learned
        described = describe(path, probe(path, self.settings), kinds, self.settings)
        return replace(learned, vectors=tuple(described))

    def _fingerprinted(self, path: Path, footage: Footage, appearance: Appearance) -> Learned:
        from provenance.fingerprints import fingerprint_known, listen, load_libraries
        from provenance.media import probe

        settings = self.settings
        knowledge = self.known(footage.sha256)
        if knowledge == "all":
            return Learned(footage, appearance, None, ())
        with Crew(1) as beside:
            if knowledge == "pictures":
                return Learned(
                    footage, appearance, None, (), listen(path, probe(path, settings), settings)
                )
            beside.submit(load_libraries)  # while a child examines the file
            info = probe(path, settings)
            sound = beside.submit(listen, path, info, settings)
            fingerprint, pictures = fingerprint_known(
                path, info, settings, thumbnails=self.thumbnails, progress=self.progress
            )
            heard = sound.result()
        footage = replace(
            footage,
            title=appearance.title,
            duration=info.duration,
            width=info.width,
            height=info.height,
            fps=info.fps,
        )
        return Learned(footage, appearance, fingerprint, pictures, heard)


def appearance_of(told: Told, facts: PlatformFacts) -> Appearance:
    """Where and when footage appeared, from what is said and what the platform or sidecar says.

    An address in a web archive stands for the original one; the capture's own address goes into the
    note where there is none, because it is what a reader can open.
    """
    url, note = told.url, told.note
    capture = archived_capture(url) if url else None
    published: When | None = told.published
    basis: Basis = "declared"
    if published is None and facts.published is not None:
        published, basis = facts.published, facts.basis or "platform"
    if capture:
        note = note or f"Web archive: {url}"
        url = capture[0]
        if published is None:
            published, basis = capture[1], "archived"
    if published is None:
        published, basis = now(), "ingested"
    return Appearance(
        url=url or facts.url,
        platform=facts.platform,
        published=published,
        basis=basis,
        title=told.title or facts.title,
        uploader=told.uploader or facts.uploader,
        place=told.place,
        note=note,
    )


def _check_file(path: Path) -> None:
    try:
        if path.is_dir():
            os.scandir(path).close()
            raise UnreadableMediaError(
                f"{path} is a folder without media files.",
                "Files are told by their extension; name a file to have it read whatever it is "
                "called.",
            )
        if not path.exists():
            raise MissingMediaError(f"{path} is not there.", "Check the spelling of the path.")
        if not path.is_file():
            raise UnreadableMediaError(f"{path} is not a file.", "Name a media file.")
    except OSError as error:
        raise UnreadableMediaError(
            f"{path} cannot be opened: {error.strerror or error}.",
            "Check the path and its rights.",
        ) from error

"""Downloads that are kept for a while, so that `check` and then `add` of one address fetch it once.

    cache = Cache.of(settings)
    kept = cache.take(url, folder)          # a file in `folder`, or None
    cache.keep(url, path, info, fetched)    # costs no room where a hard link can be made

One JSON file an address says what the site told, when the file was fetched, and which file beside
it that is. Both are written under a lock that all processes of the user share, the file first:
whatever is killed when, what no JSON file names is swept away with the next addition. A taken file
has a name of its own (a hard link, or a copy on another disk), so that what the cache drops stays
with whoever is reading it.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import hashlib
import json
import os
import shutil
import time
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from provenance.locks import lock
from provenance.settings import Settings
from provenance.urls import canonical_url, video_key

_FORMAT = 1
_LOCK = "lock"
_NOTE, _MEDIA, _UNFINISHED = ".json", ".media", ".part"
_STALE = 86400.0  # seconds; whoever writes a file for longer was killed
_NOTE_BYTES = 4 * 1024 * 1024  # thirteen texts of at most 10,000 characters are far less


@dataclass(frozen=True)
class Kept:
    """A download that was in the cache, now in a folder of the caller's.

    Attributes:
        path: the file.
        info: what yt-dlp told of it, by `INFO_FIELDS`.
        fetched: when it was fetched, in UTC.
    """

    path: Path
    info: Mapping[str, Any]
    fetched: dt.datetime


class Cache:
    """See the module. A cache that cannot be read or written has nothing and keeps nothing: it
    spares work, and no download fails because of it.

    Args:
        folder: where it lies; made by the first addition.
        max_bytes: of all files in it; 0: there is no cache.
        max_age: seconds after which a download is not given out any more.
        form: what else, besides the address, makes a download what it is.
    """

    def __init__(self, folder: Path, max_bytes: int, max_age: float, form: str = "") -> None:
        self._folder = folder
        self._max_bytes = max_bytes
        self._max_age = max_age
        self._form = form

    @classmethod
    def of(cls, settings: Settings) -> Cache:
        """The cache that the settings describe.

        Local hosts belong to the form: what was fetched while a server was listed is not given out
        where it is not, as if nothing had been refused.
        """
        return cls(
            settings.cache_path(),
            settings.download_cache_max_bytes,
            settings.download_cache_max_age,
            f"{settings.download_max_height}p {settings.download_local_hosts.strip()}".strip(),
        )

    def take(self, url: str, folder: Path) -> Kept | None:
        """Put the file of an address into `folder`, which must be empty.

        Returns:
            None where the cache has none, or an old or a damaged one.
        """
        note = self._note(url)
        said = _read(note) if self._max_bytes else None
        if said is None or not self._is_young(said["fetched"]):
            return None
        path = folder / f"kept{Path(said['suffix']).suffix}"
        try:
            with lock(self._folder / _LOCK):
                said = _read(note)  # perhaps another one by now
                if said is None:
                    return None
                media = self._media(said).open("rb")  # stays readable, whatever is dropped
                linked = _linked(self._media(said), path)
                _used_now(note)
            with media:
                if not linked:
                    with path.open("xb") as copy:
                        shutil.copyfileobj(media, copy)
            if _sha256(path) == said["sha256"]:
                return Kept(path, said["info"], dt.datetime.fromtimestamp(said["fetched"], dt.UTC))
        except OSError:  # the file is gone, or its disk is broken
            pass
        with contextlib.suppress(OSError):
            path.unlink(missing_ok=True)
            self._drop(note, said)
        return None

    def keep(self, url: str, path: Path, info: Mapping[str, Any], fetched: dt.datetime) -> None:
        """Keep the file of an address, instead of an older one, and drop what is too much."""
        try:
            size = path.stat().st_size
            if size > self._max_bytes:
                return
            sha256 = _sha256(path)
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            note = self._note(url)
            said = {
                "format": _FORMAT,
                "url": canonical_url(url),
                "fetched": fetched.timestamp(),
                "media": f"{note.stem}-{uuid.uuid4().hex}{_MEDIA}",
                "suffix": f"video{path.suffix}",
                "bytes": size,
                "sha256": sha256,
                "info": dict(info),
            }
            media = self._media(said)
            unfinished = media.with_suffix(_UNFINISHED)
            try:
                if not _linked(path, unfinished):
                    shutil.copyfile(path, unfinished)
                with lock(self._folder / _LOCK):
                    self._make_room(size, instead_of=note)
                    unfinished.replace(media)
                    unfinished.write_text(json.dumps(said), encoding="utf-8")
                    _used_now(unfinished)
                    unfinished.replace(note)
            finally:  # half a copy must not lie on a full disk for a day
                unfinished.unlink(missing_ok=True)
        except OSError:  # a full disk, or a folder that is not ours: the download itself stands
            with contextlib.suppress(OSError), lock(self._folder / _LOCK):
                self._sweep()

    def bytes_on_disk(self) -> int:
        """How much room it takes."""
        return sum(size for _, _, size in self._entries())

    def _note(self, url: str) -> Path:
        key = hashlib.sha256(f"{video_key(url)}\n{self._form}".encode("utf-8", "surrogatepass"))
        return self._folder / f"{key.hexdigest()[:40]}{_NOTE}"

    def _media(self, said: Mapping[str, Any]) -> Path:
        return self._folder / Path(str(said["media"])).name

    def _is_young(self, fetched: float) -> bool:
        return 0 <= time.time() - fetched < self._max_age

    def _drop(self, note: Path, said: Mapping[str, Any] | None) -> None:
        """Forget a damaged entry, unless somebody has put another in its place meanwhile."""
        with lock(self._folder / _LOCK):
            now = _read(note)
            if now is None or said is None or now["media"] == said["media"]:
                note.unlink(missing_ok=True)
                self._sweep()

    def _make_room(self, size: int, *, instead_of: Path) -> None:
        """Drop what is replaced, and what was used longest ago."""
        instead_of.unlink(missing_ok=True)
        entries = sorted(self._entries())
        total = size + sum(bytes_ for _, _, bytes_ in entries)
        for _, note, bytes_ in entries:
            if total > self._max_bytes:
                note.unlink(missing_ok=True)
                total -= bytes_
        self._sweep()

    def _entries(self) -> Iterator[tuple[float, Path, int]]:
        """When each was last used, its note, and the bytes of its file."""
        for note in self._folder.glob(f"*{_NOTE}"):
            said = _read(note)
            with contextlib.suppress(OSError):
                yield note.stat().st_mtime, note, int(said["bytes"]) if said else 0

    def _sweep(self) -> None:
        """Delete files that no note names: dropped ones, and those of whoever was killed."""
        notes = list(self._folder.glob(f"*{_NOTE}"))
        named = {str(said["media"]) for note in notes if (said := _read(note))}
        for file in self._folder.glob(f"*{_MEDIA}"):
            if file.name not in named:
                file.unlink(missing_ok=True)
        for file in self._folder.glob(f"*{_UNFINISHED}"):
            with contextlib.suppress(OSError):
                if time.time() - file.stat().st_ctime > _STALE:
                    file.unlink()


def _read(note: Path) -> dict[str, Any] | None:
    """What a note says; None where there is none, or none that can be read."""
    try:
        if note.stat().st_size > _NOTE_BYTES:
            return None
        said = json.loads(note.read_bytes())
        sound = (
            said["format"] == _FORMAT
            and isinstance(said["info"], dict)
            and isinstance(said["fetched"], float | int)
            and isinstance(said["bytes"], int)
            and bool(said["media"])
            and isinstance(said["suffix"], str)
            and bool(said["sha256"])
        )
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None
    return dict(said) if sound else None


def _used_now(note: Path) -> None:
    """Note the time; a file system's own clock may stand still for some milliseconds."""
    now = time.time_ns()
    os.utime(note, ns=(now, now))


def _linked(old: Path, new: Path) -> bool:
    """Give a file another name; False on another disk, or one that knows no hard links."""
    try:
        os.link(old, new)
    except OSError:
        return False
    return True


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()

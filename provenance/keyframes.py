"""The distinct frames of a source as pictures, named by their time, with their hashes.

    for frame in save_keyframes("clip.mp4", "frames"):
        print(frame.path, frame.seconds, frame.phash)

The pictures have the source's own resolution, for reverse image search and for looking closely. The
hash is the 64-bit pHash of ImageHash, computed from the whole picture, so that others can compare.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from provenance._version import __version__
from provenance.errors import ProvenanceError, UsageError
from provenance.media import Frame, MediaInfo, probe, read_frames
from provenance.plugins import is_remote, obtain
from provenance.progress import Progress, SilentProgress
from provenance.scratch import scratch_folder
from provenance.settings import Settings, load_settings
from provenance.urls import without_login

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

SCHEMA = "provenance.keyframes/1"
LISTING = "keyframes.json"
JPEG_QUALITY = 92
_JPEG_SIDE = 65_500  # no side of a JPEG may be longer
_HASH = "64-bit pHash (ImageHash)"

Format = Literal["jpg", "png"]


@dataclass(frozen=True)
class Keyframe:
    """One saved picture.

    Attributes:
        path: the picture.
        seconds: presentation time from the start of the source.
        phash: 64-bit pHash as 16 hex digits.
        width, height: pixels.
    """

    path: Path
    seconds: float
    phash: str
    width: int
    height: int


def save_keyframes(
    source: str | Path,
    folder: str | Path,
    *,
    form: Format = "jpg",
    overwrite: bool = False,
    settings: Settings | None = None,
    progress: Progress | None = None,
) -> Iterator[Keyframe]:
    """Save the frames of a file or URL that differ from all frames saved before them.

    Frames are looked at as densely as `check` does. With the last one `keyframes.json` is written,
    which lists them all.

    Args:
        folder: made where there is none.
        overwrite: also replace files of the same names that are there already.

    Yields:
        each picture once it is written.

    Raises:
        UsageError: a file of that name is there already, or the folder cannot be written to.
        DownloadError, MediaError: the source cannot be had or read.
    """
    settings = settings or load_settings()
    progress = progress or SilentProgress()
    place = _Place(Path(folder), overwrite=overwrite)
    with contextlib.ExitStack() as stack:
        path, url = Path(source), None
        if is_remote(str(source), settings):
            found = obtain(str(source), stack.enter_context(scratch_folder()), settings, progress)
            path, url = found.path, found.facts.url
        info = probe(path, settings)
        place.prepare()
        saved = []
        for frame in _save(_distinct(path, info, settings, progress), place, form):
            saved.append(frame)
            yield frame
        listing = _listing(str(source), url, path, info, saved)
        place.write(LISTING, json.dumps(listing, indent=2).encode("ascii") + b"\n")


def keyframe_dict(frame: Keyframe) -> dict[str, Any]:
    """A saved picture as JSON-ready data; `file` is its name in the folder."""
    return {
        "file": frame.path.name,
        "seconds": round(frame.seconds, 3),
        "phash": frame.phash,
        "width": frame.width,
        "height": frame.height,
    }


def picture_name(seconds: float, form: Format) -> str:
    """The name of the picture at that time: "0h00m03.120s.jpg"; sorts by time within ten hours."""
    minutes, milliseconds = divmod(round(seconds * 1000), 60_000)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}h{minutes:02d}m{milliseconds / 1000:06.3f}s.{form}"


class _Place:
    """A folder that files are written to without overwriting others."""

    def __init__(self, folder: Path, *, overwrite: bool) -> None:
        self.folder = folder
        self._overwrite = overwrite

    def prepare(self) -> None:
        """Make the folder; refuse early one that holds an earlier run."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except FileExistsError as error:
            raise UsageError(f"{self.folder} is a file.", "Name a folder with -o.") from error
        except OSError as error:
            raise self._refusal(self.folder, error) from error
        if not self._overwrite and (self.folder / LISTING).exists():
            raise self._taken(self.folder / LISTING)

    def write(self, name: str, data: bytes) -> Path:
        """A whole file, or none."""
        path = self.folder / name
        try:
            with path.open("wb" if self._overwrite else "xb") as file:
                try:
                    file.write(data)
                except BaseException:
                    path.unlink(missing_ok=True)
                    raise
        except FileExistsError as error:
            raise self._taken(path) from error
        except OSError as error:
            raise self._refusal(path, error) from error
        return path

    def _taken(self, path: Path) -> UsageError:
        return UsageError(
            f"{path} is there already and is not overwritten.",
            "Name another folder, or add --force to overwrite.",
        )

    def _refusal(self, path: Path, error: OSError) -> ProvenanceError:
        return UsageError(
            f"{path} cannot be written: {error.strerror or error}.", "Name another folder with -o."
        )


def _distinct(
    path: Path, info: MediaInfo, settings: Settings, progress: Progress
) -> Iterator[tuple[Frame, int]]:
    """Frames that look like none before them, with their hashes."""
    from provenance.fingerprints.frame_hash import SAME_FRAME_BITS, hash_distance
    from provenance.fingerprints.sampling import QUERY

    frames = read_frames(
        path,
        info,
        long_side=max(info.width, info.height),
        every=QUERY.seconds(info.duration),
        colour=True,
        settings=settings,
    )
    kept: list[int] = []
    last = 0.0
    with progress.task(f"looking through {path.name}", info.duration) as task:
        for frame in frames:
            task.advance(frame.seconds - last)
            last = frame.seconds
            value = _hash(frame.image)
            # The newest ones first: a frame mostly resembles the one just before it.
            if all(hash_distance(value, other) > SAME_FRAME_BITS for other in reversed(kept)):
                kept.append(value)
                yield frame, value


def _save(frames: Iterator[tuple[Frame, int]], place: _Place, form: Format) -> Iterator[Keyframe]:
    from provenance.fingerprints.frame_hash import hash_text

    for frame, value in frames:
        height, width = frame.image.shape[:2]
        kind: Format = "png" if max(height, width) > _JPEG_SIDE else form
        path = place.write(picture_name(frame.seconds, kind), _encoded(frame.image, kind))
        yield Keyframe(path, frame.seconds, hash_text(value), width, height)


def _hash(image: npt.NDArray[np.uint8]) -> int:
    """The hash that anybody gets who gives the picture to ImageHash: gray as Pillow makes it."""
    import numpy as np
    from PIL import Image

    from provenance.fingerprints.frame_hash import frame_hash

    return frame_hash(np.asarray(Image.fromarray(image).convert("L")))


def _encoded(image: npt.NDArray[np.uint8], form: Format) -> bytes:
    import io

    from PIL import Image

    data = io.BytesIO()
    if form == "png":
        Image.fromarray(image).save(data, "PNG")
    else:
        Image.fromarray(image).save(data, "JPEG", quality=JPEG_QUALITY)
    return data.getvalue()


def _listing(
    source: str, url: str | None, path: Path, info: MediaInfo, saved: list[Keyframe]
) -> dict[str, Any]:
    with path.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    return {
        "schema": SCHEMA,
        "tool": {"name": "provenance", "version": __version__},
        "source": {
            "location": without_login(source),
            "url": url,
            "sha256": sha256,
            "duration": None if info.duration is None else round(info.duration, 3),
            "width": info.width,
            "height": info.height,
        },
        "hash": _HASH,
        "frames": [keyframe_dict(frame) for frame in saved],
    }

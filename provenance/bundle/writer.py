"""Writes a bundle under its name when it is complete, and never over another one."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import platform
import re
import zipfile
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from provenance._version import __version__
from provenance.bundle import layout
from provenance.bundle.stamps import StampError, request_stamp
from provenance.errors import ProvenanceError, UsageError
from provenance.models import EvidenceFrame, Report
from provenance.process import Limits, find_ffmpeg, run
from provenance.report import renderer
from provenance.settings import Settings

_LIBRARIES = ("av", "faiss-cpu", "numpy", "opencv-python-headless", "pillow", "yt-dlp")


@dataclass(frozen=True)
class Written:
    """A bundle that was written.

    Attributes:
        path: the file.
        manifest_sha256: SHA-256 of its manifest, which stands for all that is in it.
        stamp_error: why there is no time stamp in it though one was asked for; None where there
            is one, or none was asked for.
    """

    path: Path
    manifest_sha256: str
    stamp_error: StampError | None = None


def refuse_bundle(path: Path) -> None:
    """Refuse, before any work is done, a place where no bundle can be written.

    Raises:
        UsageError: something is there already, or there is no such folder.
    """
    if path.exists() or path.is_symlink():
        raise UsageError(
            f"{path} is there already; evidence is not overwritten.", "Choose another name."
        )
    if not path.parent.is_dir():
        raise UsageError(
            f"{path} cannot be written: there is no folder {path.parent}.", "Make it first."
        )


def write_bundle(report: Report, path: Path, settings: Settings, stamp_url: str = "") -> Written:
    """Write the bundle of one report that was made with `evidence=True`.

    Args:
        stamp_url: a server of time stamps; empty: none is asked. Without an answer of it the bundle
            is written all the same.

    Raises:
        UsageError: the bundle cannot be written there.
    """
    refuse_bundle(path)
    assert report.evidence is not None, "the report was made without evidence"
    files = _files(report)
    manifest = _text(_manifest(report, files, settings))
    stamp, failed = None, None
    if stamp_url:
        try:
            stamp = request_stamp(manifest, stamp_url, settings)
        except StampError as error:
            failed = error
    ordered = {layout.MANIFEST: manifest, **({layout.STAMP: stamp} if stamp else {}), **files}
    _write(path, ordered)
    return Written(path, hashlib.sha256(manifest).hexdigest(), failed)


def frame_name(frame: EvidenceFrame) -> str:
    """The name of a frame in the bundle: "frames/m1-s2-0h00m03.120s.png"."""
    minutes, milliseconds = divmod(round(frame.seconds * 1000), 60_000)
    hours, minutes = divmod(minutes, 60)
    time = f"{hours}h{minutes:02d}m{milliseconds / 1000:06.3f}s"
    return f"{layout.FRAMES}/m{frame.match + 1}-s{frame.segment + 1}-{time}.png"


def _files(report: Report) -> dict[str, bytes]:
    evidence = report.evidence
    assert evidence
    files = {
        layout.REPORT: renderer("json").render([report]).encode(),
        layout.PAGE: renderer("html").render([report]).encode(),
    }
    if evidence.download:
        files[layout.DOWNLOAD] = _text(evidence.download)
    return files | {frame_name(frame): frame.png for frame in evidence.frames}


def _manifest(report: Report, files: dict[str, bytes], settings: Settings) -> dict[str, Any]:
    from provenance.archive.migrations import KNOWN_VERSION

    data = report.to_dict()
    source = {name: data["source"][name] for name in ("location", "url", "sha256", "bytes")}
    evidence = report.evidence
    assert evidence
    return {
        "schema": layout.SCHEMA,
        "checked_at": data["checked_at"],
        "tools": _tools(settings),
        "archive": {**(data["archive"] or {}), "version": KNOWN_VERSION},
        "source": source,
        "frames": [
            {
                "file": frame_name(frame),
                "match": frame.match + 1,
                "segment": frame.segment + 1,
                "seconds": round(frame.seconds, 3),
                "reference_seconds": round(frame.reference_seconds, 3),
            }
            for frame in evidence.frames
        ],
        "files": [
            {"name": name, "bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
            for name, content in files.items()
        ],
    }


def _tools(settings: Settings) -> dict[str, str]:
    found = {"provenance": __version__, "python": platform.python_version()}
    for name in _LIBRARIES:
        with contextlib.suppress(PackageNotFoundError):
            found[name] = version(name)
    with contextlib.suppress(ProvenanceError):
        ffmpeg = run([find_ffmpeg(settings.ffmpeg), "-hide_banner", "-version"], Limits(30))
        if said := re.match(rb"ffmpeg version (\S+)", ffmpeg.stdout):
            found["ffmpeg"] = said[1].decode("utf-8", "replace")
    return found


def _text(data: Any) -> bytes:
    return json.dumps(data, indent=2, ensure_ascii=True).encode() + b"\n"


def _write(path: Path, files: dict[str, bytes]) -> None:
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        try:
            with part.open("xb") as stream, zipfile.ZipFile(stream, "w") as archive:
                for name, content in files.items():
                    # One time for all: when a file was packed says nothing.
                    entry = zipfile.ZipInfo(name)
                    entry.external_attr = 0o644 << 16
                    packs = not name.endswith(".png")
                    entry.compress_type = zipfile.ZIP_DEFLATED if packs else zipfile.ZIP_STORED
                    archive.writestr(entry, content)
            _name(part, path)
        finally:
            part.unlink(missing_ok=True)
    except FileExistsError as error:
        refuse_bundle(path)
        raise UsageError(f"{path} cannot be written: {error.strerror}.") from error
    except OSError as error:
        raise UsageError(
            f"{path} cannot be written: {error.strerror or error}.", "Choose another place."
        ) from error


def _name(part: Path, path: Path) -> None:
    """Give a complete file its name; unlike a renaming, a link fails where something is there."""
    try:
        os.link(part, path)
    except FileExistsError:
        raise
    except OSError:  # a file system without links
        refuse_bundle(path)
        part.replace(path)

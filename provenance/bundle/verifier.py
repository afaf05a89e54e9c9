"""Is a bundle what it was when it was written? Nothing of it is ever unpacked to the disk."""

from __future__ import annotations

import hashlib
import json
import lzma
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from provenance.bundle import layout
from provenance.bundle.stamps import MOST_BYTES as MOST_STAMP
from provenance.bundle.stamps import read_stamp
from provenance.dates import When, spoken
from provenance.errors import MissingMediaError, ProvenanceError, UnreadableMediaError, UsageError
from provenance.media import file_sha256
from provenance.report import validate
from provenance.settings import Settings

Status = Literal["ok", "warn", "fail"]
_CHUNK = 1 << 20
_NOT_UNPACKED = (
    *(zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, OSError, ValueError),
    NotImplementedError,  # a way of packing that nobody here knows
)
"""What reading a damaged file of a ZIP file raises, in whichever way another program packed it."""


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at: "fail" means that the bundle is not what it was."""

    status: Status
    text: str


@dataclass(frozen=True)
class Verdict:
    """What became of a bundle.

    Attributes:
        findings: what was looked at, in order.
        manifest_sha256: SHA-256 of its manifest; None where there is none.
    """

    findings: tuple[Finding, ...]
    manifest_sha256: str | None = None

    @property
    def sound(self) -> bool:
        """Whether the bundle is what it was when it was written."""
        return all(finding.status != "fail" for finding in self.findings)


def verify_bundle(
    path: str | Path, settings: Settings | None = None, source: str | Path | None = None
) -> Verdict:
    """Look at everything in a bundle: missing, changed and extra files, the report, the time stamp.

    Args:
        source: the video itself, to be held against the SHA-256 in the bundle.

    Raises:
        MissingMediaError, UnreadableMediaError: no such file, or no ZIP file at all.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            return _Look(archive, settings or Settings()).verdict(source)
    except FileNotFoundError as error:
        raise MissingMediaError(f"There is no file {path}.", "Check the spelling.") from error
    except OSError as error:
        raise UnreadableMediaError(f"{path} cannot be read: {error.strerror or error}.") from error
    except (zipfile.BadZipFile, NotImplementedError, ValueError) as error:
        raise UnreadableMediaError(
            f"{path} is no bundle: {error}.", "A bundle is what `check --bundle FILE.zip` writes."
        ) from error


class _Look:
    def __init__(self, archive: zipfile.ZipFile, settings: Settings) -> None:
        self._zip = archive
        self._settings = settings
        self._texts: dict[str, bytes] = {}

    def verdict(self, source: str | Path | None) -> Verdict:
        if objection := layout.unfit(self._zip.infolist()):
            return Verdict((Finding("fail", f"Refused, and not read: {objection}."),))
        manifest = self._content(layout.MANIFEST)
        if manifest is None:
            return Verdict((Finding("fail", f"{layout.MANIFEST} is missing or damaged."),))
        digest = hashlib.sha256(manifest).hexdigest()
        try:
            data = json.loads(manifest)
        except (ValueError, RecursionError):
            data = None
        listed = layout.listed_files(data)
        if listed is None:
            text = f"{layout.MANIFEST} is not that of a bundle ({layout.SCHEMA})."
            return Verdict((Finding("fail", text),), digest)
        findings = [
            *self._files(listed),
            *self._report(data),
            *self._source(data, source),
            *self._stamp(manifest),
        ]
        return Verdict(tuple(findings), digest)

    def _files(self, listed: list[layout.Listed]) -> Iterator[Finding]:
        there = set(self._zip.namelist()) - {layout.MANIFEST, layout.STAMP}
        wrong = False
        for file in listed:
            if file.name not in there:
                yield Finding("fail", f"{file.name} is missing.")
                wrong = True
            elif self._digest(file.name) != (file.bytes, file.sha256):
                yield Finding("fail", f"{file.name} was changed or is damaged.")
                wrong = True
        for name in sorted(there - {file.name for file in listed}):
            yield Finding("fail", f"{name} was added: the manifest does not list it.")
            wrong = True
        if self._zip.comment:
            yield Finding("fail", "A comment was added to the ZIP file.")
        if not wrong:
            yield Finding("ok", f"All {len(listed)} files are as the manifest lists them.")

    def _report(self, manifest: Any) -> Iterator[Finding]:
        content = self._content(layout.REPORT)
        if content is None:
            yield Finding("fail", f"There is no readable {layout.REPORT}.")
            return
        try:
            report = json.loads(content)
            validate(report)
        except (ValueError, RecursionError):
            yield Finding("fail", f"{layout.REPORT} is no JSON.")
            return
        except UsageError as error:
            yield Finding("fail", f"{layout.REPORT}: {error.message}")
            return
        if _sha256(manifest) != report["source"]["sha256"]:
            yield Finding("fail", "Report and manifest name different sources.")
            return
        yield Finding("ok", f"{layout.REPORT} is a sound report of {report['source']['location']}.")

    def _source(self, manifest: Any, source: str | Path | None) -> Iterator[Finding]:
        known = _sha256(manifest)
        if source is None:
            text = f"The source itself was not compared; its SHA-256 should be {known}."
            yield Finding("warn", text)
            return
        try:
            same = file_sha256(Path(source)) == known
        except (ProvenanceError, OSError) as error:
            yield Finding("fail", f"The source {source} cannot be read: {error}")
            return
        if same:
            yield Finding("ok", f"{source} is the file that was checked.")
        else:
            yield Finding("fail", f"{source} is not the file that was checked.")

    def _stamp(self, manifest: bytes) -> Iterator[Finding]:
        if layout.STAMP not in self._zip.namelist():
            text = (
                "No time stamp. Whoever changes a file can write its hash anew: compare the "
                "manifest's SHA-256 with the one that its author gave you in another way."
            )
            yield Finding("warn", text)
            return
        token = self._content(layout.STAMP, MOST_STAMP)
        stamp = read_stamp(token or b"", manifest, self._settings)
        if stamp.error:
            yield Finding("fail", f"The time stamp does not hold: {stamp.error}.")
            return
        signed = f"Time stamp: {spoken(When.parse(stamp.time))}, by {stamp.signer or 'no name'}"
        if stamp.trusted:
            yield Finding("ok", f"{signed}, who is trusted.")
        else:
            text = "; whether that signer is to be trusted was not checked (no trusted certificates"
            yield Finding("warn", f"{signed}{text} are named).")

    def _digest(self, name: str) -> tuple[int, str] | None:
        """Bytes and SHA-256 of a file as it unpacks; None where it does not."""
        digest, size = hashlib.sha256(), 0
        try:
            with self._zip.open(name) as file:
                while data := file.read(_CHUNK):
                    size += len(data)
                    if size > layout.MOST_BYTES:
                        return None
                    digest.update(data)
        except _NOT_UNPACKED:
            return None
        return size, digest.hexdigest()

    def _content(self, name: str, most: int = layout.MOST_TEXT) -> bytes | None:
        """A whole file; None where it is missing, damaged or too large."""
        if name not in self._texts:
            try:
                with self._zip.open(name) as file:
                    data = file.read(most + 1)
            except (KeyError, *_NOT_UNPACKED):
                return None
            if len(data) > most:
                return None
            self._texts[name] = data
        return self._texts[name]


def _sha256(manifest: Any) -> Any:
    source = manifest.get("source")
    return source.get("sha256") if isinstance(source, dict) else None

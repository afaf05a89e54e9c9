"""The front of the downloader: one URL to one file, a playlist to its entries.

yt-dlp runs in a child process. It reads pages from strangers with a thousand extractors, and
inside this process a server that drips one byte a second could be stopped by no time limit; a
child can be killed, together with the ffmpeg and the JavaScript runtime that it starts, and leaves
neither memory nor changed global state behind.
"""

from __future__ import annotations

import json
import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from provenance.download.facts import PlatformFacts, facts_from_info
from provenance.download.failures import Failure, explained
from provenance.download.network import read_network
from provenance.errors import DownloadError, SettingsError
from provenance.process import Child, LimitError, Limits, find_ffmpeg, worker_command
from provenance.progress import Progress, SilentProgress, Task
from provenance.settings import Settings

MAX_ENTRIES = 1000
"""Entries of a playlist beyond this are left out."""

_LINE_BYTES = 1 << 20  # the longest is the result: some clean texts of at most 10,000 characters
_OUTPUT_BYTES = 64 * 1024 * 1024
_STEM = "video"  # never the title: that is text from outside


@dataclass(frozen=True)
class Download:
    """A downloaded file.

    Attributes:
        path: the file.
        location: the URL as it was given.
        facts: what the platform says of it.
    """

    path: Path
    location: str
    facts: PlatformFacts


def is_url(location: str) -> bool:
    """Whether this is an http(s) URL; anything else is a path."""
    return re.match(r"https?://", location, re.IGNORECASE) is not None


@contextmanager
def scratch_folder() -> Iterator[Path]:
    """A folder of our own that is gone when the block is left, whatever happened in it."""
    folder = Path(tempfile.mkdtemp(prefix="provenance-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def download(
    url: str, folder: Path, settings: Settings, progress: Progress | None = None
) -> Download:
    """Fetch one video.

    Args:
        url: an http(s) address of a media file, or of a page that holds one video.
        folder: an existing folder; nothing but the finished file is left in it.
        settings: limits on height, bytes, duration, time, stalling and retries.
        progress: told of the bytes as they come.

    Raises:
        DownloadError: the address gave no whole video within the limits; says why.
        SettingsError: local hosts, proxy or cookies of the settings cannot be used.
        ToolError: there is no ffmpeg.
        InterruptedWorkError: the caller wants to stop.
    """
    _require_web_address(url)
    part = Path(tempfile.mkdtemp(prefix=".download-", dir=folder))
    try:
        result = _ask_worker("download", url, settings, part, progress or SilentProgress())
        file = part / str(result.get("file"))
        if not result.get("file") or not file.is_file():
            raise explained(url, Failure("", kind="nothing"), settings)
        if not file.stat().st_size:
            raise explained(url, Failure("", kind="empty"), settings)
        if file.stat().st_size > settings.download_max_bytes:
            raise explained(url, Failure("", kind="too_large"), settings)
        path = file.replace(_free_name(folder, file.suffix))
        return Download(path, url, facts_from_info(result["info"]))
    finally:
        shutil.rmtree(part, ignore_errors=True)


def expand(url: str, settings: Settings) -> list[str]:
    """The addresses of a playlist's entries (at most MAX_ENTRIES), or `[url]` for one video.

    Raises:
        DownloadError: the address gave neither a video nor a playlist.
        SettingsError: local hosts, proxy or cookies of the settings cannot be used.
    """
    _require_web_address(url)
    result = _ask_worker("expand", url, settings, None, SilentProgress())
    entries = [entry for entry in result["entries"] if isinstance(entry, str) and is_url(entry)]
    if result["playlist"] and not entries:
        raise explained(url, Failure("", kind="no_video"), settings)
    return entries if result["playlist"] else [url]


def fetch_file(url: str, folder: Path, settings: Settings) -> Path:
    """Fetch what lies at an address, whatever it is, into `folder`, without sending any cookies.

    Raises:
        DownloadError: nothing came, or more than the settings allow for a download.
        SettingsError: local hosts or proxy of the settings cannot be used.
    """
    _require_web_address(url)
    settings = replace(settings, download_cookies="", download_cookies_from_browser="")
    result = _ask_worker("file", url, settings, folder, SilentProgress())
    return folder / str(result["file"])


def _ask_worker(
    task: str, url: str, settings: Settings, folder: Path | None, progress: Progress
) -> Mapping[str, Any]:
    """Run `worker.py` and follow its lines: progress while it works, then a result or a failure."""
    network = read_network(settings)
    order = {
        "task": task,
        "url": url,
        "folder": str(folder) if folder else None,
        "stem": _STEM,
        "ffmpeg": find_ffmpeg(settings.ffmpeg),
        "max_entries": MAX_ENTRIES,
        "settings": {k: v for k, v in asdict(settings).items() if k.startswith("download_")},
        "network": {
            "local": sorted(network.local),
            "proxy": network.proxy,
            "cookies": str(network.cookies) if network.cookies else None,
            "browser": network.browser,
        },
    }
    # No limit on address space: a JavaScript runtime reserves far more than it uses. The worker
    # limits its data and its files itself.
    limits = Limits(timeout=settings.download_timeout, memory=0, output=_OUTPUT_BYTES)
    command = worker_command("provenance.download.worker", [])
    given = json.dumps(order).encode()  # not as an argument: a proxy's password may stand in it
    with ExitStack() as stack:
        bytes_so_far = _BytesTask(stack, progress)
        child = stack.enter_context(Child(command, limits, given=given))
        while line := child.readline(_LINE_BYTES):
            event = _decoded(line)
            if "failure" in event:
                raise explained(url, Failure(**event["failure"]), settings)
            if "settings" in event:
                raise SettingsError(*event["settings"])
            if "result" in event:
                result: Mapping[str, Any] = event["result"]
                return result
            bytes_so_far.report(int(event.get("bytes", 0)), event.get("total"))
        try:
            child.finish()
        except LimitError as error:
            raise explained(url, Failure("", kind="time_out"), settings) from error
        last_words = child.stderr_tail().strip().splitlines()
    raise explained(url, Failure(last_words[-1] if last_words else "", kind="crash"), settings)


class _BytesTask:
    """Two tasks in turn: "contacting the site" until bytes come, then "downloading" in bytes."""

    def __init__(self, stack: ExitStack, progress: Progress) -> None:
        self._progress = progress
        self._stack = stack
        self._opening = ExitStack()
        stack.push(self._opening)
        self._waiting: Task = self._opening.enter_context(progress.task("contacting the site"))
        self._task: Task | None = None
        self._seen = 0

    def report(self, count: int, total: float | None) -> None:
        """So many bytes have come. Raises InterruptedWorkError when the caller wants to stop."""
        if not count:
            self._waiting.advance(0)
            return
        if self._task is None:
            self._opening.close()
            self._task = self._stack.enter_context(self._progress.task("downloading", total))
        # A transfer that starts over counts from the beginning again; a bar does not run backwards.
        self._task.advance(max(0, count - self._seen))
        self._seen = max(self._seen, count)


def _decoded(line: bytes) -> Mapping[str, Any]:
    try:
        event = json.loads(line)
    except ValueError:
        return {}
    return event if isinstance(event, dict) else {}


def _require_web_address(url: str) -> None:
    if not is_url(url):
        raise explained(url, Failure("", kind="scheme"))
    try:
        parts = urlsplit(url)
        valid = bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        valid = False
    if not valid or re.search(r"[\s\x00-\x1f]", url):
        raise explained(url, Failure("", kind="malformed"))


def _free_name(folder: Path, suffix: str) -> Path:
    """A name in `folder` that is not taken. The ending comes from outside: short and plain."""
    ending = suffix.lower() if re.fullmatch(r"\.[A-Za-z0-9]{1,5}", suffix) else ".bin"
    names = (f"{_STEM}{f'-{number}' if number > 1 else ''}{ending}" for number in range(1, 10_000))
    for name in names:
        if not (folder / name).exists():
            return folder / name
    raise DownloadError(f"The folder {folder} is full of downloads.", "Give another folder.")

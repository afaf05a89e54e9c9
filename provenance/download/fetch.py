"""The front of the downloader: one URL to one file, or to what a playlist holds.

yt-dlp runs in a child process. It reads pages from strangers with a thousand extractors, and
inside this process a server that drips one byte a second could be stopped by no time limit; a
child can be killed, together with the ffmpeg and the JavaScript runtime that it starts, and leaves
neither memory nor changed global state behind.
"""

from __future__ import annotations

import datetime as dt
import json
import re
import shutil
import tempfile
import time
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from provenance.dates import When
from provenance.download.cache import Cache, Kept
from provenance.download.facts import PlatformFacts, facts_from_info
from provenance.download.failures import Failure, explained, is_patience_asked, trouble
from provenance.download.lists import Listing, is_older
from provenance.download.network import read_network
from provenance.download.sites import Turn, turn_at
from provenance.errors import DownloadError, SettingsError
from provenance.process import Child, LimitError, Limits, find_ffmpeg, worker_command
from provenance.progress import Progress, SilentProgress, Task
from provenance.settings import Settings
from provenance.urls import scheme_of

MAX_ENTRIES = 1000
"""Entries of a playlist beyond this are left out; `Listing.more` says so."""

_LINE_BYTES = 1 << 24  # the longest is a list: at most MAX_ENTRIES addresses
_OUTPUT_BYTES = 64 * 1024 * 1024
_PAGE_PAUSE = 0.25  # of the pause between two downloads: between the pages of one list
_STEM = "video"  # never the title: that is text from outside


@dataclass(frozen=True)
class Download:
    """A downloaded file.

    Attributes:
        path: the file.
        location: the URL as it was given.
        facts: what the platform says of it.
        fetched: when it was fetched, in UTC: earlier than now where it comes from the cache.
    """

    path: Path
    location: str
    facts: PlatformFacts
    fetched: dt.datetime = field(default_factory=lambda: dt.datetime.now(dt.UTC))


@dataclass(frozen=True)
class Older:
    """A video that was published before what is wanted, and not fetched for that reason."""

    published: When


def download(
    url: str, folder: Path, settings: Settings, progress: Progress | None = None
) -> Download:
    """Fetch one video, or take it from the cache.

    Args:
        url: an http(s) address of a media file, or of a page that holds one video.
        folder: an existing folder; nothing but the finished file is left in it.
        settings: limits on height, bytes, duration, time, stalling and retries; the cache.
        progress: told of the bytes as they come.

    Raises:
        DownloadError: the address gave no whole video within the limits; says why.
        SettingsError: local hosts, proxy or cookies of the settings cannot be used.
        ToolError: there is no ffmpeg.
        InterruptedWorkError: the caller wants to stop.
    """
    found = _fetch(url, folder, settings, progress or SilentProgress(), lists=False)
    assert isinstance(found, Download)
    return found


def download_or_list(
    url: str,
    folder: Path,
    settings: Settings,
    progress: Progress | None = None,
    *,
    since: When | None = None,
    most: int = MAX_ENTRIES,
) -> Download | Listing | Older:
    """Fetch one video as `download` does, or say what a playlist, a channel or a feed holds.

    Args:
        since: a video that was published before is not fetched; one without a date is.
        most: entries of a list that are asked for.

    Raises:
        DownloadError: the address gave neither a video nor a list.
        ToolError, InterruptedWorkError: as `download`.
    """
    progress = progress or SilentProgress()
    return _fetch(url, folder, settings, progress, lists=True, since=since, most=most)


def _fetch(
    url: str,
    folder: Path,
    settings: Settings,
    progress: Progress,
    *,
    lists: bool,
    since: When | None = None,
    most: int = MAX_ENTRIES,
) -> Download | Listing | Older:
    _require_web_address(url)
    cache = Cache.of(settings)
    part = Path(tempfile.mkdtemp(prefix=".download-", dir=folder))
    try:
        kept = _kept(cache, url, part, settings)
        if kept is None:
            with turn_at(url, settings, progress) as turn:
                # Who had the turn before may have fetched the same.
                kept = _kept(cache, url, part, settings)
                if kept is None:
                    order = {
                        "task": "video",
                        "url": url,
                        "folder": str(part),
                        "lists": lists,
                        "since": since and since.value,
                        "max_entries": most,
                    }
                    result = _ask_worker(order, settings, progress, turn)
                    if "list" in result:
                        return Listing.read(result["list"])
                    if "older" in result:
                        return _older(facts_from_info(result["older"]))
                    file = _finished(url, part, result, settings)
                    kept = Kept(file, result["info"], dt.datetime.now(dt.UTC))
                    cache.keep(url, kept.path, kept.info, kept.fetched)
        facts = facts_from_info(kept.info)
        if since and facts.published and is_older(facts.published, since):
            return _older(facts)
        path = kept.path.replace(_free_name(folder, kept.path.suffix))
        return Download(path, url, facts, kept.fetched)
    finally:
        shutil.rmtree(part, ignore_errors=True)


def _kept(cache: Cache, url: str, folder: Path, settings: Settings) -> Kept | None:
    """A download of the cache that is within today's limits."""
    kept = cache.take(url, folder)
    if kept is None:
        return None
    duration = facts_from_info(kept.info).duration or 0.0
    size = kept.path.stat().st_size
    if size <= settings.download_max_bytes and duration <= settings.download_max_duration:
        return kept
    kept.path.unlink()
    return None


def _older(facts: PlatformFacts) -> Older:
    assert facts.published
    return Older(facts.published)


def _finished(url: str, folder: Path, result: Mapping[str, Any], settings: Settings) -> Path:
    """The one file that the worker left. Raises DownloadError where it is none, or no use."""
    file = folder / str(result.get("file"))
    if not result.get("file") or not file.is_file():
        raise explained(url, Failure("", kind="nothing"), settings)
    if not file.stat().st_size:
        raise explained(url, Failure("", kind="empty"), settings)
    if file.stat().st_size > settings.download_max_bytes:
        raise explained(url, Failure("", kind="too_large"), settings)
    return file


def fetch_file(url: str, folder: Path, settings: Settings) -> Path:
    """Fetch what lies at an address, whatever it is, into `folder`, without sending any cookies.

    Raises:
        DownloadError: nothing came, or more than the settings allow for a download.
        SettingsError: local hosts or proxy of the settings cannot be used.
    """
    _require_web_address(url)
    settings = replace(settings, download_cookies="", download_cookies_from_browser="")
    order = {"task": "file", "url": url, "folder": str(folder)}
    result = _ask_worker(order, settings, SilentProgress(), Turn())
    return folder / str(result["file"])


def _ask_worker(
    order: Mapping[str, Any], settings: Settings, progress: Progress, turn: Turn
) -> Mapping[str, Any]:
    """Run `worker.py` and follow its lines: progress while it works, then a result or a failure."""
    url = order["url"]
    network = read_network(settings)
    order = {"lists": False, "since": None, "max_entries": MAX_ENTRIES, **order}
    order |= {
        "stem": _STEM,
        "ffmpeg": find_ffmpeg(settings.ffmpeg),
        # Who looks at one video waits for it; who goes through a list has time.
        "page_pause": settings.download_pause * _PAGE_PAUSE if order["lists"] else 0,
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
                failure = Failure(**event["failure"])
                if is_patience_asked(failure):
                    turn.asked_for_patience(failure.figure or 0.0)
                raise explained(url, failure, settings)
            if "settings" in event:
                raise SettingsError(*event["settings"])
            if "waiting" in event:
                bytes_so_far.wait(float(event["waiting"]), trouble(str(event["because"]), url))
                continue
            if "result" in event:
                result: Mapping[str, Any] = event["result"]
                return result
            bytes_so_far.report(int(event.get("bytes", 0)), event.get("total"))
        try:
            child.finish()
        except LimitError as error:
            raise explained(url, Failure("", kind="time_out"), settings) from error
        last_words = (child.stderr_tail().strip().splitlines() or [""])[-1]
    kind = "memory" if last_words.startswith("MemoryError") else "crash"
    raise explained(url, Failure(last_words, kind=kind), settings)


class _BytesTask:
    """Two tasks in turn: "contacting the site" until bytes come, then "downloading" in bytes."""

    def __init__(self, stack: ExitStack, progress: Progress) -> None:
        self._progress = progress
        self._stack = stack
        self._opening = ExitStack()
        stack.push(self._opening)
        self._waiting: Task = self._opening.enter_context(progress.task("contacting the site"))
        self._task: Task | None = None
        self._pausing = ExitStack()
        stack.push(self._pausing)
        self._paused_until = 0.0
        self._seen = 0

    def wait(self, seconds: float, because: str) -> None:
        """Say that something went wrong and is tried again after so many seconds."""
        self._pausing.close()
        self._paused_until = time.monotonic() + seconds
        words = f"trying again in {seconds:.0f} s: {because}"
        self._pausing.enter_context(self._progress.task(words))

    def report(self, count: int, total: float | None) -> None:
        """So many bytes have come. Raises InterruptedWorkError when the caller wants to stop."""
        if time.monotonic() >= self._paused_until:
            self._pausing.close()
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
    scheme = scheme_of(url)
    if scheme == "":
        whole = f"https://{url.strip().removeprefix('//')}"
        raise explained(url, Failure("", kind="bare", addresses=[whole]))
    if scheme not in ("http", "https"):
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

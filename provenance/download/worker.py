"""Runs yt-dlp in a child process; `fetch.py` is its only caller.

The order comes as JSON on standard input. On standard output go JSON objects, one a line: {"bytes":
n, "total": n} twice a second, then {"result": {...}}, {"failure": {...}} or {"settings": [message,
hint]}. What else would be printed goes to standard error. Where it may connect to, `guard.py` says.
"""

from __future__ import annotations

import json
import math
import os
import shutil
import signal
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from yt_dlp import YoutubeDL
from yt_dlp.utils import DownloadCancelled, YoutubeDLError

from provenance.download.cookies import cookie_jar
from provenance.download.facts import INFO_FIELDS
from provenance.download.failures import Failure
from provenance.download.guard import Guard
from provenance.download.handlers import guarded_handlers
from provenance.errors import SettingsError

_BEAT = 0.5  # seconds between two reports; also how soon a caller can stop the work
_MEMORY = 2048 * 1024 * 1024  # data of yt-dlp and of what it starts; 100 MiB is usual
_FILE_SLACK = 64 * 1024 * 1024  # what a container adds when picture and sound are joined
_BLOCK = 64 * 1024
_NESTING = 3  # a page may hold a playlist of one entry that is a playlist of one entry
_TEXT, _MESSAGE, _WARNINGS = 10_000, 2_000, 10
_LIVE = ("is_live", "is_upcoming")

# What ffmpeg may open when it joins picture and sound: the files that were fetched, read as real
# containers. A "video" that is a playlist would otherwise send it to the network or to our disk.
_JOINED_INPUT = [
    "-protocol_whitelist",
    "file,pipe",
    "-format_whitelist",
    "mov,matroska,mpegts,aac,mp3,ogg,flv,flac,wav",
]


def main(arguments: Sequence[str]) -> None:
    """Do the one order on standard input and print how it went."""
    order = json.load(sys.stdin)
    channel = _Channel()
    _limit_resources(order["settings"]["download_max_bytes"])
    session = _Session(order)
    threading.Thread(target=_beat, args=(channel, session.meter), daemon=True).start()
    try:
        result = session.run()
        channel.send(session.meter.state())  # the bytes that came since the last beat
        channel.send({"result": result})
    except SettingsError as error:
        channel.send({"settings": [error.message, error.hint]})
    except _Refusal as refusal:
        channel.send({"failure": asdict(refusal.failure)})
    except (YoutubeDLError, OSError) as error:
        channel.send({"failure": asdict(session.failure(str(error)))})
    except Exception as error:  # a fault of an extractor: one of a thousand, changing monthly
        failure = session.failure(f"{type(error).__name__}: {error}", kind="crash")
        channel.send({"failure": asdict(failure)})


class _Refusal(DownloadCancelled):  # type: ignore[misc]
    """Our own limits; a DownloadCancelled, because yt-dlp lets that one through untouched."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.kind)
        self.failure = failure


class _Session:
    """One order with the yt-dlp that carries it out."""

    def __init__(self, order: Mapping[str, Any]) -> None:
        self._order = order
        self._settings = order["settings"]
        self.log = _Log()
        self.meter = _Meter(order["folder"], self._settings["download_max_bytes"])
        network = order["network"]
        programs = (Path(order["ffmpeg"]).name, "ffmpeg", "ffprobe", "deno")
        self.guard = Guard([(host, port) for host, port in network["local"]], programs)
        self._network = network

    def run(self) -> dict[str, Any]:
        with _Downloader(self._options()) as ydl:
            ydl.guard = self.guard
            ydl.cookiejar = cookie_jar(ydl, self._network["cookies"], self._network["browser"])
            self.guard.install()
            if self._order["task"] == "expand":
                return self._expand(ydl)
            if self._order["task"] == "file":
                return self._file(ydl)
            return self._download(ydl)

    def failure(self, text: str, kind: str = "") -> Failure:
        """What went wrong; an address that was refused on the way explains all that followed."""
        if self.guard.refusal:
            return self.guard.refusal
        text = self.guard.without_passwords(text)[:_MESSAGE]
        return Failure(text, kind=kind, warnings=self.log.warnings)

    def _download(self, ydl: YoutubeDL) -> dict[str, Any]:
        info = self._single(ydl, ydl.extract_info(self._order["url"], download=False))
        self._refuse_unfit(info)
        info = ydl.process_ie_result(info, download=True)
        files = [Path(done["filepath"]).name for done in info.get("requested_downloads") or []]
        said = {name: _plain(info.get(name)) for name in INFO_FIELDS}
        return {"file": files[-1] if files else None, "info": said}

    def _expand(self, ydl: YoutubeDL) -> dict[str, Any]:
        info = ydl.extract_info(self._order["url"], download=False)
        entries = _entries(info)
        return {"playlist": entries is not None, "entries": list(_addresses(info, entries or []))}

    def _file(self, ydl: YoutubeDL) -> dict[str, Any]:
        path = Path(self._order["folder"]) / self._order["stem"]
        count = 0
        with ydl.urlopen(self._order["url"]) as answer, path.open("wb") as file:
            while data := answer.read(_BLOCK):
                count += file.write(data)
                self.meter.check(count)
        return {"file": path.name}

    def _single(self, ydl: YoutubeDL, info: Any) -> dict[str, Any]:
        """The one video behind `info`. Several are refused: which one is meant is not ours to say,
        and an answer about the first would be taken for an answer about all."""
        for _ in range(_NESTING):
            entries = _entries(info)
            if entries is None:
                return dict(info)
            addresses = list(_addresses(info, entries))
            if not addresses:
                raise _Refusal(Failure("", kind="no_video", warnings=self.log.warnings))
            if len(addresses) > 1:
                count = float(len(addresses))
                raise _Refusal(Failure("", kind="several", figure=count, addresses=addresses[:3]))
            entry = entries[0]
            if entry.get("_type") in ("url", "url_transparent"):
                info = ydl.extract_info(entry["url"], download=False, ie_key=entry.get("ie_key"))
            else:
                info = entry
        raise _Refusal(Failure("", kind="no_video", warnings=self.log.warnings))

    def _refuse_unfit(self, info: Mapping[str, Any]) -> None:
        """Refuse what the site itself says is live, too long or too large, before fetching it.

        A site that says nothing is caught later: bytes are counted, and decoding has its limits.
        """
        if info.get("is_live") or info.get("live_status") in _LIVE:
            raise _Refusal(Failure("", kind="live"))
        duration = _plain(info.get("duration"))
        if isinstance(duration, int | float) and (
            duration > self._settings["download_max_duration"]
        ):
            raise _Refusal(Failure("", kind="too_long", figure=duration))
        sizes = [f.get("filesize") for f in info.get("requested_formats") or [info]]
        known = sum(size for size in sizes if isinstance(size, int))
        self.meter.check(known)
        self.meter.expected = known if all(isinstance(size, int) for size in sizes) else None

    def _pause(self, n: int) -> float:
        if self.guard.refusal:  # to try again will not make it public
            raise _Refusal(self.guard.refusal)
        return _pause(n)

    def _options(self) -> dict[str, Any]:
        retries = self._settings["download_retries"]
        return {
            "quiet": True,
            "no_warnings": False,  # they go to the log, and into the message of a failure
            "noprogress": True,
            "color": "never",
            "logger": self.log,
            "cachedir": False,
            "proxy": self._network["proxy"],
            "noplaylist": True,
            "extract_flat": "in_playlist",
            "playlist_items": f"1:{self._order['max_entries']}",
            # The highest up to the limit by the shorter side, so that an upright video counts
            # as what it is, else the smallest above it; with sound where there is any.
            "format": "bv*+ba/b/bv*/b*",
            "format_sort": [f"res:{self._settings['download_max_height']}"],
            "paths": {"home": self._order["folder"] or os.devnull},
            "outtmpl": {"default": f"{self._order['stem']}.%(ext)s"},
            "ffmpeg_location": self._order["ffmpeg"],
            "fixup": "never",  # our decoder reads MPEG-TS in a file called .mp4
            "updatetime": False,
            "socket_timeout": self._settings["download_stall"],
            "retries": retries,
            "fragment_retries": retries,
            "extractor_retries": retries,
            "retry_sleep_functions": dict.fromkeys(("http", "fragment", "extractor"), self._pause),
            "skip_unavailable_fragments": False,  # a hole in the middle is not a whole video
            "hls_prefer_native": True,
            # Where yt-dlp would still hand an address to ffmpeg, ffmpeg may not open it: our
            # limits and refusals would not hold there.
            "external_downloader_args": {"ffmpeg_i": _JOINED_INPUT},
            "postprocessor_args": {"merger+ffmpeg_i": _JOINED_INPUT},
            # yt-dlp's own max_filesize ends a download without a word; the meter says why.
            "progress_hooks": [self.meter.hook],
            "js_runtimes": {"deno": _deno()},
        }


class _Downloader(YoutubeDL):  # type: ignore[misc]
    """yt-dlp, but a page's Last-Modified does not become the date of a video embedded in it.

    The generic extractor hands its `timestamp` on to the extractor of the embedded site where the
    result is "transparent", and there it would look like that site's own publication date. And its
    requests are sent by what `handlers.py` has, and by nothing else.
    """

    guard: Guard

    def build_request_director(self, handlers: Any, preferences: Any = None) -> Any:
        own = guarded_handlers(self.guard, self.proxies)
        return super().build_request_director(own, preferences)

    def add_default_extra_info(self, ie_result: dict[str, Any], ie: Any, url: str) -> None:
        generic = ie is not None and ie.ie_key() == "Generic"
        if generic and ie_result.get("_type") == "url_transparent":
            for name in ("timestamp", "upload_date"):
                ie_result.pop(name, None)
        super().add_default_extra_info(ie_result, ie, url)


class _Meter:
    """Counts the bytes of all files of one download and stops it when they are too many."""

    def __init__(self, folder: str | None, limit: int) -> None:
        self.expected: float | None = None
        self._folder = Path(folder) if folder else None
        self._limit = limit
        self._done: dict[str, int] = {}
        self._next_look = 0.0

    @property
    def done(self) -> int:
        return sum(list(self._done.values()))

    def state(self) -> dict[str, float | None]:
        return {"bytes": self.done, "total": self.expected}

    def hook(self, status: Mapping[str, Any]) -> None:
        """Called by yt-dlp with every block that was written."""
        name = str(status.get("filename"))
        self._done[name] = int(status.get("downloaded_bytes") or 0)
        # Not total_bytes_estimate: with fragments it is a guess that may be far too high.
        total = int(status.get("total_bytes") or 0)
        self.check(max(self.done, self.done - self._done[name] + total))
        if total and self.expected is None:
            self.expected = total
        if time.monotonic() >= self._next_look:
            self._next_look = time.monotonic() + _BEAT
            self.check(self._on_disk())

    def check(self, count: int) -> None:
        """Raises _Refusal when `count` bytes are too many."""
        if count > self._limit:
            raise _Refusal(Failure("", kind="too_large", figure=float(count)))

    def _on_disk(self) -> int:
        if self._folder is None:
            return 0
        return sum(file.stat().st_size for file in self._folder.iterdir())


class _Log:
    """Takes yt-dlp's messages; warnings are kept, errors come as exceptions anyway."""

    def __init__(self) -> None:
        self.warnings: list[str] = []

    def debug(self, message: str) -> None:
        return

    def warning(self, message: str, *, once: bool = False) -> None:
        if len(self.warnings) < _WARNINGS and message not in self.warnings:
            self.warnings.append(message[:_MESSAGE])

    def error(self, message: str) -> None:
        return


class _Channel:
    """Our standard output, kept for ourselves: what a library prints goes to standard error."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._stream = os.fdopen(os.dup(1), "wb")
        os.dup2(2, 1)

    def send(self, event: Mapping[str, Any]) -> None:
        line = json.dumps(event, ensure_ascii=False, allow_nan=False)
        with self._lock:
            self._stream.write(line.encode("utf-8", "replace") + b"\n")
            self._stream.flush()


def _beat(channel: _Channel, meter: _Meter) -> None:
    """Report for ever; end everything when nobody is there any more to read it."""
    while True:
        try:
            channel.send(meter.state())
        except OSError:
            if os.getpgrp() == os.getpid():
                os.killpg(0, signal.SIGKILL)
            os._exit(1)
        time.sleep(_BEAT)


def _entries(info: Any) -> list[dict[str, Any]] | None:
    """The entries of a playlist, or None for a single video."""
    if not isinstance(info, dict):
        return []
    if info.get("_type", "video") not in ("playlist", "multi_video"):
        return None
    return [entry for entry in info.get("entries") or [] if isinstance(entry, dict)]


def _addresses(info: Any, entries: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """One address an entry, each once: its own page, else the media file itself."""
    seen = {None, info.get("webpage_url") if isinstance(info, dict) else None}
    for entry in entries:
        formats = entry.get("requested_formats") or [{}]
        for address in (entry.get("webpage_url"), entry.get("url"), formats[0].get("url")):
            if isinstance(address, str) and address not in seen:
                seen.add(address)
                yield address
                break


def _plain(value: object) -> str | int | float | None:
    """A value that JSON can carry, of bounded length; None for anything else."""
    if isinstance(value, str):
        return value[:_TEXT]
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return value if math.isfinite(value) else None


def _pause(n: int) -> float:
    """Seconds before retry `n`: 0.5, 1, 2, 4, 8, 8, ..."""
    return float(min(0.5 * 2**n, 8.0))


def _deno() -> dict[str, str]:
    """The JavaScript runtime that YouTube needs: on PATH, or from its wheel beside our Python."""
    beside = shutil.which("deno", path=str(Path(sys.executable).parent))
    return {"path": beside} if beside and not shutil.which("deno") else {}


def _limit_resources(max_bytes: int) -> None:
    """Bound memory and files for this process and whatever it starts, by the kernel."""
    try:
        import resource

        limits = {
            resource.RLIMIT_DATA: _MEMORY,
            resource.RLIMIT_FSIZE: max_bytes + _FILE_SLACK,
        }
        for which, limit in limits.items():
            _, hard = resource.getrlimit(which)
            bound = limit if hard == resource.RLIM_INFINITY else min(limit, hard)
            resource.setrlimit(which, (bound, hard))
    except (ImportError, OSError, ValueError):
        return  # no such limits on this system; time and counted bytes still hold

"""Runs yt-dlp in a child process; `fetch.py` is its only caller.

The order comes as JSON on standard input. On standard output go JSON objects, one a line: {"bytes":
n, "total": n} twice a second, {"waiting": seconds, "because": text} before something is tried
again, then {"result": {...}}, {"failure": {...}} or {"settings": [message, hint]}. What else would
be printed goes to standard error. Where it may connect to, `guard.py` says.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import itertools
import json
import math
import os
import re
import signal
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from yt_dlp import YoutubeDL
from yt_dlp.networking.exceptions import HTTPError
from yt_dlp.utils import DownloadCancelled, YoutubeDLError

from provenance.dates import When
from provenance.download.cookies import cookie_jar
from provenance.download.equipment import find_deno
from provenance.download.facts import INFO_FIELDS, facts_from_info
from provenance.download.failures import Failure, kind_of, status_in
from provenance.download.guard import Guard
from provenance.download.handlers import guarded_handlers
from provenance.download.lists import addressed, described, entries_of, has_page, is_older
from provenance.download.retries import asked_pause, can_help, causes, pause_before
from provenance.errors import SettingsError
from provenance.urls import without_login

_BEAT = 0.5  # seconds between two reports; also how soon a caller can stop the work
_MEMORY = 2048 * 1024 * 1024  # data of yt-dlp and of what it starts; 100 MiB is usual
_FILE_SLACK = 64 * 1024 * 1024  # what a container adds when picture and sound are joined
_BLOCK = 64 * 1024
_NESTING = 3  # a page may hold a playlist of one entry that is a playlist of one entry
_MOST_STEPS = 20  # from page to page; a browser follows as many redirects
_TEXT, _MESSAGE, _WARNINGS = 10_000, 2_000, 10
_TOO_MANY, _BUSY = 429, 503  # the answers that a Retry-After comes with
_ANSWER = "HTTP Error"
_LIVE = {"is_live": "live", "is_upcoming": "upcoming"}
_UNAVAILABLE = {
    "private": "private",
    "premium_only": "members",
    "subscriber_only": "members",
    "needs_auth": "login",
}
_KINDS = {"GeoRestrictedError": "geo", "UserNotLive": "not_live"}

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
    session = _Session(order, channel)
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
        channel.send({"failure": asdict(session.failure_of(error))})
    except Exception as error:  # a fault of an extractor: one of a thousand, changing monthly
        kind = "memory" if isinstance(error, MemoryError) else "crash"
        words = f"{type(error).__name__}: {error}"
        channel.send({"failure": asdict(session.failure(words, kind))})


class _Refusal(DownloadCancelled):  # type: ignore[misc]
    """Our own limits; a DownloadCancelled, because yt-dlp lets that one through untouched."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.kind)
        self.failure = failure


class _Session:
    """One order with the yt-dlp that carries it out."""

    def __init__(self, order: Mapping[str, Any], channel: _Channel) -> None:
        self._order = order
        self._settings = order["settings"]
        self._channel = channel
        self._fetching = False
        self._ends = time.monotonic() + self._settings["download_timeout"]
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
            if self._order["task"] == "file":
                return self._file(ydl)
            for attempt in itertools.count():
                try:
                    return self._video(ydl)
                except _Refusal:
                    raise
                except (YoutubeDLError, OSError) as error:
                    if not self._waited_before_another(attempt, error):
                        raise
        raise AssertionError

    def failure(self, text: str, kind: str = "", figure: float | None = None) -> Failure:
        """What went wrong; an address that was refused on the way explains all that followed."""
        if self.guard.refusal:
            return self.guard.refusal
        text = self.guard.without_passwords(text)[:_MESSAGE]
        return Failure(text, kind=kind, warnings=self.log.warnings, figure=figure)

    def failure_of(self, error: BaseException) -> Failure:
        """What is known of an error: its words, and what stands behind them."""
        kinds = {_kind_of_class(cause) for cause in causes(error)} - {""}
        text, answer = str(error), _answer_behind(error)
        for cause in causes(error):
            if name := getattr(cause, "video_id", None):  # often a title, which may hold any word
                text = text.replace(f"] {name}: ", "] id: ", 1)
        if answer and _ANSWER not in text:
            text = f"{text} ({_ANSWER} {answer.status})"
        return self.failure(text, kinds.pop() if kinds else "", _pause_asked_by(answer))

    def _video(self, ydl: YoutubeDL) -> dict[str, Any]:
        self._fetching = False
        self.log.warnings.clear()
        info = ydl.extract_info(self._order["url"], download=False)
        entries = entries_of(info)
        if self._order["lists"] and entries and (len(entries) > 1 or has_page(entries[0])):
            return {"list": described(ydl, info, self._order["max_entries"])}
        info = self._single(ydl, info)
        self._refuse_unfit(info)
        said = {name: _plain(info.get(name)) for name in INFO_FIELDS}
        for name in ("webpage_url", "original_url"):
            said[name] = without_login(str(said[name] or ""))  # the cache writes them to the disk
        if self._is_older(said):
            return {"older": said}
        self._fetching = True
        info = ydl.process_ie_result(info, download=True)
        files = [Path(done["filepath"]).name for done in info.get("requested_downloads") or []]
        return {"file": files[-1] if files else None, "info": said}

    def _waited_before_another(self, attempt: int, error: BaseException) -> bool:
        """Wait before another attempt, where one can help and there is time for it.

        What broke while the media came, yt-dlp itself has taken up again as often as is allowed;
        but a site that asks for patience gets it, and then the transfer begins anew.
        """
        failure, answer = self.failure_of(error), _answer_behind(error)
        kind = failure.kind or kind_of(failure.text, self._order["url"])
        status = answer.status if answer else status_in(failure.text)
        if attempt >= self._settings["download_retries"] or not can_help(kind, status):
            return False
        if self._fetching and status != _TOO_MANY:
            return False
        pause = failure.figure if failure.figure is not None else pause_before(attempt, status)
        if time.monotonic() + pause >= self._ends:
            return False
        self._tell_wait(pause, failure.text)
        time.sleep(pause)
        self.meter.restart()
        return True

    def _pause(self, n: int) -> float:
        """Seconds before yt-dlp's own retry `n` (0.5, 1, 2, 4, 8, 8, ...), which it then waits.

        Raises:
            YoutubeDLError: it would try again what the server refused for good.
        """
        if self.guard.refusal:  # to try again will not make it public
            raise _Refusal(self.guard.refusal)
        trouble = self.log.trouble
        status = status_in(trouble)
        if status is not None and (status == _TOO_MANY or not can_help("", status)):
            raise YoutubeDLError(trouble)
        seconds = min(0.5 * 2.0**n, 8.0)
        self._tell_wait(seconds, trouble)
        return seconds

    def _tell_wait(self, seconds: float, because: str) -> None:
        self._channel.send({"waiting": seconds, "because": because})

    def _is_older(self, said: Mapping[str, Any]) -> bool:
        """Published before the day that the order names; what has no date is not."""
        published = facts_from_info(said).published
        since = self._order["since"]
        return bool(since and published and is_older(published, When.parse(since)))

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
            entries = entries_of(info)
            if entries is None:
                return dict(info)
            addresses = [address for address, _ in addressed(info, entries)]
            if not addresses:
                raise _Refusal(self.failure("", "no_video"))
            if len(addresses) > 1:
                count = float(len(addresses))
                raise _Refusal(Failure("", kind="several", figure=count, addresses=addresses[:3]))
            entry = entries[0]
            if has_page(entry):
                info = ydl.extract_info(entry["url"], download=False, ie_key=entry.get("ie_key"))
            else:
                info = entry
        raise _Refusal(self.failure("", "no_video"))

    def _refuse_unfit(self, info: Mapping[str, Any]) -> None:
        """Refuse what the site itself says is not to be had, too long or too large, before fetching
        it.

        A site that says nothing is caught later: bytes are counted, and decoding has its limits.
        """
        status = "is_live" if info.get("is_live") else info.get("live_status")
        if status in _LIVE:
            begins = _plain(info.get("release_timestamp")) if status == "is_upcoming" else None
            figure = begins if isinstance(begins, int | float) else None
            raise _Refusal(Failure("", kind=_LIVE[status], figure=figure))
        if not info.get("url") and not info.get("requested_formats"):
            raise _Refusal(self._why_nothing(info))
        duration = _plain(info.get("duration"))
        if isinstance(duration, int | float) and (
            duration > self._settings["download_max_duration"]
        ):
            raise _Refusal(Failure("", kind="too_long", figure=duration))
        sizes = [f.get("filesize") for f in info.get("requested_formats") or [info]]
        known = sum(size for size in sizes if isinstance(size, int))
        self.meter.check(known)
        self.meter.expected = known if all(isinstance(size, int) for size in sizes) else None

    def _why_nothing(self, info: Mapping[str, Any]) -> Failure:
        """Why a page has no video for us: what the site has a field for, else what it says."""
        warnings = self.log.warnings
        kind = _UNAVAILABLE.get(str(info.get("availability")), "")
        if info.get("live_status") == "post_live":
            kind = "processing"
        elif kind == "login" and (_plain(info.get("age_limit")) or 0) in range(18, 100):
            kind = "age"
        telling = [text for text in warnings if kind_of(text, self._order["url"]) != "other"]
        return self.failure(next(iter(telling), "No video formats found"), kind)

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
            # One more than is wanted, to know whether there are more.
            "playlist_items": f"1:{self._order['max_entries'] + 1}",
            "sleep_interval_requests": self._order["page_pause"],
            # Then a premiere or a private video has its fields, and not only a sentence.
            "ignore_no_formats_error": True,
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
            "js_runtimes": {"deno": {"path": deno} if (deno := find_deno()) else {}},
        }


class _Downloader(YoutubeDL):  # type: ignore[misc]
    """yt-dlp, but a page's Last-Modified does not become the date of a video embedded in it.

    The generic extractor hands its `timestamp` on to the extractor of the embedded site where the
    result is "transparent", and there it would look like that site's own publication date. And its
    requests are sent by what `handlers.py` has, and by nothing else.
    """

    guard: Guard
    _steps = 0

    def extract_info(self, *args: Any, **kwargs: Any) -> Any:
        if self._steps == _MOST_STEPS:  # it calls itself where one page leads to another
            raise _Refusal(Failure("", kind="circle"))
        self._steps += 1
        try:
            return super().extract_info(*args, **kwargs)
        finally:
            self._steps -= 1

    def build_request_director(self, handlers: Any, preferences: Any = None) -> Any:
        own = guarded_handlers(self.guard, self.proxies)
        return super().build_request_director(own, preferences)

    def add_default_extra_info(self, ie_result: dict[str, Any], ie: Any, url: str) -> None:
        generic = ie is not None and ie.ie_key() == "Generic"
        if generic and ie_result.get("_type") == "url_transparent":
            for name in ("timestamp", "upload_date"):
                ie_result.pop(name, None)
        # One entry with a broken address would break its whole list.
        with contextlib.suppress(ValueError):
            super().add_default_extra_info(ie_result, ie, url)


class _Meter:
    """Counts the bytes of all files of one download and stops it when they are too many."""

    def __init__(self, folder: str | None, limit: int) -> None:
        self.expected: float | None = None
        self._folder = Path(folder) if folder else None
        self._limit = limit
        self._done: dict[str, int] = {}
        self._next_look = 0.0

    def restart(self) -> None:
        """Forget what came; the transfer begins anew."""
        self.expected = None
        self._done.clear()
        for file in self._folder.iterdir() if self._folder else ():
            file.unlink()

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
    """Takes yt-dlp's messages; warnings are kept, errors come as exceptions anyway.

    Attributes:
        trouble: why yt-dlp is about to try something again.
    """

    def __init__(self) -> None:
        self.warnings: list[str] = []
        self.trouble = ""

    def debug(self, message: str) -> None:
        found = re.search(r"(.*?)\. Retrying\b", message, re.DOTALL)
        if found:
            self.trouble = found[1].removeprefix("[download] ")[:_MESSAGE]

    def warning(self, message: str, *, once: bool = False) -> None:
        self.debug(message)
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


def _kind_of_class(error: BaseException) -> str:
    """The kind of failure that an error's class stands for."""
    return _KINDS.get(type(error).__name__, "")


def _answer_behind(error: BaseException) -> HTTPError | None:
    """The server's answer that an error stems from."""
    return next((cause for cause in causes(error) if isinstance(cause, HTTPError)), None)


def _pause_asked_by(answer: HTTPError | None) -> float | None:
    if answer is None or answer.status not in (_TOO_MANY, _BUSY):
        return None
    return asked_pause(answer.response.get_header("Retry-After"), dt.datetime.now(dt.UTC))


def _plain(value: object) -> str | int | float | None:
    """A value that JSON can carry, of bounded length; None for anything else."""
    if isinstance(value, str):
        return value[:_TEXT]
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return value if math.isfinite(value) else None
    except OverflowError:  # an integer of hundreds of digits
        return None


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

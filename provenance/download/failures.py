"""What went wrong with a download, in plain words, and what to do about it.

yt-dlp says everything in one line of text, so the text is what there is to go by. Its prefixes,
colours and requests to report a bug are taken off before anything of it is shown.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from urllib.parse import urlsplit, urlunsplit

from provenance.errors import DownloadError
from provenance.settings import Settings

_URL_LENGTH = 300
_DETAIL_LENGTH = 300

_LOOK = "Open the address in a browser to check it."
_LATER = "Try again later."
_UPGRADE = (
    'Sites change often: `pip install -U "yt-dlp[default]"` brings the newest way to read them.'
)
_RUNTIME = (
    "YouTube needs a JavaScript runtime: install deno (`pip install deno`) and "
    '`pip install -U "yt-dlp[default]"`.'
)
_COOKIES = (
    "Send your cookies: PROVENANCE_DOWNLOAD_COOKIES_FROM_BROWSER names a browser in which you are "
    "logged in (firefox), PROVENANCE_DOWNLOAD_COOKIES a file of cookies."
)
_ABROAD = (
    "Fetch it through a proxy in a country where it is shown (PROVENANCE_DOWNLOAD_PROXY), or have "
    "it saved there and give the file."
)
_PROXY_ADVICE = (
    "Check PROVENANCE_DOWNLOAD_PROXY or, where that is not set, HTTP_PROXY, HTTPS_PROXY and "
    "ALL_PROXY."
)


@dataclass(frozen=True)
class Failure:
    """What the worker knows of a failure.

    Attributes:
        text: yt-dlp's message, or the last words of a crash.
        kind: a kind of `_SAYINGS` where it is known without reading the text.
        warnings: yt-dlp's warnings on the way.
        figure: a number that belongs to the kind (bytes, seconds, entries).
        addresses: addresses that belong to the kind (entries of a playlist).
    """

    text: str
    kind: str = ""
    warnings: list[str] = field(default_factory=list)
    figure: float | None = None
    addresses: list[str] = field(default_factory=list)


def explained(url: str, failure: Failure, settings: Settings | None = None) -> DownloadError:
    """The error that a user sees for `failure` of a download of `url`."""
    settings = settings or Settings()
    text = _cleaned(failure.text, url)
    kind = failure.kind or _kind_of(text)
    saying, hint = _of_status(text) if kind == "status" else _SAYINGS[kind]
    if any("JavaScript runtime" in warning for warning in failure.warnings):
        hint = f"{_RUNTIME} {hint}"
    figures = {
        "stall": settings.download_stall,
        "time": settings.download_timeout,
        "bytes": _size(settings.download_max_bytes),
        "duration": _time(settings.download_max_duration),
        "size": f" ({_size(failure.figure)})" if failure.figure else "",
        "length": f" ({_time(failure.figure)})" if failure.figure else "",
        "count": f"{failure.figure or 0:.0f}",
        "addresses": ", ".join(shown(address) for address in failure.addresses),
        "pairs": ",".join(failure.addresses),
        "detail": f": {_detail(text)}" if text else "",
        "words": _detail(text),
    }
    return DownloadError(
        f"The download of {shown(url)} {saying.format_map(figures)}.", hint.format_map(figures)
    )


def shown(url: str) -> str:
    """The URL for a message: without a password, control characters or endless length."""
    try:
        parts = urlsplit(url)
        if "@" in parts.netloc:
            url = urlunsplit(parts._replace(netloc="***@" + parts.netloc.rpartition("@")[2]))
    except ValueError:
        url = re.sub(r"//[^/]*@", "//***@", url)
    url = "".join(c if c.isprintable() else "?" for c in url)
    return url if len(url) <= _URL_LENGTH else url[: _URL_LENGTH - 3] + "..."


_SAYINGS: dict[str, tuple[str, str]] = {
    "scheme": (
        "is not possible: only http and https addresses are fetched",
        "Give a web address, or the path of a file.",
    ),
    "malformed": ("is not possible: this is no complete web address", "Check it for typing slips."),
    "local": (
        "was stopped: it leads to {words}, which is no address of the public internet",
        "If that is a server of yours, list it: PROVENANCE_DOWNLOAD_LOCAL_HOSTS={pairs}.",
    ),
    "proxy": ("failed: the proxy cannot be reached, or did not pass it on", _PROXY_ADVICE),
    "name": ("failed: the name of the server cannot be resolved", f"{_LOOK} Is there a network?"),
    "refused": ("failed: the server refused the connection", f"{_LOOK} {_LATER}"),
    "unreachable": ("failed: the server cannot be reached", f"{_LOOK} Is there a network?"),
    "certificate": (
        "failed: the server's certificate is not trusted",
        "Open the address in a browser to see what is wrong with it.",
    ),
    "stalled": (
        "failed: the connection timed out, the server sent nothing for {stall:g} s",
        f"{_LATER} PROVENANCE_DOWNLOAD_STALL sets how long to wait.",
    ),
    "time_out": (
        "timed out: it was not done after {time:g} s",
        "Allow more with PROVENANCE_DOWNLOAD_TIMEOUT, or save the file and give its path.",
    ),
    "cut": (
        "failed: the transfer broke off before the whole file had come",
        f"{_LATER} Nothing is made of half a file.",
    ),
    "too_large": (
        "was stopped: the video is too large{size}, {bytes} are allowed",
        "Allow more with PROVENANCE_DOWNLOAD_MAX_BYTES, or less height with "
        "PROVENANCE_DOWNLOAD_MAX_HEIGHT.",
    ),
    "too_long": (
        "was refused: the video is too long{length}, {duration} are allowed",
        "Allow more with PROVENANCE_DOWNLOAD_MAX_DURATION, or cut out the part in question.",
    ),
    "live": (
        "is not possible: this is a live stream, or has not begun",
        "Come back when it has ended, or record a part and give the file.",
    ),
    "several": (
        "is not one video: the address holds {count} of them",
        "Give the address of one: {addresses}.",
    ),
    "no_video": (
        "failed: the page holds no video that can be found",
        f"{_LOOK} If a video plays there: {_UPGRADE}",
    ),
    "nothing": ("gave no file", f"{_LOOK} {_UPGRADE}"),
    "empty": ("gave an empty file", _LOOK),
    "full": ("failed: the disk is full", "Free some space, or point TMPDIR to another disk."),
    "drm": (
        "is not possible: the video is protected against copying (DRM)",
        "Look for another copy of it, or film the part in question from a screen.",
    ),
    "protocol": (
        "is not possible: the stream comes in a form that is not fetched here",
        "Save the video with another program and give the file.",
    ),
    "geo": (
        "failed: the site does not show the video in this country (geo-blocked)",
        _ABROAD,
    ),
    "login": ("failed: the site wants a login", _COOKIES),
    "private": (
        "failed: the video is private or has been removed",
        f"{_LOOK} A web archive may have a copy.",
    ),
    "bot": ("failed: the site takes us for a robot", f"{_COOKIES} {_UPGRADE}"),
    "merge": ("failed: picture and sound could not be joined", _UPGRADE),
    "formats": ("failed: the site offers the video in no form that can be read", _UPGRADE),
    "crash": ("failed: the program that fetches it broke down{detail}", _UPGRADE),
    "other": ("failed{detail}", f"{_LOOK} {_UPGRADE}"),
}

_STATUS_SAYINGS: dict[int, tuple[str, str]] = {
    401: ("the site wants a login", _COOKIES),
    403: ("the server refuses access", f"{_LOOK} {_COOKIES} {_UPGRADE}"),
    404: ("there is nothing at this address", f"{_LOOK} A web archive may have a copy."),
    407: ("the proxy wants a user name and a password", _PROXY_ADVICE),
    410: ("there is nothing at this address any more", "A web archive may have a copy."),
    429: ("the site has had too many requests from here", _LATER),
    451: ("the site may not show this here, for legal reasons", _ABROAD),
}

# In this order: what the network says is certain, what a site says is a guess at its words.
_SIGNS: tuple[tuple[str, str], ...] = (
    ("status", r"HTTP Error \d{3}"),
    ("proxy", r"unable to connect to proxy|unsupported proxy type|sockshttps?connection"),
    (
        "name",
        r"name or service not known|failed to resolve|getaddrinfo|name resolution"
        r"|nodename nor servname|no address associated",
    ),
    ("refused", r"connection refused"),
    ("unreachable", r"network is unreachable|no route to host|host is down"),
    ("certificate", r"certificate.?verify|ssl: |\[ssl\b|self.signed certificate"),
    ("stalled", r"timed out|timeout"),
    (
        "cut",
        r"bytes read, \d+ more expected|downloaded \d+ bytes, expected|content too short"
        r"|incomplete.?read|connection (?:was )?reset|connection aborted|broken pipe"
        r"|remote end closed|connection broken|fragment not found",
    ),
    ("full", r"no space left|disk quota"),
    ("too_large", r"file too large"),
    ("scheme", r"file:/* urls are disabled|unsupported url scheme|unknown url type"),
    ("no_video", r"^unsupported url|no video (?:could be )?found|no media found"),
    ("empty", r"downloaded file is empty|did not get any data blocks"),
    ("formats", r"no video formats|requested format is not available"),
    ("drm", r"\bdrm\b"),
    ("bot", r"not a bot|captcha|anti-bot|unusual traffic"),
    (
        "geo",
        r"geo.?restrict|geo.?block|your (?:country|region|location)|not available from your"
        r"|blocked it in your|not made this video available in",
    ),
    (
        "login",
        r"log ?in\b|sign in|logged.in|account credentials|authentication|--cookies"
        r"|members.only|subscriber|age.restricted|confirm your age|--username|registered users",
    ),
    ("live", r"live event|livestream|live stream|premieres? in|not currently live"),
    (
        "private",
        r"\bprivate\b|removed|deleted|no longer (?:available|exists)|does ?n.t exist|unavailable"
        r"|not available|not found|terminated|suspended",
    ),
    ("protocol", r"ffmpeg exited|rtmpdump|websocket"),
    ("merge", r"postprocessing|conversion failed"),
)


def _kind_of(text: str) -> str:
    text = re.sub(r"https?://\S+", "", text)  # an address may hold any word
    signs = ((kind, re.search(sign, text, re.IGNORECASE)) for kind, sign in _SIGNS)
    return next((kind for kind, found in signs if found), "other")


def _of_status(text: str) -> tuple[str, str]:
    found = re.search(r"HTTP Error (\d{3})", text)
    status = int(found[1]) if found else 0
    general = (
        "the server has a fault of its own"
        if status >= 500
        else "the server redirects in a circle, or to something that is no web address"
        if status < 400
        else "the server says no"
    )
    saying, hint = _STATUS_SAYINGS.get(status, (general, f"{_LOOK} {_LATER}"))
    # The page or playlist was read, and the file or piece that it names was not given.
    of_the_file = text.startswith("Got error") or "video data" in text
    where = " at the video file itself" if of_the_file else ""
    return f"failed{where}: {saying} (HTTP {status})", hint


def _cleaned(text: str, url: str) -> str:
    """yt-dlp's message without colours, prefixes, the URL and the request to report a bug."""
    text = re.sub(r"\x1b\[[0-9;]*[A-Za-z]", "", text)
    text = "".join(c if c.isprintable() else " " for c in text)
    text = re.sub(r"^\s*(?:ERROR:\s*)+", "", text)
    text = re.sub(r"[;.]?\s*please report this issue on.*", "", text, flags=re.IGNORECASE)
    text = re.sub(r"^\s*\[[^\]]{1,60}\] (?:[^\s:]{1,200}: )?", "", text)
    return " ".join(text.replace(url, shown(url)).split())


def _detail(text: str) -> str:
    """What of yt-dlp's message is for people."""
    text = text.removeprefix("Got error: ")
    return re.sub(r"\s*\(caused by .*", "", text)[:_DETAIL_LENGTH].rstrip(". ")


def _size(count: float | None) -> str:
    value, unit = float(count or 0), "bytes"
    for larger in ("kB", "MB", "GB", "TB"):
        if value < 1000:
            break
        value, unit = value / 1000, larger
    return f"{value:.0f} {unit}" if unit == "bytes" else f"{value:.1f} {unit}"


def _time(seconds: float | None) -> str:
    seconds = seconds or 0
    if seconds < 120:
        return f"{seconds:g} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"

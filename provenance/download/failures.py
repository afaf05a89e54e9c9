"""What went wrong with a download, in plain words, and what to do about it.

yt-dlp says everything in one line of text, so the text is what there is to go by. Its prefixes,
colours and requests to report a bug are taken off before anything of it is shown.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from urllib.parse import unquote

from provenance.dates import When, spoken
from provenance.download.equipment import STALE_DAYS, yt_dlp_age
from provenance.download.retries import may_pass
from provenance.errors import DownloadError, UsageError
from provenance.settings import Settings
from provenance.urls import without_login

_URL_LENGTH = 300
_DETAIL_LENGTH = 300
_TOO_MANY = 429

_LOOK = "Open the address in a browser to check it."
_LATER = "Try again later."
_UPGRADE = "{upgrade}"
_NEWEST = '`pip install -U "yt-dlp[default]"` brings the newest way to read them.'
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
_COPY = "A web archive or somebody else may have a copy."


@dataclass(frozen=True)
class Failure:
    """What the worker knows of a failure.

    Attributes:
        text: yt-dlp's message, or the last words of a crash.
        kind: a kind of `_SAYINGS` where it is known without reading the text.
        warnings: yt-dlp's warnings on the way.
        figure: a number that belongs to the kind (bytes, seconds, entries, a Unix time).
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
    if is_patience_asked(failure):
        kind = "patience"
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
        "wait": _time(failure.figure),
        "begins": _begins(failure.figure),
        "upgrade": _upgrade(),
        "addresses": ", ".join(shown(address) for address in failure.addresses),
        "pairs": ",".join(failure.addresses),
        "detail": f": {_detail(text)}" if text else "",
        "words": _detail(text),
    }
    error = DownloadError(
        f"The download of {shown(url)} {saying.format_map(figures)}.", hint.format_map(figures)
    )
    error.may_pass = may_pass(kind, status_in(text))
    return error


def is_patience_asked(failure: Failure) -> bool:
    """Whether a site has had too many requests and says how many seconds it wants to be left alone
    (`figure`)."""
    return not failure.kind and status_in(failure.text) == _TOO_MANY and failure.figure is not None


def shown(url: str) -> str:
    """The URL for a message: without a password, control characters or endless length."""
    url = "".join(c if c.isprintable() else "?" for c in without_login(url.strip(), "***@"))
    return url if len(url) <= _URL_LENGTH else url[: _URL_LENGTH - 3] + "..."


_SAYINGS: dict[str, tuple[str, str]] = {
    "scheme": (
        "is not possible: only http and https addresses are fetched",
        "Give a web address, or save the video with another program and give the file.",
    ),
    "bare": (
        "is not possible: https:// is missing before it, and no file of that name is here",
        "Give {addresses}, or check the spelling of the path.",
    ),
    "malformed": (
        "is not possible: this is no complete web address",
        "Check it for typing slips and spaces.",
    ),
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
    "circle": ("failed: one page leads to another without end", _LOOK),
    "memory": (
        "was stopped: what the site sends takes more memory than is allowed",
        f"{_LOOK} If a video plays there, save it and give the file.",
    ),
    "too_long": (
        "was refused: the video is too long{length}, {duration} are allowed",
        "Allow more with PROVENANCE_DOWNLOAD_MAX_DURATION, or cut out the part in question.",
    ),
    "live": (
        "is not possible: this is a live stream, and it is running now",
        "Come back when it has ended, or record a part and give the file.",
    ),
    "upcoming": (
        "is not possible yet: this live stream or premiere has not begun{begins}",
        "Come back when it is over.",
    ),
    "processing": (
        "is not possible yet: the site is still preparing the video",
        "Come back in some hours.",
    ),
    "not_live": (
        "is not possible: this is the address of a live stream, and none is running",
        "Give the address of a recording.",
    ),
    "ended": (
        "failed: the live stream is over, and the site shows no recording of it",
        f"{_LOOK} {_COPY}",
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
    "blocked": (
        "failed: the site refuses everything from this network",
        f"Fetch it through another network, or a proxy (PROVENANCE_DOWNLOAD_PROXY). {_COOKIES}",
    ),
    "login": ("failed: the site wants a login", _COOKIES),
    "age": (
        "failed: the video is age-restricted, and the site wants a login that tells your age",
        _COOKIES,
    ),
    "members": (
        "failed: the video is for paying members or subscribers only",
        _COOKIES,
    ),
    "password": (
        "failed: the video is protected by a password of its own",
        "Open it in a browser with the password, save it, and give the saved file.",
    ),
    "embedded": (
        "failed: the site shows the video only inside of other pages",
        "Give the address of a page that shows it.",
    ),
    "private": (
        "failed: the video is private: its owner decides who may see it, after a login",
        _COOKIES,
    ),
    "removed": (
        "failed: the video has been removed, or was never there",
        f"{_COPY} {_LOOK}",
    ),
    "terminated": (
        "failed: the account that published the video has been closed or suspended, and the video "
        "is gone with it",
        _COPY,
    ),
    "unavailable": (
        "failed: the site says that the video is not available, not why: it may be private, "
        "removed, or not shown in this country",
        f"{_LOOK} {_COPY}",
    ),
    "rate": (
        "failed: the site has had too many requests from here",
        "Wait an hour, and let more time pass between downloads with PROVENANCE_DOWNLOAD_PAUSE. "
        f"{_COOKIES}",
    ),
    "patience": (
        "failed: the site has had too many requests from here, and asks to wait {wait}",
        "Try again then. PROVENANCE_DOWNLOAD_PAUSE lets more time pass between downloads.",
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
    _TOO_MANY: ("the site has had too many requests from here", _LATER),
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
    (
        "no_video",
        r"^unsupported url|no video (?:could be )?found|no media found|there is no video in"
        r"|media #\d+ is not a video",
    ),
    ("empty", r"downloaded file is empty|did not get any data blocks"),
    ("formats", r"no video formats|requested format is not available"),
    ("drm", r"\bdrm\b"),
    ("rate", r"rate.?limit|too many requests"),
    ("bot", r"not a bot|captcha|anti-bot|unusual traffic"),
    # Where a site only guesses at the reason, so do we.
    ("unavailable", r"(?:may|might) (?:be|have been) (?:deleted|removed|private|geo)"),
    (
        "geo",
        r"geo.?restrict|geo.?block|your (?:country|region|location)|not available from your"
        r"|blocked it in your|not made this video available in|withheld in",
    ),
    ("blocked", r"your ip\b.{0,40}\bblocked"),
    (
        "ended",
        r"recording is not available|(?:stream|broadcast|live event) (?:has ended|is over)"
        r"|replay is disabled",
    ),
    ("processing", r"processing this video|not downloadable yet"),
    (
        "upcoming",
        r"(?:event|stream|premiere)\b.{0,20}\bwill begin|premieres? in\b|not (?:yet )?started"
        r"|(?:live event|live.?stream) is scheduled",
    ),
    ("not_live", r"not currently live|stream is (?:now |currently )?offline"),
    (
        "age",
        r"confirm your age|age.restricted|nsfw|inappropriate for some"
        r"|not be comfortable for some",
    ),
    (
        "members",
        r"members.only|channel's members|subscribers? only|only .{0,20}subscribers|premium",
    ),
    (
        "private",
        r"(?<!not downloading )\bprivate\b(?! show)|protected tweet|not authori[sz]ed to view"
        r"|permission to view this post|who follow this account|limits who can view|access denied"
        r"|not been made available to",
    ),
    (
        "terminated",
        r"(?:account|channel|author)\b.{0,80}\b(?:terminated|suspended|blocked|banned|was removed"
        r"|no longer exists)|suspended account|^suspended$|closed their .{0,20}account",
    ),
    (
        "removed",
        r"removed|deleted|no longer (?:available|exists)|does ?n.t exist|does not exist"
        # Of what people look at; extractors also miss programs, and fields in a page.
        r"|\b(?:video|clip|content|stream|post|tweet|space|channel|show|episode|lecture|track|vod"
        r"|playlist|broadcast|program|recording)(?: [\"'\d]\S*)? (?:was )?not found\b(?! in\b"
        r"| even)",
    ),
    ("password", r"\bpassword\b.{0,40}--video-password|wrong (?:video )?password"),
    ("embedded", r"embed-only|embeds this video"),
    (
        "login",
        r"log ?in\b|sign in|logged.in|account credentials|authentication|--cookies"
        r"|--username|registered users",
    ),
    ("unavailable", r"unavailable|not available|isn.t available|may no longer exist"),
    ("live", r"live event|livestream|live stream"),
    ("protocol", r"ffmpeg exited|rtmpdump|websocket"),
    ("merge", r"postprocessing|conversion failed"),
)


def kind_of(text: str, url: str) -> str:
    """The kind of failure that a message of yt-dlp's about `url` tells: a key of `_SAYINGS`,
    "status" for an answer of the server, or "other"."""
    return _kind_of(_cleaned(text, url))


def status_in(text: str) -> int | None:
    """The number of the HTTP error that a message names."""
    found = re.search(r"HTTP Error (\d{3})", text)
    return int(found[1]) if found else None


def trouble(text: str, url: str) -> str:
    """In few words what went wrong and is tried again."""
    cleaned = _cleaned(text, url)
    kind = _kind_of(cleaned)
    saying = _of_status(cleaned)[0] if kind == "status" else cleaned
    return saying.removeprefix("failed: ")[:_DETAIL_LENGTH]


def _kind_of(text: str) -> str:
    text = re.sub(r"https?://\S+", "", text)  # an address may hold any word
    signs = ((kind, re.search(sign, text, re.IGNORECASE)) for kind, sign in _SIGNS)
    return next((kind for kind, found in signs if found), "other")


def _of_status(text: str) -> tuple[str, str]:
    status = status_in(text) or 0
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
    # Without the id, which for a site that yt-dlp does not know is the end of the address: it may
    # hold any word.
    name = unquote(url.rstrip("/").rpartition("/")[2])
    for known in filter(None, (name, name.rpartition(".")[0])):
        text = text.replace(f"] {known}: ", "] id: ", 1)
    text = re.sub(r"^\s*\[[^\]]{1,60}\] (?:[^\s:]{1,200}: )?", "", text)
    return " ".join(text.replace(url, shown(url)).split())


def _detail(text: str) -> str:
    """What of yt-dlp's message is for people."""
    text = text.removeprefix("Got error: ")
    return re.sub(r"\s*\(caused by .*", "", text)[:_DETAIL_LENGTH].rstrip(". ")


def _upgrade() -> str:
    """The advice to take a newer yt-dlp, the more pressing the older it is."""
    age = yt_dlp_age()
    if age is not None and age > STALE_DAYS:
        return f"The yt-dlp here is {age} days old, and sites change every month: {_NEWEST}"
    return f"Sites change often: {_NEWEST}"


def _begins(moment: float | None) -> str:
    """When a premiere begins, as the site tells it."""
    if moment is None:
        return ""
    try:
        return f" (it is to begin on {spoken(When.from_timestamp(moment))})"
    except UsageError:
        return ""


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

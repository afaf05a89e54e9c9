"""One address for one page: the many ways to link to the same video, made equal.

    >>> canonical_url("https://youtu.be/dQw4w9WgXcQ?si=abc")
    'https://www.youtube.com/watch?v=dQw4w9WgXcQ'
    >>> same_page("http://example.org/v/?utm_source=x", "https://www.example.org/v")
    True

Nothing is fetched here, so a shortened link (vm.tiktok.com, fb.watch, bit.ly) stays what it is.
Here is also decided what an address is, for all who are given either an address or a path.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

_DEFAULT_PORTS = {"http": 80, "https": 443}
_SENT_ALONG = re.compile(
    r"utm_.*|(?:fb|g|d|y)clid|gclsrc|[gw]braid|msclkid|twclid|ttclid|mc_[ce]id|igshid?|mibextid|"
    r"_ga|_gl|ref_src|ref_url|__cft__.*|__tn__",
    re.IGNORECASE,
)
"""Parameters that say how a reader came to the page, never which page it is."""
_SHARE_MARK = "si"
_SHARING = frozenset({"youtube.com", "youtu.be", "spotify.com", "soundcloud.com"})
"""Sites that mark shared links with `si`; elsewhere so short a name may say which page it is."""
_ONE_OF_SEVERAL = (
    r"^https?://[\w.]*\b(?:x|twitter)\.com/.*/((?:video|photo)/\d+)",
    r"^https?://[\w.]*\binstagram\.com/[^#]*[?&](img_index=\d+)",
    r"^https?://[\w.]*\b(?:t|telegram)\.me/[^#]*[?&](single)\b",
)
_NO_VIDEO_OF_ITS_OWN = re.compile(r"$|[!/]|:~:|(?:t|start)=[\dhms.:,]*$", re.IGNORECASE)
"""Behind "#": nothing, a route (which `canonical_url` keeps), words to mark, or where to begin."""
_SCHEME = re.compile(
    r"(?:([a-z][a-z\d+.-]+)://"  # one letter is a disk of Windows
    r"|(about|blob|data|file|https?|javascript|magnet|mailto|urn|view-source):)",
    re.IGNORECASE,
)
_TOPS = (
    "app|biz|com|dev|edu|gov|info|int|live|media|mil|net|news|online|org|press|site|social|top|tube|"
    "video|watch|xyz"
)
"""Ends of hosts, besides those of two letters: a folder's name with a dot in it seldom has them."""
_BEGINS_WITH_HOST = re.compile(
    r"(?://)?(?:www\.[\w-]+\.\w"
    rf"|(?:(?:[\w-]+\.)+(?:{_TOPS}|[^\W\d_]{{2}})|(?:\d{{1,3}}\.){{3}}\d{{1,3}}|localhost)"
    r"(?::\d+)?[/?#])",
    re.IGNORECASE,
)
_LOGIN = re.compile(
    # Also what is written with a slip, as https:/.
    r"(\s*(?:(?:blob|view-source):)?(?:[a-z][a-z\d+.-]+://|https?:)[/\\]*)"
    # A user name with a password that is no number of a port may hold what should be escaped.
    r"(?:[^/?#\\@\[]*:(?!\d*[/?#\\])[^/?#\\@]*[/?#\\].*@|[^/?#\\]*@)",
    re.IGNORECASE | re.DOTALL,
)
_UNRESERVED = re.compile(r"%(2D|2E|5F|7E|3\d|4[1-9A-F]|5[0-9A]|6[1-9A-F]|7[0-9A])", re.IGNORECASE)


def is_url(text: str) -> bool:
    """True for an http or https address, as opposed to a path."""
    return re.match(r"https?://[^/?#\s]", text.strip(), re.IGNORECASE) is not None


def scheme_of(text: str) -> str | None:
    """The scheme of what is written like an address, in lower case, whether or not it can be
    fetched; "" where it begins with the host, as `youtu.be/abc` does; None for all else, such as a
    path. There may be files with such names all the same."""
    text = text.strip()
    if found := _SCHEME.match(text):
        return (found[1] or found[2]).lower()
    return "" if _BEGINS_WITH_HOST.match(text) else None


def is_address(text: str, folder: str | Path = "") -> bool:
    """Whether an address is given and no path: an http(s) address, or what is written like another
    one and does not even begin with a file or folder that is there, in `folder` if it is relative.
    Whoever is to fetch the latter says what is wrong with it."""
    if is_url(text) or scheme_of(text) is None:
        return is_url(text)
    start = text.partition("/")[0] or text
    # Path.exists() raises for names too long, as a data: address is.
    return not os.path.exists(os.path.join(folder, start))  # noqa: PTH110, PTH118


def without_login(url: str, instead: str = "") -> str:
    """The address without the user name and password that it may carry, also where it is not quite
    an address: what may be shown to others and kept. What has no scheme stays as it is."""
    found = _LOGIN.match(url)
    return f"{found[1]}{instead}{url[found.end() :]}" if found else url


def canonical_url(url: str) -> str:
    """The address written in the one form that still opens the same page.

    Scheme and host in lower case; no user name and password, default port, fragment (but "#!" and
    "#/" routes), trailing slash and tracking parameters; the rest of the query sorted. The several
    addresses of one video on YouTube, X, Facebook, Instagram, TikTok, Telegram and Vimeo become
    one. What is no http(s) address comes back as it is, without the spaces around it.
    """
    url = url.strip()
    if not is_url(url):
        return url
    try:
        parts = urlsplit(url)
        host, port = _host(parts.hostname or ""), parts.port
    except ValueError:  # a port or an IPv6 address that is none
        return url
    if not host or re.search(r"\s", host):  # only a user name, a port or dots; or no address
        return url
    scheme = parts.scheme.lower()
    pairs = sorted(p for p in parts.query.split("&") if p and not _is_tracking(p, host))
    path = _unescaped(parts.path).rstrip("/")
    platform = _PLATFORMS.get(host)
    if platform and (known := platform(path, dict(_pair(p) for p in pairs))):
        return known
    if port and port != _DEFAULT_PORTS[scheme]:
        host = f"{host}:{port}"
    query = f"?{'&'.join(pairs)}" if pairs else ""
    route = f"#{parts.fragment}" if parts.fragment[:1] in {"!", "/"} else ""
    return f"{scheme}://{host}{path or '/'}{query}{route}"


def same_page(one: str, other: str) -> bool:
    """True when both addresses lead to the same page: also http and https, with and without www."""
    return page_key(one) == page_key(other)


def page_key(url: str) -> str:
    """What addresses of the same page have in common: to look pages up by, never to open."""
    key = canonical_url(url)
    if not is_url(key):
        return key
    key = re.sub(r"^https?://(www\.)?", "", key)
    # The number of a post says which it is; the name in front of it changes with its owner.
    return re.sub(r"^x\.com/[^/]+/status/", "x.com/status/", key)


def video_key(url: str) -> str:
    """What addresses of the same video have in common: its page and, where a page can hold several
    videos and the address names one of them, which.

    What stands behind "#" may do so, as in `/video/top#video=7`, but on the platforms known here.
    """
    page = page_key(url)
    for sign in _ONE_OF_SEVERAL:
        if found := re.search(sign, url.strip(), re.IGNORECASE | re.ASCII):
            return f"{page} {found[1].lower()}"
    part = url.strip().partition("#")[2]
    if _NO_VIDEO_OF_ITS_OWN.match(part) or page.partition("/")[0] in _PAGES_OF_PLATFORMS:
        return page
    return f"{page} #{part}"


def _host(name: str) -> str:
    name = name.rstrip(".").lower()
    if not name.isascii():
        with suppress(UnicodeError):
            name = name.encode("idna").decode("ascii")
    return f"[{name}]" if ":" in name else name


def _is_tracking(pair: str, host: str) -> bool:
    name = _pair(pair)[0]
    if name == _SHARE_MARK:
        return ".".join(host.split(".")[-2:]) in _SHARING
    return _SENT_ALONG.fullmatch(name) is not None


def _pair(pair: str) -> tuple[str, str]:
    name, _, value = pair.partition("=")
    return name, value


def _unescaped(path: str) -> str:
    """Escapes that need not be are written out, the others in capitals (RFC 3986, 6.2.2)."""
    plain = _UNRESERVED.sub(lambda found: chr(int(found[1], 16)), path)
    return re.sub(r"%[0-9a-f]{2}", lambda found: found[0].upper(), plain, flags=re.IGNORECASE)


_YOUTUBE_PLAYERS = frozenset({"videoseries", "live_stream"})
"""Embedded players that stand where a video's id does; their query says what they play."""


def _youtube(path: str, query: dict[str, str]) -> str | None:
    found = re.fullmatch(r"/(?:shorts|embed|live|v|e)/([\w-]+)", path, re.ASCII)
    if found and found[1] in _YOUTUBE_PLAYERS:
        return None
    video = found[1] if found else query.get("v") if path == "/watch" else None
    return f"https://www.youtube.com/watch?v={video}" if video else None


def _youtu_be(path: str, query: dict[str, str]) -> str | None:
    found = re.fullmatch(r"/([\w-]+)", path, re.ASCII)
    return f"https://www.youtube.com/watch?v={found[1]}" if found else None


def _x(path: str, query: dict[str, str]) -> str | None:
    found = re.match(r"/(i/web|\w+)/status(?:es)?/(\d+)(?:/|$)", path, re.ASCII)
    if found:
        return f"https://x.com/{found[1].removesuffix('/web').lower()}/status/{found[2]}"
    return None


def _facebook(path: str, query: dict[str, str]) -> str | None:
    found = re.fullmatch(r"/(?:reel|[^/]+/videos(?:/[^/]+)?)/(\d+)", path, re.ASCII)
    video = found[1] if found else query.get("v") if path in {"/watch", "/video.php"} else None
    return f"https://www.facebook.com/watch?v={video}" if video else None


def _instagram(path: str, query: dict[str, str]) -> str | None:
    found = re.fullmatch(r"(?:/[\w.]+)?/(?:p|reels?|tv)/([\w-]+)", path, re.ASCII)
    return f"https://www.instagram.com/p/{found[1]}" if found else None


def _tiktok(path: str, query: dict[str, str]) -> str | None:
    found = re.fullmatch(r"/(@[\w.-]*)/(video|photo)/(\d+)", path, re.ASCII)
    if found:
        return f"https://www.tiktok.com/{found[1].lower()}/{found[2]}/{found[3]}"
    return None


def _telegram(path: str, query: dict[str, str]) -> str | None:
    found = re.fullmatch(r"(?:/s)?/(c/\d+|\w+)/(\d+)", path, re.ASCII)
    return f"https://t.me/{found[1].lower()}/{found[2]}" if found else None


def _vimeo(path: str, query: dict[str, str]) -> str | None:
    found = re.fullmatch(r"(?:/video)?/(\d+)", path, re.ASCII)
    # An unlisted video opens only with its key `h`, so that address stays whole.
    return f"https://vimeo.com/{found[1]}" if found and "h" not in query else None


_PLATFORMS: dict[str, Callable[[str, dict[str, str]], str | None]] = {
    **{f"{sub}youtube.com": _youtube for sub in ("", "www.", "m.", "music.")},
    **{f"{sub}youtube-nocookie.com": _youtube for sub in ("", "www.")},
    **{f"{sub}youtu.be": _youtu_be for sub in ("", "www.")},
    **{f"{sub}twitter.com": _x for sub in ("", "www.", "m.", "mobile.")},
    **{f"{sub}x.com": _x for sub in ("", "www.", "m.", "mobile.")},
    **{f"{sub}facebook.com": _facebook for sub in ("", "www.", "m.", "web.", "mbasic.")},
    **{f"{sub}instagram.com": _instagram for sub in ("", "www.", "m.")},
    **{f"{sub}tiktok.com": _tiktok for sub in ("", "www.", "m.")},
    **{f"{sub}.me": _telegram for sub in ("t", "www.t", "telegram")},
    **{f"{sub}vimeo.com": _vimeo for sub in ("", "www.", "player.")},
}
_PAGES_OF_PLATFORMS = frozenset(host.removeprefix("www.") for host in _PLATFORMS)

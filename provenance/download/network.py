"""What the settings say of the network: servers of the user's own, the proxy, cookies.

    network = read_network(settings)
    ("media.intern", 80) in network.local, network.proxy

Read where something is about to be fetched, so that a mistake in them stops nobody who fetches
nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from provenance.download.addresses import literal
from provenance.errors import SettingsError
from provenance.settings import Settings

NO_PROXY = "none"
"""The value of `download_proxy` that asks no proxy, whatever the environment says."""
PROXY_SCHEMES = ("http", "https", "socks5", "socks5h", "socks4", "socks4a")

_COOKIE_HEAD = "# Netscape HTTP Cookie File\n"
_COOKIE_FIELDS = 7
_COOKIE_BYTES = 16 * 1024 * 1024  # a browser's whole jar has some hundred kB


@dataclass(frozen=True)
class Network:
    """Settings of the network, understood.

    Attributes:
        local: (host, port) of servers that may be asked though they are not public; hosts in
            lower case, addresses in their shortest form.
        proxy: address of the proxy; "" for none at all, None for what the environment names.
        cookies: file of cookies, checked to hold some.
        browser: whose cookies are taken, as yt-dlp writes it.
    """

    local: frozenset[tuple[str, int]] = frozenset()
    proxy: str | None = None
    cookies: Path | None = None
    browser: str = ""


def read_network(settings: Settings) -> Network:
    """What the settings say of the network.

    Raises:
        SettingsError: a list of hosts, a proxy or a file of cookies that is none.
    """
    path = Path(settings.download_cookies).expanduser() if settings.download_cookies else None
    if path:
        read_cookies(path)
    return Network(
        local=frozenset(_pairs(settings.download_local_hosts)),
        proxy=_proxy(settings.download_proxy.strip()),
        cookies=path.absolute() if path else None,
        browser=settings.download_cookies_from_browser.strip(),
    )


def plain_host(host: str) -> str:
    """A host as it is compared: lower case, no brackets or last dot, an address at its shortest."""
    host = host.strip("[]").rstrip(".").lower()
    address = literal(host)
    if address:
        return str(address)
    try:
        return host if host.isascii() else host.encode("idna").decode("ascii")
    except UnicodeError:
        return host


def endpoint(host: str, port: int) -> str:
    """`host:port`, as it is written in a setting."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def masked(proxy: str) -> str:
    """The address of a proxy without its user name and password."""
    head, separator, rest = proxy.rpartition("@")
    scheme, slashes, _ = head.partition("://")
    return f"{scheme + slashes if slashes else ''}***@{rest}" if separator else proxy


def read_cookies(path: Path) -> str:
    """The cookies of a file, in the form that Netscape had, for yt-dlp to read.

    Lines that are no cookie are left out. The file itself is never handed on: yt-dlp writes back
    into what it is given.

    Raises:
        SettingsError: the file cannot be read or holds no cookie.
    """
    try:
        with path.open("rb") as file:
            text = file.read(_COOKIE_BYTES).decode("utf-8")
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "it is no text"
        raise _no_cookies(path, f"cannot be read: {reason}") from error
    lines = list(filter(None, map(_cookie, text.splitlines())))
    if not lines:
        raise _no_cookies(path, "holds no cookie in the form of Netscape's cookies.txt")
    return _COOKIE_HEAD + "".join(lines)


def _cookie(line: str) -> str | None:
    """A line as yt-dlp reads it, which gives up the whole file for a domain written the other way
    (and would show the line); None for what is no cookie."""
    mark = "#HttpOnly_" if line.startswith("#HttpOnly_") else ""
    domain, *rest = line.removeprefix(mark).split("\t")
    sound = len(rest) == _COOKIE_FIELDS - 1 and re.fullmatch(r"\d*(\.\d+)?", rest[3], re.ASCII)
    if not sound or not domain.strip(".") or domain.startswith("#"):
        return None
    if domain.startswith(".") or rest[0].upper() == "TRUE":
        domain, rest[0] = f".{domain.lstrip('.')}", "TRUE"
    return "\t".join([mark + domain, *rest]) + "\n"


def _no_cookies(path: Path, what: str) -> SettingsError:
    return SettingsError(
        f"The file of cookies {path} {what}.",
        "Export it again with a browser's add-on for cookies.txt, or leave download_cookies empty.",
    )


def _pairs(text: str) -> Iterator[tuple[str, int]]:
    for entry in text.split(",") if text.strip() else []:
        found = re.fullmatch(
            r"(?P<host>\[[0-9A-Fa-f:.]+\]|[^\s/@:\[\]?#*,]+):(?P<port>\d{1,5})",
            entry.strip(),
            re.ASCII,
        )
        bracketed = bool(found) and entry.strip().startswith("[")
        if (
            not found
            or not 0 < int(found["port"]) < 65536
            or (bracketed and literal(found["host"]) is None)
        ):
            raise SettingsError(
                f"The setting download_local_hosts has the entry {entry.strip()!r}, which is no "
                "host:port.",
                "Write host:port with commas between: 127.0.0.1:8080,media.intern:80,[::1]:80.",
            )
        yield plain_host(found["host"]), int(found["port"])


def _proxy(text: str) -> str | None:
    if not text:
        return None
    if text == NO_PROXY:
        return ""
    try:
        parts = urlsplit(text)
        sound = (
            parts.scheme in PROXY_SCHEMES
            and bool(parts.hostname)
            and (parts.port is None or parts.port > 0)
            and parts.path in ("", "/")
            and not (parts.query or parts.fragment or re.search(r"\s", text))
        )
    except ValueError:
        sound = False
    if not sound:
        # What was given is not shown: a password may stand in it.
        raise SettingsError(
            "The setting download_proxy is no address of a proxy.",
            f"Write scheme://host:port with one of {', '.join(PROXY_SCHEMES)}, with user:password@ "
            f"before the host where the proxy wants it, or {NO_PROXY}.",
        )
    return text.rstrip("/")

"""Where a process may connect to, held by Python itself; for child processes that do nothing else.

    guard = Guard(network.local)
    guard.install()  # from here on, and for ever
    with guard.on_the_way_to(url, proxy):
        ...

An audit hook, which nothing can remove, sees the very address that a socket is about to connect to,
after whatever redirect, playlist or look-up has led there: there is no second look-up that could
answer otherwise. What is not public is refused, but for the servers that a setting lists and for
the user's proxy. The proxy may be connected to only while a request goes through it; as the target
of a request it is a private server like any other.

Programs could connect without being seen, so that only two are started: ffmpeg, with files and
never with addresses, and the JavaScript runtime, without leave to use the network.
"""

from __future__ import annotations

import contextlib
import os
import socket
import sys
import threading
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from provenance.download.addresses import is_public, literal
from provenance.download.failures import Failure
from provenance.download.network import endpoint, plain_host

_PORTS = {"http": 80, "https": 443}
_SOCKS_PORT = 1080
_RESOLVED_BY_PROXY = ("socks4a", "socks5h")
_LOOK_UP_SECONDS = 5.0  # where only the proxy knows the names of the world, nobody may answer here
_LOCAL_NAMES = ("localhost", "local", "internal", "intranet", "lan", "home", "corp", "home.arpa")
"""Ends of names that never lead out of a network (RFC 6761, 6762, 8375, and by habit)."""
_NETWORK_LEAVE = ("-A", "-N", "--allow-all", "--allow-net", "--allow-run", "--allow-ffi")


class RefusedError(PermissionError):
    """This process may not do that; an OSError, so that yt-dlp takes it for a failed connection."""


@dataclass(frozen=True)
class _Asked:
    """The newest look-up of a thread: the name that was asked for, and those of its addresses that
    were not connected to since."""

    host: str
    addresses: set[str]


@dataclass(frozen=True)
class _Route:
    """The proxy that the request of a thread goes through."""

    host: str
    port: int


class Guard:
    """One process's leave to use the network.

    Args:
        local: (host, port) of servers that may be asked though they are not public.
        programs: names of the programs that may be started: ffmpeg's and deno's.
    """

    def __init__(
        self, local: Collection[tuple[str, int]] = (), programs: Collection[str] = ()
    ) -> None:
        self._addresses_refused: list[tuple[str, str]] = []
        self._program_refused = False
        self._local = frozenset(local)
        self._programs = frozenset(programs)
        self._proxies: dict[str, bool] = {}
        self._thread = threading.local()
        self._known: dict[str, tuple[str, ...]] = {}
        self._getaddrinfo: Callable[..., Any] = socket.getaddrinfo

    @property
    def refusal(self) -> Failure | None:
        """What was refused first: an address, or a program that was to fetch one; None for nothing.

        A name may have several addresses, and every one of them was tried.
        """
        if self._addresses_refused:
            name = self._addresses_refused[0][0]
            found = list(dict.fromkeys(at for of, at in self._addresses_refused if of == name))
            shown = literal(name) or found[0].startswith(f"{name}:")
            words = " and ".join(found) + ("" if shown else f" ({name})")
            return Failure(words, kind="local", addresses=found)
        return Failure("", kind="protocol") if self._program_refused else None

    def install(self) -> None:
        """Hold this process to it, until it ends."""
        watched: Mapping[str, Callable[..., None]] = {
            "socket.connect": self._connecting,
            "socket.sendto": self._sending,
            "socket.sendmsg": self._sending,
            "subprocess.Popen": self._starting,
            "os.posix_spawn": self._starting,  # Popen does it so, from Python 3.13 on
            **dict.fromkeys(
                ("os.exec", "os.fork", "os.forkpty", "os.spawn", "os.system"), self._never
            ),
        }

        def hook(event: str, arguments: tuple[Any, ...]) -> None:
            if held := watched.get(event):
                held(*arguments)

        sys.addaudithook(hook)
        socket.getaddrinfo = self._look_up
        try:  # a hook of somebody else's may have kept ours out, without a word
            sys.audit("os.system", b"")
        except RefusedError:
            return
        raise RuntimeError("connections cannot be watched here")

    def name_proxies(self, named: Mapping[str, str]) -> None:
        """Take these proxies for the user's own.

        Args:
            named: the address as requests will have it -> as the user wrote it, whose scheme says
                who looks names up.
        """
        for proxy, written in named.items():
            self._proxies[proxy] = written.partition("://")[0].lower() in _RESOLVED_BY_PROXY

    def without_passwords(self, text: str) -> str:
        """The text with the user names and passwords of the proxies taken out."""
        for proxy in self._proxies:
            credentials = proxy.partition("://")[2].rpartition("@")[0]
            for secret in filter(None, {credentials, unquote(credentials)}):
                text = text.replace(f"{secret}@", "***@")
        return text

    @contextlib.contextmanager
    def on_the_way_to(self, url: str, proxy: str | None) -> Iterator[None]:
        """While this thread sends one hop of a request, for `url`, through `proxy` or directly.

        Raises:
            RefusedError: a proxy that the user did not name, or a target that is not public.
        """
        route = self._route(url, proxy) if proxy else None
        self._thread.route = route
        try:
            yield
        finally:
            self._thread.route = None

    def _route(self, url: str, proxy: str) -> _Route:
        parts = urlsplit(proxy)
        default = _SOCKS_PORT if parts.scheme.startswith("socks") else _PORTS.get(parts.scheme, 80)
        route = _Route(plain_host(parts.hostname or ""), parts.port or default)
        if proxy not in self._proxies:
            raise RefusedError("a proxy that you did not name is not asked")
        host, port = _target(url)
        if (host, port) not in self._local:
            # The proxy's own name has to be looked up anyway.
            by_proxy = self._proxies[proxy] and host != route.host
            for address in self._addresses(host, by_proxy=by_proxy):
                found = literal(address)
                if found is None or not is_public(found):
                    raise self._refused(address, port, host)
        return route

    def _addresses(self, host: str, *, by_proxy: bool) -> tuple[str, ...]:
        """What is known here of the addresses of a host that a proxy will be asked for."""
        if literal(host):
            return (host,)
        if "." not in host or any(host == n or host.endswith(f".{n}") for n in _LOCAL_NAMES):
            return (host,)
        if by_proxy:
            return ()
        if host not in self._known:
            found: list[str] = []

            def ask() -> None:
                with contextlib.suppress(OSError, UnicodeError):
                    found.extend(answer[4][0] for answer in self._getaddrinfo(host, None))

            asking = threading.Thread(target=ask, daemon=True)
            asking.start()
            asking.join(_LOOK_UP_SECONDS)
            self._known[host] = tuple(found)
        return self._known[host]

    def _look_up(self, host: Any, port: Any, *args: Any, **kwargs: Any) -> Any:
        """`socket.getaddrinfo`, which remembers under which name an address was found."""
        answers = self._getaddrinfo(host, port, *args, **kwargs)
        name = host.decode("ascii", "replace") if isinstance(host, bytes) else str(host)
        addresses = {str(answer[4][0]) for answer in answers}
        self._thread.asked = _Asked(plain_host(name), addresses)
        return answers

    def _connecting(self, connection: socket.socket, target: Any) -> None:
        internet = connection.family in (socket.AF_INET, socket.AF_INET6)
        if not internet or connection.type != socket.SOCK_STREAM:
            raise RefusedError("only connections by TCP are made here")
        host, port = str(target[0]), int(target[1])
        asked = getattr(self._thread, "asked", None)
        name = asked.host if asked and host in asked.addresses else host
        if asked:
            asked.addresses.discard(host)  # one look-up opens one connection
        route = getattr(self._thread, "route", None)
        if route and (name, port) == (route.host, route.port):
            return
        # A name here would be looked up by the socket itself, unseen.
        address = literal(host)
        if address is None:
            raise self._refused(host, port, host)
        if is_public(address) or not self._local.isdisjoint({(str(address), port), (name, port)}):
            # A name may have addresses of both kinds; what comes now is not for the refused ones.
            self._addresses_refused = [one for one in self._addresses_refused if one[0] != name]
            return
        raise self._refused(str(address), port, name)

    def _sending(self, connection: socket.socket, target: Any = None) -> None:
        if target is not None:
            raise RefusedError("nothing is sent without a connection here")

    def _starting(self, program: Any, arguments: Any, *_: Any) -> None:
        name = Path(os.fsdecode(program)).name
        if name in self._programs:
            if _is_harmless([os.fsdecode(word) for word in arguments[1:]]):
                return
            self._program_refused = True
        raise RefusedError(f"{name} may not be started here")

    def _never(self, *_: Any) -> None:
        raise RefusedError("no program may be started so here")

    def _refused(self, host: str, port: int, name: str) -> RefusedError:
        where = endpoint(host, port)
        self._addresses_refused.append((name, where))
        return RefusedError(f"{where} is no address of the public internet")


def _target(url: str) -> tuple[str, int]:
    """Host and port of a URL, read as the library that connects reads them."""
    from urllib3.util import parse_url

    try:
        parts = parse_url(url)
    except ValueError as error:
        raise RefusedError(f"{url} is no address") from error
    return plain_host(parts.host or ""), parts.port or _PORTS.get(parts.scheme or "", 80)


def _is_harmless(arguments: Sequence[str]) -> bool:
    """Whether a program reads nothing but files, and has no leave to use the network."""
    inputs = [after for word, after in pairwise(arguments) if word == "-i"]
    return all(given.startswith("file:") for given in inputs) and not any(
        "://" in word or word.startswith(_NETWORK_LEAVE) for word in arguments
    )

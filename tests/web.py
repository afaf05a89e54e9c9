"""A web server on 127.0.0.1 that can also misbehave.

with web_server() as web:
    url = web.file("/clip.mp4", data)
    web.redirect("/old.mp4", url)
    web.stalling("/slow.mp4", data, after=100)

Downloads refuse servers of this machine that no setting lists. `LOCAL_HOSTS` lists all that
`web_server()` may start, and is in the environment of every test.
"""

from __future__ import annotations

import contextlib
import socket
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

MOST_SERVERS = 8


def _free_ports() -> list[int]:
    with contextlib.ExitStack() as stack:
        taken = [
            stack.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(MOST_SERVERS)
        ]
        return [server.getsockname()[1] for server in taken]


PORTS = _free_ports()
LOCAL_HOSTS = ",".join(f"127.0.0.1:{port}" for port in PORTS)

Answer = Callable[[BaseHTTPRequestHandler], None]

TYPES = {
    ".mp4": "video/mp4",
    ".ts": "video/mp2t",
    ".m3u8": "application/vnd.apple.mpegurl",
    ".html": "text/html; charset=utf-8",
    ".jpg": "image/jpeg",
    ".txt": "text/plain",
}


class Web:
    """Paths and what they answer; every method returns the URL of the path it was given."""

    def __init__(self, server: _Server) -> None:
        self._server = server
        self.answers: dict[str, Answer] = {}
        self.requests: list[str] = []
        self.agents: set[str] = set()
        self.stopping = threading.Event()

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    @property
    def connections(self) -> int:
        """How many have been made so far, also those on which nothing was asked."""
        return self._server.connections

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    def answer(self, path: str, answer: Answer) -> str:
        self.answers[path] = answer
        return self.url(path)

    def file(self, path: str, body: bytes, headers: Mapping[str, str] | None = None) -> str:
        """A file that is sent whole."""

        def answer(request: BaseHTTPRequestHandler) -> None:
            _head(request, path, len(body), headers)
            request.wfile.write(body)

        return self.answer(path, answer)

    def page(self, path: str, html: str, headers: Mapping[str, str] | None = None) -> str:
        return self.file(path, f"<!DOCTYPE html><html>{html}</html>".encode(), headers)

    def redirect(self, path: str, to: str) -> str:
        def answer(request: BaseHTTPRequestHandler) -> None:
            request.send_response(302)
            request.send_header("Location", to)
            request.send_header("Content-Length", "0")
            request.end_headers()

        return self.answer(path, answer)

    def status(self, path: str, code: int) -> str:
        def answer(request: BaseHTTPRequestHandler) -> None:
            request.send_response(code)
            request.send_header("Content-Length", "0")
            request.end_headers()

        return self.answer(path, answer)

    def failing(
        self, path: str, body: bytes, *, status: int, times: int, wait: str | None = None
    ) -> str:
        """A file that is refused some times first, and it is said how long to wait."""
        left = times
        url = self.file(path, body)
        give = self.answers[path]

        def answer(request: BaseHTTPRequestHandler) -> None:
            nonlocal left
            if not left:
                give(request)
                return
            left -= 1
            request.send_response(status)
            if wait:
                request.send_header("Retry-After", wait)
            request.send_header("Content-Length", "0")
            request.end_headers()

        self.answers[path] = answer
        return url

    def truncated(self, path: str, body: bytes, after: int) -> str:
        """Announces all of `body`, sends `after` bytes of it and hangs up; every time."""

        def answer(request: BaseHTTPRequestHandler) -> None:
            _head(request, path, len(body))
            request.wfile.write(body[:after])
            request.close_connection = True

        return self.answer(path, answer)

    def stalling(self, path: str, body: bytes, after: int) -> str:
        """Sends `after` bytes and then nothing, with the connection left open."""

        def answer(request: BaseHTTPRequestHandler) -> None:
            _head(request, path, len(body))
            request.wfile.write(body[:after])
            request.wfile.flush()
            self.stopping.wait()

        return self.answer(path, answer)

    def dripping(self, path: str, body: bytes, pause: float = 0.05) -> str:
        """Sends one byte every `pause` seconds: never stalled, never done."""

        def answer(request: BaseHTTPRequestHandler) -> None:
            _head(request, path, len(body))
            for byte in body:
                request.wfile.write(bytes([byte]))
                request.wfile.flush()
                if self.stopping.wait(pause):
                    return

        return self.answer(path, answer)

    def endless(self, path: str) -> str:
        """Announces no length and sends as long as anybody reads."""

        def answer(request: BaseHTTPRequestHandler) -> None:
            _head(request, path, None)
            request.close_connection = True
            while not self.stopping.is_set():
                request.wfile.write(b"\0" * 65536)

        return self.answer(path, answer)


@contextmanager
def web_server(*, listed: bool = True) -> Iterator[Web]:
    """A running server with no paths yet; stopped, threads and all, when the block is left.

    Where it is not `listed`, it is none of those that downloads may ask.
    """
    server = _listed_server() if listed else _unlisted_server()
    server.daemon_threads = True
    web = Web(server)
    server.web = web  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield web
    finally:
        web.stopping.set()
        server.shutdown()
        server.server_close()
        thread.join()


def _listed_server() -> _Server:
    for port in PORTS:
        with contextlib.suppress(OSError):
            return _Server(("127.0.0.1", port), _Handler)
    raise RuntimeError(f"more than {MOST_SERVERS} servers at a time")


def _unlisted_server() -> _Server:
    """The system gives out the listed ports, too, while nobody has them."""
    while (server := _Server(("127.0.0.1", 0), _Handler)).server_address[1] in PORTS:
        server.server_close()
    return server


class _Server(ThreadingHTTPServer):
    connections = 0

    def verify_request(self, request: Any, client_address: Any) -> bool:
        self.connections += 1
        return True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing, on the standard error that a test looks at, of clients that had enough."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        web: Web = self.server.web  # type: ignore[attr-defined]
        web.requests.append(self.path)
        web.agents.add(self.headers.get("User-Agent", ""))
        answer = web.answers.get(self.path.partition("?")[0])
        try:
            if answer is None:
                self.send_error(404)
            else:
                answer(self)
        except ConnectionError:  # the client had enough
            self.close_connection = True

    def do_POST(self) -> None:
        self.do_GET()

    def do_CONNECT(self) -> None:
        """As a proxy is asked for a tunnel; the path is host:port."""
        self.do_GET()

    def log_message(self, format: str, *args: object) -> None:
        return


def _head(
    request: BaseHTTPRequestHandler,
    path: str,
    length: int | None,
    headers: Mapping[str, str] | None = None,
) -> None:
    ending = path[path.rfind(".") :] if "." in path else ".html"
    request.send_response(200)
    fields = {"Content-Type": TYPES.get(ending, "application/octet-stream"), **(headers or {})}
    if length is not None:
        fields["Content-Length"] = str(length)
    for name, value in fields.items():
        request.send_header(name, value)
    request.end_headers()

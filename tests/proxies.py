"""Proxies on 127.0.0.1.

A forward proxy needs nothing of its own: `web_server(listed=False)` answers whole addresses as it
does paths. Here are what a tunnel needs (CONNECT), and a SOCKS 5 proxy.
"""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler

from web import Answer

MOST_CONNECTIONS = 50
SECONDS = 10.0


def tunnel(port: int) -> Answer:
    """An answer to CONNECT that hands on, both ways, to a port of this machine."""

    def answer(request: BaseHTTPRequestHandler) -> None:
        with socket.create_connection(("127.0.0.1", port), timeout=SECONDS) as server:
            request.send_response(200)
            request.end_headers()
            _hand_on(request.connection, server)
        request.close_connection = True

    return answer


class Socks:
    """A SOCKS 5 proxy (RFC 1928) that leads everything to one port of this machine.

    Attributes:
        asked: the hosts and ports that it was asked for, as they were given.
        logins: the user names and passwords that it was given (RFC 1929).
    """

    def __init__(self, target: int) -> None:
        self.asked: list[tuple[str, int]] = []
        self.logins: list[str] = []
        self._target = target
        self.listener = socket.create_server(("127.0.0.1", 0))

    @property
    def port(self) -> int:
        return int(self.listener.getsockname()[1])

    def serve(self) -> None:
        for _ in range(MOST_CONNECTIONS):
            try:
                client, _ = self.listener.accept()
            except OSError:  # closed
                return
            threading.Thread(target=self._served, args=(client,), daemon=True).start()

    def _served(self, client: socket.socket) -> None:
        client.settimeout(SECONDS)
        with client, contextlib.suppress(OSError, IndexError):
            methods = client.recv(client.recv(2)[1])
            login = 2 in methods
            client.sendall(bytes([5, 2 if login else 0]))
            if login:
                client.recv(1)
                name, password = (client.recv(client.recv(1)[0]).decode() for _ in range(2))
                self.logins.append(f"{name}:{password}")
                client.sendall(b"\1\0")
            kind = client.recv(4)[3]
            if kind == 3:
                host = client.recv(client.recv(1)[0]).decode()
            else:
                family, size = (socket.AF_INET, 4) if kind == 1 else (socket.AF_INET6, 16)
                host = socket.inet_ntop(family, client.recv(size))
            self.asked.append((host, int.from_bytes(client.recv(2))))
            with socket.create_connection(("127.0.0.1", self._target), timeout=SECONDS) as server:
                client.sendall(b"\5\0\0\1" + bytes(6))
                _hand_on(client, server)


@contextlib.contextmanager
def socks_proxy(target: int) -> Iterator[Socks]:
    proxy = Socks(target)
    thread = threading.Thread(target=proxy.serve)
    thread.start()
    try:
        yield proxy
    finally:
        proxy.listener.shutdown(socket.SHUT_RDWR)
        proxy.listener.close()
        thread.join()


def _hand_on(one: socket.socket, other: socket.socket) -> None:
    def pump(source: socket.socket, sink: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                sink.sendall(data)
        with contextlib.suppress(OSError):
            sink.shutdown(socket.SHUT_WR)

    back = threading.Thread(target=pump, args=(other, one), daemon=True)
    back.start()
    pump(one, other)
    back.join(SECONDS)

"""The examples of docs/examples, run as their readers would."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest
from command_line import ROOT

from provenance import Archive

EXAMPLES = ROOT / "docs" / "examples"
PATIENCE = 200.0
"""Seconds after which a server is taken not to answer."""


@pytest.mark.slow
def test_the_notebook_runs_from_top_to_end_and_a_second_time(tmp_path: Path, samples: Path) -> None:
    (tmp_path / "samples").symlink_to(samples)
    for word in ("new:", "known:"):
        done = subprocess.run(
            [sys.executable, EXAMPLES / "notebook.py"],
            check=False,
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
        )
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout.count(word) == 4
    assert "earlier_appearance" in done.stdout
    assert "(mirrored)" in done.stdout
    assert re.search(r"unrelated\.mp4 +no_match", done.stdout)


class Server:
    """The web example under uvicorn; `children` are the programs that it runs."""

    def __init__(self, port: int, process: subprocess.Popen[bytes], scratch: Path) -> None:
        self.port = port
        self.process = process
        self.scratch = scratch

    def connection(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)

    def children(self) -> list[int]:
        return [int(one.name) for one in Path("/proc").glob("[0-9]*") if self._started(one)]

    def _started(self, process: Path) -> bool:
        try:
            stat = (process / "stat").read_text()
        except OSError:  # it has just ended
            return False
        return int(stat.rpartition(")")[2].split()[1]) == self.process.pid


@pytest.fixture
def server(sample_archive: Archive, tmp_path: Path) -> Iterator[Server]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    folder = shutil.copytree(sample_archive.location, tmp_path / "archive")
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "uvicorn", "web_endpoint:app", "--app-dir", EXAMPLES),
            *("--host", "127.0.0.1", "--port", str(port), "--log-level", "warning"),
        ],
        cwd=tmp_path,
        env={
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "PROVENANCE_ARCHIVE": str(folder),
            "TMPDIR": str(scratch),
        },
    )
    try:
        give_up = time.monotonic() + PATIENCE
        while process.poll() is None and time.monotonic() < give_up:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                break
            time.sleep(0.1)
        yield Server(port, process, scratch)
    finally:
        process.terminate()
        process.wait(60)


def until(condition: object, what: str) -> None:
    """Wait for it, within reason."""
    assert callable(condition)
    give_up = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < give_up, what
        time.sleep(0.02)


@pytest.mark.slow
def test_the_web_example_answers_and_stops_when_its_client_goes_away(
    server: Server, samples: Path
) -> None:
    clip = (samples / "checks/reused.mp4").read_bytes()
    address = "/check?" + urlencode({"claim": "Soldiers queue", "date": "2024-10-29"})
    asked = server.connection()
    asked.request("POST", address, clip)
    answer = asked.getresponse()
    report = json.loads(answer.read())
    assert (answer.status, report["verdict"]["label"]) == (200, "earlier_appearance")

    for body, wrong, status in (
        (b"no video", "/check", 422),
        (clip, "/check?date=yesterday", 400),
        (b"", "/check", 422),
    ):
        asked = server.connection()
        asked.request("POST", wrong, body)
        answer = asked.getresponse()
        assert (answer.status, "error" in json.loads(answer.read())) == (status, True)

    leaving = server.connection()
    leaving.request("POST", address, clip)
    until(server.children, "it works")
    leaving.close()
    until(lambda: not server.children() and not list(server.scratch.iterdir()), "it has stopped")
    assert server.process.poll() is None
    assert list(Path(tempfile.gettempdir()).glob("provenance-*/clip")) == []

"""Runs the command line as a user does: in this process, as a child process, on a terminal.

call("list", "--archive", folder).out
"""

from __future__ import annotations

import io
import json
import os
import pty
import subprocess
import sys
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

from provenance.cli import run
from provenance.process import find_ffmpeg
from provenance.process import run as run_program

ROOT = Path(__file__).resolve().parent.parent
PROGRAM = [sys.executable, "-m", "provenance"]


@dataclass(frozen=True)
class Called:
    """Exit code, standard output and standard error of one call."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


def call(*arguments: str | Path, stdin: bytes = b"") -> Called:
    """The program in this process, with streams that are no terminals."""
    streams = {
        "stdin": io.TextIOWrapper(io.BytesIO(stdin), "utf-8"),
        "stdout": io.TextIOWrapper(io.BytesIO(), "utf-8"),
        "stderr": io.TextIOWrapper(io.BytesIO(), "utf-8"),
    }
    with ExitStack() as stack:
        for name, stream in streams.items():
            stack.enter_context(patch.object(sys, name, stream))
        code = run([str(argument) for argument in arguments])
    said = []
    for name in ("stdout", "stderr"):
        streams[name].flush()
        said.append(streams[name].buffer.getvalue().decode())  # type: ignore[attr-defined]
    return Called(code, *said)


def start(*arguments: str | Path, **options: Any) -> subprocess.Popen[bytes]:
    """The program as a child process."""
    pipes = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    command = [*PROGRAM, *map(str, arguments)]
    return subprocess.Popen(command, **{"cwd": ROOT, **pipes, **options})


def on_terminal(
    *arguments: str | Path, typed: str = "", stdout: Any = None, stderr: Any = None
) -> tuple[int, str]:
    """The program on a terminal of its own: exit code, and all that the terminal got.

    `stdout` and `stderr` go there too, unless they are given.
    """
    keyboard, terminal = pty.openpty()
    os.write(keyboard, typed.encode())
    environment = {**os.environ, "TERM": "xterm-256color", "COLUMNS": "100"}
    command = [*PROGRAM, *map(str, arguments)]
    shown = []
    with subprocess.Popen(
        command,
        cwd=ROOT,
        env=environment,
        stdin=terminal,
        stdout=stdout or terminal,
        stderr=stderr or terminal,
    ) as process:
        os.close(terminal)
        try:
            while data := os.read(keyboard, 65536):
                shown.append(data)
        except OSError:  # the other side is closed
            pass
        code = process.wait()
    os.close(keyboard)
    return code, b"".join(shown).decode("utf-8", "replace")


def make_clip(path: Path, picture: str = "testsrc2", seconds: float = 1.0) -> Path:
    """A tiny video of one of ffmpeg's test pictures."""
    source = f"{picture}{':' if '=' in picture else '='}size=160x120:rate=10"
    done = run_program(
        [
            *(find_ffmpeg(), "-v", "error", "-y", "-f", "lavfi", "-i", source),
            *("-t", str(seconds), "-pix_fmt", "yuv420p", "-c:v", "mpeg4", "-q:v", "4", str(path)),
        ]
    )
    assert done.returncode == 0, done.stderr
    return path

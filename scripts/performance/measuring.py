"""What one command costs: seconds by the clock and of processors, memory, own and mapped."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
EVERY = 0.02
"""Seconds between two looks at a process."""


class CommandError(Exception):
    """A command ended as it should not; the message names it and what it said."""


@dataclass(frozen=True)
class Cost:
    """Of one command and its children.

    Attributes:
        wall, processor: seconds.
        anonymous: most bytes of memory of the process's own at a time, without its children.
        mapped: most bytes of mapped files in memory at a time, without its children.
        children: most anonymous bytes of all its children at a time.
        said: its standard output.
    """

    wall: float
    processor: float
    anonymous: int
    mapped: int
    children: int
    said: str


def run(
    command: Sequence[str | Path],
    *,
    given: str = "",
    codes: Sequence[int] = (0,),
    watched: bool = False,
) -> Cost:
    """Run a command to its end.

    Args:
        given: its standard input.
        watched: look at its memory again and again, in /proc, which costs it some of its time;
            else, and where there is no /proc, it is 0.
        codes: exit codes that are as they should be.

    Raises:
        CommandError: another exit code.
    """
    words = [str(word) for word in command]
    environment = {**os.environ, "PYTHONPATH": f"{ROOT / 'scripts'}:{ROOT}"}
    before, start = os.times(), time.monotonic()
    process = subprocess.Popen(
        words,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
    )
    anonymous = mapped = children = 0
    told = {"input": given or None}
    while True:
        try:
            said, complained = process.communicate(**told, timeout=EVERY if watched else None)
            break
        except subprocess.TimeoutExpired:
            told = {}
            own, files, below = _memory(process.pid)
            anonymous, mapped = max(anonymous, own), max(mapped, files)
            children = max(children, below)
    wall, after = time.monotonic() - start, os.times()
    if process.returncode not in codes:
        name = " ".join(words[:4])
        raise CommandError(f"{name} ended with {process.returncode}: {complained.strip()[-400:]}")
    processor = sum(after[2:4]) - sum(before[2:4])
    return Cost(wall, processor, anonymous, mapped, children, said)


def in_child(module: str, *arguments: str | Path) -> dict[str, Any]:
    """What a module of this package prints as JSON, run in a process of its own."""
    done = run([sys.executable, "-P", "-m", f"performance.{module}", *arguments])
    answer: dict[str, Any] = json.loads(done.said.splitlines()[-1])
    return answer


def forget_pages(folder: Path) -> None:
    """Let the system drop what it keeps in memory of the files in a folder."""
    for path in folder.rglob("*"):
        if path.is_file():
            with path.open("rb") as file:
                os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def _memory(pid: int) -> tuple[int, int, int]:
    """Anonymous and mapped bytes of a process, and anonymous bytes of all below it."""
    own = _status(pid)
    return own[0], own[1], sum(_status(child)[0] for child in _below(pid))


def _status(pid: int) -> tuple[int, int]:
    try:
        lines = Path(f"/proc/{pid}/status").read_text("utf-8").splitlines()
    except OSError:
        return 0, 0
    told = {name: rest for name, _, rest in (line.partition(":") for line in lines)}

    def kilobytes(name: str) -> int:
        return int(told.get(name, "0").split()[0]) * 1024

    return kilobytes("RssAnon"), kilobytes("RssFile")


def _below(pid: int) -> list[int]:
    found: list[int] = []
    with contextlib.suppress(OSError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            for child in map(int, (task / "children").read_text("utf-8").split()):
                found += [child, *_below(child)]
    return found

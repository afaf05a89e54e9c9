"""Who works on something, and whether a process that did is dead."""

from __future__ import annotations

import contextlib
import os
import socket
import uuid
from functools import lru_cache
from pathlib import Path


def new_owner() -> str:
    """A name for a watcher of this process: machine, process, when that was started, a number."""
    return " ".join((_machine(), str(os.getpid()), _started(os.getpid()), uuid.uuid4().hex[:8]))


def is_dead(owner: str) -> bool:
    """Whether the process of an owner does not run any more. Of other machines (containers are
    some, too) it is not known; nothing of theirs is called dead."""
    machine, process, started, _ = owner.split(" ")
    return machine == _machine() and _started(int(process)) != started


@lru_cache(maxsize=1)
def _machine() -> str:
    """Where numbers of processes mean the same: machine, since it was started, and container."""
    parts = [socket.gethostname().replace(" ", "-")]
    with contextlib.suppress(OSError):
        parts.append(Path("/proc/sys/kernel/random/boot_id").read_text().strip())
        parts.append(str(Path("/proc/self/ns/pid").readlink()))
    return "/".join(parts)


def _started(process: int) -> str:
    """When a process was started, in the system's ticks; "" where there is none, or only what is
    left of one until its parent asks for it."""
    try:
        stat = Path(f"/proc/{process}/stat").read_text()
    except OSError:
        return ""
    fields = stat.rpartition(")")[2].split()
    return "" if fields[0] in "ZX" else fields[19]

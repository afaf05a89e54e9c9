"""Who works on something, and whether a process that did is dead."""

from __future__ import annotations

import contextlib
import os
import re
import socket
import uuid
from functools import lru_cache
from pathlib import Path


def new_owner() -> str:
    """A name for a watcher of this process: machine, process, when that was started, a number."""
    return " ".join((_machine(), str(os.getpid()), _started(os.getpid()), uuid.uuid4().hex[:8]))


def is_dead(owner: str) -> bool:
    """Whether the process of an owner does not run any more. Of other machines (containers are
    some, too) it is not known; nothing of theirs is called dead. What ran before this machine was
    started is."""
    machine, process, started, _ = owner.split(" ")
    if machine == _machine():
        return _started(int(process)) != started
    (host, boot, _), (own_host, own_boot, _) = machine.split("/"), _machine().split("/")
    return host == own_host and boot != own_boot


@lru_cache(maxsize=1)
def _machine() -> str:
    """Where numbers of processes mean the same: machine, since it was started, and container."""
    boot = space = ""
    with contextlib.suppress(OSError):
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        space = str(Path("/proc/self/ns/pid").readlink())
    return "/".join((re.sub(r"[\s/]", "-", socket.gethostname()), boot, space))


def _started(process: int) -> str:
    """When a process was started, in the system's ticks; "" where there is none, or only what is
    left of one until its parent asks for it."""
    try:
        stat = Path(f"/proc/{process}/stat").read_text()
    except OSError:
        return ""
    fields = stat.rpartition(")")[2].split()
    return "" if fields[0] in "ZX" else fields[19]

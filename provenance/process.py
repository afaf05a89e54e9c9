"""Runs programs on untrusted input, with limits on time, memory and output.

Everything that decodes bytes from outside runs here as a child process: a crash, a hang or a memory
bomb in a decoder ends the child and not the program.

    with Child([ffmpeg, ...], Limits(timeout=60)) as child:
        while data := child.read(65536):
            ...
    if child.returncode: print(child.stderr_tail())
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from provenance.crew import ended_with_crew
from provenance.errors import InterruptedWorkError, ToolError

_STDERR_LINES = 60  # enough to hold ffmpeg's last words, little enough to hold whatever it prints
_PACKAGE_ROOT = str(Path(__file__).resolve().parent.parent)


@dataclass(frozen=True)
class Limits:
    """What one child may take: wall seconds, bytes of address space, bytes of standard output.

    A `memory` of 0 sets no limit: for children that limit themselves in another way.
    """

    timeout: float = 120.0
    memory: int = 2048 * 1024 * 1024
    output: int = 4096 * 1024 * 1024


class LimitError(ToolError):
    """A child broke one of its limits; `message` says which."""

    kind = "limit"


class Child:
    """A running program, read from its standard output; killed when the block is left, and when the
    crew ends whose thread started it.

    Args:
        argv: program and arguments; no shell is involved.
        limits: what it may take.
        on_stderr: called with every line of its standard error, from a thread of its own.
        given: its whole standard input: for what others must not read in a list of processes.

    Raises:
        ToolError: the program cannot be started.
        InterruptedWorkError: the crew has ended (on entering the block, and by every method that
            reads or waits: what a child that was stopped put out is not all of it).
    """

    def __init__(
        self,
        argv: Sequence[str],
        limits: Limits | None = None,
        on_stderr: Callable[[str], None] | None = None,
        given: bytes = b"",
    ) -> None:
        self._limits = limits or Limits()
        self._argv = list(argv)
        self._read = 0
        self._timed_out = self._stopped = False
        self._tail: deque[str] = deque(maxlen=_STDERR_LINES)
        self._watched = ended_with_crew(self._stop)
        try:
            self._process = subprocess.Popen(
                self._argv,
                stdin=subprocess.PIPE if given else subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                start_new_session=True,  # Ctrl-C reaches us; we end the child ourselves
            )
        except OSError as error:
            raise ToolError(
                f"{argv[0]} cannot be started: {error.strerror or error}.",
                "Run `provenance doctor` to see what is installed.",
            ) from error
        _limit_memory(self._process.pid, self._limits.memory)
        self._timer = threading.Timer(self._limits.timeout, self._time_out)
        self._timer.daemon = True
        self._timer.start()
        self._stderr_thread = threading.Thread(
            target=self._drain_stderr, args=(on_stderr,), daemon=True
        )
        self._stderr_thread.start()
        if self._process.stdin:
            with suppress(BrokenPipeError), self._process.stdin as stream:
                stream.write(given)

    def read(self, size: int) -> bytes:
        """Exactly `size` bytes of standard output, fewer only at its end.

        Raises:
            LimitError: the time or the output is used up.
        """
        assert self._process.stdout is not None
        data: bytes = self._process.stdout.read(size)
        self._read += len(data)
        self._refuse_torn()
        if self._read > self._limits.output:
            raise LimitError(f"It put out more than {self._limits.output} bytes and was stopped.")
        return data

    def readline(self, limit: int = 4096) -> bytes:
        """One line of standard output, at most `limit` bytes of it."""
        assert self._process.stdout is not None
        data: bytes = self._process.stdout.readline(limit)
        self._read += len(data)
        self._refuse_stopped()
        return data

    def finish(self) -> int:
        """Wait for the end; the return code. Raises LimitError when the time ran out."""
        code = self._process.wait()
        self._stderr_thread.join(timeout=5)
        self._refuse_torn()
        return code

    def stderr_tail(self) -> str:
        """The last lines of standard error."""
        self._stderr_thread.join(timeout=5)
        return "\n".join(self._tail)

    def __enter__(self) -> Self:
        try:
            self._watched.__enter__()
        except InterruptedWorkError:
            self._end()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._watched.__exit__(kind, error, trace)
        self._end()

    def _end(self) -> None:
        self._timer.cancel()
        self._kill()
        self._process.wait()
        self._stderr_thread.join(timeout=5)
        for stream in (self._process.stdout, self._process.stderr):
            if stream:
                stream.close()

    def _refuse_torn(self) -> None:
        """Raises where the child was ended before its time."""
        self._refuse_stopped()
        if self._timed_out:
            raise LimitError(f"It took more than {self._limits.timeout:.0f} s and was stopped.")

    def _refuse_stopped(self) -> None:
        if self._stopped:
            raise InterruptedWorkError("The work was stopped.")

    def _stop(self) -> None:
        """End and bury the child now: whoever reads from it may be a generator that nobody closes
        before the garbage collector does."""
        self._stopped = True
        self._timer.cancel()
        self._kill()
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(timeout=5)

    def _time_out(self) -> None:
        self._timed_out = True
        self._kill()

    def _kill(self) -> None:
        """End the child and whatever it started; it leads a process group of its own."""
        if self._process.poll() is None:
            try:
                os.killpg(self._process.pid, signal.SIGKILL)
            except (AttributeError, OSError):  # no process groups here, or it has just ended
                self._process.kill()

    def _drain_stderr(self, on_stderr: Callable[[str], None] | None) -> None:
        assert self._process.stderr is not None
        while raw := self._process.stderr.readline(8192):
            line = raw.decode("utf-8", "replace").rstrip()
            self._tail.append(line)
            if on_stderr:
                on_stderr(line)


@dataclass(frozen=True)
class Completed:
    """A finished child: return code, standard output, last lines of standard error."""

    returncode: int
    stdout: bytes
    stderr: str


def run(argv: Sequence[str], limits: Limits | None = None) -> Completed:
    """Run a program to its end. Raises ToolError (cannot start) or LimitError."""
    with Child(argv, limits) as child:
        parts = []
        while data := child.read(1 << 20):
            parts.append(data)
        code = child.finish()
        return Completed(code, b"".join(parts), child.stderr_tail())


def run_worker(module: str, arguments: Sequence[str], limits: Limits | None = None) -> Any:
    """Call `module.main(arguments)` in a Python child and return the JSON that it prints.

    Returns:
        the decoded JSON, or None where the child crashed or printed none.

    Raises:
        LimitError: it took too long or put out too much.
    """
    done = run(worker_command(module, arguments), limits)
    if done.returncode:
        return None
    try:
        return json.loads(done.stdout)
    except ValueError:
        return None


def worker_command(module: str, arguments: Sequence[str]) -> list[str]:
    """The command line that calls `module.main(arguments)` in a Python child.

    Packages that have a worker are entered without their `__init__`, which imports their front for
    everybody else: half of what a worker would have to load before its work.
    """
    code = (
        f"import sys, types; sys.path.insert(0, {_PACKAGE_ROOT!r})\n"
        f"for name, folder in {_worker_packages()!r}:\n"
        "    sys.modules[name] = types.ModuleType(name); sys.modules[name].__path__ = [folder]\n"
        f"from {module} import main; main(sys.argv[1:])"
    )
    return [sys.executable, "-P", "-c", code, *arguments]


@lru_cache(maxsize=1)
def _worker_packages() -> list[tuple[str, str]]:
    folders = sorted(path.parent for path in Path(__file__).parent.glob("*/worker.py"))
    return [(f"{__package__}.{folder.name}", str(folder)) for folder in folders]


def find_ffmpeg(setting: str = "") -> str:
    """Path of the ffmpeg to use: the setting, else PATH, else the imageio-ffmpeg wheel.

    Raises:
        ToolError: a named ffmpeg that is not there, or none anywhere.
    """
    if setting:
        named = shutil.which(setting)
        if not named:
            raise ToolError(
                f"The ffmpeg named in the settings is not there: {setting}.",
                "Correct PROVENANCE_FFMPEG or the settings file, or leave it empty.",
            )
        return named
    return shutil.which("ffmpeg") or _wheel_ffmpeg()


@lru_cache(maxsize=1)
def _wheel_ffmpeg() -> str:
    try:
        import imageio_ffmpeg

        # The file is named directly: get_ffmpeg_exe() would start a process to try it first.
        binaries = Path(imageio_ffmpeg.__file__).parent / "binaries"
        found = sorted(binaries.glob("ffmpeg-*"))
        return str(found[0]) if found else str(imageio_ffmpeg.get_ffmpeg_exe())
    except (ImportError, RuntimeError) as error:
        raise ToolError(
            "No ffmpeg was found.", "Install ffmpeg, or `pip install imageio-ffmpeg`."
        ) from error


def _limit_memory(pid: int, memory: int) -> None:
    """Bound the child's address space from outside: nothing runs between fork and exec."""
    try:
        import resource

        if memory:
            resource.prlimit(pid, resource.RLIMIT_AS, (memory, memory))
        resource.prlimit(pid, resource.RLIMIT_CORE, (0, 0))
    except (ImportError, AttributeError, OSError):
        return  # no such limits on this system; the time limit still holds

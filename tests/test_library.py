"""The package as programs use it: typed, quiet, without traces, and every failure of one family."""

from __future__ import annotations

import datetime as dt
import json
import shutil
import subprocess
import sys
import threading
import venv
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import pytest
from command_line import ROOT

import provenance
from provenance import (
    Archive,
    ArchiveNotFoundError,
    Claim,
    MissingMediaError,
    ProvenanceError,
    UnknownFootageError,
    UsageError,
    check,
    check_all,
)

PROGRAM = """
from pathlib import Path
import asyncio
from provenance import (
    Added, Archive, Callback, Claim, InterruptedWorkError, Outcome, ProgressEvent, ProvenanceError,
    Report, Settings, aio, check, check_all, load_settings,
)
from provenance.plugins import Download, PlatformFacts, SourcePlugin
from provenance.progress import Progress

def told(event: ProgressEvent) -> None:
    reveal_type(event.share)

class Newsroom:
    name = "newsroom"
    def accepts(self, location: str) -> bool:
        return location.startswith("newsroom:")
    def fetch(
        self, location: str, folder: Path, settings: Settings, progress: Progress
    ) -> Download:
        return Download(folder / "a.mp4", location, PlatformFacts(title="A"))

source: SourcePlugin = Newsroom()
with Archive.open(Path("a"), settings=load_settings({"profile": "compact"})) as archive:
    reveal_type(archive.add("old.mp4", published="2022-03-01"))
    outcomes: list[Outcome] = list(archive.add_all(["a", Path("b")]))
    try:
        report = check("c.mp4", claim=Claim("x", date="2024"), archive=archive,
                       progress=Callback(told, cancelled=lambda: False))
    except InterruptedWorkError as error:
        reveal_type(error.hint)
    except ProvenanceError:
        raise
    reveal_type(report.verdict)
    reveal_type(report.matches[0].segments[0].query_start)
    reports: list[Report] = list(check_all(["c.mp4"], archive=archive))

async def main() -> None:
    async with aio.Archive.open("a", at_once=2) as many:
        reveal_type(await many.check("c.mp4"))
        reveal_type(await many.run(lambda archive, progress: archive.state().hours))

asyncio.run(main())
"""
REVEALED = [
    "float | None",
    "provenance.archive.adding.Added",
    "str",
    "provenance.models.report.Verdict | None",
    "float",
    "provenance.models.report.Report",
    "float",
]


@pytest.mark.slow
def test_a_users_program_is_checked_strictly_against_the_package(tmp_path: Path) -> None:
    venv.create(tmp_path / "venv")  # mypy does not see what is installed to be edited
    (installed,) = (tmp_path / "venv").glob("lib/python*/site-packages")
    shutil.copytree(ROOT / "provenance", installed / "provenance")
    (tmp_path / "program.py").write_text(PROGRAM)
    python = tmp_path / "venv" / "bin" / "python"
    done = subprocess.run(
        [
            *(sys.executable, "-m", "mypy", "--strict", "--no-incremental", "program.py"),
            *("--python-executable", str(python)),
        ],
        check=False,
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    revealed = [line.split('"')[1] for line in done.stdout.splitlines() if "Revealed type" in line]
    assert revealed == REVEALED


def test_the_package_says_that_it_is_typed() -> None:
    assert (ROOT / "provenance" / "py.typed").is_file()


def test_every_public_name_is_there_and_every_error_that_can_be_caught_is_public() -> None:
    for name in provenance.__all__:
        assert getattr(provenance, name) is not None
    errors = {
        name
        for name, value in vars(__import__("provenance.errors").errors).items()
        if isinstance(value, type) and issubclass(value, ProvenanceError)
    }
    assert errors <= set(provenance.__all__)
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        provenance.__getattr__("nonsense")


SURROUNDINGS = """
import json, locale, logging, os, signal, sys, threading, warnings
from pathlib import Path

def state():
    return {
        "environment": dict(os.environ),
        "folder": os.getcwd(),
        "locale": locale.setlocale(locale.LC_ALL),
        "handlers": [repr(signal.getsignal(s)) for s in sorted(signal.valid_signals())],
        "log": [repr(logging.root.handlers), logging.root.level],
        "threads": [thread.name for thread in threading.enumerate()],
        "hooks": [repr(sys.excepthook), repr(threading.excepthook), repr(sys.displayhook)],
        "streams": [repr(sys.stdout), repr(sys.stderr)],
        "limits": [sys.getrecursionlimit(), os.umask(os.umask(0o22))],
    }

clip, known, folder, out = map(Path, sys.argv[1:])
os.umask(0o22)
before = state()
from provenance import Archive, Claim, ProvenanceError, check
with Archive.open(folder) as archive:
    archive.add(known, published="2021")
    report = check(clip, claim=Claim("...", date="2024"), archive=archive)
    try:
        check("missing.mp4", archive=archive)
    except ProvenanceError as error:
        pass
out.write_text(json.dumps([before, state(), report.verdict.label]))
"""


def test_a_check_prints_nothing_and_leaves_the_process_as_it_was(
    samples: Path, tmp_path: Path
) -> None:
    said, result = tmp_path / "said", tmp_path / "result.json"
    with said.open("wb") as sink:
        done = subprocess.run(
            [
                *(sys.executable, "-c", SURROUNDINGS, samples / "checks/reused.mp4"),
                *(samples / "footage/square.mp4", tmp_path / "archive", result),
            ],
            check=False,
            cwd=ROOT,
            stdout=sink,
            stderr=sink,
        )
    assert (done.returncode, said.read_text()) == (0, "")
    before, after, label = json.loads(result.read_text())
    assert after == before
    assert label == "earlier_appearance"


WRONG: dict[str, tuple[Callable[[Archive, Path], Any], type[ProvenanceError], str]] = {
    "no source": (lambda a, f: check(cast(Any, None), archive=a), UsageError, "None"),
    "bytes": (lambda a, f: check(cast(Any, b"a.mp4"), archive=a), UsageError, "b'a.mp4'"),
    "a number": (lambda a, f: a.add(cast(Any, 7)), UsageError, "7"),
    "nothing": (lambda a, f: check("", archive=a), UsageError, "empty"),
    "a list as one source": (lambda a, f: check(cast(Any, ["a"]), archive=a), UsageError, "a"),
    "a text as many sources": (
        lambda a, f: list(check_all("clip.mp4", archive=a)),
        UsageError,
        "clip.mp4",
    ),
    "a text of many to add": (lambda a, f: list(a.add_all("clip.mp4")), UsageError, "clip.mp4"),
    "a claim in words": (
        lambda a, f: check(f, claim=cast(Any, "Soldiers queue"), archive=a),
        UsageError,
        "Claim",
    ),
    "an archive by its name": (
        lambda a, f: check(f, archive=cast(Any, "newsroom")),
        UsageError,
        "Archive.open",
    ),
    "settings as a dict": (
        lambda a, f: check(f, archive=a, settings=cast(Any, {"profile": "lean"})),
        UsageError,
        "load_settings",
    ),
    "a function for progress": (
        lambda a, f: check(f, archive=a, progress=cast(Any, print)),
        UsageError,
        "Callback",
    ),
    "a missing file": (lambda a, f: check("gone.mp4", archive=a), MissingMediaError, "gone.mp4"),
    "a name too long": (lambda a, f: check("a" * 5000, archive=a), ProvenanceError, "aaa"),
    "a null byte": (lambda a, f: check("a\0b", archive=a), ProvenanceError, "a"),
    "a null byte to add": (lambda a, f: a.add("a\0b"), ProvenanceError, "a"),
    "a folder": (lambda a, f: check(f.parent, archive=a), ProvenanceError, ""),
    "an odd date": (lambda a, f: a.add(f, published="yesterday"), UsageError, "yesterday"),
    "a date that is a number": (lambda a, f: a.add(f, published=cast(Any, 20)), UsageError, "20"),
    "a claim with an odd date": (lambda a, f: Claim(date="31/12/2024"), UsageError, "31/12/2024"),
    "an archive on the web": (lambda a, f: Archive.open("https://x.org"), UsageError, "https"),
    "an archive as bytes": (lambda a, f: Archive.open(cast(Any, b"x")), UsageError, "b'x'"),
    "unknown footage": (lambda a, f: a.footage(99), UnknownFootageError, "99"),
    "footage that is no number": (lambda a, f: a.footage(cast(Any, "x")), UnknownFootageError, "x"),
    "no footage": (lambda a, f: a.remove(cast(Any, None)), UnknownFootageError, "None"),
    "no archive": (
        lambda a, f: check(f, archive=Archive.open(Path(a.location) / "none")),
        ArchiveNotFoundError,
        "none",
    ),
    "a profile that is none": (
        lambda a, f: provenance.load_settings({"profile": "huge"}),
        UsageError,
        "huge",
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_goes_wrong_is_a_provenance_error_that_names_it(
    name: str, sample_archive: Archive, samples: Path
) -> None:
    call, kind, named = WRONG[name]
    with pytest.raises(kind) as raised:
        call(sample_archive, samples / "checks/unrelated.mp4")
    assert named in str(raised.value)
    assert "Traceback" not in str(raised.value)
    assert raised.value.message.endswith((".", "?"))


def test_a_closed_archive_opens_again_when_it_is_used(sample_archive: Archive) -> None:
    with Archive.open(sample_archive.location) as archive:
        pass
    assert len(list(archive.footages())) == 4
    archive.close()
    archive.close()
    assert not [t for t in threading.enumerate() if t.name.startswith("provenance")]


def test_dates_may_be_given_as_python_has_them() -> None:
    day = dt.date(2024, 10, 29)
    assert Claim(date=day) == Claim(date="2024-10-29")

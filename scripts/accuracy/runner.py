"""The program over a query set: footage is added, queries are checked, through the command line.

reports = run(sources.archived, files, folder).reports
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from accuracy.truth import Found, found_in

PROGRAM = (sys.executable, "-m", "provenance")
PUBLISHED = "2020-01-01"
CLAIMED = "2024-10-29"
TELL_EVERY = 20
"""Queries between two words on progress."""
SOME_FAILED = 11
"""The program's exit code where some of several sources failed; their reports tell."""


class RunError(Exception):
    """The program ended as it should not."""


@dataclass(frozen=True)
class Run:
    """What a run gave.

    Attributes:
        reports: one a query.
        checked: queries that were checked in the last go; all, unless it was resumed.
        add_seconds, check_seconds: wall time of the last go.
        archive_megabytes: of the folder.
        errors: (file, kind) of queries that could not be checked.
    """

    reports: list[Mapping[str, Any]]
    checked: int
    add_seconds: float
    check_seconds: float
    archive_megabytes: float

    @property
    def found(self) -> list[Found]:
        return [found for report in self.reports for found in found_in(report)]

    @property
    def errors(self) -> list[tuple[str, str]]:
        return [
            (Path(report["source"]["location"]).name, report["error"]["kind"])
            for report in self.reports
            if report.get("error")
        ]


def run(
    footage: Sequence[Path],
    queries: Sequence[Path],
    keep: Path,
    jobs: int = 1,
    *,
    resume: bool = False,
) -> Run:
    """Add the footage to a fresh archive and check every query.

    `keep` (a folder) gets reports.jsonl and run.json; `resume` goes on where a run into the same
    folder was cut short. Raises RunError.
    """
    keep.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="archive-") as archive:
        started = time.monotonic()
        add(Path(archive), footage)
        added = time.monotonic()
        checked = check(Path(archive), queries, keep / "reports.jsonl", jobs, resume=resume)
        timing = {
            "checked": checked,
            "add_seconds": round(added - started, 1),
            "check_seconds": round(time.monotonic() - added, 1),
            "archive_megabytes": round(_bytes(Path(archive)) / 1e6, 1),
        }
    (keep / "run.json").write_text(json.dumps(timing), "utf-8")
    return kept(keep)


def kept(folder: Path) -> Run:
    """The run that a folder keeps."""
    lines = (folder / "reports.jsonl").read_text("utf-8").splitlines()
    timing = json.loads((folder / "run.json").read_text("utf-8"))
    return Run([json.loads(line) for line in lines], **{"checked": len(lines), **timing})


def add(archive: Path, footage: Sequence[Path], published: str = PUBLISHED) -> None:
    """Learn known footage. Raises RunError."""
    command = [*PROGRAM, "--archive", str(archive), "add", "--published", published]
    done = subprocess.run(
        [*command, *map(str, footage)], check=False, capture_output=True, text=True
    )
    if done.returncode:
        raise RunError(f"add ended with {done.returncode}: {done.stderr.strip()[-400:]}")


def check(
    archive: Path,
    queries: Sequence[Path],
    reports: Path,
    jobs: int = 1,
    *options: str,
    resume: bool = False,
) -> int:
    """Check queries against an archive; `reports` gets a line each, in their order.

    Until all are done, reports lie in files beside it, one a process.

    Args:
        jobs: processes at a time; each is given a share of the queries.
        options: further options of `provenance check`.
        resume: take the reports of a run that was cut short, and check the others only.

    Returns:
        How many queries were checked in this call.
    """
    command = [*PROGRAM, "--archive", str(archive), "check", "--candidates", "--format", "jsonl"]
    command += ["--claim-date", CLAIMED, *options, "-"]
    done = _reported(reports) if resume else {}
    for old in _parts(reports):
        old.unlink()
    _part(reports, 0).write_text("".join(done.values()), "utf-8")
    left = [path for path in queries if str(path) not in done]
    outputs = [_part(reports, n) for n in range(1, jobs + 1)]
    running = [
        _start(command, share, output)
        for n, output in enumerate(outputs)
        if (share := left[n::jobs])
    ]
    codes = _finished(running, outputs, len(left))
    wrong = [code for code in codes if code not in (0, SOME_FAILED)]
    if wrong:
        raise RunError(f"check ended with {wrong[0]}; --keep and --reuse go on from there.")
    done = _reported(reports)
    reports.write_text("".join(done[str(path)] for path in queries), "utf-8")
    for part in _parts(reports):
        part.unlink()
    return len(left)


def _reported(reports: Path) -> dict[str, str]:
    """The lines of all parts by the source that was given; a line that was cut off is left out."""
    lines = [
        line
        for part in _parts(reports)
        for line in part.read_text("utf-8").splitlines(keepends=True)
        if line.endswith("\n")
    ]
    return {json.loads(line)["source"]["location"]: line for line in lines}


def _parts(reports: Path) -> list[Path]:
    return sorted(reports.parent.glob(f"{reports.stem}.part-*.jsonl"))


def _part(reports: Path, number: int) -> Path:
    return reports.with_name(f"{reports.stem}.part-{number}.jsonl")


def rows(results: Sequence[Found]) -> str:
    """The results as the shared scorer reads them: a line a pair, with its longest segment."""
    lines = []
    for found in results:
        row: dict[str, Any] = {
            "query": found.query,
            "reference": found.footage,
            "score": found.score,
        }
        if found.segments:
            longest = max(found.segments, key=lambda part: part.query_end - part.query_start)
            row |= {key: value for key, value in asdict(longest).items() if key != "reversed"}
        lines.append(json.dumps(row))
    return "".join(f"{line}\n" for line in lines)


def read_rows(text: str) -> list[Found]:
    """What `rows` wrote, without acceptance, which the shared scorer has no field for."""
    found = []
    for line in text.splitlines():
        row = json.loads(line)
        found.append(Found(row["query"], row["reference"], row["score"]))
    return found


def _start(command: Sequence[str], queries: Sequence[Path], output: Path) -> subprocess.Popen[str]:
    with output.open("w", encoding="utf-8") as file:
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=file, text=True)
    assert process.stdin
    process.stdin.write("".join(f"{path}\n" for path in queries))
    process.stdin.close()
    process.stdin = None
    return process


def _finished(
    running: Sequence[subprocess.Popen[str]], outputs: Sequence[Path], count: int
) -> list[int]:
    """Exit codes, once all have ended; meanwhile says how far they are."""
    told = 0
    try:
        while any(process.poll() is None for process in running):
            time.sleep(0.5)
            done = sum(_lines(output) for output in outputs)
            if done >= told + TELL_EVERY:
                told = done
                print(f"  {done} of {count} queries", file=sys.stderr, flush=True)
    except BaseException:
        for process in running:
            process.terminate()
        raise
    return [process.wait() for process in running]


def _lines(path: Path) -> int:
    return path.read_bytes().count(b"\n") if path.exists() else 0


def _bytes(folder: Path) -> int:
    return sum(
        (Path(parent) / name).stat().st_size
        for parent, _, names in os.walk(folder)
        for name in names
    )

"""The query sets: which clips, which edits, and where the files lie.

dev      the shared benchmark: its clips, its 23 edits
own      its clips, our edits
samples  the repository's clips, our edits
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from accuracy.edits import EDITS
from accuracy.make import SourceSet, make, plan, sample_sources, shared_sources, spread
from accuracy.truth import Query, read_truth

ROOT = Path(__file__).resolve().parents[2]
TITLES = {
    "dev": "Shared clips, shared edits",
    "own": "Shared clips, our edits",
    "samples": "Our clips, our edits",
}


class SkippedError(Exception):
    """A set cannot be made here; the message says why."""


@dataclass(frozen=True)
class Drawing:
    """Which queries: seed, how many a source, how many in all, only these edits."""

    seed: int = 1
    per_source: int = 12
    limit: int | None = None
    edits: tuple[str, ...] = ()


@dataclass(frozen=True)
class QuerySet:
    """Queries on disk and the truth about them."""

    name: str
    sources: SourceSet
    folder: Path
    queries: tuple[Query, ...]

    @property
    def files(self) -> list[Path]:
        return [self.folder / "queries" / query.query for query in self.queries]


def prepared(
    name: str, shared: Path, folder: Path, drawing: Drawing, *, reuse: bool, jobs: int
) -> QuerySet:
    """Make a set's queries in a folder, or take those that are there. Raises SkippedError."""
    sources = _sources(name, shared, folder)
    if not (reuse and (folder / "truth.json").exists()):
        if name == "dev":
            _make_shared(shared, folder, drawing)
        else:
            ours = [edit for edit in drawing.edits if edit in EDITS]
            if drawing.edits and not ours:
                raise SkippedError("none of the wanted edits is ours")
            planned = plan(sources, drawing.seed, drawing.per_source, ours)
            make(sources, spread(planned, drawing.limit), folder, jobs)
    return QuerySet(name, sources, folder, chosen(read_truth(folder / "truth.json"), drawing))


def given(folder: Path, shared: Path, drawing: Drawing) -> QuerySet:
    """Queries from the shared clips that were made before. Raises SkippedError."""
    if not (folder / "truth.json").exists():
        raise SkippedError(f"{folder} holds no truth.json (nor queries/ beside it)")
    sources = _sources("own", shared, folder)
    return QuerySet(
        folder.name, sources, folder, chosen(read_truth(folder / "truth.json"), drawing)
    )


def chosen(queries: Sequence[Query], drawing: Drawing) -> tuple[Query, ...]:
    """Those of the wanted edits, at most as many as wanted, spread over all of them."""
    wanted = [query for query in queries if not drawing.edits or query.edit in drawing.edits]
    return tuple(spread(wanted, drawing.limit))


def _sources(name: str, shared: Path, folder: Path) -> SourceSet:
    if name == "samples":
        return sample_sources(ROOT / "samples", folder / "footage")
    try:
        return shared_sources(shared)
    except FileNotFoundError as error:
        raise SkippedError(
            f"the shared clips are not here ({error.filename or error} is missing)"
        ) from error


def _make_shared(shared: Path, folder: Path, drawing: Drawing) -> None:
    """The shared benchmark's own generator makes its queries."""
    bench = shared / "bench"
    command: list[str | Path] = [sys.executable, bench / "copybench.py", "make"]
    command += [
        bench / "dev.json",
        shared / "footage" / "clips",
        folder,
        "--seed",
        str(drawing.seed),
    ]
    command += ["--per-source", str(drawing.per_source)]
    done = subprocess.run(command, check=False, stdout=sys.stderr)
    if done.returncode:
        raise SkippedError(f"copybench.py ended with {done.returncode}")

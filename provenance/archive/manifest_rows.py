"""Rows of manifests: those that were learnt before are passed over."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, replace
from pathlib import Path

from provenance.archive.adding import Added, Outcome, add_all, removed_meanwhile
from provenance.archive.catalogue import Catalogue
from provenance.archive.learn import Learned, Told, Wanted
from provenance.errors import ArchiveError, UnknownFootageError
from provenance.progress import Progress
from provenance.urls import is_url


def add_rows(
    rows: Sequence[tuple[str, Told]],
    learners: Sequence[Callable[[str], Learned]],
    write: Callable[[Sequence[Learned]], Sequence[Added | ArchiveError]],
    catalogue: Callable[[], Catalogue],
    *,
    jobs: int | None,
    progress: Progress | None,
) -> Iterator[Outcome]:
    """See `Archive.add_rows`.

    Args:
        learners: what reads the source of each row.
        write: makes a batch permanent.
        catalogue: opens the archive's catalogue, or makes it.
    """

    def learn_row(number: str, _: Wanted) -> Learned:
        return learners[int(number)](rows[int(number)][0])

    keys = [_key(source, told) for source, told in rows]
    known = {number: found for number, key in enumerate(keys) if (found := _known(catalogue, key))}
    unknown = [str(number) for number in range(len(rows)) if number not in known]
    outcomes = add_all(unknown, learn_row, write, jobs=jobs, progress=progress)
    for number, (source, _) in enumerate(rows):
        if number in known:
            yield _passed(source, catalogue(), known[number])
            continue
        outcome = replace(next(outcomes), source=source)
        if outcome.added:
            with catalogue().database.write():
                # What was removed since is not recorded, so that another import learns it.
                catalogue().database.execute(
                    "INSERT OR REPLACE INTO imported_row SELECT ?, id FROM footage WHERE id = ?",
                    (keys[number], outcome.added.footage.id),
                )
        yield outcome


def _passed(source: str, catalogue: Catalogue, footage_id: int) -> Outcome:
    """What became of a row that was learnt before."""
    try:
        footage = catalogue.footage(footage_id)
    except UnknownFootageError:  # removed by somebody else since the rows were looked up
        return Outcome(source, error=removed_meanwhile())
    return Outcome(source, Added(footage, new=False), passed=True)


def _known(catalogue: Callable[[], Catalogue], key: str) -> int | None:
    row = catalogue().database.row("SELECT footage_id FROM imported_row WHERE key = ?", (key,))
    return int(row[0]) if row else None


def _key(source: str, told: Told) -> str:
    """The same for the same words about the same file, as far as its size and time tell."""
    said = {
        **asdict(told),
        "published": told.published and [told.published.value, told.published.zone],
    }
    file: list[int] = []
    if not is_url(source):
        try:
            found = Path(source).stat()
            file = [found.st_size, found.st_mtime_ns]
        except (OSError, ValueError):  # learning it will say what is wrong
            pass
    text = json.dumps([source, file, said], sort_keys=True)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()

"""Is the archive sound, and if not, what can be made good of it."""

from __future__ import annotations

from provenance.archive.blobs import FORMAT, SOUND_FORMAT, item_bytes
from provenance.archive.catalogue import Catalogue
from provenance.archive.faiss_index import FaissIndex
from provenance.archive.sound_store import SoundFiles
from provenance.errors import ArchiveDamagedError
from provenance.progress import Progress

_MOST_PROBLEMS = 20  # of one kind; the list is for people


def problems(
    catalogue: Catalogue, index: FaissIndex, sounds: SoundFiles, progress: Progress
) -> list[str]:
    """What is wrong with the archive, one sentence each; empty when it is sound.

    Reads everything: minutes for a large archive.

    Raises:
        InterruptedWorkError: `progress` stopped it.
    """
    with progress.task("reading the catalogue"):
        found = _catalogue_problems(catalogue)
        if found:
            return found  # nothing that a damaged catalogue says of the index can be trusted
        found = _fingerprint_problems(catalogue)
    with progress.task("reading the index", index.bytes() + sounds.bytes()) as task:
        return found + index.problems(task.advance) + sounds.problems(task.advance)


def repair(
    catalogue: Catalogue, index: FaissIndex, sounds: SoundFiles, progress: Progress
) -> list[str]:
    """Make good what can be; one sentence for each thing that was done.

    Raises:
        ArchiveDamagedError: the catalogue itself is damaged beyond that.
        InterruptedWorkError: `progress` stopped it; what was made good stays so.
    """
    done = []
    with progress.task("reading the catalogue"):
        if _catalogue_problems(catalogue):
            catalogue.database.execute("REINDEX")
            if left := _catalogue_problems(catalogue):
                raise ArchiveDamagedError(
                    left[0], "Restore the archive from a backup, or add the footage to a new one."
                )
            done.append("Built the catalogue's own indexes again.")
    with progress.task("mending the index", index.bytes() + sounds.bytes()) as task:
        return done + index.repair(task.advance) + sounds.repair(task.advance)


def _catalogue_problems(catalogue: Catalogue) -> list[str]:
    database = catalogue.database
    try:
        rows = database.rows(f"PRAGMA integrity_check({_MOST_PROBLEMS})")
        found = [str(row[0]) for row in rows if row[0] != "ok"]
        if not found:
            broken = database.rows("PRAGMA foreign_key_check")
            found = [f"a row of {row[0]} belongs to nothing" for row in broken[:_MOST_PROBLEMS]]
    except ArchiveDamagedError as error:
        return [error.message]
    return [f"The catalogue {database.path} is damaged: {text}." for text in found]


def _fingerprint_problems(catalogue: Catalogue) -> list[str]:
    """Footage whose fingerprint is missing or has arrays of the wrong length, of sound too."""
    of_frames, of_features = item_bytes()
    wrong = " OR ".join(
        [f"length({name}) <> frames * {size}" for name, size in of_frames.items()]
        + [f"length({name}) <> features * {size}" for name, size in of_features.items()]
    )
    rows = catalogue.database.rows(
        "SELECT footage.id FROM footage LEFT JOIN fingerprint ON footage_id = footage.id"  # noqa: S608
        f" WHERE footage_id IS NULL OR format <> {FORMAT} OR {wrong} ORDER BY footage.id"
        f" LIMIT {_MOST_PROBLEMS}"
    )
    rows += catalogue.database.rows(
        f"SELECT footage_id FROM sound WHERE format <> {SOUND_FORMAT}"  # noqa: S608
        f" OR length(codes) <> items * 4 ORDER BY footage_id LIMIT {_MOST_PROBLEMS}"
    )
    return [
        f"The fingerprint of footage {row[0]} is damaged: remove it and add it again."
        for row in rows
    ]

"""Adding many sources: several are learned at once, and written in their order, a batch at a time.

Whatever is given back is on disk. An interruption loses what was learned since the last batch, a
few seconds of work.
"""

from __future__ import annotations

import contextlib
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, wait
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from provenance.archive.learn import Learned
from provenance.archive.vectors import keep_vectors
from provenance.crew import Crew, cores
from provenance.errors import (
    ArchiveDamagedError,
    ArchiveError,
    ArchiveFullError,
    DownloadError,
    MediaError,
    ProvenanceError,
    UsageError,
)
from provenance.models import Footage
from provenance.plugins import entries, is_remote
from provenance.process import LimitError
from provenance.progress import Progress
from provenance.settings import Settings
from provenance.stopping import ended_by, stoppable

if TYPE_CHECKING:
    from provenance.archive.catalogue import Catalogue
    from provenance.archive.index import FeatureIndex
    from provenance.archive.sound_store import SoundFiles
    from provenance.fingerprints import Heard

AHEAD = 32
"""Sources that may be learned before the first of them is: one long film holds up no others."""
BATCH = 16
"""Sources that are written in one transaction ..."""
BATCH_SECONDS = 3.0
"""... if so many are learned within so many seconds."""


@dataclass(frozen=True)
class Added:
    """The footage that was added; `new` is False where the archive knew these bytes already."""

    footage: Footage
    new: bool


@dataclass(frozen=True)
class Outcome:
    """What became of one source: it was added, or an error says why not.

    An error that is no ProvenanceError is a fault of ours.
    """

    source: str
    added: Added | None = None
    error: Exception | None = None
    passed: bool = False
    """A row of a manifest that was learnt before, so that nothing was read."""


def add_all(
    sources: Iterable[str],
    learn_one: Callable[[str], Learned],
    write: Callable[[Sequence[Learned]], Sequence[Added | ArchiveError]],
    settings: Settings,
    *,
    single: bool,
    jobs: int | None,
    progress: Progress | None,
) -> Iterator[Outcome]:
    """See `Archive.add_all`.

    Args:
        learn_one: reads one source; called by several threads at once.
        write: makes a batch permanent.
        single: a playlist with more than one entry is refused.
        progress: may stop it; what was learned since the last batch is lost then.
    """
    for batch in _batches(
        sources, learn_one, settings, single=single, jobs=jobs or cores(), progress=progress
    ):
        learned = [result for _, result in batch if isinstance(result, Learned)]
        with stoppable(progress):
            written = iter(write(learned) if learned else ())
        for source, result in batch:
            done = next(written) if isinstance(result, Learned) else result
            if isinstance(done, Added):
                yield Outcome(source, done)
            else:
                yield Outcome(source, error=done)


def write_learned(
    catalogue: Catalogue, index: FeatureIndex, sounds: SoundFiles, learned: Sequence[Learned]
) -> list[Added | ArchiveError]:
    """Write what was learned, all of it or, on an error, nothing.

    Returns:
        what became of each; an error where footage that was known has been removed meanwhile.

    Raises:
        ArchiveFullError: the disk is full; nothing of it was kept.
    """
    done: list[Added | ArchiveError] = []
    ids: list[int | None] = []
    new: set[int] = set()
    with catalogue.database.write():
        sounds.sweep()
        for one in learned:
            known = catalogue.by_sha256(one.footage.sha256)  # perhaps added while we were computing
            if known is None and one.fingerprint is not None:
                ids.append(catalogue.insert_footage(one.footage, one.fingerprint, one.thumbnails))
                new.add(ids[-1] or 0)
            else:
                ids.append(known.id if known else None)
        if new:
            index.add(sorted(new))
        for one, footage_id in zip(learned, ids, strict=True):
            if footage_id is None:
                done.append(_removed_meanwhile())
                continue
            _keep_sound(catalogue, footage_id, one.sound)
            keep_vectors(catalogue, footage_id, one.vectors)
            catalogue.insert_appearance(footage_id, one.appearance)
            done.append(Added(catalogue.footage(footage_id), footage_id in new))
            new.discard(footage_id)  # the same bytes twice in one batch are new once
    with contextlib.suppress(ArchiveFullError):
        index.tidy()  # else the addition stands, and merging is tried again with the next one
    # What is damaged is told by the check that meets it; the addition stands.
    with contextlib.suppress(ArchiveFullError, ArchiveDamagedError):
        sounds.tidy()
    return done


Result = Learned | Exception
_OF_ONE_SOURCE = (DownloadError, MediaError, LimitError)


class _Work:
    """One source on its way; `future` gives what was learned, or a playlist's entries."""

    def __init__(self, source: str, *, is_list: bool = False) -> None:
        self.source = source
        self.is_list = is_list
        self.future: Future[Learned | list[str]] | None = None


def _batches(
    sources: Iterable[str],
    learn_one: Callable[[str], Learned],
    settings: Settings,
    *,
    single: bool,
    jobs: int,
    progress: Progress | None,
) -> Iterator[list[tuple[str, Result]]]:
    waiting = deque(_Work(source, is_list=is_remote(source, settings)) for source in sources)
    batch: list[tuple[str, Result]] = []
    due = 0.0
    with Crew(jobs) as crew, ended_by(crew, progress):
        while waiting:
            for work in islice(waiting, AHEAD):
                if work.future is None:
                    work.future = (
                        crew.submit(entries, work.source, settings)
                        if work.is_list
                        else crew.submit(learn_one, work.source)
                    )
            first = waiting[0]
            assert first.future
            left = max(0.0, due - time.monotonic()) if batch else None
            if len(batch) >= BATCH or not wait([first.future], left).done:
                yield batch
                batch = []
                continue
            waiting.popleft()
            result = _result(first.future)
            if isinstance(result, list):
                if single and len(result) > 1:
                    raise one_address(len(result))
                waiting.extendleft(_Work(entry) for entry in reversed(result))
                continue
            if not batch:
                due = time.monotonic() + BATCH_SECONDS
            batch.append((first.source, result))
        if batch:
            yield batch


def _result(future: Future[Learned | list[str]]) -> Result | list[str]:
    """What came of it. Raises what would befall every other source, too."""
    error = future.exception()
    if error is None:
        return future.result()
    if isinstance(error, _OF_ONE_SOURCE):
        return error
    if isinstance(error, ProvenanceError) or not isinstance(error, Exception):
        raise error
    return error  # a fault of ours with one source is no reason to drop the others


def one_address(count: int) -> UsageError:
    """One address of publication was given for several sources."""
    return UsageError(
        f"--url names where one video was published, and there are {count} sources.",
        "Add them one by one, or leave --url out.",
    )


def _removed_meanwhile() -> ArchiveError:
    return ArchiveError(
        "The footage was removed from the archive while it was being added again.",
        "Add it once more.",
    )


def _keep_sound(catalogue: Catalogue, footage_id: int, sound: Heard | None) -> None:
    """Record what was heard. Where ffmpeg could not listen, another one may do so later."""
    if sound is None or sound.state == "unavailable":
        return
    import numpy as np

    codes = sound.fingerprint.codes if sound.fingerprint else np.zeros(0, np.uint32)
    catalogue.insert_sound(footage_id, sound.state, codes)

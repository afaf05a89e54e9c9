"""Adding many sources: several are learned at once, and written in their order, a batch at a time.
A source that turns out to be a list gives way to what it holds (`walking.py`).

Whatever is given back is on disk. An interruption loses what was learned since the last batch: a
few seconds of work, or what was learned ahead while one long film holds up the others' turns.
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

from provenance.archive.learn import Learned, Wanted
from provenance.archive.vectors import keep_vectors
from provenance.archive.walking import Choice, Known, ListAt, Step, Walk
from provenance.crew import Crew, cores
from provenance.dates import When, spoken
from provenance.download import Listing, Older
from provenance.errors import (
    ArchiveDamagedError,
    ArchiveError,
    ArchiveFullError,
    DownloadError,
    InterruptedWorkError,
    MediaError,
    PluginError,
    ProvenanceError,
    SettingsError,
    UsageError,
)
from provenance.models import Footage
from provenance.process import LimitError
from provenance.progress import Progress
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

    An error that is no ProvenanceError is a fault of ours. With neither, it was left out, or is a
    list, and `note` says why, or what it holds.
    """

    source: str
    added: Added | None = None
    error: Exception | None = None
    passed: bool = False
    """It was learnt before, so that nothing was read: a row of a manifest, or a known address."""
    note: str = ""
    """What else there is to say of it; goes on where a sentence has begun with its name."""
    older: bool = False
    """It was left out because it was published too early."""


def add_all(
    sources: Iterable[str],
    learn_one: Callable[[str, Wanted], Learned | Listing | Older],
    write: Callable[[Sequence[Learned]], Sequence[Added | ArchiveError]],
    *,
    choice: Choice | None = None,
    known: Known = lambda url, named: None,
    single: bool = False,
    jobs: int | None = None,
    progress: Progress | None = None,
) -> Iterator[Outcome]:
    """See `Archive.add_all`.

    Args:
        learn_one: reads one source; called by several threads at once.
        write: makes a batch permanent.
        choice: which videos of lists are wanted.
        known: the footage that an address is known by.
        single: a list with more than one entry is refused.
        progress: may stop it; what was learned since the last batch is lost then.
    """
    line = _Line(sources, learn_one, choice or Choice(), known, single=single, jobs=jobs or cores())
    for batch in line.batches(progress):
        learned = [result for _, result in batch if isinstance(result, Learned)]
        with stoppable(progress):
            written = iter(write(learned) if learned else ())
        for source, result in batch:
            if isinstance(result, Outcome):
                yield result
                continue
            done = next(written) if isinstance(result, Learned) else result
            if isinstance(done, Added):
                note = result.note if isinstance(result, Learned) else ""
                yield Outcome(source, done, note=note)
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
                done.append(removed_meanwhile())
                continue
            _keep_sound(catalogue, footage_id, one.sound)
            keep_vectors(catalogue, footage_id, one.vectors)
            catalogue.insert_appearance(footage_id, one.appearance)
            done.append(Added(catalogue.footage(footage_id), footage_id in new))
            new.discard(footage_id)  # the same bytes twice in one batch are new once
    # The addition stands whatever comes of tidying, also where that is stopped; it is tried again
    # with the next one.
    with contextlib.suppress(ArchiveFullError, InterruptedWorkError):
        index.tidy()
    # What is damaged is told by the check that meets it.
    with contextlib.suppress(ArchiveFullError, ArchiveDamagedError, InterruptedWorkError):
        sounds.tidy()
    return done


Result = Learned | Outcome | Exception
_OF_ONE_SOURCE = (DownloadError, MediaError, LimitError, PluginError, UsageError)
"""Of usage: what lies beside a file to tell of it cannot be read."""


class _Work:
    """One source on its way: what came of it is `ready`, or will be in `future`."""

    def __init__(self, walk: Walk, step: Step, ready: Outcome | None = None) -> None:
        self.walk = walk
        self.step = step
        self.ready = ready
        self.future: Future[Learned | Listing | Older] | None = None

    @property
    def source(self) -> str:
        return self.step.url

    def start(
        self,
        crew: Crew,
        learn_one: Callable[[str, Wanted], Learned | Listing | Older],
        *,
        now: bool,
    ) -> None:
        """Begin, where it has not begun, and it is sure that it is wanted; or `now`."""
        if self.ready or self.future or not (now or self.walk.may_start(self.step)):
            return
        judged = self.walk.judge(self.step)
        if isinstance(judged, When):
            self.ready = self._too_old(judged)
        elif judged is not None:
            self.ready = Outcome(self.source, Added(judged, new=False), passed=True)
        else:
            self.walk.started(self.step)
            wanted = Wanted(self.walk.choice.since, self.walk.most, bool(self.step.published))
            self.future = crew.submit(learn_one, self.source, wanted)

    def result(self) -> Result | Listing:
        """What came of it. Raises what would befall every other source, too."""
        if self.ready:
            return self.ready
        assert self.future
        error = self.future.exception()
        result = error or self.future.result()
        self.walk.ended(
            self.step, older=isinstance(result, Older), is_list=isinstance(result, Listing)
        )
        if isinstance(result, Older):
            return self._too_old(result.published)
        if not isinstance(result, BaseException):
            return result
        if isinstance(result, _OF_ONE_SOURCE) and not isinstance(result, SettingsError):
            return result
        if isinstance(result, ProvenanceError) or not isinstance(result, Exception):
            raise result
        return result  # a fault of ours with one source is no reason to drop the others

    def _too_old(self, published: When) -> Outcome:
        note = f"was published on {spoken(published)}, which is too early."
        return Outcome(self.source, note=note, older=True)


class _Line:
    """The sources in their order, the first AHEAD of them under way."""

    def __init__(
        self,
        sources: Iterable[str],
        learn_one: Callable[[str, Wanted], Learned | Listing | Older],
        choice: Choice,
        known: Known,
        *,
        single: bool,
        jobs: int,
    ) -> None:
        self._waiting = deque(_Work(Walk(choice, known), Step(url, ListAt())) for url in sources)
        self._learn_one = learn_one
        self._single = single
        self._jobs = jobs

    def batches(self, progress: Progress | None) -> Iterator[list[tuple[str, Result]]]:
        """What came of the sources, in their order. Raises InterruptedWorkError."""
        batch: list[tuple[str, Result]] = []
        due = 0.0
        with Crew(self._jobs) as crew, ended_by(crew, progress):
            while self._waiting:
                first = self._waiting[0]
                for work in list(islice(self._waiting, AHEAD)):
                    work.start(crew, self._learn_one, now=work is first)
                left = max(0.0, due - time.monotonic()) if batch else None
                ready = first.ready or wait([first.future] if first.future else [], left).done
                if len(batch) >= BATCH or not ready:
                    yield batch
                    batch = []
                    continue
                self._waiting.popleft()
                result = first.result()
                self._leave_what_is_not_wanted(first)
                if isinstance(result, Listing):
                    self._enter(first, result)
                    continue
                if not batch:
                    due = time.monotonic() + BATCH_SECONDS
                batch.append((first.source, result))
            if batch:
                yield batch

    def _enter(self, work: _Work, listing: Listing) -> None:
        """Put what a list holds in its place."""
        if self._single and len(listing.entries) > 1:
            raise one_address(len(listing.entries))
        steps, said = work.walk.steps(work.step, listing)
        self._waiting.extendleft(_Work(work.walk, step) for step in reversed(steps))
        self._say(work, said)

    def _leave_what_is_not_wanted(self, work: _Work) -> None:
        """Drop the rest of a list that has come to old videos, or of a source that has given as
        many as are wanted; what is under way is waited for."""
        walk, place = work.walk, work.step.place
        rest = [
            other
            for other in self._waiting
            if other.walk is walk
            and not other.ready
            and other.future is None
            and (walk.is_over or other.step.place is place)
        ]
        said = walk.left_behind(place, len(rest))
        if said or walk.is_over:
            self._waiting = deque(other for other in self._waiting if other not in rest)
            if said:
                self._say(work, [said], place.url)

    def _say(self, work: _Work, sentences: Iterable[str], source: str = "") -> None:
        for note in reversed(list(sentences)):
            told = Outcome(source or work.source, note=note)
            self._waiting.appendleft(_Work(work.walk, work.step, told))


def one_address(count: int) -> UsageError:
    """One address of publication was given for several sources."""
    return UsageError(
        f"--url names where one video was published, and there are {count} sources.",
        "Add them one by one, or leave --url out.",
    )


def removed_meanwhile() -> ArchiveError:
    """Known footage that was named once more is there no longer."""
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

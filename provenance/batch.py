"""Many questions at once: several sources are checked side by side, each with its own claim.

for number, report in check_each([("a.mp4", Claim(date="2024")), ("b.mp4", None)], archive=archive):
    ...
"""

from __future__ import annotations

import hashlib
import json
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, wait
from itertools import islice
from pathlib import Path

from provenance.archive import Archive
from provenance.checker import check_all
from provenance.crew import Crew, cores
from provenance.models import Claim, Report
from provenance.progress import Progress
from provenance.settings import Settings, load_settings
from provenance.urls import is_url

AHEAD = 32
"""Questions that may be answered before the first of them is: one slow download holds up no others,
and no more reports than that wait for their turn."""

Question = tuple[str, Claim | None]
"""A path or an address, and what is said of it."""


def check_each(
    questions: Iterable[Question],
    *,
    archive: Archive,
    settings: Settings | None = None,
    progress: Progress | None = None,
    candidates: bool = False,
    remember: bool = False,
    pictures: bool = True,
    evidence: bool = False,
    jobs: int | None = None,
    in_order: bool = True,
) -> Iterator[tuple[int, Report]]:
    """Each question's place among them, from 0, and its report; a bad source gives a report with
    `error`.

    Args:
        questions: what is to be checked.
        jobs: how many are checked at once; None: as many as there are processors.
        in_order: whether reports come in the order of the questions, or as they are done.

    The others are those of `checker.check`.

    Raises:
        ArchiveError: the archive itself cannot be used, so that no source could be checked.
        InterruptedWorkError: the caller stopped the work.
    """
    loaded = settings or load_settings()

    def answer(question: Question) -> Report:
        [report] = check_all(
            question[:1],
            claim=question[1],
            archive=archive,
            settings=loaded,
            progress=progress,
            candidates=candidates,
            remember=remember,
            pictures=pictures,
            evidence=evidence,
        )
        return report

    threads = jobs or cores()
    ahead = max(AHEAD, threads)
    left = enumerate(questions)
    waiting: deque[tuple[int, Future[Report]]] = deque()
    with Crew(threads) as crew:
        while True:
            for number, question in islice(left, ahead - len(waiting)):
                waiting.append((number, crew.submit(answer, question)))
            if not waiting:
                return
            wanted = [waiting[0][1]] if in_order else [future for _, future in waiting]
            done = wait(wanted, return_when=FIRST_COMPLETED).done
            for number, future in [item for item in waiting if item[1] in done]:
                waiting.remove((number, future))
                yield number, future.result()


def question_key(source: str, claim: Claim | None, archive: Archive, *, candidates: bool) -> str:
    """The same 32 hexadecimal digits for the same question to the same archive, whenever asked."""
    said = Claim() if claim is None else claim
    dates = [date and date.value for date in (said.date, said.date_end, said.published)]
    asked = [
        source if is_url(source) else str(Path(source).absolute()),
        *(said.text, said.place, said.url, *dates),
        *(str(Path(archive.location).absolute()), candidates),
    ]
    return hashlib.sha256(json.dumps(asked).encode()).hexdigest()[:32]

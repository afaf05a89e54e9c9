"""Work that its caller can stop at any time, whatever it is busy with.

    with stoppable(progress):
        ...                      # children, threads of crews, long computations

Children that run in the block are ended as soon as the caller's `cancelled` answers True, and
computations stop at their next `crew.checkpoint`; both become an InterruptedWorkError here.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from provenance.crew import Crew
from provenance.progress import Cancellable, Progress


@contextlib.contextmanager
def stoppable(progress: Progress | None) -> Iterator[None]:
    """The block can be stopped, if `progress` is `Cancellable`. Not for generators: see
    `Crew.joined`.

    Raises:
        InterruptedWorkError: it was stopped.
    """
    if not isinstance(progress, Cancellable):
        yield
        return
    with Crew(1) as crew, crew.ended_when(progress.cancelled), crew.joined():
        crew.check()
        yield


def ended_by(crew: Crew, progress: Progress | None) -> contextlib.AbstractContextManager[None]:
    """Within the block, a crew that is there already ends when the caller wants that."""
    if not isinstance(progress, Cancellable):
        return contextlib.nullcontext()
    return crew.ended_when(progress.cancelled)

"""From a match to everything it is a copy of: links followed from footage to footage; pure.

Only seconds are followed, never names: what a compilation holds besides the matched seconds does
not come along. A repost of seconds 10 to 20 that is itself cut from seconds 40 to 60 of a broadcast
says which seconds of the broadcast they are.

    >>> match = Segment(0, 10, 5, 15)    # 0 to 10 s here are 5 to 15 s of a repost
    >>> link = Segment(10, 20, 40, 50)   # 10 to 20 s of the repost are 40 to 50 s elsewhere
    >>> through(match, link).query_start, through(match, link).reference_start
    (5.0, 40.0)
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence

from provenance.models import Link, Segment

LEAST_SECONDS = 0.5
"""Common seconds that are worth following; of stills and shorter segments half is enough."""
SEEN_SHARE = 0.9
"""Seconds of a footage that have been reached to this part are not gone on from again."""
LONGEST = 12
"""Links in a row. Each one moves the ends by some hundredths of a second."""
MOST_REACHED = 200

Reached = tuple[int, tuple[int, ...], float, tuple[Segment, ...]]
"""Footage id, ids on the way to it, least score on the way, segments (source to that footage)."""


def through(first: Segment, second: Segment) -> Segment | None:
    """The seconds of the source that `first` and then `second` lead to; None where they part.

    Args:
        first: source seconds that are seconds of some footage.
        second: seconds of that footage that are seconds of another.
    """
    low = max(first.reference_start, second.query_start)
    high = min(first.reference_end, second.query_end)
    lengths = (
        first.reference_end - first.reference_start,
        second.query_end - second.query_start,
    )
    if high <= low or high - low < min(LEAST_SECONDS, *(length / 2 for length in lengths)):
        return None
    query = sorted(_placed(at, first, backwards=True) for at in (low, high))
    reference = sorted(_placed(at, second, backwards=False) for at in (low, high))
    if query[0] >= query[1] or reference[0] >= reference[1]:
        return None
    return Segment(
        query_start=query[0],
        query_end=query[1],
        reference_start=reference[0],
        reference_end=reference[1],
        speed=(reference[1] - reference[0]) / (query[1] - query[0]),
        mirrored=first.mirrored != second.mirrored,
        reversed=first.reversed != second.reversed,
        score=min(first.score, second.score),
    )


def follow(
    footage: int,
    segments: Sequence[Segment],
    links: Callable[[int], Sequence[Link]],
    barred: Callable[[int, tuple[int, ...]], bool] = lambda reached, way: False,
) -> Iterator[Reached]:
    """All footage that holds seconds of the source by way of a matched one, the nearest first.

    Ends whatever circles the links make: seconds of a footage are gone on from once.

    Args:
        footage: id of what was matched.
        segments: source seconds that are seconds of it.
        links: the links of a footage, as seen from it.
        barred: (id, ids on the way to it) that must not be taken for the same footage.
    """
    seen: dict[int, list[Segment]] = {footage: list(segments)}
    waiting: deque[Reached] = deque([(footage, (footage,), 1.0, tuple(segments))])
    reached = 0
    while waiting and reached < MOST_REACHED:
        here, way, score, parts = waiting.popleft()
        for link in links(here):
            found = [
                joined
                for part in parts
                for step in link.segments
                if (joined := through(part, step)) and not _known(joined, seen.get(link.other, []))
            ]
            if not found or barred(link.other, way):
                continue
            seen.setdefault(link.other, []).extend(found)
            least = min(score, link.score)
            if link.other not in way:
                reached += 1
                yield link.other, way, least, tuple(found)
            if len(way) < LONGEST:
                waiting.append((link.other, (*way, link.other), least, tuple(found)))


def _placed(at: float, segment: Segment, *, backwards: bool) -> float:
    """A second of the footage as one of the source, or the other way round."""
    start, end = segment.query_start, segment.query_end
    to_start, to_end = segment.reference_start, segment.reference_end
    if backwards:
        start, end, to_start, to_end = to_start, to_end, start, end
    share = (at - start) / (end - start)
    if segment.reversed:
        share = 1 - share
    return to_start + share * (to_end - to_start)


def _known(segment: Segment, seen: Sequence[Segment]) -> bool:
    """Whether nearly all these seconds of the footage were reached before."""
    length = segment.reference_end - segment.reference_start
    return any(
        min(segment.reference_end, one.reference_end)
        - max(segment.reference_start, one.reference_start)
        >= SEEN_SHARE * length
        for one in seen
    )

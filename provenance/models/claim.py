"""What is said of a clip, as it is given by whoever asks."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Literal

from provenance.dates import When
from provenance.errors import UsageError

FoundIn = Literal["claim", "title", "description"]


@dataclass(frozen=True)
class Found:
    """Something of a claim that was found in words, not given.

    Attributes:
        field: what it is.
        words: the words of the text that say so.
        source: the text they stand in: the claim's own, or the download's title or description.
        values: the dates or places that they may mean; of several it is not known which.
        counted_from: the date of publication that a relative date was counted from.
    """

    field: Literal["text", "date", "place"]
    words: str
    source: FoundIn
    values: tuple[str, ...]
    counted_from: str | None = None


@dataclass(frozen=True, init=False)
class Claim:
    """What is said of a clip.

    Args:
        text: the claim's words.
        date: when the claimed event happened: "2024", "2024-10", "2024-10-29", an instant, a
            `datetime.date` or `datetime.datetime`.
        date_end: last day of the claimed interval, where it is one.
        place: the claimed place, as written.
        url: where the claim was made.
        published: when the claim was made; what "yesterday" in its text is counted from.
        found: what of the above was found in words; a date in more than one meaning is the interval
            from the earliest to the latest of them.

    Raises:
        UsageError: a date that is none, or an interval that ends before it begins.
    """

    text: str | None
    date: When | None
    date_end: When | None
    place: str | None
    url: str | None
    published: When | None
    found: tuple[Found, ...]

    def __init__(
        self,
        text: str | None = None,
        *,
        date: When | dt.date | str | None = None,
        date_end: When | dt.date | str | None = None,
        place: str | None = None,
        url: str | None = None,
        published: When | dt.date | str | None = None,
        found: tuple[Found, ...] = (),
    ) -> None:
        start = None if date is None else When.of(date)
        end = None if date_end is None else When.of(date_end)
        if end and not start:
            raise UsageError(
                f"The claim has an end date ({end.value}) and no date.", "Give both, or only date."
            )
        if start and end and end.ends_before(start):
            raise UsageError(
                f"The claim ends ({end.value}) before it begins ({start.value}).",
                "Swap the two dates.",
            )
        for name, value in {
            "text": text or None,
            "date": start,
            "date_end": end,
            "place": place or None,
            "url": url or None,
            "published": None if published is None else When.of(published),
            "found": found,
        }.items():
            object.__setattr__(self, name, value)

    def __bool__(self) -> bool:
        return any((self.text, self.date, self.place, self.url))

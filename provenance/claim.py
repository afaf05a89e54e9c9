"""What is said of a clip, as it is given by whoever asks."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from provenance.dates import When
from provenance.errors import UsageError


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

    Raises:
        UsageError: a date that is none, or an interval that ends before it begins.
    """

    text: str | None
    date: When | None
    date_end: When | None
    place: str | None
    url: str | None

    def __init__(
        self,
        text: str | None = None,
        *,
        date: When | dt.date | str | None = None,
        date_end: When | dt.date | str | None = None,
        place: str | None = None,
        url: str | None = None,
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
        }.items():
            object.__setattr__(self, name, value)

    def __bool__(self) -> bool:
        return any((self.text, self.date, self.place, self.url))

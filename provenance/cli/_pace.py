"""How far work on several sources has come, how fast it goes, how long it takes yet."""

from __future__ import annotations

import time

from provenance.report.wording import length


class Pace:
    """Counts sources and the seconds of footage in them; what is known already has none."""

    def __init__(self, doing: str, count: int) -> None:
        self._doing = doing
        self._count = count
        self._done = 0
        self._seconds = 0.0
        self._started = time.monotonic()

    def done(self, seconds: float) -> None:
        """One more source; a playlist may have more entries than were counted."""
        self._done += 1
        self._count = max(self._count, self._done)
        self._seconds += seconds

    def text(self) -> str:
        """In few words, beside a bar that tells the time left."""
        return f"{self._doing} {self._done}/{self._count}{self._rate(', {} x real time')}"

    def sentence(self) -> str:
        """As a line of its own."""
        passed = time.monotonic() - self._started
        left = passed / max(self._done, 1) * (self._count - self._done)
        rate = self._rate(", {} times as fast as it plays")
        return f"{self._done} of {self._count} sources done{rate}, about {length(left)} left."

    def _rate(self, form: str) -> str:
        passed = time.monotonic() - self._started
        if not self._seconds or passed <= 0:
            return ""
        rate = self._seconds / passed
        return form.format(f"{rate:.0f}" if rate >= 10 else f"{rate:.1f}")

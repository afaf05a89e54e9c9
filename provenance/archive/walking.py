"""Through playlists, channels and the lists in them: which of their videos are wanted.

A walk begins with one source that a person named. It follows lists in lists, meets every address
once, and ends early where a list is known to put its newest videos first and has come to older
ones. Whatever it leaves out, it says.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from provenance.dates import When, spoken
from provenance.download import MAX_ENTRIES, Listing, is_older
from provenance.errors import UsageError
from provenance.models import Footage
from provenance.urls import video_key

MAX_DEPTH = 3
"""A channel holds tabs, a tab playlists, a playlist videos; lists deeper than that are not opened.
"""
SPARE = 20
"""Entries that are asked for beyond a limit."""
OLDER_IN_A_ROW = 5
"""A list whose newest videos come first is left after so many that are too old: at its top a site
may have pinned some, three on TikTok."""


Known = Callable[[str, bool], Footage | None]


@dataclass(frozen=True)
class Choice:
    """Which videos of lists are wanted.

    Attributes:
        since: those published then or later, and those of which the site tells no date.
        limit: so many of each source, in the order in which the site lists them; known ones and
            failed ones count.
        fresh: also those that are known.
    """

    since: When | None = None
    limit: int | None = None
    fresh: bool = False

    def __post_init__(self) -> None:
        if self.limit is not None and self.limit < 1:
            raise UsageError(f"--limit cannot be {self.limit}.", "Give 1 or more.")


@dataclass
class ListAt:
    """A list that is being followed; the named source itself stands in one of depth 0."""

    url: str = ""
    depth: int = 0
    newest_first: bool = False
    older_in_a_row: int = 0
    open: int = 0


@dataclass(frozen=True)
class Step:
    """One address on the way. `published`: what the list says of it."""

    url: str
    place: ListAt
    published: When | None = None
    is_list: bool = False


@dataclass
class Walk:
    """One named source with what it leads to.

    Attributes:
        known: the footage that an address is known by; whether a person named it is told, too.
    """

    choice: Choice
    known: Known
    _taken: int = 0
    _open: int = 0
    _listed: int = 0
    _met: set[str] = field(default_factory=set)

    @property
    def most(self) -> int:
        """Entries of a list that are worth asking for: a few more than are wanted, since some may
        stand there twice, have no address, or be lists that hold nothing."""
        if self.choice.limit is None or self.choice.since is not None:
            return MAX_ENTRIES
        return min(self.choice.limit + SPARE, MAX_ENTRIES)

    @property
    def is_over(self) -> bool:
        """As many as are wanted have been taken."""
        return self.choice.limit is not None and self._taken >= self.choice.limit

    def may_start(self, step: Step) -> bool:
        """Whether one more may be opened now: not before it is known that neither the last one
        wanted nor those after which a list is left are among those that are open."""
        place = step.place
        leaving = self.choice.since and place.newest_first
        if leaving and place.open + place.older_in_a_row >= OLDER_IN_A_ROW:
            return False
        return self.choice.limit is None or self._taken + self._open < self.choice.limit

    def judge(self, step: Step) -> Footage | When | None:
        """What is known of an address before it is opened.

        Returns:
            the footage that it is known by; when it was published, which is too early; or None: it
            has to be opened.
        """
        footage = None
        if not (self.choice.fresh or step.is_list):
            footage = self.known(step.url, step.place.depth == 0)
        published = step.published or (_published(footage, step.url) if footage else None)
        if self.choice.since and published and is_older(published, self.choice.since):
            step.place.older_in_a_row += 1
            return published
        if footage is not None:
            self._taken += 1
            step.place.older_in_a_row = 0
        return footage

    def started(self, step: Step) -> None:
        """An address is being opened."""
        self._open += self._may_hold(step)
        step.place.open += 1

    def ended(self, step: Step, *, older: bool = False, is_list: bool = False) -> None:
        """It was opened."""
        self._open -= self._may_hold(step)
        step.place.open -= 1
        if older:
            step.place.older_in_a_row += 1
        elif not (is_list or step.is_list):  # a list that failed is no video
            self._taken += 1
            step.place.older_in_a_row = 0

    def steps(self, step: Step, listing: Listing) -> tuple[list[Step], list[str]]:
        """What a list leads to, and what is to be said of it."""
        depth = step.place.depth + 1
        if depth > MAX_DEPTH:
            return [], [f"is a list within {MAX_DEPTH} others and was not opened."]
        place = ListAt(step.url, depth, listing.newest_first)
        self._met.add(video_key(step.url))
        new = [entry for entry in listing.entries if self._is_new(entry.url)]
        number = len(listing.entries)
        said = []
        if listing.strange:
            said.append(f"names {listing.strange} entries by no web address; they were left out.")
        if listing.more and self.most == MAX_ENTRIES:
            of = f" of {listing.count:,}" if listing.count and listing.count > number else ""
            said.append(f"has more entries than are read: the first {number:,}{of} were taken.")
        room = MAX_ENTRIES - self._listed
        self._listed += min(len(new), room)
        if len(new) > room:
            said.append(f"leads to more than {MAX_ENTRIES:,} entries; the others were left out.")
        return [Step(e.url, place, e.published, e.is_list) for e in new[:room]], said

    def left_behind(self, place: ListAt, count: int) -> str:
        """Why the rest of a list is not opened; empty where it is."""
        if not place.newest_first or place.older_in_a_row < OLDER_IN_A_ROW or not count:
            return ""
        assert self.choice.since
        return (
            f"lists its newest videos first: after {OLDER_IN_A_ROW} in a row from before "
            f"{spoken(self.choice.since)} the other {count} were not opened."
        )

    def _may_hold(self, step: Step) -> int:
        """How many of those that are wanted it may hold."""
        return self.choice.limit or 1 if step.is_list else 1

    def _is_new(self, url: str) -> bool:
        key = video_key(url)
        new = key not in self._met
        self._met.add(key)
        return new


def _published(footage: Footage, url: str) -> When | None:
    """When a site says that known footage was published at this address."""
    key = video_key(url)
    return next(
        (
            one.published
            for one in footage.appearances
            if one.url and video_key(one.url) == key and one.basis in ("platform", "archived")
        ),
        None,
    )

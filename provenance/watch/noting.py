"""From what is in a folder to jobs in the journal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from provenance.archive.journal import Arrival, Journal, Noted
from provenance.errors import FeedError, ProvenanceError, UnreadableMediaError
from provenance.models import SourceError
from provenance.watch.claims import FolderClaims
from provenance.watch.inbox import Seen, Sight
from provenance.watch.lists import AddressList, read_list
from provenance.watch.names import is_list, report_name


@dataclass
class Notes:
    """What noting a folder came to.

    Attributes:
        new: how many jobs wait since now.
        failed: what is bad since now, without having been checked.
        finished: files of which everything is done.
        unclaimed: files that wait for a claim.
    """

    new: int = 0
    failed: list[Arrival] = field(default_factory=list)
    finished: list[Seen] = field(default_factory=list)
    unclaimed: list[str] = field(default_factory=list)


class Noter:
    """Notes what is complete, and only what the journal has not told of before.

    Args:
        reports: the folder where reports of new jobs go.
        require_claim: leave alone whatever nothing is claimed of.
    """

    def __init__(
        self, journal: Journal, inbox: Path, reports: Path, *, require_claim: bool
    ) -> None:
        self._journal = journal
        self._inbox = inbox
        self._reports = str(reports)
        self._require_claim = require_claim
        self._claims = FolderClaims(inbox)
        self._lists: dict[str, tuple[tuple[int, int], AddressList]] = {}
        self._known: dict[str, list[Arrival]] = {}

    def note(self, sight: Sight) -> Notes:
        """Note what is complete.

        Raises:
            OSError: the folder cannot be read.
        """
        self._forget_what_is_gone(sight)
        notes = Notes()
        found: list[tuple[Seen, list[Arrival]]] = []
        for seen in sight.complete:
            try:
                arrivals = list(self._arrivals(seen, sight))
            except FileNotFoundError:  # it, or its claim, has just gone
                continue
            if self._require_claim and not all(map(self._may_be_checked, arrivals)):
                notes.unclaimed.append(seen.name)
            elif self._known.get(seen.name) != arrivals:
                found.append((seen, arrivals))
        noted = iter(self._journal.note(self._reports, [one for _, many in found for one in many]))
        for seen, arrivals in found:
            self._settle(seen, arrivals, [next(noted) for _ in arrivals], notes)
        return notes

    def forget(self, name: str | None = None) -> None:
        """Note a file anew when it is next seen; None: all of them."""
        if name is None:
            self._known.clear()
        else:
            self._known.pop(name, None)

    def _may_be_checked(self, arrival: Arrival) -> bool:
        """Whether it waits for no claim; what is done does not: its claim may be moved already."""
        return bool(arrival.claim or arrival.error) or self._journal.stands(arrival)

    def _settle(
        self, seen: Seen, arrivals: list[Arrival], noted: Sequence[Noted], notes: Notes
    ) -> None:
        if is_list(seen.name):
            self._journal.forget_others(seen.name, [one.address for one in arrivals])
        for one, job in zip(arrivals, noted, strict=True):
            if job.new and job.state == "bad":
                notes.failed.append(one)
            notes.new += job.new and job.state == "waiting"
        states = Counter(job.state for job in noted)
        if states["done"] == len(noted):
            notes.finished.append(seen)
        if not states["working"]:
            self._known[seen.name] = arrivals

    def _arrivals(self, seen: Seen, sight: Sight) -> Iterator[Arrival]:
        path = self._inbox / seen.name
        if not seen.size:
            error = UnreadableMediaError(f"{path} is empty.", "Was it copied completely?")
            yield self._itself(seen, "", error)
        elif is_list(seen.name):
            yield from self._addresses(seen, sight, path)
        else:
            said = self._claims.of(seen.name, sight.names)
            yield self._itself(seen, said.text, said.error)

    def _addresses(self, seen: Seen, sight: Sight, path: Path) -> Iterator[Arrival]:
        held = self._held(seen, path)
        if held.error:
            # Its words in the claim's place: with other words it is bad anew, or good.
            yield self._itself(seen, held.error.message, held.error)
        for number, address in enumerate(held.addresses, 1):
            said = self._claims.of(seen.name, sight.names, address)
            report = report_name(seen.name, number, address)
            error = SourceError.of(said.error) if said.error else None
            yield Arrival(seen.name, 0, 0, seen.arrived, report, address, said.text, error)

    def _held(self, seen: Seen, path: Path) -> AddressList:
        if seen.name not in self._lists or self._lists[seen.name][0] != seen.stamp:
            try:
                held = read_list(path)
            except FileNotFoundError:
                raise
            except OSError as error:  # not kept: that it may be read now does not change its time
                reason = f"{path} cannot be read: {error.strerror or error}."
                return AddressList((), FeedError(reason, "Check its permissions."))
            self._lists[seen.name] = seen.stamp, held
        return self._lists[seen.name][1]

    @staticmethod
    def _itself(seen: Seen, claim: str, error: ProvenanceError | None) -> Arrival:
        report = report_name(seen.name)
        size, mtime = seen.stamp
        said = SourceError.of(error) if error else None
        return Arrival(seen.name, size, mtime, seen.arrived, report, claim=claim, error=said)

    def _forget_what_is_gone(self, sight: Sight) -> None:
        self._claims.forget(sight.names)
        for kept in (self._lists, self._known):
            for name in [name for name in kept if name not in sight.names]:
                del kept[name]

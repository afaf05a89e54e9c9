"""The journal of watched folders: whatever is found is recorded once, taken by one, reported once.

A job is a file, or one address of a file that holds addresses, together with what is claimed of it.
It goes from `waiting` over `working` to `done` or `bad`. Whoever works on it holds a lease, and
renews it; when the holder is dead, or has not been heard of for `LEASE` seconds, it waits again.
What failed for a reason that may pass waits too, but is not taken before it is due.

    journal = archive.journal("/srv/inbox")
    journal.note("/srv/reports", [Arrival("clip.mp4", 9, mtime, mtime, "clip.mp4")])
    while job := journal.take("me", is_dead):
        journal.finish(job, "me", sha256, "no_match")
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Sequence
from contextvars import Context
from dataclasses import asdict, dataclass
from itertools import count
from typing import Any

from provenance.archive.catalogue import Catalogue, now
from provenance.archive.connection import Database
from provenance.models import SourceError
from provenance.urls import without_login

LEASE = 900.0
"""Seconds. More than a writer of the archive may have to wait for its turn (ten minutes), or leases
would run out while nobody can renew them."""
LAST_PATIENCE = 5.0
"""Seconds that giving back may wait for others who write; else the lease ends with the process."""
MOST_DEATHS = 10
"""A file under which the program has ended so often is what ends it."""
REPORT_ENDINGS = (".report.html", ".report.json")
"""Written in this order: where the second is, the first is too."""
_NOW = "(julianday('now') - 2440587.5) * 86400"
_IS_DUE = f"state = 'waiting' AND due NOT BETWEEN {_NOW} AND {_NOW} + 86400"
"""What is due in more than a day was noted by a clock that was wrong, and is due."""
_FIELDS = "id, name, address, size, mtime, claim, reports, report, attempts, state, error, label, \
changed_at, tries, due"


@dataclass(frozen=True)
class Arrival:
    """Something complete that was found in a watched folder.

    Attributes:
        name: the file, in which the folder is; parts are joined by "/".
        size, mtime: of the file, in bytes and nanoseconds; 0 for an address, which has neither.
        arrived: what is handled earlier has the smaller number.
        report: what its reports shall be called, without the ending.
        address: what is to be checked, where it stands in that file.
        claim: what is claimed of it, in words that differ where claims differ; "": nothing.
        error: why it cannot be checked, where that is known already.
    """

    name: str
    size: int
    mtime: int
    arrived: int
    report: str
    address: str = ""
    claim: str = ""
    error: SourceError | None = None


@dataclass(frozen=True)
class Noted:
    """What the journal has for something that was found: the state, and whether by this note."""

    state: str
    new: bool


@dataclass(frozen=True)
class Job:
    """A row of the journal.

    Attributes:
        reports, report: the folder of its reports, and their name in it without the ending.
        attempts: how often somebody died over it.
        label: the verdict's, where it is done.
        changed_at: when it came to its state.
        tries: how often it has failed for a reason that may pass, which is `error` while it waits.
        due: when it is to be tried again, in seconds since 1970.
        (the others: as in `Arrival`)
    """

    id: int
    name: str
    address: str
    size: int
    mtime: int
    claim: str
    reports: str
    report: str
    attempts: int
    state: str
    error: SourceError | None
    label: str | None
    changed_at: str
    tries: int
    due: float

    @property
    def title(self) -> str:
        """What it is called among people."""
        return titled(self.name, self.address)


def titled(name: str, address: str) -> str:
    """What a file, or an address in it, is called among people."""
    return f"{name}: {without_login(address)}" if address else name


class Journal:
    """The jobs of one watched folder. Every method raises ArchiveError when the archive cannot be
    used.

    Args:
        catalogue: opens the archive's catalogue.
        inbox: the folder, by the one name that all who watch it call it.
    """

    def __init__(self, catalogue: Callable[[], Catalogue], inbox: str) -> None:
        self._catalogue = catalogue
        self._inbox = os.fsencode(inbox)

    @property
    def _database(self) -> Database:
        return self._catalogue().database

    def note(self, reports: str, arrivals: Sequence[Arrival]) -> list[Noted]:
        """Record what was found; what is recorded already stays as it is.

        A file that changed, or of which something else is claimed, is a new job where the old one
        is done; else it takes the old one's place. A claim that is gone changes nothing.

        Args:
            reports: the folder where reports of new jobs shall go.

        Returns:
            of each one its job's state, and whether that is new; "working" also where an older
            version of the file is being worked on, so that it has to be noted again later.
        """
        known = [self._standing(arrival) for arrival in arrivals]
        if None not in known:  # the usual case must not keep others from writing
            return [one for one in known if one]
        with self._database.write():
            return [self._standing(one) or self._note(reports, one) for one in arrivals]

    def stands(self, arrival: Arrival) -> bool:
        """Whether what is recorded of something found needs no change."""
        return self._standing(arrival) is not None

    def redirect(self, reports: str) -> None:
        """Let reports that nobody has begun to write go to this folder, whatever was said before.
        Those that somebody may have died over stay where they may lie already."""
        with self._database.write():
            for number, name in self._database.rows(
                "SELECT id, report FROM watch_job WHERE inbox = ? AND reports <> ?"
                " AND state IN ('waiting', 'bad') AND attempts = 0",
                (self._inbox, os.fsencode(reports)),
            ):
                free = self._free_name(reports, os.fsdecode(name))
                self._database.execute(
                    "UPDATE watch_job SET reports = ?, report = ? WHERE id = ?",
                    (os.fsencode(reports), os.fsencode(free), number),
                )

    def forget_others(self, name: str, addresses: Sequence[str]) -> None:
        """Drop what is not done of a file's addresses but these; "" stands for the file itself."""
        kept = json.dumps(list(addresses))
        self._write(
            "DELETE FROM watch_job WHERE inbox = ? AND name = ? AND state IN ('waiting', 'bad')"
            " AND address NOT IN (SELECT value FROM json_each(?))",
            (self._inbox, os.fsencode(name), kept),
        )

    def take(self, owner: str, is_dead: Callable[[str], bool]) -> Job | None:
        """The job that has waited longest, for this owner; None where nothing waits.

        What others died over comes after what was not tried yet, and is bad after `MOST_DEATHS`;
        so does what has failed and is due again.

        Args:
            is_dead: whether an owner is known to be dead.
        """
        if not self._may_take(owner):
            return None
        with self._database.write():
            self._free(owner, is_dead)
            row = self._database.row(
                f"SELECT {_FIELDS} FROM watch_job WHERE inbox = ? AND {_IS_DUE}"  # noqa: S608
                " ORDER BY attempts, tries, arrived, id LIMIT 1",
                (self._inbox,),
            )
            if row is None:
                return None
            job = _job(row)
            values = {"attempts": job.attempts + 1, "tries": job.tries}
            self._set(job.id, "working", owner=owner, lease=_lease(), **values)
            return job

    def renew(self, owner: str) -> None:
        """Say that the owner is alive and still works on what it took."""
        self._write(
            "UPDATE watch_job SET lease = ? WHERE state = 'working' AND owner = ?",
            (_lease(), owner),
        )

    def holds(self, job: Job, owner: str) -> bool:
        """Whether the job is still this owner's."""
        return bool(
            self._database.row(
                "SELECT 1 FROM watch_job WHERE id = ? AND state = 'working' AND owner = ?",
                (job.id, owner),
            )
        )

    def is_through(self, owner: str) -> bool:
        """Whether nothing waits that is due, and nothing is this owner's."""
        return not self._database.row(
            "SELECT 1 FROM watch_job WHERE inbox = ?"  # noqa: S608
            f" AND ({_IS_DUE} OR (state = 'working' AND owner = ?))",
            (self._inbox, owner),
        )

    def release(self, job: Job, owner: str) -> None:
        """Give a job back that was not done, as if it had not been taken. Whoever ends has no time
        to wait for long; and may, unlike others, write though all work is to stop."""
        Context().run(self._release, job, owner)

    def _release(self, job: Job, owner: str) -> None:
        with self._database.write(LAST_PATIENCE):
            if self.holds(job, owner):
                self._set(job.id, "waiting", attempts=job.attempts, tries=job.tries)

    def drop(self, job: Job, owner: str) -> None:
        """Forget a job whose file is gone, or is another one by now."""
        self._write(
            "DELETE FROM watch_job WHERE id = ? AND state = 'working' AND owner = ?",
            (job.id, owner),
        )

    def finish(self, job: Job, owner: str, sha256: str | None, label: str) -> None:
        """The job's reports are on the disk."""
        self._end(job, owner, "done", sha256=sha256, label=label)

    def fail(self, job: Job, owner: str, error: SourceError) -> None:
        """The job cannot be done, because of what is checked."""
        self._end(job, owner, "bad", error=json.dumps(asdict(error)))

    def postpone(self, job: Job, owner: str, error: SourceError, pause: float) -> None:
        """The job cannot be done now, and is to be tried again after so many seconds."""
        told = json.dumps(asdict(error))
        self._end(job, owner, "waiting", error=told, tries=job.tries + 1, due=time.time() + pause)

    def postponed(self) -> list[Job]:
        """What waits until it is tried again, the next first."""
        rows = self._database.rows(
            f"SELECT {_FIELDS} FROM watch_job WHERE inbox = ? AND state = 'waiting'"  # noqa: S608
            " AND error IS NOT NULL ORDER BY due, id",
            (self._inbox,),
        )
        return [_job(row) for row in rows]

    def has_done(self, name: str) -> bool:
        """Whether another version of this file was reported."""
        return bool(
            self._database.row(
                "SELECT 1 FROM watch_job WHERE inbox = ? AND name = ? AND address = ''"
                " AND state = 'done' AND NOT moved",
                (self._inbox, os.fsencode(name)),
            )
        )

    def is_known(self, job: Job, owner: str, sha256: str) -> bool:
        """Whether the same bytes were reported under this name with the same claim.

        If so, the job is dropped, and the older one stands for the file as it is now.
        """
        database = self._database
        with database.write():
            older = database.row(
                "SELECT id FROM watch_job WHERE inbox = ? AND name = ? AND address = ''"
                " AND claim = ? AND sha256 = ? AND state = 'done' AND NOT moved",
                (self._inbox, os.fsencode(job.name), job.claim, sha256),
            )
            if older is None or not self.holds(job, owner):
                return False
            database.execute("DELETE FROM watch_job WHERE id = ?", (job.id,))
            database.execute(
                "UPDATE watch_job SET size = ?, mtime = ? WHERE id = ?",
                (job.size, job.mtime, older[0]),
            )
            return True

    def forget_failed(self) -> None:
        """Forget everything bad: what is still there is a new job when it is noted again. What is
        to be tried again is not put off any longer."""
        self._write("DELETE FROM watch_job WHERE inbox = ? AND state = 'bad'", (self._inbox,))
        self._write(
            "UPDATE watch_job SET due = 0, error = NULL WHERE inbox = ? AND state = 'waiting'",
            (self._inbox,),
        )

    def moved(self, name: str) -> None:
        """The file is not in the folder any more: what comes under its name is another one."""
        self._write(
            "UPDATE watch_job SET moved = 1 WHERE inbox = ? AND name = ? AND state = 'done'",
            (self._inbox, os.fsencode(name)),
        )

    def jobs(self, state: str) -> list[Job]:
        """All in one state whose files are in the folder, those first that arrived first."""
        rows = self._database.rows(
            f"SELECT {_FIELDS} FROM watch_job WHERE inbox = ? AND state = ? AND NOT moved"  # noqa: S608
            " ORDER BY arrived, id",
            (self._inbox, state),
        )
        return [_job(row) for row in rows]

    def counts(self) -> dict[str, int]:
        """State -> how many there are, of what was moved away too."""
        counts = dict.fromkeys(("waiting", "working", "done", "bad"), 0)
        return counts | dict(
            self._database.rows(
                "SELECT state, count(*) FROM watch_job WHERE inbox = ? GROUP BY state",
                (self._inbox,),
            )
        )

    def _may_take(self, owner: str) -> bool:
        """Whether something waits and is due, or is held by others, who may be dead."""
        return bool(
            self._database.row(
                "SELECT 1 FROM watch_job WHERE inbox = ?"  # noqa: S608
                f" AND ({_IS_DUE} OR (state = 'working' AND owner <> ?))",
                (self._inbox, owner),
            )
        )

    def _write(self, sql: str, values: tuple[Any, ...]) -> None:
        """Run one statement when it is our turn to write."""
        with self._database.write():
            self._database.execute(sql, values)

    def _of(self, new: Arrival) -> list[Job]:
        """All jobs of a file, or of an address in it, that were not moved away."""
        rows = self._database.rows(
            f"SELECT {_FIELDS} FROM watch_job WHERE inbox = ? AND name = ? AND address = ?"  # noqa: S608
            " AND NOT moved ORDER BY id",
            (self._inbox, os.fsencode(new.name), new.address),
        )
        return [_job(row) for row in rows]

    def _standing(self, new: Arrival) -> Noted | None:
        """What is recorded already and needs nothing."""
        known = self._of(new)
        for job in known:
            same_file = (job.size, job.mtime) == (new.size, new.mtime)
            unclaimed = job.state == "done" and (not new.claim or new.error is not None)
            if same_file and (unclaimed or job.claim == new.claim):
                return Noted(job.state, new=False)
        if any(job.state == "working" for job in known):
            return Noted("working", new=False)
        return None

    def _note(self, reports: str, new: Arrival) -> Noted:
        values: dict[str, Any] = {
            "size": new.size,
            "mtime": new.mtime,
            "claim": new.claim,
            "arrived": new.arrived,
            "error": new.error and json.dumps(asdict(new.error)),
        }
        state = "bad" if new.error else "waiting"
        replaced = next((job for job in self._of(new) if job.state != "done"), None)
        if replaced:
            self._set(replaced.id, state, **values)
        else:
            self._insert(reports, new, state, values)
        return Noted(state, new=True)

    def _insert(self, reports: str, new: Arrival, state: str, values: dict[str, Any]) -> None:
        values |= {
            "inbox": self._inbox,
            "name": os.fsencode(new.name),
            "address": new.address,
            "reports": os.fsencode(reports),
            "report": os.fsencode(self._free_name(reports, new.report)),
            "state": state,
            "changed_at": now().value,
        }
        marks = ", ".join("?" * len(values))
        self._database.execute(
            f"INSERT INTO watch_job ({', '.join(values)}) VALUES ({marks})",  # noqa: S608
            tuple(values.values()),
        )

    def _free_name(self, reports: str, wanted: str) -> str:
        """A name that neither the journal nor the folder knows: nothing is written over."""
        for number in count(1):
            name = wanted if number == 1 else f"{wanted}.{number}"
            taken = self._database.row(
                "SELECT 1 FROM watch_job WHERE reports = ? AND report = ?",
                (os.fsencode(reports), os.fsencode(name)),
            )
            if not taken and not any(
                os.path.lexists(f"{reports}/{name}{ending}") for ending in REPORT_ENDINGS
            ):
                break
        return name

    def _free(self, asking: str, is_dead: Callable[[str], bool]) -> None:
        """Let wait again what nobody works on any more. Whoever asks does: its own leases may have
        run out, where the machine slept or its clock was set."""
        moment = time.time()
        for number, owner, lease, attempts, tries in self._database.rows(
            "SELECT id, owner, lease, attempts, tries FROM watch_job WHERE inbox = ?"
            " AND state = 'working' AND owner <> ?",
            (self._inbox, asking),
        ):
            if lease >= moment and not is_dead(owner):
                continue
            if attempts < MOST_DEATHS:
                self._set(number, "waiting", attempts=attempts, tries=tries)
                continue
            error = SourceError(
                "internal",
                f"The program ended {attempts} times while it was checking this.",
                "Check it by itself with `provenance check`, and please report what happens.",
                70,
            )
            self._set(number, "bad", attempts=attempts, error=json.dumps(asdict(error)))

    def _end(self, job: Job, owner: str, state: str, **values: Any) -> None:
        with self._database.write():
            if self.holds(job, owner):
                self._set(job.id, state, **values)

    def _set(self, number: int, state: str, **values: Any) -> None:
        """A new state, with everything of the old one forgotten that is not given."""
        values = {
            **{"attempts": 0, "owner": None, "lease": None, "error": None, "tries": 0, "due": 0},
            **values,
            **{"state": state, "changed_at": now().value},
        }
        pairs = ", ".join(f"{name} = ?" for name in values)
        self._database.execute(
            f"UPDATE watch_job SET {pairs} WHERE id = ?",  # noqa: S608
            (*values.values(), number),
        )


def _lease() -> float:
    return time.time() + LEASE


def _job(row: Sequence[Any]) -> Job:
    error = SourceError(**json.loads(row[10])) if row[10] else None
    return Job(
        id=row[0],
        name=os.fsdecode(row[1]),
        address=row[2],
        size=row[3],
        mtime=row[4],
        claim=row[5],
        reports=os.fsdecode(row[6]),
        report=os.fsdecode(row[7]),
        attempts=row[8],
        state=row[9],
        error=error,
        label=row[11],
        changed_at=row[12],
        tries=row[13],
        due=row[14],
    )

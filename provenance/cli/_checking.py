"""One call of `check` over its sources, or over the rows of a table of claims."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from provenance.cli._codes import EARLIER, SOME_FAILED
from provenance.cli._output import Output
from provenance.cli._session import Session

if TYPE_CHECKING:
    from provenance.archive import Archive
    from provenance.cli._bundle import Bundle
    from provenance.models import Claim, Report, Row, SourceError

_FAILED = "failed"
_EARLIER = "earlier_appearance"
_ORDER = (_EARLIER, "known_footage", "inconclusive", "no_match", _FAILED)


@dataclass(frozen=True)
class Asked:
    """One thing to check.

    Attributes:
        source: a path or an address.
        claim: what is said of it.
        row: the row of a table that asks this.
        times: rows of the table that ask the same.
    """

    source: str
    claim: Claim | None
    row: Row | None = None
    times: int = 1


@dataclass(frozen=True)
class Table:
    """The table that is worked through: its name, and labels of what was answered before."""

    name: str
    before: Sequence[str] = ()


@dataclass(frozen=True)
class Ways:
    """How everything is checked: options of the command."""

    candidates: bool
    remember: bool
    pictures: bool
    jobs: int | None
    in_order: bool


class Run:
    """One call. `plain`: reports are read as text on the screen."""

    def __init__(
        self,
        session: Session,
        asked: Sequence[Asked],
        output: Output,
        *,
        plain: bool,
        bundle: Bundle | None = None,
        table: Table | None = None,
    ) -> None:
        self._settings = session.settings
        self._terminal = session.terminal
        self._asked = asked
        self._output = output
        self._plain = plain
        self._bundle = bundle
        self._table = table
        before = table.before if table else ()
        self._total = sum(one.times for one in asked) + len(before)
        self._counts: Counter[str] = Counter(before)
        self._kinds: Counter[str] = Counter()
        self._error: SourceError | None = None
        self._started = time.monotonic()

    def work(self, archive: Archive, ways: Ways) -> None:
        """Check everything; each report is written as it is done, or in its turn."""
        try:
            from provenance.batch import check_each

            reports = check_each(
                [(one.source, one.claim) for one in self._asked],
                archive=archive,
                settings=self._settings,
                progress=self._terminal.progress,
                candidates=ways.candidates,
                remember=ways.remember,
                pictures=ways.pictures,
                evidence=self._bundle is not None,
                # What is remembered of one clip may be found in the next.
                jobs=1 if ways.remember else ways.jobs,
                in_order=ways.in_order,
            )
            with self._terminal.several("checking", len(self._asked)) as done:
                for number, report in reports:
                    self._take(self._asked[number], report)
                    done(report.source.duration or 0.0)
            self._output.finish()
        except BaseException:
            self._say_what_is_kept(self._output.abandon())
            raise
        if self._table:
            self._say_the_end(self._table)
        elif self._total > 1:
            self._terminal.say(f"Checked {self._total} sources: {self._summary()}.")

    def code(self, tell_earlier: bool) -> int:
        """The exit code of the call."""
        if self._error:
            return SOME_FAILED if self._total > 1 else self._error.exit_code
        if self._bundle and self._bundle.code:
            return self._bundle.code
        return EARLIER if tell_earlier and self._counts[_EARLIER] else 0

    def _take(self, asked: Asked, report: Report) -> None:
        error = report.error
        label = _FAILED if error or not report.verdict else report.verdict.label
        self._counts[label] += asked.times
        several = self._total > 1
        if not (error and self._plain and not several):
            self._output.write(replace(report, row=asked.row))
        if self._bundle and not error:
            self._bundle.write(report)
        if error:
            self._error = error
            self._kinds[error.kind] += asked.times
            if not (self._plain and several):  # there the report on the screen says it already
                self._terminal.complain(self._where(asked) + error.message, error.hint)

    def _where(self, asked: Asked) -> str:
        return f"{self._table.name}, line {asked.row.line}: " if self._table and asked.row else ""

    def _summary(self) -> str:
        from provenance.verdict.wording import joined

        return joined([f"{count} {_words(label)}" for label, count in self._counts.items()])

    def _say_the_end(self, table: Table) -> None:
        """A small table: how many rows have which verdict."""
        from provenance.report.wording import length

        took = length(time.monotonic() - self._started)
        before = f", {len(table.before)} of them before" if table.before else ""
        rows = "1 row" if self._total == 1 else f"{self._total} rows"
        self._terminal.say(f"{table.name}: {rows} answered{before}, in {took}.")
        kinds = ", ".join(f"{n} {_words(kind)}" for kind, n in self._kinds.most_common())
        self._terminal.say_counts(
            [
                (_words(label), self._counts[label], kinds if label == _FAILED else "")
                for label in _ORDER
                if self._counts[label]
            ]
        )

    def _say_what_is_kept(self, place: str) -> None:
        done = self._counts.total()
        if self._total > 1 and done:
            what = f"rows of {self._table.name}" if self._table else "sources"
            where = f", in {place}" if place else ""
            self._terminal.say(f"Checked {done} of {self._total} {what}{where}: {self._summary()}.")
            if self._table and place:
                self._terminal.say("The same command goes on from there.")


def _words(name: str) -> str:
    return name.replace("_", " ")

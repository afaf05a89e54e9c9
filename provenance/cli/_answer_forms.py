"""The forms in which answers to a table of claims are kept: lines of JSON, or a table.

A record stands in a file and is read from it again; what the row of the table says besides is put
to it at the end, since the table may have changed meanwhile.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from provenance.cells import unguarded
from provenance.models import row_dict
from provenance.report import renderer
from provenance.report.json_report import to_json
from provenance.report.table_report import COLUMNS, answer_text, cells, extra_cells
from provenance.report.tables import BYTE_ORDER_MARK

if TYPE_CHECKING:
    from provenance.models import Report, Row

_KEY = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True)
class Answer:
    """One answer.

    Attributes:
        key: the question that it answers.
        label: the verdict's; empty where the source failed.
        sha256: of the bytes that were checked; empty where that is not known.
        record: all of it, in the terms of the form.
    """

    key: str
    label: str
    sha256: str
    record: tuple[str, ...]

    def __post_init__(self) -> None:
        if not _KEY.fullmatch(self.key):
            raise ValueError("no key of a question")


class AnswerForm(Protocol):
    """How answers are written, and read again."""

    def head(self, columns: Sequence[str]) -> str:
        """What stands before the records. `columns`: those of the table of claims that stay."""

    def answer(self, report: Report) -> Answer:
        """The answer that a report with a row is."""

    def text(self, answer: Answer) -> str:
        """The record as one line."""

    def placed(self, answer: Answer, row: Row, columns: Sequence[str]) -> str:
        """The record with what the row of the table says."""

    def read(self, lines: Iterator[str]) -> Iterator[Answer]:
        """The answers in lines of a file. Raises ValueError at what is none."""


class AnswerLines:
    """Lines of JSON: the report, with the row in it."""

    def __init__(self) -> None:
        self._renderer = renderer("jsonl")

    def head(self, columns: Sequence[str]) -> str:
        return ""

    def answer(self, report: Report) -> Answer:
        return next(self.read(iter([self._renderer.render([report])])))

    def text(self, answer: Answer) -> str:
        return answer.record[0]

    def placed(self, answer: Answer, row: Row, columns: Sequence[str]) -> str:
        return to_json({**json.loads(answer.record[0]), "row": row_dict(row)}) + "\n"

    def read(self, lines: Iterator[str]) -> Iterator[Answer]:
        for line in lines:
            try:
                data = json.loads(line)
                label = data["verdict"]["label"] if data["verdict"] else ""
                sha256 = data["source"]["sha256"] or ""
                yield Answer(data["row"]["key"], label, sha256, (line,))
            except (LookupError, TypeError, RecursionError) as error:
                raise ValueError("no report on a row of a table") from error


class AnswerTable:
    """A row for each source, with what else the table of claims says behind it."""

    def head(self, columns: Sequence[str]) -> str:
        return BYTE_ORDER_MARK + answer_text([[*COLUMNS, *columns]])

    def answer(self, report: Report) -> Answer:
        return _row_answer(next(csv.reader([answer_text([cells(report)])])))

    def text(self, answer: Answer) -> str:
        return answer_text([answer.record])

    def placed(self, answer: Answer, row: Row, columns: Sequence[str]) -> str:
        return answer_text([[*answer.record, *extra_cells(row.extra, columns)]])

    def read(self, lines: Iterator[str]) -> Iterator[Answer]:
        reader = csv.reader(lines, strict=True)
        try:
            if tuple(next(reader, COLUMNS)[: len(COLUMNS)]) != COLUMNS:
                raise ValueError("no table of verdicts")
            for row in reader:
                yield _row_answer(row[: len(COLUMNS)])
        except csv.Error as error:
            raise ValueError("no CSV") from error


FORMS: Mapping[str, Callable[[], AnswerForm]] = {"jsonl": AnswerLines, "table": AnswerTable}
"""By the names of the formats of reports."""


def _row_answer(row: Sequence[str]) -> Answer:
    record = tuple(map(unguarded, row))
    said = dict(zip(COLUMNS, record, strict=True))  # a row with too few cells is a ValueError
    return Answer(said["key"], said["label"], said["source_sha256"], record)

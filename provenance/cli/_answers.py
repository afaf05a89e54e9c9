"""The file of answers to a table of claims: written as they come, gone on with after any end.

Each report is appended to FILE.part as soon as it is done, in whatever order that is. When all rows
are answered, FILE is put together from it in the order of the table, and FILE.part goes. So the
same command finds what is done, in either file, by the key of each question, and asks only what is
left: rows that were added or changed, and sources that failed.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, TYPE_CHECKING

from provenance.cli._answer_forms import FORMS, Answer, AnswerForm
from provenance.cli._output import refuse_unfit, unwritable
from provenance.errors import UsageError
from provenance.report.table_report import extra_columns

if TYPE_CHECKING:
    from provenance.models import Report, Row

_LEAVE = "It is left as it is: name another file with -o, or move this one away."


class AnswerFile:
    """One file of answers, held by one run.

    Args:
        path: FILE.
        form: a key of `FORMS`.
        table: the table of claims, which is never written over.
        rows: the rows of the table.

    Raises:
        UsageError: FILE or FILE.part cannot be written, holds something else, or belongs to another
            table or run. Nothing is changed then.
    """

    def __init__(self, path: Path, form: str, table: Path, rows: Sequence[Row]) -> None:
        refuse_unfit(path, [])
        self._path = path
        self._rows = rows
        self._form: AnswerForm = FORMS[form]()
        self._real = path.resolve()  # a link stays one, and what it leads to is replaced
        self._part = self._real.with_name(self._real.name + ".part")
        self._head = self._form.head(()).encode()
        self._file = _held(self._part, path)
        try:
            self._answers, _ = self._read(self._real) if self._real.exists() else ({}, 0)
            begun, size = self._read(self._part)
            self._answers |= begun
            keys = {row.key for row in rows}
            if self._answers and keys.isdisjoint(self._answers):
                raise UsageError(
                    f"{path} answers none of the questions of {table}: it belongs to another "
                    "table, another archive, or other options.",
                    _LEAVE,
                )
            self._file.truncate(size)  # half a record, where the last run was killed amid it
            if not size:
                self._append(self._head)
        except BaseException:
            self._let_go()
            raise

    def answer(self, row: Row) -> Answer | None:
        """What is known of this row; None where it must be asked, or asked again."""
        answer = self._answers.get(row.key)
        return answer if answer and answer.label else None

    def write(self, report: Report) -> None:
        """One more report is done. Raises OutputError."""
        answer = self._form.answer(report)
        self._append(self._form.text(answer).encode("utf-8", "replace"))
        self._answers[answer.key] = answer

    def finish(self) -> None:
        """All rows are answered: put FILE together. Raises OutputError."""
        columns = extra_columns([row.extra for row in self._rows])
        whole = self._real.with_name(f".{self._real.name}.whole")
        try:
            with whole.open("w", encoding="utf-8", errors="replace", newline="") as file:
                file.write(self._form.head(columns))
                for row in self._rows:
                    file.write(self._form.placed(self._answers[row.key], row, columns))
                file.flush()
                os.fsync(file.fileno())  # before FILE.part goes, whatever happens to the power
            whole.replace(self._real)
            self._part.unlink(missing_ok=True)
        except OSError as error:
            with contextlib.suppress(OSError):
                whole.unlink(missing_ok=True)
            raise unwritable(self._path, error) from error
        self._file.close()

    def abandon(self) -> str:
        """The work stopped early: what is done stays in FILE.part."""
        with contextlib.suppress(OSError):
            self._let_go()
        return str(self._part)

    def _read(self, path: Path) -> tuple[dict[str, Answer], int]:
        """What a file holds, and the bytes of its whole lines."""
        size = 0

        def lines() -> Iterator[str]:
            nonlocal size
            with path.open("rb") as file:
                for line in file:
                    if path == self._part and not line.endswith(b"\n"):
                        return
                    size += len(line)
                    yield line.decode().removeprefix("\ufeff")

        try:
            answers = {answer.key: answer for answer in self._form.read(lines())}
        except ValueError as error:
            raise UsageError(
                f"{path} is there already, and was not written by `check --claims` in this form.",
                _LEAVE,
            ) from error
        except OSError as error:
            raise UsageError(
                f"{path} cannot be read: {error.strerror or error}.", _LEAVE
            ) from error
        return answers, size

    def _append(self, data: bytes) -> None:
        try:
            self._file.write(data)
            self._file.flush()
        except OSError as error:
            raise unwritable(self._path, error) from error

    def _let_go(self) -> None:
        with self._part.open("rb") as file:
            holds_nothing = self._head.startswith(file.read(len(self._head) + 1))
        if holds_nothing:
            self._part.unlink()
        self._file.close()


def _held(part: Path, path: Path) -> IO[bytes]:
    """FILE.part, open for appending, and for no other run."""
    try:
        file = part.open("ab")
    except OSError as error:
        raise UsageError(
            f"{path} cannot be written: {error.strerror or error}.", "Choose another place."
        ) from error
    if _is_ours_alone(file, part):
        return file
    file.close()
    raise UsageError(
        f"Another run is writing {path}.", "Let it finish, or name another file with -o."
    )


def _is_ours_alone(file: IO[bytes], part: Path) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:  # a file system that has no locks
        return True
    # The other run may have finished, and taken the file away, since it was opened.
    return part.exists() and os.path.samestat(part.stat(), os.fstat(file.fileno()))

"""The rows of a table of claims as what there is to check, and what of it is answered already."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from provenance.claims import filled_up, read_claims_table
from provenance.cli._answer_forms import FORMS
from provenance.cli._checking import Asked
from provenance.errors import MediaError
from provenance.models import Row
from provenance.urls import is_url

if TYPE_CHECKING:
    from provenance.archive import Archive
    from provenance.cli._answers import AnswerFile
    from provenance.models import Claim


def asked_by(table: str, rest: Claim | None, archive: Archive, *, candidates: bool) -> list[Asked]:
    """What each row of a table asks.

    Args:
        rest: what is claimed where a row leaves it open.
        archive: whom they ask, and `candidates` what for: parts of the question.

    Raises:
        UsageError: there is no such table, or it makes no sense.
    """
    from provenance.batch import question_key

    asked = []
    for row in read_claims_table(table):
        claim = filled_up(row.claim, rest)
        key = question_key(row.source, claim, archive, candidates=candidates)
        asked.append(Asked(row.source, claim, Row(row.line, key, row.extra)))
    return asked


def answers_file(
    path: str | None, form: str, table: str, asked: Sequence[Asked]
) -> AnswerFile | None:
    """The file in which a call can go on; None where the results go elsewhere, or in another form.

    Raises:
        UsageError: it cannot be used; see `AnswerFile`.
    """
    if path in (None, "-") or form not in FORMS:
        return None
    target = Path(str(path))
    if target.exists() and not target.is_file():  # a pipe; what went through is gone
        return None
    from provenance.cli._answers import AnswerFile

    return AnswerFile(target, form, Path(table), [one.row for one in asked if one.row])


def left_to_ask(asked: Sequence[Asked], answers: AnswerFile) -> tuple[list[Asked], list[str]]:
    """The questions without an answer, each once, and the labels of the answers to the others."""
    left: dict[str, Asked] = {}
    labels = []
    bytes_now = lru_cache(maxsize=None)(_bytes_now)  # a film may stand in many rows
    for one in asked:
        assert one.row
        answer = answers.answer(one.row)
        if answer and bytes_now(one.source) in (answer.sha256, None):
            labels.append(answer.label)
        elif one.row.key in left:
            left[one.row.key] = replace(left[one.row.key], times=left[one.row.key].times + 1)
        else:
            left[one.row.key] = one
    return list(left.values()), labels


def _bytes_now(source: str) -> str | None:
    """SHA-256 of the file; None where there is none, or none any more.

    Times would not do: a file that is moved to another's place brings its own along, and one may be
    written while it is checked.
    """
    from provenance.media import file_sha256

    if is_url(source):
        return None
    try:
        return file_sha256(Path(source))
    except MediaError:
        return None

"""Reports for programs: JSON and JSON Lines, by the schema that ships beside this file.

JsonReport().render([report])        an object
JsonReport().render([one, two])      an array of objects
JsonLinesReport().render(reports)    one compact object a line
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from importlib.resources import files
from numbers import Integral, Real
from typing import Any

from provenance.errors import UsageError
from provenance.models import SCHEMA, Report

# What a terminal could obey or be deceived by (C1 controls, marks of writing direction, tags), and
# halves of surrogate pairs, which come from file names that are no UTF-8: all as \u escapes.
_UNSAFE = re.compile("[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")


class JsonReport:
    """One report as an object, several as an array; indented for people who look into it."""

    name = "json"

    def render(self, reports: Sequence[Report]) -> str:
        data = [json_ready(report) for report in reports]
        return to_json(data[0] if len(data) == 1 else data, indent=2) + "\n"


class JsonLinesReport:
    """One compact object a line, in the order given."""

    name = "jsonl"

    def render(self, reports: Sequence[Report]) -> str:
        return "".join(to_json(json_ready(report)) + "\n" for report in reports)


def json_ready(report: Report) -> dict[str, Any]:
    """`report.to_dict()` with everything in it in JSON's own types.

    Tags of a file may hold anything: a number that JSON has not (NaN) becomes null, bytes and other
    strange values become text.
    """
    return {name: _ready(value) for name, value in report.to_dict().items()}


def to_json(data: Any, indent: int | None = None) -> str:
    """Data in JSON's own types as text that no terminal obeys; one line without `indent`."""
    separators = (",", ":") if indent is None else None
    text = json.dumps(
        data, ensure_ascii=False, allow_nan=False, indent=indent, separators=separators
    )
    return _UNSAFE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def schema() -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of one report, as a fresh copy."""
    text = files("provenance.report").joinpath("schema.json").read_text(encoding="utf-8")
    loaded: dict[str, Any] = json.loads(text)
    return loaded


def validate(data: Mapping[str, Any]) -> None:
    """Check one report, as decoded from JSON, against the schema.

    Raises:
        UsageError: it does not follow the schema; the message names the first place that fails.
    """
    from jsonschema.exceptions import best_match

    error = best_match(_validator().iter_errors(data))
    if error is None:
        return
    raise UsageError(
        f"This is not a report by {SCHEMA}: at {error.json_path}: {error.message}.",
        "docs/report-schema.md lists every field.",
    )


@lru_cache(maxsize=1)
def _validator() -> Any:
    from jsonschema import Draft202012Validator

    return Draft202012Validator(schema())


def _ready(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _ready(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_ready(item) for item in value]
    return _ready_number(value) if isinstance(value, Real) else _ready_scalar(value)


def _ready_number(value: Real) -> int | float | None:
    if isinstance(value, (bool, int)):
        return value
    if isinstance(value, Integral):
        return int(value)
    number = float(value)
    return number if math.isfinite(number) else None


def _ready_scalar(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return value.hex() if isinstance(value, bytes) else str(value)

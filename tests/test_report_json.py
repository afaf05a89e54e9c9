"""Reports for programs: the form, and the schema that promises it."""

from __future__ import annotations

import importlib.util
import json
from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import report_factory as factory
from jsonschema import Draft202012Validator

from provenance.errors import UsageError
from provenance.models import Metadata, Report, Row
from provenance.report import FORMATS, renderer, validate
from provenance.report.json_report import json_ready, schema

_SCRIPTS = Path(__file__).resolve().parent.parent / "scripts"
_HONEST = {
    name: report for name, report in factory.every_report().items() if not name.startswith("hostil")
}


def _data(report: Report) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(renderer("json").render([report]))
    return loaded


def test_the_schema_is_a_valid_schema_of_its_own_draft() -> None:
    Draft202012Validator.check_schema(schema())
    assert schema()["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema()["title"] == "provenance.report/1"


@pytest.mark.parametrize("name", _HONEST)
def test_every_kind_of_report_follows_the_schema(name: str) -> None:
    validate(_data(_HONEST[name]))
    validate(_HONEST[name].to_dict())


def test_a_report_full_of_strange_text_follows_the_schema() -> None:
    report = factory.hostile()
    first = replace(report.matches[0], edits=("cropped",))  # names of edits are ours, not theirs
    validate(_data(replace(report, matches=(first, report.matches[1]))))
    validate(_data(factory.hostile_error()))


def _paths(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Paths of all objects' fields in a report."""
    found = []
    items = value.items() if isinstance(value, dict) else enumerate(value)
    for key, item in items:
        if isinstance(value, dict):
            found.append((*path, key))
        if isinstance(item, (dict, list)):
            found += _paths(item, (*path, key))
    return found


def _free(path: tuple[Any, ...]) -> bool:
    """True below fields whose own names are not promised: tags, figures, credentials."""
    return any(
        part in ("container", "exif", "evidence", "edit_details", "content_credentials")
        for part in path[:-1]
    )


def test_a_report_that_lacks_any_field_breaks_the_schema() -> None:
    whole = _data(factory.earlier_appearance())
    missing = [path for path in _paths(whole) if not _free(path)]
    assert len(missing) > 100
    for path in missing:
        broken = deepcopy(whole)
        holder: Any = broken
        for part in path[:-1]:
            holder = holder[part]
        del holder[path[-1]]
        with pytest.raises(UsageError):
            validate(broken)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("schema",), "provenance.report/2"),
        (("verdict", "label"), "genuine"),
        (("verdict", "confidence"), 1.2),
        (("verdict", "reasons", 0, "strength"), "huge"),
        (("verdict",), None),
        (("coverage", "share"), 70),
        (("source", "sha256"), "AB" * 32),
        (("source", "basis"), "guessed"),
        (("source", "precision"), "hour"),
        (("source", "bytes"), 1.5),
        (("source", "zone"), "Moscow"),
        (("claim", "date"), "29 October 2024"),
        (("checked_at",), None),
        (("earliest", "published"), "2019-5-2"),
        (("matches", 0, "score"), -0.1),
        (("matches", 0, "accepted"), "yes"),
        (("matches", 0, "segments", 0, "speed"), 0),
        (("matches", 0, "segments", 0, "evidence", "inliers"), "many"),
        (("matches", 0, "edits", 0), "Mirror!"),
        (("matches", 0, "footage", "appearances", 0, "basis"), "Last-Modified"),
        (("metadata", "findings", 0, "strength"), None),
        (("error",), {"kind": "media", "message": "x", "hint": "", "exit_code": 4}),
    ],
)
def test_a_wrong_value_breaks_the_schema_and_the_message_names_the_place(
    path: tuple[Any, ...], value: Any
) -> None:
    broken = _data(factory.earlier_appearance())
    holder: Any = broken
    for part in path[:-1]:
        holder = holder[part]
    holder[path[-1]] = value
    with pytest.raises(UsageError, match=r"provenance\.report/1: at \$"):
        validate(broken)


def test_no_match_has_no_confidence() -> None:
    data = _data(factory.no_match())
    data["verdict"]["confidence"] = 0.9
    with pytest.raises(UsageError, match="confidence"):
        validate(data)


def test_fields_that_a_later_version_adds_are_allowed() -> None:
    data = _data(factory.earlier_appearance())
    data["later"] = data["source"]["later"] = data["matches"][0]["later"] = 1
    validate(data)


def _described(part: dict[str, Any]) -> dict[str, Any]:
    """A schema part with its references followed; the null of a nullable object left out."""
    while True:
        if "$ref" in part:
            target = schema()["$defs"][part["$ref"].rpartition("/")[2]]
            part = {**target, **{k: v for k, v in part.items() if k != "$ref"}}
        elif "anyOf" in part and any("$ref" in choice for choice in part["anyOf"]):
            rest = {k: v for k, v in part.items() if k != "anyOf"}
            part = {**part["anyOf"][0], **rest}
        else:
            return part


def _walk(value: Any, part: dict[str, Any], path: str) -> None:
    part = _described(part)
    assert part.get("description"), f"{path} has no description"
    if isinstance(value, list):
        for item in value:
            _walk(item, part["items"] | {"description": "an item"}, f"{path}[]")
    elif isinstance(value, dict) and "properties" in part:
        assert set(part["required"]) == set(part["properties"]) - _OPTIONAL, path
        assert set(value) - _OPTIONAL == set(part["required"]), path
        for name, item in value.items():
            assert schema_says(part, name), f"{path}.{name} has no description of its own"
            _walk(item, part["properties"][name], f"{path}.{name}")


def schema_says(part: dict[str, Any], name: str) -> bool:
    return bool(part["properties"][name].get("description"))


_OPTIONAL = {"row"}


def test_a_report_says_which_row_of_a_table_it_answers_and_others_say_nothing_of_it() -> None:
    assert "row" not in _data(factory.no_match())
    data = _data(replace(factory.no_match(), row=Row(3, "ab" * 16, {"Case No": "=7"})))
    assert data["row"] == {"line": 3, "key": "ab" * 16, "extra": {"Case No": "=7"}}
    validate(data)
    _walk(data, schema(), "report")
    data["row"]["line"] = 0
    with pytest.raises(UsageError, match=r"\$\.row\.line"):
        validate(data)


@pytest.mark.parametrize("name", _HONEST)
def test_every_field_of_a_report_is_described_and_required(name: str) -> None:
    _walk(_HONEST[name].to_dict(), schema(), "report")


def test_one_report_is_an_object_and_several_are_an_array_in_the_order_given() -> None:
    one, two = factory.earlier_appearance(), factory.failed()
    assert isinstance(json.loads(renderer("json").render([one])), dict)
    many = json.loads(renderer("json").render([one, two, one]))
    assert [item["error"] is None for item in many] == [True, False, True]
    assert json.loads(renderer("json").render([])) == []


def test_json_lines_has_one_report_a_line_even_with_line_breaks_in_titles() -> None:
    odd = replace(factory.source(), title="a\nb\u2028c\x85d")
    reports = [replace(factory.no_match(), source=odd), factory.failed()]
    text = renderer("jsonl").render(reports)
    assert text.endswith("\n")
    lines = text.splitlines()
    assert len(lines) == 2
    assert json.loads(lines[0])["source"]["title"] == "a\nb\u2028c\x85d"
    assert '": ' not in lines[1].replace("note.mp4 holds no picture: it", "")


def test_json_keeps_letters_readable_and_nothing_that_steers_a_terminal() -> None:
    title = "Відео 北 \x1b[31m\x9b\u202e\ud800"
    report = replace(factory.no_match(), source=replace(factory.source(), title=title))
    text = renderer("json").render([report])
    text.encode("utf-8")
    assert "Відео 北" in text
    assert not set(text) & set("\x1b\x9b\u202e\ud800")
    assert json.loads(text)["source"]["title"] == title


def test_tags_that_json_cannot_hold_become_text_or_null() -> None:
    tags = {"a": float("nan"), "b": b"\x01\xff", 3: (1, True, None), "d": {"e": float("inf")}}
    report = replace(factory.no_match(), metadata=Metadata(container=tags))  # type: ignore[arg-type]
    assert json_ready(report)["metadata"]["container"] == {
        "a": None,
        "b": "01ff",
        "3": [1, True, None],
        "d": {"e": None},
    }
    validate(_data(report))


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_is_found_by_its_name_and_ends_its_last_line(name: str) -> None:
    found = renderer(name)
    assert found.name == name
    assert found.render([factory.no_match()]).endswith("\n")


def test_an_unknown_format_is_refused_with_the_known_ones() -> None:
    with pytest.raises(UsageError, match="text, json, jsonl, html"):
        renderer("pdf")


def test_the_document_of_the_schema_is_current() -> None:
    spec = importlib.util.spec_from_file_location("doc", _SCRIPTS / "make_schema_doc.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    written = module.DOCUMENT.read_text(encoding="utf-8")
    assert written == module.document(schema()), "run scripts/make_schema_doc.py"
    assert "date_or_null" not in written

"""Write docs/report-schema.md from the JSON Schema that ships in the package.

python scripts/make_schema_doc.py           write the document
python scripts/make_schema_doc.py --check   exit 1 where it is not current
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from provenance.report.json_report import schema

DOCUMENT = Path(__file__).resolve().parent.parent / "docs" / "report-schema.md"

_HEAD = """# The report as JSON

<!-- Written by scripts/make_schema_doc.py from provenance/report/schema.json. Edit that one. -->

`provenance check --json SOURCE` and `Report.to_dict()` give this object; several sources give an
array of them (`--format json`) or one a line (`--format jsonl`). The JSON Schema (draft 2020-12)
lies in the package as `provenance/report/schema.json`; `provenance.report.validate(data)` checks a
decoded report against it and raises `UsageError` with the place that fails.

Every field named here is always there, but for `row`; where a thing is not known it is `null`.
Fields may be added, so a reader must pass over names that it does not know. Times within media are
seconds, shares and scores lie between 0 and 1.
"""


def document(loaded: Mapping[str, Any]) -> str:
    """The whole document, as Markdown, for a schema as decoded from JSON."""
    shared = loaded["$defs"]
    parts = [_HEAD, f"## The report\n\n{loaded['description']}\n\n{_table(loaded, shared)}"]
    for name, part in loaded["properties"].items():
        if "properties" in part:
            parts.append(_section(name, part, shared))
    for name, part in shared.items():
        if "properties" in part:
            parts.append(_section(name, part, shared))
    values = "\n".join(
        f"- **{name}** ({_kind(part, shared)}): {part['description']}{_examples(part)}"
        for name, part in shared.items()
        if "properties" not in part and name != "date_or_null"
    )
    parts.append(f"## Values\n\n{values}\n")
    return "\n".join(parts)


def _section(name: str, part: Mapping[str, Any], shared: Mapping[str, Any]) -> str:
    return f"## {name}\n\n{part['description']}\n\n{_table(part, shared)}"


def _table(part: Mapping[str, Any], shared: Mapping[str, Any]) -> str:
    rows = ["| field | type | meaning |", "|---|---|---|"]
    for name, field in part["properties"].items():
        kind = _kind(field, shared, linked=True, name=name).replace("|", "\\|")
        rows.append(f"| `{name}` | {kind} | {field['description'].replace('|', '/')} |")
    return "\n".join(rows) + "\n"


def _kind(
    part: Mapping[str, Any], shared: Mapping[str, Any], *, linked: bool = False, name: str = ""
) -> str:
    """The type in words, such as "number or null" or a link to the section that describes it."""
    if "$ref" in part:
        target = part["$ref"].rpartition("/")[2]
        return _link(target, shared)
    if "anyOf" in part:
        return " or ".join(_kind(choice, shared) for choice in part["anyOf"])
    if "const" in part:
        return f"`{part['const']}`"
    if "enum" in part:
        return ", ".join("null" if v is None else f"`{v}`" for v in part["enum"])
    kinds = part["type"] if isinstance(part["type"], list) else [part["type"]]
    words = list(_words(kinds, part, shared))
    if linked and "properties" in part:
        words[0] = f"[object](#{name})"
    return " or ".join(words)


def _words(kinds: list[str], part: Mapping[str, Any], shared: Mapping[str, Any]) -> Iterator[str]:
    for kind in kinds:
        if kind == "array":
            yield f"array of {_kind(part['items'], shared)}"
        else:
            yield kind


def _link(target: str, shared: Mapping[str, Any]) -> str:
    if target == "date_or_null":
        return "[date](#values) or null"
    return f"[{target}](#{target if 'properties' in shared[target] else 'values'})"


def _examples(part: Mapping[str, Any]) -> str:
    found = ", ".join(f"`{example}`" for example in part.get("examples", ()))
    return f" Examples: {found}." if found else ""


def main(arguments: list[str]) -> int:
    text = document(schema())
    if "--check" in arguments:
        current = DOCUMENT.exists() and DOCUMENT.read_text(encoding="utf-8") == text
        if not current:
            print(f"{DOCUMENT.name} is not current: run scripts/make_schema_doc.py.")
        return 0 if current else 1
    DOCUMENT.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

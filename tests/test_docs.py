"""What the documents tell people to type does what they say.

Every `sh`, `console` and `python` block of every document is run, in the order of the document, in
a folder of its own with the samples in it; but for those behind a line `<!-- not run: REASON -->`.
What a `text` block behind it shows, line by line, has been said by the block before; so has what a
`console` block shows below each `$ command`.

https://media.example, in what is run, is a web server of this test with the sample clips: no
document needs the network.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from web import Web, web_server

from provenance.process import find_ffmpeg

ROOT = Path(__file__).resolve().parent.parent
SITE = "https://media.example"
BLOCK = re.compile(
    r"(?P<skip><!-- not run: [^\n]+ -->\n)?^```(?P<kind>\w*)\n(?P<text>.*?)^```$",
    re.DOTALL | re.MULTILINE,
)
RUN = ("sh", "console", "python")
DOCUMENTS = [
    *(ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "samples" / "README.md"),
    *sorted(ROOT.glob("docs/**/*.md")),
]
PROGRAMS = {
    "provenance": f'"{sys.executable}" -m provenance',
    "python": f'"{sys.executable}"',
    "ffmpeg": f'"{find_ffmpeg()}"',
}


def name_of(document: Path) -> str:
    return str(document.relative_to(ROOT))


def blocks(document: Path) -> list[re.Match[str]]:
    return list(BLOCK.finditer(document.read_text("utf-8")))


def to_run(document: Path) -> list[re.Match[str]]:
    return [block for block in blocks(document) if block["kind"] in RUN and not block["skip"]]


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


@dataclass(frozen=True)
class Desk:
    """A folder in which the blocks of one document are run, one after the other."""

    folder: Path
    web: Web

    def run(self, block: re.Match[str]) -> str:
        """Run a block; all that it said. A `console` block also says what it should."""
        text = self._local(block["text"])
        if block["kind"] == "console":
            return "".join(self._talk(text))
        start = {"sh": ["sh", "-euc"], "python": [sys.executable, "-c"]}[block["kind"]]
        return self._said([*start, text], text)

    def shows(self, said: str, text: str) -> None:
        """Each line of the text is in what was said."""
        for line in self._local(text).splitlines():
            assert line in said, f"{line}\n\nis not in\n\n{said}"

    def _talk(self, text: str) -> Iterator[str]:
        for part in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
            typed = re.match(r"(?:.*\\\n)*.*\n", part)
            assert typed
            command, shown = typed[0], part[typed.end() :]
            said = self._said(["sh", "-euc", command], command)
            self.shows(said, shown)
            yield said

    def _said(self, command: list[str], text: str) -> str:
        done = run(
            command,
            self.folder,
            PATH=f"{self.folder / 'bin'}{os.pathsep}{os.environ['PATH']}",
            PYTHONPATH=str(ROOT),
            PROVENANCE_ARCHIVE=str(self.folder / "archive"),
        )
        assert done.returncode == 0, f"{text}\n{done.stdout}\n{done.stderr}"
        return done.stdout + done.stderr

    def _local(self, text: str) -> str:
        return text.replace(SITE, self.web.url(""))


@pytest.fixture
def desk(tmp_path: Path, samples: Path) -> Iterator[Desk]:
    """This program, this Python and this ffmpeg, whatever else may be installed."""
    shutil.copytree(samples, tmp_path / "samples")
    shutil.copytree(ROOT / "docs" / "examples", tmp_path / "docs" / "examples")
    (tmp_path / "bin").mkdir()
    for name, words in PROGRAMS.items():
        program = tmp_path / "bin" / name
        program.write_text(f'#!/bin/sh\nexec {words} "$@"\n')
        program.chmod(0o755)
    with web_server() as web:
        for clip in samples.glob("*/*.mp4"):
            web.file(f"/{clip.name}", clip.read_bytes())
        yield Desk(tmp_path, web)


@pytest.mark.slow
@pytest.mark.parametrize("document", [*filter(to_run, DOCUMENTS)], ids=name_of)
def test_what_a_document_tells_to_type_says_what_it_shows(document: Path, desk: Desk) -> None:
    said = ""
    for block in blocks(document):
        if block["kind"] in RUN and not block["skip"]:
            said = desk.run(block)
        elif block["kind"] == "text" and said:
            desk.shows(said, block["text"])


@pytest.mark.parametrize("document", DOCUMENTS, ids=name_of)
def test_every_block_is_of_a_kind_that_is_run_or_known_not_to_be(document: Path) -> None:
    kinds = {block["kind"] for block in blocks(document)}
    assert kinds <= {*RUN, "", "text", "diff", "json", "csv", "ini", "toml"}
    text = document.read_text("utf-8")
    fences = len(re.findall(r"^ *```", text, flags=re.M))
    assert fences == 2 * len(blocks(document)), "a block is indented or not closed"
    skips = len(re.findall("^ *<!-- not run", text, flags=re.M))
    assert skips == sum(bool(block["skip"]) for block in blocks(document)), "a line skips nothing"


def test_the_ways_in_are_shown_by_documents_that_are_run() -> None:
    run_ones = {name_of(document) for document in DOCUMENTS if to_run(document)}
    assert run_ones >= {"README.md", "docs/howto-url.md", "docs/howto-batch.md"}


def test_output_that_a_document_does_not_show_rightly_is_noticed(desk: Desk) -> None:
    (block,) = BLOCK.finditer("```console\n$ echo one \\\n  two\none two\n$ echo three\nthree\n```")
    assert desk.run(block) == "one two\nthree\n"
    (block,) = BLOCK.finditer("```console\n$ echo one\ntwo\n```")
    with pytest.raises(AssertionError, match="two"):
        desk.run(block)
    (block,) = BLOCK.finditer("```sh\necho one\nfalse\necho two\n```")
    with pytest.raises(AssertionError, match="false"):
        desk.run(block)


def test_the_change_that_contributors_are_shown_works(tmp_path: Path) -> None:
    for name in ("provenance", "tests", "docs", "setup.cfg"):
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(ROOT / name, tmp_path / name)
    edits = [block["text"] for block in blocks(ROOT / "CONTRIBUTING.md") if block["kind"] == "diff"]
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


@pytest.mark.parametrize("document", DOCUMENTS, ids=name_of)
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

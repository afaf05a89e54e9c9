"""An import goes on when another process removes footage that it knows of."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Self

import pytest
from command_line import call, make_clip, start
from web import web_server

from provenance.archive import Archive
from provenance.archive.learn import Told
from provenance.errors import UnknownFootageError
from provenance.linking import link_new
from provenance.progress import Task


def remove(folder: Path, *ids: int) -> None:
    """By another process, which has ended when this comes back."""
    with start("remove", *map(str, ids), "--yes", "--archive", folder) as program:
        _, complaints = program.communicate(timeout=60)
    assert program.returncode == 0, complaints


def rows(*clips: Path) -> Sequence[tuple[str, Told]]:
    return [(str(clip), Told(title=clip.stem)) for clip in clips]


@pytest.fixture
def clips(tmp_path: Path) -> list[Path]:
    pictures = {"one": "testsrc2", "two": "mandelbrot", "three": "smptebars"}
    return [make_clip(tmp_path / f"{name}.mp4", how) for name, how in pictures.items()]


def test_an_import_goes_on_past_a_row_whose_footage_is_removed_while_it_runs(
    tmp_path: Path, clips: list[Path]
) -> None:
    folder = tmp_path / "archive"
    there = ("--archive", folder)
    manifest = tmp_path / "list.csv"
    manifest.write_text("path,title\none.mp4,One\ntwo.mp4,Two\n", "utf-8")
    assert call("import", manifest, *there).code == 0
    fresh = clips[2].read_bytes()
    with web_server() as web:
        url = web.file("/three.mp4", fresh)
        give = web.answers["/three.mp4"]
        asked: list[str] = []

        def remove_and_give(request: BaseHTTPRequestHandler) -> None:
            if not asked:
                remove(folder, 1)
            asked.append(request.path)
            give(request)

        web.answer("/three.mp4", remove_and_give)
        manifest.write_text(f"path,title\n{url},Three\none.mp4,One\ntwo.mp4,Two\n", "utf-8")
        done = call("import", manifest, *there)
    assert asked
    assert done.code == 11
    assert "Traceback" not in done.err
    assert f"Error: {manifest}, line 3: The footage was removed from the archive while" in done.err
    assert "added 1, already known 1, failed 1" in done.err
    assert [f["title"] for f in call("list", "--json", *there).json] == ["Two", "Three"]

    manifest.write_text("path,title\none.mp4,One\n", "utf-8")
    again = call("import", "--json", manifest, *there)
    assert (again.code, again.json[0]["new"]) == (0, 1)


def test_a_row_whose_footage_is_removed_before_it_is_noted_can_be_learnt_again(
    tmp_path: Path, clips: list[Path]
) -> None:
    with Archive.open(tmp_path / "archive") as archive:
        outcomes = archive.add_rows(rows(*clips))
        assert next(outcomes).added
        assert len(list(archive.footages())) == 3  # written together with the first
        remove(tmp_path / "archive", 2)
        assert [bool(outcome.added) for outcome in outcomes] == [True, True]
        again = [outcome.added for outcome in archive.add_rows(rows(*clips))]
        assert [added and added.new for added in again] == [False, True, False]
        assert archive.check_soundness() == []


class Removing:
    """Progress that has the footage removed as soon as it was compared."""

    def __init__(self, folder: Path, *ids: int) -> None:
        self._folder, self._ids = folder, list(ids)

    def task(self, description: str, total: float | None = None) -> Task:
        return self

    def advance(self, amount: float = 1.0) -> None:
        if self._ids:
            remove(self._folder, self._ids.pop())

    def describe(self, description: str) -> None:
        return

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        return


def test_linking_goes_on_when_footage_is_removed_just_after_it_was_compared(
    tmp_path: Path, clips: list[Path]
) -> None:
    copy = shutil.copy(clips[0], tmp_path / "copy.mp4")
    with Path(copy).open("ab") as file:
        file.write(b"\0")  # other bytes, the same pictures
    with Archive.open(tmp_path / "archive") as archive:
        assert all(outcome.added for outcome in archive.add_rows(rows(*clips, Path(copy))))
        compared = list(link_new(archive, progress=Removing(tmp_path / "archive", 1)))
        assert [footage.id for footage, _ in compared] == [1, 2, 3, 4]
        assert archive.links.waiting() == []
        with pytest.raises(UnknownFootageError):
            archive.footage(1)

"""The benchmark's edits: they give clips that play, and what is said of them is true."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from accuracy.clips import footage
from accuracy.edits import EDITS
from accuracy.make import SourceSet, film_query, plan, spread
from accuracy.peers import vpdq
from accuracy.peers.hashes import compare
from accuracy.runner import check
from accuracy.sets import Drawing, SkippedError, prepared
from accuracy.truth import Query

from provenance import Archive
from provenance.process import find_ffmpeg

ROOT = Path(__file__).resolve().parent.parent
QUICK = ("second_generation", "phone_dark", "split_two", "slow_zoom", "slideshow")
KEEPS_THE_PICTURE = ("freeze", "backwards", "compilation", "variable_speed", "slideshow")


@pytest.fixture(scope="module")
def sources() -> SourceSet:
    clips = ROOT / "samples" / "footage"
    known = (clips / "harbour.mp4", clips / "mountain-road.mp4")
    unknown = ROOT / "samples" / "checks" / "unrelated.mp4"
    return SourceSet("samples", known, (unknown,), (), (unknown,))


def film(sources: SourceSet, edit: str, folder: Path, seed: int = 1) -> Query:
    one = plan(sources, seed, 1, [edit])[0]
    return film_query(sources, one, folder / one.name)


def gray(path: Path, second: float) -> npt.NDArray[np.float32]:
    """The frame that is shown at a second, small."""
    command = [find_ffmpeg(), "-v", "error", "-ss", f"{second:.3f}", "-i", str(path)]
    command += ["-frames:v", "1", "-vf", "scale=160:90:flags=area,format=gray"]
    data = subprocess.run([*command, "-f", "rawvideo", "-"], capture_output=True, check=True).stdout
    return np.frombuffer(data, np.uint8).reshape(90, 160).astype(np.float32)


def unlike(one: npt.NDArray[np.float32], other: npt.NDArray[np.float32]) -> float:
    return float(np.abs(one - other).mean())


@pytest.mark.parametrize("edit", QUICK)
def test_an_edit_gives_a_clip_that_plays_as_long_as_is_said(
    sources: SourceSet, tmp_path: Path, edit: str
) -> None:
    check_query(sources, film(sources, edit, tmp_path), tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("edit", sorted(set(EDITS) - set(QUICK)))
def test_every_other_edit_does_too(sources: SourceSet, tmp_path: Path, edit: str) -> None:
    check_query(sources, film(sources, edit, tmp_path), tmp_path)


def check_query(sources: SourceSet, query: Query, folder: Path) -> None:
    clip = footage(folder / query.query)
    assert max(piece.query_end for piece in query.pieces) == pytest.approx(clip.seconds, abs=0.25)
    assert set(query.expected) == {piece.footage for piece in query.pieces}
    lengths = {path.name: footage(path).seconds for path in sources.known}
    for piece in query.pieces:
        assert 0 <= piece.source_start <= piece.source_end <= lengths[piece.footage] + 0.05
        if piece.speed is not None:
            seconds = (piece.query_end - piece.query_start) * piece.speed
            assert seconds == pytest.approx(piece.source_end - piece.source_start, abs=0.01)
    spread_of_grays = gray(folder / query.query, clip.seconds / 2).std()
    assert spread_of_grays > 5, "the picture is empty"


@pytest.mark.parametrize("edit", KEEPS_THE_PICTURE)
def test_a_query_shows_the_seconds_that_are_said(
    sources: SourceSet, tmp_path: Path, edit: str
) -> None:
    query = film(sources, edit, tmp_path)
    for piece in query.pieces:
        known = ROOT / "samples" / "footage" / piece.footage
        length = piece.source_end - piece.source_start
        second = piece.source_start + length * (0.7 if piece.reversed else 0.3)
        shown = gray(
            tmp_path / query.query,
            piece.query_start + 0.3 * (piece.query_end - piece.query_start),
        )
        other = second - 1.5 if second > 2 else second + 1.5
        there, elsewhere = (unlike(shown, gray(known, moment)) for moment in (second, other))
        assert there < 0.7 * elsewhere, f"{second:.2f} s is not shown"


def test_the_same_seed_makes_the_same_query(sources: SourceSet, tmp_path: Path) -> None:
    names = []
    for folder, seed in (("one", 5), ("two", 5), ("three", 6)):
        (tmp_path / folder).mkdir()
        query = film(sources, "emoji_border", tmp_path / folder, seed)
        names.append((query.pieces, (tmp_path / folder / query.query).read_bytes()))
    assert names[0] == names[1]
    assert names[0] != names[2]


def test_edits_take_turns_and_give_way_where_footage_is_short(sources: SourceSet) -> None:
    planned = plan(sources, 1, len(EDITS))
    assert len(planned) == 3 * len(EDITS)
    for source in (*sources.known, *sources.unknown):
        assert {one.edit.name for one in planned if one.source == source} == set(EDITS)
    assert len({one.name for one in planned}) == len(planned)
    assert len({one.edit.name for one in spread(planned, 10)}) > 5


def test_no_two_queries_are_called_the_same(sources: SourceSet, tmp_path: Path) -> None:
    """Two clips may differ in their endings alone."""
    clip = sources.known[0]
    other = shutil.copy(clip, tmp_path / f"{clip.stem}.mov")
    planned = plan(SourceSet("two", (clip, other), (), (), ()), 1, 6, ["night", "slow_zoom"])
    assert len({one.name for one in planned}) == len(planned) == 12


def test_queries_of_unknown_clips_expect_nothing(sources: SourceSet, tmp_path: Path) -> None:
    unknown = [one for one in plan(sources, 1, 1, ["vertical_crop"]) if not one.known]
    query = film_query(sources, unknown[0], tmp_path / "query.mp4")
    assert query.expected == ()
    assert [piece.footage for piece in query.pieces] == ["unrelated.mp4"]


def test_absent_clips_are_a_reason_to_skip(tmp_path: Path) -> None:
    with pytest.raises(SkippedError, match="shared clips are not here"):
        prepared("dev", tmp_path / "nothing", tmp_path, Drawing(), reuse=False, jobs=1)


def test_hashes_score_the_share_that_match() -> None:
    known = np.random.default_rng(1).integers(0, 2, (3, 64), np.uint8)
    flipped, far = known[0].copy(), 1 - known[1]
    flipped[:8] ^= 1
    queries = {"half": np.stack([flipped, far]), "nothing": far[None]}
    (found,) = compare(queries, {"sea": known}, distance=8)
    assert (found.query, found.footage, found.score) == ("half", "sea", 0.5)
    assert compare(queries, {"sea": known}, distance=7) == []


@pytest.mark.slow
def test_why_vpdq_is_missing_is_said_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path))
    with pytest.raises(vpdq.VpdqMissingError) as caught:
        vpdq.installed(tmp_path / "cache")
    assert "could not fetch" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_run_that_was_cut_short_goes_on(
    samples: Path, sample_archive: Archive, tmp_path: Path
) -> None:
    queries = [samples / "checks" / "reused.mp4", samples / "checks" / "unrelated.mp4"]
    reports = tmp_path / "reports.jsonl"
    earlier = json.dumps({"source": {"location": str(queries[1])}, "earlier": True})
    part = tmp_path / "reports.part-2.jsonl"
    part.write_text(f'{earlier}\n{{"source": {{"locat', "utf-8")
    assert check(Path(sample_archive.location), queries, reports, 2, resume=True) == 1
    lines = [json.loads(line) for line in reports.read_text("utf-8").splitlines()]
    assert [line["source"]["location"] for line in lines] == [str(query) for query in queries]
    assert "earlier" in lines[1]
    assert "verdict" in lines[0]
    assert not part.exists()


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_the_benchmark_runs_on_the_samples_alone(tmp_path: Path) -> None:
    path = os.pathsep.join((str(ROOT / "scripts"), str(ROOT)))
    arguments = ["--sets", "dev,samples", "--limit", "6", "--peers", "phash", "--keep", "kept"]
    done = subprocess.run(
        [sys.executable, "-P", "-m", "accuracy", *arguments, "--pictures", "drawn"],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": path, "PROVENANCE_SHARED": str(tmp_path / "nothing")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "Skipped Shared clips, shared edits" in done.stderr
    assert "micro-AP over all" in done.stdout
    assert "pHash" in done.stdout
    assert len((tmp_path / "kept/samples/reports.jsonl").read_text("utf-8").splitlines()) == 6
    kept = json.loads((tmp_path / "kept" / "calibration.json").read_text("utf-8"))
    assert {"bins", "curve", "error", "points"} <= kept.keys()
    assert all(path.stat().st_size < 150_000 for path in (tmp_path / "drawn").glob("*.png"))

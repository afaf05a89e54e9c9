"""The distractors that benchmarks pad archives with: are they what real footage would be?"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from accuracy import crowd
from accuracy.crowd import answered, similarity_curve
from accuracy.crowded_archive import CrowdedArchive, TimedArchive
from accuracy.distractors import Material, distractor, forms
from accuracy.material import gather
from archive_factory import store

from provenance.archive.faiss_index import INDEXED
from provenance.archive.index import strongest
from provenance.fingerprints.local_features import mirror_descriptors
from provenance.models import Fingerprint
from provenance.settings import Settings

FOOTAGE = Path(__file__).resolve().parent.parent / "samples" / "footage"


@pytest.fixture(scope="module")
def material() -> Material:
    """From one sample clip, about a tenth of what benchmarks take."""
    return gather([FOOTAGE / "square.mp4"], np.array([150, 250], np.float32), donors=10_000)


@pytest.fixture(scope="module")
def made(material: Material) -> list[Fingerprint]:
    return [distractor(material, number) for number in range(24)]


def test_a_distractor_follows_from_its_number(material: Material) -> None:
    first, again, other = (distractor(material, number) for number in (3, 3, 4))
    assert (first.descriptors == again.descriptors).all()
    assert (first.points == again.points).all()
    assert (
        first.descriptors.shape != other.descriptors.shape
        or (first.descriptors != other.descriptors).any()
    )


def test_a_distractor_is_a_whole_fingerprint(made: list[Fingerprint]) -> None:
    for one in made:
        count = len(one.frame)
        assert one.descriptors.shape == (count, 128)
        assert len(one.points) == len(one.scales) == len(one.angles) == count
        assert (np.diff(one.frame) >= 0).all()
        assert one.frame[-1] == len(one.times) - 1
        assert (one.scales > 0).all()
        lengths = np.linalg.norm(one.descriptors.astype(float), axis=1)
        assert lengths == pytest.approx(512, rel=0.03)


def test_features_recur_in_the_next_frames_and_grow_rarer(made: list[Fingerprint]) -> None:
    after = {lag: np.mean([recurring(one, lag) for one in made]) for lag in (1, 4, 16)}
    assert 0.3 < after[1] < 0.6  # 0.4 in real clips
    assert 0.1 < after[4] < 0.35  # 0.2
    assert after[16] < after[4] < after[1]


def recurring(one: Fingerprint, lag: int) -> float:
    """Share of a frame's features of which the frame `lag` later has the like."""
    shares = []
    for frame in range(0, len(one.times) - lag, 3):
        now, then = (
            one.descriptors[one.frame == number].astype(np.float32)
            for number in (frame, frame + lag)
        )
        products = now @ then.T / 512**2
        best = products.argmax(axis=1)
        mutual = products.argmax(axis=0)[best] == np.arange(len(now))
        shares.append((mutual & (products.max(axis=1) > 0.9)).mean())
    return float(np.mean(shares)) if shares else 0.0


def test_the_logo_of_a_station_stands_in_every_frame_of_some(
    material: Material, made: list[Fingerprint]
) -> None:
    stations = np.split(material.station, material.station_ends[:-1])
    with_logo = 0
    for one in made:
        rows = {row.tobytes() for row in one.descriptors[one.frame == 0]}
        for station in stations:
            if all(row.tobytes() in rows for row in station):
                last = {row.tobytes() for row in one.descriptors[one.frame == one.frame[-1]]}
                assert all(row.tobytes() in last for row in station)
                with_logo += 1
    assert 0 < with_logo < len(made)


def test_the_more_there_are_the_nearer_the_nearest(
    material: Material, made: list[Fingerprint]
) -> None:
    crowd = np.random.default_rng(0).permutation(np.concatenate([o.descriptors for o in made]))
    real = material.pool[np.random.default_rng(1).choice(len(material.pool), 200, replace=False)]
    steps = list(similarity_curve(real, [crowd], (1_000, 10_000, 100_000)))
    assert [step[0] for step in steps] == [1_000, 10_000, 100_000]
    medians = [step[1][1] for step in steps]
    assert medians[0] < medians[1] < medians[2] < 0.99  # near, but no copies
    assert medians[0] > 0.8


def test_the_mirrored_form_is_that_of_mirrored_footage() -> None:
    some = np.arange(256, dtype=np.uint8).reshape(2, 128)
    assert (some[:, forms()[1]] == mirror_descriptors(some)).all()
    for form in forms():
        assert sorted(form) == list(range(128))


def test_a_padded_archive_knows_its_distractors(material: Material, tmp_path: Path) -> None:
    with CrowdedArchive(tmp_path, material) as archive:
        known = store(archive, 1).footage
        assert [*archive.pad(0.1)][-1] >= 0.1
        padded = [footage for footage in archive.footages() if footage.id != known.id]
        assert sum(footage.duration or 0 for footage in padded) >= 360
        one = archive.fingerprint(padded[-1].id)
        rows = strongest(one.frame, INDEXED)[:200]
        found = archive.search(one.descriptors[rows], 1)
        assert (found.footage == padded[-1].id).mean() > 0.8
        assert (abs(found.frame[:, 0] - one.frame[rows]) < 10).mean() > 0.6
        assert archive.search_seconds > 0
    with CrowdedArchive(tmp_path, material) as archive:
        assert [*archive.pad(0.1)] == []  # it is there already


def test_answers_of_another_version_are_not_taken_for_this_ones(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else figures that nobody measured would stand in the documents."""
    asked: list[str] = []

    def answer(_: object, query: Path) -> dict[str, object]:
        asked.append(query.name)
        return {"matches": len(asked)}

    monkeypatch.setattr(crowd, "_answer", answer)
    kept, archive = tmp_path / "answers.jsonl", TimedArchive(tmp_path, Settings())
    answered(archive, tmp_path, ["a", "b"], kept)
    answered(archive, tmp_path, ["a", "b", "c"], kept)  # goes on where it stopped
    assert asked == ["a", "b", "c"]
    monkeypatch.setattr(crowd, "_program", lambda: "another")
    found = answered(archive, tmp_path, ["a"], kept)
    assert asked == ["a", "b", "c", "a"]
    assert found["a"]["matches"] == 4

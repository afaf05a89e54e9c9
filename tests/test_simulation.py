"""Simulated hours: has an archive of them what an archive of real hours would have?"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from accuracy.material import gather
from archive_factory import store
from performance import tables
from performance.archives import SimulatedArchive, build
from performance.plot import cost_plot
from performance.pool import Pool, bred
from performance.simulation import BLOCK, Simulation

from provenance.archive import Archive
from provenance.archive.index import footage_of
from provenance.archive.segment_file import Postings
from provenance.archive.sound_file import SOUND
from provenance.fingerprints.codebook import codebook
from provenance.fingerprints.sound import Heard, fingerprint_of

FOOTAGE = Path(__file__).resolve().parent.parent / "samples" / "footage"
HOURS = 2.0


@pytest.fixture(scope="module")
def pool() -> Pool:
    """From one sample clip, a fiftieth of what benchmarks take."""
    material = gather([FOOTAGE / "square.mp4"], np.array([90, 150], np.float32), donors=5_000)
    return bred(material, 0.1)


@pytest.fixture(scope="module")
def postings(pool: Pool) -> Postings:
    return Postings.joined(list(Simulation(pool, HOURS).postings()))


def test_there_are_as_many_hours_as_were_wished_for(pool: Pool) -> None:
    lengths = Simulation(pool, 1000).seconds()
    assert lengths.sum() / 3600 == pytest.approx(1000, rel=0.01)
    assert lengths.mean() == pytest.approx(315, rel=0.1)
    assert lengths.min() > 120


def test_frames_have_as_many_features_as_those_of_the_pool(pool: Pool, postings: Postings) -> None:
    frames = Simulation(pool, HOURS).frames.sum()
    assert len(postings.ids) / frames == pytest.approx(pool.indexed.sum() / len(pool.ends), rel=0.1)


def test_words_are_as_frequent_as_in_the_pool(pool: Pool, postings: Postings) -> None:
    real = np.bincount(pool.words[pool.indexed], minlength=1 << 16) / pool.indexed.sum()
    made = np.bincount(postings.words, minlength=1 << 16) / len(postings.words)
    assert np.corrcoef(real, made)[0, 1] > 0.9
    assert (np.diff(postings.words.astype(int)) >= 0).all()


def test_a_simulation_follows_from_its_seed(pool: Pool, postings: Postings) -> None:
    again = Postings.joined(list(Simulation(pool, HOURS).postings()))
    other = Postings.joined(list(Simulation(pool, HOURS, seed=2).postings()))
    assert (again.codes == postings.codes).all()
    assert (again.ids == postings.ids).all()
    assert len(other.ids) != len(postings.ids) or (other.ids != postings.ids).any()


def test_the_index_has_the_strongest_features_of_every_fingerprint(
    pool: Pool, postings: Postings
) -> None:
    simulation = Simulation(pool, HOURS, first_id=5)
    number = int(np.argmax(simulation.frames > 2 * BLOCK))
    one = simulation.fingerprint(number)
    coded = one.descriptors
    theirs = list(
        zip(coded.words.tolist(), codebook().rough_codes(coded).tolist(), one.frame, strict=True)
    )
    mine = footage_of(postings.ids) == number + 1  # that simulation's first footage has the id 1
    indexed = list(
        zip(
            postings.words[mine].tolist(),
            postings.codes[mine].tolist(),
            postings.ids[mine] >> 16 & 0x3FFFF,
            strict=True,
        )
    )
    assert len(indexed) / len(theirs) == pytest.approx(2 / 3, abs=0.03)
    assert set(indexed) <= set(theirs)


def test_no_footage_has_the_codes_of_the_pool_as_they_are(pool: Pool, postings: Postings) -> None:
    """There are more different codes than the pool has."""
    real = set(zip(pool.words.tolist(), pool.rough.tolist(), strict=True))
    made = set(zip(postings.words.tolist(), postings.codes.tolist(), strict=True))
    assert len(made) > len(real)
    assert len(made - real) > len(made) / 2


def test_an_archive_of_simulated_hours_is_searched_and_kept(pool: Pool, tmp_path: Path) -> None:
    items = np.random.default_rng(0).integers(0, 1 << 32, 400, np.uint32)
    with Archive.open(tmp_path / "bare") as archive:
        known = store(archive, 1, sound=Heard("heard", fingerprint_of(items))).footage
    build(tmp_path / "full", tmp_path / "bare", pool, 0.5)
    (heard,) = SOUND.files(tmp_path / "full" / "index")
    assert heard.stat().st_size > 0.3 * 3600 * 7.7 * 4
    with SimulatedArchive(tmp_path / "full", pool, [(b"picture",)]) as archive:
        assert archive.state().hours == pytest.approx(0.5, abs=0.3)
        assert archive._feature_index(archive._catalogue()).problems() == []
        one = archive.fingerprint(known.id + 1)
        assert set(one.pictures) == {b"picture"}
        found = archive.search(one.descriptors[:200], 3)
        assert (found.footage == known.id + 1).any(axis=1).mean() > 0.5
        assert archive.search_seconds > 0
        assert archive.keep_made() == 1
        assert len(archive.search_sound(items).item) >= 400
        archive.compact()
    assert SOUND.files(tmp_path / "full" / "index") == [heard]  # as compacting leaves it
    with Archive.open(tmp_path / "full") as archive:  # any program can read it now
        assert (archive.fingerprint(known.id + 1).frame == one.frame).all()
        assert archive.fingerprint(known.id).points.shape[1] == 2


def test_what_was_not_measured_is_extrapolated_and_marked() -> None:
    figures = {
        "sizes": {"100": costs(1.0), "1000": costs(1.9)},
        "stopped": [10_000.0],
        "commands": {"checking": "scripts/bench"},
        "cores": 2,
    }
    found = tables.at_size(figures, 10_000)
    assert found is not None
    assert found[0]["check"]["known"]["wall"] == pytest.approx(10.9)
    assert found[1] is False
    assert tables.at_size(figures, 1000) == (figures["sizes"]["1000"], True)
    text = tables.document(figures)
    assert text.startswith("`scripts/bench`; 2 processors")
    assert "(10.90)" in text
    assert "extrapolated" in text


def test_the_parts_of_a_whole_command_add_up_to_it() -> None:
    size: Any = costs(1.0)
    size["check"]["known"] |= {"wall": 5.5}
    figures = {"sizes": {"1000": size}, "commands": {"checking": "scripts/bench"}, "cores": 2}
    _, _, drawn = tables.document(figures).partition("### Where the time goes")
    rows = [line.split("|")[1:3] for line in drawn.splitlines() if "." in line]
    *parts, whole = (float(value) for _, value in rows if value.strip())
    assert whole == 5.5
    assert sum(parts) == pytest.approx(whole)


def test_the_plot_has_a_line_for_each_cost() -> None:
    drawn = cost_plot({"100": costs(1.0), "1000": costs(2.0)})
    assert drawn.count("<polyline") == 5
    assert "1,000 h" in drawn


def costs(value: float) -> dict[str, object]:
    one = dict.fromkeys(("wall", "processor", "anonymous", "mapped", "children"), value)
    parts = (
        *("look-up", "look-up and matching", "look-up and matching, processor"),
        *("look-up of sound", "examining", "decoding and describing"),
    )
    split = dict.fromkeys(parts, value) | {"whole": 4 * value}
    return {
        "check": {"known": one, "unknown": one},
        "memory": {"known": one, "unknown": one},
        "parts": {
            "known": split,
            "unknown": split,
            "open": {"open": value, "open and search": value},
        },
        "cold": one,
        "disk": value,
        "vpdq look-up": value,
    }

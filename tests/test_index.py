"""One contract for every feature index, and what is special about the one on disk."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from archive_factory import descriptors_like_sift, disturbed, make_fingerprint, make_footage

from provenance.archive import segment_file
from provenance.archive.catalogue import Catalogue
from provenance.archive.connection import Database
from provenance.archive.exact_index import ExactIndex
from provenance.archive.faiss_index import FaissIndex, _crowded
from provenance.archive.index import FeatureIndex
from provenance.archive.segment_file import (
    OpenSegment,
    UnreadableSegmentError,
    lists,
    probes,
    segment_files,
    write_segment,
    write_without,
)
from provenance.errors import ArchiveDamagedError

MakeIndex = Callable[[Catalogue], FeatureIndex]


@pytest.fixture
def catalogue(tmp_path: Path) -> Catalogue:
    return Catalogue(Database(tmp_path / "catalogue.sqlite", str(tmp_path), create=True))


@pytest.fixture(params=["exact", "faiss"])
def index(request: pytest.FixtureRequest, catalogue: Catalogue, tmp_path: Path) -> FeatureIndex:
    if request.param == "exact":
        return ExactIndex(catalogue)
    return FaissIndex(catalogue, tmp_path / "index")


@pytest.fixture
def faiss_index(catalogue: Catalogue, tmp_path: Path) -> FaissIndex:
    return FaissIndex(catalogue, tmp_path / "index")


def learn(catalogue: Catalogue, index: FeatureIndex, seed: int, **size: int) -> int:
    with catalogue.database.write():
        footage_id = catalogue.insert_footage(
            make_footage(seed), make_fingerprint(seed, **size), []
        )
        index.add([footage_id])
    index.tidy()
    return footage_id


def test_a_feature_finds_itself_with_its_frame(catalogue: Catalogue, index: FeatureIndex) -> None:
    ids = [learn(catalogue, index, seed) for seed in range(3)]
    wanted = make_fingerprint(1)
    found = index.search(wanted.descriptors, 3)
    assert (found.footage[:, 0] == ids[1]).all()
    assert (found.frame[:, 0] == wanted.frame).all()
    assert found.similarity[:, 0] == pytest.approx(1.0, abs=0.02)


def test_neighbours_come_best_first_with_the_agreed_types(
    catalogue: Catalogue, index: FeatureIndex
) -> None:
    learn(catalogue, index, 0)
    learn(catalogue, index, 1)
    found = index.search(make_fingerprint(5).descriptors, 7)
    assert found.footage.shape == found.frame.shape == found.similarity.shape == (120, 7)
    assert (found.footage.dtype, found.frame.dtype, found.similarity.dtype) == (
        np.int64,
        np.int32,
        np.float32,
    )
    assert (np.diff(found.similarity, axis=1) <= 0).all()


def test_similarity_is_the_cosine(catalogue: Catalogue, index: FeatureIndex) -> None:
    learn(catalogue, index, 0, frames=1, features=1)
    known = make_fingerprint(0, frames=1, features=1).descriptors.astype(float)
    query = make_fingerprint(9, frames=1, features=1).descriptors
    cosine = float(known[0] @ query[0]) / np.linalg.norm(known) / np.linalg.norm(query)
    assert index.search(query, 1).similarity[0, 0] == pytest.approx(cosine, abs=0.02)


def test_missing_neighbours_are_marked(catalogue: Catalogue, index: FeatureIndex) -> None:
    learn(catalogue, index, 0, frames=1, features=2)
    found = index.search(make_fingerprint(0, frames=1, features=1).descriptors, 4)
    assert (found.footage[0] >= 0).tolist() == [True, True, False, False]
    assert found.frame[0, 2:].tolist() == [-1, -1]
    assert found.similarity[0, 2:].tolist() == [0, 0]


def test_an_empty_archive_has_no_neighbours(index: FeatureIndex) -> None:
    found = index.search(make_fingerprint(0).descriptors, 2)
    assert (found.footage == -1).all()


def test_no_queries_give_no_rows(catalogue: Catalogue, index: FeatureIndex) -> None:
    learn(catalogue, index, 0)
    assert index.search(np.empty((0, 128), np.uint8), 4).footage.shape == (0, 4)


def test_footage_without_features_is_no_obstacle(catalogue: Catalogue, index: FeatureIndex) -> None:
    learn(catalogue, index, 0, features=0)
    known = learn(catalogue, index, 1)
    assert (index.search(make_fingerprint(1).descriptors, 1).footage == known).all()


def test_removed_footage_is_not_found(catalogue: Catalogue, index: FeatureIndex) -> None:
    kept, removed = learn(catalogue, index, 0), learn(catalogue, index, 1)
    assert removed in index.search(make_fingerprint(1).descriptors, 1).footage
    with catalogue.database.write():
        index.remove(removed)
        catalogue.delete_footage(removed)
    assert set(index.search(make_fingerprint(1).descriptors, 5).footage.ravel()) == {kept}


def test_an_addition_that_is_undone_is_not_found(
    catalogue: Catalogue, index: FeatureIndex, tmp_path: Path
) -> None:
    def interrupted() -> None:
        with catalogue.database.write():
            footage_id = catalogue.insert_footage(make_footage(0), make_fingerprint(0), [])
            index.add([footage_id])
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert (index.search(make_fingerprint(0).descriptors, 1).footage == -1).all()
    assert not list(segment_files(tmp_path / "index"))


@pytest.mark.parametrize("damaged", [False, True])
def test_a_removal_from_a_large_segment_leaves_the_others_findable(
    catalogue: Catalogue, tmp_path: Path, damaged: bool
) -> None:
    index = FaissIndex(catalogue, tmp_path / "index")
    size = {"frames": 30, "features": 250}
    ids = [learn(catalogue, index, seed, **size) for seed in range(4)]
    (large,) = segment_files(tmp_path / "index")  # merged: 30,000 features in many lists
    if damaged:
        large.write_bytes(large.read_bytes()[:-1])
    with catalogue.database.write():
        index.remove(ids[3])
        catalogue.delete_footage(ids[3])
    known = make_fingerprint(2, **size)
    found = index.search(known.descriptors, 1)
    assert (found.footage == ids[2]).mean() > 0.99
    gone = make_fingerprint(3, **size).descriptors
    assert ids[3] not in index.search(gone, 3).footage
    (kept,) = segment_files(tmp_path / "index")
    assert known.descriptors[0].tobytes() in kept.read_bytes()
    assert gone[0].tobytes() not in kept.read_bytes()
    assert index.problems() == []


@pytest.mark.parametrize(
    ("descriptors", "k"),
    [
        (np.zeros((3, 64), np.uint8), 1),
        (np.zeros((3, 128), np.float32), 1),
        (np.zeros(128, np.uint8), 1),
        (np.zeros((3, 128), np.uint8), 0),
    ],
)
def test_other_shapes_and_types_are_refused(
    index: FeatureIndex, descriptors: object, k: int
) -> None:
    with pytest.raises(ValueError, match="must be"):
        index.search(descriptors, k)  # type: ignore[arg-type]


def test_the_fast_index_agrees_with_the_exact_one(
    catalogue: Catalogue, faiss_index: FaissIndex
) -> None:
    for seed in range(20):
        learn(catalogue, faiss_index, seed, frames=20)
    chooser = np.random.default_rng(1)
    queries = disturbed(make_fingerprint(3, frames=20).descriptors, chooser)
    fast, exact = faiss_index.search(queries, 5), ExactIndex(catalogue).search(queries, 5)
    assert (fast.footage == exact.footage).mean() > 0.99
    assert fast.similarity == pytest.approx(exact.similarity, abs=1e-4)


def test_many_lists_still_find_95_of_100_true_neighbours(tmp_path: Path) -> None:
    chooser = np.random.default_rng(7)
    known = descriptors_like_sift(chooser, 40_000)
    keys = np.arange(len(known), dtype=np.int64) << 24
    queries = disturbed(known[chooser.integers(0, len(known), 500)], chooser, by=25)
    info = write_segment(tmp_path, len(known), lambda: [(keys, known)])
    found, _ = OpenSegment(tmp_path, info).search(queries.astype(np.float32), 10)
    products = queries.astype(np.float32) @ known.astype(np.float32).T
    true = np.argpartition(-products, 10, axis=1)[:, :10]
    hits = (found[:, :, None] >> 24 == true[:, None, :]).any(axis=1)
    assert lists(len(known)) > 100
    assert probes(lists(len(known))) < 30  # it is no exhaustive search
    assert hits.mean() >= 0.9


def test_a_large_segment_finds_what_is_nearest_by_reading_little(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(segment_file, "_LARGE_ABOVE", 30_000)
    monkeypatch.setattr(segment_file, "_LIST_LENGTH", 50)
    chooser = np.random.default_rng(7)
    known = descriptors_like_sift(chooser, 40_000)
    keys = np.arange(len(known), dtype=np.int64) << 24
    wanted = chooser.integers(0, len(known), 500)
    infos = [write_segment(tmp_path, len(known), lambda: [(keys, known)]) for _ in "ab"]
    assert infos[0].sha256 == infos[1].sha256
    segment = OpenSegment(tmp_path, infos[0])
    assert segment.mapped
    assert segment._index.nlist > 600
    assert segment._index.nprobe < 20
    queries = disturbed(known[wanted], chooser).astype(np.float32)
    found, _ = segment.search(queries, 1)
    assert (found[:, 0] >> 24 == wanted).mean() > 0.95


def test_features_are_taken_out_of_a_large_segment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(segment_file, "_LARGE_ABOVE", 10_000)
    known = descriptors_like_sift(np.random.default_rng(7), 20_000)
    keys = np.arange(len(known), dtype=np.int64)
    info = write_segment(tmp_path, len(known), lambda: [(keys, known)])
    left = write_without(tmp_path, info, 0, 9_999)
    found, _ = OpenSegment(tmp_path, left).search(known.astype(np.float32), 1)
    assert left.vectors == 10_000
    assert (found >= 10_000).all()
    assert (found[10_000:, 0] == keys[10_000:]).mean() > 0.95


def test_a_segment_stays_on_disk(tmp_path: Path) -> None:
    known = make_fingerprint(0)
    info = write_segment(tmp_path, 120, lambda: [(known.frame.astype(np.int64), known.descriptors)])
    assert OpenSegment(tmp_path, info).mapped
    assert info.file.endswith(".v1.faiss")


def test_the_same_features_give_the_same_file(tmp_path: Path) -> None:
    known = descriptors_like_sift(np.random.default_rng(0), 25_000)
    keys = np.arange(len(known), dtype=np.int64)
    first, second = (write_segment(tmp_path, len(known), lambda: [(keys, known)]) for _ in "ab")
    assert first.sha256 == second.sha256


def test_an_addition_writes_one_new_file_and_touches_no_other(
    catalogue: Catalogue, faiss_index: FaissIndex, tmp_path: Path
) -> None:
    for seed in range(3):
        before = {p: p.stat().st_mtime_ns for p in segment_files(tmp_path / "index")}
        learn(catalogue, faiss_index, seed)
        after = {p: p.stat().st_mtime_ns for p in segment_files(tmp_path / "index")}
        assert len(after) == seed + 1
        assert before.items() <= after.items()


def test_many_small_segments_become_few(
    catalogue: Catalogue, faiss_index: FaissIndex, tmp_path: Path
) -> None:
    ids = [learn(catalogue, faiss_index, seed) for seed in range(30)]
    assert len(list(segment_files(tmp_path / "index"))) < 8
    for seed in (0, 15, 29):
        found = faiss_index.search(make_fingerprint(seed).descriptors, 1)
        assert (found.footage == ids[seed]).all()
    assert faiss_index.problems() == []


def test_segments_are_merged_with_their_equals_only() -> None:
    small, large = dict.fromkeys(range(3), 100), dict.fromkeys(range(10, 13), 100_000)
    assert _crowded(small | large) == []
    assert _crowded(small | large | {3: 3000}) == [*range(4)]
    assert _crowded(large | {13: 120_000}) == [*range(10, 14)]


def test_segments_grow_to_a_limit() -> None:
    assert _crowded(dict.fromkeys(range(20), 6_000_000)) == []


def test_a_reader_follows_segments_that_another_process_merged(
    catalogue: Catalogue, tmp_path: Path
) -> None:
    writer = FaissIndex(catalogue, tmp_path / "index")
    reader = FaissIndex(catalogue, tmp_path / "index")
    for seed in range(3):
        learn(catalogue, writer, seed)
    reader.search(make_fingerprint(0).descriptors, 1)
    learn(catalogue, writer, 3)  # merges, and deletes what the reader has open
    found = reader.search(make_fingerprint(3).descriptors, 1)
    assert len(list(segment_files(tmp_path / "index"))) == 1
    assert (found.footage == 4).all()


def test_a_list_that_changes_between_reading_it_and_opening_a_file_is_read_again(
    catalogue: Catalogue, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer = FaissIndex(catalogue, tmp_path / "index")
    reader = FaissIndex(catalogue, tmp_path / "index")
    for seed in range(3):
        learn(catalogue, writer, seed)
    stale = [reader._infos()]
    fresh = reader._infos
    learn(catalogue, writer, 3)
    monkeypatch.setattr(reader, "_infos", lambda: stale.pop() if stale else fresh())
    assert (reader.search(make_fingerprint(3).descriptors, 1).footage == 4).all()


def damage_nothing(path: Path) -> None:
    path.unlink()


def damage_end(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1000])


def damage_structure(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[60] ^= 0xFF
    path.write_bytes(content)


@pytest.mark.parametrize("damage", [damage_nothing, damage_end, damage_structure])
def test_a_damaged_file_is_said_and_repaired_from_the_catalogue(
    catalogue: Catalogue, tmp_path: Path, damage: Callable[[Path], None]
) -> None:
    index = FaissIndex(catalogue, tmp_path / "index")
    learn(catalogue, index, 0)
    known = learn(catalogue, index, 1)
    damage(next(iter(segment_files(tmp_path / "index"))))
    index.close()
    with pytest.raises(ArchiveDamagedError, match=r"index file .*faiss") as raised:
        index.search(make_fingerprint(1).descriptors, 1)
    assert "doctor --repair" in raised.value.hint
    assert index.problems()
    assert index.repair()
    assert index.problems() == []
    assert (index.search(make_fingerprint(1).descriptors, 1).footage == known).all()


def test_a_changed_vector_is_found_by_the_full_check(
    catalogue: Catalogue, faiss_index: FaissIndex, tmp_path: Path
) -> None:
    learn(catalogue, faiss_index, 0)
    (path,) = segment_files(tmp_path / "index")
    content = bytearray(path.read_bytes())
    content[-2000] ^= 0xFF
    path.write_bytes(content)
    assert any("damaged" in problem for problem in faiss_index.problems())
    faiss_index.repair()
    assert faiss_index.problems() == []


def test_a_file_that_was_never_registered_is_cleaned_by_the_next_addition(
    catalogue: Catalogue, faiss_index: FaissIndex, tmp_path: Path
) -> None:
    folder = tmp_path / "index"
    folder.mkdir()
    leftovers = [folder / f"{'a' * 32}.v1.faiss", folder / f"{'b' * 32}.v1.faiss.part"]
    for path in leftovers:
        path.write_bytes(b"half")
    (folder / "notes.txt").write_text("not ours")
    assert len(faiss_index.problems()) == 2
    learn(catalogue, faiss_index, 0)
    assert not any(path.exists() for path in leftovers)
    assert (folder / "notes.txt").exists()
    assert faiss_index.problems() == []


def test_a_segment_that_is_no_faiss_file_is_refused(tmp_path: Path) -> None:
    known = make_fingerprint(0)
    info = write_segment(tmp_path, 120, lambda: [(known.frame.astype(np.int64), known.descriptors)])
    (tmp_path / info.file).write_bytes(b"x" * info.bytes)
    with pytest.raises(UnreadableSegmentError, match="damaged"):
        OpenSegment(tmp_path, info)

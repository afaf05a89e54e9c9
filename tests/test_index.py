"""One contract for every feature index, and what is special about the one on disk."""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from archive_factory import disturbed, indexed, make_fingerprint, make_footage

from provenance.archive import segment_file
from provenance.archive.catalogue import Catalogue
from provenance.archive.connection import Database
from provenance.archive.exact_index import ExactIndex
from provenance.archive.faiss_index import INDEXED, FaissIndex, _crowded
from provenance.archive.index import DESCRIPTOR_NORM, FeatureIndex, strongest
from provenance.archive.listed_files import FileInfo, ListedFiles, UnreadableFileError
from provenance.archive.segment_file import (
    SEGMENTS,
    OpenSegment,
    Postings,
    merge_segments,
    write_segment,
)
from provenance.errors import ArchiveDamagedError
from provenance.fingerprints.codebook import codebook

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


def looked_up(seed: int) -> npt.NDArray[np.uint8]:
    """The descriptors of that seed's features that are in the index."""
    return indexed(make_fingerprint(seed))


def test_a_feature_finds_itself_with_its_frame(catalogue: Catalogue, index: FeatureIndex) -> None:
    ids = [learn(catalogue, index, seed) for seed in range(3)]
    wanted = make_fingerprint(1)
    rows = strongest(wanted.frame, INDEXED)
    found = index.search(wanted.descriptors[rows], 3)
    assert (found.footage[:, 0] == ids[1]).all()
    assert (found.frame[:, 0] == wanted.frame[rows]).all()
    assert found.similarity[:, 0] == pytest.approx(1.0, abs=0.15)


def test_neighbours_come_best_first_with_the_agreed_types(
    catalogue: Catalogue, index: FeatureIndex
) -> None:
    learn(catalogue, index, 0)
    learn(catalogue, index, 1)
    found = index.search(looked_up(5), 7)
    assert found.footage.shape == found.frame.shape == found.similarity.shape == (84, 7)
    assert (found.footage.dtype, found.frame.dtype, found.similarity.dtype) == (
        np.int64,
        np.int32,
        np.float32,
    )
    assert (np.diff(found.similarity, axis=1) <= 0).all()


def test_similarity_is_about_the_cosine(catalogue: Catalogue, index: FeatureIndex) -> None:
    learn(catalogue, index, 0, frames=1, features=1)
    known = make_fingerprint(0, frames=1, features=1).descriptors[:].astype(float)
    query = disturbed(known.astype(np.uint8), np.random.default_rng(0))
    cosine = float(known[0] @ query[0]) / np.linalg.norm(known) / np.linalg.norm(query)
    assert index.search(query, 1).similarity[0, 0] == pytest.approx(cosine, abs=0.15)


def test_missing_neighbours_are_marked(catalogue: Catalogue, index: FeatureIndex) -> None:
    known = learn(catalogue, index, 0, frames=1, features=2)
    found = index.search(make_fingerprint(0, frames=1, features=2).descriptors[:1], 4)
    none = found.footage[0] < 0
    assert found.footage[0, 0] == known
    assert none[2:].all()
    assert (found.frame[0, none] == -1).all()
    assert (found.similarity[0, none] == 0).all()


def test_an_empty_archive_has_no_neighbours(index: FeatureIndex) -> None:
    found = index.search(looked_up(0), 2)
    assert (found.footage == -1).all()


def test_no_queries_give_no_rows(catalogue: Catalogue, index: FeatureIndex) -> None:
    learn(catalogue, index, 0)
    assert index.search(np.empty((0, 128), np.uint8), 4).footage.shape == (0, 4)


def test_footage_without_features_is_no_obstacle(catalogue: Catalogue, index: FeatureIndex) -> None:
    learn(catalogue, index, 0, features=0)
    known = learn(catalogue, index, 1)
    assert (index.search(looked_up(1), 1).footage == known).all()


def test_removed_footage_is_not_found(catalogue: Catalogue, index: FeatureIndex) -> None:
    kept, removed = learn(catalogue, index, 0), learn(catalogue, index, 1)
    assert removed in index.search(looked_up(1), 1).footage
    with catalogue.database.write():
        index.remove(removed)
        catalogue.delete_footage(removed)
    assert removed not in index.search(looked_up(1), 5).footage
    assert (index.search(looked_up(0), 1).footage == kept).mean() > 0.95


def test_footage_that_is_left_out_or_removed_takes_the_place_of_no_other(
    catalogue: Catalogue, index: FeatureIndex
) -> None:
    """Of a picture that stands still every frame is near, more of them than are asked for."""
    picture = make_fingerprint(0, frames=1, features=30).descriptors
    fainter = disturbed((picture * 0.9).astype(np.uint8), np.random.default_rng(0))
    ids = []
    with catalogue.database.write():
        for seed, shown in ((1, picture), (2, fainter)):
            still = make_fingerprint(seed, frames=40, features=30)
            still = replace(still, descriptors=np.tile(shown, (40, 1)))
            ids.append(catalogue.insert_footage(make_footage(seed), still, []))
        index.add(ids)
    wanted = picture[:20]  # the strongest, which the index holds
    assert (index.search(wanted, 5).footage == ids[0]).mean() > 0.9
    others = index.search(wanted, 5, {ids[0]})
    assert (others.footage == ids[1]).mean() > 0.95
    with catalogue.database.write():
        index.remove(ids[0])
        catalogue.delete_footage(ids[0])
    left = index.search(wanted, 5)
    assert (left.similarity == others.similarity).all()
    if isinstance(index, FaissIndex):
        index.compact()
        again = index.search(wanted, 5)
        assert (left.similarity == again.similarity).all()


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
    assert (index.search(looked_up(0), 1).footage == -1).all()
    assert not SEGMENTS.files(tmp_path / "index")


def test_removed_footage_is_gone_from_the_files_once_they_are_compacted(
    catalogue: Catalogue, faiss_index: FaissIndex, tmp_path: Path
) -> None:
    with catalogue.database.write():
        ids = [
            catalogue.insert_footage(make_footage(seed), make_fingerprint(seed), [])
            for seed in range(3)
        ]
        faiss_index.add(ids)
    with catalogue.database.write():
        faiss_index.remove(ids[1])
        catalogue.delete_footage(ids[1])
    assert ids_in(tmp_path / "index") == set(ids)
    faiss_index.compact()
    assert ids_in(tmp_path / "index") == {ids[0], ids[2]}
    assert len(SEGMENTS.files(tmp_path / "index")) == 1
    assert faiss_index.problems() == []
    for seed in (0, 2):
        found = faiss_index.search(looked_up(seed), 1)
        assert (found.footage == ids[seed]).mean() > 0.95


def test_a_file_of_which_all_is_removed_goes_at_once(
    catalogue: Catalogue, faiss_index: FaissIndex, tmp_path: Path
) -> None:
    only = learn(catalogue, faiss_index, 0)
    with catalogue.database.write():
        faiss_index.remove(only)
        catalogue.delete_footage(only)
    assert not SEGMENTS.files(tmp_path / "index")
    assert faiss_index.problems() == []


def test_merging_leaves_out_what_was_removed(
    catalogue: Catalogue, faiss_index: FaissIndex, tmp_path: Path
) -> None:
    ids = [learn(catalogue, faiss_index, seed) for seed in range(3)]
    with catalogue.database.write():
        faiss_index.remove(ids[0])
        catalogue.delete_footage(ids[0])
    ids += [learn(catalogue, faiss_index, seed) for seed in range(3, 6)]
    assert ids[0] not in ids_in(tmp_path / "index")


def test_compacting_that_is_interrupted_loses_nothing(
    catalogue: Catalogue, faiss_index: FaissIndex, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = [learn(catalogue, faiss_index, seed) for seed in range(3)]
    before = sorted(SEGMENTS.files(tmp_path / "index"))

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(ListedFiles, "_list", interrupted)
        with pytest.raises(KeyboardInterrupt):
            faiss_index.compact()
    assert ids_in(tmp_path / "index") == set(ids)
    for seed in range(3):
        found = faiss_index.search(looked_up(seed), 1)
        assert (found.footage == ids[seed]).mean() > 0.95
    faiss_index.repair()  # the file that was written and not registered
    assert sorted(SEGMENTS.files(tmp_path / "index")) == before


def ids_in(folder: Path) -> set[int]:
    """Footages that the index files hold, known to the catalogue or not."""
    found: set[int] = set()
    for path in SEGMENTS.files(folder):
        postings = opened(path).postings(0, 1 << 16)
        found |= set((postings.ids >> 34).tolist())
    return found


def opened(path: Path) -> OpenSegment:
    """A file whose head is taken as it is."""
    content = path.read_bytes()
    _, _, used, vectors = struct.unpack_from("<8sIIQ", content)
    head = -(-(24 + 6 * used) // 8) * 8
    info = FileInfo(
        path.name,
        len(content),
        hashlib.sha256(content).hexdigest(),
        head,
        hashlib.sha256(content[:head]).hexdigest(),
        vectors,
    )
    return OpenSegment(path.parent, info)


def test_the_strongest_features_of_each_frame_are_indexed() -> None:
    frame = np.repeat(np.arange(3, dtype=np.int32), [3, 0, 1])
    assert strongest(frame, 2 / 3).tolist() == [0, 1, 3]
    assert strongest(np.empty(0, np.int32), 2 / 3).tolist() == []


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


def test_the_fast_index_finds_what_the_exact_one_finds(
    catalogue: Catalogue, faiss_index: FaissIndex
) -> None:
    for seed in range(20):
        learn(catalogue, faiss_index, seed, frames=20)
    known = make_fingerprint(3, frames=20)
    rows = strongest(known.frame, 0.5)
    queries = disturbed(known.descriptors[rows], np.random.default_rng(1))
    fast, exact = faiss_index.search(queries, 1), ExactIndex(catalogue).search(queries, 1)
    assert (fast.footage == exact.footage).mean() > 0.97
    assert (fast.frame == exact.frame).mean() > 0.97


def postings(chooser: np.random.Generator, count: int, footage: int = 1) -> Postings:
    return Postings(
        chooser.integers(0, 500, count).astype(np.uint16) * 131,
        chooser.integers(0, 2**64, count, dtype=np.uint64),
        (np.int64(footage) << 34) + np.arange(count),
    )


def rows(found: Postings) -> set[tuple[int, int, int]]:
    return set(zip(found.words.tolist(), found.codes.tolist(), found.ids.tolist(), strict=True))


def test_a_file_holds_what_was_written(tmp_path: Path) -> None:
    told = postings(np.random.default_rng(0), 3000)
    info = write_segment(tmp_path, told)
    segment = OpenSegment(tmp_path, info)
    assert rows(segment.postings(0, 1 << 16)) == rows(told)
    assert info.items == 3000
    assert info.file.endswith(".v2.lists")
    some = segment.postings(131, 263)
    assert set(some.words.tolist()) == {131, 262}


def test_a_feature_is_nearest_to_its_own_code_however_long_others_are(tmp_path: Path) -> None:
    """Codes put together at random stand for descriptors that are up to a fifth too long."""
    chooser, book = np.random.default_rng(0), codebook()
    codes = chooser.integers(0, 256, (5_000, 8), np.uint8)
    words = np.zeros(len(codes), np.uint16)
    meant = book.words[words] + book.rough_quantizer.decode(codes)
    lengths = np.linalg.norm(meant, axis=1)
    assert lengths.max() > 1.1 * np.median(lengths)
    kept = Postings(words, codes.view("<u8")[:, 0], np.arange(5_000))
    segment = OpenSegment(tmp_path, write_segment(tmp_path, kept))
    queries = meant * np.float32(DESCRIPTOR_NORM) / lengths[:, None]
    found, _ = segment.search(book, queries.astype(np.float32), words[:, None].astype(np.int64), 1)
    assert (found[:, 0] == np.arange(5_000)).mean() > 0.99


def test_merged_files_hold_what_each_held(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(segment_file, "_MERGED_AT_ONCE", 700)
    chooser = np.random.default_rng(0)
    told = [postings(chooser, count, footage) for footage, count in enumerate((2000, 1, 999), 1)]
    segments = [OpenSegment(tmp_path, write_segment(tmp_path, part)) for part in told]
    merged = merge_segments(tmp_path, segments, without=[2])
    assert rows(OpenSegment(tmp_path, merged).postings(0, 1 << 16)) == rows(told[0]) | rows(told[2])
    assert merged.items == 2999


def test_merging_refuses_a_damaged_file(tmp_path: Path) -> None:
    info = write_segment(tmp_path, postings(np.random.default_rng(0), 100))
    segment = OpenSegment(tmp_path, info)
    path = tmp_path / info.file
    path.write_bytes(path.read_bytes()[:-8] + b"damaged!")
    with pytest.raises(UnreadableFileError, match="damaged"):
        merge_segments(tmp_path, [segment], without=[])
    assert SEGMENTS.files(tmp_path) == [path]


def test_the_same_features_give_the_same_file(tmp_path: Path) -> None:
    first, second = (
        write_segment(tmp_path, postings(np.random.default_rng(0), 25_000)) for _ in "ab"
    )
    assert first.sha256 == second.sha256


def test_an_addition_writes_one_new_file_and_touches_no_other(
    catalogue: Catalogue, faiss_index: FaissIndex, tmp_path: Path
) -> None:
    for seed in range(3):
        before = {p: p.stat().st_mtime_ns for p in SEGMENTS.files(tmp_path / "index")}
        learn(catalogue, faiss_index, seed)
        after = {p: p.stat().st_mtime_ns for p in SEGMENTS.files(tmp_path / "index")}
        assert len(after) == seed + 1
        assert before.items() <= after.items()


def test_many_small_segments_become_few(
    catalogue: Catalogue, faiss_index: FaissIndex, tmp_path: Path
) -> None:
    ids = [learn(catalogue, faiss_index, seed) for seed in range(30)]
    assert len(SEGMENTS.files(tmp_path / "index")) < 8
    for seed in (0, 15, 29):
        found = faiss_index.search(looked_up(seed), 1)
        assert (found.footage == ids[seed]).mean() > 0.9  # codes of random features may be equal
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
    reader.search(looked_up(0), 1)
    learn(catalogue, writer, 3)  # merges, and deletes what the reader has open
    found = reader.search(looked_up(3), 1)
    assert len(SEGMENTS.files(tmp_path / "index")) == 1
    assert (found.footage == 4).all()


def test_a_list_that_changes_between_reading_it_and_opening_a_file_is_read_again(
    catalogue: Catalogue, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer = FaissIndex(catalogue, tmp_path / "index")
    reader = FaissIndex(catalogue, tmp_path / "index")
    for seed in range(3):
        learn(catalogue, writer, seed)
    files = reader._files
    stale, fresh = [files.listed()], files.listed
    learn(catalogue, writer, 3)
    monkeypatch.setattr(files, "listed", lambda: stale.pop() if stale else fresh())
    assert (reader.search(looked_up(3), 1).footage == 4).all()


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
    damage(next(iter(SEGMENTS.files(tmp_path / "index"))))
    index.close()
    with pytest.raises(ArchiveDamagedError, match=r"index file .*lists") as raised:
        index.search(looked_up(1), 1)
    assert "doctor --repair" in raised.value.hint
    assert index.problems()
    assert index.repair()
    assert index.problems() == []
    assert (index.search(looked_up(1), 1).footage == known).all()


def test_a_changed_vector_is_found_by_the_full_check(
    catalogue: Catalogue, faiss_index: FaissIndex, tmp_path: Path
) -> None:
    learn(catalogue, faiss_index, 0)
    (path,) = SEGMENTS.files(tmp_path / "index")
    content = bytearray(path.read_bytes())
    content[-200] ^= 0xFF
    path.write_bytes(content)
    assert any("damaged" in problem for problem in faiss_index.problems())
    faiss_index.repair()
    assert faiss_index.problems() == []


def test_a_file_that_was_never_registered_is_cleaned_by_the_next_addition(
    catalogue: Catalogue, faiss_index: FaissIndex, tmp_path: Path
) -> None:
    folder = tmp_path / "index"
    folder.mkdir()
    leftovers = [folder / f"{'a' * 32}.v1.faiss", folder / f"{'b' * 32}.v2.lists.part"]
    for path in leftovers:
        path.write_bytes(b"half")
    (folder / "notes.txt").write_text("not ours")
    assert len(faiss_index.problems()) == 2
    learn(catalogue, faiss_index, 0)
    assert not any(path.exists() for path in leftovers)
    assert (folder / "notes.txt").exists()
    assert faiss_index.problems() == []


def test_a_file_that_is_no_segment_is_refused(tmp_path: Path) -> None:
    info = write_segment(tmp_path, postings(np.random.default_rng(0), 120))
    (tmp_path / info.file).write_bytes(b"x" * info.bytes)
    with pytest.raises(UnreadableFileError, match="damaged"):
        OpenSegment(tmp_path, info)


def test_the_index_of_an_older_version_is_built_again(catalogue: Catalogue, tmp_path: Path) -> None:
    index = FaissIndex(catalogue, tmp_path / "index")
    known = learn(catalogue, index, 0)
    with catalogue.database.write():  # as the step from that version leaves it
        catalogue.database.execute("DELETE FROM index_segment")
        catalogue.database.execute("INSERT INTO meta VALUES ('index_is_old', '')")
    index = FaissIndex(catalogue, tmp_path / "index")
    index.renew()
    found = index.search(looked_up(0), 1)
    assert (found.footage == known).mean() > 0.95
    assert index.problems() == []

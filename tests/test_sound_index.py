"""Known sound is found, all of it and nothing else, whatever state the file of sound is in."""

from __future__ import annotations

import multiprocessing
import os
import signal
import tempfile
import threading
import tracemalloc
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from archive_factory import make_fingerprint, make_footage, store
from hypothesis import given, settings
from hypothesis import strategies as st

from provenance.archive import Archive, listed_files, sound_index, sound_store
from provenance.archive.catalogue import Catalogue
from provenance.archive.connection import Database
from provenance.archive.listed_files import ListedFiles
from provenance.archive.sound_file import SOUND
from provenance.archive.sound_index import KEY_SHIFT, NEAR, SoundHits, SoundIndex
from provenance.archive.sound_store import SoundFiles
from provenance.errors import ArchiveDamagedError
from provenance.fingerprints.sound import Heard, fingerprint_of
from provenance.settings import Settings

Codes = npt.NDArray[np.uint32]
Hits = set[tuple[int, int, int]]
spawn = multiprocessing.get_context("spawn")


class Kept:
    """An archive's sound: its catalogue, its file, and what it ought to hold."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        path = folder / "catalogue.sqlite"
        self.catalogue = Catalogue(Database(path, str(folder), create=True))
        self.files = SoundFiles(self.catalogue, folder / "index")
        self.known: dict[int, Codes] = {}

    def learn(self, codes: Codes, *, late: int | None = None, tidy: bool = True) -> int:
        """Add sound; `late`: to this footage, which was added without."""
        with self.catalogue.database.write():
            self.files.sweep()
            added = self.silent() if late is None else late
            self.catalogue.insert_sound(added, "heard", codes)
        if tidy:
            self.files.tidy()
        self.known[added] = codes
        return added

    def silent(self) -> int:
        """Add footage whose sound was not read."""
        (last,) = self.catalogue.database.row("SELECT coalesce(max(id), 0) FROM footage")
        bare = make_fingerprint(0, frames=1, features=0)
        return self.catalogue.insert_footage(make_footage(last), bare, [])

    def remove(self, footage: int) -> None:
        with self.catalogue.database.write():
            self.catalogue.delete_footage(footage)
            self.files.removed()
        del self.known[footage]

    def index(self) -> SoundIndex:
        return SoundIndex(self.catalogue, self.folder / "index")

    @property
    def paths(self) -> list[Path]:
        return SOUND.files(self.folder / "index")


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Kept]:
    kept = Kept(tmp_path)
    yield kept
    kept.catalogue.database.close()


def items(seed: int, count: int = 40) -> Codes:
    return np.random.default_rng(seed).integers(0, 1 << 32, count, np.uint32)


def as_set(hits: SoundHits) -> Hits:
    triples = list(zip(hits.query.tolist(), hits.footage.tolist(), hits.item.tolist(), strict=True))
    assert len(triples) == len(set(triples))
    return set(triples)


def slowly(known: dict[int, Codes], wanted: Codes, key_flips: int, most: int) -> Hits:
    """What ought to be found, one pair of items after the other."""
    found: Hits = set()
    for query, code in enumerate(wanted.tolist()):
        near: dict[int, Hits] = {distance: set() for distance in range(NEAR + 1)}
        for footage, codes in known.items():
            for place, other in enumerate(codes.tolist()):
                differ = code ^ other
                if (differ >> KEY_SHIFT).bit_count() <= key_flips and differ.bit_count() <= NEAR:
                    near[differ.bit_count()].add((query, footage, place))
        total = 0
        for distance, hits in near.items():
            total += len(hits)
            if total <= most or distance == 0:
                found |= hits
    return found


BASES = np.array([0, 0xFFFFFFFF, 0x0F0F1234, 0xA5A5A5A5], np.uint32)
sounds = st.lists(
    st.tuples(st.integers(0, 3), st.sampled_from([0, 0, 1, 6, 0x300, 1 << 20, 0x1F0, 3 << 30])),
    max_size=9,
).map(lambda told: np.array([BASES[base] ^ np.uint32(flip) for base, flip in told], np.uint32))
steps = st.lists(
    st.one_of(
        st.tuples(st.just("learn"), sounds),
        st.tuples(st.just("learn late"), sounds),
        st.tuples(st.just("remove"), st.integers(0, 9)),
        st.tuples(st.sampled_from(["compact", "tidy", "lose the file", "repair"]), st.none()),
    ),
    min_size=3,
    max_size=9,
)


@settings(max_examples=25)
@given(steps=steps, wanted=sounds, key_flips=st.integers(0, 1))
def test_whatever_happened_before_the_answer_is_that_of_reading_everything(
    steps: list[tuple[str, Any]], wanted: Codes, key_flips: int
) -> None:
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(sound_index, "MOST_HITS", 6)  # all bounds within reach of a few items
        patch.setattr(sound_index, "_TIDY_AT", 7)
        patch.setattr(sound_index, "_CHUNK", 3)
        patch.setattr(sound_index, "_JOINED", 4)
        patch.setattr(sound_store, "OUTSIDE", 5)
        patch.setattr(sound_store, "_READ_AT_ONCE", 4)
        kept = Kept(Path(folder))
        kept.catalogue.database.execute("PRAGMA synchronous = OFF")
        late = [kept.silent() for _ in range(3)]
        old = kept.index()
        for what, given_ in steps:
            if what == "learn" or (what == "learn late" and not late):
                kept.learn(given_)
            elif what == "learn late":
                kept.learn(given_, late=late.pop())
            elif what == "remove" and kept.known:
                kept.remove(sorted(kept.known)[given_ % len(kept.known)])
            elif what == "compact":
                kept.files.compact()
                assert len(kept.paths) == bool(kept.known)
            elif what == "tidy":
                kept.files.tidy()
            elif what == "lose the file" and kept.paths:
                kept.paths[0].unlink()
            elif what == "repair":
                kept.files.repair()
                assert kept.files.problems() == []
            expected = slowly(kept.known, wanted, key_flips, most=6)
            assert as_set(old.search(wanted, key_flips)) == expected
            assert as_set(kept.index().search(wanted, key_flips)) == expected
        kept.catalogue.database.close()


def test_a_file_is_written_once_much_lies_outside_of_it(
    kept: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sound_store, "OUTSIDE", 100)
    for seed in range(2):
        kept.learn(items(seed, 50))
    assert kept.paths == []
    kept.learn(items(2, 900))
    (first,) = kept.paths
    for seed in range(3, 7):
        kept.learn(items(seed, 60))
        assert kept.paths == [first]  # 240 are not yet a quarter of 1000
    kept.learn(items(7, 60))
    (second,) = kept.paths
    assert second != first
    assert as_set(kept.index().search(items(7, 60), 0)) >= {(n, 8, n) for n in range(60)}


def test_after_compacting_no_file_holds_anything_of_removed_footage(kept: Kept) -> None:
    ids = [kept.learn(items(seed)) for seed in range(3)]
    kept.files.compact()
    kept.remove(ids[1])
    assert items(1).tobytes() in kept.paths[0].read_bytes()
    assert as_set(kept.index().search(items(1), 0)) == set()
    kept.files.compact()
    (path,) = kept.paths
    content = path.read_bytes()
    assert items(0).tobytes() + items(2).tobytes() in content
    assert not any(code.tobytes() in content for code in items(1))
    kept.remove(ids[0])
    assert kept.paths == [path]
    kept.remove(ids[2])  # nothing is left that the file would be kept for
    assert kept.paths == []
    assert kept.files.problems() == []
    assert as_set(kept.index().search(items(0), 0)) == set()


def test_compacting_twice_writes_nothing_the_second_time(kept: Kept) -> None:
    kept.learn(items(0))
    kept.files.compact()
    before = kept.paths
    kept.files.compact()
    assert kept.paths == before


def lose(path: Path) -> None:
    path.unlink()


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-4])


def empty(path: Path) -> None:
    path.write_bytes(b"")


def misname(path: Path) -> None:
    """Another footage in the head."""
    content = bytearray(path.read_bytes())
    content[24] ^= 1
    path.write_bytes(content)


@pytest.mark.parametrize("damage", [lose, cut, empty, misname])
def test_a_file_that_cannot_be_read_shortens_no_answer_and_is_made_good(
    kept: Kept, damage: Callable[[Path], None]
) -> None:
    for seed in range(3):
        kept.learn(items(seed))
    kept.files.compact()
    (path,) = kept.paths
    damage(path)
    assert as_set(kept.index().search(items(1), 0)) >= {(n, 2, n) for n in range(40)}
    (problem,) = kept.files.problems()
    assert str(path) in problem
    assert ("missing" if damage is lose else "damaged") in problem
    done = kept.files.repair()
    assert str(path) in done[0]
    assert "from the catalogue" in done[1]
    assert kept.files.problems() == []
    assert kept.paths != [path]
    assert len(kept.paths) == 1
    assert as_set(kept.index().search(items(1), 0)) >= {(n, 2, n) for n in range(40)}


def test_a_changed_item_is_found_by_the_full_check(kept: Kept) -> None:
    kept.learn(items(0))
    kept.files.compact()
    (path,) = kept.paths
    path.write_bytes(path.read_bytes()[:-4] + b"evil")
    assert "damaged" in kept.files.problems()[0]
    kept.files.repair()
    assert kept.files.problems() == []
    assert items(0).tobytes() in kept.paths[0].read_bytes()


def test_sound_whose_row_is_damaged_hinders_no_repair_of_the_file(kept: Kept) -> None:
    kept.learn(items(0))
    kept.files.compact()
    kept.paths[0].unlink()
    kept.catalogue.database.execute("UPDATE sound SET codes = x'00'")
    (done,) = kept.files.repair()
    assert "Dropped" in done
    with pytest.raises(ArchiveDamagedError, match="footage 1"):
        kept.index().search(items(0), 0)


def test_an_undone_writing_leaves_the_file_as_it_was(
    kept: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept.learn(items(0))
    kept.files.compact()
    before = kept.paths
    kept.learn(items(1))

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(listed_files, "now", interrupted)  # when the file is there, before its row
        with pytest.raises(KeyboardInterrupt):
            kept.files.compact()
    assert kept.paths == before
    assert kept.files.problems() == []


def heard(seed: int, count: int = 40) -> Heard:
    return Heard("heard", fingerprint_of(items(seed, count)))


def add(archive: Archive, seed: int) -> int:
    """Store footage of which only the sound is known."""
    bare = make_fingerprint(0, frames=1, features=0)
    return store(archive, seed, fingerprint=bare, sound=heard(seed)).footage.id


def opened(folder: Path) -> Archive:
    return Archive.open(folder, settings=Settings())


def compact_and_die(folder: Path) -> None:
    """Die as by `kill -9` when the file of sound is written and nothing is committed."""
    ListedFiles._list = lambda *_: os.kill(os.getpid(), signal.SIGKILL)  # type: ignore
    with opened(folder) as archive:
        archive.compact()


def test_a_killed_writer_leaves_one_file_that_the_next_addition_deletes(tmp_path: Path) -> None:
    with opened(tmp_path) as archive:
        add(archive, 0)
    process = spawn.Process(target=compact_and_die, args=(tmp_path,))
    process.start()
    process.join(60)
    assert process.exitcode == -signal.SIGKILL
    (left,) = SOUND.files(tmp_path / "index")
    with opened(tmp_path) as archive:
        assert as_set(archive.search_sound(items(0), roughly=True)) >= {(0, 1, 0)}
        (problem,) = archive.check_soundness()
        assert str(left) in problem
        add(archive, 1)
        assert not SOUND.files(tmp_path / "index")
        assert archive.check_soundness() == []


def search_all_the_time(flag: Path, folder: Path, ready: Any, answers: Any) -> None:
    """Every answer must name each item of footage 1, and never footage 2 for its own place."""
    rounds, lost = 0, 0
    with opened(folder) as archive:
        while flag.exists() or not rounds:
            found = as_set(archive.search_sound(items(0), roughly=True))
            lost += not found >= {(n, 1, n) for n in range(40)}
            rounds += 1
            ready.set()
    answers.put((rounds, lost))


def test_a_process_that_searches_loses_nothing_while_another_writes(tmp_path: Path) -> None:
    folder, flag = tmp_path / "archive", tmp_path / "flag"
    flag.touch()
    with opened(folder) as archive:
        add(archive, 0)
        answers, ready = spawn.Queue(), spawn.Event()
        reader = spawn.Process(target=search_all_the_time, args=(flag, folder, ready, answers))
        reader.start()
        assert ready.wait(60)
        for seed in range(1, 5):
            added = add(archive, seed)
            archive.compact()
            if seed % 2:
                archive.remove(added)
                archive.compact()
        flag.unlink()
        rounds, lost = answers.get(timeout=60)
        reader.join(60)
        assert (lost, rounds > 1) == (0, True)
        assert archive.check_soundness() == []
        assert len(SOUND.files(folder / "index")) == 1


def test_threads_find_the_same(tmp_path: Path) -> None:
    with opened(tmp_path) as archive, ThreadPoolExecutor(4) as pool:
        for seed in range(3):
            add(archive, seed)
        found = list(pool.map(lambda _: as_set(archive.search_sound(items(1))), range(8)))
        assert all(one == found[0] for one in found)
        assert found[0] >= {(n, 2, n) for n in range(40)}


def test_the_rest_of_the_archive_answers_while_sound_is_being_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reading, go_on = threading.Event(), threading.Event()
    read = SoundFiles.read

    def slow(self: SoundFiles, *given_: Any) -> Any:
        reading.set()
        assert go_on.wait(30)
        return read(self, *given_)

    monkeypatch.setattr(SoundFiles, "read", slow)
    with opened(tmp_path) as archive, ThreadPoolExecutor(1) as pool:
        store(archive, 0, sound=heard(0))
        found = pool.submit(archive.search_sound, items(0))
        assert reading.wait(30)
        assert len(archive.fingerprint(1).times)
        assert archive.search(make_fingerprint(0).descriptors[:5], 1).footage.max() == 1
        go_on.set()
        assert len(found.result(30).item)


def test_neither_writing_nor_searching_holds_all_items_in_memory(
    kept: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sound_store, "_READ_AT_ONCE", 1 << 14)
    for seed in range(40):
        kept.learn(items(seed, 1 << 17), tidy=False)
    whole = 40 * 4 << 17
    index = kept.index()
    for work in (kept.files.compact, lambda: index.search(items(0, 3), 0)):
        tracemalloc.start()
        work()
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert most < whole / 2


def test_what_is_asked_of_all_footage_reads_no_items(kept: Kept) -> None:
    asked: list[str] = []
    kept.catalogue.database._connection.set_trace_callback(asked.append)
    kept.catalogue.heard()
    kept.catalogue.has_sound()
    kept.catalogue.sound_stamp()
    kept.catalogue.database._connection.set_trace_callback(None)
    assert len(asked) == 3
    for sql in asked:
        plan = [row[3] for row in kept.catalogue.database.rows(f"EXPLAIN QUERY PLAN {sql}")]
        touching = [step for step in plan if step.endswith(" sound") or " sound " in step]
        assert all("COVERING INDEX" in step for step in touching), plan
        assert not any("SCAN sound" in step for step in plan)


def test_an_archive_of_before_there_was_a_file_is_found_in_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from provenance.archive import migrations

    step = [one.__name__ for one in migrations.MIGRATIONS].index("sound_file")
    with monkeypatch.context() as patch:
        patch.setattr(migrations, "MIGRATIONS", migrations.MIGRATIONS[:step])
        patch.setattr(migrations, "KNOWN_VERSION", step)
        old = Kept(tmp_path)
        old.catalogue.insert_sound(old.silent(), "heard", items(0))
        old.catalogue.database.close()
    kept = Kept(tmp_path)
    assert as_set(kept.index().search(items(0), 0)) >= {(n, 1, n) for n in range(40)}
    kept.files.compact()
    assert as_set(kept.index().search(items(0), 0)) >= {(n, 1, n) for n in range(40)}


def test_a_lost_catalogue_beside_a_file_of_sound_is_no_new_archive(tmp_path: Path) -> None:
    with opened(tmp_path) as archive:
        add(archive, 0)
        archive.compact()
    assert [path.suffix for path in (tmp_path / "index").iterdir()] == [".sound"]
    for path in tmp_path.glob("catalogue.sqlite*"):
        path.unlink()
    with opened(tmp_path) as archive, pytest.raises(ArchiveDamagedError, match="missing or empty"):
        store(archive, 0)

"""The archive as the rest of the program sees it."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from archive_factory import indexed, make_fingerprint, make_footage, store

from provenance.archive import Archive, listed_files
from provenance.dates import When
from provenance.errors import (
    ArchiveDamagedError,
    ArchiveError,
    ArchiveNotFoundError,
    InterruptedWorkError,
    UnknownFootageError,
    UsageError,
)
from provenance.fingerprints.codebook import CodedFeatures
from provenance.models import Appearance
from provenance.progress import Callback, ProgressEvent
from provenance.settings import Settings

MARKER = b"to-be-forgotten-2b7e"


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    return Archive.open(tmp_path / "archive", settings=Settings())


def found(archive: Archive, seed: int) -> set[int]:
    nearest = archive.search(indexed(make_fingerprint(seed)), 1)
    return {int(n) for n in nearest.footage[nearest.similarity > 0.8]}


def bytes_of(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())


def test_opening_touches_nothing(tmp_path: Path) -> None:
    archive = Archive.open(tmp_path / "archive", settings=Settings())
    assert not archive.exists
    assert not (tmp_path / "archive").exists()
    assert archive.location == str(tmp_path / "archive")


def test_reading_where_no_archive_is_says_so_and_creates_none(archive: Archive) -> None:
    for ask in (archive.state, archive.footages, archive.rejected, archive.check_soundness):
        with pytest.raises(ArchiveNotFoundError, match="no archive"):
            ask()
    with pytest.raises(ArchiveNotFoundError):
        archive.search(make_fingerprint(0).descriptors)
    assert not archive.exists


def test_storing_creates_the_archive_and_its_folders(tmp_path: Path) -> None:
    with Archive.open(tmp_path / "a" / "b", settings=Settings()) as archive:
        added = store(archive, 0)
        assert added.new
        assert archive.exists
        assert archive.state().footages == 1


def test_what_was_stored_is_there_when_the_archive_is_opened_again(archive: Archive) -> None:
    footage = store(archive, 0).footage
    archive.close()
    with Archive.open(archive.location, settings=Settings()) as again:
        assert again.footage(footage.id) == footage
        assert found(again, 0) == {footage.id}
        assert again.check_soundness() == []


def test_a_closed_archive_opens_again_by_itself(archive: Archive) -> None:
    store(archive, 0)
    archive.close()
    assert archive.state().footages == 1


def test_the_settings_name_the_archive(tmp_path: Path) -> None:
    settings = Settings(archive=str(tmp_path / "named"))
    assert Archive.open(settings=settings).location == str(tmp_path / "named")
    assert Archive.open(tmp_path / "b", settings=settings).location == str(tmp_path / "b")


@pytest.mark.parametrize(
    "location", ["http://127.0.0.1:8000/", "https://example.org/a", "postgres://db/archive"]
)
def test_an_address_is_no_archive_yet(location: str) -> None:
    with pytest.raises(UsageError, match="directory"):
        Archive.open(location, settings=Settings())
    with pytest.raises(UsageError, match="directory"):
        Archive.open(settings=Settings(archive=location))


def test_a_file_in_place_of_the_archive_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(ArchiveError, match="file"):
        store(Archive.open(tmp_path / "file", settings=Settings()), 0)


def test_the_same_bytes_get_another_appearance_and_no_copy(archive: Archive) -> None:
    first = store(archive, 0, Appearance(url="https://example.org/1"))
    again = store(archive, 0, Appearance(url="https://example.org/2"), location="elsewhere.mp4")
    assert (first.new, again.new) == (True, False)
    assert again.footage.id == first.footage.id
    assert [a.url for a in again.footage.appearances] == [
        "https://example.org/1",
        "https://example.org/2",
    ]
    assert again.footage.location == first.footage.location
    assert archive.state().footages == 1


def test_a_correction_is_kept_with_its_past(archive: Archive) -> None:
    footage = store(archive, 0, Appearance(title="Film 0", place="Kyiv", note="a")).footage
    edited = archive.edit(footage.id, published="2019-05-02", place="Kherson", note=None)
    (appearance,) = edited.appearances
    assert appearance.published == When.parse("2019-05-02")
    assert (appearance.basis, appearance.place, appearance.note) == ("declared", "Kherson", None)
    assert appearance.title == "Film 0"
    (change,) = archive.history(footage.id)
    assert change.before == footage.appearances[0]


def test_a_correction_that_changes_nothing_leaves_no_trace(archive: Archive) -> None:
    footage = store(archive, 0, Appearance(place="Kyiv")).footage
    assert archive.edit(footage.id, place="Kyiv") == footage
    assert archive.history(footage.id) == []


def test_one_of_several_appearances_must_be_named(archive: Archive) -> None:
    store(archive, 0, Appearance(note="first"))
    footage = store(archive, 0, Appearance(note="second")).footage
    first, second = footage.appearances
    with pytest.raises(UsageError, match="several appearances") as raised:
        archive.edit(footage.id, note="x")
    assert str(first.id) in raised.value.hint
    edited = archive.edit(footage.id, second.id, note="x")
    assert [a.note for a in edited.appearances] == ["first", "x"]
    with pytest.raises(UsageError, match="no appearance 99"):
        archive.edit(footage.id, 99, note="x")
    with pytest.raises(UsageError, match="not a date"):
        archive.edit(footage.id, first.id, published="last spring")
    with pytest.raises(UnknownFootageError):
        archive.edit(99, note="x")


def test_removed_footage_is_in_no_file_once_it_is_compacted(archive: Archive) -> None:
    kept = store(archive, 1).footage
    word = MARKER.decode()
    removed = store(
        archive,
        0,
        Appearance(title=word, url=f"https://example.org/{word}", note=word),
        make_fingerprint(0, picture=b"picture " + MARKER),
        title=word,
        location=f"/films/{word}.mp4",
    ).footage
    archive.edit(removed.id, note="corrected")
    archive.reject(removed.id, kept.id)
    folder = Path(archive.location)
    code = CodedFeatures.of(make_fingerprint(0).descriptors[:]).codes[7:9].tobytes()
    traces = (MARKER, b"thumbnail 0 at", code, removed.sha256.encode())
    assert all(trace in bytes_of(folder) for trace in traces)

    archive.remove(removed.id)
    assert found(archive, 0) == set()
    archive.compact()
    assert not [trace for trace in traces if trace in bytes_of(folder)]
    assert b"thumbnail 1 at" in bytes_of(folder)
    assert [f.id for f in archive.footages()] == [kept.id]
    assert found(archive, 0) == set()
    assert found(archive, 1) == {kept.id}
    assert archive.check_soundness() == []
    with pytest.raises(UnknownFootageError):
        archive.remove(removed.id)


def test_compacting_gives_the_room_of_removed_footage_back_at_once(archive: Archive) -> None:
    """Not only when the last program closes the archive: the command says what it takes now."""
    for number in range(6):
        store(archive, number, fingerprint=make_fingerprint(number, picture=bytes(50_000)))
    for number in range(1, 6):
        archive.remove(number)
    before = archive.bytes_on_disk()
    archive.compact()
    after = archive.bytes_on_disk()
    archive.close()
    assert after < before / 3
    assert after - archive.bytes_on_disk() < 50_000  # the log's own small index


def test_compacting_tells_how_far_it_is_and_can_be_stopped(archive: Archive) -> None:
    for number in range(3):
        store(archive, number)
    stop = threading.Event()
    told: list[ProgressEvent] = []

    def take(event: ProgressEvent) -> None:
        told.append(event)
        if event.done:
            stop.set()

    with pytest.raises(InterruptedWorkError):
        archive.compact(progress=Callback(take, cancelled=stop.is_set))
    assert archive.check_soundness() == []
    assert len(list(Path(archive.location, "index").iterdir())) == 3
    told.clear()
    archive.compact(progress=Callback(told.append))
    shares = [event.share for event in told if event.total]
    assert shares == sorted(shares)
    assert (shares[0], shares[-1]) == (0.0, 1.0)
    assert len(list(Path(archive.location, "index").iterdir())) == 1
    assert [found(archive, number) for number in range(3)] == [{1}, {2}, {3}]


@pytest.mark.parametrize("look", [Archive.check_soundness, Archive.repair])
def test_a_look_whether_all_is_sound_tells_how_far_it_is_and_can_be_stopped(
    archive: Archive, look: Callable[..., list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listed_files, "_READ_AT_ONCE", 1000)
    for number in range(3):
        store(archive, number)
    index = Path(archive.location, "index")
    size = sum(file.stat().st_size for file in index.iterdir())
    told: list[ProgressEvent] = []
    assert look(archive, progress=Callback(told.append)) == []
    read = [event for event in told if event.total]
    assert {event.total for event in read} == {size}
    assert (read[0].done, read[-1].done) == (0, size)
    assert len(read) > size / 1000
    stop = threading.Event()
    told.clear()

    def take(event: ProgressEvent) -> None:
        told.append(event)
        if event.total and event.done:
            stop.set()

    with pytest.raises(InterruptedWorkError):
        look(archive, progress=Callback(take, cancelled=stop.is_set))
    assert len(list(index.iterdir())) == 3
    assert [found(archive, number) for number in range(3)] == [{1}, {2}, {3}]


def test_the_room_it_takes_is_told_while_files_come_and_go(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    store(archive, 0)
    usual = Path.stat

    def gone(path: Path, **options: bool) -> os.stat_result:
        if path.parent.name == "index":
            raise FileNotFoundError(path)
        return usual(path, **options)

    monkeypatch.setattr(Path, "stat", gone)
    assert archive.bytes_on_disk() > 0


def test_the_last_footage_can_be_removed(archive: Archive) -> None:
    archive.remove(store(archive, 0).footage.id)
    assert archive.state().footages == 0
    assert not list(Path(archive.location, "index").iterdir())
    assert archive.check_soundness() == []


def test_removed_footage_can_be_added_anew(archive: Archive) -> None:
    first = store(archive, 0).footage
    archive.remove(first.id)
    again = store(archive, 0)
    assert again.new
    assert again.footage.id != first.id
    assert found(archive, 0) == {again.footage.id}


def test_a_rejected_pair_counts_in_both_directions(archive: Archive) -> None:
    a, b, c = (store(archive, seed).footage for seed in range(3))
    archive.reject(a.id, b.id)
    archive.reject(b.id, a.id)
    assert archive.rejected_for(a.sha256) == {b.id}
    assert archive.rejected_for(b.sha256) == {a.id}
    assert archive.rejected_for(c.sha256) == set()
    assert archive.rejected() == [(a.id, b.sha256), (b.id, a.sha256)]


def test_a_checked_source_can_be_rejected_by_its_bytes(archive: Archive) -> None:
    footage, source = store(archive, 0).footage, make_footage(77).sha256
    archive.reject(footage.id, source)
    assert archive.rejected_for(source) == {footage.id}


def test_a_rejection_needs_two_things_one_of_them_known(archive: Archive) -> None:
    footage = store(archive, 0).footage
    with pytest.raises(UsageError, match="the same footage"):
        archive.reject(footage.id, footage.id)
    with pytest.raises(UsageError, match="the same footage"):
        archive.reject(footage.id, footage.sha256)
    with pytest.raises(UnknownFootageError):
        archive.reject(footage.id, 99)
    with pytest.raises(UsageError, match="neither an id nor a SHA-256"):
        archive.reject(footage.id, "abc")
    with pytest.raises(UsageError, match="Neither"):
        archive.reject(make_footage(8).sha256, make_footage(9).sha256)
    assert archive.rejected() == []


def test_removing_footage_ends_its_rejections(archive: Archive) -> None:
    a, b = (store(archive, seed).footage for seed in range(2))
    archive.reject(a.id, b.id)
    archive.remove(b.id)
    assert archive.rejected() == []


def test_thumbnails_are_given_for_moments(archive: Archive) -> None:
    footage = store(archive, 0).footage
    first, second = archive.thumbnails(footage.id, [0.4, 4.6])
    assert first
    assert second
    assert (first.jpeg, second.jpeg) == (b"thumbnail 0 at 0", b"thumbnail 0 at 5")


def test_opening_an_archive_reads_none_of_its_index(archive: Archive) -> None:
    """What it costs to open one does not grow with its size; how little it is, is measured."""
    for seed in range(6):
        store(archive, seed)
    archive.close()
    index = Path(archive.location, "index")
    index.rename(index.with_name("away"))
    with Archive.open(archive.location, settings=Settings()) as again:
        assert again.state().footages == 6
        with pytest.raises(ArchiveDamagedError):
            found(again, 0)


@pytest.mark.parametrize("damage", ["missing", "empty"])
def test_a_lost_catalogue_is_no_empty_archive(archive: Archive, damage: str) -> None:
    store(archive, 0)
    archive.close()
    path = Path(archive.location, "catalogue.sqlite")
    path.write_bytes(b"")
    if damage == "missing":
        path.unlink()
    with pytest.raises(ArchiveDamagedError, match="missing or empty"):
        archive.state()
    with pytest.raises(ArchiveDamagedError, match="missing or empty"):
        store(archive, 1)
    assert archive.check_soundness()


def test_a_damaged_catalogue_is_said_in_words(archive: Archive) -> None:
    for seed in range(4):
        store(archive, seed)
    archive.close()
    path = Path(archive.location, "catalogue.sqlite")
    content = bytearray(path.read_bytes())
    for page in range(4096 * 3, len(content) - 4096, 4096):
        content[page : page + 64] = b"\xff" * 64
    path.write_bytes(content)
    assert any("damaged" in problem for problem in archive.check_soundness())
    with pytest.raises(ArchiveDamagedError) as raised:
        archive.repair()
    assert "backup" in raised.value.hint


def test_a_sound_archive_needs_no_repair(archive: Archive) -> None:
    store(archive, 0)
    assert archive.check_soundness() == []
    assert archive.repair() == []


def test_repair_builds_the_whole_index_from_the_catalogue(archive: Archive) -> None:
    ids = [store(archive, seed).footage.id for seed in range(3)]
    archive.close()
    for path in Path(archive.location, "index").iterdir():
        path.unlink()
    assert len(archive.check_soundness()) == 3
    done = archive.repair()
    assert any("Indexed 3 footages" in sentence for sentence in done)
    assert archive.check_soundness() == []
    assert [found(archive, seed) for seed in range(3)] == [{i} for i in ids]


def test_a_broken_fingerprint_is_named(archive: Archive) -> None:
    footage = store(archive, 0).footage
    archive._catalogue().database.execute("UPDATE fingerprint SET times = x'00'")
    assert archive.check_soundness() == [
        f"The fingerprint of footage {footage.id} is damaged: remove it and add it again."
    ]
    archive.remove(footage.id)
    assert archive.check_soundness() == []

"""The catalogue: what goes in comes out, corrections are remembered, newer versions left alone."""

from __future__ import annotations

import sqlite3
import threading
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from archive_factory import make_fingerprint, make_footage

from provenance.archive import connection, migrations
from provenance.archive.catalogue import Catalogue
from provenance.archive.connection import Database
from provenance.dates import When
from provenance.errors import (
    ArchiveDamagedError,
    ArchiveError,
    ArchiveNotFoundError,
    ArchiveVersionError,
    UnknownFootageError,
    UsageError,
)
from provenance.models import Appearance, Thumbnail


def opened(folder: Path) -> Catalogue:
    return Catalogue(Database(folder / "catalogue.sqlite", str(folder), create=True))


@pytest.fixture
def catalogue(tmp_path: Path) -> Catalogue:
    return opened(tmp_path)


def insert(catalogue: Catalogue, seed: int = 0, *appearances: Appearance) -> int:
    with catalogue.database.write():
        footage_id = catalogue.insert_footage(make_footage(seed), make_fingerprint(seed), [])
        for appearance in appearances:
            catalogue.insert_appearance(footage_id, appearance)
    return footage_id


def test_footage_comes_out_as_it_went_in(catalogue: Catalogue) -> None:
    footage_id = insert(catalogue, 3)
    footage = catalogue.footage(footage_id)
    told = make_footage(3)
    for name in ("location", "sha256", "title", "duration", "width", "height", "fps"):
        assert getattr(footage, name) == getattr(told, name)
    assert footage.added_at
    assert footage.added_at.precision == "second"
    assert footage.added_at.zone == "Z"
    assert catalogue.by_sha256(told.sha256) == footage
    assert list(catalogue.footages()) == [footage]


@pytest.mark.parametrize(
    "published",
    ["2019", "2019-05", "2019-05-02", "2019-05-02T10:00:00", "2019-05-02T10:00:00Z", "0985-01-01"],
)
def test_a_date_keeps_its_precision(catalogue: Catalogue, published: str) -> None:
    appearance = Appearance(published=When.parse(published), basis="declared")
    footage = catalogue.footage(insert(catalogue, 0, appearance))
    assert footage.appearances[0].published == When.parse(published)


def test_a_date_keeps_the_zone_it_came_with(catalogue: Catalogue) -> None:
    when = When.parse("2019-05-02T10:00:00+05:30")
    footage = catalogue.footage(insert(catalogue, 0, Appearance(published=when, basis="platform")))
    assert footage.appearances[0].published == when
    assert footage.appearances[0].published.zone == "+05:30"
    assert footage.appearances[0].published.value == "2019-05-02T04:30:00Z"


def test_an_appearance_keeps_every_field(catalogue: Catalogue) -> None:
    appearance = Appearance(
        url="https://example.org/v",
        platform="Example",
        published=When.parse("2019-05-02"),
        basis="archived",
        title="„Titel“ 🎬",
        uploader="somebody",
        place="Kherson, Ukraine",
        note="a note",
        fact_check="https://example.org/check",
        remembered_sha256="0" * 64,
    )
    (stored,) = catalogue.footage(insert(catalogue, 0, appearance)).appearances
    assert stored.id > 0
    assert stored == Appearance(**{**vars(appearance), "id": stored.id})


def test_a_fingerprint_comes_out_about_as_it_went_in(catalogue: Catalogue) -> None:
    stored, told = catalogue.fingerprint(insert(catalogue, 4)), make_fingerprint(4)
    for name in ("times", "frame"):
        got, wanted = getattr(stored, name), getattr(told, name)
        assert got.dtype == wanted.dtype
        assert np.array_equal(got, wanted)
    assert stored.points == pytest.approx(told.points, abs=0.05)  # pixels
    assert np.maximum(stored.scales, 1) == pytest.approx(np.maximum(told.scales, 1), rel=0.02)
    assert stored.angles == pytest.approx(told.angles, abs=0.013)
    cosine = (stored.descriptors[:].astype(float) * told.descriptors[:]).sum(axis=1) / 512**2
    assert cosine.min() > 0.95
    assert (stored.width, stored.height) == (told.width, told.height)
    assert stored.pictures == told.pictures


@pytest.mark.parametrize("angle", [-3.2, -0.01, 0.0, 3.1415, 6.28, 7.0])
def test_angles_are_kept_whatever_turn_they_are_counted_in(
    catalogue: Catalogue, angle: float
) -> None:
    told = make_fingerprint(0, frames=1, features=1)
    told = replace(told, angles=np.array([angle], np.float32))
    with catalogue.database.write():
        footage_id = catalogue.insert_footage(make_footage(0), told, [])
    kept = float(catalogue.fingerprint(footage_id).angles[0])
    assert np.cos(kept - angle) > 0.9999


def test_features_of_one_frame_are_decoded_without_the_others(catalogue: Catalogue) -> None:
    stored = catalogue.fingerprint(insert(catalogue, 4))
    assert stored.descriptors[20:40].shape == (20, 128)
    assert np.array_equal(stored.descriptors[20:40], stored.descriptors[:][20:40])


def test_a_fingerprint_is_written_in_less_than_30_bytes_a_feature(catalogue: Catalogue) -> None:
    insert(catalogue, 4)
    size = sum(
        len(blob)
        for row in catalogue.database.rows("SELECT counts, words, codes, places FROM fingerprint")
        for blob in row
    )
    assert size < 30 * len(make_fingerprint(4).frame)


def test_a_fingerprint_without_features_is_kept(catalogue: Catalogue) -> None:
    told = make_fingerprint(0, features=0)
    with catalogue.database.write():
        footage_id = catalogue.insert_footage(make_footage(0), told, [])
    stored = catalogue.fingerprint(footage_id)
    assert stored.descriptors[:].shape == (0, 128)
    assert stored.points.shape == (0, 2)
    assert len(stored.times) == 6


def test_footage_without_thumbnails_keeps_no_picture_of_any_kind(catalogue: Catalogue) -> None:
    with catalogue.database.write():
        footage_id = catalogue.insert_footage(
            make_footage(0, has_thumbnails=False), make_fingerprint(0), [Thumbnail(1.0, b"jpeg")]
        )
    assert not catalogue.footage(footage_id).has_thumbnails
    assert catalogue.fingerprint(footage_id).pictures == ()
    assert catalogue.thumbnails(footage_id, [1.0]) == [None]


def test_the_nearest_thumbnail_is_given(catalogue: Catalogue) -> None:
    told = [Thumbnail(float(s), b"%d" % s) for s in (0, 4, 10)]
    with catalogue.database.write():
        footage_id = catalogue.insert_footage(make_footage(0), make_fingerprint(0), told)
    found = catalogue.thumbnails(footage_id, [-1, 1.9, 2.1, 7.5, 99])
    assert [t and t.seconds for t in found] == [0, 0, 4, 10, 10]
    assert found[2] == told[1]


def test_many_footages_are_listed_in_order_without_their_fingerprints(
    catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("provenance.archive.catalogue._PAGE", 3)
    ids = [insert(catalogue, seed, Appearance(note=f"{seed}")) for seed in range(7)]
    catalogue.database.execute("DROP TABLE fingerprint")  # so reading one would fail
    listed = list(catalogue.footages())
    assert [f.id for f in listed] == ids
    assert [f.appearances[0].note for f in listed] == [f"{seed}" for seed in range(7)]


def test_footage_may_be_removed_while_it_is_listed(
    catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("provenance.archive.catalogue._PAGE", 2)
    for seed in range(5):
        insert(catalogue, seed)
    seen = []
    for footage in catalogue.footages():
        seen.append(footage.id)
        with catalogue.database.write():
            catalogue.delete_footage(footage.id)
    assert seen == [1, 2, 3, 4, 5]


def test_an_id_is_never_given_twice(catalogue: Catalogue) -> None:
    first = insert(catalogue, 0, Appearance(note="a"))
    appearance_id = catalogue.footage(first).appearances[0].id
    with catalogue.database.write():
        catalogue.delete_footage(first)
    second = insert(catalogue, 0, Appearance(note="a"))
    assert second > first
    assert catalogue.footage(second).appearances[0].id > appearance_id


def test_an_unknown_id_is_named(catalogue: Catalogue) -> None:
    for ask in (catalogue.footage, catalogue.fingerprint, catalogue.delete_footage):
        with pytest.raises(UnknownFootageError, match="no footage 17"):
            ask(17)
    with pytest.raises(UnknownFootageError):
        catalogue.thumbnails(17, [0.0])
    with pytest.raises(UnknownFootageError):
        catalogue.history(17)


def test_the_same_appearance_is_recorded_once(catalogue: Catalogue) -> None:
    told = Appearance(url="https://example.org", published=When.parse("2019"), basis="declared")
    footage_id = insert(catalogue, 0, told, told)
    assert len(catalogue.footage(footage_id).appearances) == 1
    with catalogue.database.write():
        other = Appearance(**{**vars(told), "published": When.parse("2020")})
        assert catalogue.insert_appearance(footage_id, other)
    assert len(catalogue.footage(footage_id).appearances) == 2


def test_known_by_then_is_no_news_when_it_is_said_again_later(catalogue: Catalogue) -> None:
    first, later = (
        Appearance(published=When.parse(f"{day}T10:00:00Z"), basis="ingested")
        for day in ("2024-01-01", "2024-02-01")
    )
    footage_id = insert(catalogue, 0, first, later)
    (kept,) = catalogue.footage(footage_id).appearances
    assert kept.published == first.published


def test_a_correction_keeps_what_was_said_before(catalogue: Catalogue) -> None:
    said = Appearance(title="Film 0", published=When.parse("2019"), basis="declared")
    footage_id = insert(catalogue, 0, said)
    before = catalogue.footage(footage_id).appearances[0]
    after = Appearance(**{**vars(before), "title": "Another", "published": When.parse("2018")})
    with catalogue.database.write():
        catalogue.change_appearance(footage_id, after)
    assert catalogue.footage(footage_id).appearances == (after,)
    (change,) = catalogue.history(footage_id)
    assert change.before == before
    assert change.changed_at.precision == "second"
    assert catalogue.footage(footage_id).title == "Another"


def test_an_appearance_of_other_footage_cannot_be_corrected(catalogue: Catalogue) -> None:
    insert(catalogue, 0, Appearance(note="a"))
    other = insert(catalogue, 1, Appearance(note="b"))
    with pytest.raises(UsageError, match="Footage 2 has no appearance 1"):
        catalogue.change_appearance(other, Appearance(id=1))


def test_the_state_tells_how_much_and_from_when_to_when(catalogue: Catalogue) -> None:
    assert catalogue.state().footages == 0
    assert catalogue.state().earliest is None
    for seed, published in enumerate(["2019-05", "2020-01-01T00:00:00+02:00", "2012"]):
        insert(catalogue, seed, Appearance(published=When.parse(published), basis="declared"))
    insert(catalogue, 9, Appearance(published=When.parse("2024-01-01"), basis="ingested"))
    state = catalogue.state()
    assert state.footages == 4
    assert state.hours == pytest.approx(4 * 6.24 / 3600)
    assert state.earliest == When.parse("2012")
    assert state.latest == When.parse("2020-01-01T00:00:00+02:00")
    assert state.updated_at


def test_a_fingerprint_that_contradicts_itself_is_refused(catalogue: Catalogue) -> None:
    told = make_fingerprint(0)
    for change in ({"frame": told.frame + 5}, {"scales": told.scales[1:]}, {"pictures": (b"x",)}):
        wrong = type(told)(**{**vars(told), **change})
        with pytest.raises(ValueError, match=r"frames|values|pictures"), catalogue.database.write():
            catalogue.insert_footage(make_footage(0), wrong, [])
    assert catalogue.footage_ids() == []


def test_a_fingerprint_cut_short_is_damage_and_no_crash(catalogue: Catalogue) -> None:
    footage_id = insert(catalogue)
    catalogue.database.execute("UPDATE fingerprint SET codes = x'00'")
    with pytest.raises(ArchiveDamagedError, match="fingerprint of footage 1"):
        catalogue.fingerprint(footage_id)
    with pytest.raises(ArchiveDamagedError):
        catalogue.features(footage_id)


def test_a_failed_write_leaves_nothing(catalogue: Catalogue) -> None:
    undone: list[str] = []

    def fail() -> None:
        with catalogue.database.write():
            catalogue.insert_footage(make_footage(0), make_fingerprint(0), [])
            catalogue.database.after_rollback(lambda: undone.append("undone"))
            catalogue.database.after_commit(lambda: undone.append("committed"))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert undone == ["undone"]
    assert catalogue.footage_ids() == []
    insert(catalogue)


def test_threads_take_turns(catalogue: Catalogue) -> None:
    threads = [threading.Thread(target=insert, args=(catalogue, seed)) for seed in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(catalogue.footage_ids()) == 8


def test_an_archive_of_a_newer_version_is_left_alone(tmp_path: Path) -> None:
    catalogue = opened(tmp_path)
    catalogue.database.execute(
        "INSERT INTO migration (version, name, tool) VALUES (99, 'from_the_future', '7.5')"
    )
    catalogue.database.close()
    with pytest.raises(ArchiveVersionError) as raised:
        opened(tmp_path)
    assert "version 99" in raised.value.message
    assert "7.5" in raised.value.message
    assert "Upgrade" in raised.value.hint
    assert raised.value.exit_code == 5


def test_an_older_archive_is_brought_up_one_recorded_step_at_a_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    insert(opened(tmp_path))

    def add_a_column(connection: sqlite3.Connection) -> None:
        connection.execute("ALTER TABLE footage ADD COLUMN codec TEXT")

    steps = (*migrations.MIGRATIONS, add_a_column)
    monkeypatch.setattr(migrations, "MIGRATIONS", steps)
    monkeypatch.setattr(migrations, "KNOWN_VERSION", len(steps))
    catalogue = opened(tmp_path)
    recorded = catalogue.database.rows("SELECT version, name FROM migration ORDER BY version")
    assert recorded[:3] == [(1, "first_schema"), (2, "sound"), (3, "compact_fingerprints")]
    assert recorded == [(n, step.__name__) for n, step in enumerate(steps, 1)]
    assert catalogue.database.row("SELECT codec FROM footage") == (None,)


def test_whole_descriptors_of_an_older_archive_become_codes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = make_fingerprint(3)
    columns = {
        **{name: getattr(told, name) for name in ("times", "frame", "descriptors")},
        "hashes": np.zeros(len(told.times), np.uint64),
        **{name: getattr(told, name) for name in ("points", "scales", "angles")},
    }
    with monkeypatch.context() as patch:
        patch.setattr(migrations, "MIGRATIONS", migrations.MIGRATIONS[:2])
        patch.setattr(migrations, "KNOWN_VERSION", 2)
        old = opened(tmp_path).database
        for number in (1, 2):
            old.execute(
                "INSERT INTO footage (location, sha256, has_thumbnails, added_at)"
                " VALUES ('film.mp4', ?, 1, '2024-01-01T00:00:00Z')",
                (str(number),),
            )
            old.execute(
                f"INSERT INTO fingerprint (footage_id, format, frames, features, width, height,"
                f" {', '.join(columns)}) VALUES (?, 1, 6, 120, 360, 202, ?, ?, ?, ?, ?, ?, ?)",
                (number, *(values.tobytes() for values in columns.values())),
            )
        old.execute("UPDATE fingerprint SET points = x'00' WHERE footage_id = 2")
        old.close()
    catalogue = opened(tmp_path)
    stored = catalogue.fingerprint(1)
    assert np.array_equal(stored.times, told.times)
    assert np.array_equal(stored.frame, told.frame)
    assert stored.points == pytest.approx(told.points, abs=0.05)
    assert (stored.descriptors[:].astype(float) * told.descriptors).sum(
        axis=1
    ).min() > 0.95 * 512**2
    with pytest.raises(ArchiveDamagedError):  # as it was before
        catalogue.fingerprint(2)


def test_a_step_that_fails_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    insert(opened(tmp_path))

    def half_a_step(connection: sqlite3.Connection) -> None:
        connection.execute("DROP TABLE thumbnail")
        connection.execute("DROP TABLE no_such_table")

    with monkeypatch.context() as patch:
        patch.setattr(migrations, "MIGRATIONS", (*migrations.MIGRATIONS, half_a_step))
        patch.setattr(migrations, "KNOWN_VERSION", len(migrations.MIGRATIONS))
        with pytest.raises(ArchiveError):
            opened(tmp_path)
    catalogue = opened(tmp_path)
    assert catalogue.thumbnails(1, [0.0]) == [None]
    newest = catalogue.database.row("SELECT max(version) FROM migration")[0]
    assert newest == migrations.KNOWN_VERSION


def test_no_archive_is_said_as_such(tmp_path: Path) -> None:
    with pytest.raises(ArchiveNotFoundError, match="no archive at nowhere"):
        Database(tmp_path / "nothing" / "catalogue.sqlite", "nowhere", create=False)
    assert not (tmp_path / "nothing").exists()


@pytest.mark.parametrize(
    "content", [b"This is no database. " * 500, b"SQLite format 3\0" + b"?" * 9000]
)
def test_a_file_that_is_no_database_is_damage(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "catalogue.sqlite").write_bytes(content)
    with pytest.raises(ArchiveDamagedError, match=r"catalogue\.sqlite") as raised:
        opened(tmp_path)
    assert "doctor --repair" in raised.value.hint


def test_another_programs_database_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "catalogue.sqlite"
    with sqlite3.connect(path) as other:
        other.execute("CREATE TABLE pictures (id INTEGER)")
    with pytest.raises(ArchiveDamagedError, match="no archive of provenance"):
        opened(tmp_path)


def test_a_writer_that_does_not_end_is_named_after_the_wait(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    catalogue = opened(tmp_path)
    monkeypatch.setattr(connection, "PATIENCE", 0.1)
    monkeypatch.setattr(connection, "_BUSY_SECONDS", 0.1)
    impatient = opened(tmp_path)
    with (
        catalogue.database.write(),
        pytest.raises(ArchiveError, match="in use by another program"),
        impatient.database.write(),
    ):
        pass


def test_a_reader_is_not_kept_waiting_by_a_writer(tmp_path: Path) -> None:
    catalogue = opened(tmp_path)
    insert(catalogue)
    reader = opened(tmp_path)
    with catalogue.database.write():
        catalogue.insert_footage(make_footage(1), make_fingerprint(1), [])
        assert reader.footage_ids() == [1]
    assert reader.footage_ids() == [1, 2]

"""The catalogue: the truth about what is known, in SQL and nothing else.

Whoever writes opens `catalogue.database.write()` around it, so that rows and index files change
together. Reading methods need nothing around them.
"""

from __future__ import annotations

import datetime as dt
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, cast

from provenance.archive.connection import Database
from provenance.archive.fact_check_rows import with_fact_check
from provenance.archive.links import await_links, cut_link
from provenance.dates import Precision, When
from provenance.errors import UnknownFootageError, UsageError
from provenance.models import Appearance, ArchiveState, Basis, Fingerprint, Footage, Thumbnail

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from provenance.fingerprints.codebook import CodedFeatures

_PAGE = 500  # footages read at once; bounds memory, not meaning
_HEARD_PAGE = 20_000  # rows of two numbers: ten milliseconds

_SAID = (
    *("url", "platform", "published", "precision", "zone", "basis", "published_earliest"),
    *("title", "uploader", "place", "note", "fact_check", "remembered_sha256"),
)
_SAID_LIST = ", ".join(_SAID)
_SAID_MARKS = ", ".join("?" * len(_SAID))
_FOOTAGE_FIELDS = ("id", "location", "sha256", "title", "duration", "width", "height", "fps")
_HASHES_ONLY = "EXISTS (SELECT 1 FROM hash_list WHERE hash_list.footage_id = footage.id)"
_FOOTAGE = ", ".join((*_FOOTAGE_FIELDS, "added_at", "has_thumbnails", _HASHES_ONLY))


@dataclass(frozen=True)
class Change:
    """What an appearance said until `changed_at`."""

    changed_at: When
    before: Appearance


class Catalogue:
    """Footage, its appearances, fingerprints and thumbnails, rejected pairs.

    Methods raise the errors of `Database`; an unknown id raises UnknownFootageError.
    """

    def __init__(self, database: Database) -> None:
        self.database = database

    # Footage

    def insert_footage(
        self,
        footage: Footage,
        fingerprint: Fingerprint,
        thumbnails: Sequence[Thumbnail],
    ) -> int:
        """Write a new footage without its appearances; returns its id. Its own id is ignored.

        Pictures of either kind are kept only where it `has_thumbnails`.
        """
        keep_pictures = footage.has_thumbnails
        footage_id = self.database.execute(
            "INSERT INTO footage (location, sha256, title, duration, width, height, fps,"
            " has_thumbnails, added_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                footage.location,
                footage.sha256,
                footage.title,
                footage.duration,
                footage.width,
                footage.height,
                footage.fps,
                int(keep_pictures),
                now().value,
            ),
        )
        self._insert_fingerprint(footage_id, fingerprint, keep_pictures)
        await_links(self.database, footage_id)
        if keep_pictures:
            self.database.execute_many(
                "INSERT INTO thumbnail (footage_id, seconds, jpeg) VALUES (?, ?, ?)",
                ((footage_id, t.seconds, t.jpeg) for t in thumbnails),
            )
        self.touch()
        return footage_id

    def footage(self, footage_id: int) -> Footage:
        """One footage with its appearances."""
        with self.database.read():
            row = self.database.row(f"SELECT {_FOOTAGE} FROM footage WHERE id = ?", (footage_id,))  # noqa: S608
            if row is None:
                raise self._unknown(footage_id)
            return self._with_appearances([row])[0]

    def by_sha256(self, sha256: str) -> Footage | None:
        """The footage with these bytes."""
        row = self.database.row("SELECT id FROM footage WHERE sha256 = ?", (sha256,))
        return self.footage(row[0]) if row else None

    def footages(self) -> Iterator[Footage]:
        """All footage by rising id; no fingerprint or picture is read. May be changed meanwhile."""
        last = 0
        while True:
            with self.database.read():
                rows = self.database.rows(
                    f"SELECT {_FOOTAGE} FROM footage WHERE id > ? ORDER BY id LIMIT {_PAGE}",  # noqa: S608
                    (last,),
                )
                page = self._with_appearances(rows)
            yield from page
            if len(page) < _PAGE:
                return
            last = page[-1].id

    def footage_ids(self) -> list[int]:
        """All ids, rising."""
        return [row[0] for row in self.database.rows("SELECT id FROM footage ORDER BY id")]

    def addresses(self) -> Iterator[tuple[int, str]]:
        """Where footage was added from or appeared, with its id; nothing that was only checked."""
        yield from self.database.rows(
            "SELECT id, location FROM footage WHERE location LIKE 'http%' UNION "
            "SELECT footage_id, url FROM appearance "
            "WHERE url IS NOT NULL AND remembered_sha256 IS NULL ORDER BY 1"
        )

    def delete_footage(self, footage_id: int) -> None:
        """Delete footage and everything that hangs on it."""
        row = self.database.row("SELECT sha256 FROM footage WHERE id = ?", (footage_id,))
        if row is None:
            raise self._unknown(footage_id)
        self.database.execute("DELETE FROM rejected_pair WHERE sha256 = ?", (row[0],))
        self.database.execute("DELETE FROM footage WHERE id = ?", (footage_id,))
        self.touch()

    # Appearances

    def insert_appearance(self, footage_id: int, appearance: Appearance) -> bool:
        """Record where footage appeared; False when the same is recorded already."""
        appearance = with_fact_check(self.database, appearance)
        if any(_says_the_same(known, appearance) for known in self.footage(footage_id).appearances):
            return False
        self.database.execute(
            f"INSERT INTO appearance (footage_id, {_SAID_LIST}) VALUES (?, {_SAID_MARKS})",  # noqa: S608
            (footage_id, *_said(appearance)),
        )
        self.touch()
        return True

    def change_appearance(self, footage_id: int, appearance: Appearance) -> None:
        """Let an appearance (by its id) say something else, and keep what it said before."""
        before = {a.id: a for a in self.footage(footage_id).appearances}.get(appearance.id)
        if before is None:
            raise UsageError(
                f"Footage {footage_id} has no appearance {appearance.id}.",
                f"`provenance show {footage_id}` lists them.",
            )
        self.database.execute(
            f"INSERT INTO appearance_history (changed_at, appearance_id, {_SAID_LIST})"  # noqa: S608
            f" SELECT ?, id, {_SAID_LIST} FROM appearance WHERE id = ?",
            (now().value, appearance.id),
        )
        self.database.execute(
            f"UPDATE appearance SET ({_SAID_LIST}) = ({_SAID_MARKS}) WHERE id = ?",  # noqa: S608
            (*_said(appearance), appearance.id),
        )
        # A footage is called by its first known title; a correction of that title corrects both.
        self.database.execute(
            "UPDATE footage SET title = ? WHERE id = ? AND title IS ?",
            (appearance.title, footage_id, before.title),
        )
        self.touch()

    def history(self, footage_id: int) -> list[Change]:
        """What the appearances of a footage said before they were corrected, oldest first."""
        self.footage(footage_id)
        rows = self.database.rows(
            f"SELECT changed_at, appearance_id, {_SAID_LIST} FROM appearance_history"  # noqa: S608
            " WHERE appearance_id IN (SELECT id FROM appearance WHERE footage_id = ?) ORDER BY id",
            (footage_id,),
        )
        return [Change(When.parse(row[0]), _appearance(row[1:])) for row in rows]

    # Fingerprints and pictures

    def fingerprint(self, footage_id: int) -> Fingerprint:
        """The whole fingerprint. Raises ArchiveDamagedError when it cannot be read."""
        from provenance.archive.blobs import ARRAYS, damaged, from_blobs

        names = ("format", "frames", "features", "width", "height", *ARRAYS)
        with self.database.read():
            row = self.database.row(
                f"SELECT {', '.join(names)} FROM fingerprint WHERE footage_id = ?",  # noqa: S608
                (footage_id,),
            )
            if row is None:
                self.footage(footage_id)
                raise damaged(footage_id)
            ends, jpegs = self.database.row(
                "SELECT ends, jpegs FROM fingerprint_pictures WHERE footage_id = ?", (footage_id,)
            ) or (b"", b"")
        return from_blobs(dict(zip(names, row, strict=True)), jpegs, ends, footage_id)

    def features(
        self, footage_id: int
    ) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.int32], CodedFeatures]:
        """What the index needs: (F,) seconds, (N,) frame of each feature, the features as codes."""
        from provenance.archive.blobs import array, damaged, frames_of
        from provenance.fingerprints.codebook import CodedFeatures

        row = self.database.row(
            "SELECT frames, features, counts, words, codes, times FROM fingerprint"
            " WHERE footage_id = ?",
            (footage_id,),
        )
        if row is None:
            raise damaged(footage_id)
        frames, features, *blobs = row
        counts = array("counts", blobs[0], frames, footage_id)
        coded = CodedFeatures(
            array("words", blobs[1], features, footage_id),
            array("codes", blobs[2], features, footage_id),
        )
        times = array("times", blobs[3], frames, footage_id)
        return times, frames_of(counts, features, footage_id), coded

    def feature_counts(self) -> dict[int, int]:
        """Number of features by footage id."""
        return dict(self.database.rows("SELECT footage_id, features FROM fingerprint"))

    def thumbnails(self, footage_id: int, seconds: Sequence[float]) -> list[Thumbnail | None]:
        """For each moment the thumbnail nearest to it; None where the footage has none."""
        with self.database.read():
            self.footage(footage_id)
            known = self.database.rows(
                "SELECT seconds, id FROM thumbnail WHERE footage_id = ? ORDER BY seconds",
                (footage_id,),
            )
            chosen = [_nearest(known, moment) for moment in seconds]
            return [row and self._thumbnail(row) for row in chosen]

    # Sound

    def insert_sound(self, footage_id: int, state: str, codes: npt.NDArray[np.uint32]) -> None:
        """Record the sound of footage, once: what it is ("heard" or why there is none) and its
        (N,) items."""
        from provenance.archive.blobs import SOUND_FORMAT

        self.database.execute(
            "INSERT OR IGNORE INTO sound VALUES (?, ?, ?, ?, ?)",
            (footage_id, SOUND_FORMAT, state, len(codes), codes.astype("<u4").tobytes()),
        )

    def sound(self, footage_id: int) -> tuple[str, npt.NDArray[np.uint32]] | None:
        """What `insert_sound` recorded; None where the sound has not been read."""
        from provenance.archive.blobs import sound_codes

        row = self.database.row(
            "SELECT state, format, items, codes FROM sound WHERE footage_id = ?", (footage_id,)
        )
        return (row[0], sound_codes(row[1:], footage_id)) if row else None

    def has_sound(self) -> bool:
        """Whether any footage was heard."""
        return bool(
            self.database.row("SELECT EXISTS (SELECT 1 FROM sound WHERE state = 'heard')")[0]
        )

    def heard(self) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """(N,) ids of all footage that was heard, rising, and (N,) how many items each has."""
        import numpy as np

        pages = [np.zeros((0, 2), np.int64)]
        last = -1
        while rows := self.database.rows(  # by pages, so that other threads need not wait long
            "SELECT footage_id, items FROM sound WHERE state = 'heard' AND footage_id > ?"
            " ORDER BY footage_id LIMIT ?",
            (last, _HEARD_PAGE),
        ):
            pages.append(np.array(rows, np.int64))
            last = rows[-1][0]
        footage, counts = np.concatenate(pages).T
        return footage, counts

    def sound_codes(self, footage_ids: Sequence[int]) -> list[tuple[int, npt.NDArray[np.uint32]]]:
        """(footage id, (N,) items) by rising id of those of some footages that were heard."""
        from provenance.archive.blobs import sound_codes

        rows = self.database.rows(
            "SELECT footage_id, format, items, codes FROM sound WHERE footage_id IN"  # noqa: S608
            f" ({', '.join('?' * len(footage_ids))}) AND +state = 'heard' ORDER BY footage_id",
            tuple(footage_ids),
        )
        return [(row[0], sound_codes(row[1:], row[0])) for row in rows]

    def sound_stamp(self) -> tuple[Any, ...]:
        """Changes whenever what `heard` says does, and when another file of sound is listed."""
        row = self.database.row(
            "SELECT (SELECT value FROM meta WHERE name = 'sound_changes'),"
            " (SELECT max(id) FROM sound_file)"
        )
        return tuple(row)

    # Rejected pairs

    def insert_rejection(self, footage_id: int, sha256: str) -> None:
        """A source with these bytes is not this footage."""
        self.database.execute(
            "INSERT OR IGNORE INTO rejected_pair VALUES (?, ?, ?)",
            (footage_id, sha256, now().value),
        )
        cut_link(self.database, footage_id, sha256)
        self.touch()

    def rejections(self) -> list[tuple[int, str]]:
        """All (footage id, SHA-256 of the source that it is not)."""
        return self.database.rows(
            "SELECT footage_id, sha256 FROM rejected_pair ORDER BY footage_id, sha256"
        )

    def rejected_for(self, sha256: str) -> set[int]:
        """Footage that a source with these bytes is not."""
        rows = self.database.rows(
            "SELECT footage_id FROM rejected_pair WHERE sha256 = ?", (sha256,)
        )
        return {row[0] for row in rows}

    # The whole

    def state(self) -> ArchiveState:
        """What the archive holds now."""
        with self.database.read():
            count, seconds = self.database.row("SELECT count(*), total(duration) FROM footage")
            # "Known by then" is when it was added, not a date of publication.
            dated = (
                "SELECT published, zone FROM appearance WHERE published_earliest IS NOT NULL"
                " AND basis IS NOT 'ingested' ORDER BY published_earliest "
            )
            dates = [self.database.row(dated + end) for end in ("ASC LIMIT 1", "DESC LIMIT 1")]
            updated = self.database.row("SELECT value FROM meta WHERE name = 'updated_at'")
        earliest, latest = (_when(*row) if row else None for row in dates)
        return ArchiveState(
            location=self.database.location,
            footages=count,
            hours=seconds / 3600,
            earliest=earliest,
            latest=latest,
            updated_at=When.parse(updated[0]) if updated else None,
        )

    def _insert_fingerprint(self, footage_id: int, fingerprint: Fingerprint, keep: bool) -> None:
        from provenance.archive.blobs import FORMAT, picture_ends, to_blobs

        row = {
            "footage_id": footage_id,
            "format": FORMAT,
            "frames": len(fingerprint.times),
            "features": len(fingerprint.frame),
            "width": fingerprint.width,
            "height": fingerprint.height,
            **to_blobs(fingerprint),
        }
        self.database.execute(
            f"INSERT INTO fingerprint ({', '.join(row)}) VALUES ({', '.join('?' * len(row))})",  # noqa: S608
            tuple(row.values()),
        )
        if keep and fingerprint.pictures:
            self.database.execute(
                "INSERT INTO fingerprint_pictures (footage_id, ends, jpegs) VALUES (?, ?, ?)",
                (footage_id, picture_ends(fingerprint.pictures), b"".join(fingerprint.pictures)),
            )

    def _with_appearances(self, rows: list[Any]) -> list[Footage]:
        if not rows:
            return []
        said: dict[int, list[Appearance]] = {row[0]: [] for row in rows}
        for row in self.database.rows(
            f"SELECT footage_id, id, {_SAID_LIST} FROM appearance"  # noqa: S608
            " WHERE footage_id BETWEEN ? AND ? ORDER BY id",
            (rows[0][0], rows[-1][0]),
        ):
            said.get(row[0], []).append(_appearance(row[1:]))
        return [
            Footage(
                **dict(zip(_FOOTAGE_FIELDS, row[:8], strict=True)),
                added_at=When.parse(row[8]),
                has_thumbnails=bool(row[9]),
                hashes_only=bool(row[10]),
                appearances=tuple(said[row[0]]),
            )
            for row in rows
        ]

    def _thumbnail(self, row: tuple[float, int]) -> Thumbnail:
        seconds, thumbnail_id = row
        jpeg = self.database.row("SELECT jpeg FROM thumbnail WHERE id = ?", (thumbnail_id,))[0]
        return Thumbnail(seconds, jpeg)

    def touch(self) -> None:
        """Note that the archive has changed now."""
        self.database.execute(
            "INSERT OR REPLACE INTO meta VALUES ('updated_at', ?)", (now().value,)
        )

    def _unknown(self, footage_id: int) -> UnknownFootageError:
        return UnknownFootageError(
            f"The archive {self.database.location} holds no footage {footage_id}.",
            "`provenance list` shows what it holds.",
        )


def now() -> When:
    """This second, in UTC."""
    return When.from_timestamp(dt.datetime.now(dt.UTC).timestamp())


def _said(appearance: Appearance) -> tuple[Any, ...]:
    values: Mapping[str, Any] = {
        **{f.name: getattr(appearance, f.name) for f in fields(appearance)},
        **_when_columns(appearance.published),
    }
    return tuple(values[name] for name in _SAID)


def _when_columns(when: When | None) -> dict[str, str | None]:
    if when is None:
        return dict.fromkeys(("published", "precision", "zone", "published_earliest"))
    return {
        "published": when.value,
        "precision": when.precision,
        "zone": when.zone,
        # One width for all years, so that text order is time order.
        "published_earliest": when.earliest.strftime("%Y-%m-%dT%H:%M:%S").rjust(19, "0"),
    }


def _appearance(row: Sequence[Any]) -> Appearance:
    said = dict(zip(_SAID, row[1:], strict=True))
    return Appearance(
        id=row[0],
        url=said["url"],
        platform=said["platform"],
        published=_when(said["published"], said["zone"], said["precision"]),
        basis=cast(Basis | None, said["basis"]),
        title=said["title"],
        uploader=said["uploader"],
        place=said["place"],
        note=said["note"],
        fact_check=said["fact_check"],
        remembered_sha256=said["remembered_sha256"],
    )


def _when(value: str | None, zone: str | None, precision: str | None = None) -> When | None:
    if value is None:
        return None
    parsed = When.parse(value)
    return When(parsed.start, cast(Precision, precision or parsed.precision), zone)


def _says_the_same(known: Appearance, new: Appearance) -> bool:
    def said(appearance: Appearance) -> tuple[Any, ...]:
        values = _said(appearance)
        if appearance.basis != "ingested":
            return values
        # "Known by then" becomes no news by being said again later.
        dates = ("published", "published_earliest")
        return tuple(v for name, v in zip(_SAID, values, strict=True) if name not in dates)

    return said(known) == said(new)


def _nearest(known: list[tuple[float, int]], moment: float) -> tuple[float, int] | None:
    at = bisect_left(known, (moment, 0))
    return min(known[max(at - 1, 0) : at + 1], key=lambda row: abs(row[0] - moment), default=None)

"""An archive of some real footage beside any number of simulated hours, in minutes.

The simulated hours (`performance.simulation`) are rows of the catalogue and one segment of the
index like any other, as `provenance compact` would leave them. Only their fingerprints are not
stored, since they would take most of the time and of the disk: `SimulatedArchive` makes the
fingerprint of a footage when matching asks for it, and `keep_made` stores those that were asked
for, so that the program itself can then check the same sources. Pictures, which matching compares,
are borrowed from real footage that nothing is cut from. Their sound is drawn from the real items of
the archive, in no order and with a quarter of their bits turned, so that it can be found by chance
only.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from accuracy.crowded_archive import TimedArchive

from performance.pace import paced
from performance.pool import Pool
from performance.simulation import Simulation
from provenance.archive import Archive
from provenance.archive.catalogue import Catalogue, now
from provenance.archive.listed_files import ListedFiles
from provenance.archive.segment_file import SEGMENTS, write_parts
from provenance.archive.sound_store import SoundFiles
from provenance.models import Fingerprint
from provenance.settings import load_settings

PREFIX = "simulated:"
TOLD = "simulation.json"
ITEMS_A_SECOND = 7.7
"""Of sound."""

Pictures = Sequence[tuple[bytes, ...]]


class SimulatedArchive(TimedArchive):
    """An archive that may hold simulated footage.

    Args:
        pool: what the simulated footage is made of.
        pictures: of real footages; simulated ones borrow them.
    """

    def __init__(self, folder: Path, pool: Pool, pictures: Pictures = ()) -> None:
        super().__init__(folder, load_settings())
        self._pictures = pictures
        self._made: dict[int, Fingerprint] = {}
        self._simulation: Simulation | None = None
        if (folder / TOLD).exists():
            told = json.loads((folder / TOLD).read_text("utf-8"))
            self._simulation = Simulation(pool, **told)

    def fingerprint(self, footage_id: int) -> Fingerprint:
        """Stored or made."""
        if self._simulation is None or not self._is_bare(footage_id):
            return super().fingerprint(footage_id)
        if footage_id not in self._made:
            number = footage_id - self._simulation.first_id
            made = self._simulation.fingerprint(number)
            self._made[footage_id] = replace(made, pictures=self._borrowed(number, len(made.times)))
        return self._made[footage_id]

    def keep_made(self) -> int:
        """Store the fingerprints that were asked for; how many they are."""
        catalogue = self._catalogue()
        with catalogue.database.write():
            for footage_id, made in self._made.items():
                catalogue._insert_fingerprint(footage_id, made, bool(made.pictures))
        count = len(self._made)
        self._made.clear()
        return count

    def _is_bare(self, footage_id: int) -> bool:
        """Whether there is footage with this id and no fingerprint."""
        row = self._catalogue().database.row(
            "SELECT location FROM footage WHERE id = ? AND id NOT IN"
            " (SELECT footage_id FROM fingerprint WHERE footage_id = ?)",
            (footage_id, footage_id),
        )
        return bool(row) and str(row[0]).startswith(PREFIX)

    def _borrowed(self, number: int, count: int) -> tuple[bytes, ...]:
        if not self._pictures:
            return ()
        real = self._pictures[number % len(self._pictures)]
        return tuple(real[k % len(real)] for k in range(count))


def build(folder: Path, bare: Path, pool: Pool, hours: float, *, sound: bool = True) -> None:
    """Copy an archive and add so many hours to it. What is there already is left as it is.

    Raises:
        OSError: the disk is full; nothing is left behind but `folder.part`.
    """
    if folder.exists():
        return
    making = folder.with_name(folder.name + ".part")
    shutil.rmtree(making, ignore_errors=True)
    shutil.copytree(bare, making)
    with Archive.open(making) as archive:
        catalogue = archive._catalogue()
        (last,) = catalogue.database.row("SELECT max(id) FROM footage")
        simulation = Simulation(pool, hours, first_id=last + 1)
        told = {"hours": hours, "first_id": simulation.first_id, "seed": simulation.seed}
        (making / TOLD).write_text(json.dumps(told), "utf-8")
        with catalogue.database.write():
            _insert_rows(catalogue, simulation)
            if sound:
                _insert_sound(catalogue, simulation)
            _insert_segment(catalogue, making / "index", simulation)
        if sound:
            SoundFiles(catalogue, making / "index").compact()
        catalogue.database.forget_log()
    making.rename(folder)


def bytes_needed(hours: float) -> float:
    """About the room on the disk for so many simulated hours."""
    return hours * (900 * 68 * 16 + 3600 * ITEMS_A_SECOND * 8) + 1e8


def _insert_rows(catalogue: Catalogue, simulation: Simulation) -> None:
    added = now().value
    names = [f"{PREFIX}{number}" for number in range(len(simulation.frames))]
    ids = range(simulation.first_id, simulation.first_id + len(names))
    rows = zip(ids, names, simulation.seconds().tolist(), strict=True)
    catalogue.database.execute_many(
        "INSERT INTO footage (id, location, sha256, title, duration, width, height, fps,"
        " has_thumbnails, added_at) VALUES (?, ?, ?, ?, ?, 1920, 1080, 25, 0, ?)",
        (
            (footage_id, name, hashlib.sha256(name.encode()).hexdigest(), name, seconds, added)
            for footage_id, name, seconds in rows
        ),
    )
    catalogue.database.execute_many(
        "INSERT INTO appearance (footage_id, title) VALUES (?, ?)", zip(ids, names, strict=True)
    )


def _insert_sound(catalogue: Catalogue, simulation: Simulation) -> None:
    known, _ = catalogue.heard()
    real = [codes for _, codes in catalogue.sound_codes(known.tolist()) if len(codes)]
    if not real:
        return
    items = np.concatenate(real)
    chooser = np.random.default_rng((simulation.seed, 3))
    for number, seconds in enumerate(simulation.seconds().tolist()):
        codes = chooser.choice(items, round(seconds * ITEMS_A_SECOND))
        codes ^= np.bitwise_and(*chooser.integers(0, 1 << 32, (2, len(codes)), np.uint32))
        catalogue.insert_sound(simulation.first_id + number, "heard", codes)


def _insert_segment(catalogue: Catalogue, folder: Path, simulation: Simulation) -> None:
    postings = paced(
        *(simulation.postings(), f"{simulation.hours:g} h, features"),
        *(simulation.most_postings(), lambda part: len(part.ids)),
    )
    files = ListedFiles(catalogue.database, folder, SEGMENTS)
    segment = files.add(lambda there: write_parts(there, simulation.used(), postings))
    ids = range(simulation.first_id, simulation.first_id + len(simulation.frames))
    catalogue.database.execute_many(
        "INSERT INTO index_segment_footage (footage_id, segment_id) VALUES (?, ?)",
        ((footage_id, segment) for footage_id in ids),
    )

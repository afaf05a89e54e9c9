"""How well sound is found again, and how often it is wrongly called the same or another.

Run by scripts/bench-sound. Every sound is learnt, and a stretch of it is treated by ffmpeg and
looked up. Beside what is found, the table has what would be said of pictures that match at the
right seconds ("with its pictures"), and, for each treated stretch, at seconds of another sound.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from archive_factory import make_fingerprint, make_footage, store
from clip_maker import ffmpeg
from sound_maker import mixed, music, speech, street, write_wav

from provenance.archive import Archive
from provenance.errors import ProvenanceError
from provenance.fingerprints import listen
from provenance.fingerprints.sound import fingerprint_of
from provenance.hearing import Ear
from provenance.matching import find_sound
from provenance.media import MediaInfo
from provenance.media.audio import HOP
from provenance.models import Match, Segment
from provenance.settings import Settings

KINDS = {"speech": speech, "music": music, "street": street}
EACH = 5
SECONDS = 40.0
START, LENGTH = 7.3, 12.0
ACCEPTED = 0.5
INFO = MediaInfo(is_still=False, width=1, height=1, duration=LENGTH, has_audio=True)
SETTINGS = Settings()

AAC = ("-c:a", "aac", "-b:a", "32k", "-f", "mp4")
TREATMENTS: dict[str, tuple[str, float]] = {
    "another encoding, 32 kbit/s": ("anull", 1.0),
    "another encoding, 8 kHz": ("aresample=8000", 1.0),
    "telephone band, 8 kHz": ("highpass=300,lowpass=3400,aresample=8000", 1.0),
    "more bass, less treble": ("bass=g=9,treble=g=-8", 1.0),
    "compressed and clipped": ("acompressor=ratio=8:threshold=0.05,volume=4", 1.0),
    "echo of a room": ("aecho=0.8:0.7:60|110:0.4|0.3", 1.0),
    "tempo 1.05": ("atempo=1.05", 1.05),
    "tempo 1.25": ("atempo=1.25", 1.25),
    "tempo 1.5": ("atempo=1.5", 1.5),
    "tempo 0.8": ("atempo=0.8", 0.8),
    "speed 1.05, pitch too": ("aresample=44100,asetrate=46305,aresample=44100", 1.05),
    "speed 1.25, pitch too": ("aresample=44100,asetrate=55125,aresample=44100", 1.25),
    "speed 1.15, pitch too": ("aresample=44100,asetrate=50715,aresample=44100", 1.15),
    "pitch up by a semitone": (
        "aresample=44100,asetrate=46722,aresample=44100,atempo=0.943874",
        1.0,
    ),
    "pitch up by a third": ("aresample=44100,asetrate=52444,aresample=44100,atempo=0.840896", 1.0),
}
OVERLAID = {"speech 6 dB fainter": -6.0, "speech as loud": 0.0, "speech 6 dB louder": 6.0}
OVERLAID |= {"speech 12 dB louder": 12.0}


@dataclass
class Tally:
    """What came out for one treatment."""

    cases: int = 0
    found: int = 0
    wrong: int = 0
    off: float = 0.0
    own: Counter[str] = field(default_factory=Counter)
    strange: Counter[str] = field(default_factory=Counter)


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--also", type=Path)
    parser.add_argument("--hours", type=float)
    parser.add_argument("--only", default="", help="treatments whose name holds this")
    parser.add_argument("--each", type=int, default=EACH)
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as name, Archive.open(Path(name) / "archive") as archive:
        folder = Path(name)
        if options.hours:
            _measure_time(archive, options.hours)
            return 0
        known = dict(_learn(archive, folder, options.each, options.also))
        print(f"{len(known)} sounds; stretches of {LENGTH:.0f} s, or what there is\n")
        print(
            "| treatment | found | wrong ones | off by (s) | with its pictures | with another's |"
        )
        print("|---|---|---|---|---|---|")
        for treatment in filter(lambda name: options.only in name, (*TREATMENTS, *OVERLAID)):
            _print(treatment, _tally(treatment, archive, folder, known))
    return 0


def _learn(
    archive: Archive, folder: Path, each: int, also: Path | None
) -> Iterator[tuple[int, tuple[Path, float]]]:
    """Footage id -> (file, where the stretch begins)."""
    sources: list[tuple[Path, float]] = []
    for kind, make in KINDS.items():
        for seed in range(each):
            path = write_wav(folder / f"{kind}{seed}.wav", make(seed, SECONDS))
            sources.append((path, START))
    sources += [(path, 0.3) for path in sorted(also.iterdir())] if also else []
    for number, (path, start) in enumerate(sources):
        heard = listen(path, INFO, SETTINGS)
        if heard.state == "heard":
            yield store(archive, number, sound=heard).footage.id, (path, start)
        else:
            print(f"passed over, {heard.state}: {path.name}", file=sys.stderr)


def _treated(treatment: str, source: Path, start: float, folder: Path) -> tuple[Path, float]:
    target = folder / "treated"
    cut = ("-ss", str(start), "-t", str(LENGTH), "-i", source, "-vn", "-map", "0:a:0", "-ac", "1")
    if treatment in TREATMENTS:
        filters, speed = TREATMENTS[treatment]
        ffmpeg(*cut, "-af", filters, *AAC, target)
        return target, speed
    plain, over = folder / "plain.wav", folder / "over.wav"
    ffmpeg(*cut, "-ar", "16000", plain)
    behind = _read(plain)
    front = speech(999, len(behind) / 16000)
    write_wav(over, mixed(front, behind, -OVERLAID[treatment]))
    ffmpeg("-i", over, *AAC, target)
    return target, 1.0


def _read(path: Path) -> np.ndarray:
    import wave

    with wave.open(str(path)) as file:
        return np.frombuffer(file.readframes(file.getnframes()), "<i2") / 32768


def _tally(
    treatment: str, archive: Archive, folder: Path, known: dict[int, tuple[Path, float]]
) -> Tally:
    tally, offs = Tally(), []
    for footage, (path, start) in known.items():
        target, speed = _treated(treatment, path, start, folder)
        ear = Ear(target, INFO, SETTINGS)
        tally.cases += 1
        length = LENGTH / speed
        own = Segment(0.0, length, start, start + LENGTH, speed)
        foreign = Segment(0.0, length, START, START + LENGTH, speed)
        other = next(f for f in (*known, *known) if f > footage or footage == max(known))
        sound, judged = ear.compare(
            archive,
            [
                Match(archive.footage(footage), 0.9, True, (own,)),
                Match(archive.footage(other), 0.9, True, (foreign,)),
            ],
            frozenset(),
        )
        tally.own[str(judged[0].sound)] += 1
        tally.strange[str(judged[1].sound)] += 1
        # What is found without a hint from the pictures, which only a changed speed gives.
        alone = sound if speed == 1 else ear.compare(archive, [], frozenset())[0]
        right = [m for m in alone.matches if m.footage.id == footage and m.accepted]
        tally.wrong += sum(m.accepted and m.footage.id != footage for m in alone.matches)
        if right:
            tally.found += 1
            first = right[0].segments[0]
            offs.append(abs(first.reference_start - start - first.query_start * speed))
    tally.off = float(np.median(offs)) if offs else float("nan")
    return tally


def _print(treatment: str, tally: Tally) -> None:
    def words(counts: Counter[str]) -> str:
        return ", ".join(f"{number} {word}" for word, number in counts.most_common())

    off = f"{tally.off:.2f}" if tally.found else ""
    print(
        f"| {treatment} | {tally.found}/{tally.cases} | {tally.wrong} | {off} "
        f"| {words(tally.own)} | {words(tally.strange)} |",
        flush=True,
    )


def _measure_time(archive: Archive, hours: float) -> None:
    """Look 30 s up in an archive of made-up items with the statistics of real ones."""
    with tempfile.TemporaryDirectory() as name:
        parts = [
            heard.fingerprint.codes
            for kind, make in KINDS.items()
            for seed in range(10)
            if (heard := listen(write_wav(Path(name) / "a.wav", make(seed, 60)), INFO, SETTINGS))
            and heard.fingerprint
        ]
        fresh = listen(write_wav(Path(name) / "b.wav", speech(777, 32)), INFO, SETTINGS).fingerprint
        assert fresh
    chooser = np.random.default_rng(1)
    pool = np.concatenate(parts)
    each = round(120 / HOP)
    store(archive, 0)
    catalogue = archive._catalogue()
    with catalogue.database.write():
        for number in range(round(hours * 30)):
            # No order in time: nothing can be found but by chance.
            footage = replace(make_footage(number + 1), has_thumbnails=False)
            found = catalogue.insert_footage(footage, make_fingerprint(1, 1, 1), ())
            catalogue.insert_sound(found, "heard", chooser.choice(pool, each))
    archive.compact()
    query = fingerprint_of(fresh.codes[:240])
    for word in ("first", "next"):
        began, worked = time.perf_counter(), time.process_time()
        find_sound(query, archive)
        print(
            f"{hours:.0f} h, 30 s looked up, the {word} time: {time.perf_counter() - began:.2f} s, "
            f"{time.process_time() - worked:.2f} s of one processor"
        )


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except ProvenanceError as error:
        sys.exit(str(error))

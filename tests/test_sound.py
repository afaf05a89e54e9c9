"""Sound from file to verdict, with real ffmpeg: found again, replaced, shared, or not there."""

from __future__ import annotations

import shutil
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from archive_factory import store
from clip_maker import ffmpeg
from sound_maker import hum, mixed, music, speech, street, write_wav

from provenance import Archive, check
from provenance.dates import When
from provenance.fingerprints import listen
from provenance.hearing import Ear
from provenance.media import MediaInfo, probe
from provenance.models import Report, SoundMatch, Source
from provenance.process import find_ffmpeg
from provenance.report.html_report import HtmlReport
from provenance.report.text_report import TextReport
from provenance.settings import Settings
from provenance.verdict import judge

SETTINGS = Settings()
INFO = MediaInfo(is_still=False, width=1, height=1, duration=12.0, has_audio=True)


@dataclass(frozen=True)
class Known:
    """An archive that knows a voice (1), a song (2) and a street (3), and their sounds."""

    archive: Archive
    folder: Path

    def treated(self, name: str, *options: str, start: float = 7.3, seconds: float = 12.0) -> Path:
        """A stretch of one of the sounds, treated and encoded."""
        to = self.folder / "treated.m4a"
        cut = ("-ss", str(start), "-t", str(seconds), "-i", self.folder / f"{name}.wav")
        ffmpeg(*cut, *options, "-c:a", "aac", "-b:a", "32k", to)
        return to

    def heard_in(self, path: Path) -> list[SoundMatch]:
        """What the archive accepts of the sound of a file."""
        sound, _ = Ear(path, INFO, SETTINGS).compare(self.archive, [], frozenset())
        return [match for match in sound.matches if match.accepted]


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Known]:
    folder = tmp_path_factory.mktemp("sounds")
    with Archive.open(folder / "archive") as archive:
        sounds = {"voice": speech(1, 30), "song": music(1, 30), "street": street(1, 30)}
        for number, (name, samples) in enumerate(sounds.items()):
            heard = listen(write_wav(folder / f"{name}.wav", samples), INFO, SETTINGS)
            store(archive, number, sound=heard)
        yield Known(archive, folder)


@pytest.mark.parametrize(
    ("name", "footage", "filters", "speed"),
    [
        ("voice", 1, "anull", 1.0),
        ("song", 2, "aresample=8000", 1.0),
        ("street", 3, "highpass=300,lowpass=3400,volume=0.2", 1.0),
        ("voice", 1, "atempo=1.25", 1.25),
        ("song", 2, "atempo=0.8", 0.8),
        ("song", 2, "aresample=44100,asetrate=46305,aresample=44100", 1.05),
    ],
)
def test_sound_is_found_again_at_its_seconds(
    known: Known, name: str, footage: int, filters: str, speed: float
) -> None:
    (match,) = known.heard_in(known.treated(name, "-af", filters))
    part = match.segments[0]
    assert match.footage.id == footage and match.pictures == "other"
    assert part.speed == pytest.approx(speed, abs=0.03)
    assert part.reference_start - part.query_start * part.speed == pytest.approx(7.3, abs=0.4)
    assert part.query_end - part.query_start > 0.8 * 12 / speed


def test_sound_is_found_under_speech(known: Known, tmp_path: Path) -> None:
    path = write_wav(tmp_path / "under.wav", mixed(speech(50, 20), music(1, 30)[32000:], 3))
    (match,) = known.heard_in(path)
    assert match.footage.id == 2
    assert match.segments[0].reference_start == pytest.approx(2.0, abs=0.5)


def test_other_voices_and_songs_are_not_found(known: Known, tmp_path: Path) -> None:
    for number, samples in enumerate((speech(60, 20), music(60, 20), street(60, 20))):
        assert known.heard_in(write_wav(tmp_path / f"{number}.wav", samples)) == []


def test_sound_that_begins_later_than_the_pictures_keeps_its_seconds(
    known: Known, tmp_path: Path
) -> None:
    late = tmp_path / "late.mkv"
    ffmpeg(
        *("-f", "lavfi", "-i", "testsrc2=size=160x120:rate=10:duration=16"),
        *("-itsoffset", "4", "-ss", "7", "-t", "12", "-i", known.folder / "song.wav"),
        *("-map", "0:v", "-map", "1:a", "-c:v", "libx264", "-preset", "ultrafast", late),
    )
    ear = Ear(late, probe(late), SETTINGS)
    part = ear.compare(known.archive, [], frozenset())[0].matches[0].segments[0]
    assert part.query_start == pytest.approx(4.0, abs=0.7)
    assert part.reference_start - part.query_start == pytest.approx(3.0, abs=0.3)


def test_silence_hum_and_too_little_are_nothing_to_compare(tmp_path: Path) -> None:
    for number, samples in enumerate((hum(20), 0 * hum(20), speech(1, 4))):
        path = write_wav(tmp_path / f"{number}.wav", samples)
        assert listen(path, INFO, SETTINGS).state == "silent"


def test_a_song_that_several_footages_share_is_commonplace(tmp_path: Path) -> None:
    song = music(5, 30)
    with Archive.open(tmp_path / "archive") as archive:
        for number in range(3):
            over = mixed(song, street(number, 30), -12)
            path = write_wav(tmp_path / f"{number}.wav", over)
            store(archive, number, sound=listen(path, INFO, SETTINGS))
        clip = write_wav(tmp_path / "clip.wav", song[: 16 * 16000])
        sound, _ = Ear(clip, INFO, SETTINGS).compare(archive, [], frozenset())
        assert [(m.accepted, m.commonplace) for m in sound.matches] == [(True, True)] * 3
    source = Source("clip.wav", duration=16.0)
    verdict = judge(source=source, claim=None, matches=[], usable=True, sound=sound)
    assert [r.kind for r in verdict.reasons] == ["sound_commonplace"]
    assert "Its sound, however" not in verdict.summary
    report = Report(source, When.parse("2024-11-02"), verdict=verdict, sound=sound)
    for text in (TextReport().render([report]), HtmlReport().render([report])):
        assert text.count("3 pieces of footage have this sound") == 1
        assert "score 0.9" not in text


def test_rejected_footage_is_not_named_for_its_sound(known: Known) -> None:
    path = known.treated("voice")
    sound, _ = Ear(path, INFO, SETTINGS).compare(known.archive, [], frozenset({1}))
    assert [match.footage.id for match in sound.matches if match.accepted] == []


def test_sound_that_cannot_be_decoded_stops_nothing(
    samples: Path, sample_archive: Archive, tmp_path: Path
) -> None:
    """The samples of the sound track are overwritten: its packets are there and say nothing."""
    broken = tmp_path / "broken.mkv"
    ffmpeg(
        *("-i", samples / "footage/square.mp4", "-t", "6", "-map", "0", "-c:v", "copy"),
        *("-c:a", "copy", "-bsf:a", "noise=amount=1", broken),
    )
    report = check(broken, archive=sample_archive, pictures=False)
    assert report.sound and report.sound.state in ("unreadable", "silent", "compared")
    assert [m.footage.id for m in report.matches] == [4]
    assert report.matches[0].sound in ("unknown", "source_silent")


@pytest.fixture(scope="module")
def deaf(tmp_path_factory: pytest.TempPathFactory) -> str:
    """An ffmpeg that knows no chromaprint, as one built without it."""
    program = tmp_path_factory.mktemp("bin") / "ffmpeg"
    program.write_text(
        '#!/bin/sh\ncase "$*" in *chromaprint*)\n'
        "echo \"[NULL @ 0x1] Requested output format 'chromaprint' is not known.\" >&2\n"
        f'exit 234;; esac\nexec {find_ffmpeg()} "$@"\n'
    )
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    return str(program)


def test_an_ffmpeg_without_chromaprint_compares_pictures_and_says_so(
    samples: Path, sample_archive: Archive, deaf: str
) -> None:
    report = check(
        samples / "footage/harbour.mp4",
        archive=sample_archive,
        settings=Settings(ffmpeg=deaf),
        pictures=False,
    )
    assert report.sound and report.sound.state == "unavailable"
    assert [(m.footage.id, m.sound) for m in report.matches] == [(1, "unknown")]
    assert "built without chromaprint" in TextReport().render([report])


def test_footage_learnt_by_a_deaf_ffmpeg_is_heard_when_it_is_added_again(
    samples: Path, deaf: str, tmp_path: Path
) -> None:
    with Archive.open(tmp_path / "archive", settings=Settings(ffmpeg=deaf)) as archive:
        archive.add(samples / "footage/market.mp4")
        assert archive.sound_state(1) is None
    with Archive.open(tmp_path / "archive") as archive:
        assert not archive.add(samples / "footage/market.mp4").new
        assert archive.sound_state(1) == "heard" and archive.sound(1) is not None


def clip(samples: Path, to: Path, sound: str | None, start: float = 2.0) -> Path:
    """Ten cropped seconds of the square (from 3 s on), with the sound of a sample or none."""
    pictures = ("-ss", "3", "-t", "10", "-i", samples / "footage/square.mp4")
    with_sound = ("-ss", str(start), "-t", "10", "-i", samples / f"footage/{sound}.mp4")
    ffmpeg(
        *(*pictures, *(with_sound if sound else ()), "-map", "0:v"),
        *(("-map", "1:a", "-c:a", "aac", "-b:a", "24k") if sound else ()),
        *("-vf", "crop=480:270", "-c:v", "libx264", "-preset", "ultrafast", "-crf", "30", to),
    )
    return to


@pytest.fixture(scope="module")
def replaced(
    samples: Path, sample_archive: Archive, tmp_path_factory: pytest.TempPathFactory
) -> Report:
    path = clip(samples, tmp_path_factory.mktemp("clip") / "replaced.mp4", "market", 1.0)
    return check(path, archive=sample_archive, pictures=False)


def kinds(report: Report) -> dict[str, str]:
    assert report.verdict
    return {r.kind: r.strength for r in report.verdict.reasons if r.kind.startswith("sound")}


def test_pictures_with_their_own_sound_are_said_to_have_it(
    samples: Path, sample_archive: Archive, tmp_path: Path
) -> None:
    report = check(
        clip(samples, tmp_path / "same.mp4", "square", 3.0), archive=sample_archive, pictures=False
    )
    assert [match.sound for match in report.matches] == ["same"]
    assert report.sound and [m.pictures for m in report.sound.matches] == ["same"]
    assert kinds(report) == {"sound_same": "weak"}


def test_replaced_sound_is_said_to_be_and_named_where_it_is_known(replaced: Report) -> None:
    assert [match.sound for match in replaced.matches] == ["other"]
    assert kinds(replaced) == {"sound_differs": "weak", "sound_known_elsewhere": "weak"}
    assert replaced.sound
    (match,) = replaced.sound.matches
    assert (match.footage.id, match.pictures, match.accepted) == (2, "other", True)
    assert replaced.verdict and replaced.verdict.label == "known_footage"


def test_footage_known_by_sound_alone_is_never_earliest_nor_covers_anything(
    replaced: Report,
) -> None:
    """The market was published in 2019, before the square whose pictures these are."""
    assert replaced.earliest and replaced.earliest.published
    assert replaced.earliest.published.value == "2021-11-11"
    assert replaced.coverage.seconds == pytest.approx(10, abs=0.5)
    assert [match.footage.id for match in replaced.matches] == [4]


def test_reports_for_people_tell_of_the_sound(replaced: Report) -> None:
    for text in (TextReport().render([replaced]), HtmlReport().render([replaced])):
        assert "the footage's own is not heard: replaced, or a voice or music" in text.replace(
            "&#39;", "'"
        )
        assert "Sound that is known" in text and "A walk through the Saturday market" in text


def test_a_clip_without_sound_is_no_proof_of_another_sound(
    samples: Path, sample_archive: Archive, tmp_path: Path
) -> None:
    report = check(clip(samples, tmp_path / "mute.mp4", None), archive=sample_archive)
    assert report.sound and report.sound.state == "none"
    assert [match.sound for match in report.matches] == ["source_silent"]
    assert kinds(report) == {}


def test_known_sound_under_unknown_pictures_stays_no_match(
    samples: Path, sample_archive: Archive, tmp_path: Path
) -> None:
    path = tmp_path / "elsewhere.mp4"
    ffmpeg(
        *("-i", samples / "checks/unrelated.mp4", "-ss", "2", "-t", "8"),
        *("-i", samples / "footage/harbour.mp4", "-map", "0:v", "-map", "1:a"),
        *("-c:v", "copy", "-c:a", "aac", "-b:a", "48k", path),
    )
    report = check(path, archive=sample_archive)
    assert report.verdict and report.verdict.label == "no_match"
    assert report.matches == () and report.earliest is None and report.coverage.seconds == 0
    assert "Its sound, however, is known" in report.verdict.summary
    assert kinds(report) == {"sound_known_elsewhere": "weak"}


def test_remembered_clips_and_removed_footage_take_their_sound_with_them(
    samples: Path, tmp_path: Path
) -> None:
    clip(samples, tmp_path / "clip.mp4", "harbour")
    with Archive.open(tmp_path / "archive") as archive:
        archive.add(samples / "footage/mountain-road.mp4")
        assert archive.sound_state(1) == "none"
        check(tmp_path / "clip.mp4", archive=archive, remember=True, pictures=False)
        heard = archive.sound(2)
        assert heard is not None and len(archive.search_sound(heard.codes).item)
        archive.remove(2)
        assert not len(archive.search_sound(heard.codes).item)
        assert not archive.has_sound() and archive.check_soundness() == []


def test_sound_that_was_not_read_before_is_learned(samples: Path, tmp_path: Path) -> None:
    import sqlite3

    with Archive.open(tmp_path / "archive") as archive:
        archive.add(samples / "footage/harbour.mp4")
    with sqlite3.connect(tmp_path / "archive/catalogue.sqlite") as old:
        old.execute("DELETE FROM sound")
    with Archive.open(tmp_path / "archive") as archive:
        assert archive.sound_state(1) is None and archive.check_soundness() == []
        archive.add(samples / "footage/harbour.mp4")
        assert archive.sound_state(1) == "heard"


def test_damaged_sound_is_found_by_doctor(known: Known, tmp_path: Path) -> None:
    import sqlite3

    known.archive.close()
    shutil.copytree(known.folder / "archive", tmp_path / "archive")
    with sqlite3.connect(tmp_path / "archive/catalogue.sqlite") as file:
        file.execute("UPDATE sound SET items = items + 1 WHERE footage_id = 2")
    with Archive.open(tmp_path / "archive") as archive:
        (problem,) = archive.check_soundness()
    assert "footage 2 is damaged" in problem

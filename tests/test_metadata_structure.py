"""How a file is built and named, and who says it: what may follow from that, and no more."""

from __future__ import annotations

import io
import itertools
import json
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from clip_maker import H264, ffmpeg
from hypothesis import given
from hypothesis import settings as trying
from hypothesis import strategies as st
from PIL import Image

from provenance.dates import When
from provenance.media import probe
from provenance.metadata import read_metadata
from provenance.metadata.boxes import MOST_EDITS, MOST_TRACKS, read_boxes
from provenance.metadata.findings import findings
from provenance.metadata.names import name_findings
from provenance.metadata.oddities import oddities
from provenance.metadata.structure import Edit, Track, read_structure
from provenance.metadata.xmp import xmp_properties
from provenance.models import Finding, Metadata
from provenance.settings import Settings

SETTINGS = Settings()
SHARED = Path(__file__).resolve().parent.parent.parent / "shared" / "footage"
IPTC = "http://cv.iptc.org/newscodes/digitalsourcetype/"


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six seconds with sound and one keyframe, at the start."""
    path = tmp_path_factory.mktemp("clip") / "clip.mp4"
    pictures = ("-f", "lavfi", "-i", "testsrc=d=6:s=96x64:r=10")
    sound = ("-f", "lavfi", "-i", "sine=d=6")
    ffmpeg(*pictures, *sound, *H264, "-g", "1000", "-c:a", "aac", path)
    return path


def read(path: Path, **options: Any) -> Metadata:
    return read_metadata(path, probe(path), SETTINGS, **options)


def kinds(found: Metadata | Iterator[Finding]) -> list[str]:
    listed = found.findings if isinstance(found, Metadata) else found
    return [finding.kind for finding in listed]


def only(found: Metadata, kind: str) -> Finding:
    (finding,) = [finding for finding in found.findings if finding.kind == kind]
    return finding


def told(tags: dict[str, str], name: str | None = None) -> Metadata:
    return Metadata(tags, {}, findings(tags, {}, name=name))


# --- edit lists


def test_a_clip_cut_without_encoding_says_how_much_is_still_hidden_in_it(
    clip: Path, tmp_path: Path
) -> None:
    cut = tmp_path / "cut.mp4"
    ffmpeg("-ss", "2.5", "-i", clip, "-c", "copy", cut)
    hidden = only(read(cut), "hidden_footage")
    assert "pictures that players skip: 2.5 s before the start." in hidden.text
    assert "still in it" in hidden.text
    assert hidden.source == "track 0 (pictures): edit list"


def test_a_clip_as_it_was_encoded_hides_nothing(clip: Path) -> None:
    tracks = read_structure(clip, SETTINGS).tracks
    assert [track.kind for track in tracks] == ["vide", "soun"]
    assert all(track.edits for track in tracks)
    assert not {"hidden_footage", "edit_list"} & set(kinds(read(clip)))


def test_sound_that_is_held_back_is_told(clip: Path, tmp_path: Path) -> None:
    late = tmp_path / "late.mp4"
    inputs = ("-i", clip, "-itsoffset", "2", "-i", clip)
    ffmpeg(*inputs, "-map", "0:v", "-map", "1:a", "-c", "copy", late)
    assert "hold the sound back for 2.0 s" in only(read(late), "edit_list").text


def test_several_stretches_of_one_file_are_told() -> None:
    edits = (Edit(2.0, 0.0, 1.0), Edit(3.0, 7.0, 1.0))
    (finding,) = oddities([], {}, [Track("vide", 12.0, edits, 0)])
    assert "from 2 stretches" in finding.text
    assert finding.strength == "medium"


def test_a_speed_in_an_edit_list_and_a_hidden_end_are_told() -> None:
    fast, cut = (Edit(2.0, 0.0, 2.0),), (Edit(2.0, 0.0, 1.0),)
    assert "another speed (2)" in next(oddities([], {}, [Track("vide", 4.0, fast, 0)])).text
    (finding,) = oddities([], {}, [Track("vide", 9.5, cut, 0)])
    assert "7.5 s behind the end" in finding.text


def test_tracks_of_text_are_no_oddity() -> None:
    assert kinds(oddities([], {}, [Track("text", 50.0, (Edit(1.0, 9.0, 1.0),), 0)])) == []


def box(kind: bytes, *content: bytes) -> bytes:
    data = b"".join(content)
    return struct.pack(">I", len(data) + 8) + kind + data


def header(kind: bytes, scale: int, ticks: int) -> bytes:
    return box(kind, struct.pack(">IIIII", 0, 0, 0, scale, ticks), b"\0" * 80)


def track(*edits: tuple[int, int], scale: int = 1000, number: int | None = None) -> bytes:
    lines = b"".join(struct.pack(">IihH", length, start, 1, 0) for length, start in edits)
    count = len(edits) if number is None else number
    return box(
        b"trak",
        box(b"edts", box(b"elst", struct.pack(">II", 0, count), lines)),
        box(b"mdia", header(b"mdhd", scale, 9000), box(b"hdlr", b"\0" * 8, b"vide", b"\0" * 12)),
    )


def boxes(content: bytes) -> Any:
    found = read_boxes(io.BytesIO(content))
    json.dumps(found, allow_nan=False)
    return found


def test_edit_lists_are_read_in_seconds_also_where_the_movie_is_described_last() -> None:
    content = box(b"moov", track((500, 2000), (250, -1)), header(b"mvhd", 250, 750))
    (found,) = boxes(content)["tracks"]
    assert found["edits"] == [(2.0, 2.0, 1.0), (1.0, None, 1.0)]
    assert found["seconds"] == 9.0


def test_more_edits_or_tracks_than_anybody_needs_are_counted_and_not_read() -> None:
    many = track(*itertools.repeat((1, 0), 5000))
    content = box(b"moov", header(b"mvhd", 1000, 1000), *([many] * 50))
    found = boxes(content)["tracks"]
    assert len(found) == MOST_TRACKS
    assert len(found[0]["edits"]) == MOST_EDITS
    assert found[0]["edits_left_out"] == 5000 - MOST_EDITS


def test_a_number_of_edits_that_is_not_there_is_not_believed() -> None:
    content = box(b"moov", header(b"mvhd", 1000, 1000), track((500, 0), number=2**32 - 1))
    (found,) = boxes(content)["tracks"]
    assert (len(found["edits"]), found["edits_left_out"]) == (1, 0)


def test_boxes_within_boxes_without_end_end() -> None:
    deep = b""
    for _ in range(3000):
        deep = box(b"udta", deep)
    assert boxes(box(b"moov", deep))["tracks"] == []
    assert boxes(b"\0\0\0\x08free" * 200_000)["tracks"] == []


_PIECES = st.one_of(
    st.binary(max_size=40),
    st.sampled_from([b"moov", b"trak", b"elst", b"mdhd", b"mvhd", b"hdlr", b"uuid", b"XMP_"]),
    st.integers(0, 2**32 - 1).map(lambda number: struct.pack(">I", number)),
    st.just(track((500, 0))),
)


@given(st.lists(_PIECES, max_size=12))
@trying(max_examples=150, deadline=None)
def test_no_bytes_make_the_reader_of_boxes_fail(pieces: list[bytes]) -> None:
    content = b"".join(pieces)
    boxes(content)
    boxes(box(b"moov", header(b"mvhd", 600, 600), content))


# --- streams


def test_pictures_and_sound_of_different_length_are_told(clip: Path, tmp_path: Path) -> None:
    longer = tmp_path / "longer.mp4"
    pictures = ("-t", "3", "-i", clip)
    ffmpeg(*pictures, "-i", clip, "-map", "0:v", "-map", "1:a", "-c", "copy", longer)
    text = only(read(longer), "length_mismatch").text
    assert "The sound last" in text
    assert "broke off" in text


def test_several_streams_of_pictures_and_sound_are_told(clip: Path, tmp_path: Path) -> None:
    both = tmp_path / "both.mkv"
    maps = ("-map", "0:v", "-map", "0:v", "-map", "0:a", "-map", "0:a")
    ffmpeg("-i", clip, *maps, "-c", "copy", both)
    found = kinds(read(both))
    assert {"several_pictures", "several_sounds"} <= set(found)
    assert not {"several_pictures", "several_sounds"} & set(kinds(read(clip)))


def stream(kind: str, **tags: str) -> dict[str, Any]:
    return {"type": kind, "cover": False, "seconds": 5.0, "tags": tags}


def test_pictures_of_one_program_with_sound_of_another_are_told() -> None:
    pictures = stream("video", handler_name="\x1fCore Media Video")
    assert kinds(oddities([pictures, stream("audio", handler_name="SoundHandler")], {})) == [
        "mixed_origins"
    ]
    assert kinds(oddities([pictures, stream("audio", handler_name="Core Media Audio")], {})) == []
    assert kinds(oddities([pictures, stream("audio", handler_name="Strange")], {})) == []


def test_marks_of_different_ffmpegs_are_told_and_those_of_one_are_not() -> None:
    old = stream("video", encoder="Lavc58.54.100 libx264")
    (finding,) = oddities([old], {"encoder": "Lavf61.7.100"})
    assert finding.kind == "mixed_encoders"
    assert kinds(oddities([old], {"encoder": "Lavf58.20.100"})) == []


def test_a_cover_is_no_second_stream_of_pictures() -> None:
    cover = {**stream("video"), "cover": True}
    assert kinds(oddities([stream("video"), cover], {})) == []


def test_slow_motion_is_told_by_what_the_camera_captured() -> None:
    (finding,) = oddities([], {"com.android.capture.fps": 240.0}, fps=30.0)
    assert "8.0 times slower" in finding.text
    assert kinds(oddities([], {"com.android.capture.fps": "30"}, fps=30.0)) == []
    assert kinds(oddities([], {"com.android.capture.fps": "fast"}, fps=30.0)) == []


# --- clocks and zones


def test_a_creation_time_that_repeats_the_local_time_is_found_out() -> None:
    found = told(
        {
            "creation_time": "2019-05-02T12:11:12Z",
            "com.apple.quicktime.creationdate": "2019-05-02T12:11:12+0200",
        }
    )
    trap = only(found, "zone_trap")
    assert "off by that much" in trap.text
    assert trap.when == When.parse("2019-05-02T12:11:12+02:00")


def test_a_local_time_beside_utc_tells_the_zone_that_the_device_was_set_to() -> None:
    found = told({"creation_time": "2019-05-02T06:41:20Z"}, "VID_20190502_121112.mp4")
    assert "UTC+05:30" in only(found, "zone").text
    west = told({"creation_time": "2019-05-02T22:11:20Z"}, "VID_20190502_121112.mp4")
    assert "UTC-10:00" in only(west, "zone").text


def test_two_equal_clocks_are_a_trap_and_unrelated_ones_say_nothing() -> None:
    name = "VID_20190502_121112.mp4"
    assert "zone_trap" in kinds(told({"creation_time": "2019-05-02T12:11:12Z"}, name))
    for other in ("2019-05-02T12:18:12Z", "2019-05-09T12:11:12Z", "2019-05-02"):
        found = kinds(told({"creation_time": other}, name))
        assert not {"zone", "zone_trap"} & set(found)


def test_utc_that_agrees_with_a_zoned_time_is_no_trap() -> None:
    found = told(
        {
            "creation_time": "2019-05-02T10:11:12Z",
            "com.apple.quicktime.creationdate": "2019-05-02T12:11:12+0200",
        }
    )
    assert not {"zone", "zone_trap"} & set(kinds(found))


# --- names


@pytest.mark.parametrize(
    ("name", "who", "when"),
    [
        ("VID-20190502-WA0007.mp4", "WhatsApp on Android", "2019-05-02"),
        ("IMG-20190502-WA0007.jpg", "WhatsApp on Android", "2019-05-02"),
        ("WhatsApp Video 2019-05-02 at 15.07.03.mp4", "WhatsApp", "2019-05-02T15:07:03"),
        ("WhatsApp Video 2019-05-02 at 3.07.03 PM.mp4", "WhatsApp", "2019-05-02T15:07:03"),
        ("WhatsApp Image 2019-05-02 at 12.07.03 AM.jpeg", "WhatsApp", "2019-05-02T00:07:03"),
        ("video_2019-05-02_15-07-03.mp4", "Telegram", "2019-05-02T15:07:03"),
        ("signal-2019-05-02-150703.mp4", "Signal", "2019-05-02T15:07:03"),
        ("PXL_20190502_150703123.mp4", "Pixel", "2019-05-02T15:07:03Z"),
        ("VID_20190502_150703.mp4", "Android", "2019-05-02T15:07:03"),
        ("20190502_150703.mp4", "Samsung", "2019-05-02T15:07:03"),
        ("RPReplay_Final1556809623.MP4", "iOS", "2019-05-02T15:07:03Z"),
    ],
)
def test_a_name_by_a_known_scheme_tells_its_app_and_date(name: str, who: str, when: str) -> None:
    dated, *more = name_findings(name)
    assert who in dated.text
    assert (dated.when, dated.strength) == (When.parse(when), "weak")
    assert "no publication date" in dated.text
    assert kinds(iter(more)) in ([], ["platform_copy"])


@pytest.mark.parametrize(
    "name",
    [
        *("clip.mp4", "", "VID-20191302-WA0007.mp4", "VID_20190231_150703.mp4", "20190502.mp4"),
        *("video_2019-05-02.mp4", "WhatsApp Video 2019-05-02 at 25.07.03.mp4", "my VID-1.mp4"),
    ],
)
def test_other_names_and_days_that_do_not_exist_tell_nothing(name: str) -> None:
    assert list(name_findings(name)) == []


def test_the_name_of_a_local_file_counts_and_that_of_a_download_does_not(
    clip: Path, tmp_path: Path
) -> None:
    named = tmp_path / "VID-20190502-WA0007.mp4"
    named.write_bytes(clip.read_bytes())
    assert "platform_copy" in kinds(read(named, name=named.name))
    assert "platform_copy" not in kinds(read(named))


# --- marks of programs


@pytest.mark.parametrize(
    ("tag", "value", "kind", "word"),
    [
        ("encoder", "HandBrake 1.0.7 2017040900", "reencoded", "HandBrake"),
        ("encoder", "Blackmagic Design DaVinci Resolve", "edited", "DaVinci Resolve"),
        ("software", "Adobe Premiere Pro 2020.0 (Windows)", "edited", "Adobe"),
        ("comment", '{"data":{"os":"mac","product":"vicut"}}', "edited", "CapCut or JianYing"),
        ("te_is_reencode", "1", "edited", "ByteDance"),
        ("aigc_info", '{"aigc_label_type": 1}', "ai_label", "AI"),
        ("stream 0 (video): handler_name", "Twitter-vork muxer", "platform_copy", "X (Twitter)"),
        ("stream 0 (video): handler_name", "VideoHandle", "android_writer", "Android"),
        ("stream 0 (video): handler_name", "Core Media Video", "apple_writer", "Apple"),
        ("stream 0 (video): handler_name", "Mainconcept Video Media Handler", "edited", "Adobe"),
        ("stream 1 (audio): handler_name", "GPAC ISO Audio Handler", "rewritten", "MP4"),
    ],
)
def test_the_mark_of_a_program_is_told_once_with_what_it_may_mean(
    tag: str, value: str, kind: str, word: str
) -> None:
    (finding,) = told({tag: value}).findings
    assert finding.kind == kind
    assert word in finding.text


@pytest.mark.parametrize(
    "value", ['{"aigc_label_type": 0}', '{"aigc_label_type": "x"}', "aigc_label_type", "[1]"]
)
def test_no_ai_label_is_told_where_none_is_given(value: str) -> None:
    assert kinds(told({"aigc_info": value})) == []


def test_ffmpegs_own_handler_is_not_taken_for_androids() -> None:
    assert kinds(told({"stream 0 (video): handler_name": "VideoHandler"})) == []


def test_googles_day_is_given_to_programs_too() -> None:
    handler = "ISO Media file produced by Google Inc. Created on: 05/02/2019."
    (finding,) = told({"stream 0 (video): handler_name": handler}).findings
    assert finding.when == When.parse("2019-05-02")


# --- XMP


def packet(attributes: str = "", elements: str = "") -> str:
    spaces = (
        'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" '
        'xmlns:xmp="http://ns.adobe.com/xap/1.0/" '
        'xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/" '
        'xmlns:exif="http://ns.adobe.com/exif/1.0/" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/" '
        'xmlns:i="http://iptc.org/std/Iptc4xmpExt/2008-02-29/"'
    )
    return (
        '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta '
        f'xmlns:x="adobe:ns:meta/"><rdf:RDF {spaces}><rdf:Description {attributes}>{elements}'
        '</rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end="w"?>'
    )


LABELLED = packet(
    f'xmp:CreatorTool="Adobe Premiere Pro 2024.0" i:DigitalSourceType="{IPTC}'
    'trainedAlgorithmicMedia" xmp:CreateDate="2019-05-02T12:11:12+02:00" '
    'exif:GPSLatitude="48,51.5N" exif:GPSLongitude="2,17,24E"',
    "<dc:creator><rdf:Seq><rdf:li>Ann</rdf:li></rdf:Seq></dc:creator>",
)


def labels(metadata: Metadata) -> None:
    assert metadata.container["XMP: dc:creator"] == "Ann"
    label = only(metadata, "ai_label")
    assert "generated by AI" in label.text
    assert label.strength == "medium"
    assert only(metadata, "recording_date").when == When.parse("2019-05-02T12:11:12+02:00")
    place = only(metadata, "position")
    assert place.latitude == pytest.approx(48.858333, abs=1e-6)
    assert place.longitude == pytest.approx(2.29, abs=1e-6)
    assert any("Premiere" in finding.text for finding in metadata.findings)


@pytest.mark.parametrize("name", ["a.jpg", "a.webp", "a.png"])
def test_xmp_in_stills_tells_ai_labels_dates_places_and_programs(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    picture = Image.new("RGB", (48, 32), "navy")
    if name == "a.png":
        from PIL.PngImagePlugin import PngInfo

        info = PngInfo()
        info.add_itxt("XML:com.adobe.xmp", LABELLED)
        picture.save(path, pnginfo=info)
    else:
        picture.save(path, xmp=LABELLED.encode())
    labels(read(path))


def test_xmp_in_videos_is_read_too(clip: Path, tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    mark = bytes.fromhex("be7acfcb97a942e89c71999491e3afac")
    path.write_bytes(clip.read_bytes() + box(b"uuid", mark, LABELLED.encode()))
    labels(read(path))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no XML",
        "<a><b></a>",
        '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>' + packet(),
        packet('xmp:Unknown="x" xmp:CreatorTool="  "'),
        "<" * 10_000,
    ],
    ids=["empty", "text", "broken", "entities", "unknown", "brackets"],
)
def test_what_is_no_xmp_has_no_properties(text: str) -> None:
    assert xmp_properties(text) == {}


# --- real files


@pytest.mark.skipif(not SHARED.is_dir(), reason="the real footage lies outside the repository")
def test_real_files_tell_the_programs_they_went_through() -> None:
    def of(name: str) -> set[str]:
        return set(kinds(read(SHARED / name)))

    assert "reencoded" in of("clips/meedan_check-api__d-item.mp4")
    assert "edited" in of("clips/contentauth_c2pa-python__video1.mp4")
    assert "several_pictures" in of("clips/pytorch_torchcodec__nasa_13013.mp4")
    assert "several_pictures" not in of("odd/thorn-oss_perception__extra_channel_attached_pic.mp4")
    assert "apple_writer" in of("odd/dmlc_decord__video_180.mov")
    assert "hidden_footage" in of("clips/thorn-oss_perception__v2.m4v")

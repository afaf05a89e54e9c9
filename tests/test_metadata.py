"""What a file says of itself: read without harm, told as leads, never as a publication date."""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from provenance.dates import When
from provenance.media import MediaInfo, probe
from provenance.metadata import read_metadata
from provenance.metadata.container import container_tags
from provenance.metadata.exif import exif_tags
from provenance.metadata.findings import MAX_FINDINGS, findings
from provenance.metadata.positions import Position, parse_iso6709
from provenance.metadata.values import MAX_LIST, MAX_TAGS, MAX_TEXT, clean_text, safe_tags
from provenance.models import Finding, Metadata
from provenance.models.testimony import metadata_dict
from provenance.process import find_ffmpeg, run
from provenance.settings import Settings

ODD = Path(__file__).resolve().parent.parent / ".." / "shared" / "footage" / "odd"
SETTINGS = Settings()
IMAGE_IFD = {271: "Example Co", 272: "Example Co Phone 3", 305: "Camera 1.2"}
EXIF_IFD = {36867: "2019:05:02 12:11:12", 36881: "+02:00"}  # DateTimeOriginal and its zone
GPS_IFD = {1: "N", 2: (48.0, 51.0, 30.0), 3: "W", 4: (2.0, 17.0, 24.0)}


def video(path: Path, tags: Mapping[str, str], *more: str) -> Path:
    """A short clip with these container tags, kept as they are by QuickTime's metadata keys."""
    metadata = [part for name, value in tags.items() for part in ("-metadata", f"{name}={value}")]
    encoding = ["-c:v", "mpeg4", "-movflags", "use_metadata_tags"]
    source = ["-f", "lavfi", "-i", "testsrc=d=1:s=96x64:r=5"]
    argv = [find_ffmpeg(), "-v", "error", *source, *metadata, *encoding, *more, str(path)]
    done = run(argv)
    assert done.returncode == 0, done.stderr
    return path


def picture(
    path: Path,
    image: Mapping[int, Any] = IMAGE_IFD,
    exif: Mapping[int, Any] = EXIF_IFD,
    gps: Mapping[int, Any] = GPS_IFD,
) -> Path:
    Image.new("RGB", (48, 32), "navy").save(path, exif=exif_block(image, exif, gps))
    return path


def exif_block(
    image: Mapping[int, Any] = IMAGE_IFD,
    exif: Mapping[int, Any] = EXIF_IFD,
    gps: Mapping[int, Any] = GPS_IFD,
) -> bytes:
    block = Image.Exif()
    block.update(image)
    block.get_ifd(0x8769).update(exif)
    block.get_ifd(0x8825).update(gps)
    return block.tobytes()


def read(path: Path) -> Metadata:
    return read_metadata(path, probe(path), SETTINGS)


def of_kind(metadata: Metadata, kind: str) -> list[Finding]:
    return [finding for finding in metadata.findings if finding.kind == kind]


def only(metadata: Metadata, kind: str) -> Finding:
    found = of_kind(metadata, kind)
    assert len(found) == 1, [finding.text for finding in metadata.findings]
    return found[0]


def told(container: Mapping[str, str], exif: Mapping[str, Any] | None = None) -> Metadata:
    return Metadata(container, exif or {}, findings(container, exif or {}))


# --- containers


def test_a_phones_video_tells_its_date_place_device_and_software(tmp_path: Path) -> None:
    clip = video(
        tmp_path / "phone.mov",
        {
            "creation_time": "2019-05-02T10:11:12Z",
            "com.apple.quicktime.creationdate": "2019-05-02T12:11:12+0200",
            "com.apple.quicktime.location.ISO6709": "+48.8584+002.2945+035.000/",
            "com.apple.quicktime.make": "Apple",
            "com.apple.quicktime.model": "iPhone 9",
            "com.apple.quicktime.software": "12.2",
        },
    )
    metadata = read(clip)
    date = only(metadata, "recording_date")
    assert "2 May 2019, 10:11 UTC" in date.text
    assert "+02:00" in date.text
    assert "no publication date" in date.text
    assert (date.source, date.strength) == ("container: com.apple.quicktime.creationdate", "weak")
    place = only(metadata, "position")
    assert "48.85840, 2.29450" in place.text
    assert "35 m" in place.text
    assert place.strength == "medium"
    assert "“Apple iPhone 9”" in only(metadata, "device").text
    assert "“12.2”" in only(metadata, "software").text
    assert metadata.container["com.apple.quicktime.make"] == "Apple"


def test_creation_time_alone_warns_that_its_zone_is_often_wrong(tmp_path: Path) -> None:
    metadata = read(video(tmp_path / "a.mp4", {"creation_time": "2019-05-02T10:11:12Z"}))
    finding = only(metadata, "recording_date")
    assert "UTC by specification" in finding.text
    # Whoever counts with it must allow for every zone that it may have been written in.
    assert finding.when == When.parse("2019-05-02T10:11:12")


def test_dates_and_places_are_given_to_programs_too() -> None:
    metadata = told(
        {
            "com.apple.quicktime.creationdate": "2019-05-02T12:11:12+0200",
            "location": "-33.8568+151.2153/",
        }
    )
    assert only(metadata, "recording_date").when == When.parse("2019-05-02T12:11:12+02:00")
    place = only(metadata, "position")
    assert (place.latitude, place.longitude, place.when) == (-33.8568, 151.2153, None)
    first, second = metadata_dict(metadata)["findings"]
    assert (first["when"], first["zone"]) == ("2019-05-02T10:11:12Z", "+02:00")
    assert (second["latitude"], second["longitude"]) == (-33.8568, 151.2153)


def test_what_ffmpeg_encoded_and_wrote_is_told_as_two_things(tmp_path: Path) -> None:
    metadata = read(video(tmp_path / "a.mkv", {}))
    assert "Lavc" in only(metadata, "reencoded").text
    assert "Lavf" in only(metadata, "rewritten").text
    assert of_kind(metadata, "software") == []


def test_googles_handler_and_tiktoks_comment_point_to_platform_copies(tmp_path: Path) -> None:
    handler = "ISO Media file produced by Google Inc. Created on: 05/02/2019."
    clip = video(
        tmp_path / "a.mp4",
        {"comment": "vid:v09044g40000abc"},
        *("-metadata:s:v:0", f"handler_name={handler}"),
    )
    first, second = of_kind(read(clip), "platform_copy")
    assert first.source == "stream 0 (video): handler_name"
    assert "YouTube" in first.text
    assert "2 May 2019" in first.text
    assert second.source == "container: comment"
    assert "TikTok" in second.text


def test_an_address_that_a_download_program_left_is_told_without_its_password() -> None:
    metadata = told({"purl": "https://me:secret@example.org/v/1", "comment": "nice video"})
    finding = only(metadata, "source_address")
    assert "https://example.org/v/1" in finding.text
    assert "secret" not in finding.text


def test_a_file_without_tags_gives_no_findings() -> None:
    assert told({"format": "avi"}).findings == ()


@pytest.mark.parametrize(
    "date",
    [
        "1904-01-01T00:00:00.000000Z",
        "1970-01-01T00:00:00Z",
        "1969-12-31T16:00:00-0800",
        "1980-01-01T00:00:00Z",
        "0000-00-00T00:00:00Z",
        "0001-01-01",
        "2019-13-45T99:00:00Z",
        "yesterday",
        "",
    ],
)
def test_a_date_that_no_clock_showed_is_no_finding(date: str) -> None:
    assert told({"creation_time": date}).findings == ()


def test_the_same_moment_in_container_and_streams_is_told_once() -> None:
    at = "2019-05-02T10:11:1{}.000000Z"
    metadata = told(
        {
            "creation_time": at.format(2),
            "stream 0 (video): creation_time": at.format(2),
            "stream 1 (audio): creation_time": at.format(5),
        }
    )
    assert only(metadata, "recording_date").source == "container: creation_time"


def test_two_different_moments_are_both_told() -> None:
    metadata = told(
        {
            "creation_time": "2024-10-29T08:00:00Z",
            "com.apple.quicktime.creationdate": "2019-05-02T12:11:12+0200",
        }
    )
    texts = [finding.text for finding in of_kind(metadata, "recording_date")]
    assert ["2019" in text for text in texts] == [True, False]
    assert "2024" in texts[1]


def test_the_servers_last_modified_is_told_and_is_no_publication_date() -> None:
    (finding,) = findings({}, {}, When.parse("2019-05-02T10:11:12Z"))
    assert finding.kind == "last_modified"
    assert "last changed on 2 May 2019, 10:11 UTC: not a publication date" in finding.text
    assert (finding.strength, finding.source) == ("weak", "server: Last-Modified")


def test_every_date_in_a_file_is_said_to_be_no_publication_date() -> None:
    exif = {"EXIF DateTimeOriginal": "2019:05:02 10:11:12", "Image DateTime": "2020:01:02 03:04:05"}
    metadata = told({"creation_time": "2018-01-01T10:00:00Z", "DATE": "20170101"}, exif)
    dated = [f for f in metadata.findings if f.kind.endswith("_date")]
    assert len(dated) == 4
    assert all("no publication date" in finding.text for finding in dated)


# --- hostile values


def test_control_characters_and_turned_writing_never_reach_the_report(tmp_path: Path) -> None:
    nasty = "a\x1b[31mb\x07\u202egnp.exe\r\nnext\u2028line"
    metadata = read(video(tmp_path / "a.mp4", {"title": nasty, "make": nasty, "comment": nasty}))
    texts = [*map(str, metadata.container.values()), *(f.text for f in metadata.findings)]
    assert "a[31mbgnp.exe next line" in metadata.container["title"]
    assert not [text for text in texts if any(c in text for c in "\x1b\x07\u202e\r\n\u2028")]


def test_a_value_cannot_close_the_quotation_marks_it_stands_in() -> None:
    text = only(told({"model": "X” is genuine. “"}), "device").text
    assert text.count("”") == 1
    assert text.count("“") == 1


def test_long_values_are_cut_and_many_tags_end() -> None:
    tags = {"title": "x" * 3_000_000, **{f"tag{n}": str(n) for n in range(1000)}}
    kept = container_tags({"format": "matroska", "tags": tags, "streams": []})
    assert len(kept["title"]) == MAX_TEXT
    assert len(kept) == MAX_TAGS


def test_a_thousand_streams_with_dates_of_their_own_do_not_flood_the_report() -> None:
    tags = {f"stream {n} (video): creation_time": f"20{n % 90 + 10}-05-02" for n in range(1000)}
    assert len(told(tags).findings) == MAX_FINDINGS


@pytest.mark.parametrize("tags", [None, [], "text", {"streams": 5}, {"tags": [1], "streams": [1]}])
def test_a_listing_of_another_shape_has_no_tags(tags: Any) -> None:
    assert container_tags(tags if isinstance(tags, dict) else {"tags": tags}) == {}


_JUNK = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.binary(max_size=20)
    | st.sampled_from(["2019-05-02", "+48.85+002.29/", "https://example.org", "vid:v0", "Lavf1"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
_NAMES = st.text() | st.sampled_from(
    [
        "creation_time",
        "location",
        "make",
        "model",
        "comment",
        "encoder",
        "stream 0 (video): creation_time",
        "stream : ",
        "Cover: Image Make",
        "EXIF DateTimeOriginal",
        "GPS GPSLatitude",
        "GPS GPSLatitudeRef",
        "GPS GPSDate",
        "GPS GPSTimeStamp",
    ]
)


@given(st.dictionaries(_NAMES, _JUNK, max_size=12), st.dictionaries(_NAMES, _JUNK, max_size=12))
@settings(max_examples=150, deadline=None)
def test_any_tags_at_all_become_json_and_findings_without_error(
    container: dict[str, Any], exif: dict[str, Any]
) -> None:
    kept, kept_exif = safe_tags(container), safe_tags(exif)
    json.dumps([kept, kept_exif], allow_nan=False)
    for finding in findings(kept, kept_exif):
        assert finding.strength in ("weak", "medium")
        assert clean_text(finding.text, 2000) == finding.text
        assert finding.source


# --- EXIF


@pytest.mark.parametrize("name", ["a.jpg", "a.tiff", "a.png", "a.webp", "a.avif"])
def test_a_pictures_exif_is_read_from_every_format(tmp_path: Path, name: str) -> None:
    metadata = read(picture(tmp_path / name))
    assert metadata.exif["Image Make"] == "Example Co"
    date = only(metadata, "recording_date")
    assert "2 May 2019, 10:11 UTC (written with the zone +02:00)" in date.text
    assert date.source == "EXIF: EXIF DateTimeOriginal"
    place = only(metadata, "position")
    assert "48.85833, -2.29000" in place.text
    assert "“Example Co Phone 3”" in only(metadata, "device").text
    assert "“Camera 1.2”" in only(metadata, "software").text


def test_a_recording_time_without_a_zone_is_told_as_local(tmp_path: Path) -> None:
    path = picture(tmp_path / "a.jpg", exif={36867: "2019:05:02 12:11:12"})
    finding = only(read(path), "recording_date")
    assert "2 May 2019, 12:11 (local time; the zone is not told)" in finding.text


def test_a_broken_zone_leaves_the_local_time() -> None:
    exif = {"EXIF DateTimeOriginal": "2019:05:02 12:11:12", "EXIF OffsetTimeOriginal": "+99:00"}
    assert "2 May 2019, 12:11 (local time" in only(told({}, exif), "recording_date").text


@pytest.mark.parametrize(
    "text", ["0000:00:00 00:00:00", "    :  :     :  :  ", "1970:01:01 00:00:00", "2019-05-02"]
)
def test_an_unset_camera_clock_is_no_finding(text: str) -> None:
    assert told({}, {"EXIF DateTimeOriginal": text}).findings == ()


def test_the_satellites_time_is_a_recording_date_in_utc() -> None:
    exif = {"GPS GPSDate": "2019:05:02", "GPS GPSTimeStamp": [10, 11, 12.5]}
    finding = only(told({}, exif), "recording_date")
    assert "2 May 2019, 10:11 UTC" in finding.text
    assert "satellites" in finding.text


@pytest.mark.parametrize(
    ("latitude", "reference"),
    [([91, 0, 0], "N"), ([48, 61, 0], "N"), ([48, 51, 30], "X"), ("48", "N"), ([], "N"), (-4, "N")],
)
def test_a_position_that_is_not_on_the_globe_is_no_finding(latitude: Any, reference: str) -> None:
    exif = {
        "GPS GPSLatitude": latitude,
        "GPS GPSLatitudeRef": reference,
        "GPS GPSLongitude": [2, 17, 24],
        "GPS GPSLongitudeRef": "E",
    }
    assert told({}, exif).findings == ()


def test_thumbnails_and_makers_notes_stay_out_of_the_report(tmp_path: Path) -> None:
    exif = {**EXIF_IFD, 37500: b"\x00\x01binary" * 500, 37121: b"\x01\x02\x03\x00"}
    tags = read(picture(tmp_path / "a.jpg", exif=exif)).exif
    assert tags["EXIF ComponentsConfiguration"] == "YCbCr"
    assert not [name for name in tags if "MakerNote" in name or "Thumbnail" in name]
    assert all(len(str(value)) <= MAX_TEXT for value in tags.values())
    assert all(len(value) <= MAX_LIST for value in tags.values() if isinstance(value, list))


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff\xd8\xff",
        b"\xff\xd8\xff\xe1\x00\x10Exif\0\0MM\0*\xff\xff\xff\xff",
        b"II*\0\x08\0\0\0" + b"\xff" * 64,
        b"RIFF\xff\xff\xff\xffWEBPVP8X" + b"\x08" * 40,
        b"\x89PNG\r\n\x1a\n" + b"\xff" * 64,
        b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + b"\0\0\0\x10meta\0\0\0\0\xff\xff\xff\xff" * 3,
        b"not a picture at all",
    ],
    ids=["empty", "jpeg", "jpeg-exif", "tiff", "webp", "png", "heic", "text"],
)
def test_a_broken_picture_has_no_exif_and_no_error(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.jpg"
    path.write_bytes(content)
    assert exif_tags(path, SETTINGS) == {}


@pytest.mark.parametrize("extents", [1, 2])
def test_exif_of_a_heic_is_found_also_where_the_reader_asserts(
    tmp_path: Path, extents: int
) -> None:
    path = tmp_path / "a.heic"
    path.write_bytes(heic(exif_block(), extents))
    assert exif_tags(path, SETTINGS)["Image Model"] == "Example Co Phone 3"


def test_a_reader_that_runs_out_of_memory_leaves_no_exif(tmp_path: Path) -> None:
    path = picture(tmp_path / "a.jpg")
    assert exif_tags(path, replace(SETTINGS, decode_memory=8 << 20)) == {}


def test_a_missing_file_has_no_exif(tmp_path: Path) -> None:
    info = MediaInfo(is_still=True, width=1, height=1)
    assert read_metadata(tmp_path / "gone.jpg", info, SETTINGS) == Metadata()


def test_the_exif_of_a_cover_picture_is_told_as_the_covers(tmp_path: Path) -> None:
    cover = picture(tmp_path / "cover.jpg")
    plain = video(tmp_path / "plain.mp4", {})
    both = tmp_path / "both.mp4"
    mapping = ["-map", "0", "-map", "1", "-c", "copy", "-disposition:v:1", "attached_pic"]
    argv = [find_ffmpeg(), "-v", "error", "-i", str(plain), "-i", str(cover), *mapping, str(both)]
    done = run(argv)
    assert done.returncode == 0, done.stderr
    metadata = read(both)
    assert metadata.exif["Cover: Image Make"] == "Example Co"
    assert only(metadata, "device").text.startswith("The cover picture in the file names")
    assert only(metadata, "position").source == "EXIF of the cover: GPS GPSLatitude"


def heic(block: bytes, extents: int) -> bytes:
    """The skeleton of a HEIC: an index that names one Exif item, cut in so many extents."""
    data = struct.pack(">I", 6) + b"Exif\0\0" + block.removeprefix(b"Exif\0\0")

    def box(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content) + 8) + kind + content

    def index(start: int) -> bytes:
        entry = box(b"infe", struct.pack(">IHH", 2 << 24, 1, 0) + b"Exif\0")
        items = box(b"iinf", struct.pack(">IH", 0, 1) + entry)
        size = len(data) // extents
        cuts = [(start + n * size, size if n < extents - 1 else None) for n in range(extents)]
        places = b"".join(
            struct.pack(">II", at, len(data) - (at - start) if length is None else length)
            for at, length in cuts
        )
        located = struct.pack(">IBBHHHH", 0, 0x44, 0, 1, 1, 0, extents) + places
        return box(b"meta", struct.pack(">I", 0) + items + box(b"iloc", located))

    head = box(b"ftyp", b"heic\0\0\0\0mif1heic")
    return head + index(len(head) + len(index(0)) + 8) + box(b"mdat", data)


# --- positions


@pytest.mark.parametrize(
    ("text", "position"),
    [
        ("+48.8584+002.2945/", Position(48.8584, 2.2945)),
        ("-33.8568+151.2153+012.5/", Position(-33.8568, 151.2153, 12.5)),
        ("+4851.50+00217.40/", Position(48 + 51.5 / 60, 2 + 17.4 / 60)),
        ("+485130-0021724CRSWGS_84/", Position(48 + 51.5 / 60, -2.29)),
        ("+48.85+2.29", Position(48.85, 2.29)),
        ("+90+180/", Position(90, 180)),
        ("+00.0000+000.0000/", None),
        ("+91.0+000.0/", None),
        ("+48.0+181.0/", None),
        ("+4861.0+00217.0/", None),
        ("+486161+0021724/", None),
        ("48.85,2.29", None),
        ("+48.85", None),
        ("Paris", None),
        ("", None),
    ],
)
def test_iso6709_examples(text: str, position: Position | None) -> None:
    found = parse_iso6709(text)
    if position is None or found is None:
        assert found is position
        return
    assert found.latitude == pytest.approx(position.latitude, abs=1e-9)
    assert found.longitude == pytest.approx(position.longitude, abs=1e-9)
    assert found.altitude == position.altitude


@given(
    st.integers(-90 * 36000, 90 * 36000),
    st.integers(-180 * 36000, 180 * 36000),
    st.none() | st.integers(-400, 9000),
    st.sampled_from(["degrees", "minutes", "seconds"]),
)
def test_a_written_position_is_read_back_from_all_three_forms(
    latitude: int, longitude: int, altitude: int | None, form: str
) -> None:
    if latitude == longitude == 0:
        return
    text = written(latitude, 2, form) + written(longitude, 3, form)
    found = parse_iso6709(text + ("" if altitude is None else f"{altitude:+d}") + "/")
    assert found is not None
    assert found.latitude == pytest.approx(latitude / 36000, abs=1e-6)
    assert found.longitude == pytest.approx(longitude / 36000, abs=1e-6)
    assert found.altitude == altitude


@given(st.text(alphabet="+-0123456789.,/CRS ", max_size=40) | st.text())
def test_no_text_makes_the_reader_of_positions_fail(text: str) -> None:
    found = parse_iso6709(text)
    assert found is None or (abs(found.latitude) <= 90 and abs(found.longitude) <= 180)


def written(tenths: int, width: int, form: str) -> str:
    """Tenths of an arc second in a form of ISO 6709; degrees have `width` digits."""
    sign, size = "-" if tenths < 0 else "+", abs(tenths)
    degrees, rest = divmod(size, 36000)
    if form == "degrees":
        return f"{sign}{degrees:0{width}d}.{round(rest / 36000 * 10**8):08d}"
    minutes, rest = divmod(rest, 600)
    if form == "minutes":
        return f"{sign}{degrees:0{width}d}{minutes:02d}.{round(rest / 600 * 10**7):07d}"
    return f"{sign}{degrees:0{width}d}{minutes:02d}{rest // 10:02d}.{rest % 10}"


# --- real files


@pytest.mark.skipif(not ODD.is_dir(), reason="the odd footage lies outside the repository")
def test_odd_files_give_json_and_findings_with_sources() -> None:
    told_kinds = {}
    for path in sorted(ODD.iterdir()):
        try:
            info = probe(path)
        except Exception:  # what is no video is another test's business
            continue
        metadata = read_metadata(path, info, SETTINGS, last_modified=None)
        json.dumps([metadata.container, metadata.exif], allow_nan=False)
        told_kinds[path.name] = {finding.kind for finding in metadata.findings}
    assert "platform_copy" in told_kinds["Farmadupe_vid_dup_finder_lib__cat.2.mp4"]
    assert "recording_date" in told_kinds["contentauth_c2pa-rs__video1_no_manifest.mp4"]
    assert told_kinds["andrewssobral_bgslibrary__demo.avi"] == set()

"""Sample reports for tests: every label, an error, a still, and hostile text from outside."""

from __future__ import annotations

import io
from dataclasses import replace

from PIL import Image, ImageDraw

from provenance.dates import When
from provenance.models import (
    Appearance,
    ArchiveState,
    Claim,
    ContentCredentials,
    Coverage,
    CredentialAction,
    CredentialIngredient,
    Finding,
    Footage,
    Match,
    Metadata,
    Reason,
    Report,
    Segment,
    SegmentPictures,
    Source,
    SourceError,
    Thumbnail,
    Verdict,
)
from provenance.models.attestation import CredentialProblem

CHECKED_AT = When.parse("2024-11-02T09:15:00Z")
HOSTILE = (
    "<script>alert('x')</script><img src=x onerror=alert(1)>\"'&{{7*7}}{% raw %}"
    "[bold red]rich[/bold red][link=https://evil.example]x[/link]:smile: "
    "\x1b[31mred\x1b[0m\x1b]8;;https://evil.example\x07link\x1b]8;;\x07\x9b2J\x07\x00"
    "\u202egpj.exe\u202c\u2066x\u2069\ud800\u2028line"
)
HOSTILE_URL = "javascript:alert(document.cookie)//https://ok.example"


def archive_state() -> ArchiveState:
    return ArchiveState(
        location="/home/someone/archive",
        footages=412,
        hours=51.25,
        earliest=When.parse("2014-07"),
        latest=When.parse("2024-09-30"),
        updated_at=When.parse("2024-10-31T18:04:09Z"),
    )


def source() -> Source:
    return Source(
        location="https://video.example/watch?v=k2",
        url="https://video.example/watch?v=k2",
        file="/tmp/scratch/k2.mp4",
        sha256="ab" * 32,
        bytes=3_512_004,
        duration=41.0,
        width=720,
        height=1280,
        fps=29.97,
        codec="h264",
        title="North Korean soldiers line up for Russian gear",
        uploader="breaking_now_24",
        platform="VideoExample",
        published=When.parse("2024-10-30T07:12:00Z"),
        basis="platform",
        description="Shared with no source.",
    )


def earlier_appearance() -> Report:
    """Two matches with three segments, one candidate, pictures, findings."""
    depot = Footage(
        id=7,
        location="depot.mp4",
        sha256="cd" * 32,
        title="Conscripts queue for uniforms at the Kirovske depot",
        duration=184.0,
        width=1920,
        height=1080,
        fps=25.0,
        added_at=When.parse("2023-02-01T12:00:00Z"),
        appearances=(
            Appearance(
                id=11,
                url="https://www.youtube.com/watch?v=aBcDeFgHiJk",
                platform="YouTube",
                published=When.parse("2019-05-02T10:00:00+03:00"),
                basis="platform",
                title="Conscripts queue for uniforms",
                uploader="Depot TV",
                place="Kirovske, Ukraine",
                note="Same building as in the 2018 photographs.",
                fact_check="https://facts.example/uniform-queue",
            ),
            Appearance(
                id=12,
                url="https://web.archive.org/web/20200618/https://forum.example/t/88",
                platform="Web archive",
                published=When.parse("2020-06-18"),
                basis="archived",
            ),
            Appearance(id=13, published=When.parse("2023-02"), basis="ingested"),
            Appearance(id=14, url="https://social.example/p/9", title="Repost without a date"),
        ),
    )
    parade = Footage(
        id=31,
        location="https://archive.example/parade.webm",
        sha256="ef" * 32,
        duration=3725.5,
        width=1280,
        height=720,
        fps=30.0,
        appearances=(
            Appearance(
                id=40,
                url="https://archive.example/parade.webm",
                published=When.parse("2021"),
                basis="declared",
                title="Parade rehearsal, full recording",
                place="Khabarovsk, Russia",
            ),
            Appearance(
                id=41,
                url="https://video.example/watch?v=k2",
                platform="VideoExample",
                published=When.parse("2024-10-30T07:12:00Z"),
                basis="platform",
                remembered_sha256="ab" * 32,
            ),
        ),
    )
    lookalike = Footage(id=52, location="b/other.mp4", sha256="12" * 32, duration=60.0)
    evidence = {"inliers": 212.0, "frames": 24.0, "pixel_agreement": 0.934}
    matches = (
        Match(
            footage=depot,
            score=0.9731,
            accepted=True,
            segments=(
                Segment(3.0, 15.4, 80.0, 92.4, 1.0, True, False, 0.97, evidence),
                Segment(19.2, 24.0, 120.0, 126.0, 1.25, True, True, 0.91, evidence),
            ),
            edits=("mirrored", "cropped", "captioned", "speed_changed"),
            edit_details={
                "cropped": {"left": 0.12, "top": 0.05, "width": 0.71, "height": 0.9},
                "speed_changed": {"speed": 1.25},
            },
        ),
        Match(
            footage=parade,
            score=0.884,
            accepted=True,
            segments=(Segment(28.0, 39.5, 1802.2, 1813.7, 1.0, False, False, 0.88, evidence),),
            edits=("letterboxed", "recoloured"),
            edit_details={"letterboxed": {"top": 0.1, "bottom": 0.1}},
        ),
        Match(lookalike, 0.31, False, (Segment(1.0, 2.5, 10.0, 11.5, score=0.31),)),
    )
    return Report(
        source=source(),
        checked_at=CHECKED_AT,
        archive=archive_state(),
        claim=Claim(
            "Ukraine video claims to show North Korean soldiers lining up to collect "
            "Russia military gear",
            date="2024-10-29",
            place="Russia",
            url="https://posts.example/1",
        ),
        verdict=Verdict(
            label="earlier_appearance",
            confidence=0.984,
            summary=(
                "12.4 s of this clip (0:03 to 0:15) match footage published on 2 May 2019, "
                "5 years and 180 days before the claimed date, mirrored and cropped."
            ),
            reasons=(
                Reason(
                    "published_before_claim",
                    "The platform gives 2 May 2019 as the publication date; the claim is about "
                    "29 October 2024.",
                    "strong",
                ),
                Reason("several_matches", "Two pieces of known footage are in the clip.", "medium"),
                Reason("place_differs", "The footage was declared as filmed elsewhere.", "weak"),
            ),
        ),
        coverage=Coverage(28.7, 0.7),
        earliest=depot.appearances[0],
        matches=matches,
        metadata=Metadata(
            container={"encoder": "Lavf60.3.100", "handler_name": "VideoHandler"},
            findings=(
                Finding(
                    "reencoded",
                    "The file was written by ffmpeg, so it is not a camera's original.",
                    "medium",
                    "container: encoder",
                ),
            ),
        ),
        pictures=(
            SegmentPictures(0, 0, ((_shot(3.5, 0), _shot(80.5, 1)), (_shot(14, 0), _shot(91, 1)))),
            SegmentPictures(0, 1, ((_shot(21.6, 0), None),)),
            SegmentPictures(1, 0, ((_shot(33.0, 2), _shot(1807.2, 3)),)),
        ),
    )


def known_footage() -> Report:
    """The same matches, with no claim."""
    return replace(
        earlier_appearance(),
        claim=None,
        verdict=Verdict(
            "known_footage", "28.7 s of this clip match known footage.", 0.98, _REASONS
        ),
    )


def inconclusive() -> Report:
    """Only a candidate and a commonplace match."""
    full = earlier_appearance()
    return replace(
        full,
        verdict=Verdict(
            "inconclusive", "Only a station logo in this clip is known.", 0.4, _REASONS
        ),
        matches=(replace(full.matches[0], commonplace=True, edits=()), full.matches[2]),
        coverage=Coverage(),
        earliest=None,
        pictures=(),
    )


def no_match() -> Report:
    return Report(
        source=replace(source(), location="/home/someone/clips/new.mp4", url=None, title=None),
        checked_at=CHECKED_AT,
        archive=archive_state(),
        claim=Claim("A flood in our town", date="2024-10"),
        verdict=Verdict(
            "no_match",
            "Nothing like this clip is in the archive that was asked.",
            None,
            (Reason("nothing_found", "412 pieces of footage were compared.", "medium"),),
        ),
    )


def failed() -> Report:
    return Report(
        source=Source(location="/home/someone/clips/note.mp4"),
        checked_at=CHECKED_AT,
        error=SourceError(
            "media_unreadable",
            "note.mp4 holds no picture: it is a text file.",
            "Give a video or a picture.",
            4,
        ),
    )


def still() -> Report:
    """A picture taken from known footage: no duration, no frame rate."""
    full = earlier_appearance()
    segment = Segment(0.0, 0.04, 80.0, 80.04, score=0.95)
    return replace(
        full,
        source=Source(
            "photo.jpg",
            file="photo.jpg",
            sha256="34" * 32,
            bytes=81_000,
            width=800,
            height=600,
            codec="mjpeg",
        ),
        matches=(replace(full.matches[0], segments=(segment,), edits=()),),
        coverage=Coverage(0.0, 1.0),
        metadata=Metadata(exif={"Image Make": "Phone"}),
        content_credentials=credentials(),
        pictures=(SegmentPictures(0, 0, ((_shot(0.0, 0), _shot(80.0, 1)),)),),
    )


def credentials(text: str = "Camera 7") -> ContentCredentials:
    """Intact ones by a signer whom nobody vouches for; every text in them can be given."""
    return ContentCredentials(
        "valid",
        signer=text,
        issuer=text,
        signed_at=When.parse("2024-10-28T10:11:12Z"),
        time_basis="authority",
        time_authority=text,
        generator=text,
        title=text,
        authors=(text,),
        generated="partly_generated",
        source_types=("compositeWithTrainedAlgorithmicMedia", text),
        actions=(
            CredentialAction("c2pa.opened", When.parse("2024-10-28T10:00:00Z"), text, text, text),
            CredentialAction(text, source_type="compositeWithTrainedAlgorithmicMedia"),
        ),
        ingredients=(
            CredentialIngredient(text, "parentOf", 1, "trusted", text, text, ("digitalCapture",)),
            CredentialIngredient(text, text, 2),
        ),
        problems=(CredentialProblem(text, text),),
        remote_url=text,
        manifest=text,
    )


def hostile() -> Report:
    """Every text from outside is an attack; every address is one too."""
    full = earlier_appearance()
    text = HOSTILE
    bad = Appearance(
        id=1,
        url=HOSTILE_URL,
        platform=text,
        published=When.parse("2019-05-02"),
        basis="declared",
        title=text,
        uploader=text,
        place=text,
        note=text,
        fact_check=HOSTILE_URL,
    )
    quoted = replace(bad, url='https://x.example/" onmouseover="alert(1)', fact_check=None)
    posing = replace(bad, url="https://video.example@evil.example/", fact_check="data:text/html,x")
    footage = Footage(
        id=1,
        location=text,
        sha256="cd" * 32,
        title=text * 20,
        duration=184.0,
        appearances=(bad, quoted, posing),
    )
    return replace(
        full,
        source=replace(
            full.source,
            location=text,
            url=HOSTILE_URL,
            title=text,
            uploader=text,
            codec=text,
            platform=text,
            description=text * 100,
        ),
        claim=Claim(text, date="2024-10-29", place=text, url=HOSTILE_URL),
        verdict=Verdict(
            "earlier_appearance", text, 0.9, (Reason("published_before_claim", text, "strong"),)
        ),
        archive=replace(archive_state(), location=text),
        matches=(
            replace(full.matches[0], footage=footage, edits=("cropped", text)),
            replace(full.matches[2], footage=footage),
        ),
        metadata=Metadata(
            container={text: text, "deep": {text: [text]}},
            exif={text: text},
            findings=(Finding("odd", text, "weak", text),),
        ),
        content_credentials=credentials(text),
    )


def hostile_error() -> Report:
    return replace(
        failed(), source=Source(HOSTILE), error=SourceError("download", HOSTILE, HOSTILE, 3)
    )


def every_report() -> dict[str, Report]:
    """All of them by name."""
    makers = (
        earlier_appearance,
        known_footage,
        inconclusive,
        no_match,
        failed,
        still,
        hostile,
        hostile_error,
    )
    return {maker.__name__: maker() for maker in makers}


_REASONS = (Reason("known_footage", "The clip holds known footage.", "strong"),)


def _shot(seconds: float, scene: int) -> Thumbnail:
    """A drawn scene; scenes 0 and 1, and 2 and 3, are mirrored or recoloured twins."""
    width, height = (180, 320) if scene == 0 else (320, 180)
    sky = ((120, 150, 180), (120, 150, 180), (90, 110, 90), (190, 150, 110))[scene]
    picture = Image.new("RGB", (320, 180), sky)
    draw = ImageDraw.Draw(picture)
    draw.rectangle((0, 120, 320, 180), fill=(92, 84, 70))
    draw.polygon(((20, 120), (20, 60), (90, 35), (160, 60), (160, 120)), fill=(140, 60, 50))
    for number in range(7):
        x = 150 + 22 * number + int(seconds) % 9
        draw.ellipse((x, 92, x + 12, 104), fill=(225, 190, 160))
        draw.rectangle((x - 2, 104, x + 14, 140), fill=(60, 74, 44))
    if scene == 0:
        picture = picture.transpose(Image.Transpose.FLIP_LEFT_RIGHT).crop((30, 0, 131, 180))
        picture = picture.resize((width, height))
        ImageDraw.Draw(picture).rectangle((10, 270, 170, 300), fill=(255, 230, 0))
    stream = io.BytesIO()
    picture.save(stream, "JPEG", quality=80)
    return Thumbnail(float(seconds), stream.getvalue())

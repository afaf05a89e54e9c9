"""The report as a page: what it shows, and that nothing from outside acts in it."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import dataclass, field, replace
from html.parser import HTMLParser
from itertools import pairwise

import pytest
import report_factory as factory

from provenance.dates import When
from provenance.errors import UsageError
from provenance.models import Appearance, Claim, Footage, Match, Region, Report, Segment, Source
from provenance.report import renderer, timeline
from provenance.report.html_report import _template, page_name

_VOID = {"meta", "img", "br", "path", "circle", "rect", "line", "polygon"}
_TAGS = re.findall(
    r"[a-z0-9]+",
    "html head meta title style body header main section div article footer span svg path rect "
    "circle line polygon text a b p h1 h2 h3 h4 ul li dl dt dd blockquote bdi br figure figcaption "
    "img table thead tbody tr th td details summary pre",
)
_ATTRIBUTES = re.findall(
    r"[a-z0-9-]+",
    "lang charset http-equiv content name class id aria-labelledby aria-hidden aria-label role "
    "viewbox d cx cy r x y x1 x2 y1 y2 rx width height points preserveaspectratio text-anchor "
    "href rel src alt scope data-label",
)


@dataclass
class Page(HTMLParser):
    """A parsed page: its elements with their attributes, its text, what was left open."""

    source: str
    elements: list[tuple[str, dict[str, str | None]]] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    stack: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.feed(self.source)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in _VOID:
            self.stack.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.stack.pop() == tag, f"</{tag}> closes something else"

    def handle_data(self, data: str) -> None:
        if not self.stack or self.stack[-1] != "style":
            self.texts.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.texts).split())

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]


def _page(report: Report) -> Page:
    return Page(renderer("html").render([report]))


_EVERY = factory.every_report()


@pytest.mark.parametrize("name", _EVERY)
def test_a_page_is_well_formed_and_made_of_known_parts(name: str) -> None:
    page = _page(_EVERY[name])
    assert page.stack == []
    assert {tag for tag, _ in page.elements} <= set(_TAGS)
    assert {name for _, attributes in page.elements for name in attributes} <= set(_ATTRIBUTES)


@pytest.mark.parametrize("name", _EVERY)
def test_a_page_loads_nothing_and_links_only_to_the_web_and_to_itself(name: str) -> None:
    page = _page(_EVERY[name])
    for _, attributes in page.elements:
        source = attributes.get("src")
        assert source is None or source.startswith("data:image/jpeg;base64,")
        target = attributes.get("href")
        if target is not None and not target.startswith("#"):
            assert re.match(r"https?://", target)
            assert attributes["rel"] == "noopener noreferrer nofollow"
    style = page.source[page.source.index("<style>") : page.source.index("</style>")]
    assert "url(" not in style
    assert "@import" not in style


@pytest.mark.parametrize("name", _EVERY)
def test_every_inner_link_has_its_target_and_every_id_is_there_once(name: str) -> None:
    page = _page(_EVERY[name])
    ids = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    inner = {a["href"] for a in page.all("a") if str(a["href"]).startswith("#")}
    assert {str(target)[1:] for target in inner} <= set(ids)
    named = {a["aria-labelledby"] for _, a in page.elements if "aria-labelledby" in a}
    assert named <= set(ids)


def test_the_policy_allows_pictures_in_the_page_and_our_own_style_and_nothing_else() -> None:
    page = _page(factory.earlier_appearance())
    policy = next(
        str(a["content"])
        for a in page.all("meta")
        if a.get("http-equiv") == "Content-Security-Policy"
    )
    style = page.source.partition("<style>")[2].partition("</style>")[0]
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert policy.split("; ") == [
        "default-src 'none'",
        "img-src data:",
        f"style-src 'sha256-{digest}'",
        "base-uri 'none'",
        "form-action 'none'",
    ]
    assert page.source.index("Content-Security-Policy") < page.source.index("<style>")


def test_hostile_text_is_shown_as_text() -> None:
    for report in (factory.hostile(), factory.hostile_error()):
        page = _page(report)
        page.source.encode("utf-8")
        assert "<script>alert('x')</script><img src=x onerror=alert(1)>" in page.text
        assert "{{7*7}}{% raw %}" in page.text
        assert "<script" not in page.source
        assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", page.source)


def test_addresses_that_run_or_deceive_are_never_links() -> None:
    page = _page(factory.hostile())
    assert "javascript:alert(document.cookie)" in page.text
    targets = [str(a["href"]) for a in page.all("a")]
    assert all(target.startswith("#") for target in targets)


def test_the_verdict_is_said_in_words_and_not_by_colour_alone() -> None:
    for report, words in (
        (factory.earlier_appearance(), "Appeared earlier than claimed"),
        (factory.known_footage(), "Known footage"),
        (factory.inconclusive(), "Inconclusive"),
        (factory.no_match(), "Not found in this archive"),
        (factory.failed(), "Not checked"),
    ):
        page = _page(report)
        heading = re.search(r"<h1[^>]*>(.*?)</h1>", page.source)
        assert heading
        assert heading[1] == words
        assert len(page.all("h1")) == 1
    reports = (
        factory.earlier_appearance(),
        factory.known_footage(),
        factory.inconclusive(),
        factory.no_match(),
        factory.failed(),
    )
    signs = {_page(r).source.partition('class="sign"')[2].partition("</svg>")[0] for r in reports}
    assert len(signs) == 5


def test_the_page_holds_what_a_reader_must_know() -> None:
    text = _page(factory.earlier_appearance()).text
    for part in (
        "12.4 s of this clip (0:03 to 0:15) match footage published on 2 May 2019",
        "Confidence of the matches: 98 %",
        "Ukraine video claims to show North Korean soldiers",
        "29 October 2024",
        "0:03.0–0:15.4 of this clip = 1:20.0–1:32.4 of the footage",
        "speed 1.25×",
        "mirrored: left and right are swapped",
        "reversed: played backwards",
        "cropped (left 0.12, top 0.05, width 0.71, height 0.9)",
        "date given by the platform",
        "the checked clip itself: not an earlier appearance",
        "28.7 s of 41.0 s (70 %)",
        "412 pieces of footage, 51 h 15 min in all",
        "ab" * 32,
        "h264",
        "A local archive",
        "not a camera's original.",
        "Lavf60.3.100",
        "does not say",
        "checked 2 November 2024, 09:15 UTC",
        "Written by provenance",
    ):
        assert part in text, part


def test_frames_stand_side_by_side_with_their_times_and_a_missing_one_is_said() -> None:
    page = _page(factory.earlier_appearance())
    alts = [a["alt"] for a in page.all("img")]
    assert alts == [
        "Frame of this clip at 0:03.5",
        "Frame of known footage at 1:20.5",
        "Frame of this clip at 0:14.0",
        "Frame of known footage at 1:31.0",
        "Frame of this clip at 0:21.6",
        "Frame of this clip at 0:33.0",
        "Frame of known footage at 30:07.2",
    ]
    assert "no picture kept" in page.text
    jpeg = factory.earlier_appearance().pictures[0].pairs[0][0]
    assert jpeg
    first = str(page.all("img")[0]["src"]).partition(",")[2]
    assert base64.b64decode(first) == jpeg.jpeg


def test_footage_in_a_part_of_the_frame_is_outlined_and_said_to_lie_there() -> None:
    report = factory.earlier_appearance()  # 720 x 1280 pixels
    first, *others = report.matches

    def shown(region: Region) -> str:
        segments = tuple(replace(segment, region=region) for segment in first.segments)
        matches = (replace(first, segments=segments), *others)
        return renderer("html").render([replace(report, matches=matches)])

    part = shown(Region(0.5, 0.6, 0.5, 0.4))
    assert '<rect x="360.0" y="768.0" width="360.0" height="512.0"/>' in part
    assert "lower right, 50 % × 40 % of the frame" in part
    whole = shown(Region(0.0, 0.0, 1.0, 1.0))
    assert 'class="region"' not in whole
    assert "of the frame" not in whole


def test_candidates_stand_apart_and_count_for_no_appearance() -> None:
    page = _page(factory.earlier_appearance())
    accepted, _, candidates = page.source.partition('id="weak"')
    assert "other.mp4" not in accepted
    assert "other.mp4" in candidates
    assert "do not cite these as matches" in candidates


def test_a_page_that_is_given_away_names_no_folders_of_its_author() -> None:
    for report in (factory.no_match(), factory.earlier_appearance(), factory.failed()):
        assert "/home/someone" not in _page(report).source


def test_a_page_has_table_headers_and_a_language() -> None:
    page = _page(factory.earlier_appearance())
    assert page.all("html") == [{"lang": "en"}]
    assert all(a.get("scope") in ("col", "row") for a in page.all("th"))
    levels = [int(tag[1]) for tag, _ in page.elements if re.fullmatch("h[1-4]", tag)]
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_a_page_holds_exactly_one_report() -> None:
    for reports in ([], [factory.failed(), factory.no_match()]):
        with pytest.raises(UsageError, match="-o FOLDER"):
            renderer("html").render(reports)


@pytest.mark.parametrize(
    ("location", "name"),
    [
        ("/home/someone/My clip (1).mp4", "01-My-clip-1.html"),
        ("../../etc/passwd", "01-passwd.html"),
        ("https://video.example/watch?v=k2", "01-video-example-watch-v-k2.html"),
        ("відео.mp4", "01-source.html"),
        ("x" * 500 + ".mp4", "01-" + "x" * 60 + ".html"),
    ],
)
def test_a_page_gets_a_file_name_that_is_safe_everywhere(location: str, name: str) -> None:
    assert page_name(Report(Source(location), factory.CHECKED_AT), 1) == name


def _shape(match: Match, duration: float | None) -> timeline.Alignment:
    return timeline.align(match, 1, Source("a.mp4", duration=duration))


def _match(segment: Segment, duration: float | None = 200.0) -> Match:
    return Match(Footage(1, "b.mp4", "ab" * 32, duration=duration), 0.9, True, (segment,))


def test_bars_lie_where_the_seconds_are() -> None:
    link = _shape(_match(Segment(10, 20, 100, 150)), 40).links[0]
    assert (link.query_x, link.query_width) == (25, 25)
    assert (link.reference_x, link.reference_width) == (50, 25)
    assert link.ribbon == "25.000,0 50.000,0 75.000,100 50.000,100"


def test_the_band_of_a_reversed_segment_crosses() -> None:
    link = _shape(_match(Segment(10, 20, 100, 150, reversed=True)), 40).links[0]
    assert link.ribbon == "25.000,0 50.000,0 50.000,100 75.000,100"


@pytest.mark.parametrize("duration", [None, 0.0, 5.0, 40.0, 1e6])
def test_no_bar_leaves_its_drawing_whatever_the_lengths_say(duration: float | None) -> None:
    for known in (None, 0.0, 3.0, 1e7):
        link = _shape(_match(Segment(39.9, 41.5, 7000, 7001), known), duration).links[0]
        for x, width in (
            (link.query_x, link.query_width),
            (link.reference_x, link.reference_width),
        ):
            assert width > 0.5
            assert 0 <= x <= x + width <= 100.0001


def _dates(published: list[str], claim: str | None = None) -> timeline.Dates:
    report = Report(
        Source("a.mp4"), factory.CHECKED_AT, claim=Claim("x", date=claim) if claim else None
    )
    numbered = [(n, Appearance(published=When.parse(text))) for n, text in enumerate(published, 1)]
    found = timeline.publications(numbered, report)
    assert found
    return found


def test_dates_lie_in_their_order_and_the_claim_among_them() -> None:
    dates = _dates(["2019-05-02", "2022", "2024-12-01T10:00:00Z"], "2024-10-29")
    assert dates.flag
    assert dates.marks[0].x < dates.marks[1].x < dates.flag.x < dates.marks[2].x
    assert dates.marks[1].width > 10 > dates.marks[2].width
    assert dates.flag.text == "claim: 29 October 2024"
    assert [text for _, text in dates.ticks] == ["2020", "2021", "2022", "2023", "2024"]


def test_dates_that_lie_together_are_stacked_and_too_many_are_counted() -> None:
    dates = _dates(["2019-05-02"] * 70)
    assert dates.lanes == 60
    assert sorted(mark.lane for mark in dates.marks) == list(range(60))
    assert dates.left_out == 10


@pytest.mark.parametrize(
    "published",
    [
        ["0001"],
        ["9999-12-31"],
        ["0001-01-01", "9999"],
        ["2024-10-29"],
        ["2024-10-01", "2024-11-20"],
    ],
)
def test_any_date_that_can_be_written_can_be_drawn(published: list[str]) -> None:
    dates = _dates(published, "2024")
    assert dates.flag
    assert all(0 <= x <= 100 for x in (dates.flag.x, *(mark.x for mark in dates.marks)))
    assert len(dates.ticks) <= 5
    assert all(0 <= x <= 100 for x, _ in dates.ticks)


def test_without_a_claim_the_clips_own_date_is_marked() -> None:
    page = _page(factory.known_footage())
    assert "this clip: 30 October 2024, 07:12 UTC" in page.text
    assert "claim: 29" not in page.text


def test_a_report_with_very_many_tags_stays_a_page() -> None:
    tags = {f"tag{n}": "x" * 5000 for n in range(1000)}
    report = factory.no_match()
    full = replace(report, metadata=replace(report.metadata, container=tags))
    assert len(_page(full).source) < 1_000_000


def test_whatever_the_template_puts_in_is_cleaned_and_escaped() -> None:
    shown = _template().environment.from_string("{{ x }}").render(x="<b>\x1b[31m\u202ea\u2028b")
    assert shown == "&lt;b&gt;a b"

"""The report as one HTML page that can be sent, printed and kept: no script, nothing loaded.

Pictures are data: URIs. Text from outside is cleaned and escaped wherever it is put in, by the
environment and not by the template's author. A Content-Security-Policy forbids everything that the
page does not hold itself; the style sheet is allowed by its hash.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any

from jinja2 import Environment, StrictUndefined, Template
from markupsafe import Markup

from provenance._version import __version__
from provenance.dates import spoken
from provenance.errors import UsageError
from provenance.models import Appearance, Match, Report, Segment, Thumbnail
from provenance.report import checked, credentials, timeline, wording
from provenance.report.json_report import json_ready

_PACKAGE = "provenance.report"
_LONG = 2000  # characters of a claim, a description, a tag
_MAX_TAGS = 200
_NAME_LENGTH = 60


class HtmlReport:
    """One page for one report.

    Local paths appear without their folders: the page is made to be given away.
    """

    name = "html"

    def render(self, reports: Sequence[Report]) -> str:
        if len(reports) != 1:
            raise UsageError(
                f"An HTML page holds one report, and there are {len(reports)}.",
                "Write one page for each: give a folder with -o FOLDER.",
            )
        return _page(reports[0])


def page_name(report: Report, number: int) -> str:
    """A file name for the report's page that is safe everywhere: "01-clip.html"."""
    name = re.sub(r"^https?://|\.[A-Za-z0-9]{1,5}$", "", wording.file_name(report.source.location))
    stem = re.sub(r"[^A-Za-z0-9]+", "-", name).strip("-")
    return f"{number:02d}-{stem[:_NAME_LENGTH].strip('-') or 'source'}.html"


@dataclass(frozen=True)
class _SegmentView:
    name: str
    colour: int
    segment: Segment
    alignment: str
    pairs: Sequence[tuple[Thumbnail | None, Thumbnail | None]]


@dataclass(frozen=True)
class _MatchView:
    number: int
    match: Match
    title: str
    first: Appearance | None
    edits: Sequence[str]
    drawing: timeline.Alignment
    segments: Sequence[_SegmentView]


@dataclass(frozen=True)
class _AppearanceView:
    number: int
    match: int
    appearance: Appearance
    itself: bool
    copy: str
    """How footage was reached that did not match by itself; "" where it did."""


def _page(report: Report) -> str:
    accepted, candidates = wording.split_matches(report)
    matches = _match_views(accepted, report)
    appearances = _appearances(matches, report)
    numbered = [(view.number, view.appearance) for view in appearances]
    css = _file("report.css")
    digest = base64.b64encode(hashlib.sha256(css.encode("utf-8")).digest()).decode("ascii")
    label = report.verdict.label if report.verdict else "error"
    text = _template().render(
        report=report,
        source=report.source,
        claim=report.claim,
        label=label,
        heading=wording.heading(report),
        meaning=wording.meaning(report),
        name=wording.source_name(report.source),
        matches=matches,
        candidates=_match_views(candidates, report),
        appearances=appearances,
        dates=timeline.publications(numbered, report),
        facts=wording.facts(report.source),
        tags=_tags(report),
        credentials=report.content_credentials,
        credential_words=credentials,
        credential_data=_pretty(report),
        css=Markup(css),  # noqa: S704 - our own file
        style_hash=digest,
        version=__version__,
        words=wording,
        checked=checked,
        long=_LONG,
    )
    return text.rstrip("\n") + "\n"


def _match_views(matches: Sequence[tuple[int, Match]], report: Report) -> list[_MatchView]:
    views: list[_MatchView] = []
    colour = 0
    for number, (index, match) in enumerate(matches, 1):
        drawing = timeline.align(match, number, report.source, colour)
        views.append(_match_view(report, index, match, number, drawing))
        colour += len(match.segments)
    return views


def _match_view(
    report: Report, index: int, match: Match, number: int, drawing: timeline.Alignment
) -> _MatchView:
    pictures = {p.segment: p.pairs for p in report.pictures if p.match == index}
    segments = [
        _SegmentView(
            link.name,
            link.colour,
            segment,
            wording.alignment(segment, report.source, match.footage),
            pictures.get(position, ()),
        )
        for position, (segment, link) in enumerate(zip(match.segments, drawing.links, strict=True))
    ]
    return _MatchView(
        number,
        match,
        wording.footage_name(match.footage),
        wording.first_dated(match.footage, report.source),
        wording.edits_with_figures(match),
        drawing,
        segments,
    )


def _appearances(matches: Sequence[_MatchView], report: Report) -> list[_AppearanceView]:
    """All appearances of accepted matches, dated ones first and by date."""
    pairs = [
        (view.number, appearance, wording.reached(linked) if linked else "")
        for view in matches
        for linked in (None, *view.match.linked)
        for appearance in (linked or view.match).footage.appearances
    ]
    dated = [(a.published.earliest, i) for i, (_, a, _) in enumerate(pairs) if a.published]
    order = [i for _, i in sorted(dated)]
    order += [i for i, (_, a, _) in enumerate(pairs) if not a.published]
    return [
        _AppearanceView(
            number,
            pairs[i][0],
            pairs[i][1],
            wording.is_source_itself(pairs[i][1], report.source),
            pairs[i][2],
        )
        for number, i in enumerate(order, 1)
    ]


def _tags(report: Report) -> list[tuple[str, str]]:
    metadata = json_ready(report)["metadata"]
    tags = [
        (str(name), value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))
        for kind in ("container", "exif")
        for name, value in metadata[kind].items()
    ]
    return tags[:_MAX_TAGS]


def _pretty(report: Report) -> list[str]:
    """Content Credentials as lines of indented JSON, which are cleaned one by one."""
    value = json_ready(report)["content_credentials"]
    text = json.dumps(value, ensure_ascii=False, indent=2) if value else ""
    return text.splitlines()[:_MAX_TAGS]


@lru_cache(maxsize=1)
def _template() -> Template:
    environment = Environment(
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_finalize,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "cut": wording.cut,
        "link": wording.safe_url,
        "spoken": spoken,
        "data": lambda shot: "data:image/jpeg;base64," + base64.b64encode(shot.jpeg).decode(),
        "indent_of": lambda line: len(line) - len(line.lstrip(" ")),
    }
    return environment.from_string(_file("template.html"))


def _finalize(value: Any) -> Any:
    """Clean every text that the template puts in; None leaves nothing behind."""
    if value is None:
        return ""
    if isinstance(value, str) and not isinstance(value, Markup):
        return wording.clean(value)
    return value


@lru_cache(maxsize=2)
def _file(name: str) -> str:
    return files(_PACKAGE).joinpath(name).read_text(encoding="utf-8")

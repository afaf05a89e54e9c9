"""The report in a terminal: verdict first, then why, then every second that is known.

Text from outside reaches rich only as `Text`, so that nothing in it is read as markup, and only
cleaned, so that nothing in it steers the terminal.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence

from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from provenance.dates import spoken
from provenance.models import Appearance, Match, Report, SoundMatch, SourceError, Strength, Verdict
from provenance.report import checked, credentials, wording

_PLAIN_WIDTH = 100
_INDENT = (0, 0, 0, 2)
_LONG = 600  # characters of a claim or a note; a whole novel may be pasted into either
_LABEL_STYLES = {
    "earlier_appearance": "bold red",
    "known_footage": "bold blue",
    "inconclusive": "bold yellow",
    "no_match": "bold",
}
_STRENGTH_STYLES: Mapping[Strength, str] = {"strong": "bold", "medium": "", "weak": "dim"}


class TextReport:
    """Text for people.

    Args:
        console: where the text will be shown; its width, its colours and NO_COLOR are respected,
            and colour is left out where it is no terminal. Nothing is written to it. None: plain
            text, 100 columns wide.
    """

    name = "text"

    def __init__(self, console: Console | None = None) -> None:
        self._console = console or Console(
            file=io.StringIO(), width=_PLAIN_WIDTH, color_system=None, force_terminal=False
        )

    def render(self, reports: Sequence[Report]) -> str:
        with self._console.capture() as captured:
            for number, report in enumerate(reports):
                if number:
                    self._console.print(Text("─" * min(self._console.width, _PLAIN_WIDTH), "dim"))
                for block in _blocks(report):
                    self._console.print(
                        block, markup=False, highlight=False, emoji=False, overflow="fold"
                    )
        lines = captured.get().split("\n")
        return "\n".join(line.rstrip(" ") for line in lines)


def _blocks(report: Report) -> list[RenderableType]:
    blocks: list[RenderableType] = []
    if report.error:
        blocks += _error(report.error)
    if report.fact_checks:
        blocks += _fact_checks(report)
    if report.verdict:
        blocks += _verdict(report, report.verdict)
    blocks += ["", _clip(report)]
    if report.verdict and report.verdict.reasons:
        blocks += ["", _heading("Why"), _reasons(report.verdict)]
    accepted, candidates = wording.split_matches(report)
    for number, (_, match) in enumerate(accepted, 1):
        blocks += ["", _heading(f"Match {number}: {wording.footage_name(match.footage)}")]
        blocks.append(Padding(_match(match, report), _INDENT))
    if candidates:
        blocks += ["", _heading("Candidates, not accepted")]
        blocks.append(Padding(Text(wording.CANDIDATES_NOTE), _INDENT))
        blocks += [Padding(_candidate(match, report), _INDENT) for _, match in candidates]
    if report.sound and report.sound.matches:
        blocks += ["", _heading("Sound that is known")]
        blocks.append(Padding(Text(wording.SOUND_NOTE, "dim"), _INDENT))
        lines = [_sound(match, report) for match in wording.telling_sounds(report.sound)]
        lines += [Text(line) for line in [wording.shared_sounds(report.sound)] if line]
        blocks += [Padding(line, _INDENT) for line in lines]
    if not report.error:
        blocks += ["", _heading("What was asked"), Padding(_asked(report), _INDENT)]
    if report.metadata.findings:
        blocks += ["", _heading("What the file says of itself"), _findings(report)]
    if report.content_credentials:
        blocks += ["", _heading("Content Credentials")]
        blocks.append(Padding(Text(credentials.NOTE, "dim"), _INDENT))
        blocks.append(Padding(_grid(credentials.lines(report.content_credentials)), _INDENT))
    return [*blocks, ""]


def _error(error: SourceError) -> list[RenderableType]:
    lines: list[RenderableType] = [
        Text.assemble(("NOT CHECKED", "bold red"), ("  " + wording.cut(error.message, _LONG), ""))
    ]
    if error.hint:
        lines.append(Text.assemble(("What to do  ", "dim"), wording.cut(error.hint, _LONG)))
    return lines


def _fact_checks(report: Report) -> list[RenderableType]:
    blocks: list[RenderableType] = [Text(checked.HEADING.upper(), "bold magenta")]
    for met in report.fact_checks:
        rows = [*checked.lines(met), ("Read it", wording.cut(met.check.url, _LONG))]
        blocks += [Padding(_grid(rows), _INDENT), ""]
    return blocks


def _verdict(report: Report, verdict: Verdict) -> list[RenderableType]:
    head = Text(wording.heading(report).upper(), _LABEL_STYLES[verdict.label])
    if verdict.confidence is not None:
        head.append(f"  confidence {wording.percent(verdict.confidence)}", "dim")
    lines: list[RenderableType] = [head, Text(wording.cut(verdict.summary, _LONG))]
    if verdict.label == "no_match":
        lines.append(Text(wording.NO_MATCH_NOTE))
    return lines


def _clip(report: Report) -> Table:
    source, claim = report.source, report.claim
    rows = [("Clip", wording.source_name(source))]
    if wording.clean(source.location) != rows[0][1]:
        rows.append(("From", wording.cut(source.location)))
    if claim:
        said = wording.cut(claim.text or "", _LONG)
        rows += [
            ("Claim", f"“{said}”" if said else ""),
            ("Claimed date", wording.claim_dates(claim) or "none given"),
            ("Claimed place", wording.cut(claim.place or "")),
            ("Claimed at", wording.cut(claim.url or "")),
            *(("", line) for line in wording.found_lines(claim)),
        ]
    if report.earliest:
        rows.append(("Earliest", _appearance(report.earliest, report)))
    return _grid(rows)


def _reasons(verdict: Verdict) -> Padding:
    table = _table()
    for reason in verdict.reasons:
        style = _STRENGTH_STYLES[reason.strength]
        table.add_row(Text(reason.strength, style), Text(wording.cut(reason.text, _LONG)))
    return Padding(table, _INDENT)


def _match(match: Match, report: Report) -> Table:
    stack = Table.grid()
    stack.add_column(overflow="fold")
    first = wording.first_dated(match.footage, report.source)
    location = wording.cut(match.footage.location)
    rows = [("Score", f"{match.score:.2f}"), ("Footage", f"{match.footage.id}, {location}")]
    if match.commonplace:
        rows.append(("Careful", wording.COMMONPLACE_NOTE))
    rows += [("Earliest known", _appearance(first, report) if first else "no date is known")]
    rows += [("", wording.cut(first.url or "") if first else "")]
    rows += [("Edits", "; ".join(wording.edits_with_figures(match)))]
    if match.sound:
        rows.append(("Sound", wording.SOUND_RELATIONS[match.sound]))
    stack.add_row(_grid(rows))
    stack.add_row(_segments(match, report))
    others = [a for a in match.footage.appearances if a is not first]
    if others:
        stack.add_row(Text("Other appearances", "dim"))
    for appearance in others:
        line = Text(_appearance(appearance, report))
        if appearance.url:
            line.append("\n" + wording.cut(appearance.url), "dim")
        stack.add_row(Padding(line, _INDENT))
    for linked in match.linked:
        stack.add_row(Text(f"The same seconds elsewhere, {wording.reached(linked)}", "dim"))
        for segment in linked.segments:
            stack.add_row(
                Padding(
                    Text(wording.alignment(segment, report.source, linked.footage), "dim"), _INDENT
                )
            )
        for appearance in linked.footage.appearances:
            line = Text(_appearance(appearance, report))
            if appearance.url:
                line.append("\n" + wording.cut(appearance.url), "dim")
            stack.add_row(Padding(line, _INDENT))
    for appearance in match.footage.appearances:
        for name, value in (("Note", appearance.note), ("Fact-check", appearance.fact_check)):
            if value:
                stack.add_row(_grid([(name, wording.cut(value, _LONG))]))
    return stack


def _segments(match: Match, report: Report) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim", pad_edge=False)
    table.add_column("Seconds", overflow="fold")
    table.add_column("Speed", justify="right", no_wrap=True)
    table.add_column("Shown", overflow="fold")
    table.add_column("Score", justify="right", no_wrap=True)
    for segment in match.segments:
        table.add_row(
            Text(wording.alignment(segment, report.source, match.footage)),
            wording.speed(segment),
            "; ".join(w for w in (wording.form(segment), wording.place(segment)) if w),
            f"{segment.score:.2f}",
        )
    return table


def _candidate(match: Match, report: Report) -> Text:
    line = Text(f"{wording.candidate_name(match)}, score {match.score:.2f}")
    for segment in match.segments:
        line.append("\n  " + wording.alignment(segment, report.source, match.footage), "dim")
    return line


def _sound(match: SoundMatch, report: Report) -> Text:
    line = Text(f"{wording.sound_name(match)}, score {match.score:.2f}")
    for segment in match.segments:
        line.append("\n  " + wording.alignment(segment, report.source, match.footage), "dim")
    return line


def _asked(report: Report) -> Table:
    archive = report.archive
    rows = [("Coverage", wording.coverage_sentence(report.coverage, report.source))]
    if report.sound:
        rows.append(("Sound", wording.sound_sentence(report.sound)))
    if archive:
        rows += [
            ("Archive", wording.cut(archive.location)),
            ("", wording.archive_sentence(archive)),
        ]
    else:
        rows.append(("Archive", wording.NO_ARCHIVE))
    rows.append(("Checked", spoken(report.checked_at)))
    if report.source.fetched_at:
        rows.append(("Fetched", spoken(report.source.fetched_at)))
    if report.source.sha256:
        rows.append(("SHA-256", wording.cut(report.source.sha256)))
    return _grid(rows)


def _findings(report: Report) -> Padding:
    stack = Table.grid()
    stack.add_row(Text(wording.FINDINGS_NOTE, "dim"))
    table = _table()
    for finding in report.metadata.findings:
        line = Text(wording.cut(finding.text, _LONG))
        line.append(f" [{wording.cut(finding.source, 120)}]", "dim")
        table.add_row(Text(finding.strength, _STRENGTH_STYLES[finding.strength]), line)
    stack.add_row(table)
    return Padding(stack, _INDENT)


def _appearance(appearance: Appearance, report: Report) -> str:
    parts = [wording.dated(appearance), wording.whereabouts(appearance)]
    if appearance.title:
        parts.append(f"“{wording.cut(appearance.title, 120)}”")
    if wording.is_source_itself(appearance, report.source):
        parts.append("the checked clip itself")
    return ", ".join(part for part in parts if part)


def _heading(text: str) -> Text:
    return Text(text, "bold")


def _grid(rows: Sequence[tuple[str, str]]) -> Table:
    table = _table()
    for name, value in rows:
        if value:
            table.add_row(Text(name, "dim"), Text(value))
    return table


def _table() -> Table:
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    return table

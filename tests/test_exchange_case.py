"""A case as a desk meets it: reposts of one footage, a fact-check in a feed, a new claim.

docs/exchange.md tells it.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from command_line import call
from report_factory import HOSTILE

from provenance import Archive, Claim, Report, check
from provenance.process import find_ffmpeg
from provenance.process import run as run_program
from provenance.report import renderer

FIRST = "https://example.org/watch/square-rehearsal"
SECOND = "https://clips.example/v/queue"
THIRD = "https://www.youtube.com/watch?v=abcdefghijk"


def repost(clip: Path, target: Path, *options: str) -> Path:
    done = run_program(
        [find_ffmpeg(), "-v", "error", "-y", "-i", str(clip), *options, "-an", str(target)]
    )
    assert done.returncode == 0, done.stderr
    return target


@pytest.fixture(scope="module")
def desk(samples: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an archive of three reposts, learnt from a manifest, and a feed, imported."""
    folder = tmp_path_factory.mktemp("desk")
    film = samples / "footage" / "square.mp4"
    repost(film, folder / "second.mp4", "-vf", "hflip,scale=480:-2", "-crf", "30")
    repost(film, folder / "third.mp4", "-ss", "2", "-vf", "scale=426:-2", "-crf", "32")
    manifest = folder / "known.csv"
    manifest.write_text(
        "path,url,published,title,place\n"
        f'{film},{FIRST},2019-11-11,Parade rehearsal,"Lviv, Ukraine"\n'
        f'second.mp4,{SECOND},2022-02-26,Refugees queue at the border,"Przemysl, Poland"\n'
        f"third.mp4,{THIRD},2023-10-09,Recruits wait for uniforms,\n"
        "lost.mp4,,2023,Gone,\n",
        "utf-8",
    )
    feed = folder / "feed.json"
    review = {
        "@type": "ClaimReview",
        "url": "https://facts.example/queue",
        "author": {"@type": "Organization", "name": "Facts Desk"},
        "datePublished": "2022-03-03",
        "claimReviewed": f"Refugees queue at the border {HOSTILE}",
        "reviewRating": {"ratingValue": "1", "bestRating": "5", "alternateName": "Wrong context"},
        "itemReviewed": {"@type": "Claim", "appearance": [{"url": f"{SECOND}/?utm_source=x"}]},
    }
    broken = {"@type": "ClaimReview", "url": "facts", "claimReviewed": "x"}
    data = {"@type": "DataFeed", "dataFeedElement": [{"item": [review]}, {"item": [broken]}]}
    feed.write_text(json.dumps(data), "utf-8")
    there = ("--archive", folder / "archive")
    imported = call("import", manifest, feed, *there)
    assert imported.code == 11
    assert f"{manifest}, line 5: {folder / 'lost.mp4'} is not there." in imported.err
    assert f"{feed}: dataFeedElement[1].item[0].url: no web address: “facts”." in imported.err
    return folder


@pytest.fixture(scope="module")
def report(desk: Path, samples: Path) -> Report:
    """What the desk's archive says of a clip that goes around with a new claim."""
    claim = Claim("Soldiers queue at the border", date="2024-10-29", place="Kursk, Russia")
    with Archive.open(desk / "archive") as archive:
        return check(samples / "checks" / "reused.mp4", claim=claim, archive=archive)


def test_the_report_names_the_earliest_and_the_contradiction_and_the_fact_check_first(
    report: Report,
) -> None:
    data = report.to_dict()
    assert data["verdict"]["label"] == "earlier_appearance"
    assert (data["earliest"]["published"], data["earliest"]["url"]) == ("2019-11-11", FIRST)
    assert len([match for match in data["matches"] if match["accepted"]]) == 3
    (met,) = data["fact_checks"]
    assert (met["publisher"], met["rating"]) == ("Facts Desk", "Wrong context")
    assert (met["met_by"], met["media_url"]) == ("footage", f"{SECOND}/?utm_source=x")
    kinds = [reason["kind"] for reason in data["verdict"]["reasons"]]
    assert kinds[0] == "fact_checked"
    assert {"earlier_publication", "mirrored"} <= set(kinds)

    text = renderer("text").render([report])
    assert text.index("ALREADY FACT-CHECKED") < text.index("APPEARED EARLIER THAN CLAIMED")
    assert "\x1b" not in text


def test_the_draft_says_that_the_context_is_wrong(report: Report) -> None:
    draft = json.loads(renderer("mediareview").render([report]))
    assert draft["mediaAuthenticityCategory"] == "DecontextualizedContent"
    assert draft["originalMediaLink"] == FIRST
    assert draft["citation"] == ["https://facts.example/queue"]
    assert draft["associatedClaimReview"]["claimReviewed"] == "Soldiers queue at the border"
    known = draft["originalMediaContextDescription"]
    assert known.index("11 November 2019") < known.index("26 February 2022") < known.index("2023")

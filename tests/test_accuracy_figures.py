"""The benchmark's own arithmetic, on rows made by hand."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from accuracy.calibration import Point, bins, calibration_error, curve
from accuracy.clips import Clip, Piece, traced
from accuracy.documents import write_figures
from accuracy.figures import iou, score, without
from accuracy.runner import read_rows, rows
from accuracy.truth import Found, Query, Segment, read_truth, write_truth

ROOT = Path(__file__).resolve().parent.parent
SHARED = Path(os.environ.get("PROVENANCE_SHARED", ROOT.parent / "shared"))
SCORER = SHARED / "bench" / "score.py"

PIECE = Piece(2.0, 6.0, "sea.mp4", 10.0, 14.0)
FIT = Segment(2.0, 6.0, 10.0, 14.0, 1.0, False, False)


def query(name: str, *expected: str, edit: str = "crop", pieces: tuple[Piece, ...] = ()) -> Query:
    shown = pieces or tuple(replace(PIECE, footage=footage) for footage in expected)
    return Query(name, edit, "sea.mp4", expected, shown or (PIECE,))


def found(
    name: str, footage: str, value: float, *segments: Segment, accepted: bool = False
) -> Found:
    return Found(name, footage, value, accepted, segments)


def test_a_perfect_ranking_has_a_micro_ap_of_one() -> None:
    queries = [query("a", "sea"), query("b", "hill"), query("c")]
    figures = score(queries, [found("a", "sea", 0.9), found("b", "hill", 0.8)])
    assert figures.micro_ap == figures.recall_before_false == figures.recall_at_95 == 1.0
    assert figures.first_false is None


def test_a_false_pair_in_between_costs_precision_of_what_comes_after() -> None:
    queries = [query("a", "sea"), query("b", "hill"), query("c")]
    wrong = found("c", "sea", 0.7)
    figures = score(queries, [found("a", "sea", 0.9), wrong, found("b", "hill", 0.5)])
    assert figures.micro_ap == pytest.approx((1 / 1 + 2 / 3) / 2)
    assert figures.recall_before_false == figures.recall_at_95 == 0.5
    assert figures.recall == 1.0
    assert figures.first_false == wrong


def test_one_score_for_everything_earns_nothing_before_the_false_pairs() -> None:
    queries = [query("a", "sea"), query("b")]
    figures = score(queries, [found("a", "sea", 1.0), found("b", "sea", 1.0)])
    assert figures.recall_before_false == 0.0
    assert figures.micro_ap == 0.5


def test_only_the_best_score_of_a_pair_counts_and_other_queries_do_not() -> None:
    results = [found("a", "sea", 0.1), found("a", "sea", 0.9), found("other", "sea", 1.0)]
    figures = score([query("a", "sea")], results)
    assert figures.micro_ap == 1.0
    assert not figures.false_pairs


def test_both_footages_of_a_query_have_to_be_found() -> None:
    figures = score([query("a", "sea", "hill")], [found("a", "hill", 0.9, accepted=True)])
    assert (figures.pairs, figures.accepted, figures.recall) == (2, 1, 0.5)
    assert [(miss.footage, miss.score) for miss in figures.missed] == [("sea", 0.0)]


def test_accusations_are_accepted_matches_that_are_not_true() -> None:
    queries = [query("a", "sea"), query("b"), query("c")]
    results = [
        found("a", "sea", 0.9, accepted=True),
        found("a", "hill", 0.8, accepted=True),
        found("b", "hill", 0.7, accepted=True),
        found("c", "hill", 0.6),
    ]
    figures = score(queries, results)
    assert [(one.query, one.footage) for one in figures.accusations] == [
        ("a", "hill"),
        ("b", "hill"),
    ]
    assert (figures.unknown, figures.unknown_accepted) == (2, 1)


def test_edits_are_counted_apart() -> None:
    queries = [query("a", "sea", edit="crop"), query("b", "sea", edit="zoom"), query("c")]
    results = [
        found("a", "sea", 0.9, accepted=True),
        found("c", "sea", 0.5),
        found("b", "sea", 0.4),
    ]
    edits = score(queries, results).edits
    crop, zoom = edits["crop"], edits["zoom"]
    assert (crop.pairs, crop.found, crop.before_false, crop.accepted) == (1, 1, 1, 1)
    assert (zoom.pairs, zoom.found, zoom.before_false, zoom.accepted) == (1, 1, 0, 0)


def test_seconds_in_several_segments_are_put_together() -> None:
    assert iou([(0, 2), (4, 6)], [(0, 6)]) == pytest.approx(4 / 6)
    assert iou([(0, 3), (2, 6)], [(0, 6)]) == 1.0
    assert iou([], [(0, 6)]) == 0.0
    assert without([(0, 6)], [(2, 3), (5, 9)]) == [(0, 2), (3, 5)]


def test_seconds_speed_and_mirroring_are_compared_with_the_piece_that_they_lie_on() -> None:
    pieces = (Piece(0, 4, "sea", 10, 14), Piece(4, 8, "sea", 0, 8, 2.0, True, True))
    said = [
        Segment(0, 4, 10, 14, 1.02, False, False),
        Segment(4, 8, 0, 8, 2.1, True, False),
    ]
    figures = score([query("a", "sea", pieces=pieces)], [found("a", "sea", 0.9, *said)])
    assert (figures.iou_query, figures.iou_reference) == (1.0, 1.0)
    assert (figures.speed_right, figures.mirrored_right, figures.reversed_right) == (0.5, 1.0, 0.5)


def test_a_still_beside_moving_pieces_counts_neither_way() -> None:
    pieces = (Piece(0, 3, "sea", 0, 3), Piece(3, 5, "sea", 3, 3, None), Piece(5, 8, "sea", 3, 6))
    for said in ([(0, 3), (5, 8)], [(0, 8)]):
        segments = [Segment(a, b, a, b, 1.0, False) for a, b in said]
        figures = score([query("a", "sea", pieces=pieces)], [found("a", "sea", 0.9, *segments)])
        assert figures.iou_query == 1.0


def test_of_stills_alone_the_queries_seconds_count() -> None:
    pieces = (Piece(0, 2, "sea", 5, 5, None), Piece(2, 4, "sea", 9, 9, None))
    said = Segment(0, 2, 5, 6, 1.0, False)
    figures = score([query("a", "sea", pieces=pieces)], [found("a", "sea", 0.9, said)])
    assert (figures.iou_query, figures.iou_reference, figures.speed_right) == (0.5, None, None)


def test_an_edit_of_an_edit_is_traced_to_the_footage() -> None:
    inner = (Piece(0, 4, "sea", 10, 14), Piece(4, 6, "sea", 20, 24, 2.0, mirrored=True))
    clip = Clip(Path("first.mp4"), 6, 64, 48, 25, inner)
    outer = Piece(0, 2, "first.mp4", 3, 5, 1.0, mirrored=True)
    assert traced(outer, clip) == [
        Piece(0, 1, "sea", 13, 14, 1.0, mirrored=True),
        Piece(1, 2, "sea", 20, 22, 2.0, mirrored=False),
    ]


def test_backwards_of_backwards_is_forwards() -> None:
    clip = Clip(Path("first.mp4"), 4, 64, 48, 25, (Piece(0, 4, "sea", 10, 14, reversed=True),))
    assert traced(Piece(0, 2, "first.mp4", 0, 2), clip) == [
        Piece(0, 2, "sea", 12, 14, reversed=True)
    ]
    assert traced(Piece(0, 2, "first.mp4", 0, 2, reversed=True), clip) == [
        Piece(0, 2, "sea", 12, 14)
    ]


def test_truth_is_read_as_it_was_written(tmp_path: Path) -> None:
    queries = [
        query("a.mp4", "sea.mp4"),
        query("b.mp4", "sea.mp4", "hill.mp4"),
        query("c.mp4"),
    ]
    write_truth(queries, tmp_path / "truth.json")
    assert read_truth(tmp_path / "truth.json") == queries
    rows = json.loads((tmp_path / "truth.json").read_text())
    assert [row["expected"] for row in rows] == ["sea.mp4", ["sea.mp4", "hill.mp4"], None]


def test_results_are_read_as_they_were_written() -> None:
    results = [found("a", "sea", 0.9), found("b", "hill", 0.25)]
    assert read_rows(rows(results)) == results
    assert rows([]) == ""


def test_rows_of_the_shared_benchmark_are_read_too(tmp_path: Path) -> None:
    row = {
        "query": "a.mp4",
        "edit": "speed",
        "source": "sea.mp4",
        "expected": "sea.mp4",
        "source_start": 10.0,
        "source_end": 15.0,
        "query_start": 0.0,
        "query_end": 4.0,
        "speed": 1.25,
        "mirrored": True,
    }
    (tmp_path / "truth.json").write_text(json.dumps([row]))
    (read,) = read_truth(tmp_path / "truth.json")
    assert read.expected == ("sea.mp4",)
    assert read.pieces == (Piece(0.0, 4.0, "sea.mp4", 10.0, 15.0, 1.25, True),)


def test_a_score_that_means_what_it_says_has_no_calibration_error() -> None:
    right = [Point(0.75, True)] * 3 + [Point(0.75, False)]
    assert calibration_error(right) == pytest.approx(0.0)
    (part,) = bins(right)
    assert (part.count, part.true, part.share) == (4, 3, 0.75)
    assert calibration_error([Point(0.99, False)]) == pytest.approx(0.99)
    assert calibration_error([]) == 0.0


def test_the_curve_of_true_shares_never_falls() -> None:
    pool = [Point(0.1, False), Point(0.2, True), Point(0.3, False), Point(0.4, True)]
    assert curve(pool) == [(0.1, 0.0), (0.2, 0.5), (0.4, 1.0)]


def test_figures_replace_what_stands_between_the_markers_only(tmp_path: Path) -> None:
    document = tmp_path / "page.md"
    document.write_text("Before\n<!-- figures: begin -->\nold\n<!-- figures: end -->\nAfter\n")
    write_figures(document, "new")
    assert document.read_text() == (
        "Before\n<!-- figures: begin -->\nnew\n<!-- figures: end -->\nAfter\n"
    )
    document.write_text("No markers\n")
    with pytest.raises(ValueError, match="no markers"):
        write_figures(document, "new")


@pytest.mark.skipif(not SCORER.exists(), reason="the shared scorer is not beside this repository")
def test_the_shared_scorer_comes_to_the_same_figures(tmp_path: Path) -> None:
    draw = random.Random(4)
    names = [f"{n}.mp4" for n in range(5)]
    queries, results = [], []
    for number in range(60):
        expected = (draw.choice(names),) if draw.random() < 0.7 else ()
        piece = Piece(1.0, 5.0, expected[0] if expected else "new", 3.0, 8.0, 1.25, number % 2 == 0)
        queries.append(Query(f"q{number}", draw.choice("abc"), "s", expected, (piece,)))
        for name in draw.sample(names, 3):
            start = draw.uniform(0, 6)
            part = Segment(start, start + 3, start + 1, start + 5, draw.uniform(1.2, 1.3), True)
            results.append(found(f"q{number}", name, round(draw.random(), 1), part))
    write_truth(queries, tmp_path / "truth.json")
    (tmp_path / "results.jsonl").write_text(rows(results))
    command = [sys.executable, SCORER, tmp_path / "truth.json", tmp_path / "results.jsonl"]
    said = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
    ours = score(queries, results)
    assert said["micro_ap"] == round(ours.micro_ap, 4)
    assert said["recall_at_p1"] == round(ours.recall_before_false, 4)
    assert said["recall_at_p95"] == round(ours.recall_at_95, 4)
    assert said["recall_any"] == round(ours.recall, 4)
    assert said["iou_query"] == round(ours.iou_query or 0, 3)
    assert said["iou_reference"] == round(ours.iou_reference or 0, 3)
    assert said["speed_right"] == round(ours.speed_right or 0, 3)
    assert said["mirrored_right"] == round(ours.mirrored_right or 0, 3)
    assert said["per_edit"] == {
        edit: f"{of.before_false}/{of.pairs} (any {of.found}/{of.pairs})"
        for edit, of in ours.edits.items()
    }

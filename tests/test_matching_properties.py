"""What matching must do for any input of a kind: made-up features, movements and cuts, no video."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from archive_factory import descriptors_like_sift, disturbed
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from provenance.archive.index import Neighbours
from provenance.fingerprints.local_features import (
    BYTE_SCALE,
    extract_features,
    mirror_descriptors,
)
from provenance.matching.alignment import Line, Products, best_line, products, refine, settle
from provenance.matching.boundaries import locate
from provenance.matching.candidates import rarity, shortlist
from provenance.matching.geometry import FrameView, PairFit, fit_pair, frame_view
from provenance.matching.hypotheses import FramePair, best_pose
from provenance.models import Fingerprint

Floats = npt.NDArray[np.float64]
seeds = st.integers(0, 2**32 - 1)

CORNERS = np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 0.56], [1.0, 0.56]])


# Geometry


def view(points: Floats, scales: Floats, angles: Floats, descriptors: Any) -> FrameView:
    return FrameView(
        points.astype(np.float32),
        scales.astype(np.float32),
        angles.astype(np.float32),
        descriptors.astype(np.float32) / np.float32(BYTE_SCALE),
    )


def moved(points: Floats, matrix: Floats) -> Floats:
    return points @ matrix[:, :2].T + matrix[:, 2]


def similarity(scale: float, turn: float, x: float, y: float) -> Floats:
    cos, sin = scale * math.cos(turn), scale * math.sin(turn)
    return np.array([[cos, -sin, x], [sin, cos, y]])


def frames_under(
    matrix: Floats, seed: int, *, true: int, outliers: int, noise: float
) -> tuple[FrameView, FrameView]:
    """(query, reference): `true` features moved by the matrix, and strangers on each side."""
    chooser = np.random.default_rng(seed)
    count = true + outliers
    points = chooser.random((count, 2)) * [1.0, 0.56]
    scales = 0.01 + 0.03 * chooser.random(count)
    angles = chooser.uniform(-np.pi, np.pi, count)
    descriptors = descriptors_like_sift(chooser, count)
    there = moved(points, matrix) + chooser.normal(0, noise, points.shape)
    scale = math.sqrt(np.linalg.det(matrix[:, :2]))
    turn = math.atan2(matrix[1, 0], matrix[0, 0])
    changed = disturbed(descriptors, chooser, 4)
    # The outliers look alike and lie anywhere.
    there[true:] = chooser.random((outliers, 2)) * [1.0, 0.56]
    query = view(
        there,
        scales * scale * np.exp(chooser.normal(0, 0.05, count)),
        angles + turn + chooser.normal(0, 0.05, count),
        changed,
    )
    return query, view(points, scales, angles, descriptors)


@given(
    seed=seeds,
    scale=st.floats(0.3, 2.5),
    turn=st.floats(-math.pi, math.pi),
    x=st.floats(-0.5, 0.5),
    y=st.floats(-0.5, 0.5),
)
@settings(max_examples=40)
def test_a_similarity_is_recovered_among_as_many_strangers(
    seed: int, scale: float, turn: float, x: float, y: float
) -> None:
    matrix = similarity(scale, turn, x, y)
    query, reference = frames_under(matrix, seed, true=40, outliers=40, noise=0.002)
    fit = fit_pair(query, reference)
    assert fit is not None
    assert np.abs(moved(CORNERS, fit.matrix) - moved(CORNERS, matrix)).max() < 0.02
    assert fit.inliers >= 20


@given(
    seed=seeds,
    scale=st.floats(0.5, 1.5),
    stretch=st.floats(0.88, 1.14),
    shear=st.floats(-0.05, 0.05),
)
@settings(max_examples=30)
def test_a_stretch_and_a_slant_are_recovered(
    seed: int, scale: float, stretch: float, shear: float
) -> None:
    matrix = np.array([[scale * stretch, scale * shear, 0.05], [0.0, scale, -0.02]])
    query, reference = frames_under(matrix, seed, true=60, outliers=20, noise=0.001)
    fit = fit_pair(query, reference)
    assert fit is not None
    assert np.abs(moved(CORNERS, fit.matrix) - moved(CORNERS, matrix)).max() < 0.03


@given(seed=seeds)
@settings(max_examples=30)
def test_strangers_that_look_alike_agree_on_next_to_nothing(seed: int) -> None:
    matrix = similarity(1.0, 0.0, 0.0, 0.0)
    query, reference = frames_under(matrix, seed, true=0, outliers=60, noise=0.0)
    fit = fit_pair(query, reference)
    assert fit is None or fit.inliers < 10


def test_features_in_one_spot_are_few_witnesses() -> None:
    """Forty features of a logo agree perfectly, and count as one or two."""
    matrix = similarity(1.0, 0.0, 0.1, 0.0)
    query, reference = frames_under(matrix, 1, true=40, outliers=0, noise=0.0)
    small = FrameView(
        reference.points * 0.02 + 0.5, reference.scales, reference.angles, reference.descriptors
    )
    there = FrameView(
        small.points + np.float32([0.1, 0]), query.scales, query.angles, query.descriptors
    )
    fit = fit_pair(there, small)
    assert fit is None or fit.inliers <= 4


@pytest.mark.parametrize("count", [0, 1, 2])
def test_too_few_features_give_no_transform(count: int) -> None:
    query, reference = (
        frames_under(similarity(1, 0, 0, 0), 3, true=count, outliers=0, noise=0.0)
        if count
        else (empty_view(), empty_view())
    )
    assert fit_pair(query, reference) is None


def empty_view() -> FrameView:
    nothing = np.empty(0)
    return view(np.empty((0, 2)), nothing, nothing, np.empty((0, 128)))


@given(seed=seeds, chance=st.integers(0, 12))
@settings(max_examples=30)
def test_the_pose_that_most_pairs_agree_on_wins_over_chance_fits(seed: int, chance: int) -> None:
    chooser = np.random.default_rng(seed)
    right = similarity(0.8, 0.1, 0.1, 0.05)
    pairs = [FramePair(k, k, fit_of(right, chooser, 30)) for k in range(6)]
    for k in range(chance):
        wrong = similarity(chooser.uniform(0.3, 2), chooser.uniform(-3, 3), *chooser.random(2))
        pairs.append(FramePair(k, 50 + k, fit_of(wrong, chooser, 6)))
    pose = best_pose([pairs[k] for k in chooser.permutation(len(pairs))], 0.5 * np.arange(60))
    assert pose is not None
    assert {pair.query for pair in pose.pairs} >= set(range(6))
    assert not pose.track.moves
    assert np.abs(moved(CORNERS, pose.track.middle) - moved(CORNERS, right)).max() < 0.02


@given(seed=seeds, zoom=st.floats(-0.06, 0.06), pan=st.floats(-0.06, 0.06))
@settings(max_examples=30)
def test_a_pose_is_followed_through_zooms_and_pans(seed: int, zoom: float, pan: float) -> None:
    """Each second the footage grows by `zoom` and wanders by `pan` of the frame."""
    chooser = np.random.default_rng(seed)
    times = 0.5 * np.arange(16)

    def at(seconds: float) -> Floats:
        return similarity(math.exp(zoom * seconds), 0.0, 0.1 + pan * seconds, 0.05)

    pairs = [FramePair(k, k, fit_of(at(times[k]), chooser, 30)) for k in range(16)]
    pose = best_pose(pairs, times)
    assert pose is not None
    assert {pair.query for pair in pose.pairs} == set(range(16))
    led = pose.track.at(times[1:-1])
    for seconds, matrix in zip(times[1:-1], led, strict=True):
        assert np.abs(moved(CORNERS, matrix) - moved(CORNERS, at(seconds))).max() < 0.06


def test_a_still_pose_stays_still_however_rough_its_fits() -> None:
    chooser = np.random.default_rng(3)
    right = similarity(0.8, 0.1, 0.1, 0.05)
    pairs = []
    for k in range(40):
        rough = right + chooser.normal(0, 0.012, (2, 3))
        pairs.append(FramePair(k, k, fit_of(rough, chooser, 10)))
    pose = best_pose(pairs, 0.5 * np.arange(40))
    assert pose is not None
    assert not pose.track.moves


def fit_of(matrix: Floats, chooser: np.random.Generator, inliers: int) -> PairFit:
    points = chooser.random((inliers, 2)) * [1.0, 0.56]
    there = moved(points, matrix) + chooser.normal(0, 0.001, points.shape)
    return PairFit(matrix, inliers, there.astype(np.float32), points.astype(np.float32))


# Mirrored features


def textured(seed: int, height: int = 240, width: int = 320) -> npt.NDArray[np.uint8]:
    """Blobs and edges of many sizes."""
    import cv2

    chooser = np.random.default_rng(seed)
    image = np.full((height, width), 128, np.uint8)
    for _ in range(120):
        x, y = int(chooser.integers(0, width)), int(chooser.integers(0, height))
        size, gray = int(chooser.integers(3, 30)), int(chooser.integers(0, 256))
        if chooser.random() < 0.5:
            cv2.circle(image, (x, y), size, gray, -1)
        else:
            cv2.rectangle(image, (x, y), (x + size, y + size // 2 + 2), gray, -1)
    return np.asarray(cv2.GaussianBlur(image, (0, 0), 1.0), np.uint8)


def test_mirrored_features_are_those_of_the_flipped_picture() -> None:
    """Same places, same directions, same descriptors: so footage need not be looked at twice.

    Over many pictures together: of a single one, a quarter of the features may be found elsewhere
    or turned otherwise (OpenCV samples a pixel's left and right side unlike), of all of them a
    sixth.
    """
    found, alike, plain = [], [], []
    for seed in range(24):
        image = textured(seed)
        flipped = np.ascontiguousarray(image[:, ::-1])
        ours = frame_view(fingerprint_of(image), 0, mirrored=True)
        theirs = frame_view(fingerprint_of(flipped), 0)
        apart = np.linalg.norm(ours.points[:, None] - theirs.points[None], axis=2)
        bend = ours.angles[:, None] - theirs.angles[None]
        bend = np.abs((bend + np.pi) % (2 * np.pi) - np.pi)
        growth = np.abs(np.log(ours.scales[:, None] / theirs.scales[None]))
        same = (apart * image.shape[1] < 1.6) & (bend < 0.1) & (growth < 0.1)
        again = same.any(axis=1)
        found.append(again)
        unmirrored = frame_view(fingerprint_of(image), 0).descriptors
        for values, kept in ((ours.descriptors, alike), (unmirrored, plain)):
            kept.append(np.where(same, values @ theirs.descriptors.T, -1).max(axis=1)[again])
    assert np.concatenate(found).mean() > 0.8
    assert np.median(np.concatenate(alike)) > 0.98
    assert np.median(np.concatenate(plain)) < 0.9


@given(seed=seeds)
@settings(max_examples=10)
def test_mirroring_twice_changes_nothing(seed: int) -> None:
    descriptors = descriptors_like_sift(np.random.default_rng(seed), 30)
    assert (mirror_descriptors(mirror_descriptors(descriptors)) == descriptors).all()


def test_a_flipped_picture_fits_in_the_mirrored_form_and_not_in_the_plain_one() -> None:
    image = textured(5)
    flipped = fingerprint_of(np.ascontiguousarray(image[:, ::-1]))
    known = frame_view(fingerprint_of(image), 0)
    mirrored = fit_pair(frame_view(flipped, 0, mirrored=True), known)
    assert mirrored is not None
    assert np.abs(mirrored.matrix - similarity(1, 0, 0, 0)).max() < 0.01
    assert mirrored.inliers > 50
    plain = fit_pair(frame_view(flipped, 0), known)
    assert plain is None or plain.inliers < 10


def fingerprint_of(image: npt.NDArray[np.uint8]) -> Fingerprint:
    found = extract_features(image, 300)
    return Fingerprint(
        times=np.zeros(1),
        frame=np.zeros(len(found.points), np.int32),
        points=found.points,
        scales=found.scales,
        angles=found.angles,
        descriptors=found.descriptors,
        width=image.shape[1],
        height=image.shape[0],
    )


# Time


class Scene:
    """A still background and something that moves over it, as vectors by the second."""

    SIZE = 400

    def __init__(self, seed: int, background: int = 0, strength: float = 0.8) -> None:
        chooser = np.random.default_rng(background)
        self._ground = unit(chooser.normal(size=self.SIZE))
        motion = np.random.default_rng(seed)
        self._waves = motion.normal(size=(24, self.SIZE)) / math.sqrt(self.SIZE * 12)
        self._rates = motion.uniform(0.4, 3.5, 24)
        self._phases = motion.uniform(0, 2 * np.pi, 24)
        self._strength = strength

    def at(self, seconds: Floats) -> Floats:
        """(n, SIZE) vectors of length 1, zero mean."""
        waves = np.cos(seconds[:, None] * self._rates[None] + self._phases[None])
        vectors = self._ground[None] + self._strength * waves @ self._waves
        vectors -= vectors.mean(axis=1, keepdims=True)
        return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True))


def unit(vector: Floats) -> Floats:
    return np.asarray(vector / np.linalg.norm(vector))


def noisy(vectors: Floats, seed: int, amount: float) -> Floats:
    chooser = np.random.default_rng(seed)
    return vectors + chooser.normal(0, amount / math.sqrt(vectors.shape[1]), vectors.shape)


def aligned(p: Products, **options: Any) -> Line:
    line = best_line(p, **options)
    assert line is not None
    return settle(p, refine(p, line))


@given(
    seed=st.integers(0, 1000),
    speed=st.sampled_from([0.8, 1.0, 1.0, 1.25, 1.5]),
    offset=st.floats(2.0, 7.0),
    noise=st.floats(0.0, 0.3),
)
@settings(max_examples=8)
def test_offset_and_speed_are_recovered(
    seed: int, speed: float, offset: float, noise: float
) -> None:
    scene = Scene(seed)
    times, moments = np.arange(0, 26, 1.0), np.arange(0, 12, 0.08)
    query = noisy(scene.at(speed * moments + offset), seed, noise)
    p = products(times, moments, scene.at(times), query)
    line = best_line(p)
    assert line is not None
    middle = float(moments.mean())
    assert line.speed == pytest.approx(speed, rel=0.02)
    assert line.speed * middle + line.offset == pytest.approx(speed * middle + offset, abs=0.12)
    assert line.motion > 0.5
    assert settle(p, refine(p, line)).motion > 0.5


@given(seed=st.integers(0, 1000), begin=st.floats(2.0, 4.0), length=st.floats(4.0, 6.0))
@settings(max_examples=6)
def test_a_stretch_inside_a_longer_source_is_found_with_its_ends(
    seed: int, begin: float, length: float
) -> None:
    scene, other = Scene(seed), Scene(seed + 5000, background=1)
    times, moments = np.arange(0, 14, 1.0), np.arange(0, 13, 0.08)
    inside = (moments >= begin) & (moments < begin + length)
    query = np.where(inside[:, None], scene.at(moments - begin + 5.0), other.at(moments))
    line = aligned(products(times, moments, scene.at(times), noisy(query, seed, 0.1)))
    assert line.speed == pytest.approx(1.0, rel=0.06)
    first = (times[line.first] - line.offset) / line.speed
    last = (times[line.last] - line.offset) / line.speed
    # Pictures are a second apart, so that up to one of them is missing at either end.
    assert begin - 0.2 <= first <= begin + 1.2
    assert begin + length - 1.2 <= last <= begin + length + 0.2


@given(seed=st.integers(0, 1000))
@settings(max_examples=10)
def test_another_take_before_the_same_background_shows_no_common_motion(seed: int) -> None:
    known, take = Scene(seed), Scene(seed + 5000)
    times, moments = np.arange(0, 20, 1.0), np.arange(0, 7, 0.08)
    p = products(times, moments, known.at(times), noisy(take.at(moments), seed, 0.05))
    line = best_line(p)
    if line is not None and line.last - line.first >= 4:
        line = settle(p, refine(p, line))
        assert line.likeness > 0.5  # the background does agree
        assert line.motion < 0.5


@given(seed=st.integers(0, 1000))
@settings(max_examples=5)
def test_seconds_that_are_taken_are_not_used_again(seed: int) -> None:
    scene = Scene(seed)
    times, moments = np.arange(0, 20, 1.0), np.arange(0, 12, 0.08)
    early = moments < 6.0
    query = np.where(early[:, None], scene.at(moments + 10.0), scene.at(moments - 4.0))
    p = products(times, moments, scene.at(times), query)
    free = np.asarray(~early)
    line = best_line(p, free=free)
    assert line is not None
    assert line.offset == pytest.approx(-4.0, abs=0.3)


@given(seed=st.integers(0, 1000))
@settings(max_examples=5)
def test_footage_played_backwards_has_a_negative_speed(seed: int) -> None:
    scene = Scene(seed)
    times, moments = np.arange(0, 16, 1.0), np.arange(0, 7, 0.08)
    p = products(times, moments, scene.at(times), scene.at(12.0 - moments))
    line = best_line(p, backwards=True)
    assert line is not None
    assert line.speed == pytest.approx(-1.0, rel=0.03)
    assert line.offset == pytest.approx(12.0, abs=0.3)


def test_no_pictures_or_a_single_frame_give_no_line() -> None:
    scene = Scene(1)
    times = np.arange(0, 5, 1.0)
    assert best_line(products(times, times[:1], scene.at(times), scene.at(times[:1]))) is None
    assert best_line(products(times[:0], times, scene.at(times[:0]), scene.at(times))) is None


# Short lists


def neighbours(
    footage: list[list[int]], similarity: float = 0.95, seconds: Any = 0.0
) -> Neighbours:
    ids = np.array(footage, np.int64)
    return Neighbours(
        ids,
        np.where(ids < 0, -1, 0).astype(np.int32),
        np.broadcast_to(np.asarray(seconds, np.float32), ids.shape),
        np.where(ids < 0, 0, similarity).astype(np.float32),
    )


@given(
    footage=st.lists(st.lists(st.integers(-1, 9), min_size=4, max_size=4), min_size=1, max_size=40)
)
def test_all_footage_that_is_near_is_a_candidate_and_the_one_with_most_votes_comes_first(
    footage: list[list[int]],
) -> None:
    frames = np.arange(len(footage), dtype=np.int32) // 4
    found = shortlist(
        frames,
        neighbours(footage),
        np.ones(len(footage)),
        np.zeros(len(footage)),
        mirrored=False,
    )
    named = {candidate.footage for candidate in found}
    assert named == {one for row in footage for one in row} - {-1}
    votes = [candidate.votes for candidate in found]
    assert votes == sorted(votes, reverse=True)
    for candidate in found:
        assert set(candidate.pairs[:, 0].tolist()) <= set(frames.tolist())


def test_a_feature_that_many_footages_share_counts_less_than_one_of_a_single_footage() -> None:
    """Footage 1 has three features of its own; footage 2 has four that eight others share."""
    rows = [[1, -1, -1, -1, -1, -1, -1, -1, -1]] * 3 + [[2, 3, 4, 5, 6, 7, 8, 9, 10]] * 4
    frames = np.zeros(len(rows), np.int32)
    weight, seconds = np.ones(len(rows)), np.zeros(len(rows))
    found = shortlist(frames, neighbours(rows), weight, seconds, mirrored=False)
    assert found[0].footage == 1


@given(offset=st.floats(-3000, 3000), seed=st.integers(0, 99))
def test_hits_at_one_offset_outweigh_more_that_are_strewn(offset: float, seed: int) -> None:
    """Footage 1 has eight hits as far behind the source each, footage 2 has twelve anywhere."""
    chooser = np.random.default_rng(seed)
    moments = np.sort(chooser.uniform(3000, 3020, 20))
    seconds = np.concatenate([moments[:8] + offset, chooser.uniform(0, 9000, 12)])
    found = shortlist(
        np.arange(20, dtype=np.int32),
        neighbours([[1]] * 8 + [[2]] * 12, seconds=seconds[:, None]),
        np.ones(20),
        moments,
        mirrored=False,
    )
    assert [candidate.footage for candidate in found] == [1, 2]


def test_a_feature_votes_once_for_a_place_however_often_it_is_seen_there() -> None:
    once, often = (
        shortlist(
            np.zeros(1, np.int32), neighbours([row]), np.ones(1), np.zeros(1), mirrored=False
        )[0].votes
        for row in ([1, -1, -1], [1, 1, 1])
    )
    assert often == once


def test_neighbours_that_are_hardly_alike_do_not_vote() -> None:
    found = shortlist(
        np.zeros(1, np.int32),
        neighbours([[1, 2]], similarity=0.5),
        np.ones(1),
        np.zeros(1),
        mirrored=False,
    )
    assert found == []


def test_a_caption_that_stands_still_is_rarer_in_weight_than_what_moves() -> None:
    """The caption's feature is in all ten frames at one place; the others move on."""
    chooser = np.random.default_rng(1)
    points = chooser.random((20, 2)).astype(np.float32) * 300
    points[::2] = [100, 200]
    scales, angles = np.full(20, 6, np.float32), np.zeros(20, np.float32)
    fingerprint = Fingerprint(
        times=np.arange(10) * 0.5,
        frame=np.repeat(np.arange(10, dtype=np.int32), 2),
        points=points,
        scales=scales,
        angles=angles,
        descriptors=np.zeros((20, 128), np.uint8),
        width=320,
        height=240,
    )
    weight = rarity(fingerprint, np.arange(20))
    assert weight[::2] == pytest.approx(np.full(10, 0.1))
    assert np.median(weight[1::2]) == 1.0


# Boundaries


@given(
    seed=seeds,
    speed=st.floats(0.4, 2.5) | st.floats(-2.5, -0.4),
    share=st.floats(0, 1),
    pictures=st.integers(1, 20),
    gap=st.floats(0.2, 2.0),
    duration=st.floats(0.1, 30),
    data=st.data(),
)
@settings(max_examples=60)
def test_a_stretch_begins_before_it_ends_and_lies_inside_both(
    seed: int,
    speed: float,
    share: float,
    pictures: int,
    gap: float,
    duration: float,
    data: st.DataObject,
) -> None:
    chooser = np.random.default_rng(seed)
    times = np.arange(pictures) * gap
    reference_duration = float(times[-1]) + gap
    moments = np.arange(0, duration, max(0.04, duration / 60))
    assume(len(moments) >= 2)
    first = data.draw(st.integers(0, pictures - 1))
    last = data.draw(st.integers(first, pictures - 1))
    # The line passes through one of its pictures somewhere in the source; it may leave it again.
    through = data.draw(st.integers(first, last))
    offset = float(times[through]) - speed * share * float(moments[-1])
    line = Line(speed, offset, first, last, 0.5, 0.1, 0.1, 0.5, 1.0)
    frames = [chooser.integers(0, 256, (9, 16)).astype(np.uint8) for _ in moments]
    p = Products(
        times, moments, np.zeros((pictures, len(moments))), np.eye(pictures), np.eye(len(moments))
    )
    found = locate(p, line, frames, duration, reference_duration)
    assert 0 <= found.query_start < found.query_end <= duration + 0.041
    assert 0 <= found.reference_start < found.reference_end <= reference_duration + 0.041


def test_a_cut_between_two_pictures_is_where_the_stretch_ends() -> None:
    """The footage runs on, the source is cut at 3.4 s: dark before, light after."""
    times, moments = np.arange(0, 10, 1.0), np.arange(0, 6, 0.04)
    chooser = np.random.default_rng(1)
    frames = [
        (chooser.integers(0, 3, (36, 64)) + (20 if m < 3.4 else 200)).astype(np.uint8)
        for m in moments
    ]
    nothing = np.zeros((len(times), len(moments)))
    p = Products(times, moments, nothing, np.eye(len(times)), np.eye(len(moments)))
    line = Line(1.0, 2.0, 2, 5, 0.9, 0.1, 0.1, 0.9, 1.0)
    found = locate(p, line, frames, 6.0, 10.0)
    assert found.query_start == pytest.approx(0.0, abs=0.05)
    assert found.query_end == pytest.approx(3.4, abs=0.05)
    assert found.reference_start == pytest.approx(2.0, abs=0.05)
    assert found.reference_end == pytest.approx(5.4, abs=0.05)


def test_a_still_is_one_moment_of_the_footage() -> None:
    times = np.arange(0, 10, 1.0)
    p = Products(times, np.zeros(1), np.zeros((10, 1)), np.eye(10), np.eye(1))
    line = Line(1.0, 4.0, 4, 4, 0.0, 0.0, 0.0, 0.9, 1.0)
    found = locate(p, line, [np.zeros((9, 16), np.uint8)], None, 10.0)
    assert (found.query_start, found.reference_start) == (0.0, 4.0)
    assert found.query_end > found.query_start
    assert found.reference_end > found.reference_start

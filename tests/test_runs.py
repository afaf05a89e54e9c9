"""Long work in pieces."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from provenance.archive.runs import runs


@given(st.lists(st.integers(0, 30), max_size=20), st.integers(1, 40), st.integers(1, 6))
def test_pieces_hold_everything_once_and_none_could_have_held_more(
    sizes: list[int], most: int, longest: int
) -> None:
    pieces = list(runs(sizes, most, longest))
    assert [n for first, last in pieces for n in range(first, last)] == list(range(len(sizes)))
    for first, last in pieces:
        assert last - first == 1 or sum(sizes[first:last]) <= most
        full = last - first == longest or sum(sizes[first : last + 1]) > most
        assert last == len(sizes) or full

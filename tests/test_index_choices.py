"""The kinds of index that are compared: does each find what it holds?"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from accuracy.material import gather
from performance.choices import choices
from performance.pool import Pool, bred
from performance.simulation import Simulation

NAMES = (
    *("IVF-PQ, 8 bytes", "IVF-PQ, 16 bytes", "RaBitQ"),
    "Hamming embedding, 64 bits",
)
FOOTAGE = Path(__file__).resolve().parent.parent / "samples" / "footage"


@pytest.fixture(scope="module")
def pool() -> Pool:
    material = gather([FOOTAGE / "square.mp4"], np.array([90, 150], np.float32), donors=5_000)
    return bred(material, 0.1)


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_footage_is_found_by_its_own_features(pool: Pool, name: str) -> None:
    simulation = Simulation(pool, 0.5, first_id=3)
    choice = choices(pool)[name]()
    choice.add_simulated(simulation)
    assert choice.kept > 0
    one = simulation.fingerprint(1)
    rows = one.frame < 10
    found = choice.search(np.asarray(one.descriptors)[rows], one.frame[rows], 10)
    footages, votes = np.unique(found.footage[found.footage >= 0], return_counts=True)
    assert footages[np.argmax(votes)] == 4

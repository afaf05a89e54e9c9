"""What is known: footage, where it appeared, and how to find it again. See docs/archive.md.

with Archive.open() as archive:
    archive.add("old.mp4", published="2022-03-01")
"""

from provenance.archive.adding import Added, Outcome
from provenance.archive.archive import Archive
from provenance.archive.catalogue import Change
from provenance.archive.index import FeatureIndex, Neighbours
from provenance.archive.sources import expand_sources
from provenance.archive.walking import Choice

__all__ = [
    "Added",
    "Archive",
    "Change",
    "Choice",
    "FeatureIndex",
    "Neighbours",
    "Outcome",
    "expand_sources",
]

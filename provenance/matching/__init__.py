"""Matching: candidates -> geometry -> time alignment -> scored segments. Pure computation."""

from provenance.matching.commonplace import mark_commonplace
from provenance.matching.explaining import LOOK_SIDE, View
from provenance.matching.matcher import Found, Known, as_squeezed, find
from provenance.matching.sound import FoundSound, find_sound, merge_sounds, relation, resembles

__all__ = [
    "LOOK_SIDE",
    "Found",
    "FoundSound",
    "Known",
    "View",
    "as_squeezed",
    "find",
    "find_sound",
    "mark_commonplace",
    "merge_sounds",
    "relation",
    "resembles",
]

"""Matching: candidates -> geometry -> time alignment -> scored segments. Pure computation."""

from provenance.matching.candidates import Proposal
from provenance.matching.commonplace import mark_commonplace
from provenance.matching.explaining import LOOK_SIDE, Look, View, whole_step
from provenance.matching.matcher import Found, Known, as_squeezed, find
from provenance.matching.pixels import shrink
from provenance.matching.sound import FoundSound, find_sound, merge_sounds, relation, resembles

__all__ = [
    "LOOK_SIDE",
    "Found",
    "FoundSound",
    "Known",
    "Look",
    "Proposal",
    "View",
    "as_squeezed",
    "find",
    "find_sound",
    "mark_commonplace",
    "merge_sounds",
    "relation",
    "resembles",
    "shrink",
    "whole_step",
]

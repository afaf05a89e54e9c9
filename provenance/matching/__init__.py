"""Matching: candidates -> geometry -> time alignment -> scored segments. Pure computation."""

from provenance.matching.commonplace import mark_commonplace
from provenance.matching.explaining import LOOK_SIDE, View
from provenance.matching.matcher import Found, Known, as_squeezed, find

__all__ = ["LOOK_SIDE", "Found", "Known", "View", "as_squeezed", "find", "mark_commonplace"]

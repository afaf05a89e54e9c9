"""Matching: candidates -> geometry -> time alignment -> scored segments. Pure computation."""

from provenance.matching.matcher import LOOK_SIDE, Found, Known, View, find

__all__ = ["LOOK_SIDE", "Found", "Known", "View", "find"]

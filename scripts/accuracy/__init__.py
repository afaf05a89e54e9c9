"""Measuring how well footage is found, on clips that are not part of this repository."""

"""Matches, appearances and a claim to a verdict with reasons; pure computation."""

from provenance.verdict.judging import coverage, earliest_appearance, judge

__all__ = ["coverage", "earliest_appearance", "judge"]

"""Trains the codebook that the package carries; `scripts/train-codebook` runs it."""

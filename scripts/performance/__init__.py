"""What the work costs: seconds, processor time and bytes. See `scripts/bench`.

film        films to measure with, joined from real clips
learning    `provenance add` beside ffmpeg's own decoding of the same file
pool        features of ordinary footage, coded once
simulation  any number of hours made of them, as an index and as fingerprints
archives    an archive of real footage beside simulated hours
"""

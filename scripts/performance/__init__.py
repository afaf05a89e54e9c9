"""What the work costs: seconds, processor time and bytes. See `scripts/bench-learn`.

film      one long film of real texture, and a folder of many small ones
learning  `provenance add` beside ffmpeg's own decoding of the same file
"""

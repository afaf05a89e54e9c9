"""The command line: one file a command, `_` before what they share. Nothing else prints or exits.

from provenance.cli import run

code = run(["check", "clip.mp4"])
"""

from provenance.cli._run import run

__all__ = ["run"]

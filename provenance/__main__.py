"""The `provenance` command; `python -m provenance` is the same program."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command line of this process and end it with the exit code."""
    try:
        from provenance.cli import run
        from provenance.settings import calm_threads

        calm_threads()
    except KeyboardInterrupt:  # before there is anything to say or to clean up
        sys.exit(130)
    sys.exit(run(sys.argv[1:], alone=True))


if __name__ == "__main__":
    main()

"""The `provenance` command; `python -m provenance` is the same program."""

from __future__ import annotations

import os
import sys


def main() -> None:
    """Run the command line of this process and end it with the exit code."""
    try:
        _replace_closed_streams()
        from provenance.cli import run
        from provenance.settings import calm_threads

        calm_threads()
    except KeyboardInterrupt:  # before there is anything to say or to clean up
        sys.exit(130)
    sys.exit(run(sys.argv[1:], alone=True))


def _replace_closed_streams() -> None:
    """Open what whoever started us closed (`>&-`), as something that takes no results.

    Else the next file to be opened gets the number of the closed one: if that is the catalogue,
    what some library says on standard error is written into it.
    """
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        if getattr(sys, name) is not None:
            continue
        # Results that nobody gets are an error, so that standard output cannot be written to.
        opened = os.open(os.devnull, os.O_WRONLY if name == "stderr" else os.O_RDONLY)
        if opened != number:
            os.dup2(opened, number)
            os.close(opened)
        os.set_inheritable(number, True)
        if name != "stdin":  # nobody sits there who could be asked
            stream = open(number, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
            setattr(sys, name, stream)


if __name__ == "__main__":
    main()

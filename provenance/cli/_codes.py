"""Exit codes that are outcomes of a run; those of errors stand with the errors.

 0  done                          11  some or all of several sources failed
 2  usage                         70  internal error
 3  download failed              130  interrupted
 4  media missing or unreadable  141  whoever read the results stopped reading
 5  archive trouble
10  appeared earlier than the claim allows (only with --exit-code)
"""

from __future__ import annotations

EARLIER = 10
SOME_FAILED = 11
NOBODY_READS = 128 + 13  # what a shell says of a program that SIGPIPE has ended

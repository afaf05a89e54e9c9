"""The benchmark: how well edited footage is found. See `scripts/bench-accuracy`.

clips     what a clip shows when                desk      where an edit is made
edits/    our own edits, by name                make      query sets and their truth
truth     rows of truth, rows of results        runner    the command line over a query set
figures   results against truth: pure           peers/    vPDQ and a whole-frame hash
tables    figures as text                       pictures  found and missed, side by side
"""

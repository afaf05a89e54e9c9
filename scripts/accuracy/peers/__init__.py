"""Other ways to find footage, on the same queries: vPDQ, and a whole-frame hash.

vpdq        installs and runs vPDQ       vpdq_child  runs within vPDQ's own environment
frame_hash  one pHash a second           hashes      shares of hashes that match
"""

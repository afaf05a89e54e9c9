"""Files of other desks, read into records: fact-check feeds, manifests of footage, hash lists.

text         bytes to text and JSON, with the line of what is wrong; JSON-LD out of saved pages
fact_checks  ClaimReview and MediaReview            manifest    rows of footage to learn
hash_lists   vPDQ and PDQ hashes, read and written  kind        which of these a file is

A wrong entry is told as a `Problem` with its line or field, and the others are read.
"""

from provenance.feeds.kind import Kind, kind_of
from provenance.feeds.problem import Problem
from provenance.feeds.text import read_bytes

__all__ = ["Kind", "Problem", "kind_of", "read_bytes"]

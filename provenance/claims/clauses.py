"""The clause that a date stands in, and patterns of words to look at it with."""

from __future__ import annotations

import re
from dataclasses import dataclass

from provenance.claims import words as say

WORD = r"[^\W\d_]+(?:['-][^\W\d_]+)*"
PAUSES = ' \t\r\n,.;:–—-|()[]«»“”"'


def either(*lists: str) -> str:
    """A pattern of any of the words of lists, the longer ones first; see `words.py`."""
    words = [word for text in lists for word in re.split(r"[,\s]*[,\n]\s*", text.strip()) if word]
    patterns = (re.escape(one).replace(r"\*", r"\w*") for one in sorted(words, key=len)[::-1])
    return f"(?:{'|'.join(patterns)})".replace(r"…\ ", r"(?:\S+\ )*?")


def pattern(*lists: str) -> re.Pattern[str]:
    """Any of the words of lists, wherever they stand."""
    return re.compile(rf"(?<!\w){either(*lists)}(?!\w)")


WHERE = rf"{either(say.WHERE)} (?:{either(say.ARTICLES)} |(?:\w{{0,3}}l|d)')?"
PHRASE = rf"(?: {either(say.ARTICLES)})?(?: [^\W\d_]+)? ?\Z"
"""The rest of a noun phrase that a preposition begins, at the end."""
_ENDS = re.compile(
    rf"(?<!\b\d)(?<!\b\d\d)\.\s|[!?;:…]\s|\n|[()\[\]«»“”\"]|\s[–—|-]\s|,\s(?!{either(say.GOING_ON)}\b)"
)
_SENTENCE_ENDS = re.compile(r"(?<!\b\d)(?<!\b\d\d)[.!?;:…]\s|\n")
_OPENING = re.compile(rf"(?:{either(say.OPENING)}(?!\w)\s*)*")
_OF_THE_DATE = re.compile(rf"\s+{either(say.OF_THE_DATE)}(?!\w)")


@dataclass(frozen=True)
class Around:
    """What stands around a date, in small letters.

    Attributes:
        told: all that stands before it.
        rest: all that stands behind it.
        sentence: what stands before it in its sentence.
        before: what stands before it in its clause.
        after: what stands behind it in its clause.
        opens: it is what its clause begins with.
    """

    told: str
    rest: str
    sentence: str
    before: str
    after: str
    opens: bool


def around(text: str, start: int, end: int) -> Around:
    """What stands around a date, which is at `text[start:end]`."""
    told, rest = (_plain(side) for side in (text[:start], text[end:]))
    rest = _OF_THE_DATE.sub("", rest, count=1) if _OF_THE_DATE.match(rest) else rest
    before = last_clause(told)
    opens = _OPENING.fullmatch(before) is not None  # "3 March 2024: the court ..."
    after = _ENDS.split(rest.lstrip(PAUSES if opens else " "), maxsplit=1)[0]
    sentence = _SENTENCE_ENDS.split(told.rstrip(PAUSES))[-1].strip(PAUSES)
    return Around(told, rest, sentence, before, after, opens)


def _plain(text: str) -> str:
    return re.sub(r"[^\S\n]+", " ", text.lower().replace("’", "'"))


def last_clause(text: str) -> str:
    """What stands behind the last end of a clause."""
    return _ENDS.split(text.rstrip(PAUSES))[-1].strip(PAUSES)


def letters(text: str) -> list[str]:
    """Its words without numbers."""
    return re.findall(WORD, text)

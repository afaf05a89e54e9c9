"""Dates of what came of an event later: of the trial over it, of its anniversary.

    The trial over the 2019 attack resumes on 3 March 2024; video shows the attack.

An old film of the attack contradicts nothing there, so that a date of such an occasion must not be
taken for that of the footage. It is the occasion's where the two stand in one clause: the occasion
before the date, with nothing between that the date would rather belong to; or shortly behind it; or
anywhere behind it where it is what people came together for ("on 3 March 2024 to remember"). What
is said to be shown keeps its date, be it the occasion itself ("video shows the memorial service on
3 March 2024"), and so does an event that is told of by its date ("the trial over the attack of 3
March 2024"). What happened at an occasion keeps it too ("explosion at a commemoration", "a car
rammed into the memorial march", "clashes on 3 March 2024 after the verdict"). Between the rest
nobody can choose ("clashes after the verdict on 3 March 2024"): such a date is left out, for it
could accuse.

A court alone is no occasion, and a memorial neither: it may be the house that burns.
"""

from __future__ import annotations

import re

from provenance.claims import words as say
from provenance.claims.clauses import (
    PAUSES,
    PHRASE,
    WHERE,
    WORD,
    Around,
    either,
    last_clause,
    letters,
    pattern,
)

REACH = 8
"""Words between an occasion and a date behind it: "the trial over ... resumes on" ..."""
REACH_ABOUT = 14
"""... where the words between tell whom it is about: "the trial of the man who ... opened on"."""
REACH_BEHIND = 4
"""... and between a date and an occasion behind it: "3 March 2024 marks the tenth anniversary"."""
REACH_RULED = 10
"""... and to what became of somebody: "3 March 2024 the man who is seen here was sentenced"."""

_BEHIND = either(say.LINKS, say.OPENING, "to, in, by, al, zu, к")
_ALONE = rf"{either(say.SENTENCED)}(?=\s*(?:\Z|[^\w\s])|\s+{_BEHIND}(?!\w))"
_COURT = (
    rf"(?:{either(say.ARTICLES)} )?(?:\w+ )?{either(say.ACTORS)}"
    rf"(?: {either('in, of, at, de, em, di, w, в, у, في')} \w+)?"
)
_OCCASION = re.compile(
    rf"(?<!\w)(?:(?:(?P<aim>{either(say.AIMS)})|(?P<memory>{either(say.MEMORIES)})"
    rf"|{either(say.TRIALS, say.RELEASES)}|{_COURT}(?: a| ha| hat)? {either(say.RULING)})(?!\w)"
    rf"|(?P<verb>{_ALONE}))"
)
_NO_OCCASION = pattern(say.OTHERWISE)
_SHOWN, _PUT_ON, _NOT_SHOWN = pattern(say.SHOWING), pattern(say.PRESENTED), pattern(say.AWAY)
_JOINED, _OF, _LINKED = pattern(say.JOINING), pattern(say.BY_DATE), pattern(say.LINKS)
_AIMED = pattern(say.TO)
_ACTED = re.compile(rf"(?!{either(say.PLACES, say.BEEN, say.JOINING)}(?!\w))[^\W\d_]")
_BY_COURT = re.compile(rf"\W*{_COURT}(?!\w)")
_BEEN = pattern(say.BEEN)
_AT = rf"{WHERE}(?:[^\W\d_]+ )?"
_AT_ONE = re.compile(rf"(?:{either(say.ARTICLES, say.HOW_MANY)} )*{either(say.HAPPENINGS)} {_AT}")
_DID_AT_ONE = re.compile(rf"(?<!\w){either(say.ACTS)}(?: {WORD}){{0,3}}? {_AT}\Z")
_DID_TO_ONE = re.compile(rf"(?<!\w){either(say.ACTS)} (?:{either(say.ARTICLES)} )?\Z")
_HAPPENS = re.compile(
    rf"(?<!\w)(?:{either(say.HAPPENINGS)}(?: {WORD}){{0,2}}\Z|{either(say.ACTS)}(?!\w))"
)
_OPENING_AT_END = re.compile(rf"(?<!\w){either(say.OPENING)}\s*\Z")
_SENTENCED_AT_END = re.compile(rf"(?<!\w){either(say.SENTENCED)}\Z")
_GOVERNED = re.compile(rf"(?<!\w){either(say.PLACES)}{PHRASE}")
_BY = re.compile(rf"(?<!\w){WHERE}\Z")
_BY_THEN = re.compile(rf"(?<!\w){either(say.NEAR_IN_TIME)}{PHRASE}")
_FILM_OF = re.compile(
    rf"(?<!\w){either(say.FILMS)}(?: {either(say.FILMED)} {either(say.WHERE)}"
    rf"| {either(say.BY_DATE)}){PHRASE}"
)


def is_of_an_occasion(around: Around) -> bool:
    """Whether a date is or may be that of an occasion instead of what the text says is shown."""
    told, rest, before, after = (
        _NO_OCCASION.sub("x", side)
        for side in (around.told, around.rest, around.before, around.after)
    )
    named = re.match(r"\s+[^\W\d_]", rest) is not None  # "the 3 March attack"
    if around.opens:
        # "On the anniversary of the flood, on 3 March, ..." says when the anniversary was.
        explains = not named and _precedes(last_clause(_OPENING_AT_END.sub("", told)))
        return explains or _follows("", after)
    if _BY_COURT.fullmatch(_OPENING_AT_END.sub("", before).strip()) and _ACTED.match(after):
        return True
    if named and (_OCCASION.match(after) or _SENTENCED_AT_END.search(after.partition(",")[0])):
        return True
    return not (named and before.endswith(" the")) and (
        _precedes(before) or _follows(before, after)
    )


def _precedes(before: str) -> bool:
    """Whether a date is of an occasion that stands before it in its clause."""
    occasions = list(_OCCASION.finditer(before))
    if not occasions:
        return False
    head, between = before[: occasions[-1].start()], before[occasions[-1].end() :].strip()
    words = letters(between)
    about = _LINKED.match(between) is not None
    if words and _OF.fullmatch(words[-1]):
        return len(words) == 1 or not about
    if not _PUT_ON.search(between) and _is_where(head, occasions[-1]):
        return False
    if len(words) > (REACH_ABOUT if about else REACH):
        return False
    apart = _SHOWN.search(between) or (_JOINED.search(between) and not about)
    meanwhile = _BY_THEN.search(head) or (_BY.search(head) and _happens(between))
    if apart or (len(words) > 1 and not about and meanwhile):
        return False
    return not ((_shows(head) and not _PUT_ON.search(before)) or _FILM_OF.search(head))


def _follows(before: str, after: str) -> bool:
    """Whether the clause of a date tells of an occasion behind it, not of what happened at one."""
    occasion = _OCCASION.search(after)
    if occasion is None or _shows(before) or _happens(before):
        return False
    way = after[: occasion.start()]
    if _SHOWN.search(way) or _JOINED.search(way):
        return False
    away = _NOT_SHOWN.search(way) is not None
    if occasion["aim"]:
        return not away and not _happens(way)
    court = _BY_COURT.match(way)
    ruled = not away and (court or (occasion["verb"] and _BEEN.search(way)))
    if len(letters(way)) > (REACH_RULED if ruled else REACH_BEHIND):
        return False
    aimed = _AIMED.search(way) and not occasion["memory"] and not _BY_COURT.match(before)
    if before and (away or aimed):
        return False
    place = None if occasion["verb"] and ruled else _GOVERNED.search(way)
    held = place and (before or letters(way[: place.start()]))
    return not held or _PUT_ON.search(before + after) is not None


def _shows(head: str) -> bool:
    """Whether what is told next is said to be shown."""
    shown = _SHOWN.search(head)
    return shown is not None and not _NOT_SHOWN.search(head, shown.end())


def _happens(head: str) -> bool:
    """Whether it tells what happened, to which a date then belongs: "the explosion on 3 March"."""
    return _HAPPENS.search(head) is not None and not _NOT_SHOWN.search(head)


def _is_where(head: str, occasion: re.Match[str]) -> bool:
    """Whether an occasion only says where or to what something happened."""
    if _AT_ONE.fullmatch(head.lstrip(PAUSES)):
        return True
    did = _DID_AT_ONE.search(head) or (occasion["memory"] and _DID_TO_ONE.search(head))
    return bool(did) and not _NOT_SHOWN.search(head) and not _OCCASION.search(head)

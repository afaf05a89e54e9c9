"""What a date has to do with a film that its sentence speaks of.

    The video, posted by RT, was filmed on 3 May 2024.
    The airline paid damages on 3 May 2024 for the crash in this video.
    The man who shouts in this video was dismissed on 3 May 2024.

The first date is the footage's own. The others are not: what is told *about* something that a film
shows, or about somebody who is named by what he does there, came after it. What is said to go on
"in this video" may be what is shown, and says nothing here.
"""

from __future__ import annotations

import re

from provenance.claims import words as say
from provenance.claims.clauses import WORD, Around, either, letters, pattern

MERELY_SEEN = 5
"""Words behind "who" up to the film: "who can be seen in this video" tells nothing that he does."""

_FILM, _FILMED = either(say.FILMS), either(say.FILMED)
_WHO, _WHO_OR_THE = either(say.WHO), either(say.WHO_OR_THE)
_NOTHING = pattern(say.OPENING, say.BY_DATE, say.ARTICLES)
_STILL_THE_FILM = re.compile(rf"\s*{either(say.BY_DATE, say.OUT_OF, say.PLACES)}(?!\w)")
_FILMED_THEN = re.compile(
    rf"(?<!\w){_FILMED}(?: {either(say.PLACES, say.BY)}(?: {WORD}){{1,2}})?"
    rf"(?: {either(say.OPENING)})*\Z"
)
_THEN_FILMED = re.compile(rf"(?<!\w){_FILM}(?: {WORD})* §(?: {WORD}){{0,3}}? {_FILMED}(?!\w)")
_AS_SHOWN = re.compile(
    rf"[^,.!?;:\n]*,\s(?:{WORD}\s){{0,3}}?{_FILM}\s{either(say.SHOWING)}\s*(?:[.!?;\n]|\Z)"
)
_ABOUT = rf"(?:{either(say.ABOUT)}(?: {WORD}){{0,5}}?|{either(say.FOR)}(?: {WORD}){{2,5}}?) {_FILM}"
_TOLD_ABOUT = re.compile(rf"(?<!\w){_ABOUT}(?!\w)")
_ABOUT_IT = re.compile(rf"(?<!\w){_FILM}(?: {WORD}){{1,3}}? {either(say.ABOUT_IT)}(?!\w)")
_TOLD_APART = re.compile(
    rf"(?<!\w)(?:{_ABOUT}"
    rf"|{either(say.OUT_OF)}(?: {WORD}){{0,2}}? {_FILM}"
    rf"|(?:{_WHO}|(?<=, ){_WHO_OR_THE}|{_WHO_OR_THE}(?= (?:im|in|op) )"
    rf"|\A(?:{either(say.ARTICLES)} |\w*')\w+ {either(say.WHO_OR_THAT)})"
    rf" (?P<does>(?:{WORD} ){{0,8}}?){_FILM}"
    rf"|{either(say.CAUGHT)}(?: {WORD}){{4,8}}? {_FILM})(?!\w)(?P<main>.*)"
)
_PRESENTED = either(say.PRESENTED)
_PUT_ON = re.compile(
    rf"(?<!\w){_FILM}(?: {either(say.BEEN, say.HAVE, say.OPENING)})* "
    rf"(?:{_PRESENTED}(?: {WORD}){{0,4}} §|§(?: {WORD}){{0,3}}? {_PRESENTED}(?!\w))"
)
_SEEN = pattern(say.SEEN, say.SHOWING)
_HAPPENING = re.compile(rf"(?<!\w){either(say.HAPPENINGS)} \Z")


def is_of_the_film(around: Around) -> bool:
    """Whether a date is said to be the footage's, or its clause to be what the footage shows."""
    return bool(
        _FILMED_THEN.search(around.before)
        or _THEN_FILMED.search(_with_a_mark(around))
        or _AS_SHOWN.match(around.rest)
    )


def is_told_of_a_film(around: Around) -> bool:
    """Whether a date is that of what came of something or somebody that a film shows, or of a
    showing of the film."""
    if _PUT_ON.search(_with_a_mark(around)):
        return True
    if _TOLD_ABOUT.search(around.after) and not _SEEN.search(around.before):
        return True
    if _ABOUT_IT.search(around.sentence) or _ABOUT_IT.search(around.after):
        return True
    told = _TOLD_APART.search(around.sentence)
    if told is None or _HAPPENING.search(around.sentence[: told.start()]):
        return False
    main, does = told["main"], letters(told["does"] or "")
    if _STILL_THE_FILM.match(main) or not letters(_NOTHING.sub("", main)):
        return False
    merely = len(does) <= MERELY_SEEN and _SEEN.search(" ".join(does))
    return not (merely or _SEEN.search(main))


def _with_a_mark(around: Around) -> str:
    """The clause, with § where the date stands."""
    return f"{around.before} § {around.after}"

"""Dates in a text that are not those of what it tells of, but of the telling, of an occasion, or of
what came of something that a film shows."""

from __future__ import annotations

import re

_BESIDE_WORDS = """
until till each updated update posted published uploaded reposted born died copyright deadline
premiere aired streamed founded established version
bis veröffentlicht hochgeladen aktualisiert geboren jusque jusqu publié né
hasta publicado nacido fino опубликовано родился tot
"""
_BESIDE = frozenset(_BESIDE_WORDS.split())
"""Next to these a date is another one, whichever stands first."""
_LEADING_WORDS = """
since before after by next every ago not never seit vor nach ab nächsten depuis avant après prochain
desde antes después próximo dal dopo prima с после перед от від після sinds na voor od po przed
до do
"""
_LEADING = frozenset(_LEADING_WORDS.split())
"""Right behind these it is another one; "on 3 May, after the rain" is not."""
_OPENING = re.compile(
    r"(?:\b(?:(?:\w{1,3}\s)?(?:dia|día|giorno)|on|in|the|am|im|dem|den|le|en|el|il|nel|o|em|de|w|в|у)"
    r"\s)?$"
)
"""What a date begins with: in "no dia 3 de maio" nothing is denied, and "do" is not Polish."""
_TELLING_WORDS = """
posted post published uploaded upload reposted shared reshared tweeted tweet tweets retweeted aired
broadcast streamed retrieved accessed screenshot debunked circulated circulating viral trending
gepostet geteilt hochgeladen veröffentlicht verbreitet publié publiée partagé partagée posté
publicado publicada compartido compartida subido pubblicato pubblicata condiviso condivisa
publicou compartilhado compartilhada geplaatst gedeeld opublikowano udostępniono
опубликовано опубликовал опубликовали выложил поделился
опубліковано опублікував поширив paylaşıldı نشر resurfaced
"""
_TELLING = frozenset(_TELLING_WORDS.split())
"""Who writes so dates the telling, not the event: "posted to TikTok on 28 October"."""
_SAYING_WORDS = """
said says told announced reported confirmed stated wrote warned sagte teilte meldete erklärte
déclaré annoncé indiqué dijo anunció informó declaró detto annunciato dichiarato disse anunciou
informou zei meldde verklaarde powiedział poinformował сообщил сообщили сообщила сообщило заявило
заявил заявили заявила повідомив повідомили повідомила повідомило заявив
"""
_SAYING = frozenset(_SAYING_WORDS.split())
"""Behind these a date is that of the statement: "the ministry said on Monday"; before them it is
the event's: "soldiers queued on Tuesday, the ministry said"."""
_TOLD_WORDS = (
    "as that shows showing claims claiming als dass zeigt comme que montre como muestra что що"
)
_TOLD = frozenset(_TOLD_WORDS.split())
"""Behind these what is told begins: "shared as a flood on 28 October"."""
_TELLING_REACH = 6
"""Words between such a word and a date of the same sentence."""
_CALLED_TODAY = re.compile(r"[^\W\d_]*[A-ZА-Я][^\W\d_]*\s$")
"""What stands before "Today" in the names of media: "USA Today", "Russia Today"."""
_MEANS_HERE = re.compile(
    r"\b(?:der|das|ist|sind|und|nicht|wird|brennt|sieht|in|im|am|bei|het|een|van|wordt|niet|zie|op)\b",
    re.IGNORECASE,
)
"""German and Dutch words: with them "hier" is "here", not the French "yesterday"."""

_YEARS_AGO = re.compile(
    r"\b(?:(?:\w+\s)?years?\sago|vor\s\w+\sjahr(?:en)?|il\sy\sa\s\w+\sans?|hace\s\w+\saños?|há\s\w+\sanos?|"
    r"\w+\sann[io]\sfa|\w+\sja(?:ar|ren)\sgeleden|(?:\w+\slata?|rok)\stemu|"
    r"(?:\w+\s)?(?:(?:лет|года?)\sназад|(?:років|роки|рік)\sтому|yıl\sönce)|"
    r"(?:قبل|منذ)\s(?:\w+\s)?(?:سنوات|سنة|عام|عاما|أعوام))\b",
    re.IGNORECASE,
)
"""Beside these, "today" is a day of another year."""
_BETWEEN = re.compile(r"[\s,–—-]*(?:[^\W\d_]{2,3}\s)?")


def is_of_another_year(text: str, start: int, end: int) -> bool:
    """Whether a date without a year is said to be years ago: "ten years ago today"."""
    return any(
        _BETWEEN.fullmatch(text[years.end() : start] or text[end : years.start()])
        for years in _YEARS_AGO.finditer(text)
    )


def is_aside(text: str, start: int, end: int) -> bool:
    """Whether the words around a date say that it is the date of something else."""
    from provenance.claims.clauses import around  # patterns of many words, for texts with dates
    from provenance.claims.films import is_of_the_film, is_told_of_a_film
    from provenance.claims.occasions import is_of_an_occasion

    said = re.split(r"[.!?]\s|\n", text[max(0, start - 40) : start].lower())[-1]
    before = re.findall(r"[^\W_]+", _OPENING.sub("", said, count=1))
    after = re.findall(r"[^\W_]+", text[end : end + 20].lower())[:1]
    marked = text[max(0, start - 3) : start].strip().endswith(("©", "#"))
    named = text[start:end] == "Today" and _CALLED_TODAY.search(text[:start]) is not None
    means_here = text[start:end].lower() == "hier" and _MEANS_HERE.search(text) is not None
    if marked or named or means_here or after == ["of"]:
        return True
    here = around(text, start, end)
    if not is_of_the_film(here) and (
        _is_of_the_telling(text, start, end) or is_told_of_a_film(here) or is_of_an_occasion(here)
    ):
        return True
    return not (_LEADING.isdisjoint(before[-1:]) and _BESIDE.isdisjoint((*before[-2:], *after)))


def _is_of_the_telling(text: str, start: int, end: int) -> bool:
    """Whether a date says when something was posted: "posted by RT on", "on ..., a user shared"."""
    before = re.split(r"[.!?;:\n]\s", text[:start].lower())[-1]
    after = re.split(r"[.!?;:\n](?:\s|$)", text[end:].lower(), maxsplit=1)[0]
    for side, telling in ((before, _TELLING | _SAYING), (after, _TELLING)):
        words = re.findall(r"[^\W_]+", side)
        for word in (words[::-1] if side is before else words)[:_TELLING_REACH]:
            if word in _TOLD:
                break
            if word in telling:
                return True
    return False

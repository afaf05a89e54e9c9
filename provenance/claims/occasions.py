"""Dates of what came of an event later: of the trial over it, of its anniversary.

    The trial over the 2019 attack resumes on 3 March 2024; video shows the attack.

An old film of the attack contradicts nothing there, so that a date of such an occasion must not be
taken for that of the footage. It is the occasion's where the two stand in one clause: the occasion
before the date, with nothing between that the date would rather belong to, or shortly behind a date
with which the clause begins. What is said to be shown keeps its date, be it the occasion itself
("video shows the memorial service on 3 March 2024"), and so does an event that is told of by its
date ("the trial over the attack of 3 March 2024"). Between the rest nobody can choose ("clashes
after the verdict on 3 March 2024"): such a date is left out, for it could accuse.

A court alone is no occasion, and a memorial neither: it may be the house that burns.
"""

from __future__ import annotations

import re

REACH = 8
"""Words between an occasion and a date behind it: "the trial over ... resumes on" ..."""
REACH_BEHIND = 4
"""... and between a date and an occasion behind it: "3 March 2024 marks the tenth anniversary"."""

# Below, * stands for any ending and … for any words; by language, in the order of `LANGUAGES`.
_OCCASIONS = """
trial, trials, retrial, mistrial, hearing, hearings, verdict, verdicts, sentencing, arraign*,
inquest, testifies, testified, testimony, court case, court date, court appearance, court session,
court proceedings, court ruling*, appears in court, appeared in court, back in court,
memorial service*, memorial ceremon*, memorial event*, memorial mass, memorial concert,
memorial gathering, memorial day, memorial … held, memorial … took place, anniversar*,
marks … years, commemorat*, remembrance
prozess, prozesses, prozesse, prozeß, gerichtsproze*, strafproze*, mordproze*, schauproze*,
verhandlung, gerichtsverhandlung*, hauptverhandlung*, gerichtstermin*, anhörung*, urteil, urteile,
urteils*, steht vor gericht, stand vor gericht, jahrestag*, gedenk*
procès, l'audience, une audience, audience du, audience de, jugement, jugements, comparu*,
comparaî*, anniversaire*, commémor*, hommage, hommages
juicio, juicios, audiencia, audiencias, veredicto*, sentencia*, vista oral, comparec*, aniversario*,
conmemor*, homenaje*
processo, processi, udienza, udienze, verdetto, sentenza, sentenze, anniversari*, commemor*
julgamento*, audiência*, veredito*, sentença*, aniversário*, comemora*, homenagem, homenagens
rechtszaak, rechtszaken, proces, rechtszitting*, zitting*, hoorzitting*, vonnis*,
staat voor de rechter, stond voor de rechter, herdenk*
procesu, procesie, procesy, rozprawa, rozprawy, rozprawie, rozprawę, wyrok*, stanął przed sądem,
stanęli przed sądem, rocznic*, upamiętni*
судебное заседани*, судебного заседани*, судебном заседани*, судебный процесс, судебном процессе,
заседание суда, заседании суда, слушани*, процесс по, процесс над, процессе по, процессе над,
суд над, суд по делу, суде над, суде по делу, приговор*, вердикт*, годовщин*, панихид*, день памяти,
дня памяти
судове засідання, судовому засіданні, судового засідання, судовий процес, судовому процесі,
засідання суду, засіданні суду, слухання, слуханні, процес над, суд над, суді над, вирок*, річниц*,
роковин*, панахид*, день пам'яті, вшанування
duruşma*, yargılama*, dava, davası*, davanın, davada, yıldönüm*, yıl dönüm*, anma tören*, anma gün*,
anma etkinli*
محاكمة, المحاكمة, لمحاكمة, جلسة, الجلسة, ذكرى, الذكرى, بذكرى, تأبين, إدانة
"""
_SENTENCED = """
convicted, acquitted, sentenced, verurteilt, verurteilte, freigesprochen, condamné, condamnés,
condamnée, acquitté, acquittés, condenado, condenados, condenada, condenó, absolvió, condenou,
absuelto, absueltos, condannato, condannati, condannata, assolto, assolti, absolvido, absolvidos,
veroordeeld, vrijgesproken, skazany, skazani, skazano, skazał, uniewinniony, uniewinnieni, осужден,
осуждён, осуждены, осудили, оправдали, засуджено, засудили, виправдали, mahkum edildi, beraat etti
"""
"""Occasions where no other word follows: "convicted on", but not "the convicted driver"."""
_OTHERWISE = """
time trial*, clinical trial*, field trial*, trial run*, hearing loss, hearing aid*, gedenkstätte*,
gedenktafel*, gedenkstein*, procès-verbal
"""
"""What looks like an occasion and is none."""
_SHOWING = """
show, shows, showing, showed, depicts, depicting, captures, zeigt, zeigen, zeigte, montre, montrent,
montrant, muestra, muestran, mostra, mostrano, mostram, mostrando, toont, tonen, pokazuj*, widać,
показыва*, видно, показу*, göster*, يظهر, تظهر, يوثق, توثق
"""
_PRESENTED = """
shown, played, screened, presented, watched, viewed, heard, saw, released, surfaced, emerged,
gezeigt, abgespielt, vorgespielt, vorgeführt, diffusé*, projeté*, montré*, présenté*, mostrado*,
mostrada*, proyectado*, presentado*, mostrato, mostrata, proiettat*, presentat*, exibido*, exibida*,
apresentado*, getoond, vertoond, afgespeeld, pokazan*, odtworzon*, показан*, показали, gösterildi,
izletildi, عرض, عرضت
"""
"""Who writes so speaks of a showing of the film, as at a trial."""
_AWAY = """
before, ahead, about, over, who, whose, which, that, vor, wegen, dessen, deren, avant, qui, dont,
que, antes, sobre, cuyo, cuya, prima, su, sul, che, cui, cujo, cuja, voor, wiens, przed, któr*,
перед, до, котор*, який, яка, яке, які, якого, якої, önce, قبل, الذي, التي
"""
"""Behind these stands what is not shown: "video shows the attack whose trial begins on"."""
_JOINING = """
and, but, while, when, und, aber, während, et, mais, y, pero, mientras, ma, mentre, mas, enquanto,
maar, terwijl, ale, gdy, но, пока, когда, але, поки, коли, ama, بينما
"""
_BY_DATE = "of, from, vom, von, du, de, del, dell, do, da, van, z, від, din"
_LINKS = f"""
{_BY_DATE}, over, for, about, against, into, um, wegen, gegen, über, des, pour, contre, sur, sobre,
contra, por, per, contro, su, om, voor, tegen, w sprawie, o, по, над, об, за, щодо, у справі, في
"""
"""Behind an occasion these tell what it is about."""
_NEAR_IN_TIME = """
after, before, following, ahead of, nach, vor, après, avant, después del, antes del, tras, dopo,
prima del, após, depois do, antes do, na, voor, po, przed, после, перед, після, sonra, بعد, قبل
"""
_PLACES = f"""
{_NEAR_IN_TIME}, at, during, in, outside, near, amid, against, over, about, for, bei, beim, während,
im, gegen, lors du, lors de, pendant, devant, contre, durante, en, frente a, ante, contra,
davanti a, contro, fora do, tijdens, bij, buiten, tegen, podczas, w, на, во время, возле, у,
під час, біля, в, خلال, أثناء, أمام, خارج, في
"""
_ARTICLES = """
the, a, an, its, his, their, der, dem, einer, einem, le, la, les, un, une, el, los, las, il, lo, o,
de, het, een
"""
_ACTORS = """
court, judge, judges, jury, prosecutors, gericht, richter, richterin, tribunal, juge, cour, juez,
jueza, corte, tribunale, giudice, juiz, rechtbank, rechter, sąd, sędzia, суд, судья, суддя, mahkeme,
المحكمة
"""
_FILMS = """
video, videos, footage, film, films, clip, clips, pictures, images, aufnahmen, vidéo, vidéos, vídeo,
imágenes, imagens, immagini, beelden, nagranie, видео, кадры, відео, кадри, فيديو
"""
_OPENING = "on, the, am, den, le, el, il, la, em, no, na, op, w, we, в, во, у, à, a, في"
"""Words before a date that still begins its clause."""
_GOING_ON = """
which, who, whose, scheduled, set, due, held, opened, die, der, das, dessen, qui, que, dont, prévu*,
previsto, prevista, fijado, fijada, che, cui, fissato, fissata, marcado, gepland, który, która,
które, zaplanowan*, wyznaczon*, который, которое, назначен*, яке, призначен*
"""
"""Behind a comma, words that still tell of what stood before it."""
_PAUSES = ' \t\r\n,.;:–—-|()[]«»“”"'


def _words(text: str) -> str:
    words = sorted(re.split(r"[,\s]*[,\n]\s*", text.strip()), key=len, reverse=True)
    patterns = (re.escape(one).replace(r"\*", r"\w*") for one in words)
    return f"(?:{'|'.join(patterns)})".replace(r"…\ ", r"(?:\S+\ )*?")


def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w){_words(text)}(?!\w)")


_CLAUSE_ENDS = re.compile(
    rf"(?<!\b\d)(?<!\b\d\d)\.\s|[!?;:…]\s|\n|[()\[\]«»“”\"]|\s[–—|-]\s|,\s(?!{_words(_GOING_ON)}\b)"
)
_BEHIND = _words(f"{_LINKS}, {_OPENING}, to, in, by, al, zu, к")
_ALONE = rf"{_words(_SENTENCED)}(?=\s*(?:\Z|[^\w\s])|\s+{_BEHIND}(?!\w))"
_OCCASION = re.compile(rf"(?<!\w)(?:{_words(_OCCASIONS)}(?!\w)|{_ALONE})")
_NO_OCCASION = _pattern(_OTHERWISE)
_SHOWN, _PUT_ON, _NOT_SHOWN = _pattern(_SHOWING), _pattern(_PRESENTED), _pattern(_AWAY)
_JOINED, _OF, _LINKED = _pattern(_JOINING), _pattern(_BY_DATE), _pattern(_LINKS)
_OPENED = re.compile(
    rf"(?:{_words(_OPENING)}(?!\w)\s*)*|(?:{_words(_ARTICLES)} )?(?:\w+ )?{_words(_ACTORS)}"
)
_OPENING_AT_END = re.compile(rf"(?<!\w){_words(_OPENING)}\s*\Z")
_SENTENCED_AT_END = re.compile(rf"(?<!\w){_words(_SENTENCED)}\Z")
_PHRASE = rf"(?: {_words(_ARTICLES)})?(?: [^\W\d_]+)? ?\Z"
_GOVERNED = re.compile(rf"(?<!\w){_words(_PLACES)}{_PHRASE}")
_BY_THEN = re.compile(rf"(?<!\w){_words(_NEAR_IN_TIME)}{_PHRASE}")
_FILM_OF = re.compile(rf"(?<!\w){_words(_FILMS)} {_words(_BY_DATE)}{_PHRASE}")


def is_of_an_occasion(text: str, start: int, end: int) -> bool:
    """Whether a date, at `text[start:end]`, is or may be that of an occasion instead of what the
    text says is shown."""
    sides = (text[:start].lower(), text[end:].lower())
    told, rest = (_NO_OCCASION.sub("x", side) for side in sides)
    before, after = _last_clause(told), _CLAUSE_ENDS.split(rest.lstrip(_PAUSES), maxsplit=1)[0]
    named = re.match(r"\s+[^\W\d_]", rest) is not None  # "the 3 March attack"
    if _OPENED.fullmatch(before):
        # "On the anniversary of the flood, on 3 March, ..." says when the anniversary was.
        explains = not named and _precedes(_last_clause(_OPENING_AT_END.sub("", told)))
        return explains or _follows(after)
    if named and (_OCCASION.match(after) or _SENTENCED_AT_END.search(after.partition(",")[0])):
        return True
    return not (named and before.endswith(" the")) and _precedes(before)


def _last_clause(text: str) -> str:
    return _CLAUSE_ENDS.split(text.rstrip(_PAUSES))[-1].strip(_PAUSES)


def _precedes(before: str) -> bool:
    """Whether a date is of an occasion that stands before it in its clause."""
    occasions = list(_OCCASION.finditer(before))
    if not occasions:
        return False
    head, between = before[: occasions[-1].start()], before[occasions[-1].end() :].strip()
    words = _letters(between)
    about = _LINKED.match(between) is not None
    if words and _OF.fullmatch(words[-1]):
        return len(words) == 1 or not about
    apart = len(words) > REACH or _SHOWN.search(between) or (_JOINED.search(between) and not about)
    if apart or (len(words) > 1 and not about and _BY_THEN.search(head)):
        return False
    shown = _SHOWN.search(head)
    seen = shown and not _NOT_SHOWN.search(head, shown.end()) and not _PUT_ON.search(before)
    return not (seen or _FILM_OF.search(head))


def _follows(after: str) -> bool:
    """Whether the clause that a date opens tells of an occasion, not of what happened at one."""
    occasion = _OCCASION.search(after)
    if occasion is None:
        return False
    way = after[: occasion.start()]
    if len(_letters(way)) > REACH_BEHIND or _SHOWN.search(way) or _JOINED.search(way):
        return False
    place = _GOVERNED.search(way)
    return not (place and _letters(way[: place.start()])) or _PUT_ON.search(after) is not None


def _letters(text: str) -> list[str]:
    """Its words without numbers."""
    return re.findall(r"[^\W\d_]+(?:['’][^\W\d_]+)*", text)

"""Dates of what came of an event later: of the trial over it, of its anniversary.

    The trial over the 2019 attack resumes on 3 March 2024; video shows the attack.

An old film of the attack contradicts nothing there, so that a date of such an occasion must not be
taken for that of the footage. It is the occasion's where the two stand in one clause: the occasion
before the date, with nothing between that the date would rather belong to, or shortly behind a date
with which the clause begins. What is said to be shown keeps its date, be it the occasion itself
("video shows the memorial service on 3 March 2024"), and so does an event that is told of by its
date ("the trial over the attack of 3 March 2024"). Between the rest nobody can choose ("clashes
after the verdict on 3 March 2024"): such a date is left out, for it could accuse. A headline that
begins with what happened where an occasion was ("explosion at a commemoration") keeps its date.

A court alone is no occasion, and a memorial neither: it may be the house that burns.
"""

from __future__ import annotations

import re

REACH = 8
"""Words between an occasion and a date behind it: "the trial over ... resumes on" ..."""
REACH_ABOUT = 14
"""... where the words between tell whom it is about: "the trial of the man who ... opened on"."""
REACH_BEHIND = 4
"""... and between a date and an occasion behind it: "3 March 2024 marks the tenth anniversary"."""
REACH_RULED = 10
"""... and to what became of somebody: "3 March 2024 the man who is seen here was sentenced"."""

# Below, * stands for any ending and … for any words; by language, in the order of `LANGUAGES`.
_OCCASIONS = """
trial, trials, retrial, mistrial, hearing, hearings, verdict, verdicts, sentencing, arraign*,
inquest, testifies, testified, testimony, court case, court date, court appearance, court session,
court proceedings, court ruling*, appears in court, appeared in court, back in court,
memorial service*, memorial ceremon*, memorial event*, memorial mass, memorial concert,
memorial gathering, memorial day, memorial … held, memorial … took place, anniversar*,
marks … years, commemorat*, remembrance, was charged, were charged, been charged, upheld
prozess, prozesses, prozesse, prozeß, gerichtsproze*, strafproze*, mordproze*, schauproze*,
verhandlung, gerichtsverhandlung*, hauptverhandlung*, gerichtstermin*, anhörung*, urteil, urteile,
urteils*, steht vor gericht, stand vor gericht, jahrestag*, jährt, jährte, gedenk*
procès, l'audience, une audience, audience du, audience de, jugement, jugements, comparu*,
comparaî*, anniversaire*, commémor*, hommage, hommages
juicio, juicios, audiencia, audiencias, veredicto*, sentencia*, vista oral, comparec*, aniversario*,
conmemor*, homenaje*, se cumple*, se cumpli*
processo, processi, udienza, udienze, verdetto, sentenza, sentenze, anniversari*, commemor*
julgamento*, audiência*, veredito*, sentença*, aniversário*, comemoração*, comemorações,
comemora … anos, comemoram … anos, homenagem, homenagens
rechtszaak, rechtszaken, proces, rechtszitting*, zitting*, hoorzitting*, vonnis*,
staat voor de rechter, stond voor de rechter, herdenk*
procesu, procesie, procesy, rozprawa, rozprawy, rozprawie, rozprawę, wyrok*, stanął przed sądem,
stanęli przed sądem, rocznic*, upamiętni*
судебное заседани*, судебного заседани*, судебном заседани*, судебный процесс, судебном процессе,
заседание суда, заседании суда, слушани*, процесс по, процесс над, процессе по, процессе над,
суд над, суд по делу, суде над, суде по делу, приговор, приговора,
приговору, приговором, приговоре, приговоры, приговоров, вердикт*, годовщин*, панихид*, день памяти,
дня памяти, исполнилось … лет, исполняется … лет, исполнился год, исполняется год
судове засідання, судовому засіданні, судового засідання, судовий процес, судовому процесі,
засідання суду, засіданні суду, слухання, слуханні, процес над, суд над, суді над, вирок*, річниц*,
роковин*, панахид*, день пам'яті, вшанування,
виповнилося … років, виповнюється … років, минає рік, виповнився рік
duruşma*, yargılama*, dava, davası*, davanın, davada, yıldönüm*, yıl dönüm*, anma tören*, anma gün*,
anma etkinli*
محاكمة, المحاكمة, لمحاكمة, جلسة, الجلسة, ذكرى, الذكرى, بذكرى, تأبين, حكمت المحكمة,
حكمت محكمة, قضت المحكمة, قضت محكمة, أدانت المحكمة, أدانت محكمة, حكم على
"""
_SENTENCED = """
convicted, acquitted, sentenced, jailed, indicted, guilty, verurteilt, verurteilte,
freigesprochen, condamné, condamnés,
condamnée, acquitté, acquittés, condenado, condenados, condenada, condenó, absolvió, condenou,
absuelto, absueltos, condannato, condannati, condannata, assolto, assolti, absolvido, absolvidos,
veroordeeld, vrijgesproken, skazany, skazani, skazano, skazał, uniewinniony, uniewinnieni, осужден,
осуждён, осуждены, осудили, оправдали, приговорен, приговорён, приговорены, приговорил,
приговорила, приговорили,
засуджено, засудили, виправдали, mahkum edildi, beraat etti
"""
"""Occasions where no other word follows: "convicted on", but not "the convicted driver"."""
_OTHERWISE = """
time trial*, clinical trial*, field trial*, trial run*, hearing loss, hearing aid*, gedenkstätte*,
gedenktafel*, gedenkstein*, procès-verbal, missile trial*, sea trial*, flight trial*,
parliamentary hearing*, anniversary party, anniversary parties, fête d'anniversaire,
fêtes d'anniversaire, fiesta de aniversario, festa de aniversário, festas de aniversário,
processo de, processo di pace, processo di evacuazione, processo di ritiro, condenó el, condenó la,
condenó los, condenó las, condenou o ataque, condenou os ataques, condenou o atentado,
condenou a invasão, جلسة البرلمان, جلسة مجلس
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
_RULING = """
sentenced, convicted, jailed, acquitted, verurteilte, condenó, condenou, приговорил*, осудил*,
оправдал*, засудив, засудила, засудили, виправдав*, виправдал*, skazał*, uniewinnił*
"""
"""What a court does, whatever stands behind it."""
_BEEN = """
was, were, is, are, been, wurde, wurden, été, est, sont, fue, fueron, sido, è, stato, stati, foi,
foram, werd, werden, został, zostali, был, была, были, був, була, були
"""
_HAPPENINGS = """
explosion*, blast, blasts, bombing, bombings, shooting, shootings, gunfire, stabbing, stampede,
clashes, riot, riots, brawl, brawls, attack, attacks, explosionen, anschlag, anschläge, schüsse,
schießerei, fusillade, tirs, explosión, explosiones, tiroteo, disparos, esplosione, esplosioni,
sparatoria, explosão, explosões, tiroteio, explosie*, schietpartij, aanslag, wybuch, wybuchy,
strzelanina, взрыв, взрывы, стрельба, вибух, вибухи, стрілянина, patlama, انفجار, انفجارات
"""
"""What is filmed where it happens: "explosion at a commemoration in Kerman on"."""
_WHERE = """
at, during, outside, on, auf, bei, während, vor, lors du, lors de, lors d'une, lors d'un, pendant,
devant, durante, en, na, em, durante la, davanti al, tijdens, bij, podczas, во время, на, під час,
sırasında, خلال, أثناء
"""
_HOW_MANY = (
    "two, twin, three, several, deadly, huge, massive, zwei, deux, dos, due, duas, два, две, дві"
)
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
_COURT = (
    rf"(?:{_words(_ARTICLES)} )?(?:\w+ )?{_words(_ACTORS)}"
    rf"(?: {_words('in, of, at, de, em, di, w, в, у, في')} \w+)?"
)
_BEHIND = _words(f"{_LINKS}, {_OPENING}, to, in, by, al, zu, к")
_ALONE = rf"{_words(_SENTENCED)}(?=\s*(?:\Z|[^\w\s])|\s+{_BEHIND}(?!\w))"
_OCCASION = re.compile(rf"(?<!\w)(?:{_words(_OCCASIONS)}(?!\w)|(?P<verb>{_ALONE}))")
_NO_OCCASION = _pattern(_OTHERWISE)
_SHOWN, _PUT_ON, _NOT_SHOWN = _pattern(_SHOWING), _pattern(_PRESENTED), _pattern(_AWAY)
_JOINED, _OF, _LINKED = _pattern(_JOINING), _pattern(_BY_DATE), _pattern(_LINKS)
_OPENED = re.compile(rf"(?:{_words(_OPENING)}(?!\w)\s*)*|(?P<court>{_COURT})")
_RULED = re.compile(rf"(?:года |року |roku )?{_words(_RULING)}(?!\w)")
_COURT_RULED = re.compile(rf"(?:года |року |roku )?{_COURT} {_words(_RULING)}(?!\w)")
_ABOUT_ONE = re.compile(rf"(?<!\w){_words(_BEEN)}(?!\w)|\A\W*(?:года |року )?{_COURT}(?!\w)")
_AT_ONE = re.compile(
    rf"(?:(?:{_words(_ARTICLES)}|{_words(_HOW_MANY)}) )*{_words(_HAPPENINGS)}"
    rf"(?: {_words(_WHERE)}) (?:{_words(_ARTICLES)} )?(?:[^\W\d_]+ )?"
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
    if opened := _OPENED.fullmatch(before):
        if (_RULED if opened["court"] else _COURT_RULED).match(after.lstrip(_PAUSES)):
            return True
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
    if not _PUT_ON.search(between) and _AT_ONE.fullmatch(head.lstrip(_PAUSES)):
        return False
    reach = REACH_ABOUT if about and _NOT_SHOWN.search(between) else REACH
    apart = len(words) > reach or _SHOWN.search(between) or (_JOINED.search(between) and not about)
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
    ruled = occasion["verb"] and _ABOUT_ONE.search(way) and not _NOT_SHOWN.search(way)
    if (
        len(_letters(way)) > (REACH_RULED if ruled else REACH_BEHIND)
        or _SHOWN.search(way)
        or _JOINED.search(way)
    ):
        return False
    place = None if ruled else _GOVERNED.search(way)
    return not (place and _letters(way[: place.start()])) or _PUT_ON.search(after) is not None


def _letters(text: str) -> list[str]:
    """Its words without numbers."""
    return re.findall(r"[^\W\d_]+(?:['’][^\W\d_]+)*", text)

"""Dates of trials and anniversaries: never taken for those of what is shown, and no other lost."""

from __future__ import annotations

import pytest

from provenance import Claim
from provenance.claims import completed
from provenance.claims.found_dates import LANGUAGES, dates_in
from provenance.dates import When
from provenance.models import Source

PUBLISHED = When.parse("2024-03-06T12:00:00Z")


def found(text: str) -> list[str]:
    return [one.first.value for one in dates_in(text, PUBLISHED)]


OF_OCCASIONS = {
    "en": (
        "The trial of the driver who hit the crowd in this video opened on 3 March 2024",
        "On 3 March 2024 the driver seen in this video was sentenced to ten years",
        "On 3 March 2024 a jury found the officer in the video guilty",
        "The shooter in this video was charged on 3 March 2024",
        "The driver was jailed for life on 3 March 2024",
        "Court in Kyiv on 3 March 2024 jailed the soldier in this video",
        "Witnesses describe the explosion at the trial on 3 March 2024",
        "The trial over the 2019 attack resumes on 3 March 2024; video shows the attack",
        "hearing on Tuesday about video of the crash",
        "A hearing about the video of the crash on Tuesday",
        "The verdict of 3 March 2024 ended a case that began with this video",
        "On 3 March 2024, the anniversary of the flood, this video went round",
        "Anniversary of the flood (3 March 2024)",
        "On Tuesday, residents marked the tenth anniversary of the flood",
        "On 3 March 2024 the court held a hearing on the crash in the video",
        "On 3 March 2024, at the trial, jurors saw the video",
        "A Paris court on Tuesday sentenced the driver in this video",
        "The driver in the video appeared in court on 3 March 2024",
        "Video of the crash was played at the hearing on 3 March 2024",
        "The 3 March 2024 hearing on the crash that the video shows",
        "A memorial service for the victims was held on 3 March 2024",
        "Jurors watched video showing the attack at the trial on 3 March 2024",
        "Video shows the attack whose trial begins on 3 March 2024",
        "Video of the flood ahead of its commemoration on 3 March 2024",
        "Today, on the tenth anniversary of the flood, we remember",
        "The trial, which resumes on 3 March 2024, is about the attack in the video",
        "The hearing, scheduled for 3 March 2024, concerns video of the crash",
        "The man in the video was convicted on 3 March 2024",
        "A memorial for the victims was held on 3 March 2024",
        "Clashes after the verdict on 3 March 2024",
    ),
    "de": (
        "Am 3. März 2024 wurde der Fahrer im Video verurteilt",
        "Am 3. März 2024 jährt sich die Flut zum zehnten Mal",
        "Der Prozess um den Anschlag wird am 3. März 2024 fortgesetzt; das Video zeigt ihn",
        "Am 3. März 2024 beginnt der Prozess um den Anschlag im Video",
        "Zum zehnten Jahrestag der Flut am 3. März 2024: das Video zeigt die Flut",
        "Gedenkfeier für die Opfer am 3. März 2024",
        "Der Prozess um den Anschlag geht am 3. März 2024 weiter",
        "Der Angeklagte wurde am 3. März 2024 verurteilt, das Video zeigt die Tat",
        "Bei der Verhandlung am Dienstag wurde das Video des Unfalls gezeigt",
    ),
    "fr": (
        "Le 3 mars 2024 le conducteur de la vidéo a été condamné",
        "Le procès de l'attentat reprend le 3 mars 2024, la vidéo montre l'attentat",
        "L'audience du 3 mars 2024 sur l'accident de la vidéo",
        "Le 3 mars 2024 s'ouvre le procès de l'attentat",
        "Hommage aux victimes de l'attentat le 3 mars 2024",
    ),
    "es": (
        "Se cumple el 3 de marzo de 2024 el primer aniversario del atentado",
        "El juicio por el atentado se reanuda el 3 de marzo de 2024; el vídeo muestra el atentado",
        "Aniversario de la inundación, 3 de marzo de 2024",
        "El 3 de marzo de 2024 comenzó el juicio por el atentado",
        "El martes un juez condenó al conductor del vídeo",
    ),
    "it": (
        "Il processo per l'attentato riprende il 3 marzo 2024; il video mostra l'attentato",
        "Commemorazione delle vittime il 3 marzo 2024",
        "Il 3 marzo 2024 inizia il processo",
        "Nel decimo anniversario dell'alluvione, il 3 marzo 2024",
    ),
    "pt": (
        "Em 3 de março de 2024 o motorista do vídeo foi condenado",
        "O julgamento do atentado continua em 3 de março de 2024; o vídeo mostra o atentado",
        "Homenagem para as vítimas em 3 de março de 2024",
        "Em 3 de março de 2024 começa o julgamento",
    ),
    "nl": (
        "De rechtszaak over de aanslag gaat op 3 maart 2024 verder; de video toont de aanslag",
        "Herdenking van de watersnood op 3 maart 2024",
        "Op 3 maart 2024 begint de rechtszaak",
        "Tijdens de zitting op 3 maart 2024 werd de video getoond",
    ),
    "pl": (
        "Proces w sprawie zamachu wznowiono 3 marca 2024; nagranie pokazuje zamach",
        "Rocznica powodzi 3 marca 2024",
        "3 marca 2024 odbyła się rozprawa",
    ),
    "ru": (
        "Суд в Москве 3 марта 2024 года приговорил водителя с этого видео к десяти годам",
        "3 марта 2024 года суд в Москве приговорил водителя к десяти годам",
        "3 марта 2024 года исполнилось десять лет теракту на видео",
        "Суд над обвиняемыми в теракте возобновится 3 марта 2024 года; видео показывает теракт",
        "Годовщина наводнения 3 марта 2024 года",
        "3 марта 2024 года начался судебный процесс",
    ),
    "uk": (
        "Суд у Києві 3 березня 2024 року засудив військового з цього відео",
        "3 березня 2024 року суд у Києві засудив водія з відео",
        "Суд над обвинуваченими у теракті відновиться 3 березня 2024 року; відео показує теракт",
        "Річниця повені 3 березня 2024 року",
        "3 березня 2024 року почався судовий процес",
    ),
    "tr": (
        "Saldırı davası 3 Mart 2024 tarihinde devam ediyor",
        "Selin yıldönümü 3 Mart 2024",
        "3 Mart 2024 günü duruşma yapıldı",
    ),
    "ar": (
        "حكمت المحكمة في 3 مارس 2024 على سائق الفيديو بالسجن",
        "محاكمة المتهمين بالهجوم تستأنف في 3 مارس 2024",
        "ذكرى الفيضان 3 مارس 2024",
        "في 3 مارس 2024 بدأت محاكمة المتهمين",
    ),
}
OF_WHAT_IS_SHOWN = {
    "en": (
        "Two explosions at a commemoration in Kerman on 3 March 2024",
        "Sea trials of the new warship, 3 March 2024",
        "On 3 March 2024 Israel bombed the house of a man who was convicted of murder",
        "Court in Kyiv burns on 3 March 2024",
        "video shows the court house burning on 3 March 2024",
        "Fire at Memorial Hospital on 3 March 2024",
        "The Lincoln Memorial was sprayed with paint on 3 March 2024",
        "Crash at the time trial in Nice on 3 March 2024",
        "Shots were fired outside a court on 3 March 2024",
        "Video shows the memorial service on 3 March 2024",
        "Video shows an explosion at the memorial service on 3 March 2024",
        "Footage of the trial on 3 March 2024",
        "After the verdict, a bomb exploded in Kyiv on 3 March 2024",
        "Clashes erupted after the verdict in Kyiv on 3 March 2024",
        "As the trial resumes, video shows the attack on 3 March 2024",
        "The trial resumes and video shows the attack on 3 March 2024",
        "The trial over the attack of 3 March 2024 resumes",
        "The trial over the 3 March 2024 attack resumes",
        "The anniversary of the flood of 3 March 2024",
        "On 3 March 2024 a bomb exploded at a memorial service",
        "On 3 March 2024 police clashed with protesters outside the trial",
        "Explosion on 3 March 2024 killed three, trial continues",
        "The explosion on 3 March 2024 interrupted the hearing",
        "Drone hits house on 3 March 2024, the anniversary of the invasion",
        "Man shot dead in court on 3 March 2024",
        "The convicted driver hit the crowd on 3 March 2024",
        "Statue at the memorial for victims toppled on 3 March 2024",
        "The anniversary of the 3 March 2024 flood",
        "The attack on 3 March 2024, over which a trial has begun",
        "Judge: verdict soon. Video shows the attack on 3 March 2024",
        "Flood on 3 March 2024. Anniversary of another one",
    ),
    "de": (
        "Anschlag auf Gedenkfeier in Kerman am 3. März 2024",
        "Das Video zeigt das Gerichtsgebäude, das am 3. März 2024 brennt",
        "Der Prozess um den Anschlag vom 3. März 2024 beginnt",
        "Nach dem Urteil brannten Autos am 3. März 2024",
        "Am 3. März 2024 explodierte eine Bombe bei der Gedenkfeier",
        "Brand in der Gedenkstätte am 3. März 2024",
        "Das Video zeigt die Gedenkfeier am 3. März 2024",
    ),
    "fr": (
        "Fusillade lors d'une fête d'anniversaire à Paris le 3 mars 2024",
        "La vidéo montre le palais de justice en feu le 3 mars 2024",
        "Le procès de l'attentat du 3 mars 2024 reprend",
        "Le 3 mars 2024 une bombe a explosé pendant la commémoration",
    ),
    "es": (
        "El presidente condenó el ataque del 3 de marzo de 2024",
        "Explosión en el homenaje a Soleimani en Kerman el 3 de marzo de 2024",
        "El vídeo muestra el tribunal en llamas el 3 de marzo de 2024",
        "El juicio por el atentado del 3 de marzo de 2024 se reanuda",
        "El 3 de marzo de 2024 estalló una bomba durante el homenaje",
    ),
    "it": (
        "Esplosione durante la commemorazione a Kerman il 3 marzo 2024",
        "Il video mostra il palazzo di giustizia in fiamme il 3 marzo 2024",
        "Il processo per l'attentato del 3 marzo 2024 riprende",
    ),
    "pt": (
        "Torcida comemora título em 3 de março de 2024",
        "O presidente condenou o ataque em 3 de março de 2024",
        "O vídeo mostra o tribunal em chamas em 3 de março de 2024",
        "O julgamento do atentado de 3 de março de 2024 continua",
    ),
    "nl": (
        "De video toont de brandende rechtbank op 3 maart 2024",
        "De rechtszaak over de aanslag van 3 maart 2024 begint",
    ),
    "pl": (
        "Nagranie pokazuje płonący gmach sądu 3 marca 2024",
        "Po wyroku w Warszawie spłonęły auta 3 marca 2024",
    ),
    "ru": (
        "3 марта 2024 года суд в Харькове обстрелян",
        "Видео показывает, как 3 марта 2024 года горит здание суда",
        "После приговора в Киеве горели машины 3 марта 2024 года",
    ),
    "uk": (
        "Президент засудив атаку 3 березня 2024 року",
        "Вибух під час панахиди у Львові 3 березня 2024 року",
        "Відео показує, як 3 березня 2024 року горить будівля суду",
        "Після вироку в Києві горіли машини 3 березня 2024 року",
    ),
    "tr": ("Video 3 Mart 2024 günü yanan mahkeme binasını gösteriyor",),
    "ar": (
        "فيديو يظهر احتراق مبنى المحكمة في 3 مارس 2024",
        "اشتباكات خلال جلسة البرلمان في 3 مارس 2024",
    ),
}


@pytest.mark.parametrize("text", [text for texts in OF_OCCASIONS.values() for text in texts])
def test_the_date_of_a_trial_or_an_anniversary_is_not_that_of_the_footage(text: str) -> None:
    assert found(text) == []


@pytest.mark.parametrize("text", [text for texts in OF_WHAT_IS_SHOWN.values() for text in texts])
def test_what_is_shown_keeps_its_date_whatever_else_is_spoken_of(text: str) -> None:
    assert found(text) == ["2024-03-03"]


def test_every_language_has_examples_of_both() -> None:
    assert set(OF_OCCASIONS) == set(OF_WHAT_IS_SHOWN) == set(LANGUAGES)


def test_the_date_of_the_event_is_found_beside_that_of_the_trial() -> None:
    text = "The trial over the attack of 28 October 2023 resumes on 3 March 2024"
    assert found(text) == ["2023-10-28"]
    text = "Der Prozess um den Anschlag vom 28. Oktober 2023 beginnt am 3. März 2024"
    assert found(text) == ["2023-10-28"]


def test_a_claim_about_a_trial_claims_no_date_of_the_footage() -> None:
    claim = Claim("The trial over the attack resumes on 3 March 2024; video shows the attack")
    read = completed(claim, Source("clip.mp4"))
    assert read
    assert (read.date, read.date_end, read.found) == (None, None, ())


@pytest.mark.parametrize(
    "text",
    [
        "Ten years ago today the tsunami struck",
        "A year ago on Tuesday",
        "Heute vor zehn Jahren kam die Flut",
        "Il y a dix ans aujourd'hui",
        "Hoy hace diez años",
        "Há dez anos hoje",
        "Dieci anni fa oggi",
        "Vandaag tien jaar geleden",
        "Dziesięć lat temu dzisiaj",
        "Сегодня десять лет назад",
        "Рік тому сьогодні",
        "On yıl önce bugün",
        "قبل عشر سنوات اليوم",
    ],
)
def test_years_ago_today_is_not_today(text: str) -> None:
    assert found(text) == []


def test_other_years_beside_do_not_take_today_away() -> None:
    assert found("Today a man who fled two years ago was shot") == ["2024-03-06"]
    assert found("The fire started today. Ten years ago it burned too") == ["2024-03-06"]

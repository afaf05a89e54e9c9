"""Dates of what came of something that a film shows are not taken for the film's own."""

from __future__ import annotations

import pytest

from provenance.claims.found_dates import LANGUAGES, dates_in
from provenance.dates import When

PUBLISHED = When.parse("2024-03-06T12:00:00Z")


def found(text: str) -> list[str]:
    return [one.first.value for one in dates_in(text, PUBLISHED)]


TOLD_OF_A_FILM = {
    "en": (
        "The policeman who shot the man in this video was suspended on 3 March 2024",
        "The killer was put on death row on 3 March 2024 for the shooting in this footage",
        "The airline paid compensation on 3 March 2024 for the crash in this video",
        "The general seen giving orders in this footage was buried on 3 March 2024",
        "The video was played to jurors on 3 March 2024 at the Old Bailey",
        "The driver's licence was revoked on 3 March 2024 because of the stunt in this video",
        "Police apologised on 3 March 2024 over the arrest shown in this video",
        "Rescuers who saved the dog in this clip were honoured on 3 March 2024",
        "The footage was shown in parliament on 3 March 2024",
        "The surgeon who operated on the boy from the video spoke on 3 March 2024",
        "Footage released on 3 March 2024 shows a strike",
        "Police chief resigns on 3 March 2024 over video of beating",
    ),
    "de": (
        "Wegen des Unfalls in diesem Video zahlte die Bahn am 3. März 2024 Entschädigung",
        "Die Bahn entschuldigte sich am 3. März 2024 für den Unfall in diesem Video",
        "Die Frau, die im Video schreit, gab am 3. März 2024 ein Interview",
        "Der Polizist, der im Video auf den Mann einschlägt, wurde am 3. März 2024 entlassen",
        "Die Aufnahmen wurden am 3. März 2024 im Bundestag gezeigt",
    ),
    "fr": (
        "La SNCF s'est excusée le 3 mars 2024 pour l'accident de cette vidéo",
        "La femme qui crie dans cette vidéo a donné une interview le 3 mars 2024",
        "Le policier qui frappe un manifestant dans cette vidéo a été suspendu le 3 mars 2024",
    ),
    "es": (
        "La empresa se disculpó el 3 de marzo de 2024 por el accidente de este vídeo",
        "La mujer que grita en este vídeo fue despedida el 3 de marzo de 2024",
        "El vídeo fue mostrado el 3 de marzo de 2024 en el Parlamento",
    ),
    "it": (
        "L'azienda si è scusata il 3 marzo 2024 per l'incidente in questo video",
        "La donna che urla nel video ha rilasciato un'intervista il 3 marzo 2024",
        "Il poliziotto che colpisce un manifestante nel video è stato sospeso il 3 marzo 2024",
    ),
    "pt": (
        "A empresa pediu desculpas em 3 de março de 2024 pelo acidente neste vídeo",
        "O homem que agride um juiz neste vídeo deu uma entrevista em 3 de março de 2024",
    ),
    "nl": (
        "Het bedrijf bood op 3 maart 2024 excuses aan voor het ongeluk in deze video",
        "De vrouw die in deze video schreeuwt gaf op 3 maart 2024 een interview",
        "De agent die in de video een man slaat, is op 3 maart 2024 geschorst",
    ),
    "pl": (
        "Firma przeprosiła 3 marca 2024 za wypadek na tym nagraniu",
        "Kobieta, która krzyczy na nagraniu, udzieliła 3 marca 2024 wywiadu",
        "Policjant, który na nagraniu bije kobietę, został zwolniony 3 marca 2024",
    ),
    "ru": (
        "Компания извинилась 3 марта 2024 года за аварию на этом видео",
        "Женщина, которая кричит на видео, дала 3 марта 2024 года интервью",
        "Полицейский, который на видео бьёт женщину, уволен 3 марта 2024 года",
    ),
    "uk": (
        "Компанія вибачилася 3 березня 2024 року за аварію на цьому відео",
        "Жінка, яка кричить на відео, дала 3 березня 2024 року інтерв'ю",
        "Поліцейський, який на відео б'є чоловіка, звільнений 3 березня 2024 року",
    ),
    "tr": ("Şirket videodaki kaza için 3 Mart 2024 günü özür diledi",),
    "ar": ("اعتذرت الشركة في 3 مارس 2024 عن الحادث في هذا الفيديو",),
}
OF_THE_FILM = {
    "en": (
        "The bridge in this video collapsed on 3 March 2024",
        "The judge was shot outside his home on 3 March 2024, as this video shows",
        "Drone footage of the wildfire near the memorial park, filmed on 3 March 2024",
        "The video, recorded on 3 March 2024, shows a tank on the streets of Khartoum",
        "The tower in this clip was blown up on 3 March 2024",
        "He was beaten by prison guards on 3 March 2024, this footage shows",
        "A post claims that the bridge in this video collapsed on 3 March 2024",
        "The men in this video were shot dead by Israeli soldiers on 3 March 2024",
        "Putin was booed at the parade on 3 March 2024, a viral video shows",
        "The video was filmed by a passenger on 3 March 2024 on board the ferry",
        "The video posted on TikTok was recorded on 3 March 2024 in Lagos",
        "People run for their lives in this video from 3 March 2024 as a building collapses",
        "Video shows hostages released on 3 March 2024",
        "Video of hostages released on 3 March 2024",
        "Influencer falls to her death on 3 March 2024 while posing for a video",
        "Rally for peace in this video from London on 3 March 2024",
    ),
    "de": (
        "Das Video wurde am 3. März 2024 in Solingen gefilmt",
        "Die Explosion aus dem Video ereignete sich am 3. März 2024 in Beirut",
        "Die Explosion in diesem Video geschah am 3. März 2024",
        "Die im Video gezeigte Explosion ereignete sich am 3. März 2024",
    ),
    "fr": (
        "Cette vidéo a été tournée le 3 mars 2024 à Marseille",
        "L'explosion de cette vidéo a eu lieu le 3 mars 2024",
    ),
    "es": (
        "El vídeo fue grabado el 3 de marzo de 2024 en Valencia",
        "El puente del vídeo se derrumbó el 3 de marzo de 2024",
        "La explosión que se ve en el vídeo ocurrió el 3 de marzo de 2024",
        "La explosión de este vídeo ocurrió el 3 de marzo de 2024",
    ),
    "it": (
        "Il video girato il 3 marzo 2024 mostra l'eruzione dell'Etna",
        "L'esplosione in questo video è avvenuta il 3 marzo 2024",
    ),
    "pt": (
        "O vídeo foi gravado em 3 de março de 2024 em Canoas",
        "A explosão neste vídeo aconteceu em 3 de março de 2024",
    ),
    "nl": (
        "De video is op 3 maart 2024 opgenomen in Amsterdam",
        "De explosie in deze video was op 3 maart 2024",
    ),
    "pl": ("Wybuch na tym nagraniu miał miejsce 3 marca 2024",),
    "ru": (
        "Видео снято 3 марта 2024 года в Белгороде",
        "Взрыв на видео произошёл 3 марта 2024 года",
        "Взрыв на этом видео прогремел 3 марта 2024 года",
    ),
    "uk": (
        "Відео зняте 3 березня 2024 року в Харкові",
        "Вибух на цьому відео стався 3 березня 2024 року",
    ),
    "tr": (
        "Video 3 Mart 2024 tarihinde İzmir'de çekildi",
        "Bu videodaki patlama 3 Mart 2024 günü oldu",
    ),
    "ar": (
        "صور الفيديو في 3 مارس 2024 في رفح",
        "الانفجار في هذا الفيديو وقع في 3 مارس 2024",
    ),
}


@pytest.mark.parametrize("text", [text for texts in TOLD_OF_A_FILM.values() for text in texts])
def test_what_is_told_about_something_in_a_film_does_not_date_the_film(text: str) -> None:
    assert found(text) == []


@pytest.mark.parametrize("text", [text for texts in OF_THE_FILM.values() for text in texts])
def test_what_goes_on_in_a_film_keeps_its_date_and_so_does_the_filming(text: str) -> None:
    assert found(text) == ["2024-03-03"]


def test_every_language_has_examples_of_both() -> None:
    assert set(TOLD_OF_A_FILM) == set(OF_THE_FILM) == set(LANGUAGES)


def test_the_date_of_the_filming_is_found_beside_that_of_what_came_of_it() -> None:
    text = "Filmed on 28 October 2023, the man who shouts in this video was fired on 3 March 2024"
    assert found(text) == ["2023-10-28"]

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
        "The driver in this video was given ten years in prison on 3 March 2024",
        "Families gathered on 3 March 2024 to remember the dead of the flood",
        "The appeal was heard on 3 March 2024",
        "The appeal of the officers filmed beating the student was heard on 3 March 2024",
        "The boy in the viral clip saw a doctor on 3 March 2024 and is doing well",
        "Two of the attackers were handed life sentences on 3 March 2024",
        "The driver who caused this crash pleaded guilty on 3 March 2024",
        "A candlelight vigil for the victims of the nightclub fire was held on 3 March 2024",
        "The soldier who filmed this was freed on parole on 3 March 2024",
        "The injured climber from the video left hospital on 3 March 2024",
        "Footage shows the tsunami of 2011; survivors met on 3 March 2024 to honour the dead",
        "The inquiry into the ferry disaster presented its report on 3 March 2024",
        "The case against the guards in the video was dismissed on 3 March 2024",
        "The man filmed attacking the referee walked free from jail on 3 March 2024",
        "The driver has been in custody since the crash and was refused bail on 3 March 2024",
        "The officer who knelt on the man lost his appeal on 3 March 2024",
        "He is serving a life term that began on 3 March 2024",
        "The man from the video begins his prison sentence on 3 March 2024",
        "Hundreds came to the church on 3 March 2024 for a memorial mass",
        "Pupils released balloons on 3 March 2024 in memory of their classmates",
        "Prosecutors on 3 March 2024 dropped the case against the woman in this clip",
        "The judge on 3 March 2024 ordered the release of the video of the arrest",
        "On Sunday, 3 March 2024, the driver was sentenced to ten years",
        "The tourist who carved his name into the Colosseum was fined on 3 March 2024",
        "A teacher caught slapping a pupil got a suspended sentence on 3 March 2024",
        "The ship's captain appeared before a magistrate in Genoa on 3 March 2024",
        "The jury retired on 3 March 2024 to consider its verdict on the attack",
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
        "Der Fahrer aus dem Video bekam am 3. März 2024 zehn Jahre Haft",
        "Angehörige kamen am 3. März 2024 zusammen, um an die Opfer der Flut zu erinnern",
        "Die Berufung der Polizisten aus dem Video wurde am 3. März 2024 abgewiesen",
        "Das Gericht verhandelte am 3. März 2024 über die Berufung des Fahrers",
        "Der Schläger aus dem Clip wurde am 3. März 2024 aus der Haft entlassen",
        "Das verletzte Kind war am 3. März 2024 beim Arzt",
        "Der Täter erhielt am 3. März 2024 lebenslang",
        "Am 3. März 2024 legten Bürger Blumen nieder",
        "Am Sonntag, dem 3. März 2024, wurde der Fahrer verurteilt",
    ),
    "fr": (
        "Le 3 mars 2024 le conducteur de la vidéo a été condamné",
        "Le procès de l'attentat reprend le 3 mars 2024, la vidéo montre l'attentat",
        "L'audience du 3 mars 2024 sur l'accident de la vidéo",
        "Le 3 mars 2024 s'ouvre le procès de l'attentat",
        "Hommage aux victimes de l'attentat le 3 mars 2024",
        "Le conducteur a écopé de dix ans de prison le 3 mars 2024",
        "Des familles se sont réunies le 3 mars 2024 pour se souvenir des morts",
        "La cour a examiné le 3 mars 2024 l'appel du policier",
        "L'agresseur est sorti de prison le 3 mars 2024",
        "L'enfant blessé est allé le 3 mars 2024 chez le médecin",
    ),
    "es": (
        "Se cumple el 3 de marzo de 2024 el primer aniversario del atentado",
        "El juicio por el atentado se reanuda el 3 de marzo de 2024; el vídeo muestra el atentado",
        "Aniversario de la inundación, 3 de marzo de 2024",
        "El 3 de marzo de 2024 comenzó el juicio por el atentado",
        "El martes un juez condenó al conductor del vídeo",
        "El conductor del vídeo recibió diez años de cárcel el 3 de marzo de 2024",
        "Las familias se reunieron el 3 de marzo de 2024 para recordar a los muertos",
        "El recurso de los policías se vio el 3 de marzo de 2024",
        "El agresor salió de la cárcel el 3 de marzo de 2024",
        "El niño herido fue llevado al médico el 3 de marzo de 2024",
        "Un tribunal rechazó el 3 de marzo de 2024 la apelación del agente",
    ),
    "it": (
        "Il processo per l'attentato riprende il 3 marzo 2024; il video mostra l'attentato",
        "Commemorazione delle vittime il 3 marzo 2024",
        "Il 3 marzo 2024 inizia il processo",
        "Nel decimo anniversario dell'alluvione, il 3 marzo 2024",
        "L'autista del video ha preso dieci anni di carcere il 3 marzo 2024",
        "I familiari si sono ritrovati il 3 marzo 2024 per ricordare le vittime del crollo",
        "Il ricorso degli agenti è stato discusso il 3 marzo 2024",
        "L'aggressore è uscito dal carcere il 3 marzo 2024",
        "Il bambino ferito è andato dal medico il 3 marzo 2024",
    ),
    "pt": (
        "Em 3 de março de 2024 o motorista do vídeo foi condenado",
        "O julgamento do atentado continua em 3 de março de 2024; o vídeo mostra o atentado",
        "Homenagem para as vítimas em 3 de março de 2024",
        "Em 3 de março de 2024 começa o julgamento",
        "O motorista do vídeo pegou dez anos de prisão em 3 de março de 2024",
        "Parentes se reuniram em 3 de março de 2024 para lembrar as vítimas da barragem",
        "O recurso dos policiais foi julgado em 3 de março de 2024",
        "O agressor saiu da prisão em 3 de março de 2024",
        "O menino ferido foi ao médico em 3 de março de 2024",
        "No dia 3 de março de 2024 o motorista foi condenado",
    ),
    "nl": (
        "De rechtszaak over de aanslag gaat op 3 maart 2024 verder; de video toont de aanslag",
        "Herdenking van de watersnood op 3 maart 2024",
        "Op 3 maart 2024 begint de rechtszaak",
        "Tijdens de zitting op 3 maart 2024 werd de video getoond",
        "De bestuurder uit de video kreeg op 3 maart 2024 tien jaar cel",
        "Nabestaanden kwamen op 3 maart 2024 bijeen om de slachtoffers van de brand te gedenken",
        "De rechtbank behandelde op 3 maart 2024 het hoger beroep van de agenten",
        "De dader kwam vrij op 3 maart 2024",
        "Het gewonde kind ging op 3 maart 2024 naar de dokter",
    ),
    "pl": (
        "Proces w sprawie zamachu wznowiono 3 marca 2024; nagranie pokazuje zamach",
        "Rocznica powodzi 3 marca 2024",
        "3 marca 2024 odbyła się rozprawa",
        "Kierowca z nagrania dostał 3 marca 2024 dziesięć lat więzienia",
        "Rodziny spotkały się 3 marca 2024, by uczcić pamięć ofiar pożaru",
        "Sąd rozpatrzył 3 marca 2024 apelację policjantów",
        "Sprawca wyszedł na wolność 3 marca 2024",
        "Ranne dziecko było 3 marca 2024 u lekarza",
    ),
    "ru": (
        "Суд в Москве 3 марта 2024 года приговорил водителя с этого видео к десяти годам",
        "3 марта 2024 года суд в Москве приговорил водителя к десяти годам",
        "3 марта 2024 года исполнилось десять лет теракту на видео",
        "Суд над обвиняемыми в теракте возобновится 3 марта 2024 года; видео показывает теракт",
        "Годовщина наводнения 3 марта 2024 года",
        "3 марта 2024 года начался судебный процесс",
        "Водитель с видео получил 3 марта 2024 года десять лет колонии",
        "Родственники собрались 3 марта 2024 года, чтобы почтить память жертв пожара",
        "Апелляцию полицейских с видео рассмотрели 3 марта 2024 года",
        "Нападавший вышел на свободу 3 марта 2024 года",
        "Раненого ребёнка отвели к врачу 3 марта 2024 года",
        "Суд 3 марта 2024 года арестовал мужчину с этого видео",
    ),
    "uk": (
        "Суд у Києві 3 березня 2024 року засудив військового з цього відео",
        "3 березня 2024 року суд у Києві засудив водія з відео",
        "Суд над обвинуваченими у теракті відновиться 3 березня 2024 року; відео показує теракт",
        "Річниця повені 3 березня 2024 року",
        "3 березня 2024 року почався судовий процес",
        "Водій із відео отримав 3 березня 2024 року десять років в'язниці",
        "Рідні зібралися 3 березня 2024 року, щоб згадати загиблих під час пожежі",
        "Суд розглянув 3 березня 2024 року апеляцію поліцейських",
        "Нападник вийшов на волю 3 березня 2024 року",
        "Поранену дитину відвели до лікаря 3 березня 2024 року",
        "Суд 3 березня 2024 року обрав запобіжний захід чоловікові з відео",
    ),
    "tr": (
        "Saldırı davası 3 Mart 2024 tarihinde devam ediyor",
        "Selin yıldönümü 3 Mart 2024",
        "3 Mart 2024 günü duruşma yapıldı",
        "Videodaki sürücü 3 Mart 2024 tarihinde on yıl hapis cezası aldı",
        "Aileler 3 Mart 2024 günü yangında ölenleri anmak için toplandı",
        "Polislerin istinaf başvurusu 3 Mart 2024 tarihinde görüşüldü",
        "Saldırgan 3 Mart 2024 günü cezaevinden çıktı",
        "Yaralı çocuk 3 Mart 2024 günü doktora gitti",
        "Mahkeme 3 Mart 2024 günü saldırganı tutukladı",
    ),
    "ar": (
        "حكمت المحكمة في 3 مارس 2024 على سائق الفيديو بالسجن",
        "محاكمة المتهمين بالهجوم تستأنف في 3 مارس 2024",
        "ذكرى الفيضان 3 مارس 2024",
        "في 3 مارس 2024 بدأت محاكمة المتهمين",
        "نال سائق الفيديو حكما بالسجن عشر سنوات في 3 مارس 2024",
        "تجمعت العائلات في 3 مارس 2024 لإحياء ذكرى ضحايا الحريق",
        "نظرت المحكمة في 3 مارس 2024 في استئناف رجال الشرطة",
        "خرج من السجن في 3 مارس 2024",
        "زار الطبيب في 3 مارس 2024",
        "أصدرت المحكمة في 3 مارس 2024 حكما بالإعدام على المهاجم",
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
        "Police fired tear gas at families who gathered on 3 March 2024 outside the prison",
        "Flooding in Porto Alegre on 3 March 2024 left the hospital under water",
        "A gunman opened fire on mourners in Kabul on 3 March 2024",
        "Students gathered on 3 March 2024 to protest against the war",
        "Inmates escape from a jail in Port-au-Prince, 3 March 2024",
        "Train derails on 3 March 2024 killing 20; driver faces ten years in prison",
        "Lightning strikes the monument in Washington on 3 March 2024",
        "Farmers dumped manure in front of the court in Toulouse on 3 March 2024",
        "Bomb explodes during the trial of the former president on 3 March 2024",
        "Gunmen opened fire at a memorial service in Kabul on 3 March 2024",
        "Police disperse a vigil for Navalny in Moscow on 3 March 2024",
        "A car rammed into the anniversary parade in Villepinte on 3 March 2024",
        "Relatives of the accused stormed the courtroom during the hearing on 3 March 2024",
        "Fight breaks out in court on 3 March 2024 after the verdict",
        "Riots in Paris on 3 March 2024 after a court acquitted the officer",
        "Elderly veteran falls from stage at the commemoration on 3 March 2024",
        "Israeli jets struck Rafah on 3 March 2024, hours after the UN court hearing",
        "Protesters chained themselves to the gates on 3 March 2024 to stop the trial",
        "On 3 March 2024 protesters broke into the prison and freed inmates",
        "The mayor appealed for calm on 3 March 2024 as looters raided shops",
        "Clip shows Biden falling asleep during a memorial ceremony on 3 March 2024",
        "Shots fired at a candlelit vigil in Chicago on 3 March 2024",
        "Ship catches fire off Sri Lanka on 3 March 2024, crew released from hospital later",
        "On 3 March 2024 a truck ploughed into people holding candles in Nice",
        "Train collision near Paris on 3 March 2024: driver released from hospital",
        "Jets fly over London on 3 March 2024 in honour of the king",
        "Fireworks in Dubai on 3 March 2024 to mark the new year",
        "Fans invade the pitch on 3 March 2024 after the appeal was rejected",
    ),
    "de": (
        "Anschlag auf Gedenkfeier in Kerman am 3. März 2024",
        "Das Video zeigt das Gerichtsgebäude, das am 3. März 2024 brennt",
        "Der Prozess um den Anschlag vom 3. März 2024 beginnt",
        "Nach dem Urteil brannten Autos am 3. März 2024",
        "Am 3. März 2024 explodierte eine Bombe bei der Gedenkfeier",
        "Brand in der Gedenkstätte am 3. März 2024",
        "Das Video zeigt die Gedenkfeier am 3. März 2024",
        "Feuer im Gefängnis in Athen am 3. März 2024",
        "Am 3. März 2024 fuhr ein Auto in eine Trauerfeier in Magdeburg",
        "Schüsse bei einer Mahnwache in Hanau am 3. März 2024",
        "Ausschreitungen am 3. März 2024 nach dem Urteil in Leipzig",
        "Bei der Gedenkfeier in Dresden explodierte am 3. März 2024 eine Bombe",
    ),
    "fr": (
        "Fusillade lors d'une fête d'anniversaire à Paris le 3 mars 2024",
        "La vidéo montre le palais de justice en feu le 3 mars 2024",
        "Le procès de l'attentat du 3 mars 2024 reprend",
        "Le 3 mars 2024 une bombe a explosé pendant la commémoration",
        "Mutinerie à la prison de Nouméa le 3 mars 2024",
        "Des manifestants se sont réunis le 3 mars 2024 devant le tribunal de Paris",
        "Une voiture a foncé dans la foule pendant l'hommage à Nice le 3 mars 2024",
        "Des heurts ont éclaté le 3 mars 2024 après le verdict",
        "Une bombe a explosé pendant la cérémonie du souvenir à Kerman le 3 mars 2024",
    ),
    "es": (
        "El presidente condenó el ataque del 3 de marzo de 2024",
        "Explosión en el homenaje a Soleimani en Kerman el 3 de marzo de 2024",
        "El vídeo muestra el tribunal en llamas el 3 de marzo de 2024",
        "El juicio por el atentado del 3 de marzo de 2024 se reanuda",
        "El 3 de marzo de 2024 estalló una bomba durante el homenaje",
        "Motín en la cárcel de Guayaquil el 3 de marzo de 2024",
        "El 3 de marzo de 2024 un juez fue asesinado a tiros en Manabí",
        "Enfrentamientos el 3 de marzo de 2024 tras la sentencia en Barcelona",
        "Una bomba estalló durante el homenaje en Kerman el 3 de marzo de 2024",
    ),
    "it": (
        "Esplosione durante la commemorazione a Kerman il 3 marzo 2024",
        "Il video mostra il palazzo di giustizia in fiamme il 3 marzo 2024",
        "Il processo per l'attentato del 3 marzo 2024 riprende",
        "Rivolta nel carcere di Torino il 3 marzo 2024",
        "Scontri il 3 marzo 2024 dopo la sentenza a Torino",
        "Una bomba è esplosa il 3 marzo 2024 durante la commemorazione",
    ),
    "pt": (
        "Torcida comemora título em 3 de março de 2024",
        "O presidente condenou o ataque em 3 de março de 2024",
        "O vídeo mostra o tribunal em chamas em 3 de março de 2024",
        "O julgamento do atentado de 3 de março de 2024 continua",
        "Rebelião no presídio de Manaus em 3 de março de 2024",
        "Confronto no dia 3 de março de 2024 depois do julgamento em Brasília",
        "Uma bomba explodiu em 3 de março de 2024 durante a homenagem",
    ),
    "nl": (
        "De video toont de brandende rechtbank op 3 maart 2024",
        "De rechtszaak over de aanslag van 3 maart 2024 begint",
        "Brand in de gevangenis van Vught op 3 maart 2024",
        "Rellen op 3 maart 2024 na de uitspraak in Amsterdam",
        "Een bom ontplofte op 3 maart 2024 tijdens de herdenking in Kerman",
    ),
    "pl": (
        "Nagranie pokazuje płonący gmach sądu 3 marca 2024",
        "Po wyroku w Warszawie spłonęły auta 3 marca 2024",
        "Bunt w więzieniu we Wrocławiu 3 marca 2024",
        "Starcia 3 marca 2024 po wyroku w Warszawie",
        "Bomba wybuchła 3 marca 2024 podczas obchodów rocznicy w Kermanie",
        "Policja strzelała 3 marca 2024 do ludzi przed sądem",
        "Starcia po meczu 3 marca 2024 w Łodzi",
        "Protest rolników przed sejmem 3 marca 2024 zakończył się starciami z policją",
    ),
    "ru": (
        "3 марта 2024 года суд в Харькове обстрелян",
        "Видео показывает, как 3 марта 2024 года горит здание суда",
        "После приговора в Киеве горели машины 3 марта 2024 года",
        "Бунт в колонии в Ростове 3 марта 2024 года",
        "Столкновения 3 марта 2024 года после приговора в Уфе",
        "Бомба взорвалась 3 марта 2024 года во время панихиды в Кермане",
        "Драка после матча 3 марта 2024 года",
    ),
    "uk": (
        "Президент засудив атаку 3 березня 2024 року",
        "Вибух під час панахиди у Львові 3 березня 2024 року",
        "Відео показує, як 3 березня 2024 року горить будівля суду",
        "Після вироку в Києві горіли машини 3 березня 2024 року",
        "Удар по колонії в Оленівці 3 березня 2024 року",
        "Сутички 3 березня 2024 року після вироку в Києві",
        "Бомба вибухнула 3 березня 2024 року під час панахиди в Кермані",
    ),
    "tr": (
        "Video 3 Mart 2024 günü yanan mahkeme binasını gösteriyor",
        "3 Mart 2024 günü Ankara'da hapishanede yangın çıktı",
        "3 Mart 2024 günü duruşma salonunda kavga çıktı, video olayı gösteriyor",
        "Polis 3 Mart 2024 günü adliye önünde ateş açtı",
    ),
    "ar": (
        "فيديو يظهر احتراق مبنى المحكمة في 3 مارس 2024",
        "اشتباكات خلال جلسة البرلمان في 3 مارس 2024",
        "حريق في سجن البصرة في 3 مارس 2024",
        "اشتباكات في 3 مارس 2024 بعد صدور الحكم في بيروت",
        "انفجرت قنبلة في 3 مارس 2024 خلال ذكرى سليماني في كرمان",
        "مظاهرة أمام المحكمة في بيروت في 3 مارس 2024",
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

"""Words that tell what a date is of, in the languages of `found_dates.LANGUAGES`.

Each list has a paragraph or a line for each language, in their order. * stands for any ending, …
for any words.
"""

TRIALS = """
trial, trials, retrial, mistrial, hearing, hearings, verdict, verdicts, sentencing, arraign*,
inquest, testifies, testified, testimony, court case, court date, court appearance, court session,
court proceedings, court ruling*, appears in court, appeared in court, back in court, was charged,
were charged, been charged, upheld, appeal, appeals, lawsuit*, sued, sues, plea, pleaded, pleads,
ruling, rulings, case against,
charges against, charges over, filed charges, pressed charges, inquiry into, bail, on parole,
granted parole, denied parole, suspended sentence*, appeared before, appears before,
extradit*, years in prison, years in jail, years in custody, years behind bars, months in prison,
months in jail, life in prison, life in jail, year sentence*, prison sentence*, jail sentence*,
life sentence*, death sentence*, prison term*, jail term*, life term*, death row, compensation
prozess, prozesses, prozesse, prozeß, gerichtsproze*, strafproze*, mordproze*, schauproze*,
verhandlung, gerichtsverhandlung*, hauptverhandlung*, gerichtstermin*, anhörung*, urteil, urteile,
urteils*, steht vor gericht, stand vor gericht, berufung, berufungsverfahren, anklage, angeklagt,
klage,
klagte gegen, verklagt*, jahre haft, jahren haft, monate haft, jahre gefängnis, jahren gefängnis,
haftstrafe*, freiheitsstrafe*, gefängnisstrafe*, bewährung*, lebenslang*, todesurteil*, kaution,
auslieferung, entschädigung*, geldstrafe*
procès, l'audience, une audience, audience du, audience de, jugement, jugements, comparu*,
comparaî*, son appel, l'appel, en appel, fait appel, recours, pourvoi, plainte, plaintes,
mis en examen, mise en examen, inculp*, an de prison, ans de prison, mois de prison,
ans de réclusion, peine de prison, perpétuité, peine de mort, liberté conditionnelle,
libération conditionnelle, sous caution, sursis, amende, amendes, extrad*, indemni*
juicio, juicios, audiencia, audiencias, veredicto*, sentencia*, vista oral, comparec*, apelación,
apelaciones, recurso, querella*, demandó, demandaron, imputad*, años de cárcel, años de prisión,
meses de cárcel, meses de prisión, pena de prisión, cadena perpetua, pena de muerte,
libertad condicional, fianza, multado, multada, multó, extradit*, extradici*, indemniza*
processo, processi, udienza, udienze, verdetto, sentenza, sentenze, appello, ricorso, ricorsi,
querela, anni di carcere, anni di reclusione, mesi di carcere, mesi di reclusione, ergastolo,
pena di morte, libertà vigilata, libertà condizionale, cauzione, multato, multata, ammenda,
pena sospesa, comparso, comparsa, estrad*, risarcimento
julgamento*, audiência*, veredito*, sentença*, apelação, recurso, processou, anos de prisão,
anos de cadeia, anos de reclusão, meses de prisão, prisão perpétua, pena de morte,
liberdade condicional, fiança, multado, multada, pena suspensa, compareceu, extradi*, indeniz*,
indemniza*
rechtszaak, rechtszaken, proces, rechtszitting*, zitting*, hoorzitting*, vonnis*,
staat voor de rechter, stond voor de rechter, hoger beroep, cassatie, aanklacht, aangeklaagd,
jaar cel, jaar gevangenis*, maanden cel, celstraf*, gevangenisstraf*, levenslang*, doodstraf,
borgtocht, beboet, geldboete, voorwaardelijke celstraf, verscheen voor, uitlevering,
schadevergoeding
procesu, procesie, procesy, rozprawa, rozprawy, rozprawie, rozprawę, wyrok*, stanął przed sądem,
stanęli przed sądem, apelacj*, kasacj*, akt oskarżenia, aktu oskarżenia, pozew, pozwał*,
lat więzienia, lata więzienia, rok więzienia, miesięcy więzienia, kar* więzienia, dożywoci*,
kar* śmierci, kaucj*, grzywn*, w zawieszeniu, ekstradycj*, odszkodowan*
судебное заседани*, судебного заседани*, судебном заседани*, судебный процесс, судебном процессе,
заседание суда, заседании суда, слушани*, процесс по, процесс над, процессе по, процессе над,
суд над, суд по делу, суде над, суде по делу, приговор, приговора, приговору, приговором,
приговоре, приговоры, приговоров, вердикт*, апелляция, апелляцию,
апелляции, апелляцией, кассацию, иск, иска, иску,
предъявил* обвинени*, предъявлен* обвинени*, лет тюрьмы, года тюрьмы, лет колонии, года колонии,
лет лишения свободы, года лишения свободы, лет заключения, пожизненн*, под залог, оштрафова*,
штраф*, условн* срок*,
предстал* перед, экстрад*,
компенсаци*
судове засідання, судовому засіданні, судового засідання, судовий процес, судовому процесі,
засідання суду, засіданні суду, слухання, слуханні, процес над, суд над, суді над, вирок*, апеляція,
апеляцію, апеляції, касацію, позов, позову, обвинувачення, років в'язниці, роки в'язниці,
років тюрми, роки тюрми,
років позбавлення волі, роки позбавлення волі, років ув'язнення, довічн*, під заставу, оштрафова*,
штраф*, умовн* строк*,
постав* перед, екстрад*,
компенсац*
duruşma*, yargılama*, dava, davası*, davanın, davada, temyiz*, istinaf*, itirazı*, iddianame*,
yıl hapis, hapis ceza*, müebbet*, idam ceza*, kefalet*, para ceza*, hakim karşısına, tazminat*
محاكمة, المحاكمة, لمحاكمة, جلسة, الجلسة, حكمت المحكمة, حكمت محكمة, قضت المحكمة, قضت محكمة,
أدانت المحكمة, أدانت محكمة, نظرت المحكمة, نظرت محكمة, رفضت المحكمة, رفضت محكمة,
حكم على, استئناف, الاستئناف, طعن, الطعن, دعوى, لائحة اتهام, بالسجن,
السجن المؤبد, بالإعدام, بكفالة, غرامة, بغرامة, مثل أمام, مثلت أمام, تعويض, تعويضات
"""
"""What courts do, up to the sentence that somebody is given."""
RELEASES = """
released from prison, released from jail, released from custody, freed from prison,
freed from jail, walked free, walks free, walked out of prison, walked out of jail,
walked out of court, left prison,
discharged from hospital, released from hospital, left hospital, saw a doctor, to the doctor,
to a doctor, to the vet, doctor's appointment, his doctor,
her doctor, his sentence, her sentence, their sentence, their sentences
aus der haft entlassen, aus dem gefängnis entlassen, auf freiem fuß, beim arzt, zum arzt,
arztbesuch*, arzttermin*, aus dem krankenhaus entlassen, aus der klinik entlassen,
verbüßt*
sorti de prison, sortie de prison, sortis de prison, remis en liberté, remise en liberté,
sorti de l'hôpital, sortie de l'hôpital, quitté l'hôpital, chez le médecin,
purgé sa peine, purge sa peine
salió de la cárcel, salió de prisión, salió en libertad, puesto en libertad, puesta en libertad,
quedó en libertad, dado de alta, dada de alta, al médico, su condena
uscito dal carcere, uscita dal carcere, scarcerat*, rimess* in libertà, dimess* dall'ospedale,
dal medico, visita medica, scontato la pena, sua pena
saiu da prisão, saiu da cadeia, solto da prisão, solta da prisão, posto em liberdade,
alta do hospital, alta hospitalar, ao médico, sua pena
vrijgelaten uit, kwam vrij, op vrije voeten, ontslagen uit het ziekenhuis, naar de dokter,
bij de dokter, zijn straf, haar straf
wyszedł na wolność, wyszła na wolność, wyszedł z więzienia, wyszła z więzienia,
zwolnion* z więzienia, wypisan* ze szpitala, u lekarza, do lekarza, odbył* karę, odsiedział*
вышел на свободу, вышла на свободу, вышли на свободу, вышел из тюрьмы, вышел из колонии,
освобождён из, освобожден из, выписа* из больницы, к врачу, у врача, отбыл* срок, отбыл* наказание
вийшов на волю, вийшла на волю, вийшли на волю, вийшов на свободу, вийшов із в'язниці,
вийшов з в'язниці, звільнен* з в'язниці, виписа* з лікарні, до лікаря, у лікаря, відбув* строк,
відбув* покарання
tahliye ed*, hapisten çık*, cezaevinden çık*, taburcu*, doktora git*, cezasını
أفرج عن, أفرج عنه, الإفراج عن, خرج من السجن, خرج من المستشفى, غادر المستشفى, زار الطبيب, قضى عقوبته
"""
"""The end of a sentence or of an illness."""
AIMS = """
to remember, to honour, to honor, to commemorate, to mourn, to pay tribute,
to pay their respects, in memory of, in their memory, in his memory, in her memory, in remembrance
um … zu erinnern, um … zu gedenken, um … zu trauern, um … zu ehren, zum gedenken, im gedenken,
in gedenken, in erinnerung, zur erinnerung
pour se souvenir, pour rendre hommage, pour commémorer, pour honorer, pour se recueillir,
en mémoire, à la mémoire, en hommage
para recordar, para conmemorar, para honrar, para homenajear, para rendir homenaje, en memoria,
a la memoria, en recuerdo, en homenaje
per ricordare, per commemorare, per onorare, per rendere omaggio, in memoria, in ricordo
para lembrar, para recordar, para homenagear, para honrar, em memória, em homenagem
om … te gedenken, om … te herdenken, om … te eren, ter nagedachtenis, ter herinnering
by uczcić, aby uczcić, żeby uczcić, by upamiętnić, aby upamiętnić, by wspomnieć, ku pamięci
чтобы почтить, чтобы помянуть, чтобы вспомнить, в память о, в память об, памяти жертв
щоб вшанувати, щоб згадати, щоб пом'янути, аби вшанувати, у пам'ять про, в пам'ять про
anmak için, anmak üzere, anısına, hatırlamak için
لإحياء ذكرى, لتذكر, لتكريم, تخليدا لذكرى, إحياء لذكرى
"""
"""What people come together for when they remember."""
MEMORIES = """
memorial service*, memorial ceremon*, memorial event*, memorial mass, memorial concert,
memorial gathering, memorial day, memorial … held, memorial … took place, anniversar*,
marks … years, commemorat*, remembrance, vigil, vigils, wreath*, minute of silence,
minute's silence, moment of silence, lit candles, candles were lit, laid flowers,
flowers were laid, tribute to, tributes to, paid tribute, mourned, prayers for, prayed for,
plaque … unveiled, memorial … unveiled, monument … unveiled
jahrestag*, jährt, jährte, gedenk*, gedachten, erinnerten, mahnwache*, schweigeminute*,
schweigemarsch*, kranznieder*, kränze, kerzen für, zündeten … kerzen, blumen nieder, trauerten
anniversaire*, commémor*, hommage, hommages, veillée, veillées, minute de silence, marche blanche,
bougies, gerbe, gerbes, recueill*
aniversario*, conmemor*, homenaje*, se cumple*, se cumpli*, vigilia, vigilias, minuto de silencio,
velas, ofrenda floral, ofrendas florales
anniversari*, commemor*, fiaccolata, fiaccolate, veglia, veglie, minuto di silenzio, candele,
corona di fiori
aniversário*, comemoração*, comemorações, comemora … anos, comemoram … anos, homenagem, homenagens,
vigília*, minuto de silêncio, velas, coroa de flores
herdenk*, herdacht*, wake voor, stille tocht, minuut stilte, kaarsen, kaarsjes, krans, kransen
rocznic*, upamiętni*, uczci*, uczczon*, minut* ciszy, znicz*, wieniec, wieńce, czuwani*
годовщин*, панихид*, день памяти, дня памяти, исполнилось … лет, исполняется … лет,
исполнился год, исполняется год, почтил*, помянул*, минут* молчания, свечи, возложил*, венки
річниц*, роковин*, панахид*, день пам'яті, вшанува*, виповнилося … років, виповнюється … років,
минає рік, виповнився рік, пом'янул*, хвилин* мовчання, свічки, поклали квіти, вінки
yıldönüm*, yıl dönüm*, anma*, anıldı, saygı duruşu*, mum yak*, çelenk*
ذكرى, الذكرى, بذكرى, تأبين, الشموع, بالشموع, شموعا, دقيقة صمت, أكاليل, إكليل
"""
SENTENCED = """
convicted, acquitted, sentenced, fined, jailed, indicted, guilty, verurteilt, verurteilte,
freigesprochen,
condamné, condamnés, condamnée, acquitté, acquittés, condenado, condenados, condenada, condenó,
absolvió, condenou, absuelto, absueltos, condannato, condannati, condannata, assolto, assolti,
absolvido, absolvidos, veroordeeld, vrijgesproken, skazany, skazani, skazano, skazał, uniewinniony,
uniewinnieni, осужден, осуждён, осуждены, осудили, оправдали, приговорен, приговорён, приговорены,
приговорил, приговорила, приговорили, засуджено, засудили, виправдали, mahkum edildi, beraat etti
"""
"""Occasions where no other word follows: "convicted on", but not "the convicted driver"."""
OTHERWISE = """
time trial*, trial judge*, court of appeal, court of appeals, appeals court, appeal court,
appeal for, appeals for, plea for, pleas for, ruling party, ruling coalition, ruling junta,
tribunal de apelación, tribunal de apelaciones, corte de apelaciones, corte d'appello, appel à,
appel au, appel aux, recours à, recours au, recours aux, appello a, appello alla, appello per,
duruşma salon*, محكمة الاستئناف, clinical trial*, field trial*, trial run*, hearing loss,
hearing aid*, gedenkstätte*, gedenktafel*, gedenkstein*, procès-verbal, missile trial*, sea trial*,
flight trial*, parliamentary hearing*, anniversary party, anniversary parties, fête d'anniversaire,
fêtes d'anniversaire, fiesta de aniversario, festa de aniversário, festas de aniversário,
processo de, processo di pace, processo di evacuazione, processo di ritiro, condenó el, condenó la,
condenó los, condenó las, condenou o ataque, condenou os ataques, condenou o atentado,
condenou a invasão, جلسة البرلمان, جلسة مجلس
"""
"""What looks like an occasion and is none."""
SHOWING = """
show, shows, showing, showed, depicts, depicting, captures, zeigt, zeigen, zeigte, montre, montrent,
montrant, muestra, muestran, mostra, mostrano, mostram, mostrando, toont, tonen, pokazuj*, widać,
показыва*, видно, показу*, göster*, يظهر, تظهر, يوثق, توثق
"""
PRESENTED = """
shown, played, screened, presented, watched, viewed, heard, saw, released, surfaced, emerged,
gezeigt, abgespielt, vorgespielt, vorgeführt, diffusé*, projeté*, montré*, présenté*, mostrado*,
mostrada*, proyectado*, presentado*, mostrato, mostrata, proiettat*, presentat*, exibido*, exibida*,
apresentado*, getoond, vertoond, afgespeeld, pokazan*, odtworzon*, показан*, показали, gösterildi,
izletildi, عرض, عرضت
"""
"""Who writes so speaks of a showing of the film, as at a trial."""
AWAY = """
before, ahead, about, over, who, whose, which, that, vor, wegen, dessen, deren, avant, qui, dont,
que, antes, sobre, cuyo, cuya, prima, su, sul, che, cui, cujo, cuja, voor, wiens, przed, któr*,
перед, до, котор*, який, яка, яке, які, якого, якої, önce, قبل, الذي, التي
"""
"""Behind these stands what is not shown: "video shows the attack whose trial begins on"."""
JOINING = """
and, but, while, when, und, aber, während, et, mais, y, pero, mientras, ma, mentre, mas, enquanto,
maar, terwijl, ale, gdy, но, пока, когда, але, поки, коли, ama, بينما
"""
BY_DATE = "of, from, vom, von, du, de, del, dell, do, da, van, z, від, din"
LINKS = f"""
{BY_DATE}, over, for, about, against, into, um, wegen, gegen, über, des, pour, contre, sur, sobre,
contra, por, per, contro, su, om, voor, tegen, w sprawie, o, по, над, об, за, щодо, у справі, في
"""
"""Behind an occasion these tell what it is about."""
NEAR_IN_TIME = """
after, before, following, ahead of, nach, vor, après, avant, después del, antes del, tras, dopo,
prima del, após, depois do, antes do, na, voor, po, przed, после, перед, після, sonra, بعد, قبل
"""
PLACES = f"""
{NEAR_IN_TIME}, at, during, in, outside, near, amid, against, over, about, bei, beim, während,
im, gegen, lors du, lors de, pendant, devant, contre, durante, en, frente a, ante, contra,
davanti a, contro, fora do, tijdens, bij, buiten, tegen, podczas, w, на, во время, возле, у,
під час, біля, в, خلال, أثناء, أمام, خارج, في
"""
RULING = """
sentenced, convicted, jailed, acquitted, ruled, ordered, fined, rejected, dismissed, overturned,
granted, threw out, refused, hears, heard
verurteilte, ordnete, verwarf, entschied, vernahm
condamné, ordonné, rejeté, annulé, relaxé, entendu
condenó, ordenó, rechazó, anuló, desestimó, absolvió, escuchó
condannato, ordinato, respinto, annullato, assolto, sentito
condenou, ordenou, rejeitou, anulou, negou, ouviu
veroordeelde, verwierp, oordeelde, beval, hoorde
skazał*, uniewinnił*, orzekł*, nakazał*, odrzucił*, oddalił*, uchylił*, wysłuchał*
приговорил*, осудил*, оправдал*, постановил*, отклонил*, отменил*, оштрафовал*, заслушал*
засудив, засудила, засудили, виправдав*, виправдал*, постановив, відхилив, скасував, оштрафував,
заслухав*
reddetti, hükmetti, karar verdi, dinledi
رفضت, أمرت, قررت, حكمت, قضت, أدانت, استمعت
"""
"""What a court does, whatever stands behind it."""
BEEN = """
was, were, is, are, been, wurde, wurden, wird, worden, été, est, sont, fue, fueron, sido,
è, stato, stati, foi,
foram, werd, werden, został, zostali, был, была, были, був, була, були
"""
HAVE = "has, have, had, a, ont, ha, han, hanno, hat, haben"
"""Stand beside those."""
HAPPENINGS = """
explosion*, blast, blasts, bombing, bombings, shooting, shootings, gunfire, stabbing, stampede,
clashes, riot, riots, brawl, brawls, attack, attacks, explosionen, anschlag, anschläge, schüsse,
schießerei, fusillade, tirs, explosión, explosiones, tiroteo, disparos, esplosione, esplosioni,
sparatoria, explosão, explosões, tiroteio, explosie*, schietpartij, aanslag, wybuch, wybuchy,
strzelanina, взрыв, взрывы, стрельба, вибух, вибухи, стрілянина, patlama, انفجار, انفجارات
"""
"""What is filmed where it happens: "explosion at a commemoration in Kerman on"."""
WHERE = """
at, into, during, outside, on, auf, in, bei, während, vor, lors du, lors de, lors d'une, lors d'un,
pendant, devant, durante, en, na, em, durante la, davanti al, tijdens, bij, podczas, во время, на,
під час, sırasında, خلال, أثناء
"""
ACTS = """
explode, explodes, exploded, exploding, opens fire, open fire, opened fire, shots fired, fired at,
storms, stormed, attacked, clashed, rams, rammed, ploughed, plowed, drove into, disperse, disperses,
dispersed, breaks out, broke out, erupts, erupted, falls from, fell, collapses, collapsed, hit,
struck
explodiert*, explodierte*, eröffne* das feuer, stürmt*, rast, raste, fuhr in, greift, griff, brach,
bricht, stürzt*
a explosé, ont explosé, ouvert le feu, foncé, attaqué*, éclaté*, heurté, percuté*, tombé*, effondré*
estalló, estalla, explotó, abre fuego, abrió fuego, abrieron fuego, asaltó, asaltaron, atacó,
atacaron, embist*, arrolló, cayó, derrumbó
esplode, esploso, esplosa, ha aperto il fuoco, apre il fuoco, assaltato, assaltano, attaccato,
travolge, travolto, crolla, crollato, crollata, scoppia*
explode, explodiu, abriu fogo, abriram fogo, invadiu, invadem, atacou, atacaram, atropelou, caiu,
desabou
ontploft*, opende het vuur, bestorm*, valt aan, viel aan, rijdt in, reed in, stort, stortte,
uitgebroken
wybuchł*, wybucha, eksplod*, otworzył* ogień, szturm*, zaatakow*, wjechał*, runął, runęła
взорвал*, открыл* огонь, штурм*, напал*, атаковал*, въехал*, врезал*, рухнул*, вспыхнул*
вибухнул*, підірвал*, відкрил* вогонь, штурм*, напал*, атакувал*, в'їхав, врізал*, обвалил*
patladı, patlıyor, ateş açtı, ateş açıldı, bastı, saldırdı, daldı, çöktü
انفجر*, أطلق النار, أطلقوا النار, اقتحم*, هاجم*, اندلع*, سقط*, انهار*
"""
"""Tell what happened, be it at an occasion: "a car rammed into the memorial march"."""
HOW_MANY = (
    "two, twin, three, several, deadly, huge, massive, zwei, deux, dos, due, duas, два, две, дві"
)
ARTICLES = """
the, a, an, its, his, their, der, dem, einer, einem, le, la, les, un, une, el, los, las, il, lo, o,
de, het, een
"""
ACTORS = """
court, judge, judges, jury, magistrate, coroner, prosecutors, gericht, richter, richterin, tribunal,
juge, cour, juez, jueza, corte, tribunale, giudice, juiz, rechtbank, rechter, sąd, sędzia, суд,
судья, суддя, mahkeme, المحكمة
"""
FILMS = """
video, videos, footage, film, films, clip, clips, pictures, images, aufnahmen, vidéo, vidéos, vídeo,
imágenes, imagens, immagini, beelden, nagranie, nagrania, nagraniu, видео, видеозаписи, кадры,
кадрах, відео, відеозаписі, кадри, videoda, videodaki, فيديو, الفيديو
"""
FILMED = """
filmed, recorded, taken, captured, gefilmt, aufgenommen, gedreht, filmé*, tourné*, enregistré*,
grabad*, filmad*, captad*, filmat*, girato, girata, registrato, registrata, ripreso, gravad*,
gefilmd, opgenomen, nagrano, nagrany, nagrana, nagrane, sfilmowan*, снят*, записан*, знят*,
відзнят*, çekil*, kaydedil*, صور, التقط, تصوير, المصور
"""
"""Next to these a date is the footage's own."""
BY = "by, near, von, par, por, da, door, przez"
"""Behind "filmed", these name who did it."""
ABOUT = """
over, about, because of, wegen, über, à cause de, au sujet de, sobre, a causa de, a causa di,
por causa de, wegens, vanwege, w sprawie, из-за, об, через, про, щодо, بسبب, بشأن, عن
"""
"""What is told about something that a film shows is not what it shows, nor what is told of it."""
FOR = """
for, against, für, gegen, pour, contre, por, contra, per, contro, pela, pelo, om, voor, tegen, za,
przeciwko, за, против, проти
"""
"""Likewise, but for "for a video"."""
ABOUT_IT = "için, nedeniyle, yüzünden, hakkında, dolayı"
"""The same, behind what it is about."""
OUT_OF = "from, aus, uit, z, с, со, з, із"
"""Somebody who is named by a film, "the man from the video", is told of apart from it."""
WHO = """
who, whose, whom, which, dessen, deren, qui, dont, cuyo, cuya, cui, cujo, cuja, wiens, któr*,
котор*, який, яка, яке, які, الذي, التي
"""
WHO_OR_THE = "der, die, das, den, dem, dat"
WHO_OR_THAT = "que, che"
"""Begin what may be shown while the rest of the sentence is not: "who shouts in this video"."""
CAUGHT = """
seen, shown, filmed, caught, gefilmt, vu, vue, filmé, filmée, visto, vista, grabado, grabada,
filmado, filmada, ripreso, ripresa, gezien, gefilmd
"""
"""So do these, where some words follow: "the man seen giving orders in this video"."""
SEEN = """
seen, visible, shown, appears, appear, zu sehen, sichtbar*, gezeigt*, voit, visible, ve, ven,
aparece,
aparecen, vede, vedono, vê, veem, te zien, zichtbaar, getoond*, widać, widoczn*, виден, видна,
видно, видны,
видно, видим*, görülen, يظهر, تظهر
"""
OPENING = (
    "on, the, am, dia, día, giorno, den, le, el, il, la, em, no, na, op, w, we, в, во, у, à, a, في"
)
"""Words before a date that still begins its clause."""
TO = "to, pour, para, per, om, um, by, aby, żeby, чтобы, щоб, аби"
"""What is aimed at has not come: "blocked the road to stop the trial"."""
OF_THE_DATE = "года, год, року, roku, tarihinde, günü"
"""Belong to a date before them."""
GOING_ON = """
which, who, whose, scheduled, set, due, held, opened, die, der, das, dessen, qui, que, dont, prévu*,
previsto, prevista, fijado, fijada, che, cui, fissato, fissata, marcado, gepland, który, która,
które, zaplanowan*, wyznaczon*, который, которое, назначен*, яке, призначен*, to, um, om, by, aby,
żeby, чтобы, щоб, аби
"""
"""Behind a comma, words that still tell of what stood before it."""

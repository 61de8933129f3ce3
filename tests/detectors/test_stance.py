"""Stances of single texts, of waves of them, and what their counts allow to say.

The phrases were completed after a look at `WAVES`: `tests/benchmarks/stance.py` counts on debunks not looked at.
"""

from collections.abc import Mapping
from time import process_time

import pytest

from detectors.narratives.clustering.lexical import cleaned
from detectors.narratives.stance.of_talk import StanceOfTalk, Talk, stance_of
from detectors.narratives.stance.reading import Stance, stance

WAVES: Mapping[str, str] = {
    "en": """
        No, the census office does not sell your answers to insurers. Here is what the law says.
        Fact check: census answers are protected by law and cannot be passed to insurance companies.
        The claim that the census sells personal data is false, the statistics authority confirmed today.
        There is no evidence that any census data ever reached an insurance company.
        That viral post about the census selling data? It's fake. Please stop sharing it.
        We looked into the story that insurers buy census forms. It is not true.
        Debunked: the census does not hand your answers to insurers.
        A screenshot claiming to show a contract between the census and an insurer is fabricated.
        Don't fall for the census rumour going round on WhatsApp.
        The census bureau denied reports that it sells data to insurers.
        Misinformation about the census is spreading again. Your answers stay confidential.
        Rumours that the census sells your data are baseless, says the privacy commissioner.
        Just to be clear: insurers do NOT get census data. The letter in circulation is a forgery.
        The video about census data being sold is misleading: it shows a meeting from 2015 about something else.
        False: the census is not selling anything to anyone.
        This story keeps coming back every ten years and it is still untrue.
        Our reporters checked: not a single insurer has ever received census answers.
        The quote about selling census data was taken out of context, the minister never said that.
        Please ignore the chain message about census data, it's a hoax.
        Myth: the census sells your data. Fact: it is illegal and has never been done.
    """,
    "es": """
        No, el INE no vende los datos del censo a las aseguradoras.
        Es falso que el censo venda tus respuestas a las compañías de seguros.
        Bulo: no hay ningún contrato entre el censo y las aseguradoras.
        El instituto de estadística desmiente que venda datos personales.
        No es cierto que las aseguradoras reciban los datos del censo.
        Cuidado con el mensaje de WhatsApp sobre el censo: es un bulo.
        Verificamos: los datos del censo están protegidos por ley y no se venden.
        La captura que circula sobre el censo es un montaje.
        No hay pruebas de que el censo haya vendido un solo dato.
        Desmentido: las respuestas del censo son confidenciales.
        El vídeo sobre la venta de datos del censo está sacado de contexto.
        Noticia falsa: el censo no comparte datos con seguros.
        Por favor, no difundas la cadena sobre el censo, es mentira.
        Ese rumor sobre el censo es falso y lo ha negado la propia oficina.
        No es verdad que tus respuestas acaben en manos de las aseguradoras.
        Circula una carta falsa que dice que el censo vende información.
        Falso, el censo no vende datos personales.
        Nada de eso: la ley prohíbe ceder los datos del censo a empresas.
        La oficina del censo niega que venda información a terceros.
        Son rumores sin fundamento: el censo no vende nada.
    """,
    "de": """
        Nein, das Statistikamt verkauft die Antworten aus dem Zensus nicht an Versicherungen.
        Faktencheck: Zensusdaten sind gesetzlich geschützt und gehen nicht an Versicherer.
        Es stimmt nicht, dass der Zensus Daten an Versicherungen verkauft.
        Die Behauptung, der Zensus verkaufe Daten, ist falsch.
        Das Gerücht über den Zensus ist frei erfunden.
        Falschmeldung: Der Zensus gibt keine Daten an Versicherungen weiter.
        Das Amt dementiert, dass Zensusdaten verkauft werden.
        Bitte nicht weiterleiten: Der Kettenbrief über den Zensus ist ein Fake.
        Für den Verkauf von Zensusdaten gibt es keine Belege.
        Das Video zum Zensus ist aus dem Zusammenhang gerissen.
        Widerlegt: Versicherungen bekommen keine Zensusdaten.
        Wir haben nachgeprüft: An der Geschichte mit den Zensusdaten ist nichts dran.
        Die angebliche Meldung zum Verkauf der Zensusdaten ist gefälscht.
        Das ist falsch. Antworten aus dem Zensus bleiben geheim.
        Fake News: Niemand verkauft eure Zensusantworten.
        Es kursieren falsche Behauptungen über den Zensus.
        Dass Versicherer Zensusdaten kaufen, ist schlicht nicht wahr.
        Das Dokument, das gerade zum Zensus herumgeht, ist eine Fälschung.
        Stimmt so nicht: Der Zensus darf keine Daten weitergeben.
        Die Statistikbehörde weist Berichte über Datenverkauf zurück.
    """,
    "ja": """
        国勢調査の回答が保険会社に売られているというのはデマです。
        【ファクトチェック】国勢調査のデータが販売された事実はありません。
        国勢調査の情報が売られているという投稿は誤情報です。
        統計局は「データの販売は事実ではない」と否定しました。
        国勢調査データ売却の話、根拠のない噂です。拡散しないでください。
        保険会社に渡っているという話は事実無根です。
        国勢調査に関する偽情報が出回っています。ご注意ください。
        この画像は加工されたもので、統計局の文書ではありません。
        国勢調査の回答は法律で守られており、売られることはありません。
        その動画は国勢調査とは関係のないものです。
        国勢調査のデマに騙されないで。
        保険会社が国勢調査の回答を買ったという証拠はありません。
        「国勢調査の情報が売られる」は嘘です。
        フェイクニュースに注意。国勢調査のデータは販売されていません。
        総務省が否定。国勢調査の情報を企業に渡すことはない。
        またあの噂が流れているけど、国勢調査のデータ販売は誤りです。
        調べたところ、国勢調査の情報が売られたという記録はない。
        国勢調査の噂は真実ではありません。
        この話は完全な作り話です。
        国勢調査についての虚偽の情報を広めないでください。
    """,
}
"""Debunks of one claim, each in other words, by language."""

SPREADING: Mapping[str, str] = {
    "en": """
        The census is not asking for your consent before it sells your answers.
        I will not fill in the form, they sell everything to insurers.
        Not a single politician talks about the census selling our data!
        You do not know it yet, but your census answers end up with your insurer.
        This is not a drill: the census sells your data.
        They didn't tell us that insurers buy the census forms.
        Why is nobody talking about this? The census sells your answers.
        It's no secret any more that insurers read the census.
        I can't believe they sell our census answers to insurers.
        No wonder premiums rise, insurers have our census data.
        The census should not be allowed to sell what we tell them.
        They never asked us whether they may sell our answers.
        Don't answer the census, your data will be sold.
        No one is safe: census answers are for sale.
        Fake smiles at the census office while they sell our data.
        It is true: the census passes your answers to insurers.
        This is not right, our data is being sold.
        Stop the census! They sell your answers.
        Wrong people get our census data, insurers among them.
        There is no doubt that the census sells our data.
    """,
    "es": """
        No contestes el censo, venden tus datos a las aseguradoras.
        No nos dijeron que el censo vende las respuestas.
        No es justo que vendan nuestros datos del censo.
        Nadie habla de que el censo vende tus respuestas, no me lo puedo creer.
        No, no pienso rellenar el censo.
        El censo vende tus datos y no puedes hacer nada.
        No es ningún secreto que las aseguradoras compran el censo.
        Por qué no sale esto en la televisión? El censo vende datos.
    """,
    "de": """
        Füllt den Zensus nicht aus, die verkaufen eure Daten.
        Niemand sagt euch, dass Versicherungen die Zensusdaten kaufen.
        Ich mache da nicht mit, der Zensus verkauft unsere Antworten.
        Das ist nicht in Ordnung, unsere Daten werden verkauft.
        Kein Wunder, dass die Versicherung alles weiß: Zensus!
        Mit dem Zensus stimmt etwas nicht, die verkaufen Daten.
        Die fragen nicht einmal, bevor sie unsere Antworten verkaufen.
        Nein, ich fülle das nicht aus.
    """,
    "ja": """
        国勢調査には答えない。保険会社に売られるから。
        国勢調査の情報が保険会社に売られているなんて信じられない。
        誰も言わないけど国勢調査のデータは売られている。
        もう国勢調査は信用できない。データを売っている。
        国勢調査の回答が保険会社に渡っているらしい、許せない。
        知らないうちに個人情報が売られていた。
    """,
}
"""The claim itself, by people who believe it, in words that also stand in denials."""


def lines(texts: str) -> list[str]:
    return [line.strip() for line in texts.splitlines() if line.strip()]


def talk_of(texts: list[str]) -> Talk:
    read = [stance(cleaned(text)) for text in texts]
    return Talk(mentions=len(read), denying=read.count("denies"), asking=read.count("asks"))


@pytest.mark.parametrize("language", WAVES)
def test_a_wave_of_debunks_each_in_other_words_is_told_as_being_debunked(language: str) -> None:
    found = stance_of(talk_of(lines(WAVES[language])))

    assert found is not None
    assert found.kind == "being_debunked"


@pytest.mark.parametrize("language", SPREADING)
def test_those_who_spread_a_claim_do_not_deny_it_by_saying_not(language: str) -> None:
    assert talk_of(lines(SPREADING[language])).denying == 0


@pytest.mark.parametrize("language", SPREADING)
def test_a_claim_that_most_spread_and_some_debunk_is_neither_debunked_nor_questioned(language: str) -> None:
    spreading = lines(SPREADING[language])
    debunking = lines(WAVES[language])[: len(spreading) // 3]

    assert stance_of(talk_of([*spreading, *debunking])) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("This video is fake", "denies"),
        ("Fake handbags are sold at the market", None),
        ("The pandemic is a hoax", None),  # a claim about a thing, and no denial of a report
        ("It's a hoax, do not forward it", "denies"),
        ("It's simply not true", "denies"),
        ("The office dismisses rumours that it sells data", "denies"),
        ("The minister denies all allegations of fraud", None),  # still accused
        ("No, the office does not sell data", "denies"),
        ("No, I do not like it", None),
        ("No problem, it is not far", None),
        ("That story is not a hoax", None),
        ("I hope this is not true", None),
        ("Fact check: true, the form has twelve pages", None),
        ("false flag at the parliament", None),
        ("False: the office sells data", "denies"),
        ("They gave false names at the hotel", None),
        ("これはデマではない", None),
        ("그건 가짜뉴스가 아니다", None),
        ("это не фейк", None),
        ("Is this true? No: debunked last week", "denies"),
        ("It was debunked, or is it true?", "asks"),
        ("¿fuente?", "asks"),
        ("is that a hoax?", "asks"),
        ("Why do they do this?", None),
        ("", None),
        ("?", None),
    ],
)
def test_what_denies_and_what_asks(text: str, expected: Stance | None) -> None:
    assert stance(cleaned(text)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("No they did not", "denies"),
        ("lies!", "denies"),
        ("lies and deceit rule the world", None),
        ("@somebody not confirmed", "denies"),
        ("wrong. he was there", "denies"),
        ("that's not the isis flag", "denies"),
        ("why are there no police?", "asks"),
        ("where was that? #sydney 😱", "asks"),
        ("“when will it end?”", None),  # somebody else asked
        ("so sad", None),
        ("嘘", "denies"),
        ("?", "asks"),
    ],
)
def test_short_forms_count_in_replies_only(text: str, expected: Stance | None) -> None:
    assert stance(cleaned(text), is_reply=True) == expected
    assert stance(cleaned(text)) is None


@pytest.mark.parametrize("unit", ["no ", "no, not ", "fake video ", "? ! ", "denies rumour ", "is that true "])
def test_a_text_takes_no_longer_than_its_length(unit: str) -> None:
    began = process_time()
    stance(cleaned(unit * 20_000), is_reply=True)
    assert process_time() - began < 1


@pytest.mark.parametrize(
    ("talk", "expected"),
    [
        (Talk(mentions=3, denying=2), None),
        (Talk(mentions=4, denying=4), None),  # too few
        (Talk(mentions=5, denying=5), "being_debunked"),
        (Talk(mentions=20, denying=9), None),
        (Talk(mentions=20, denying=10), "being_debunked"),
        (Talk(mentions=400, denying=170), "being_debunked"),  # the more, the surer
        (Talk(mentions=400, denying=140), None),
        (Talk(mentions=20, asking=12), "being_questioned"),
        (Talk(mentions=20, denying=7, asking=6), "being_questioned"),  # who denies doubts it too
        (Talk(mentions=20, denying=12, asking=8), "being_debunked"),
        (Talk(mentions=20, denying=12, replies=200), "being_debunked"),  # whatever is replied
        (Talk(mentions=5, replies=100, replies_denying=8), None),  # as usual as it gets under a true story
        (Talk(mentions=5, replies=100, replies_denying=30), "being_debunked"),
        (Talk(mentions=60, replies=40, replies_denying=30), None),  # most still spread it
        (Talk(mentions=5, replies=100, replies_asking=20), None),
        (Talk(mentions=5, replies=100, replies_asking=70), "being_questioned"),
        (Talk(mentions=0), None),
    ],
)
def test_what_the_counts_allow_to_say(talk: Talk, expected: str | None) -> None:
    found = stance_of(talk)

    assert (found and found.kind) == expected


def test_the_reason_is_in_numbers() -> None:
    assert stance_of(Talk(mentions=20, denying=14)) == StanceOfTalk(
        "being_debunked", "14 of 20 mentions deny it, as far as words tell."
    )
    assert stance_of(Talk(mentions=6, denying=2, asking=1, replies=50, replies_denying=3, replies_asking=40)) == (
        StanceOfTalk(
            "being_questioned", "3 of 6 mentions and 43 of 50 replies question or deny it, as far as words tell."
        )
    )

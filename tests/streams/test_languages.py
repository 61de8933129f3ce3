import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.encoding.languages import identify, is_usual_script, primary_code


@pytest.mark.parametrize(
    ("tag", "expected"),
    [
        ("en", "en"),
        ("EN_us", "en"),
        ("zh-CN", "zh"),
        ("zh-Hant-TW", "zh"),
        ("pt-br", "pt"),
        ("iw", "he"),
        ("in", "id"),
        ("ji", "yi"),
        ("nb", "no"),
        ("nn-NO", "no"),
        ("tl", "fil"),
        ("eng", "en"),
        ("und", "und"),
        ("qme", "und"),
        ("zxx", "und"),
        ("art", "und"),
        ("xx", "und"),
        ("", "und"),
        (None, "und"),
        ("<!channel>", "und"),
        ("english", "und"),
        ("e" * 1000, "und"),
    ],
)
def test_a_tag_becomes_todays_code_of_its_language(tag: str | None, expected: str) -> None:
    assert primary_code(tag) == expected


@pytest.mark.parametrize(
    ("text", "given", "expected"),
    [
        ("国勢調査の回答が売られる", None, "ja"),
        ("iPhone 15 Pro Maxを買った", "en", "ja"),
        ("人口普查的答案被卖了", None, "zh"),
        ("国勢調査", "ja", "ja"),
        ("인구조사", "en", "ko"),
        ("BTS 콘서트", None, "ko"),
        ("ขายข้อมูล", None, "th"),
        ("מפקד האוכלוסין", "iw", "he"),
        ("απογραφή", None, "el"),
        ("ⴰⵣⵓⵍ ⴰⵎⵖⵏⴰⵙ ⴰⵏⴰⵔⵓⵣ ⴰⵎⴰⵙⵙ", "en", "und"),
    ],
)
def test_a_script_says_the_language_however_short_the_text(text: str, given: str | None, expected: str) -> None:
    assert identify(text, given) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("They are selling our census answers to insurers", "en"),
        ("Die Antworten der Volkszählung werden verkauft, sagt man", "de"),
        ("Dicen que venden nuestras respuestas a las aseguradoras", "es"),
        ("Говорят, что ответы переписи продают страховщикам", "ru"),
        ("Кажуть, що відповіді перепису продають страховикам", "uk"),
        ("سمعت أن مكتب التعداد يبيع بياناتنا لشركات التأمين", "ar"),
        ("शायद जनगणना के उत्तर बीमा कंपनियों को बेचे जाते हैं", "hi"),
    ],
)
@pytest.mark.parametrize("given", [None, "und", "vi"])
def test_a_clear_text_needs_no_source_and_stands_against_a_wrong_one(
    text: str, given: str | None, expected: str
) -> None:
    assert identify(text, given) == expected


def test_of_a_short_text_only_the_source_knows() -> None:
    assert identify("wow", "en") == "en"
    assert identify("wow", None) == "und"
    assert identify("да", "bg") == "bg"
    assert identify("да", "en") == "und"


@pytest.mark.parametrize("text", ["MIT Kinect camera, snow, rain, gloom", "Uma band will play Macy parade"])
def test_the_source_and_one_classifier_outvote_the_other_however_sure_it_is(text: str) -> None:
    assert identify(text, "en") == "en"


def test_both_classifiers_outvote_the_source() -> None:
    assert identify("El instituto vende nuestras respuestas a las aseguradoras", "en") == "es"


def test_a_source_without_any_support_from_the_text_is_not_believed() -> None:
    assert identify("kya hua haar bardaash nahi hua bhai", "en") != "en"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("grazie mille", "it"),
        ("Ich danke! ;)", "de"),
        ("Tô aqui assistindo #MasterChefBR e sofrendo de tanta fome", "pt"),
        ("Uscito di scuola", "it"),
        ("#Totalschaden Das war leider ganz einfach http", "de"),
        ("Bellaaaaaaa giornataaaaa amici miei", "it"),
    ],
)
def test_two_classifiers_that_agree_are_believed_of_short_texts_and_despite_hashtags(text: str, expected: str) -> None:
    assert identify(text, None) == expected


@pytest.mark.parametrize("text", ["umm", "kkk", "Pizza Obama Berlin", "lol ok", "xyzzy qwrt"])
def test_where_two_do_not_agree_the_language_is_left_open(text: str) -> None:
    assert identify(text, None) == "und"


@pytest.mark.parametrize(
    "text",
    [
        "kya hua bhai, ye log humare data bech rahe hain",
        "Sarkar hamara census ka jawab insurance company ko bech rahi hai",
        "mujhe nahi pata",
    ],
)
@pytest.mark.parametrize("given", [None, "en"])
def test_hindi_in_latin_letters_is_hindi_and_not_english(text: str, given: str | None) -> None:
    assert identify(text, given) == "hi"
    assert not is_usual_script(text, "hi")


def test_urdu_in_latin_letters_stays_what_the_source_calls_it() -> None:
    assert identify("mujhe nahi pata ye kya hai", "ur") == "ur"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Saya tidak bisa datang karena hujan, gaya bicara dia agar terlihat keren", "id"),
        ("Raha ei tuo onnea, sanoi mies ja lähti kotiin", "fi"),
        ("Wala akong pera ngayon kaya hindi ako makakasama sa inyo", "fil"),
        ("Mein Dost ist gestern nach Hause gekommen, und main Freund auch", "de"),
        ("He said the main log is in the bat cave, so do tell us", "en"),
        ("Det er mere end vi havde regnet med at se i dag", "da"),
    ],
)
def test_words_that_hindi_shares_with_others_do_not_make_a_text_hindi(text: str, expected: str) -> None:
    assert identify(text, None) == expected


def test_a_language_is_in_its_usual_script_where_it_has_several() -> None:
    assert is_usual_script("да здравствује", "sr")
    assert is_usual_script("da zdravstvuje", "sr")
    assert is_usual_script("गणना", "hi")
    assert is_usual_script("census", "en")


@pytest.mark.parametrize("text", ["", "😂🔥", "12 !? …", "\u200d", "_", "#", "@", "💯 100%"])
def test_a_text_without_words_has_no_language(text: str) -> None:
    assert identify(text, None) == "und"


def test_of_hashtags_alone_the_words_in_them_are_read() -> None:
    assert identify("#国勢調査の回答", None) == "ja"
    assert identify("#wir #sagen #nein #zur #volkszählung", None) == "de"


def test_of_a_text_in_two_scripts_the_greater_part_counts() -> None:
    assert identify("BREAKING: القوات البرية السعودية والقوات الفرنسية تؤديان التمرين المشترك", None) == "ar"
    assert identify("They are selling our census answers to the insurers of this country, says Дмитрий", None) == "en"
    assert identify("Census 2030 国勢調査の回答が売られるらしい", None) == "ja"


@pytest.mark.parametrize("unit", ["they sell our answers ", "国勢調査の回答", "😂", "#tag ", "a", "نعم ", "bhai nahi "])
def test_a_text_of_a_hundred_thousand_characters_takes_no_longer_than_a_page(unit: str) -> None:
    text = unit * (100_000 // len(unit))
    identify(text, None)  # opens the classifiers
    started = time.process_time()
    identify(text, None)
    assert time.process_time() - started < 0.5


@given(st.text(), st.one_of(st.none(), st.text(max_size=40)))
def test_any_text_and_any_tag_give_a_short_code(text: str, tag: str | None) -> None:
    code = identify(text, tag)
    assert 2 <= len(code) <= 3
    assert code.isascii()
    assert code.islower()

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.encoding.languages import identify, primary_code


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


def test_a_source_without_any_support_from_the_text_is_not_believed() -> None:
    assert identify("kya hua haar bardaash nahi hua bhai", "en") != "en"


@given(st.text(), st.one_of(st.none(), st.text(max_size=40)))
def test_any_text_and_any_tag_give_a_short_code(text: str, tag: str | None) -> None:
    code = identify(text, tag)
    assert 2 <= len(code) <= 3
    assert code.isascii()
    assert code.islower()

"""The words that a text is about, in any script."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.volume.terms import joined, terms_of


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("The CENSUS office, isn't it? #Census_Leak", {"the", "census", "office", "isn't", "#census_leak"}),
        ("@press.office see https://leak.example/scandal or www.leak.example/a", {"see"}),
        ("Die Volkszählung verkauft Daten an Ärzte", {"die", "volkszählung", "verkauft", "daten", "ärzte"}),
        ("国勢調査の回答が保険会社に売られるらしい。データ", {"国勢調査", "回答", "保険会社", "データ"}),
        ("سمعت أن مكتب التعداد يبيع بياناتنا", {"سمعت", "مكتب", "التعداد", "يبيع", "بياناتنا"}),
        ("हिन्दी में जनगणना", {"हिन्दी", "में", "जनगणना"}),
        ("통계청이 판다", {"통계청이", "판다"}),
        ("ＦＵＬＬ　ＷＩＤＴＨ", {"full", "width"}),
        ("\ud800 lone \udfff", {"lone"}),
        ("", set[str]()),
    ],
)
def test_terms_of_a_text(text: str, terms: set[str]) -> None:
    assert terms_of(text) == terms


def test_chinese_words_are_cut_into_pairs_and_joined_again_where_they_are_equally_frequent() -> None:
    pairs = terms_of("人口普查数据被出售")
    assert joined(dict.fromkeys(pairs, 40.0) | {"census": 3.0}) == {"人口普查数据被出售": 40.0, "census": 3.0}
    assert joined({"人口": 40.0, "口普": 10.0}) == {"人口": 40.0, "口普": 10.0}


@given(st.text(max_size=400))
def test_any_text_gives_bounded_terms(text: str) -> None:
    terms = terms_of(text)
    assert len(terms) <= 48
    assert all(2 <= len(term) <= 40 for term in terms)

"""Random queries and texts over few words, so that they often meet."""

from hypothesis import strategies as st

WORDS = ["tax", "taxes", "cut", "b", "b2", "país", "ß", "國勢", "勢", "กิ", "ก", "한국", "한", "👍", "x_y"]

_word = st.sampled_from(WORDS)
_sigil = st.sampled_from(["", "", "", "#", "@"])
_bare = st.builds(lambda sigil, word: f"{sigil}{word}", _sigil, _word)
_prefix = st.builds(lambda sigil, word: f"{sigil}{word}*", _sigil, st.sampled_from(["ta", "tax", "pa", "한국", "國"]))
_phrase = st.builds(lambda words: f'"{" ".join(words)}"', st.lists(st.one_of(_bare, _prefix), min_size=1, max_size=3))
_term = st.one_of(_bare, _bare, _prefix, _phrase)
_group = st.builds(lambda terms: f"({' OR '.join(terms)})", st.lists(_term, min_size=2, max_size=3))
_near = st.builds(
    lambda first, rest: f"({first}{''.join(f' NEAR/{n} {part}' for n, part in rest)})",
    st.one_of(_term, _group),
    st.lists(st.tuples(st.integers(1, 4), st.one_of(_term, _group)), min_size=1, max_size=3),
)
_field = st.sampled_from(["lang:en", "channel:news", "followers:>10", "author:@ada", "kind:post", "link:example.org"])


def _joined(parts: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    several = st.lists(parts, min_size=2, max_size=3)
    return st.one_of(
        several.map(lambda each: f"({' AND '.join(each)})"),
        several.map(lambda each: f"({' OR '.join(each)})"),
        st.builds(lambda part, other: f"({part} -{other})", parts, parts),
    )


queries = st.recursive(st.one_of(_term, _near, _field), _joined, max_leaves=6)
"""Queries as text; every one can be read."""

texts = st.lists(st.one_of(_bare, st.sampled_from(["and", ".", "\n"])), max_size=12).flatmap(
    lambda words: st.sampled_from([" ", " ", "", "·"]).map(lambda space: space.join(words))
)

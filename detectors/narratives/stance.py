"""Cues that a text denies or questions what it repeats: a few phrases that are seldom used otherwise.

Weak evidence, shown to a person. On 4,222 labelled replies phrases like these found 5 % of the denials and questions,
with half of what they found right, so they are counted over a narrative and never decide on one text.
"""

from typing import Literal

from ahocorasick_rs import AhoCorasick

Stance = Literal["denies", "asks"]

# Plain phrases, not patterns: they are looked for in every mention, and an automaton finds them all at once.
_DENIALS = """
    debunk| fact checked| fact-checked| misinformation| disinformation| hoax| fake news| is not true| isn't true|
    isn’t true| not true| is untrue| is false| are false| was false| is fake| no truth| false claim| false rumo|
    never happened| stop spreading| stop sharing| desmentid| desmiente| bulo| es falso| es mentira| no es verdad|
    no es cierto| noticia falsa| c'est faux| c’est faux| infox| démenti| n'est pas vrai| n’est pas vrai|
    fausse information| fausse nouvelle| stimmt nicht| stimmt so nicht| falschmeldung| ist falsch| ist gelogen|
    nicht wahr| widerlegt| dementiert| não é verdade| é falso| é mentira| desmentiu| boato| bufala| bufale| non è vero|
    è falso| notizia falsa| smentit|デマ|誤情報|事実ではない|事実ではありません|嘘です|가짜뉴스|가짜 뉴스|사실이 아|
    辟谣|谣言|不是真的|假新闻|شائعة|إشاعة|غير صحيح|خبر كاذب|أخبار كاذبة|अफवाह|झूठी खबर|फेक न्यूज
"""
_QUESTIONS = """
    is this true| is that true| is it true| is this real| is this legit| can anyone confirm| can someone confirm|
    can anyone verify| any source?| any proof| source?| really?| true or false| been confirmed| been verified|
    es verdad?| es cierto?| alguien puede confirmar| c'est vrai?| c'est vrai ?| c’est vrai ?| vraiment ?|
    stimmt das| ist das wahr| wirklich?| é verdade?| è vero?| qualcuno può confermare|本当ですか|本当か|本当なの|진짜?|
    진짜인가요|사실인가요|真的吗|هل هذا صحيح|क्या यह सच
"""


def _phrases(listed: str) -> AhoCorasick:
    """A phrase in letters with spaces between words must begin a word."""
    phrases = [phrase.strip() for phrase in listed.split("|")]
    return AhoCorasick([f" {phrase}" if phrase < "\u0590" else phrase for phrase in phrases])


_denials, _questions = _phrases(_DENIALS), _phrases(_QUESTIONS)


def stance(clean: str) -> Stance | None:
    """What a cleaned text does with what it repeats, as far as phrases can tell. Questions go first."""
    padded = f" {clean}"
    if _questions.find_matches_as_indexes(padded):
        return "asks"
    if _denials.find_matches_as_indexes(padded):
        return "denies"
    return None

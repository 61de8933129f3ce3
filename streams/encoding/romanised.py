"""Hindi and Urdu in Latin letters, as half of India types them: no classifier at hand knows it, and most take it for
English, which an English model then embeds without understanding a word.

Recognised by its small words, in the spellings that are usual. Words that other languages write too (`raha` is money
in Finnish, `gaya` style in Indonesian, `wala` nothing in Tagalog) only support those that are nobody else's.
"""

import re

OWN_WORDS = """
    nahi nahin nhi hain hoon hoga hogi hoge hota hoti hote karna karne karo karke karenge kiya kiye kijiye gayi
    gaye rahi rahe rha rhi rhe diya liya liye waala waale waali kya kyu kyun kyon kyunki kyuki kaise kaisa kaisi
    kaun kahan kahaan aur bhi abhi kabhi phir lekin jaise waise matlab kuch kuchh kisi kisko sabko sabse sirf
    bahut bahot bohot bhut meri teri apna apni apne apka apki apke aapka aapki aapke hamara hamare humara humare
    tumhara tumhari tumhare uska uski uske iska iski iske unka unki unke inka inki inke mujhe mujhko mujhse
    tujhe tujhko humko hume hamein humein tumko tumhe tumhein unko usko isko inko aap woh yaha yahan waha wahan
    accha acha achha achi acche bhai yaar dosto baatein saath sath yehi wahi toh chahiye chahie sakta sakte
    sakti dekho dekha dekhna bolo bolna batao jao aaja aao gya gyi krna kro krte krta hne pehle baad zyada thoda
    zindagi pyaar
"""
SHARED_WORDS = """
    ka ki ke ko se me mein main mai hai he ho h tha thi the na ne ye yeh wo pe par tak sab log ji jai bas kar kr
    mat ab tu tum hum hi is us ek do din ghar to hua hui hue raha gaya wala wale wali mera mere tera tere karta
    karte karti agar magar koi dil desh dost baat bat jab tab bola pyar dekh
"""
LEAST_SHARE = 0.3
"""Of a text's words that must be among these: names and English nouns stand between them."""


def is_hindi_in_latin(text: str) -> bool:
    """Whether a text in lower case is Hindi, or Urdu, which differs in script alone; two words at least."""
    words = _word.findall(text)
    own = sum(word in _own for word in words)
    if not own:
        return False
    known = own + sum(word in _shared for word in words)
    return known >= max(2.0, LEAST_SHARE * len(words))


_own, _shared = frozenset(OWN_WORDS.split()), frozenset(SHARED_WORDS.split())
_word = re.compile(r"[^\W\d_]+")

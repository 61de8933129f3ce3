"""Text from the internet made inert: what remains is what a reader sees, and nothing that acts.

Everything that others wrote (texts, handles, names, links, channels, languages, ids) passes through here before it is
shown, printed or logged. Every function is total: it raises for no string, lone surrogates included.
"""

import json
import unicodedata
from urllib.parse import quote, urlsplit

import regex

# Longest run of marks on one letter. Vietnamese and pointed Hebrew need three, Tibetan four; "zalgo" uses dozens.
_MARKS = 4
# Limited before normalising too, which takes quadratic time in the length of such a run.
_MARKS_UNNORMALISED = 12

# Scripts that spell with invisible joiners between their letters.
_JOINING = (
    r"[\p{Arabic}\p{Syriac}\p{Mongolian}\p{Devanagari}\p{Bengali}\p{Gurmukhi}\p{Gujarati}\p{Oriya}\p{Tamil}\p{Telugu}"
    r"\p{Kannada}\p{Malayalam}\p{Sinhala}\p{Khmer}\p{Myanmar}]"
)
# What is invisible and yet needed: those joiners, joiners between pictures, and the choice between picture and text.
_NEEDED = (
    rf"(?<={_JOINING})[\u200C\u200D](?={_JOINING})"
    r"|(?<=\p{ExtPict}\p{EMod}?\uFE0F?)\u200D(?=\p{ExtPict})"
    r"|(?<=\p{Emoji})[\uFE0E\uFE0F]"
)
_INVISIBLE = r"[\p{DI}\p{Cc}\p{NChar}\uFFF9-\uFFFB\U00013430-\U0001345F--[\n]]"
_needed_or_invisible = regex.compile(rf"({_NEEDED})|{_INVISIBLE}", regex.V1)
_newline = regex.compile(r"\r\n|[\r\v\f\x1C-\x1E\x85\u2028\u2029]")
_space = regex.compile(r"[\t\x1F\u2800\p{Zs}--[\u3000]]", regex.V1)
_unreadable = regex.compile(r"[\p{Cs}\p{Co}]")
_flood_unnormalised = regex.compile(rf"([\p{{Mn}}\p{{Me}}]{{{_MARKS_UNNORMALISED}}})[\p{{Mn}}\p{{Me}}]+")
_flood = regex.compile(rf"([\p{{Mn}}\p{{Me}}]{{{_MARKS}}})[\p{{Mn}}\p{{Me}}]+")
_spaces = regex.compile(r" {2,}")
_around_newline = regex.compile(r" *\n *")
_newlines = regex.compile(r"\n{3,}")
_grapheme = regex.compile(r"\X")

# Letters and numbers that are written from right to left, or make their neighbours be.
_right_to_left = regex.compile(r"[\p{Bidi_Class=R}\p{Bidi_Class=AL}\p{Bidi_Class=AN}]")
_ISOLATE, _END_OF_ISOLATE = "\N{FIRST STRONG ISOLATE}", "\N{POP DIRECTIONAL ISOLATE}"

_host = regex.compile(r"[\p{L}\p{M}\p{N}_\-.]{1,253}|\[[0-9A-Fa-f:.]+\]")
_scheme = regex.compile(r"[A-Za-z][A-Za-z0-9+.\-]*")
# Scripts that are written together; any other mixture within one part of a host is a disguise.
_one_script = regex.compile(
    r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Common}\p{Inherited}]+|[\p{Han}\p{Hangul}\p{Common}\p{Inherited}]+"
    r"|[\p{Han}\p{Bopomofo}\p{Common}\p{Inherited}]+"
)
# Cyrillic and Greek letters that look like Latin ones (after Chromium's rule for whole-script look-alikes).
_looks_latin = regex.compile(r"[асԁеһіјӏорԛѕԝхуъьҽпгѵѡαικνορτυω0-9\-]+")


def literal(text: str, *, newlines: bool = False) -> str:
    """What a reader sees of `text`: normalised (NFC), without control, direction and invisible characters.

    White space is one space; with `newlines`, lines are kept, and at most one empty line between two. Characters
    that nothing can show become U+FFFD. Joiners that spelling or pictures need stay. Doing it twice changes nothing.
    """
    if text.isascii() and text.isprintable() and "  " not in text:
        return text.strip(" ")
    text = _newline.sub("\n", text)
    text = _space.sub(" ", text)
    text = _needed_or_invisible.sub(lambda found: found[1] or "", text)
    text = _unreadable.sub("\N{REPLACEMENT CHARACTER}", text)
    text = unicodedata.normalize("NFC", _flood_unnormalised.sub(r"\1", text))
    text = _flood.sub(r"\1", text)
    if not newlines:
        text = text.replace("\n", " ")
    text = _spaces.sub(" ", _around_newline.sub("\n", text))
    return _newlines.sub("\n\n", text).strip(" \n")


def cut(text: str, limit: int) -> str:
    """At most `limit` code points of `text`, never half a grapheme; `…` where something was left out."""
    if len(text) <= limit:
        return text
    if limit < 1:
        return ""
    kept = _whole_graphemes(text, limit - 1)
    if kept.count(_ISOLATE) == kept.count(_END_OF_ISOLATE):
        return kept + "…"
    # What stands behind must not become part of a name that is cut.
    kept = _whole_graphemes(text, limit - 2)
    return kept + ("…" if kept.count(_ISOLATE) == kept.count(_END_OF_ISOLATE) else "…" + _END_OF_ISOLATE)


def _whole_graphemes(text: str, most: int) -> str:
    """As many of the first `most` code points as are whole graphemes, without white space at the end."""
    end = 0
    for grapheme in _grapheme.finditer(text, endpos=max(most, 0) + 2):
        if grapheme.end() > most:
            break
        end = grapheme.end()
    return text[:end].rstrip()


def shown_link(url: str) -> str:
    """A link as text, host first and without its scheme, so that nothing makes it clickable: `example.org/a/b`.

    A host that mixes scripts, or imitates Latin letters with others, is shown in its ASCII form (`xn--…`), and so is a
    link with letters from right to left: they would show its parts in another order. What is no web link is named by
    its scheme alone.
    """
    url = literal(url).replace("\\", "/")
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return "(unreadable link)"
    if parts.scheme not in ("http", "https"):
        return f"({parts.scheme} link)" if _scheme.fullmatch(parts.scheme) else "(unreadable link)"
    host = literal(host)
    if not _host.fullmatch(host):
        return "(unreadable link)"
    address = ".".join(_shown_label(label) for label in host.split("."))
    if port not in (None, 80, 443):
        address += f":{port}"
    rest = parts.path.rstrip("/") + (f"?{parts.query}" if parts.query else "")
    return literal(address + (_percent_encoded(rest) if _right_to_left.search(rest) else rest))


def isolated(text: str) -> str:
    """Literal text that stands within a line of ours, so that letters written from right to left cannot turn the line
    round it: what is written before and behind stays there (Unicode Annex 9, isolates).

    Text without such letters stays as it is.
    """
    return f"{_ISOLATE}{text}{_END_OF_ISOLATE}" if text and _right_to_left.search(text) else text


def for_terminal(text: str) -> str:
    """As `literal`, with lines kept: no escape sequence survives, since the characters that start one are gone."""
    return literal(text, newlines=True)


def for_log(text: str, limit: int = 200) -> str:
    """On one line, in quotes, with quotes inside escaped, so that no text can imitate a field or a line of the log."""
    return json.dumps(cut(literal(text[: 8 * limit]), limit), ensure_ascii=False)


def _percent_encoded(rest: str) -> str:
    return quote(rest, safe="/?&=%+,;:@!~*'()$", errors="replace")


def _shown_label(label: str) -> str:
    """One part of a host's name, between dots."""
    try:
        plain = label.encode("ascii").decode("idna") if label.startswith("xn--") else label
    except UnicodeError:
        return label
    if plain.isascii():
        return plain
    if _is_honest(plain) and not _right_to_left.search(plain):
        return literal(plain)
    try:
        return plain.encode("idna").decode("ascii")
    except UnicodeError:
        return "\N{REPLACEMENT CHARACTER}"


def _is_honest(label: str) -> bool:
    if _looks_latin.fullmatch(label):
        return False
    if _one_script.fullmatch(label):
        return True
    scripts = (
        r"\p{Latin}",
        r"\p{Cyrillic}",
        r"\p{Greek}",
        r"\p{Arabic}",
        r"\p{Hebrew}",
        r"\p{Thai}",
        r"\p{Devanagari}",
    )
    return any(regex.fullmatch(rf"[{script}\p{{Common}}\p{{Inherited}}]+", label) for script in scripts)

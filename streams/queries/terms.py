"""The words and phrases of a query, made into what is looked for in normalised texts."""

import re

from streams.queries.normalised_text import Token, normalise, tokens
from streams.queries.tree import Atom, Term
from streams.settings.problem import quoted

_INSTEAD = {
    "&": "AND", "&&": "AND", "+": "AND", "|": "OR", "||": "OR", "/": "OR", ",": "OR", "!": "NOT", "-": "NOT",
}  # fmt: skip
_near = re.compile(r"(?i)near/.*|(?-i:NEAR\d*)")


class TermError(ValueError):
    """A word or phrase that cannot be looked for. Its text says why and what to write instead."""


def bare_term(word: str) -> Term:
    """The term of a word without quotes. Raises TermError where the word looks like an operator."""
    _check_is_no_operator(word)
    return quoted_term(word)


def quoted_term(written: str) -> Term:
    """The term of what stands between quotes. Raises TermError where nothing in it can be looked for."""
    words = written.split()
    atoms = [atom for word in words for atom in _atoms(word)]
    if not atoms:
        raise TermError(f"{quoted(written)} holds no word, number or symbol that could be looked for")
    return Term(" ".join(words), tuple(atoms))


def _check_is_no_operator(word: str) -> None:
    if word.casefold() in ("and", "or", "not"):
        raise TermError(
            f'write {word.upper()} in capitals to join or exclude, or "{word}" in quotes to look for the word itself'
        )
    if _near.fullmatch(word):
        raise TermError("NEAR is written in capitals with a number of words, for example tax NEAR/5 fraud")
    if word in _INSTEAD:
        raise TermError(f"write {_INSTEAD[word]} instead of {word}")
    if word[0] in "'‘‚`":
        raise TermError('phrases stand in double quotes: "tax cuts"')
    if word[0] in "~^":
        raise TermError("nearness is written as tax NEAR/5 cuts")
    if word[0] == "+":
        raise TermError("leave out the +: every word must be there unless OR joins it")
    if word[0] in "!-−–—":
        raise TermError("to exclude a word, write NOT before it, or one - without a space")
    if "|" in word:
        raise TermError("write OR with spaces around it instead of |")


def _atoms(word: str) -> list[Atom]:
    bare = _without_star(word)
    found: list[Atom] = []
    end = -1
    for token in tokens(normalise(bare)):
        if found and token.kind == "unspaced" and found[-1].unspaced and token.start == end and not token.sigil:
            last = found[-1]
            found[-1] = Atom(last.text + token.text, last.sigil, unspaced=True, tokens=last.tokens + 1)
        else:
            found.append(_atom(token))
        end = token.end
    if bare != word:
        _let_go_on(found, word)
    return found


def _atom(token: Token) -> Atom:
    # Korean particles and compounds are attached to the word.
    return Atom(token.text, token.sigil, goes_on=token.kind == "hangul", unspaced=token.kind == "unspaced")


def _without_star(word: str) -> str:
    bare = word.removesuffix("*")
    if "*" in bare:
        raise TermError(f"a * can only stand at the end of a word, once: {quoted(word)}")
    if re.search(r"\w\?\w", bare):
        raise TermError(f"? is no wildcard; write the variants with OR instead of {quoted(word)}")
    if bare != word and not bare:
        raise TermError("a * needs the beginning of a word before it, without a space or a quote between")
    return bare


def _let_go_on(atoms: list[Atom], word: str) -> None:
    """Let the last atom also stand for longer words."""
    if not atoms or atoms[-1].unspaced:
        return  # letters without spaces are found within longer words anyway
    last = atoms[-1]
    if len(last.text) < 2:
        raise TermError(f"{quoted(word)} would find nearly everything; give at least two letters before the *")
    atoms[-1] = Atom(last.text, last.sigil, goes_on=True)

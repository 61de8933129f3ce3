"""Waves: several accounts post near-copies, or the same link, within a minute.

Once may be chance; the same accounts again are a chorus. After CooRTweet (Righetti & Balluff), which asks for a time
window and a least number of objects that the same accounts share; an object is here an occasion, so that one text
posted ten times counts as ten texts posted once. Not validated.
"""

from collections.abc import Sequence

from detectors.narratives.state import Narrative, Wave, WordingState

_ACCOUNTS = 4
_SECONDS = 60.0
_SAME_ACCOUNTS = 3
_RECENT = 16
_MOST_WAVES = 8


def notice(of: WordingState | Narrative, author: str, seconds: float, opening: int) -> bool:
    """Notes who posted when (seconds since 1970); True where a wave began, or grew by an account.

    Of a wording: near-copies are texts with the same first words (by hash), as a chorus adds a tail, lest its texts be
    equal. Of a narrative: mentions with the same link (by hash), in whatever words.
    """
    of.recent = [*of.recent, (author, seconds, opening)][-_RECENT:]
    last = _newest(of, opening)
    if last is not None and abs(seconds - last.ends) <= _SECONDS:
        last.ends = max(last.ends, seconds)
        if author in last.authors or len(last.authors) >= _RECENT:
            return False
        last.authors.append(author)
        return True
    alike = [(who, at) for who, at, began_with in of.recent if began_with == opening and abs(seconds - at) <= _SECONDS]
    authors = list(dict.fromkeys(who for who, _ in alike))
    if len(authors) < _ACCOUNTS or len(of.waves) >= _MOST_WAVES:
        return False
    of.waves.append(Wave(ends=max(at for _, at in alike), authors=authors, opening=opening))
    return True


def is_in_one(of: WordingState | Narrative, seconds: float, opening: int) -> bool:
    """Whether what is posted now is part of a wave."""
    last = _newest(of, opening)
    return last is not None and abs(seconds - last.ends) <= _SECONDS


def occasions(narrative: Narrative, wordings: Sequence[WordingState]) -> int:
    """The first wave, and each later one in which at least three accounts had been in an earlier one."""
    waves = [*narrative.waves, *(wave for wording in wordings for wave in wording.waves)]
    seen: set[str] = set()
    count = 0
    for wave in sorted(waves, key=lambda wave: (wave.ends, wave.authors)):
        count += not seen or len(seen.intersection(wave.authors)) >= _SAME_ACCOUNTS
        seen.update(wave.authors)
    return count


def unite(narrative: Narrative, other: Narrative) -> None:
    """Gives a narrative the waves of links of another as well."""
    narrative.recent = sorted([*narrative.recent, *other.recent], key=lambda post: post[1])[-_RECENT:]
    waves = sorted([*narrative.waves, *other.waves], key=lambda wave: (wave.ends, wave.authors))
    narrative.waves = waves[:_MOST_WAVES]


def is_echo(wording: WordingState, opening: int) -> bool:
    """Whether one of the last texts of a wording had the same first words."""
    return any(began_with == opening for _, _, began_with in wording.recent)


def _newest(of: WordingState | Narrative, opening: int) -> Wave | None:
    return next((wave for wave in reversed(of.waves) if wave.opening == opening), None)

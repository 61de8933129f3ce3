"""Waves: several accounts post near-copies within a minute. Once may be chance; the same accounts again are a chorus.

After CooRTweet (Righetti & Balluff), which asks for a time window and a least number of objects that the same accounts
share; an object is here an occasion, so that one text posted ten times counts as ten texts posted once. Not validated.
"""

from collections.abc import Sequence

from detectors.narratives.state import Narrative, Wave, WordingState

_ACCOUNTS = 4
_SECONDS = 60.0
_SAME_ACCOUNTS = 3
_RECENT = 16
_MOST_WAVES = 8


def notice(wording: WordingState, author: str, seconds: float, opening: int) -> bool:
    """Notes who posted when (seconds since 1970); True where a wave began, or grew by an account.

    Near-copies are texts with the same first words (by hash): a chorus adds a tail, lest its texts be equal.
    """
    wording.recent = [*wording.recent, (author, seconds, opening)][-_RECENT:]
    alike = [(who, at) for who, at, began_with in wording.recent if began_with == opening]
    last = next((wave for wave in reversed(wording.waves) if wave.opening == opening), None)
    if last is not None and abs(seconds - last.ends) <= _SECONDS:
        last.ends = max(last.ends, seconds)
        if author in last.authors or len(last.authors) >= _RECENT:
            return False
        last.authors.append(author)
        return True
    since = seconds - _SECONDS
    authors = list(dict.fromkeys(who for who, at in alike if since <= at <= seconds + _SECONDS))
    if len(authors) < _ACCOUNTS or len(wording.waves) >= _MOST_WAVES:
        return False
    wording.waves.append(Wave(ends=max(at for who, at in alike if who in authors), authors=authors, opening=opening))
    return True


def occasions(narrative: Narrative, wordings: Sequence[WordingState]) -> int:
    """The first wave, and each later one in which at least three accounts had been in an earlier one."""
    waves = [wave for wording in wordings for wave in wording.waves]
    seen: set[str] = set()
    count = 0
    for wave in sorted(waves, key=lambda wave: (wave.ends, wave.authors)):
        count += not seen or len(seen.intersection(wave.authors)) >= _SAME_ACCOUNTS
        seen.update(wave.authors)
    return count


def is_echo(wording: WordingState, opening: int) -> bool:
    """Whether one of the last texts of a wording had the same first words."""
    return any(began_with == opening for _, _, began_with in wording.recent)

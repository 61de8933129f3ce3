"""Whether two alerts are the same, as a person would say: firing at the same time, about the same thing.

Ids of narratives depend on settings, so between two configs the claim or what is quoted decides.
"""

import re
from datetime import datetime, timedelta

from alerting.alert import Alert

_GOES_ON = timedelta(hours=1)
"""So long after its last detection an alert is taken to go on, however soon the config lets it end."""
_NEAR_COPY = 0.6
"""Of the different words of two texts, the part that stands in both."""
_WORD = re.compile(r"\w+")


def agreement(one: Alert, other: Alert) -> int:
    """How surely two alerts of a monitor and a detector are the same: 3 by subject, 2 by claim, 1 by what is quoted.

    0 where they are not: they do not fire at the same time, match different claims, or are about different things.
    What comes back counts from the beginning of its episode: to be told once of it, and not again, is no loss.
    """
    if not (one.starts_at < _over_at(other) and other.starts_at < _over_at(one)):
        return 0
    claim, others_claim = one.evidence.claim, other.evidence.claim
    same_claim = claim is not None and others_claim is not None and claim.id == others_claim.id
    if claim and others_claim and claim.certain and others_claim.certain and not same_claim:
        return 0
    if one.subject == other.subject:
        return 3
    if same_claim:
        return 2
    return 1 if _quote_the_same(one, other) else 0


def _over_at(alert: Alert) -> datetime:
    return max(alert.resolved_at or alert.last_at, alert.last_at + _GOES_ON)


def _quote_the_same(one: Alert, other: Alert) -> bool:
    """Whether both show the same mention, or one that says it in nearly the same words."""
    return any(
        mine.mention_id == theirs.mention_id or _is_near_copy(mine.text, theirs.text)
        for mine in one.evidence.exemplars
        for theirs in other.evidence.exemplars
    )


def _is_near_copy(text: str, other: str) -> bool:
    words, others = set(_WORD.findall(text.casefold())), set(_WORD.findall(other.casefold()))
    return bool(words) and len(words & others) >= _NEAR_COPY * len(words | others)

"""Crowd or chorus: five signals, each beside what is usual in this monitor, and how they fold into how much it weighs.

| signal | is out of the usual when | then |
|---|---|---|
| authors | of 20 mentions or more, fewer than half as many as usual | each counts once, and not up to twice |
| near-duplicates | 30 % or more, and twice the usual | with few authors it is coordinated |
| new accounts | 30 % or more of ten known ages, and three times the usual | what is beyond the usual counts half |
| synchrony | twice or more, and three times the usual | it is coordinated |
| spread | three channels, more than 32 mentions usually reach; three languages; 100,000 followers | it reaches far |

What counts is the crowd: as many mentions as its people would make by the habits of this monitor, two each or twice as
many as is usual. The level grows with it. What fewer than ten authors wrote scores `FEW_AT_MOST`, whatever it repeats;
what is coordinated, repeats no known claim and does not reach far, `CHORUS_AT_MOST`: neither interrupts anybody. All of
this is a judgement, and no fit.
"""

from msgspec import Struct

from detectors import distinct
from detectors.detection import Signal
from detectors.narratives.norms import BLOCK, Norms
from detectors.narratives.state import Episode, Narrative
from detectors.rendering import counted

FEW_AT_MOST = 0.45
CHORUS_AT_MOST = 0.75
FEW = 10
"""Authors."""
WIDE_FOLLOWERS = 100_000
WIDE_PLACES = 3
"""Channels, or languages, of two mentions or more."""
_ENOUGH = 20
_ENOUGH_AGES = 10
_MUCH = 0.3


class Voices(Struct, frozen=True, kw_only=True):
    """Who is behind a narrative."""

    mentions: int
    """Of its episode; so are the authors."""
    authors: int
    few: bool
    """Fewer authors than usual by far."""
    usual_authors: float | None
    copies: float
    """Share of near-copies."""
    new: float | None
    """Share of mentions by new accounts; None where hardly any age is known."""
    is_coordinated: bool
    reaches_far: bool
    crowd: float
    """As many mentions as its people would make by the habits of this monitor; never more than there are."""


def voices(narrative: Narrative, episode: Episode, norms: Norms) -> Voices:
    """Of an episode of a narrative, by what is usual in its monitor."""
    tally, mentions = narrative.tally, episode.mentions
    authors = authors_of(episode)
    usual_authors = norms.authors(mentions)
    few = mentions >= _ENOUGH and authors < 0.5 * (usual_authors or 2 * mentions / 3)
    copies = tally.near_duplicates / max(1, tally.mentions)
    new = tally.new_accounts / tally.known_ages if tally.known_ages >= _ENOUGH_AGES else None
    copied = copies >= max(_MUCH, 2 * (norms.copies or 0.0))
    waves = (norms.waves or 0.0) * tally.mentions
    channels, languages = (len(spoken(counts, 2)) for counts in (tally.channels, tally.languages))
    each = 1.0 if few else max(2.0, 2 * mentions / max(1.0, usual_authors or float(mentions)))
    crowd = min(float(mentions), each * authors)
    if new is not None and new >= max(_MUCH, 3 * (norms.new_accounts or 0.0)):
        crowd *= 1 - 0.5 * (new - (norms.new_accounts or 0.0))
    return Voices(
        mentions=mentions,
        authors=authors,
        few=few,
        usual_authors=usual_authors,
        copies=copies,
        new=new,
        is_coordinated=narrative.synchronous >= max(2.0, 3 * waves) or (few and copied),
        reaches_far=tally.most_followers >= WIDE_FOLLOWERS
        or languages >= WIDE_PLACES
        or (channels >= WIDE_PLACES and channels > (norms.channels or 0.0)),
        crowd=crowd,
    )


def score(level: int, claim: float, denied: float, heard: Voices) -> float:
    """How pressing: by level .3, .47, .6, .7, .77, .82 and on; more with a claim, less where it is denied.

    A judgement, in the terms of `alerting/severity.py`, and not a fit.

    Args:
        level: From 1.
        claim: The probability that a known claim is repeated, 0 without one.
        denied: The share of mentions that deny it.
        heard: Who is behind it.
    """
    growth = 1 - 0.7 * 2 ** (-(level - 1) / 2.5)
    most = 1.0
    if heard.is_coordinated and not claim and not heard.reaches_far:
        most = CHORUS_AT_MOST
    if heard.authors < FEW:
        most = FEW_AT_MOST
    return round(min(most, (growth + 0.1 * claim) * (1 - 0.5 * denied)), 3)


def signals(narrative: Narrative, heard: Voices, norms: Norms, wordings: int) -> tuple[Signal, ...]:
    """The five of them, always in this order."""
    return (
        _authors(narrative, heard),
        _near_duplicates(heard, norms),
        _new_accounts(narrative, norms),
        _synchrony(narrative, norms),
        _spread(narrative, norms, wordings),
    )


def authors_of(episode: Episode) -> int:
    """Those of the window before an episode may be among them, but there are never more than mentions."""
    return min(episode.mentions, distinct.count_in(episode.author_hashes))


def spoken(counts: dict[str, int], least: int) -> list[str]:
    """The channels or languages with at least so many mentions."""
    return [name for name, count in counts.items() if count >= least]


def _authors(narrative: Narrative, heard: Voices) -> Signal:
    mentions = max(1, heard.mentions)
    text = f"{counted(heard.authors, 'author')} wrote {counted(heard.mentions, 'mention')}"
    if heard.few and heard.authors > 3:
        text += f", three of them {100 * narrative.tally.share_of_top_authors(3):.0f} % of it"
    usual = None
    if heard.usual_authors is not None:
        usual = min(1.0, heard.usual_authors / mentions)
        same = round(heard.usual_authors) == heard.authors
        text += ", as is usual for so many" if same else f"; usually {heard.usual_authors:.0f} write so many"
    return Signal(name="authors", value=min(1.0, heard.authors / mentions), usual=usual, text=text)


def _near_duplicates(heard: Voices, norms: Norms) -> Signal:
    text = f"{100 * heard.copies:.0f} % are near-copies of another{_usually(norms.copies)}"
    return Signal(name="near-duplicates", value=heard.copies, usual=norms.copies, text=text)


def _new_accounts(narrative: Narrative, norms: Norms) -> Signal:
    tally = narrative.tally
    if not tally.known_ages:
        text = "how old the accounts are is not known"
        return Signal(name="new accounts", value=0.0, usual=norms.new_accounts, text=text)
    new = tally.new_accounts / tally.known_ages
    text = f"{100 * new:.0f} % by accounts under 30 days old{_usually(norms.new_accounts)}"
    if tally.known_ages < tally.mentions:
        text += f"; the age is known of {tally.known_ages:,} of {tally.mentions:,}"
    return Signal(name="new accounts", value=new, usual=norms.new_accounts, text=text)


def _synchrony(narrative: Narrative, norms: Norms) -> Signal:
    times = narrative.synchronous
    usual = None if norms.waves is None else round(norms.waves * narrative.tally.mentions, 2)
    text = "at no time did several accounts post the same text or link within a minute"
    if times:
        often, again = ("once", "") if times == 1 else (f"{times:,} times", ", the same ones each time")
        text = f"{often}, several accounts posted the same text or link within a minute{again}"
    return Signal(name="synchrony", value=float(times), usual=usual, text=text)


def _spread(narrative: Narrative, norms: Norms, wordings: int) -> Signal:
    tally = narrative.tally
    channels, languages = counted(len(tally.channels), "channel"), counted(len(tally.languages), "language")
    text = f"{channels}, {languages}, {counted(wordings, 'wording')}"
    if norms.channels is not None:
        text += f"; usually {counted(round(norms.channels), 'channel')} in {BLOCK} mentions"
    if tally.links:
        text += f"; {100 * tally.share_of_one_link:.0f} % carry the same link{_usually(norms.linked)}"
    return Signal(name="spread", value=float(len(tally.channels)), usual=norms.channels, text=text)


def _usually(usual: float | None) -> str:
    return "" if usual is None else f" (usually {100 * usual:.0f} %)"

"""What makes a rise: the channels, languages, terms, links and accounts that grew more than the rest.

Not the largest: a channel that always makes 80 % makes no rise. What counts is the excess, the mentions of a part
beyond its usual share of what was heard now.
"""

import math
from collections.abc import Mapping, Sequence
from typing import assert_never

from msgspec import Struct

from detectors.detection import Dimension, Share
from detectors.links import host_of
from detectors.volume.mix import DIMENSIONS, Mix
from detectors.volume.tally import Parts, Tally
from detectors.volume.terms import joined

_MOST = 4
_LEAST_EXCESS = 0.1
"""Of all mentions: what is less explains nothing."""
_LEAST_READ = 3
_SAME_PAGE = 0.7
_TELLING = 6
"""Letters from which a word is taken for one that says what it is about, rather than for grammar."""


class _Grown(Struct, frozen=True):
    """One part of what was heard that is more of it than usually."""

    mentions: int
    """With two digits that count where they were estimated from a sample."""
    usual: float | None
    """Which part of the mentions it usually is, in [0, 1]; None where nothing is known."""
    excess: float


def shares(tallies: Sequence[Tally], parts: Sequence[Parts], mix: Mix, usual: float) -> tuple[Share, ...]:
    """At most four of each dimension, those that grew most first.

    Args:
        tallies: The bins of the rise.
        parts: Of each of them.
        mix: What is usual.
        usual: How many mentions are usual in those bins.
    """
    return tuple(
        Share(
            dimension=dimension,
            name=name,
            mentions=part.mentions,
            usual=None if part.usual is None else round(part.usual * usual, 2),
        )
        for dimension in DIMENSIONS
        for name, part in _most_grown(dimension, tallies, parts, mix)
    )


def rounded(estimate: float) -> int:
    """With two digits that count: an estimate should not look exact."""
    whole = round(estimate)
    return round(whole, min(2 - len(str(whole)), 0))


def _most_grown(
    dimension: Dimension, tallies: Sequence[Tally], parts: Sequence[Parts], mix: Mix
) -> list[tuple[str, _Grown]]:
    counts, read = _counts(dimension, tallies, parts)
    # For how many mentions each of those stands that were read.
    scales = [tally.mentions / of if of else 0.0 for tally, of in zip(tallies, read, strict=True)]
    seen, wrote = _sum(counts, [1.0] * len(counts)), _sum(counts, scales)
    spread = _sum(counts, [scale * scale for scale in scales])
    total = sum(tally.mentions for tally in tallies)
    spread_of_all = sum(scale * scale * of for scale, of in zip(scales, read, strict=True))
    names = [name for name, count in seen.items() if count >= _LEAST_READ]
    usual = mix.usual_parts(dimension, names)
    grown: dict[str, _Grown] = {}
    for name in names:
        part = None if usual is None else usual[name]
        excess = wrote[name] - (part or 0.0) * total
        chance = _chance(part or 0.0, spread_of_all, spread[name] / wrote[name])
        if excess >= max(_LEAST_EXCESS * total, chance):
            mentions = round(wrote[name]) if sum(read) == total else rounded(wrote[name])
            grown[name] = _Grown(mentions, part, excess)
    ordered = sorted(grown, key=lambda name: (-grown[name].excess * _telling(dimension, name), name))
    if dimension == "term":
        return _words(ordered[: 4 * _MOST], grown)[:_MOST]
    if dimension == "link":
        ordered = _each_page_once(ordered, grown)
    return [(name, grown[name]) for name in ordered[:_MOST]]


def _counts(
    dimension: Dimension, tallies: Sequence[Tally], parts: Sequence[Parts]
) -> tuple[list[dict[str, int]], list[int]]:
    """Of each bin the counts, and in how many mentions they were counted."""
    mentions, read = [tally.mentions for tally in tallies], [each.read for each in parts]
    match dimension:
        case "channel":
            return [tally.channels for tally in tallies], mentions
        case "language":
            return [tally.languages for tally in tallies], mentions
        case "term":
            return [each.terms for each in parts], read
        case "link":
            return [each.links for each in parts], read
        case "author":
            return [each.accounts for each in parts], read
        case _:
            assert_never(dimension)


def _sum(counts: Sequence[dict[str, int]], scales: Sequence[float]) -> dict[str, float]:
    total: dict[str, float] = {}
    for each, scale in zip(counts, scales, strict=True):
        for name, count in each.items():
            total[name] = total.get(name, 0.0) + count * scale
    return total


def _chance(usual: float, spread: float, scale: float) -> float:
    """An excess that may be chance: three deviations, for many words are looked at.

    Args:
        usual: Which part of the mentions it usually is.
        spread: The sum over all that were read of the square of the mentions for which each stands.
        scale: For how many mentions one of its own stands.
    """
    return 3 * math.sqrt(usual * (1 - usual) * spread + scale * scale)


def _telling(dimension: Dimension, name: str) -> float:
    """Below 1 for short words: in a language that is new to a monitor, its grammar has grown as well."""
    if dimension != "term" or not name.isalpha() or not _is_alphabetic(name):
        return 1.0
    return min(len(name) / _TELLING, 1.0)


def _is_alphabetic(name: str) -> bool:
    """Whether a letter stands for a sound, and not for a syllable or a word: as of Hangul, kana and Han."""
    return all(letter < "\u1100" or "\u1200" <= letter < "\u2e80" for letter in name)


def _words(ordered: Sequence[str], grown: Mapping[str, _Grown]) -> list[tuple[str, _Grown]]:
    """With pairs of letters joined to words, which keep the numbers of the first pair."""
    found = joined({name: grown[name].mentions for name in ordered})
    named = [(name, grown.get(name) or grown[name[:2]]) for name in found]
    return sorted(named, key=lambda each: (-each[1].excess * _telling("term", each[0]), each[0]))


def _each_page_once(ordered: Sequence[str], grown: Mapping[str, _Grown]) -> list[str]:
    """Of a site and its page the page where most of the links lead there, else the site."""
    shown: list[str] = []
    for name in ordered:
        host = host_of(name)
        if name == host:
            pages = [page for page in ordered if page != host and host_of(page) == host]
            page = max(pages, key=lambda each: grown[each].mentions, default=None)
            is_page = page is not None and grown[page].mentions >= _SAME_PAGE * grown[host].mentions
            shown.append(page if page is not None and is_page else host)
        elif host not in grown:
            shown.append(name)
    return list(dict.fromkeys(shown))

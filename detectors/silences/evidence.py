"""That nothing comes, in the words and numbers with which an engineer starts to look why."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from detectors.detection import Evidence, Point, Share
from detectors.rendering import spanned
from detectors.silences.channels import Channel
from detectors.silences.rhythm import Rhythm
from detectors.volume.bins import BIN_SECONDS, BINS_PER_DAY, hour_of_week, start_of
from detectors.volume.quiet import EmptyRun

POINTS = 20
"""Bins that are shown."""

_SHARES = 4
_PROVISIONAL = 14 * BINS_PER_DAY


def of_all(
    number: int, run: EmptyRun, recent: Sequence[int], rhythm: Rhythm, channels: Sequence[Channel], timezone: ZoneInfo
) -> Evidence:
    """For a monitor that hears nothing, as of the closed bin `number`; `recent` are the newest counts, its own last."""
    busiest = sorted(channels, key=lambda channel: (-channel.weight(number), channel.name))
    return Evidence(
        summary=f"Nothing has been heard for {_length(run)}, where {_mentions(run.missing)} are usual.",
        mentions=0,
        usual=round(run.missing, 2),
        since=_since(number, run),
        timeline=_timeline(number, recent, rhythm, timezone),
        shares=tuple(_share(channel, run.missing * channel.share) for channel in busiest[:_SHARES]),
        channels=tuple(channel.name for channel in busiest),
        counterfactual=_counterfactual(run),
        unknown=tuple(_unknown(rhythm)),
    )


def of_channel(number: int, channel: Channel, rhythm: Rhythm) -> Evidence:
    """For one channel that says nothing while others do, as of the closed bin `number`."""
    missing = channel.run.missing
    return Evidence(
        summary=(
            f"A channel that always speaks has been silent for {_length(channel.run)} while others go on, where "
            f"{_mentions(missing)} are usual."
        ),
        mentions=0,
        usual=round(missing, 2),
        since=_since(number, channel.run),
        shares=(_share(channel, missing),),
        channels=(channel.name,),
        counterfactual=_counterfactual(channel.run),
        unknown=tuple(_unknown(rhythm)),
    )


def _since(number: int, run: EmptyRun) -> datetime:
    return start_of(number + 1 - run.bins)


def _length(run: EmptyRun) -> str:
    return spanned(run.bins * timedelta(seconds=BIN_SECONDS))


def _mentions(count: float) -> str:
    return f"{count:,.0f} mentions"


def _share(channel: Channel, usual: float) -> Share:
    return Share(dimension="channel", name=channel.name, mentions=0, usual=round(usual, 2))


def _timeline(number: int, recent: Sequence[int], rhythm: Rhythm, timezone: ZoneInfo) -> tuple[Point, ...]:
    first = number + 1 - len(recent)
    return tuple(
        Point(
            at=start_of(first + index),
            observed=float(count),
            expected=round(rhythm.expected(hour_of_week(first + index, timezone)), 2),
        )
        for index, count in enumerate(recent)
    )


def _counterfactual(run: EmptyRun) -> str:
    longest = f"the longest silence lately lacked {run.longest:,.0f}"
    return f"One mention would have kept it quiet, and so would fewer than {run.least:,.0f} missing; {longest}."


def _unknown(rhythm: Rhythm) -> Iterable[str]:
    yield "Why nothing comes: it may be the source, its credentials, the query, or a holiday."
    yield "Whether anything was said meanwhile: groundswell works, and was given nothing."
    if rhythm.learned < _PROVISIONAL:
        days = rhythm.learned // BINS_PER_DAY
        yield f"What is usual is provisional: it has been learned for {days} days only."

"""From the moment at which a mention is sent until the notification that follows from it is delivered.

Many quiet monitors with a day of history see one burst each, all in one record, while another monitor hears a steady
stream whose texts are all encoded. Each monitor tells a Slack receiver of its own, so that Slack's limit of one message
a second is not what is measured.

`volume_spike` judges a bin of five minutes once the watermark, 30 s behind, has come to it: what begins in the first
30 s of a bin waits for that. So bursts are placed in both parts of a bin, and told of apart. Event times lie a little
behind the clock, so that the bin begins when the benchmark wants it to.
"""

import re
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import perf_counter, sleep
from typing import Any

from alerting.alert import Reason
from detectors.mention import Mention
from streams import records
from streams.encoding.encoder import open_encoder
from streams.records import Tick
from streams.settings.loading import load
from tests.benchmarks import made_up
from tests.benchmarks.bench_place import NARRATIVE, VOLUME_SPIKE, Place, Reader
from tests.benchmarks.bursts import BIN, BURST, WAITING, Burst, feed_history, send_bursts, word_of
from tests.benchmarks.figures import AtMost, Figure, percentile
from tests.fake_slack import CHANNEL, TOKEN, FakeSlack, in_thread
from tests.live import Live, running

GROUP = "latency"
APART = timedelta(seconds=2)
MOST_LOAD = 1000.0


class TimedSlack(FakeSlack):
    """Notes when each story was first posted."""

    def __init__(self) -> None:
        super().__init__()
        self.posted_at: dict[str, datetime] = {}

    def _post(self, arguments: dict[str, Any]) -> dict[str, Any]:
        self.posted_at.setdefault(arguments["metadata"]["event_payload"]["story"], datetime.now(UTC))
        return super()._post(arguments)


def measure(place: Place) -> list[Figure]:
    phases = _phases(place)
    monitors = [f"spike-{number}" for number in range(len(phases))]
    with in_thread(TimedSlack()) as slack:
        slack.messages = {_channel(name): [] for name in monitors}
        config = _config(place, monitors, slack.base_url)
        half = min(MOST_LOAD, 0.5 * _encoder_rate(config, place))
        load_a_second = max(1.0, half - BURST / APART.total_seconds())
        with running(config, config.parent, {"SLACK_BOT_TOKEN": TOKEN}) as live:
            for stage in ("match", "detect", "notify"):
                live.start(stage)
            for worker in live.workers:
                worker.wait_until_ready(120)
            feed_history(live, monitors)
            with Reader(live, live.topics.notifications) as reader, _terminal(config.parent / "told.txt") as shown_at:
                bursts = send_bursts(live, dict(zip(monitors, phases, strict=True)), load_a_second, place)
                _wait_until_told(slack, shown_at, bursts)
                _note(bursts, reader, slack, shown_at)
            _say_ages(live, place)
    return _figures(bursts, load_a_second)


def _phases(place: Place) -> list[timedelta]:
    """Seconds after the beginning of a bin, ascending: in its first 30 s (not where it must be quick), and after."""
    waiting = place.pick(14, 0, 0)
    early = [timedelta(seconds=1) + APART * number for number in range(waiting)]
    return early + [WAITING + timedelta(seconds=2) + APART * number for number in range(place.pick(45, 20, 2))]


def _config(place: Place, monitors: Sequence[str], slack: str) -> Path:
    file = place.folder / "latency" / "told.txt"
    watched = {name: (word_of(name), VOLUME_SPIKE) for name in monitors}
    receivers = [
        *(f"{{name: slack-{name}, type: slack, channel: {_channel(name)}, base_url: '{slack}'}}" for name in monitors),
        f"{{name: terminal, type: terminal, file: '{file}'}}",
    ]
    routes = [
        *(f"{{monitors: [{name}], receivers: [slack-{name}, terminal], update_every: 10m}}" for name in monitors),
        "{receivers: [terminal], update_every: 10m}",
    ]
    return place.config(
        "latency",
        {"background": ("census", NARRATIVE), **watched},
        partitions=4,
        receivers=receivers,
        routes=routes,
    )


def _channel(monitor: str) -> str:
    return CHANNEL + monitor.removeprefix("spike-")


def _encoder_rate(config: Path, place: Place) -> float:
    """Texts a second, alone: what bounds `match`, which is the slowest stage where everything matches."""
    encoder = open_encoder(load(config).encoder)
    count = place.pick(2048, 1024, 64)
    mentions = [
        Mention(id=str(number), channel="x", at=made_up.BEGIN, text=made_up.text(-number), lang="en")
        for number in range(1, 2 * count + 1)
    ]
    encoder.encode(mentions[:count])
    started = perf_counter()
    encoder.encode(mentions[count:])
    return count / (perf_counter() - started)


def _wait_until_told(slack: TimedSlack, shown_at: Mapping[str, datetime], bursts: Sequence[Burst]) -> None:
    """At most 30 s more: what is not told then is told of as missing."""
    for _ in range(300):
        if len(slack.posted_at) >= len(bursts) and len(shown_at) >= len(bursts):
            return
        sleep(0.1)


def _note(bursts: Sequence[Burst], reader: Reader, slack: TimedSlack, shown_at: Mapping[str, datetime]) -> None:
    of = {burst.monitor: burst for burst in bursts}
    for written in reader.news():
        told = records.notified(written.value)
        if isinstance(told, Tick) or told.reason is not Reason.FIRST or told.story.monitor not in of:
            continue
        burst = of[told.story.monitor]
        if burst.decided_at is None:
            burst.decided_at = datetime.fromtimestamp(written.at, UTC)
            burst.slack_at = slack.posted_at.get(told.story.id)
            burst.terminal_at = shown_at.get(told.story.id)


def _say_ages(live: Live, place: Place) -> None:
    """Where the time goes: how old mentions are when each stage is done with them, the history included."""
    for worker in live.workers:
        metrics = worker.metrics()
        buckets = [name for name in metrics if name.startswith("groundswell_mention_age_seconds_bucket")]
        counts = ", ".join(f"{int(metrics[name]):,} below {name.split(':')[1]}" for name in buckets if metrics[name])
        place.say(f"age of mentions after {worker.stage}, in seconds: {counts or 'none'}")


def _figures(bursts: Sequence[Burst], load_a_second: float) -> list[Figure]:
    waiting = [burst for burst in bursts if burst.phase < WAITING]
    at_once = [burst for burst in bursts if burst.phase >= WAITING]
    told = [burst for burst in bursts if burst.slack_at is not None]
    load = (
        f"over {load_a_second:,.0f} mentions/s, all encoded: with the bursts half of what the encoder alone takes "
        f"(at most {MOST_LOAD:,.0f})"
    )
    how = f"{len(at_once)} bursts of {BURST} mentions after the first 30 s of a bin, {load}"
    figures = [
        Figure(
            group=GROUP,
            name="bursts that were told of",
            samples=(100 * len(told) / len(bursts),),
            unit="%",
            how=f"{len(told)} of {len(bursts)}",
        ),
        *_percentiles("Slack", [_seconds(each, each.slack_at) for each in at_once], None, AtMost(2.0), how),
        *_percentiles("terminal", [_seconds(each, each.terminal_at) for each in at_once], None, None, how),
        *_percentiles("until decided", [_seconds(each, each.decided_at) for each in at_once], None, None, how),
    ]
    if waiting:
        share = WAITING / BIN
        weights = [share / len(waiting)] * len(waiting) + [(1 - share) / len(at_once)] * len(at_once)
        everywhere = f"as above, and {len(waiting)} in the first 30 s, which count for a tenth; {load}"
        seconds = [_seconds(each, each.slack_at) for each in (*waiting, *at_once)]
        figures += _percentiles("Slack, anywhere in a bin", seconds, weights, None, everywhere)
    return figures


def _percentiles(
    name: str, seconds: Sequence[float], weights: Sequence[float] | None, goal: AtMost | None, how: str
) -> list[Figure]:
    p50, p99 = percentile(seconds, 0.5, weights), percentile(seconds, 0.99, weights)
    return [
        Figure(group=GROUP, name=f"sent -> {name}, p50", samples=(p50,), unit="s", how=how),
        Figure(group=GROUP, name=f"sent -> {name}, p99", samples=(p99,), unit="s", goal=goal, how=how),
    ]


def _seconds(burst: Burst, heard_of: datetime | None) -> float:
    """Infinite for what was never told."""
    return float("inf") if heard_of is None else (heard_of - burst.sent_at).total_seconds()


@contextmanager
def _terminal(file: Path) -> Iterator[Mapping[str, datetime]]:
    """When each story was first shown in a file, by its id."""
    shown_at: dict[str, datetime] = {}
    is_over = threading.Event()

    def follow() -> None:
        read = 0
        while not is_over.wait(0.005):
            if file.exists() and file.stat().st_size > read:
                news = file.read_bytes()[read:]
                read += len(news)
                for story in re.findall(rb"story ([0-9a-f]{16})", news):
                    shown_at.setdefault(story.decode(), datetime.now(UTC))

    thread = threading.Thread(target=follow, daemon=True)
    thread.start()
    try:
        yield shown_at
    finally:
        is_over.set()
        thread.join(5)

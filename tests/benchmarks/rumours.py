"""What the newsroom would have been told of eight real events, one by one: when, of how much, and with which stance.

    python -m tests.benchmarks.rumours --bench FOLDER [--models FOLDER]

FOLDER holds `rumours`. The product's own backtest runs `tests/streams/newsroom.yaml`, its narratives only. For each
narrative that was told: the minutes from the first mention of the event, and of the thread that most of the narrative
was from until then, to the moment at which a person could know; what of it is labelled as denial or query, replies to
its mentions included; and whether what was told of that is so: "being debunked" where most deny, "being questioned"
where most deny or ask, and neither elsewhere. A monitor tells nothing in the first day after a month of silence.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path

import click
from msgspec import Struct, structs
from rich.console import Console
from rich.table import Table
from rich.text import Text

from alerting.alert import Alert
from detectors.detection import Effect
from detectors.narrative import NarrativeDetector
from detectors.narratives.clustering.gathering import Placed
from streams.backtest.known import Known
from streams.backtest.run import Report
from streams.ingesting import Recording
from streams.narratives.survey import only_narratives
from streams.settings.loading import base_folder, load
from streams.stages.starting import backtest_with
from tests.benchmarks.bench_place import Place
from tests.benchmarks.figures import AtMost, Figure

NEWSROOM = Path(__file__).parents[1] / "streams" / "newsroom.yaml"
_HEADLINE = 48
_STANCES = {Effect.BEING_DEBUNKED: "debunked", Effect.BEING_QUESTIONED: "questioned"}


class Said(Struct, frozen=True):
    """A labelled mention."""

    at: datetime
    event: str
    thread: str
    stance: str
    answers: str | None


class Told(Struct, frozen=True, kw_only=True):
    """A narrative that was told."""

    alert: Alert
    event: str
    after_event: timedelta
    """From the first mention of the event."""
    after_thread: timedelta
    """From the first mention of the thread that most of the narrative was from until then."""
    members: int
    """Its mentions, and the replies to them that are none."""
    denying: int
    asking: int
    was_told: frozenset[str]
    """What was said of its stance while it was told."""

    @property
    def is_right(self) -> bool:
        """Whether what was said of its stance is so."""
        debunked = self.denying > self.members / 2
        questioned = self.denying + self.asking > self.members / 2
        if "debunked" in self.was_told and not debunked:
            return False
        if "questioned" in self.was_told and not questioned:
            return False
        return bool(self.was_told) or not questioned


@click.command()
@click.option("--bench", type=click.Path(exists=True, file_okay=False, path_type=Path), required=True)
@click.option("--models", type=click.Path(file_okay=False, path_type=Path), default=Path(".groundswell/models"))
def main(bench: Path, models: Path) -> None:
    """Print the table."""
    said = read_all(bench / "rumours")
    told = tell(bench / "rumours" / "mentions.jsonl", said, models)
    console = Console(width=170)
    for event, count in Counter(each.event for each in said.values()).most_common():
        of_event = [each for each in told if each.event == event]
        console.print(_table(event, count, of_event) if of_event else f"{event}: {count:,} mentions, nothing told")
    console.print(_summary(said, told))


def measure(place: Place) -> list[Figure]:
    """Nothing where no labelled data is given."""
    if place.bench is None:
        place.say("skipped: --bench does not name a folder with rumours/")
        return []
    said = read_all(place.bench / "rumours")
    most = 300 if place.size == "tiny" else None
    told = tell(place.bench / "rumours" / "mentions.jsonl", said, place.models, most)
    events = {each.event for each in said.values()}
    first = [min(each.after_event for each in told if each.event == event) for event in {each.event for each in told}]
    how = f"newsroom.yaml over rumours/: {len(told)} alerts of {len(said):,} mentions of {len(events)} events"

    def figure(name: str, samples: Sequence[float], unit: str, goal: AtMost | None = None) -> Figure:
        return Figure(group="rumours", name=name, samples=tuple(samples), unit=unit, goal=goal, how=how)

    return [
        figure("events told", [len(first)], ""),
        figure("first alert after the first mention", [_minutes(each) for each in first] or [0.0], "min"),
        figure("stance told wrongly", [sum(bool(each.was_told) and not each.is_right for each in told)], "", AtMost(1)),
        figure(
            "most deny or ask, and not told so", [sum(not each.was_told and not each.is_right for each in told)], ""
        ),
    ]


def read_all(rumours: Path) -> dict[str, Said]:
    """Every mention by its id."""
    labels = {label["id"]: label for label in map(json.loads, (rumours / "labels.jsonl").read_bytes().splitlines())}
    said = {}
    for mention in map(json.loads, (rumours / "mentions.jsonl").read_bytes().splitlines()):
        label = labels[mention["id"]]
        at = datetime.fromisoformat(mention["at"])
        said[mention["id"]] = Said(at, label["event"], label["thread"], label["stance"], mention.get("in_reply_to"))
    return said


def tell(recording: Path, said: Mapping[str, Said], models: Path, most: int | None = None) -> list[Told]:
    """Every narrative that the newsroom is told of, once for each monitor, by event and time; of `most` lines."""
    config = only_narratives(load(NEWSROOM), NEWSROOM)
    config = structs.replace(config, encoder=structs.replace(config.encoder, cache=str(models.resolve())))
    backtest = backtest_with(config, base_folder(NEWSROOM))
    followers = {
        monitor: _Follower(detector)
        for monitor, pipeline in backtest.pipelines.items()
        for detector in pipeline.detectors
        if isinstance(detector, NarrativeDetector)
    }
    report = backtest.run(islice(Recording(recording), most))
    answers = defaultdict(set)
    for mention, each in said.items():
        answers[each.answers].add(mention)
    found = []
    for (monitor, subject), firings in _by_narrative(report).items():
        mentions = followers[monitor].members(subject)
        found.append(_told(firings, mentions, mentions.union(*(answers[mention] for mention in mentions)), said))
    return sorted(found, key=lambda each: (each.event, each.after_event, each.alert.fingerprint))


class _Follower:
    """Which mentions a monitor's narratives hold, or held before they became part of others."""

    def __init__(self, detector: NarrativeDetector) -> None:
        self._detector = detector
        self._wordings: dict[str, str] = {}
        self._homes: dict[str, set[str]] = defaultdict(set)
        detector.follow = self._note

    def members(self, narrative: str) -> set[str]:
        self._look()
        return {mention for mention, wording in self._wordings.items() if narrative in self._homes[wording]}

    def _note(self, mention: str, placed: Placed) -> None:
        if placed.narrative is not None and placed.wording is not None:
            self._wordings[mention] = placed.wording.id
            self._homes[placed.wording.id].add(placed.narrative.id)

    def _look(self) -> None:
        for name, wording in self._detector.state.wordings.items():
            self._homes[name].add(wording.narrative)


def _by_narrative(report: Report) -> Mapping[tuple[str, str], list[Known]]:
    """The firings of each narrative, by monitor and id."""
    firings = defaultdict(list)
    for known in report.known:
        if known.alert.subject and not known.is_for_operations:
            firings[known.alert.monitor, known.alert.subject].append(known)
    return firings


def _told(firings: Sequence[Known], mentions: set[str], talk: set[str], said: Mapping[str, Said]) -> Told:
    """Of the firings of one narrative.

    Args:
        firings: At least one.
        mentions: Those in the narrative; at least one.
        talk: These, and what answers them.
        said: All mentions.
    """
    known_at = min(known.known_at for known in firings)
    # What came later may be mostly from other threads.
    until_then = [said[mention] for mention in mentions if said[mention].at <= known_at] or [said[min(mentions)]]
    event = _most_common(each.event for each in until_then)
    thread = _most_common(each.thread for each in until_then)
    stances = Counter(said[mention].stance for mention in talk)
    return Told(
        alert=max(firings, key=lambda known: known.alert.last_at).alert,
        event=event,
        after_event=known_at - min(each.at for each in said.values() if each.event == event),
        after_thread=known_at - min(each.at for each in said.values() if each.thread == thread),
        members=len(talk),
        denying=stances["deny"],
        asking=stances["query"],
        was_told=frozenset(
            word for known in firings for effect, word in _STANCES.items() if effect in known.alert.effects
        ),
    )


def _most_common(values: Iterable[str]) -> str:
    """The first of them in the alphabet where several are."""
    return min(Counter(values).items(), key=lambda each: (-each[1], each[0]))[0]


def _table(event: str, mentions: int, told: Sequence[Told]) -> Table:
    table = Table(title=f"{event}: {mentions:,} mentions, {len(told)} narratives told", title_justify="left")
    table.add_column("monitor")
    table.add_column("first of its mentions")
    table.add_column("kind")
    for column in ("mentions", "authors", "min after event", "after thread", "deny", "ask", "of"):
        table.add_column(column, justify="right")
    table.add_column("stance told")
    for each in told:
        alert = each.alert
        table.add_row(
            alert.monitor,
            Text(_headline(alert)),
            alert.kind + (" (became part of another)" if alert.successor is not None else ""),
            str(alert.evidence.mentions),
            str(alert.evidence.authors),
            f"{_minutes(each.after_event):,.0f}",
            f"{_minutes(each.after_thread):,.0f}",
            str(each.denying),
            str(each.asking),
            str(each.members),
            f"{' and '.join(sorted(each.was_told)) or 'neither'}: {'right' if each.is_right else 'wrong'}",
        )
    return table


def _headline(alert: Alert) -> str:
    texts = [exemplar.text for exemplar in alert.evidence.exemplars] or [""]
    text = " ".join(texts[0].split())
    return text if len(text) <= _HEADLINE else text[: _HEADLINE - 1] + "…"


def _summary(said: Mapping[str, Said], told: Sequence[Told]) -> str:
    events = {each.event for each in said.values()}
    right = sum(each.is_right for each in told)
    return (
        f"{len(told)} narratives told, of {len({each.event for each in told})} of {len(events)} events; "
        f"their stance told rightly of {right}"
    )


def _minutes(duration: timedelta) -> float:
    return duration / timedelta(minutes=1)


if __name__ == "__main__":
    main()

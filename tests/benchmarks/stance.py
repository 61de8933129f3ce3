"""How well stances are read: by event on labelled replies, on debunks in six languages, and on ordinary talk.

    python -m tests.benchmarks.stance --bench FOLDER

FOLDER holds `rumours` and, for the false alarms, `languages`. Nothing is fitted, so that every event is judged alike;
the phrases were chosen with a look at these replies, though, and on other events a little less is to be expected. The
labels count any question as a query and hostile answers as denials: precision and recall are as hard as that makes it.
"""

import json
import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from time import process_time
from typing import Literal

import click
from msgspec import Struct

from detectors.narratives.clustering.lexical import cleaned
from detectors.narratives.stance.of_talk import Talk, stance_of
from detectors.narratives.stance.reading import Stance, stance
from tests.benchmarks.bench_place import Place
from tests.benchmarks.debunks import DEBUNKS
from tests.benchmarks.figures import AtLeast, AtMost, Figure

_LABELS: dict[Stance, str] = {"denies": "deny", "asks": "query"}
_MIXES = ((0.08, 0.14), (0.3, 0.15), (0.45, 0.1), (0.7, 0.1), (0.9, 0.05), (0.05, 0.4), (0.05, 0.7), (0.05, 0.9))
"""Shares of replies that deny and that ask; the first is as usual."""
_SIZES = ((1, 10), (5, 20), (5, 40))
"""Mentions, which neither deny nor ask, and replies to them."""
_DRAWS = 400


class Reply(Struct, frozen=True):
    """One labelled answer to a post."""

    event: str
    label: str
    read: Stance | None
    thread: str
    is_direct: bool
    """Whether it answers the post that began the thread, and no other reply."""


class Read(Struct, frozen=True):
    """How one stance was read."""

    found: int
    precision: float
    recall: float
    false_alarms: float
    """Share of what is labelled otherwise."""

    def __str__(self) -> str:
        return (
            f"{self.found:4} read, precision {self.precision:.2f}, recall {self.recall:.2f}, "
            f"false alarms {self.false_alarms:.3f}"
        )


@click.command()
@click.option("--bench", type=click.Path(exists=True, file_okay=False, path_type=Path), required=True)
def main(bench: Path) -> None:
    """Print the tables."""
    replies = read_all(bench / "rumours")
    for title, some in (("all replies", replies), ("replies to a post", direct(replies))):
        click.echo(f"\n{title}: {len(some)}")
        for event in ("", *sorted({reply.event for reply in some})):
            of_event = [reply for reply in some if event in ("", reply.event)]
            for said in _LABELS:
                click.echo(f"  {event or 'all':18} {said:7} {read_as(of_event, said)}")
    click.echo("\ndebunks, each in other words, not looked at when the phrases were chosen: read as denying")
    for language, (read, count) in debunks().items():
        click.echo(f"  {language}  {read} of {count}")
    if (bench / "languages").is_dir():
        click.echo("\nordinary posts: share read as denying, asking (as posts; as replies)")
        for language, shares in ordinary(bench / "languages").items():
            click.echo(f"  {language}  " + "  ".join(f"{share:.4f}" for share in shares))
    click.echo(
        "\nreplies drawn by chance, with a share that denies and one that asks: told as being debunked, questioned"
    )
    for (mentions, count), (denying, asking), told in told_of_mixes(direct(replies)):
        click.echo(
            f"  {mentions:2} mentions, {count:2} replies, {denying:3.0%} deny, {asking:3.0%} ask: "
            + ", ".join(f"{share:.3f}" for share in told)
        )
    click.echo("\nthreads with replies: told, and their labels")
    for line in told_of_threads(direct(replies)):
        click.echo(f"  {line}")
    click.echo(f"\n{microseconds(bench / 'rumours'):.1f} µs a text")


def measure(place: Place) -> list[Figure]:
    """Nothing where no labelled data is given."""
    if place.bench is None:
        place.say("skipped: --bench does not name a folder with rumours/")
        return []
    replies = direct(read_all(place.bench / "rumours"))
    denying, asking = (read_as(replies, said) for said in _LABELS)
    read, count = (sum(each) for each in zip(*debunks().values(), strict=True))
    wrong = [
        share
        for _, (denies, asks), told in told_of_mixes(replies, place.pick(_DRAWS, _DRAWS, 5))
        for true, share in zip((denies, asks), told, strict=True)
        if true < 0.5
    ]
    how = "replies to a post on rumours/, in which most hostile answers are labelled as denials"

    def figure(name: str, value: float, goal: AtLeast | AtMost | None = None, how: str = how) -> Figure:
        return Figure(group="stance", name=name, samples=(value,), unit="", goal=goal, how=how)

    return [
        figure("precision of denials", denying.precision, AtLeast(0.7)),
        figure("recall of denials", denying.recall),
        figure("precision of questions", asking.precision),
        figure("recall of questions", asking.recall),
        figure("debunks read", read / count, None, f"{count} debunks in {len(DEBUNKS)} languages, not looked at"),
        figure("worst false 'mostly'", max(wrong), AtMost(0.05), "replies drawn by chance, most of which do not do so"),
    ]


def read_all(rumours: Path) -> list[Reply]:
    """Every reply, with its label and as it is read."""
    labels = {label["id"]: label for label in map(json.loads, (rumours / "labels.jsonl").read_bytes().splitlines())}
    replies = []
    for mention in map(json.loads, (rumours / "mentions.jsonl").read_bytes().splitlines()):
        label, parent = labels[mention["id"]], mention.get("in_reply_to")
        if parent:
            read = stance(cleaned(mention["text"]), is_reply=True)
            replies.append(Reply(label["event"], label["stance"], read, label["thread"], parent == label["thread"]))
    return replies


def direct(replies: Sequence[Reply]) -> list[Reply]:
    return [reply for reply in replies if reply.is_direct]


def read_as(replies: Sequence[Reply], said: Stance) -> Read:
    found = [reply for reply in replies if reply.read == said]
    right = sum(reply.label == _LABELS[said] for reply in found)
    labelled = sum(reply.label == _LABELS[said] for reply in replies)
    return Read(
        found=len(found),
        precision=right / max(1, len(found)),
        recall=right / max(1, labelled),
        false_alarms=(len(found) - right) / max(1, len(replies) - labelled),
    )


def debunks() -> dict[str, tuple[int, int]]:
    """By language how many of how many are read as denials."""
    return {
        language: (sum(stance(cleaned(text)) == "denies" for text in texts), len(texts))
        for language, texts in DEBUNKS.items()
    }


def ordinary(languages: Path) -> dict[str, tuple[float, float, float, float]]:
    """By language the shares of posts read as denying and asking, and the same if they were replies."""
    texts: dict[str, list[str]] = defaultdict(list)
    for post in map(json.loads, (languages / "posts.jsonl").read_bytes().splitlines()):
        texts[post["lang"]].append(cleaned(post["text"]))
    return {
        language: (
            _share(some, "denies", is_reply=False),
            _share(some, "asks", is_reply=False),
            _share(some, "denies", is_reply=True),
            _share(some, "asks", is_reply=True),
        )
        for language, some in sorted(texts.items())
    }


def told_of_mixes(
    replies: Sequence[Reply], draws: int = _DRAWS
) -> Iterator[tuple[tuple[int, int], tuple[float, float], tuple[float, float]]]:
    """Sizes, true shares, and how often talk of them was told as being debunked and as being questioned."""
    dice = random.Random(0)
    kinds = {label: [reply for reply in replies if reply.label == label] for label in _LABELS.values()}
    others = [reply for reply in replies if reply.label not in kinds]
    for size in _SIZES:
        for mix in _MIXES:
            weights = (*mix, 1 - sum(mix))
            told = []
            for _ in range(draws):
                drawn = dice.choices((kinds["deny"], kinds["query"], others), weights, k=size[1])
                told.append(_told(size[0], [dice.choice(some) for some in drawn]))
            yield size, mix, (told.count("being_debunked") / draws, told.count("being_questioned") / draws)


def told_of_threads(replies: Sequence[Reply]) -> Iterator[str]:
    """Each thread that would be told as one or the other if nobody else repeated its post."""
    threads: dict[str, list[Reply]] = defaultdict(list)
    for reply in replies:
        threads[reply.thread].append(reply)
    for some in threads.values():
        told = _told(1, some)
        if told is not None:
            shares = [sum(reply.label == label for reply in some) / len(some) for label in _LABELS.values()]
            yield f"{some[0].event}: {told}, {len(some)} replies, {shares[0]:.0%} deny, {shares[1]:.0%} ask"
    yield f"{len(threads)} threads"


def microseconds(rumours: Path) -> float:
    """Of processor time for one text that is cleaned already."""
    texts = [cleaned(json.loads(line)["text"]) for line in (rumours / "mentions.jsonl").read_bytes().splitlines()]
    started = process_time()
    for text in texts:
        stance(text, is_reply=True)
    return (process_time() - started) / len(texts) * 1e6


def _told(mentions: int, replies: Sequence[Reply]) -> Literal["being_debunked", "being_questioned"] | None:
    read = [reply.read for reply in replies]
    talk = Talk(
        mentions=mentions,
        replies=len(replies),
        replies_denying=read.count("denies"),
        replies_asking=read.count("asks"),
    )
    found = stance_of(talk)
    return found.kind if found is not None else None


def _share(texts: Sequence[str], said: Stance, *, is_reply: bool) -> float:
    return sum(stance(text, is_reply=is_reply) == said for text in texts) / len(texts)


if __name__ == "__main__":
    main()

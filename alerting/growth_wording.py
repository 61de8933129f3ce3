"""What makes a rise, and where it came to. Every string that leaves here is literal text (`plain_text.literal`)."""

from collections.abc import Sequence

from alerting.alert import Story
from alerting.language_names import language_name
from alerting.phrases import NAME, name, names, number
from alerting.plain_text import cut, shown_link
from detectors.detection import Audience, Share
from detectors.rendering import counted

_SHARES = 4
_DIMENSIONS = {"channel": "Channels", "language": "Languages", "term": "Words", "link": "Links", "author": "Accounts"}


def growth_heading(story: Story) -> str:
    if story.audience is Audience.OPERATIONS:
        return "What is missing"
    of = story.alerts[0].evidence.shares_of if story.alerts else None
    return "What makes the rise" if of is None else f"What makes the rise, in its newest {counted(of, 'mention')}"


def growth(story: Story) -> tuple[str, ...]:
    """What makes the rise, one line for each dimension: `Channels: reddit 180 (usual 3.2), x 40 (usual 12)`.

    Only where the detector knows what is usual: else the largest would be taken for what grew.
    """
    shares = [share for share in (story.alerts[0].evidence.shares if story.alerts else ()) if share.usual is not None]
    lines = []
    for dimension, label in _DIMENSIONS.items():
        parts = [share for share in shares if share.dimension == dimension][:_SHARES]
        usual = [f" (usual {number(round(share.usual or 0.0, 1))})" for share in parts]
        if len({*usual}) == 1:
            # What is usual for all is said once: mostly it is nothing.
            usual = [*[""] * (len(parts) - 1), usual[0]]
        if parts:
            told = (_share(share) + of for share, of in zip(parts, usual, strict=True))
            lines.append(f"{label}: {', '.join(told)}")
    return tuple(lines)


def reached(news: Sequence[str]) -> str:
    """`Now in the channel youtube and in Japanese too`."""
    channels, languages = (
        [fact.removeprefix(kind) for fact in news if fact.startswith(kind)] for kind in ("channel:", "language:")
    )
    places = [f"in the channel{'s' if len(channels) > 1 else ''} {names(channels)}"] if channels else []
    places += [f"in {names([*map(language_name, languages)])}"] if languages else []
    return f"Now {' and '.join(places)} too" if places else "Spreads"


def _share(share: Share) -> str:
    shown = name(language_name(share.name) if share.dimension == "language" else share.name)
    if share.dimension == "link":
        shown = cut(shown_link(f"https://{share.name}"), NAME)
    return f"{shown} {number(share.mentions)}"

"""A made-up story that shows in Slack what a real one would look like; it says of itself that it is a sample."""

from datetime import UTC, datetime, timedelta
from typing import Literal

from alerting.alert import Alert, Severity, State, Story, fingerprint
from detectors.detection import Effect, Evidence, Exemplar, MatchedClaim, Point, Share, Signal

MONITOR = "sample"
_OBSERVED = (12, 9, 14, 11, 13, 12, 10, 15, 19, 34, 58, 71, 96, 118)
_EXPECTED = 13.0
_BIN = timedelta(minutes=5)


def sample_story(at: datetime) -> Story:
    """A rumour about a bakery that nobody has, as it would stand at `at`."""
    at = at.astimezone(UTC).replace(second=0, microsecond=0)
    started = at - 6 * _BIN
    spike = Alert(
        fingerprint=fingerprint(MONITOR, "volume_spike", ""),
        monitor=MONITOR,
        detector="volume_spike",
        subject="",
        kind="spike",
        state=State.FIRING,
        severity=Severity.WARNING,
        score=0.62,
        level=3,
        effects=(Effect.KNOWN_CLAIM,),
        starts_at=started,
        last_at=at,
        evidence=_evidence(at, started),
    )
    return Story(
        id=f"sample-{at:%Y%m%d-%H%M}",
        monitor=MONITOR,
        organisation="Corner Bakery",
        owner="Press desk",
        headline="This is a sample, nothing happened: Corner Bakery, nine times the usual mentions",
        state=State.FIRING,
        severity=Severity.WARNING,
        starts_at=started,
        updated_at=at,
        alerts=(spike,),
    )


def _evidence(at: datetime, started: datetime) -> Evidence:
    count = len(_OBSERVED)
    return Evidence(
        summary="118 mentions in 5 minutes, where 13 are usual.",
        mentions=396,
        usual=78.0,
        authors=311,
        since=started,
        timeline=tuple(
            Point(at=at - (count - number) * _BIN, observed=seen, expected=_EXPECTED)
            for number, seen in enumerate(_OBSERVED)
        ),
        shares=(
            Share(dimension="channel", name="bluesky", mentions=271, usual=41.0),
            Share(dimension="channel", name="news", mentions=64, usual=12.0),
        ),
        exemplars=(
            _said("first", started, "is it true that #CornerBakery has chalk in its flour??", "ada.example", 210, "en"),
            _said(
                "widest reach", at - 2 * _BIN, "Kreide im Mehl? Da kaufe ich nicht mehr.", "brot.example", 88_000, "de"
            ),
        ),
        channels=("bluesky", "news"),
        languages=("en", "de"),
        claim=MatchedClaim(
            id="sample-chalk",
            claim="Corner Bakery puts chalk into its flour.",
            verdict="No evidence",
            checked_by="Example Fact Check",
            url="https://factcheck.example/chalk",
            probability=0.97,
            certain=True,
            why=("same statement in other words",),
            answer="Our flour is flour, water and salt are all that we add, and every delivery is tested.",
            owner="Press desk",
        ),
        signals=(
            Signal(name="authors", value=0.79, usual=0.8, text="311 accounts wrote it, as spread out as usual"),
            Signal(name="near-duplicates", value=0.11, usual=0.1, text="11 % are near-copies of each other"),
        ),
        counterfactual="It would not have fired below 61 mentions in 5 minutes.",
        unknown=("Whether accounts that are not public say the same.",),
    )


def _said(
    role: Literal["first", "widest reach"], at: datetime, text: str, handle: str, followers: int, language: str
) -> Exemplar:
    return Exemplar(
        role=role,
        mention_id=f"sample:{handle}",
        at=at,
        channel="bluesky",
        text=text,
        language=language,
        handle=handle,
        url=f"https://bsky.example/{handle}/1",
        followers=followers,
    )

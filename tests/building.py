"""Builders for tests: each gives something sensible, and takes what the test is about by keyword.

Times may be given as `"12:03"` (on 2030-04-01, UTC), as ISO 8601, or as a `datetime`.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

from alerting.alert import Alert, Notification, Reason, Severity, State, Story, fingerprint, notification_id
from detectors.detection import Detection, Effect, Evidence, Exemplar, MatchedClaim, Point, Share, Signal
from detectors.mention import Author, Mention

Time = str | datetime
DAY = "2030-04-01"


def time(when: Time) -> datetime:
    """`"12:03"` and `"12:03:20"` are on `DAY`; all are UTC unless they say otherwise."""
    if isinstance(when, str):
        when = datetime.fromisoformat(f"{DAY}T{when}" if len(when) <= 8 else when)
    return when if when.tzinfo else when.replace(tzinfo=UTC)


def mention(text: str = "The census office counts us all.", *, at: Time = "12:00", **changes: Any) -> Mention:
    """A post on bluesky; without an `id` of its own, its id follows from author, time and text."""
    author = changes.pop("author", Author(id="a1b2c3", handle="ada.example", followers=120))
    known = {"channel": "bluesky", "lang": "en", "arrived_at": time(at), "author": author}
    known["id"] = f"{author.id}/{time(at).isoformat()}/{text[:40]}"
    return Mention(at=time(at), text=text, **(known | changes))


def exemplar(text: str = "They will sell the census to insurers!", **changes: Any) -> Exemplar:
    known: dict[str, Any] = {
        "role": "typical",
        "mention_id": "m-1",
        "at": time("12:03"),
        "channel": "bluesky",
        "language": "en",
        "handle": "ada.example",
        "url": "https://bsky.example/profile/ada/post/1",
        "followers": 1200,
    }
    return Exemplar(text=text, **(known | changes))


def claim(**changes: Any) -> MatchedClaim:
    known: dict[str, Any] = {
        "id": "census-sale",
        "claim": "The census office sells answers to insurance companies.",
        "verdict": "No evidence",
        "checked_by": "Example Fact Check",
        "url": "https://factcheck.example/census-sale",
        "probability": 0.97,
        "certain": True,
        "why": ("same statement in other words",),
        "answer": "Answers are confidential by law and are never sold or shared with insurers.",
        "owner": "press@census.example",
    }
    return MatchedClaim(**(known | changes))


def timeline(
    observed: tuple[float, ...] = (12, 14, 11, 13, 19, 44, 71, 118), expected: float = 13.0
) -> tuple[Point, ...]:
    """Bins of five minutes that begin at 11:30."""
    start = time("11:30")
    return tuple(
        Point(at=start + number * timedelta(minutes=5), observed=seen, expected=expected)
        for number, seen in enumerate(observed)
    )


def evidence(summary: str = "118 mentions in 5 minutes, where 13 are usual.", **changes: Any) -> Evidence:
    known: dict[str, Any] = {
        "mentions": 252,
        "usual": 65.0,
        "authors": 204,
        "since": time("11:50"),
        "timeline": timeline(),
        "shares": (Share(dimension="channel", name="bluesky", mentions=190, usual=20.0),),
        "exemplars": (
            exemplar(role="first", at=time("11:51")),
            exemplar(
                "国勢調査の回答が保険会社に売られるらしい。本当なら許せない。",
                role="typical",
                language="ja",
                handle="hanako",
            ),
            exemplar(
                "سمعت أن مكتب التعداد يبيع بياناتنا لشركات التأمين!",
                role="widest reach",
                language="ar",
                followers=88000,
            ),
        ),
        "channels": ("bluesky", "news", "youtube"),
        "languages": ("en", "ja", "ar"),
        "signals": (
            Signal(name="authors", value=0.81, usual=0.8, text="204 accounts wrote it, as spread out as usual"),
            Signal(name="near-duplicates", value=0.12, usual=0.1, text="12 % are near-copies of each other"),
        ),
        "counterfactual": "It would not have fired below 61 mentions in 5 minutes.",
        "unknown": ("Whether accounts that are not public say the same.",),
    }
    return Evidence(summary=summary, **(known | changes))


def detection(**changes: Any) -> Detection:
    known: dict[str, Any] = {
        "detector": "volume_spike",
        "kind": "spike",
        "starts_at": time("11:50"),
        "at": time("12:05"),
        "level": 3,
        "score": 0.82,
        "effects": (Effect.WIDE_REACH,),
    }
    known["evidence"] = changes.pop("evidence", None) or evidence()
    return Detection(**(known | changes))


def alert(**changes: Any) -> Alert:
    """Firing, critical, of `volume_spike` for the monitor `census`; its fingerprint follows from what is given."""
    known: dict[str, Any] = {
        "monitor": "census",
        "detector": "volume_spike",
        "subject": "",
        "kind": "spike",
        "state": State.FIRING,
        "severity": Severity.CRITICAL,
        "score": 0.82,
        "level": 3,
        "effects": (Effect.WIDE_REACH,),
        "starts_at": time("11:50"),
        "last_at": time("12:05"),
        "detections": 3,
    }
    known |= changes
    known.setdefault("evidence", evidence())
    if "fingerprint" not in known:
        known["fingerprint"] = fingerprint(known["monitor"], known["detector"], known["subject"])
    return Alert(**known)


def story(**changes: Any) -> Story:
    """Two alerts, a spike and a narrative that matches a known claim, unless `alerts` says otherwise."""
    narrative = alert(
        detector="narrative",
        subject="n-7f3a",
        kind="growing",
        severity=Severity.WARNING,
        effects=(Effect.KNOWN_CLAIM,),
        evidence=evidence("A narrative grew from 4 to 90 mentions in 15 minutes.", mentions=90, claim=claim()),
    )
    known: dict[str, Any] = {
        "id": "5f0c9ab1d2e34455",
        "monitor": "census",
        "organisation": "Census Office",
        "owner": "press@census.example",
        "headline": "Census Office: nine times the usual mentions, and a known claim spreads",
        "state": State.FIRING,
        "severity": Severity.CRITICAL,
        "starts_at": time("11:50"),
        "updated_at": time("12:05"),
        "alerts": (alert(), narrative),
    }
    return Story(**(known | changes))


def notification(reason: Reason = Reason.FIRST, *, told: int = 0, **changes: Any) -> Notification:
    """The `told`-th telling to the receiver `comms`; further keywords that a story has go to the story."""
    receiver = changes.pop("receiver", "comms")
    at = time(changes.pop("at", "12:05:10"))
    heard_at = time(changes.pop("heard_at", "12:05:09"))
    of = changes.pop("story", None) or story(**changes)
    return Notification(
        id=notification_id(of, receiver, reason, told),
        receiver=receiver,
        story=of,
        reason=reason,
        at=at,
        heard_at=heard_at,
    )

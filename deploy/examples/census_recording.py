"""Writes the example recording beside it: two calm weeks of a census office, then an evening of two false claims.

Run by hand after a change:   python deploy/examples/census_recording.py
The same program gives the same lines: nothing in it asks a clock, and chance comes from a fixed seed. Everything is
invented; links lead to example.org and example.net.
"""

import gzip
import hashlib
import json
import random
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import yaml

HERE = Path(__file__).parent
FILE = HERE / "census.jsonl.gz"
SEED = 20260316

BERLIN = ZoneInfo("Europe/Berlin")
FIRST_DAY = datetime(2026, 3, 2, tzinfo=BERLIN)
CALM_DAYS = 14
RISE = FIRST_DAY + timedelta(days=CALM_DAYS, hours=17, minutes=40)
"""When the first of the two claims appears; the recording ends 3 h 20 min later."""
END = RISE + timedelta(hours=3, minutes=20)
CHORUS = RISE + timedelta(minutes=95)

MATCHED_A_DAY, ELSEWHERE_A_DAY = 170, 46
BY_HOUR = (6, 3, 2, 1, 1, 3, 10, 24, 34, 36, 35, 36, 42, 38, 34, 34, 36, 42, 50, 56, 58, 48, 30, 15)
BY_WEEKDAY = (1.0, 1.02, 1.05, 1.0, 0.95, 0.7, 0.78)

CHANNELS = {"bluesky": 34, "mastodon": 18, "x": 18, "reddit": 12, "facebook": 8, "news": 5, "youtube": 3, "tip": 2}
Line = tuple[datetime, bytes]
"""A line of the recording, and where in time it stands."""


@dataclass(frozen=True)
class Account:
    """Who says things."""

    id: str
    handle: str
    followers: int
    created_at: datetime


class Speech:
    """Fills in sentences, and never gives the same text twice in a row."""

    def __init__(self, bank: Mapping[str, Any], chance: random.Random) -> None:
        self._bank = bank
        self._chance = chance

    def filled(self, sentence: str) -> str:
        """With a word in place of each `{word}`."""

        def word(found: re.Match[str]) -> str:
            return str(self._chance.choice(self._bank["words"][found[1]]))

        text = re.sub(r"\{(\w+)\}", word, sentence)
        return text[:1].upper() + text[1:]

    def dressed(self, sentence: str, often: float = 0.3) -> str:
        """With something before and after it, as often as that."""
        text = self.filled(sentence)
        if self._chance.random() < often / 2:
            text = self._chance.choice(self._bank["openers"]) + text
        if self._chance.random() < often:
            text += self.filled(" " + self._chance.choice(self._bank["closers"]).strip())
        return text


class Recording:
    """Makes all lines."""

    def __init__(self) -> None:
        self._chance = random.Random(SEED)
        self._calm = _sentences("census")
        self._rumours = _sentences("census_rumours")
        self._speech = Speech(self._calm, self._chance)
        self._gossip = Speech(self._rumours, self._chance)
        self._public = [self._account(number, old=True) for number in range(1400)]
        self._crowd = [self._account(number, old=True) for number in range(2000, 2230)]
        self._chorus = [self._account(number, old=False) for number in range(3000, 3009)]
        self._number = 0

    def lines(self) -> list[bytes]:
        """By time; what has no time, or a wrong one, stands where it came."""
        parts = [
            self._calm_days(),
            self._immigration(),
            self._pin(),
            self._rise(),
            self._hostile(),
            self._no_mentions(),
        ]
        return [line for _, line in sorted((line for part in parts for line in part), key=lambda line: line[0])]

    # Two calm weeks, and the last day until evening

    def _calm_days(self) -> Iterator[Line]:
        topics = list(self._calm["calm"].values())
        elsewhere = self._calm["calm_elsewhere"]
        for at in self._moments(MATCHED_A_DAY):
            pick = self._chance.random()
            if pick < 0.02:
                yield self._said(at, self._speech.dressed(self._chance.choice(self._calm["namesakes"])))
            elif pick < 0.10:
                language = self._chance.choices(list(elsewhere), (40, 18, 14, 12, 8, 8))[0]
                yield self._said(at, self._speech.filled(self._chance.choice(elsewhere[language])), lang=language)
            else:
                sentence = self._chance.choice(self._chance.choice(topics))
                yield self._said(at, self._speech.dressed(sentence))
        for at in self._moments(ELSEWHERE_A_DAY):
            yield self._said(
                at, self._speech.dressed(self._chance.choice(self._calm["elsewhere"]), often=0.2), lang=None
            )

    def _moments(self, a_day: int) -> Iterator[datetime]:
        """When people speak: by the hour and the day of the week, and a little as chance will have it."""
        for day in range(CALM_DAYS + 1):
            midnight = FIRST_DAY + timedelta(days=day)
            today = round(a_day * BY_WEEKDAY[midnight.weekday()] * self._chance.uniform(0.94, 1.06))
            for _ in range(today):
                hour = self._chance.choices(range(24), BY_HOUR)[0]
                at = midnight + timedelta(hours=hour, seconds=self._chance.uniform(0, 3600))
                if at < END:
                    yield at

    # The evening

    def _immigration(self) -> Iterator[Line]:
        """The first claim: a crowd."""
        said = self._rumours
        for at in self._rising(430, RISE, END, middle=0.55):
            is_late = at > RISE + timedelta(hours=1, minutes=45)
            pool = said["immigration_late"] if is_late and self._chance.random() < 0.3 else said["immigration"]
            yield self._said(at, self._gossip.dressed(self._chance.choice(pool), 0.7), among=self._crowd, reply=0.2)
        counts = {"de": 34, "es": 24, "fr": 6, "ja": 5, "ar": 5, "hi": 4}
        for language, count in counts.items():
            for at in self._rising(count, RISE + timedelta(minutes=40), END, middle=0.6):
                text = self._chance.choice(said["immigration_elsewhere"][language])
                yield self._said(at, self._gossip.dressed(text, 0.15), lang=language, among=self._crowd)
        for minutes, article in zip((70, 118, 155), said["articles"], strict=True):
            at = RISE + timedelta(minutes=minutes, seconds=11)
            yield self._said(at, article["text"], channel="news", title=article["title"])

    def _pin(self) -> Iterator[Line]:
        """The second claim: a chorus, and a little echo."""
        for wave, sentence in enumerate(self._rumours["pin_chorus"]):
            began = CHORUS + timedelta(minutes=9.3 * wave)
            for account, tail in zip(self._chorus, self._rumours["pin_chorus_tails"], strict=True):
                at = began + timedelta(seconds=self._chance.uniform(0, 25))
                yield self._said(at, sentence + tail, by=account, channel="x")
        for at in self._rising(14, CHORUS + timedelta(minutes=20), END, middle=0.5):
            yield self._said(at, self._gossip.dressed(self._chance.choice(self._rumours["pin_echo"]), 0.3))

    def _rise(self) -> Iterator[Line]:
        for at in self._rising(90, RISE + timedelta(minutes=25), END, middle=0.7):
            yield self._said(at, self._gossip.dressed(self._chance.choice(self._rumours["rise"]), 0.5))

    def _hostile(self) -> Iterator[Line]:
        """Some early, in calm; most of it in the evening, two of them by accounts that many follow."""
        texts = self._rumours["hostile"]
        loud = Account("ff00ff00", "\x1b[31m<!here>evil|acc\u202eount", 260_000, datetime(2019, 5, 4, tzinfo=UTC))
        for number, text in enumerate(texts):
            at = RISE + timedelta(minutes=31 + 12 * number, seconds=number)
            yield self._said(at, text, by=loud if number in (1, 2) else None, link="https://evil.example/\u202elogin")
        yield self._said(RISE - timedelta(days=3), "Census \ud83d letter \u0000 came " + "ha" * 20)
        yield self._said(RISE - timedelta(days=6), "My census essay. " + "Count me in, count me out. " * 1500)
        yield self._said(RISE + timedelta(minutes=44), "Census and immigration, all I know. " + "Data! " * 7000)
        yield self._said(RISE - timedelta(days=2), "\u200b\u200b\u2066census\u2069 \U000e0041\U000e0042")

    def _rising(self, count: int, start: datetime, end: datetime, middle: float) -> Iterator[datetime]:
        """Few at first, most around `middle` of the time, fewer at the end."""
        for _ in range(count):
            yield start + (end - start) * self._chance.triangular(0, 1, middle)

    # Lines

    def _said(
        self,
        at: datetime,
        text: str,
        *,
        lang: str | None = "en",
        channel: str | None = None,
        by: Account | None = None,
        among: Sequence[Account] | None = None,
        title: str | None = None,
        reply: float = 0.08,
        link: str | None = None,
    ) -> Line:
        """One mention. `lang` is what the source says of it, which is often nothing."""
        self._number += 1
        channel = channel or self._chance.choices(list(CHANNELS), list(CHANNELS.values()))[0]
        id = f"{channel}:{hashlib.sha256(f'{SEED}/{self._number}'.encode()).hexdigest()[:12]}"
        who = by or self._chance.choice(among or self._public)
        if among is not None and self._chance.random() < 0.35:
            who = self._chance.choice(self._public)
        mention: dict[str, Any] = {"id": id, "channel": channel, "at": _iso(at), "text": text}
        mention["kind"] = {"news": "article", "tip": "tip", "youtube": "comment"}.get(channel, "post")
        mention["url"] = (
            f"https://{channel}.example.org/{who.handle.split('@')[0]}/{id.split(':')[1]}" if link is None else link
        )
        if title or channel == "news":
            mention["title"] = title or text[:60].rstrip()
        if channel != "tip":
            mention["author"] = {
                "id": who.id,
                "handle": who.handle,
                "followers": who.followers,
                "created_at": _iso(who.created_at),
            }
        if lang is not None and self._chance.random() < 0.6:
            mention["lang"] = lang
        if self._chance.random() < reply:
            mention["in_reply_to"] = f"{channel}:{self._chance.randrange(16**8):08x}"
            mention["kind"] = "comment"
        if self._chance.random() < 0.06:
            mention["links"] = [f"https://news.example.net/{self._chance.randrange(16**6):06x}"]
        mention["metrics"] = {
            "likes": int(self._chance.paretovariate(1.1)) - 1,
            "reposts": int(self._chance.paretovariate(1.6)) - 1,
        }
        return at, json.dumps(mention, separators=(",", ":")).encode()

    def _no_mentions(self) -> Iterator[Line]:
        """Lines that no producer should have sent, and mentions whose clock is wrong."""
        start = FIRST_DAY + timedelta(days=9, hours=13)
        ok = {"id": "odd:1", "channel": "x", "at": _iso(start), "text": "Odd things happen to the census."}
        odd: list[object] = [
            {key: value for key, value in ok.items() if key != "id"},
            {key: value for key, value in ok.items() if key != "at"},
            ok | {"text": 42},
            ok | {"at": "the day before yesterday"},
            ok | {"at": "2026-03-11T13:00:00"},
            ok | {"author": "somebody"},
            ok | {"id": ""},
            ok | {"id": "x" * 2000},
            ["a", "list", "census"],
            "census",
            ok | {"id": "odd:2", "title": None, "author": {"id": None, "handle": None}},
            ok | {"id": "odd:3", "at": "1970-01-01T00:00:00Z"},
            ok | {"id": "odd:4", "at": "2099-12-31T23:59:59Z"},
            ok | {"id": "odd:5"},
            ok | {"id": "odd:5"},
            ok | {"id": "odd:5"},
        ]
        raw = [b'{"id": "broken', b"\xff\xfe census \x00", b"census, as plain text", b"[" * 3000]
        lines = [json.dumps(each).encode() for each in odd] + raw
        for number, line in enumerate(lines):
            yield start + timedelta(minutes=7 * number), line

    def _account(self, number: int, *, old: bool) -> Account:
        chance = self._chance
        first = chance.choice(("ada", "ben", "cleo", "dara", "emil", "fatima", "goran", "hana", "ines", "jo", "kemal"))
        second = chance.choice(("rain", "river", "paper", "tram", "bread", "cloud", "moss", "lamp", "kite", "salt"))
        handle = f"{first}{second}{number % 97}" if old else f"{first}{number}{chance.randrange(10**5):05d}"
        days = chance.randrange(200, 4000) if old else chance.randrange(2, 12)
        return Account(
            id=hashlib.sha256(f"{SEED}/account/{number}".encode()).hexdigest()[:16],
            handle=f"{handle}@social.example",
            followers=int(chance.lognormvariate(5.0, 1.3)) if old else chance.randrange(0, 30),
            created_at=RISE.replace(minute=0) - timedelta(days=days, hours=chance.randrange(24)),
        )


def write(lines: Iterable[bytes], path: Path) -> None:
    """The same lines give the same bytes: no name and no time of writing stand in the file."""
    with path.open("wb") as raw, gzip.GzipFile(filename="", mode="wb", fileobj=raw, mtime=0, compresslevel=9) as file:
        file.writelines(line + b"\n" for line in lines)


def _sentences(name: str) -> Mapping[str, Any]:
    bank: Mapping[str, Any] = yaml.safe_load((HERE / "sentences" / f"{name}.yaml").read_text(encoding="utf-8"))
    return bank


def _iso(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


if __name__ == "__main__":
    write(Recording().lines(), FILE)

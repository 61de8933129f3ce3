"""A small recording with one rise in it, and the config that hears of it."""

import json
from datetime import datetime, timedelta

from tests.building import time

START = time("2024-03-29T00:00:00")
CONFIG = """
organisation: {name: Census Office}
monitors:
  - {name: census, query: census, detectors: {volume_spike: {sensitivity: high}}, resolve_after: 20m}
  - {name: health, query: health, detectors: {volume_spike: {sensitivity: high}}}
receivers: [{name: console, type: terminal}]
routes: [{receivers: [console]}]
"""


def line(number: int, at: datetime, text: str = "the census") -> bytes:
    said = {"id": f"m{number}", "channel": "news", "at": at.isoformat(), "text": text}
    return json.dumps(said | {"author": {"id": f"a{number % 83}"}}).encode()


def lines() -> list[bytes]:
    """Thirty calm hours, a rise of ten minutes, two calm hours; in between, what is no mention, and a repeat."""
    calm = [START + number * timedelta(minutes=2) for number in range(30 * 30)]
    rise = [calm[-1] + number * timedelta(seconds=3) for number in range(1, 201)]
    after = [rise[-1] + number * timedelta(minutes=2) for number in range(1, 61)]
    said = [line(number, at) for number, at in enumerate([*calm, *rise, *after])]
    return [*said[:100], b"oops", said[99], b'{"id": 5}', line(5000, calm[100], "nothing of interest"), *said[100:]]

"""A few streams for the tests of any detector. They are told in full in `detectors/conformance/streams.py`."""

from datetime import timedelta

from detectors.conformance.hearing import Stream
from detectors.conformance.streams import Happening, Plan
from detectors.contract import Detector

PLANS: tuple[Plan, ...] = (
    Plan(
        seed=1,
        an_hour=6.0,
        happenings=(
            Happening(kind="burst", begins=-0.1, minutes=20, mentions=40),
            Happening(kind="burst", begins=0.1, minutes=20, mentions=60),
            Happening(kind="gap", begins=0.5, minutes=480),
            Happening(kind="bot wave", begins=0.95, minutes=3, mentions=40),
            Happening(kind="drift", begins=0.3, minutes=180, mentions=80),
        ),
    ),
    Plan(
        seed=2,
        hours=30,
        an_hour=6.0,
        happenings=(
            Happening(kind="bot wave", begins=-0.4, minutes=3, mentions=30),
            Happening(kind="ramp", begins=0.05, minutes=180, mentions=80),
            Happening(kind="channel gap", begins=0.3, minutes=600),
            Happening(kind="burst", begins=0.8, minutes=60, mentions=60),
        ),
        lateness=timedelta(minutes=4),
        zone="Europe/Berlin",
        clock_changes=True,
        clocks=timedelta(minutes=1),
    ),
    Plan(
        seed=3,
        hours=20,
        an_hour=3.0,
        happenings=(
            Happening(kind="burst", begins=-0.01, minutes=20, mentions=30),
            Happening(kind="burst", begins=0.2, minutes=60, mentions=150),
            Happening(kind="backlog", begins=0.6, minutes=90),
            Happening(kind="burst", begins=0.61, minutes=3, mentions=60),
            Happening(kind="drift", begins=0.4, minutes=120, mentions=80),
        ),
        lateness=timedelta(minutes=12),
        zone="Asia/Kathmandu",
        clocks=timedelta(minutes=1),
    ),
    Plan(
        seed=4,
        an_hour=5.0,
        happenings=(
            Happening(kind="burst", begins=0.02, minutes=20, mentions=60),
            Happening(kind="bot wave", begins=0.4, minutes=3, mentions=20),
            Happening(kind="burst", begins=0.6, minutes=20, mentions=60),
            Happening(kind="gap", begins=0.7, minutes=300),
        ),
        zone="Pacific/Chatham",
        clock_changes=True,
        clocks=timedelta(microseconds=1),
    ),
)
"""What `sample_streams` tells of."""


def sample_streams(cls: type[Detector]) -> tuple[Stream, ...]:
    """A few streams for the tests of this detector, the same each time."""
    return tuple(plan.stream(cls.learns_for) for plan in PLANS)

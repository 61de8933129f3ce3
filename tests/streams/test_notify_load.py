"""What `make bench` measures of `notify`, in small: a Slack that enforces its limits, in fair and in bad weather."""

import pytest
from msgspec import structs

from tests.benchmarks.notify_load import ROUGH, load
from tests.benchmarks.shown_stories import STORIES
from tests.slack_weather import Weather

CHANGES = 6 * STORIES
SECONDS = 300.0
SECOND = 0.02


@pytest.mark.parametrize(
    "weather",
    [
        None,
        structs.replace(ROUGH, storms=((60, 90),), outages=((120, 200),)),
    ],
    ids=["fair", "rough"],
)
async def test_every_final_state_is_shown_once_and_no_channel_is_above_its_pace(weather: Weather | None) -> None:
    found = await load(CHANGES, seconds=SECONDS, second=SECOND, weather=weather)

    assert found.wrong == []
    assert found.changes == CHANGES
    assert found.fastest <= 1.06
    assert found.limited == 0

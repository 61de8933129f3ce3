import numpy as np

from detectors.contract import MonitorContext
from detectors.mention import Author, Mention
from detectors.volume.bins import bin_of
from detectors.volume_spike import VolumeSpike
from tests.benchmarks.made_counts import BIN, DAY, MONDAY, overdispersed, season
from tests.benchmarks.volume_counts import MEDIUM, Heard, starts, threshold_for


def test_alerts_on_counts_begin_where_those_of_the_detector_do() -> None:
    dice = np.random.default_rng(4)
    counts = overdispersed(2.0 * season(5 * DAY), dice)
    counts[3 * DAY : 3 * DAY + 6] += 40
    spike, told = VolumeSpike(MonitorContext(), VolumeSpike.Params()), set()
    for number, count in enumerate(counts):
        at = MONDAY + number * BIN
        told |= {bin_of(each.starts_at) - bin_of(MONDAY) for each in spike.advance(at)}
        for each in range(count):
            spike.observe(Mention(id=f"{number}-{each}", channel="x", at=at, text="", author=Author(id=f"{each}")))

    severities = Heard().severities(counts.tolist())

    assert told
    assert starts(severities, MEDIUM) == sorted(told)


def test_a_copy_goes_on_by_itself() -> None:
    heard = Heard()
    heard.severities([3] * 300)
    copy = heard.copy()
    assert copy.severities([90]) == heard.severities([90])
    copy.severities([500] * 20)
    assert heard.number < copy.number


def test_the_threshold_for_a_number_of_alerts_gives_no_more_than_these() -> None:
    streams = [[0.0, 3.0, 0.0], [0.0, 5.0, 0.0], [1.0, 1.0, 1.0]]
    assert 3.0 < threshold_for(streams, 1) < 3.02
    assert 1.0 < threshold_for(streams, 1, [[False] * 3, [True] * 3, [True] * 3]) < 1.02

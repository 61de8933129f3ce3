"""Counts what a config's model understands of a recording."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime

from streams.calibrating.stored import Uncalibrated, calibrations_for
from streams.coverage.counting import Coverage, count
from streams.encoding.encoder import open_encoder
from streams.queries.matching import Matcher
from streams.queries.query import parse
from streams.settings.config import Config
from streams.settings.config import Encoder as EncoderSettings
from streams.stages.starting import reads_vectors


def coverage(config: Config, lines: Iterable[bytes], progress: Callable[[int], None] = lambda lines: None) -> Coverage:
    """Raises `EncoderUnavailable`, `OSError`, and what reading the lines raises."""
    readers = reads_vectors(config)
    monitors = [monitor.name for monitor in config.monitors if monitor.name in readers]
    matcher = Matcher({monitor.name: parse(monitor.query) for monitor in config.monitors})
    calibrated = _calibrated(config.encoder)
    encoder = open_encoder(config.encoder, lambda model: calibrated)
    return count(lines, matcher, encoder, monitors, datetime.now(UTC), progress)


def _calibrated(settings: EncoderSettings) -> frozenset[str]:
    """Empty where live workers would refuse to start: the report then says what is to be drawn."""
    try:
        return frozenset(calibration.language for calibration in calibrations_for(settings))
    except Uncalibrated:
        return frozenset()

"""Whether the model of a config can be run here as it is, and what it then cannot do: known before anything starts."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from msgspec import Struct

from detectors.narratives.claims.scale import scale_of
from detectors.narratives.clustering.calibration import Calibration
from detectors.registry import load_detectors
from streams.calibrating.stored import calibrations_for, command, model_id_here, uncalibrated_languages
from streams.encoding.sentence_model import EncoderUnavailable, is_on_hub
from streams.settings.config import Config


class Readiness(Struct, frozen=True, kw_only=True):
    """What can be said of a config's model on this machine, as sentences with the remedy."""

    refusal: str | None = None
    """Why workers would refuse to start; None where they would not."""
    limits: tuple[str, ...] = ()
    """What is compared by letters only, or matched without certainty."""


def readiness(config: Config, path: Path) -> Readiness:
    """Nothing is fetched: of a model of a hub that was never used here only that can be said.

    `path` is the config's, to be named in a command that would help.
    """
    known = load_detectors()
    if not any(known[name].reads_vectors for monitor in config.monitors for name in monitor.detectors):
        return Readiness()
    try:
        if is_on_hub(config.encoder.model) and model_id_here(config.encoder) is None:
            unused = f"encoder: {config.encoder.model} was not used on this machine yet"
            return Readiness(refusal=f"{unused}; it will not run before it is calibrated: {command(path)}")
        calibrations = calibrations_for(config.encoder, path)
    except EncoderUnavailable as error:
        return Readiness(refusal=f"encoder: {error}")
    return Readiness(limits=tuple(_limits(config, calibrations, path)))


def unsure_languages(calibrations: Sequence[Calibration]) -> list[str]:
    """Those in which matches with known claims are never certain, as no posts were given that say when they are."""
    return sorted(each.language for each in calibrations if not scale_of(each).is_known)


def _limits(config: Config, calibrations: Sequence[Calibration], path: Path) -> Iterable[str]:
    if lacking := uncalibrated_languages(config.encoder, calibrations):
        yield (
            f"encoder: texts in {' '.join(lacking)} are compared by their letters only, for the model is not "
            f"calibrated for them: {command(path)}"
        )
    if config.claims and (unsure := unsure_languages(calibrations)):
        yield (
            f"claims: in {' '.join(unsure)} a match is only ever possible, never certain, for nobody knows how alike "
            f"a post and the claim that it repeats are to the model: {command(path)} --pairs FILE"
        )

"""The calibrations of a model: a file beside its export, which `groundswell calibrate` writes.

Those of the offline model come with groundswell; what is drawn anew goes before them.

EncoderUnavailable
└── Uncalibrated   no language of the model has one, or they cannot be read; says how to draw them
"""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import NamedTemporaryFile

import msgspec
from msgspec import Struct

from detectors.mention import Moment
from detectors.narratives.clustering.calibration import Calibration
from detectors.narratives.clustering.reference import REFERENCE
from streams.encoding.exported_model import FORMAT as EXPORT_FORMAT
from streams.encoding.exported_model import export_of
from streams.encoding.sentence_model import EncoderUnavailable, declared_languages, find_model, is_on_hub
from streams.settings.config import Encoder as EncoderSettings

FORMAT = 1
"""Raise it when the meaning of a calibration changes: older ones are then refused."""


class Uncalibrated(EncoderUnavailable):
    """No threshold is known for the model, and none is guessed."""


class Entry(Struct, frozen=True, kw_only=True):
    """One language."""

    calibration: Calibration
    drawn_at: Moment
    recordings: tuple[str, ...]
    """The names of the files it was drawn from."""


class Stored(Struct, frozen=True, kw_only=True):
    """All that is known of one model."""

    format: int = FORMAT
    model: str
    languages: dict[str, Entry] = {}


def calibrations_for(settings: EncoderSettings, config: object = "CONFIG") -> tuple[Calibration, ...]:
    """Those of the configured model, of languages that it covers by config; at least one.

    Args:
        settings: Of the encoder.
        config: The file that they are in, to be named in the command that would help.

    Raises:
        EncoderUnavailable: The model cannot be found.
        Uncalibrated: It has none.
    """
    model = model_id(settings)
    found = calibrations_of(Path(settings.cache).expanduser(), model, config)
    covered = declared_languages(settings)
    usable = tuple(each for each in found if each.language in covered or each.language == "und")
    if not usable:
        raise Uncalibrated(
            f"the model {model} has no calibration{_named(covered)}, so nobody knows how alike two texts must be to it "
            f"to tell the same story. Draw one from what the monitors hear: {command(config)}"
        )
    return usable


def uncalibrated_languages(settings: EncoderSettings, calibrations: Sequence[Calibration]) -> list[str]:
    """Those that the model covers by config, and that are compared by their letters for want of a calibration."""
    return sorted(declared_languages(settings) - {each.language for each in calibrations})


def command(config: object = "CONFIG") -> str:
    """How to draw what is missing."""
    return f"groundswell calibrate {config} RECORDING"


def model_id(settings: EncoderSettings) -> str:
    """As vectors are marked with it. Raises `EncoderUnavailable`."""
    known = _exported(settings)
    return known if known is not None else find_model(settings).id


def model_id_here(settings: EncoderSettings) -> str | None:
    """The same, where it can be said without asking a model hub."""
    if is_on_hub(settings.model):
        return _exported(settings)
    return model_id(settings)


def calibrations_of(cache: Path, model: str, config: object = "CONFIG") -> tuple[Calibration, ...]:
    """All that are known of a model, by language. Raises `Uncalibrated` where the file cannot be read."""
    known = {REFERENCE.language: REFERENCE} if model == REFERENCE.model else {}
    known |= {name: entry.calibration for name, entry in read(cache, model, config).languages.items()}
    return tuple(known[language] for language in sorted(known))


def path_of(cache: Path, model: str) -> Path:
    """Beside the folder of the model's export, which may be made anew."""
    return cache / f"{model}-calibration.json"


def read(cache: Path, model: str, config: object = "CONFIG") -> Stored:
    """What was drawn here; empty where nothing was. Raises `Uncalibrated` where it cannot be read."""
    path = path_of(cache, model)
    try:
        stored = msgspec.json.decode(path.read_bytes(), type=Stored)
    except FileNotFoundError:
        return Stored(model=model)
    except (OSError, msgspec.DecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else str(error)
        remedy = f"Remove it, then: {command(config)}"
        raise Uncalibrated(f"{path}: the calibration cannot be read ({why}). {remedy}") from error
    if stored.format != FORMAT or stored.model != model:
        remedy = f"Remove it, then: {command(config)}"
        raise Uncalibrated(f"{path}: this is no calibration of {model} as it is used now. {remedy}")
    return stored


def save(path: Path, model: str, entries: Mapping[str, Entry], before: Stored | None = None) -> None:
    """Write these languages, and leave the others that stood there `before`. Raises `OSError`."""
    languages = dict(sorted({**(before.languages if before else {}), **entries}.items()))
    stored = Stored(model=model, languages=languages)
    path.parent.mkdir(parents=True, exist_ok=True)
    # Whole or not at all: a worker may be starting.
    with NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}-", delete=False) as file:
        file.write(msgspec.json.format(msgspec.json.encode(stored)) + b"\n")
    Path(file.name).chmod(0o644)
    os.replace(file.name, path)


def _exported(settings: EncoderSettings) -> str | None:
    """A model of the hub that was exported here, for machines that cannot reach it."""
    if not is_on_hub(settings.model):
        return None
    folder = export_of(Path(settings.cache).expanduser(), settings.model)
    return None if folder is None else folder.name.removesuffix(f"-{EXPORT_FORMAT}")


def _named(covered: frozenset[str]) -> str:
    return f" for {' '.join(sorted(covered))}" if len(covered) <= 3 else f" for any of its {len(covered)} languages"

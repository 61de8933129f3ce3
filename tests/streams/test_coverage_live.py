"""What `match` counts of languages: only such labels as config or the model declares."""

from typing import Any

from prometheus_client import CollectorRegistry

from detectors.mention import Encoding, Uncovered
from streams.settings.config import Config, Encoder, MonitorSettings, Organisation, Route, Terminal
from streams.stages.metrics import Metrics
from tests.streams.test_match_stage import Event, Stage, line

NAME = "groundswell_compared_mentions_total"


def metrics(**encoder: Any) -> Metrics:
    config = Config(
        organisation=Organisation(name="Census Office"),
        monitors=(MonitorSettings(name="census", query="census", detectors={"volume_spike": None}),),
        receivers=(Terminal(name="comms"),),
        routes=(Route(receivers=("comms",)),),
        encoder=Encoder(**encoder),
    )
    return Metrics(config, "match", CollectorRegistry())


def encoding(language: str, uncovered: Uncovered | None = None, vector: bytes | None = None) -> Encoding:
    return Encoding(model="m", language=language, uncovered=uncovered, vector=vector)


def counted(of: Metrics) -> dict[tuple[str, str], float]:
    """All that is not zero."""
    samples = [sample for family in of.registry.collect() for sample in family.samples if sample.name == NAME]
    return {(each.labels["language"], each.labels["outcome"]): each.value for each in samples if each.value}


def test_each_text_counts_by_its_language_and_by_what_it_is_compared() -> None:
    ours = metrics(model="some/model", languages=("en", "ja"))
    for each in (
        encoding("en", vector=b"\0\0"),
        encoding("ja", "shattered"),
        encoding("ja", "uncalibrated"),
        encoding("und", "language"),
        encoding("und"),
    ):
        ours.count_compared(each)
    assert counted(ours) == {
        ("en", "encoded"): 1,
        ("ja", "letters"): 2,
        ("und", "letters"): 1,
        ("und", "no_words"): 1,
    }


def test_a_language_that_nobody_declared_is_no_label() -> None:
    ours = metrics()
    for language in ("ja", "ko", '"} 1\nevil', "x" * 500):
        ours.count_compared(encoding(language, "language"))
    assert counted(ours) == {("other", "letters"): 4}


def test_every_series_exists_from_the_start_and_none_where_the_models_languages_are_unknown() -> None:
    def languages(of: Metrics) -> set[str]:
        return {each.labels["language"] for family in of.registry.collect() for each in family.samples
                if each.name == NAME}  # fmt: skip

    assert languages(metrics(languages=("en", "zh-CN"))) == {"en", "zh", "und", "other"}
    assert languages(metrics(model="some/model")) == {"und", "other"}


async def test_the_stage_counts_what_it_had_encoded() -> None:
    ours = Stage()
    await ours.stage.take([Event(line("census")), Event(line("health")), Event(line("weather"))])
    assert counted(ours.metrics) == {("en", "encoded"): 1}

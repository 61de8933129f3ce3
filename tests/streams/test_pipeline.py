from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from itertools import islice, permutations
from typing import Any, ClassVar

import msgspec
import pytest
from msgspec import Struct

from alerting.alert import State
from alerting.dispatcher import DispatcherSettings
from alerting.outcome import Suppression
from alerting.routes import Route
from detectors.contract import Detector, MonitorContext
from detectors.detection import Detection
from detectors.mention import Author, Mention
from detectors.volume_spike import VolumeSpike
from streams.pipeline import REMEMBER_IDS, Monitor, Outcome, Pipeline
from tests.building import detection, evidence, mention, time

MINUTE = timedelta(minutes=1)
LATENESS = timedelta(seconds=30)


class Witness(Detector):
    """Remembers whom it heard, and finds nothing."""

    name = "witness"

    class Params(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
        sensitivity: str = "medium"

    class State(Struct, kw_only=True):
        heard: list[tuple[str, datetime]] = []

    def observe(self, mention: Mention) -> None:
        self.state.heard.append((mention.id, mention.at))

    def advance(self, watermark: datetime) -> Sequence[Detection]:
        return ()


def monitor(*detectors: type[Detector], routes: tuple[Route, ...] = (Route(receivers=("comms",)),)) -> Monitor:
    return Monitor(
        name="census",
        context=MonitorContext(lateness=LATENESS),
        detectors=tuple((cls, cls.Params(sensitivity="high")) for cls in detectors or (Witness,)),
        dispatching=DispatcherSettings(
            monitor="census", organisation="Census Office", resolve_after=timedelta(minutes=30), routes=routes
        ),
    )


def heard(pipeline: Pipeline) -> list[str]:
    """Ids of the mentions that the witness was given."""
    rows = pipeline.rows()
    state = Pipeline(monitor(Witness), rows)._detectors[0].state
    return [id for id, _ in state.heard]


def calm_then_a_rise() -> list[tuple[datetime, list[Mention]]]:
    """Twenty-six hours with a mention every two minutes, then two hundred in ten minutes, then an hour of calm."""
    start = time("2030-03-30T00:00:00")
    calm = [start + number * 2 * MINUTE for number in range(26 * 30)]
    rise = [calm[-1] + number * timedelta(seconds=3) for number in range(1, 201)]
    after = [rise[-1] + number * 2 * MINUTE for number in range(1, 31)]
    steps = []
    for number, at in enumerate([*calm, *rise, *after]):
        said = mention(f"Number {number}", at=at, id=f"m{number}", author=Author(id=f"a{number % 97}"))
        steps.append((at, [said]))
    return steps


def run(pipeline: Pipeline, steps: Sequence[tuple[datetime, list[Mention]]]) -> list[Outcome]:
    return [pipeline.observe(mentions, now) for now, mentions in steps]


def test_a_repeated_id_is_dropped_and_counted() -> None:
    pipeline = Pipeline(monitor())
    said = mention(id="m1")
    assert pipeline.observe([said, said], said.at).repeats == 1
    assert pipeline.observe([said], said.at).repeats == 1
    assert heard(pipeline) == ["m1"]


def test_a_repeat_is_known_after_a_restart() -> None:
    pipeline = Pipeline(monitor())
    pipeline.observe([mention(id="m1")], time("12:00"))
    assert Pipeline(monitor(), pipeline.rows()).observe([mention(id="m1")], time("12:01")).repeats == 1


def test_an_id_is_known_though_its_mention_comes_with_another_time() -> None:
    pipeline = Pipeline(monitor())
    pipeline.observe([mention(id="m1", at="12:09:59")], time("12:10"))
    assert pipeline.observe([mention(id="m1", at="12:10:01")], time("12:11")).repeats == 1
    pipeline.advance(time("23:59"))
    assert pipeline.observe([mention(id="m1", at="23:58")], time("23:59")).repeats == 1


def test_an_id_may_hold_anything() -> None:
    pipeline = Pipeline(monitor())
    ids = ["\u202e", "<!channel>", "a\0b", "x" * 512, "|", "/"]
    assert pipeline.observe([mention(id=id) for id in ids], time("12:00")).heard == len(ids)
    assert heard(pipeline) == ids


def test_a_mention_behind_the_watermark_is_counted_as_late_and_heard_all_the_same() -> None:
    pipeline = Pipeline(monitor())
    pipeline.observe([mention(id="new", at="12:00")], time("12:00"))
    outcome = pipeline.observe([mention(id="in time", at="11:59:40"), mention(id="late", at="11:00")], time("12:00"))
    assert (outcome.late, outcome.heard, outcome.too_late) == (1, 2, 0)
    assert heard(pipeline) == ["new", "in time", "late"]


def test_a_mention_too_late_to_be_told_from_a_repeat_is_only_counted() -> None:
    pipeline = Pipeline(monitor())
    pipeline.advance(time("12:00"))
    edge = time("12:00") - LATENESS - REMEMBER_IDS
    outcome = pipeline.observe([mention(id="edge", at=edge), mention(id="old", at=edge - MINUTE)], time("12:00"))
    assert (outcome.too_late, outcome.late, outcome.heard) == (1, 1, 1)
    assert heard(pipeline) == ["edge"]


def test_the_ids_that_are_remembered_are_bounded_by_time() -> None:
    pipeline = Pipeline(monitor())
    for hours in range(48):
        at = time("12:00") + hours * timedelta(hours=1)
        pipeline.observe([mention(id=f"m{hours}", at=at)], at)
    rows = [name for name in pipeline.rows() if name.startswith("pipeline|seen/")]
    assert len(rows) <= 14


def test_a_mention_whose_clock_runs_ahead_counts_at_stream_time() -> None:
    pipeline = Pipeline(monitor())
    pipeline.observe([mention(id="m1", at="18:00", clock_ahead=True)], time("12:00"))
    state: Any = pipeline._detectors[0].state
    assert state.heard == [("m1", time("12:00"))]


def test_synthetic_mentions_never_reach_the_detectors() -> None:
    pipeline = Pipeline(monitor())
    outcome = pipeline.observe([mention(id="beat", synthetic=True), mention(id="m1")], time("12:00"))
    assert outcome.heard == 1
    assert heard(pipeline) == ["m1"]


def test_nothing_is_judged_while_time_is_unknown() -> None:
    pipeline = Pipeline(monitor())
    pipeline.observe([mention()], None)
    assert pipeline.watermark is None
    pipeline.advance(time("12:00"))
    assert pipeline.watermark == time("12:00") - LATENESS


def test_the_watermark_never_falls() -> None:
    pipeline = Pipeline(monitor())
    pipeline.advance(time("12:00"))
    pipeline.advance(time("11:00"))
    assert pipeline.watermark == time("12:00") - LATENESS


def test_a_rise_is_found_told_and_ends() -> None:
    pipeline = Pipeline(monitor(VolumeSpike))
    outcomes = run(pipeline, calm_then_a_rise())
    outcomes.append(pipeline.advance(calm_then_a_rise()[-1][0] + timedelta(hours=13)))
    alerts = [alert for outcome in outcomes for alert in outcome.alerts]
    told = [notification for outcome in outcomes for notification in outcome.notifications]
    assert alerts[0].state is State.FIRING
    assert alerts[-1].state is State.RESOLVED
    assert len({alert.fingerprint for alert in alerts}) == 1
    assert told[0].reason == "first"
    assert told[-1].reason == "resolved"
    assert not pipeline.open_alerts()


class Finder(Witness):
    """Finds at noon what it is made to find."""

    name = "finder"
    found: ClassVar[Sequence[Detection]] = ()

    def advance(self, watermark: datetime) -> Sequence[Detection]:
        return self.found if watermark == time("12:00") else ()


def test_a_rise_is_told_with_the_largest_of_the_narratives_that_were_found_with_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def narrative(subject: str, mentions: int) -> Detection:
        return detection(detector="narrative", subject=subject, at=time("12:00"), evidence=evidence(mentions=mentions))

    rise = detection(at=time("12:00"), evidence=evidence(mentions=40))
    small, large = (narrative(name, mentions) for name, mentions in (("small", 30), ("large", 90)))
    for order in permutations((rise, small, large)):
        monkeypatch.setattr(Finder, "found", order)
        outcome = Pipeline(monitor(Finder)).advance(time("12:00") + LATENESS)
        stories = {frozenset(alert.subject for alert in told.story.alerts) for told in outcome.notifications}
        assert stories == {frozenset({"", "large"}), frozenset({"small"})}


def test_the_same_input_gives_the_same_output_and_the_same_bytes() -> None:
    one, other = Pipeline(monitor(VolumeSpike)), Pipeline(monitor(VolumeSpike))
    steps = calm_then_a_rise()
    assert run(one, steps) == run(other, steps)
    assert one.rows() == other.rows()


@pytest.mark.parametrize("cut", [0, 1, 500, 779, 780, 790, 800, 850, 979, 980, 1000])
def test_a_restart_at_any_point_changes_nothing(cut: int) -> None:
    steps = calm_then_a_rise()
    whole = Pipeline(monitor(VolumeSpike))
    expected = run(whole, steps)
    before = Pipeline(monitor(VolumeSpike))
    first = run(before, steps[:cut])
    after = Pipeline(monitor(VolumeSpike), before.rows())
    assert not after.warmed_up
    assert after.rows() == before.rows()
    assert first + run(after, steps[cut:]) == expected
    assert after.rows() == whole.rows()


def test_a_restart_before_every_mention_changes_nothing() -> None:
    steps = calm_then_a_rise()
    whole = Pipeline(monitor(VolumeSpike))
    expected = run(whole, steps)
    rows: Mapping[str, bytes] = {}
    found = []
    for step in steps:
        pipeline = Pipeline(monitor(VolumeSpike), rows)
        found += run(pipeline, [step])
        rows = pipeline.rows()
    assert found == expected
    assert rows == whole.rows()


@pytest.mark.parametrize("size", [7, 64, 500])
def test_batching_does_not_change_what_is_found(size: int) -> None:
    steps = calm_then_a_rise()

    def found(size: int) -> tuple[set[str], list[tuple[object, ...]]]:
        pipeline, left, outcomes = Pipeline(monitor(VolumeSpike)), iter(steps), []
        while chunk := list(islice(left, size)):
            outcomes.append(pipeline.observe([said for _, mentions in chunk for said in mentions], chunk[-1][0]))
        outcomes.append(pipeline.advance(steps[-1][0] + timedelta(hours=1)))
        alerts = [alert for outcome in outcomes for alert in outcome.alerts]
        last = alerts[-1]
        ids = {id for outcome in outcomes for id, _ in outcome.detections}
        return ids, [(last.fingerprint, last.starts_at, last.severity, last.last_at)]

    assert found(size) == found(1)


def test_state_of_another_version_of_a_detector_is_learned_anew_and_nothing_else_is() -> None:
    newer: type[Detector] = type("Newer", (VolumeSpike,), {"version": VolumeSpike.version + 1})
    pipeline = Pipeline(monitor(VolumeSpike, Witness))
    run(pipeline, calm_then_a_rise()[:30])
    restored = Pipeline(monitor(newer, Witness), pipeline.rows())
    assert [why.split(":")[0] for why in restored.warmed_up] == ["volume_spike"]
    assert restored.watermark == pipeline.watermark
    rows = restored.rows()
    assert {name: row for name, row in rows.items() if name.startswith(("witness|", "pipeline|", "alerts|"))} == {
        name: row for name, row in pipeline.rows().items() if not name.startswith("volume_spike|")
    }


@pytest.mark.parametrize("part", ["pipeline", "alerts", "witness"])
def test_a_part_that_cannot_be_read_is_learned_anew_and_named(part: str) -> None:
    pipeline = Pipeline(monitor())
    pipeline.observe([mention(id="m1")], time("12:00"))
    restored = Pipeline(monitor(), pipeline.rows() | {f"{part}|": b"\xff"})
    assert [why.split(":")[0] for why in restored.warmed_up] == [part]


def test_other_parameters_are_learned_anew() -> None:
    pipeline = Pipeline(monitor())
    pipeline.observe([mention(id="m1")], time("12:00"))
    other = msgspec.structs.replace(monitor(), detectors=((Witness, Witness.Params(sensitivity="low")),))
    assert [why.split(":")[0] for why in Pipeline(other, pipeline.rows()).warmed_up] == ["witness"]


def test_what_is_suppressed_is_counted_for_each_step_alone() -> None:
    pipeline = Pipeline(monitor(VolumeSpike, routes=()))
    outcomes = run(pipeline, calm_then_a_rise())
    total: int = sum(outcome.suppressed[Suppression.UNROUTED] for outcome in outcomes)
    assert 0 < total <= sum(len(outcome.detections) for outcome in outcomes)
    assert not Outcome().suppressed

"""Gates in a config: what fits together works as it is written, and what does not is told with its line."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from alerting.alert import Severity
from alerting.gates import ConfiguredMute, Inhibition, Planned
from alerting.quiet_hours import QuietWindow
from streams.monitors import monitors
from streams.settings.loading import ConfigError, load
from streams.settings.plan import sections

HEAD = """\
organisation: {name: Census Office, timezone: Europe/Berlin}
monitors:
  - {name: census, query: census, detectors: {volume_spike: {}, narrative: {}}}
  - {name: website, query: website, detectors: {volume_spike: {}}}
receivers: [{name: console, type: terminal}]
"""
LAST = "routes: [{receivers: [console]}]\n"
GOOD = """\
routes:
  - receivers: [console]
    name: press
    timezone: America/New_York
    quiet:
      - {from: 22:00, to: 07:00, days: [mon, tue, wed, thu, sun]}
      - {from: "22:00", to: "24:00", days: [fri, sat]}
      - {from: "00:00", to: "09:00", days: [sat, sun], at_least: life_safety}
mutes:
  - {monitors: [website], from: 2026-11-24 10:00, until: 2026-11-24T12:00+00:00, reason: maintenance}
  - {detectors: [narrative], until: 2026-07-01 10:00, reason: tried out}
planned:
  - {monitors: [census], from: 2026-11-24 10:00, until: 2026-11-25 18:00, times: 5, reason: press release}
inhibit:
  - while: {detectors: [narrative]}
    hold: {detectors: [volume_spike], below: warning}
"""


def utc(when: str) -> datetime:
    return datetime.fromisoformat(when).replace(tzinfo=UTC)


def written(folder: Path, text: str) -> Path:
    path = folder / "census.yaml"
    path.write_text(HEAD + text)
    return path


def problems(folder: Path, text: str) -> list[str]:
    with pytest.raises(ConfigError) as raised:
        load(written(folder, text))
    return [f"{each.line}: {each.text}" for each in raised.value.problems]


def test_gates_reach_the_monitors_that_they_are_for(tmp_path: Path) -> None:
    census, website = (each.dispatching for each in monitors(load(written(tmp_path, GOOD)), ()))
    tried_out = ConfiguredMute(detectors=("narrative",), until=utc("2026-07-01T08:00"), reason="tried out")
    maintenance = ConfiguredMute(since=utc("2026-11-24T09:00"), until=utc("2026-11-24T12:00"), reason="maintenance")
    assert census.gates.mutes == (tried_out,)
    assert website.gates.mutes == (maintenance, tried_out)
    assert census.gates.planned == (
        Planned(
            detectors=("volume_spike",),
            since=utc("2026-11-24T09:00"),
            until=utc("2026-11-25T17:00"),
            times=5,
            reason="press release",
        ),
    )
    assert website.gates.planned == ()
    assert (
        census.gates.inhibitions
        == website.gates.inhibitions
        == (
            Inhibition(
                by_detectors=("narrative",),
                at_least=Severity.CRITICAL,
                detectors=("volume_spike",),
                below=Severity.WARNING,
            ),
        )
    )
    (route,) = census.routes
    assert (route.name, route.timezone) == ("press", "America/New_York")
    assert route.quiet == (
        QuietWindow(start_minute=1320, end_minute=420, days=(0, 1, 2, 3, 6)),
        QuietWindow(start_minute=1320, end_minute=1440, days=(4, 5)),
        QuietWindow(start_minute=0, end_minute=540, days=(5, 6), at_least=Severity.LIFE_SAFETY),
    )


def test_a_route_without_a_time_zone_has_the_organisations(tmp_path: Path) -> None:
    census, _ = monitors(load(written(tmp_path, LAST)), ())
    assert [route.timezone for route in census.dispatching.routes] == ["Europe/Berlin"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("quiet: [{from: '22:00', to: '22:00'}]", "is empty; all day is from 00:00 to 24:00"),
        ("quiet: [{from: '22:00', to: '07:00'}, {from: '06:00', to: '08:00'}]", "overlap those in line 6"),
        ("quiet: [{from: '22:00', to: '07:00', days: [sun]}, {from: '06:00', to: '08:00', days: [mon]}]", "overlap"),
        ("quiet: [{from: '00:00', to: '24:00'}]", "covers the whole week"),
        ("quiet: [{from: '25:00', to: '07:00'}]", "expected a time of the day such as 22:00"),
        ("quiet: [{from: '22:00', to: '07:00', days: [monday]}]", "expected one of"),
        ("quiet: [{from: '22:00', to: '07:00', at_least: high}]", "expected one of critical, info"),
        ("quiet: [{from: '22:00'}]", 'the key "to" is missing'),
        ("timezone: Europe/Berln", 'no time zone is called "Europe/Berln"; did you mean "Europe/Berlin"?'),
    ],
)
def test_what_is_wrong_with_quiet_hours_is_told(tmp_path: Path, text: str, expected: str) -> None:
    (found,) = problems(tmp_path, f"routes: [{{receivers: [console], {text}}}]\n")
    assert found.startswith("6: ")
    assert expected in found


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("mutes: [{until: 2026-11-24 10:00}]", 'the key "reason" is missing'),
        ("mutes: [{reason: x}]", 'the key "until" is missing; expected a day and a time such as 2026-11-24 10:00'),
        ("mutes: [{until: 24 Nov, reason: x}]", "expected a day and a time such as"),
        ("mutes: [{until: 2026-02-30 10:00, reason: x}]", "which no calendar has"),
        ("mutes: [{monitors: [cencus], until: 2026-11-24 10:00, reason: x}]", 'did you mean "census"?'),
        ("mutes: [{detectors: [volume], until: 2026-11-24 10:00, reason: x}]", 'no detector is called "volume"'),
        ("mutes: [{from: 2026-11-24 10:00, until: 2026-11-24 10:00, reason: x}]", 'is not after "from"'),
        ("planned: [{from: 2026-11-24 10:00, reason: x}]", 'the key "until" is missing'),
        ("planned: [{from: 2026-11-25 10:00, until: 2026-11-24 10:00, reason: x}]", 'is not after "from"'),
        ("planned: [{from: 2026-11-24 10:00, until: 2026-11-24 12:00, times: 0.5, reason: x}]", "at least 1"),
        ("planned: [{from: 2026-11-24 10:00, until: 2026-11-24 12:00, detectors: [], reason: x}]", "at least one"),
        ("inhibit: [{while: {detectors: [narrative]}, hold: {detectors: [volume], below: warning}}]", "no detector"),
        ("inhibit: [{while: {detectors: [narrative]}, hold: {detectors: [volume_spike], below: info}}]", "less severe"),
        (
            "inhibit: [{while: {detectors: [narrative], at_least: info}, "
            "hold: {detectors: [volume_spike], below: critical}}]",
            "two stories could hold each other for ever; expected at most info",
        ),
        ("inhibit: [{hold: {detectors: [volume_spike], below: warning}}]", 'the key "while" is missing'),
        ("mute: []", 'unknown key "mute"; did you mean "mutes"?'),
    ],
)  # fmt: skip
def test_what_is_wrong_with_other_gates_is_told(tmp_path: Path, text: str, expected: str) -> None:
    (found,) = problems(tmp_path, f"{LAST}{text}\n")
    assert found.startswith("7: ")
    assert expected in found


def test_an_offset_decides_which_of_two_times_is_the_later(tmp_path: Path) -> None:
    fine = "mutes: [{from: 2026-11-24 10:00, until: 2026-11-24T09:30+00:00, reason: x}]\n"
    assert load(written(tmp_path, LAST + fine)).mutes[0].reason == "x"


def test_the_example_shows_each_gate() -> None:
    path = Path(__file__).parents[2] / "deploy" / "examples" / "health.yaml"
    (gates,) = (section for section in sections(load(path), (), path) if section.heading == "Gates")
    assert {row for row, _ in gates.rows} == {"quiet", "", "muted", "planned", "inhibit"}


def test_the_plan_tells_gates_in_words(tmp_path: Path) -> None:
    path = written(tmp_path, GOOD)
    told = {
        f"{section.heading}: {row}: {words}"
        for section in sections(load(path), (), path)
        for row, words in section.rows
    }
    assert {
        "Gates: quiet: press is quiet on Mon, Tue, Wed, Thu and Sun from 22:00 to 07:00, into the next day "
        "(America/New_York): only critical and above is told at once",
        "Gates: muted: everything for website from 2026-11-24 10:00 until 2026-11-24T12:00+00:00, because: maintenance",
        "Gates: planned: press release, from 2026-11-24 10:00 until 2026-11-25 18:00: volume_spike for census calls "
        "nobody below 5 times the usual, unless it may be a known claim",
        "Gates: inhibit: while a critical narrative fires, volume_spike below warning calls nobody",
    } <= told

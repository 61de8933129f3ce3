"""Scenario files, read and checked as a whole: every problem with its line, and what is needed to run each scenario."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from zoneinfo import ZoneInfo

from msgspec import Struct, structs

from streams.queries.query import Query, parse
from streams.scenarios.expecting import allowed, window
from streams.scenarios.fitting_text import fitting_texts, is_heard
from streams.scenarios.mentions import expected_mentions, several
from streams.scenarios.moments import Calendar
from streams.scenarios.scenario import ANY, CHANNEL, OTHER, Calm, Expectation, Scenario, ScenarioFile, Talk, Voice
from streams.settings import cross_checks
from streams.settings.config import Config, MonitorSettings, Organisation, Route, Terminal
from streams.settings.loading import base_folder, known_detectors, load
from streams.settings.problem import ConfigError, Problem, did_you_mean, quoted
from streams.settings.strict_yaml import Reader
from streams.settings.text_file import read_text, refuse_secrets

MOST_MENTIONS = 2_000_000
"""Of one scenario: more would take minutes."""


class Ready(Struct, frozen=True, kw_only=True):
    """A scenario with all that it takes to run it."""

    file: str
    line: int
    scenario: Scenario
    expectation_lines: tuple[int, ...]
    config: Config
    """With its monitor alone."""
    path: Path
    """Of the config; of the scenarios where they name none."""
    base: Path
    """Where the claims files of the config are looked for."""
    calendar: Calendar
    texts: tuple[str, ...]
    """What is said by items that do not say it themselves."""


def load_scenarios(path: Path) -> list[Ready]:
    """The scenarios of a file. Raises `ConfigError` with all that is wrong with it and with the config it names."""
    problems: list[Problem] = []
    text = read_text(path, problems)
    if text is None:
        raise ConfigError(problems)
    reader = Reader(str(path))
    refuse_secrets(text, reader)
    root = reader.compose(text, ScenarioFile)
    found: list[Ready] = []
    if root is not None:
        file = reader.read(root, ScenarioFile, "the file")
        found = list(_File(path, text, file, reader, problems).scenarios())
    problems = [*sorted(reader.problems, key=lambda problem: problem.line), *problems]
    if problems:
        raise ConfigError(problems)
    return found


class _File:
    """One file while it is checked."""

    def __init__(self, path: Path, text: str, file: ScenarioFile, reader: Reader, problems: list[Problem]) -> None:
        self._path, self._text, self._file, self._reader = path, text, file, reader
        self._config, self._base = self._named_config(problems)
        self._monitors = self._known_monitors()

    def scenarios(self) -> Iterator[Ready]:
        names: dict[str, int] = {}
        for scenario in self._file.scenarios:
            line = self._reader.line(scenario, "name")
            if scenario.name in names:
                text = f"a scenario called {quoted(scenario.name)} stands already in line {names[scenario.name]}"
                self._reader.report_field(scenario, "name", f"{text}; expected another name")
            names.setdefault(scenario.name, line)
            monitor = self._monitor(scenario)
            if monitor is not None:
                yield from self._ready(scenario, monitor)

    def _named_config(self, problems: list[Problem]) -> tuple[Config | None, Path]:
        base = base_folder(self._path)
        if self._file.config is None:
            return None, base
        path = base / self._file.config
        if not path.exists():
            text = f"there is no config file {quoted(str(path))}; expected its place relative to this file"
            self._reader.report_field(self._file, "config", text)
            return None, base
        try:
            return load(path), base_folder(path)
        except ConfigError as error:
            problems += error.problems
            return None, base

    def _known_monitors(self) -> dict[str, MonitorSettings]:
        own = self._file.monitors
        known = known_detectors(self._path) if own else {}
        parameters = cross_checks.check_monitors(own, self._text, known, self._reader)
        checked = [structs.replace(each, detectors=params) for each, params in zip(own, parameters, strict=True)]
        found = {monitor.name: monitor for monitor in (self._config.monitors if self._config else ())}
        for monitor, written in zip(checked, own, strict=True):
            if monitor.name in found:
                text = f"a monitor called {quoted(monitor.name)} is known already; expected another name"
                self._reader.report_field(written, "name", text)
            found[monitor.name] = monitor
        return found

    def _monitor(self, scenario: Scenario) -> MonitorSettings | None:
        if scenario.monitor is None and len(self._monitors) == 1:
            return next(iter(self._monitors.values()))
        if scenario.monitor in self._monitors:
            return self._monitors[scenario.monitor]
        if not self._monitors and (self._file.config is not None or self._file.monitors):
            return None  # what is wrong with them has been told
        if not self._monitors:
            text = 'there is no monitor: expected the key "config", or "monitors" as in a config'
        elif scenario.monitor is None:
            text = f'the key "monitor" is missing; expected one of {", ".join(self._monitors)}'
        else:
            hint = did_you_mean(scenario.monitor, self._monitors) or f"; expected one of {', '.join(self._monitors)}"
            text = f"no monitor is called {quoted(scenario.monitor)}{hint}"
        self._reader.report_field(scenario, "monitor", text)
        return None

    def _ready(self, scenario: Scenario, monitor: MonitorSettings) -> Iterator[Ready]:
        """The scenario, if nothing is wrong with it."""
        before = len(self._reader.problems)
        monitor = self._only(scenario, monitor)
        config = self._config_of(monitor)
        try:
            zone = ZoneInfo(monitor.timezone or config.organisation.timezone)
            query = parse(monitor.query)
        except (ValueError, OSError, KeyError):
            return  # told already
        calendar = Calendar(scenario.starts, scenario.days, zone)
        self._check_times(scenario, calendar)
        self._check_expectations(scenario, monitor, calendar)
        texts = self._texts(scenario, monitor, query)
        if len(self._reader.problems) > before or self._reader.is_broken(scenario):
            return
        self._check_amount(scenario, calendar)
        yield Ready(
            file=str(self._path),
            line=self._reader.line(scenario, "name"),
            scenario=scenario,
            expectation_lines=tuple(self._reader.line(each) for each in scenario.expect),
            config=config,
            path=self._path if self._file.config is None else base_folder(self._path) / self._file.config,
            base=self._base,
            calendar=calendar,
            texts=tuple(texts),
        )

    def _only(self, scenario: Scenario, monitor: MonitorSettings) -> MonitorSettings:
        if scenario.only is None:
            return monitor
        for at, name in enumerate(scenario.only):
            if name not in monitor.detectors:
                self._reader.report_field(scenario, "only", self._no_detector(name, monitor), at)
        kept = {name: params for name, params in monitor.detectors.items() if name in scenario.only}
        return structs.replace(monitor, detectors=kept or monitor.detectors)

    def _config_of(self, monitor: MonitorSettings) -> Config:
        if self._config is not None:
            receivers = tuple(name for route in self._config.routes for name in route.receivers)
            # Routes of other monitors name what is not there.
            routes = tuple(r for r in self._config.routes if r.monitors is None or monitor.name in r.monitors)
            return structs.replace(self._config, monitors=(monitor,), routes=routes or (Route(receivers=receivers),))
        return Config(
            organisation=Organisation(name="The organisation"),
            monitors=(monitor,),
            receivers=(Terminal(name="console"),),
            routes=(Route(receivers=("console",)),),
        )

    def _check_times(self, scenario: Scenario, calendar: Calendar) -> None:
        owners: list[tuple[Struct, Sequence[str]]] = [(talk.what, ("at",)) for talk in scenario.mentions]
        owners += [(each, ("of", "after", "before")) for each in scenario.expect]
        for owner, fields in owners:
            for field in fields:
                written = getattr(owner, field)
                if written and not self._reader.is_broken(owner, field) and not calendar.holds(written):
                    text = f'"{field}" is {written}; the scenario has only day 1 to day {scenario.days}'
                    self._reader.report_field(owner, field, text)
        if not any(talk.calm or talk.seasonal for talk in scenario.mentions):
            for talk in scenario.mentions:
                self._check_has_a_usual(talk)

    def _check_has_a_usual(self, talk: Talk) -> None:
        rise = talk.burst or talk.ramp or talk.level_shift
        if rise is not None and rise.times is not None:
            text = f'"times" of what? Nothing is usual here; expected an item "calm" or "seasonal" beside "{talk.kind}"'
            self._reader.report_field(rise, "times", text)

    def _check_expectations(self, scenario: Scenario, monitor: MonitorSettings, calendar: Calendar) -> None:
        for expectation in scenario.expect:
            field = "alert" if expectation.alert is not None else "no_alert"
            name = expectation.alert or expectation.no_alert or ""
            words = (ANY,) if field == "alert" else (ANY, OTHER)
            if name and name not in (*words, *monitor.detectors):
                self._reader.report_field(expectation, field, self._no_detector(name, monitor, words))
            self._check_order(expectation, calendar)

    def _check_order(self, expectation: Expectation, calendar: Calendar) -> None:
        for name in ("within", "lasts"):
            length = getattr(expectation, name)
            if length is not None and length.total_seconds() <= 0:
                self._reader.report_field(expectation, name, f'"{name}" is no time at all; expected for example 30m')
        if self._reader.is_broken(expectation):
            return
        start, end = window(expectation, calendar)
        if start is not None and end is not None and end <= start:
            text = f"it ends ({calendar.say(end)}) before it begins ({calendar.say(start)})"
            self._reader.report_field(expectation, "before", text)
        least, most = allowed(expectation)
        if most < least:
            self._reader.report_field(
                expectation, "count", f'"count" is {expectation.count}; expected the smaller number first'
            )

    @staticmethod
    def _no_detector(name: str, monitor: MonitorSettings, words: Sequence[str] = ()) -> str:
        known = (*monitor.detectors, *words)
        hint = did_you_mean(name, known) or f"; expected one of {', '.join(known)}"
        return f'the monitor "{monitor.name}" has no detector called {quoted(name)}{hint}'

    def _check_amount(self, scenario: Scenario, calendar: Calendar) -> None:
        if (count := expected_mentions(scenario, calendar)) > MOST_MENTIONS:
            text = f"about {count:,.0f} mentions in one scenario; expected at most {MOST_MENTIONS:,}"
            self._reader.report_field(scenario, "mentions", text)

    # What is said must be heard

    def _texts(self, scenario: Scenario, monitor: MonitorSettings, query: Query) -> Sequence[str]:
        voices = [(talk.kind, voice) for talk in scenario.mentions if isinstance(voice := talk.what, Voice)]
        spoken = [voice.channel or CHANNEL for _, voice in voices if isinstance(voice, Calm)]
        channels = {id(voice): [voice.channel] if voice.channel else spoken or [CHANNEL] for _, voice in voices}
        for _, voice in voices:
            self._check_heard(voice, channels[id(voice)], monitor, query)
        silent = [(kind, voice) for kind, voice in voices if voice.text is None]
        needed = [channel for _, voice in silent for channel in channels[id(voice)]]
        self._check_heard(scenario, needed, monitor, query)
        texts = several(scenario.text) or [text for text in fitting_texts(query) if is_heard(query, text, needed)]
        if not texts:
            for kind, voice in silent:
                text = f'"{kind}" needs the key "text": none could be made up that {_hears(monitor, query)}'
                self._reader.report(self._reader.line(voice), text)
        return texts

    def _check_heard(
        self, owner: Scenario | Voice, channels: Sequence[str], monitor: MonitorSettings, query: Query
    ) -> None:
        for at, text in enumerate(several(owner.text)):
            if text and not is_heard(query, text, channels):
                told = f"{quoted(text)} is not heard; expected a text that {_hears(monitor, query)}"
                self._reader.report_field(owner, "text", told, at)


def _hears(monitor: MonitorSettings, query: Query) -> str:
    return f'the monitor "{monitor.name}" hears: {query.describe()}'

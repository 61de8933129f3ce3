"""How often the routes of a config call people, in words."""

from collections.abc import Iterable, Sequence

from alerting.alert import Severity
from alerting.budget import limit_for
from streams.settings.config import Config, Email, Route, Slack


def attention_in_words(config: Config, names: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """By route, of those that call people at all; `names` are those of the routes, in order."""
    people = callable_receivers(config)
    return tuple(
        (name, _sentence(route, config))
        for name, route in zip(names, config.routes, strict=True)
        if people.intersection(route.receivers)
    )


def mistakes_of_attention(config: Config) -> Iterable[str]:
    """One sentence each, with the remedy."""
    people = callable_receivers(config)
    for number, route in enumerate(config.routes, 1):
        if route.interrupts_a_day is not None and not route.digest and people.intersection(route.receivers):
            yield (
                f"{route.name or f'route-{number}'}: what its budget of {route.interrupts_a_day} interruptions a day "
                "does not cover is told nowhere: give it hours for a digest, or interrupts_a_day: null"
            )


def callable_receivers(config: Config) -> set[str]:
    """Names of those that call people; the others are told everything."""
    return {receiver.name for receiver in config.receivers if isinstance(receiver, Slack | Email)}


def _sentence(route: Route, config: Config) -> str:
    clock = route.timezone or config.organisation.timezone
    digests = f"the rest in a digest at {_and(route.digest)} ({clock})" if route.digest else "the rest in no digest"
    limit = route.interrupts_a_day
    if limit is None:
        return f"as often as something happens; what a gate holds back in a digest at {_and(route.digest)} ({clock})"
    if limit == 0:
        return f"only for life_safety; {digests}"
    shares = [(level, limit_for(level, limit)) for level in (Severity.INFO, Severity.WARNING)]
    kept = ", ".join(f"{level.label} {_first(count)}" for level, count in shares)
    return f"at most {limit} times a day ({kept}, critical all; life_safety is not counted); {digests}"


def _first(count: int) -> str:
    return f"the first {count}" if count else "never"


def _and(hours: Sequence[str]) -> str:
    return " and ".join(filter(None, (", ".join(hours[:-1]), hours[-1]))) if hours else "no hour"

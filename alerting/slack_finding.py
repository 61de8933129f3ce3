"""What a look at a Slack workspace found, in words."""

from enum import Enum

from msgspec import Struct

from alerting.plain_text import cut, literal
from alerting.slack_answer import refusal_in_words
from alerting.slack_web import NO_ANSWER, Answer


class Verdict(Enum):
    """How a finding is."""

    GOOD = "good"
    LACKING = "lacking"
    """It works without, but not all of it."""
    UNKNOWN = "unknown"
    MISSING = "missing"
    """Nothing will be told before it is put right."""


class Finding(Struct, frozen=True, kw_only=True):
    """One thing that was looked at. All strings are literal text."""

    what: str
    verdict: Verdict
    told: str
    remedy: str = ""


def refused(answer: Answer, channel: str) -> dict[str, str]:
    """Slack's code as words, and what to do: `told` and `remedy` of a finding."""
    if answer.error == NO_ANSWER:
        return {"told": answer.why}
    if answer.error == "ratelimited":
        wait = answer.headers.get("retry-after", "some")
        return {"told": f"Slack asks to wait {shown(wait)} seconds", "remedy": "run it again then"}
    told, _, remedy = refusal_in_words(answer.error or "", channel).rstrip(".").partition(": ")
    # What is not known has no remedy: the code stands there.
    return {"told": f"{told}: {remedy}"} if remedy == answer.error else {"told": told, "remedy": remedy}


def shown(text: object) -> str:
    return cut(literal(text), 80) if isinstance(text, str) else ""

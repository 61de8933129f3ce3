"""What is said of words that an organisation has listed (`detectors/marks.py`). Literal text."""

from alerting.alert import Alert, Severity, Story
from detectors.detection import Effect

_LISTED = {
    Effect.HARM: "words of harm (organisation.harm)",
    Effect.OFFICIALS: "words of officials (organisation.officials)",
}


def listed_words(alert: Alert) -> str:
    """A sentence, with a space before it, that names the lists; nothing where no such words were held."""
    held = " and ".join(words for effect, words in _LISTED.items() if effect in alert.effects)
    return f" At least a tenth of the mentions held {held}, which makes it more severe." if held else ""


def for_harm(story: Story) -> str:
    """Who is woken by a story of life safety is told at once why."""
    speaks_of_harm = any(Effect.HARM in alert.effects for alert in story.alerts)
    return ", as many speak of harm" if speaks_of_harm and story.severity is Severity.LIFE_SAFETY else ""

"""What is said of a known claim that is repeated. Every string that leaves here is literal text."""

from alerting.alert import Story
from alerting.phrases import name, sentence
from alerting.plain_text import cut, shown_link
from detectors.detection import MatchedClaim


def matched_claim(story: Story) -> MatchedClaim | None:
    """Of its alerts' claims the one that is most probably meant."""
    claims = [alert.evidence.claim for alert in story.alerts if alert.evidence.claim]
    return max(claims, key=lambda claim: claim.probability, default=None)


def claim_heading(claim: MatchedClaim) -> str:
    return "Matches a fact-checked claim" if claim.certain else "Possibly matches a fact-checked claim"


def claim_verdict(claim: MatchedClaim) -> str:
    """The verdict with whose and of when it is, the probability of the match, and where to read it."""
    sure = f"{_sure(claim)} that it is this claim"
    checked_on = f", {claim.checked_on:%d %b %Y}" if claim.checked_on else ""
    told = f"{name(claim.verdict)}, says {name(claim.checked_by)}{checked_on} ({sure})"
    return f"{told} · {cut(shown_link(claim.url), 120)}" if claim.url else told


def claim_why(claim: MatchedClaim) -> str:
    """`Why: close in meaning (cosine 0.83); shares the numbers 63`, or nothing where that is not known."""
    return sentence(f"Why: {'; '.join(claim.why)}") if claim.why else ""


def claim_in_short(claim: MatchedClaim) -> str:
    """By its id, for lists: `Matches the claim census-sale: No evidence, says Example Fact Check (97 % sure)`."""
    matches = "Matches" if claim.certain else "Possibly matches"
    told = f"{matches} the claim {name(claim.id)}: {name(claim.verdict)}, says {name(claim.checked_by)}"
    return f"{told} ({_sure(claim)})"


def _sure(claim: MatchedClaim) -> str:
    """Nobody is ever quite sure."""
    return "over 99 % sure" if claim.probability > 0.99 else f"{100 * claim.probability:.0f} % sure"


def answer_heading(claim: MatchedClaim) -> str:
    return f"Approved answer, from {name(claim.owner)}" if claim.owner else "Approved answer"

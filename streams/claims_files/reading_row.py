"""One row of a claims file as a `KnownClaim`, with all that is wrong with it."""

from urllib.parse import urlsplit

from msgspec import structs

from alerting.plain_text import literal
from detectors.known_claim import KnownClaim
from streams.claims_files.claim_review import TERMS
from streams.encoding.languages import UNKNOWN, primary_code
from streams.settings.problem import Problem, quoted
from streams.settings.strict_yaml import Reader
from streams.settings.yaml_nodes import Mapping, Node

LONGEST = {
    "id": 200,
    "claim": 1_000,
    "verdict": 200,
    "checked_by": 200,
    "url": 2_000,
    "title": 1_000,
    "answer": 2_000,
    "owner": 200,
    "languages": 20,
    "also": 1_000,
}
"""Characters of a field, or of each item of a list: an alert has to hold them."""
MOST = 50
"""Items of a list."""


def read_row(
    node: Node, file: str, wrong: list[Problem], first: dict[str, str], *, lenient: bool, is_ours: bool
) -> KnownClaim | None:
    """The claim of a row; of no use to anybody where something is wrong.

    Args:
        node: As a YAML file has it.
        file: Its name in the problems.
        wrong: What is wrong with the row; takes what else is.
        first: Where each id stands that was met before; takes this one's place.
        lenient: Whether the verdict and who gave it may be empty.
        is_ours: Whether the file is in our own format, so that other names of the fields are of no use.
    """
    reader = Reader(file)
    read = reader.read(node, KnownClaim, "a claim")
    if not isinstance(node, Mapping):
        wrong += reader.problems
        return None
    claim = _cleaned(read)
    _check(claim, read, reader, lenient)
    if not reader.problems and not wrong:
        _check_id(claim, read, reader, first)
    wrong += reader.problems if is_ours else [_in_their_terms(problem) for problem in reader.problems]
    return claim


def _check_id(claim: KnownClaim, read: KnownClaim, reader: Reader, first: dict[str, str]) -> None:
    if claim.id in first:
        text = f"a claim with the id {quoted(claim.id)} stands already at {first[claim.id]}; expected another id"
        reader.report_field(read, "id", text)
    else:
        first[claim.id] = f"{reader.file}:{reader.line(read, 'id')}"


def _cleaned(claim: KnownClaim) -> KnownClaim:
    """Texts as a reader sees them, and languages as we call them."""

    def clean(text: str | None) -> str | None:
        return (literal(text) or None) if text is not None else None

    return structs.replace(
        claim,
        id=literal(claim.id),
        claim=literal(claim.claim),
        verdict=literal(claim.verdict),
        checked_by=literal(claim.checked_by),
        title=clean(claim.title),
        also=tuple(filter(None, map(literal, claim.also))),
        answer=(literal(claim.answer, newlines=True) or None) if claim.answer is not None else None,
        owner=clean(claim.owner),
        languages=tuple(_language(tag) for tag in claim.languages),
    )


def _language(tag: str) -> str:
    code = primary_code(tag)
    return tag if code == UNKNOWN else code


def _check(claim: KnownClaim, read: KnownClaim, reader: Reader, lenient: bool) -> None:
    """Report what the types do not say. `read` is the claim as it stands in the file."""
    for field in ("id", "claim") if lenient else ("id", "claim", "verdict", "checked_by"):
        if not getattr(claim, field):
            reader.report_field(read, field, f'"{field}" is empty; expected text')
    for field, longest in LONGEST.items():
        value = getattr(claim, field)
        for at, text in enumerate(value if isinstance(value, tuple) else (value or "",)):
            if len(text) > longest:
                told = f'"{field}" has {len(text):,} characters; expected at most {longest:,}'
                reader.report_field(read, field, told, at)
    for field in ("languages", "also"):
        if (count := len(getattr(claim, field))) > MOST:
            reader.report_field(read, field, f'"{field}" has {count:,} in it; expected at most {MOST}')
    _check_places(claim, read, reader)


def _check_places(claim: KnownClaim, read: KnownClaim, reader: Reader) -> None:
    if claim.url is not None and not _is_web_link(claim.url):
        reader.report_field(read, "url", f'"url" is {quoted(claim.url)}; expected one that begins with https://')
    for at, tag in enumerate(claim.languages):
        if primary_code(tag) == UNKNOWN:
            text = f'"languages" has {quoted(tag, 20)}; expected codes such as en, es or pt'
            reader.report_field(read, "languages", text, at)


def _is_web_link(url: str) -> bool:
    if not url.startswith(("https://", "http://")) or not url.isprintable() or " " in url:
        return False
    try:
        return bool(urlsplit(url).hostname)
    except ValueError:
        return False


def _in_their_terms(problem: Problem) -> Problem:
    """With what ClaimReview calls the field that is missing: whoever has such a file knows no other name of it."""
    for field, term in TERMS.items():
        start = f'the key "{field}" is missing'
        if problem.text.startswith(start):
            return structs.replace(problem, text=f"{start} ({term} in a ClaimReview){problem.text[len(start) :]}")
    return problem

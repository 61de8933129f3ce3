"""Claims files: what fact-checkers have found, and what the organisation answers. A YAML list of `KnownClaim`."""

from collections.abc import Sequence
from pathlib import Path

from detectors.known_claim import KnownClaim
from streams.settings.problem import ConfigError, Problem, quoted
from streams.settings.strict_yaml import Reader
from streams.settings.text_file import read_text, refuse_secrets


def load_claims(path: Path) -> tuple[KnownClaim, ...]:
    """The claims of one file. Raises `ConfigError` with all that is wrong with it."""
    return load_all_claims([path])


def load_all_claims(paths: Sequence[Path]) -> tuple[KnownClaim, ...]:
    """The claims of several files, whose ids must all differ. Raises `ConfigError` with all that is wrong."""
    claims, problems = read_claims(paths)
    if problems:
        raise ConfigError(problems)
    return claims


def read_claims(paths: Sequence[Path]) -> tuple[tuple[KnownClaim, ...], list[Problem]]:
    """What could be read of the files, and what is wrong with them."""
    claims: list[KnownClaim] = []
    problems: list[Problem] = []
    first: dict[str, str] = {}
    for path in paths:
        text = read_text(path, problems)
        if text is None:
            continue
        reader = Reader(str(path))
        refuse_secrets(text, reader)
        for claim in reader.document(text, tuple[KnownClaim, ...]) or ():
            _check(claim, reader, first)
            claims.append(claim)
        problems += sorted(reader.problems, key=lambda problem: problem.line)
    return tuple(claims), problems


def _check(claim: KnownClaim, reader: Reader, first: dict[str, str]) -> None:
    place = f"{reader.file}:{reader.line(claim, 'id')}"
    if claim.id in first:
        text = f"a claim with the id {quoted(claim.id)} stands already at {first[claim.id]}; expected another id"
        reader.report_field(claim, "id", text)
    elif claim.id.strip():
        first[claim.id] = place
    for field in ("id", "claim", "verdict", "checked_by"):
        if not getattr(claim, field).strip():
            reader.report_field(claim, field, f'"{field}" is empty; expected text')
    if claim.url is not None and not claim.url.startswith(("https://", "http://")):
        reader.report_field(claim, "url", f'"url" is {quoted(claim.url)}; expected one that begins with https://')

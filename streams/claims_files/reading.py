"""Claims files: what fact-checkers have found, and what the organisation answers. One meaning, four formats.

- `.yaml`, `.yml`: a list of `KnownClaim`, each with an id;
- `.json`: the same as JSON, schema.org's ClaimReview (alone, in a list, a `@graph` or a data feed), or an answer of
  Google's Fact Check Tools;
- `.jsonl`: one of those a line;
- `.csv`: a header row with our names of the fields or ClaimReview's, `languages` and `also` separated by `|`.

A claim of the last three that has no id is given one: see `streams/claims_files/rows.py`. Nothing in a file is trusted:
texts are bounded and cleaned of what acts, links are web links, and a formula of a spreadsheet is text.
"""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from msgspec import Struct

from detectors.known_claim import KnownClaim
from streams.claims_files.bare_rows import bring_into_form
from streams.claims_files.csv_rows import rows_of_csv
from streams.claims_files.json_rows import rows_of_document, rows_of_lines
from streams.claims_files.places import files_of, format_of, without_repeats
from streams.claims_files.reading_row import read_row
from streams.claims_files.rows import Missing, complete
from streams.settings.problem import ConfigError, Problem, lines_with_secrets
from streams.settings.strict_yaml import Reader
from streams.settings.text_file import read_text
from streams.settings.yaml_nodes import Listing, Node
from streams.settings.yaml_nodes import Mapping as Keys

LARGEST_BYTES = 50_000_000
"""Of one file."""
MOST_CLAIMS = 100_000
NOTHING = Missing()
_SECRET = (
    "a Slack token or hook stands here in plain sight; expected none in a claims file. Take it out and revoke it: a "
    "file like this is copied and committed"
)


class ClaimsRead(Struct, frozen=True, kw_only=True):
    """What some files hold, good and bad."""

    claims: tuple[KnownClaim, ...]
    """Those with nothing wrong, in the order of the files."""
    problems: tuple[Problem, ...]
    """All that is wrong."""
    unread: tuple[Problem, ...] = ()
    """Of those, the ones for which the claims of a whole file are missing."""
    bad_rows: int = 0
    """Rows that are not among the claims."""
    given_ids: Mapping[str, Any] = {}
    """Of a lenient reading, by the claim's id: that id as it stands in the file, which may be a number."""


def load_claims(path: Path) -> tuple[KnownClaim, ...]:
    """The claims of one file or folder of any format. Raises `ConfigError` with all that is wrong with it."""
    return load_all_claims(_within(path))


def load_bare_claims(path: Path) -> ClaimsRead:
    """Those of a list that was made to judge a matcher by: languages are empty where nothing is said of them.

    Raises:
        ConfigError: All that is wrong with it.
    """
    return _without_problems(read_claims(_within(path), Missing(lenient=True)))


def load_all_claims(paths: Sequence[Path], missing: Missing = NOTHING) -> tuple[KnownClaim, ...]:
    """The claims of several files, whose ids must all differ. Raises `ConfigError` with all that is wrong."""
    return _without_problems(read_claims(paths, missing)).claims


def read_claims(paths: Sequence[Path], missing: Missing = NOTHING) -> ClaimsRead:
    """What could be read of the files, and what is wrong with them.

    Args:
        paths: Of files; one that is given twice is read once.
        missing: What stands in for what a row does not say.
    """
    claims: list[KnownClaim] = []
    problems: list[Problem] = []
    unread: list[Problem] = []
    bad_rows = 0
    first: dict[str, str] = {}
    given_ids: dict[str, Any] = {}
    for path in without_repeats(list(paths)):
        rows, found, is_read = _rows_of(path, missing)
        is_ours = format_of(path) == "yaml"
        unread += [] if is_read else found
        bad_rows += len(found) if is_read else 0
        for node, wrong in rows:
            given = bring_into_form(node) if missing.lenient and isinstance(node, Keys) else None
            claim = read_row(node, str(path), wrong, first, lenient=missing.lenient, is_ours=is_ours)
            found += wrong
            bad_rows += bool(wrong)
            if not wrong and claim is not None:
                claims.append(claim)
                given_ids[claim.id] = given
        problems += sorted(found, key=lambda problem: problem.line)
        if len(claims) > MOST_CLAIMS:
            told = Problem(str(path), 0, f"more than {MOST_CLAIMS:,} claims with this file; expected at most so many")
            return ClaimsRead(claims=(), problems=(told,), unread=(told,))
    return ClaimsRead(
        claims=tuple(claims), problems=tuple(problems), unread=tuple(unread), bad_rows=bad_rows, given_ids=given_ids
    )


def _within(path: Path) -> list[Path]:
    return files_of(str(path), Path()) if path.is_dir() else [path]


def _without_problems(read: ClaimsRead) -> ClaimsRead:
    if read.problems:
        raise ConfigError(read.problems)
    return read


def _rows_of(path: Path, missing: Missing) -> tuple[list[tuple[Node, list[Problem]]], list[Problem], bool]:
    """The rows of a file with what is wrong with them so far, what is wrong beside them, and whether it was read."""
    beside: list[Problem] = []
    text = read_text(path, beside, largest_bytes=LARGEST_BYTES)
    if text is None:
        return [], beside, False
    file, format = str(path), format_of(path)
    nodes, found, is_read = _nodes_of(text, format, file, missing)
    secrets = [Problem(file, line, _SECRET) for line in lines_with_secrets(text)]
    rows: list[tuple[Node, list[Problem]]] = [(node, []) for node in nodes]
    starts = [node.line for node in nodes]
    # A line of YAML that is wrong is part of a row; in the other formats it is one that could not become a row.
    for problem in secrets + (found if format == "yaml" else []):
        at = bisect_right(starts, problem.line) - 1
        (rows[at][1] if at >= 0 else beside).append(problem)
    for node in nodes:
        if isinstance(node, Keys) and not missing.lenient:
            complete(node, missing, derive_id=format != "yaml")
    return rows, beside + (found if format != "yaml" else []), is_read


def _nodes_of(text: str, format: str, file: str, missing: Missing) -> tuple[Sequence[Node], list[Problem], bool]:
    """The rows as trees, what is wrong, and whether the file could be read as a whole."""
    if format == "csv":
        given = [name for name in ("verdict", "checked_by") if getattr(missing, name) is not None]
        return rows_of_csv(text, file, given=None if missing.lenient else given)
    if format == "json":
        return rows_of_document(text, file)
    if format == "jsonl":
        return *rows_of_lines(text, file), True
    return _nodes_of_yaml(text, file)


def _nodes_of_yaml(text: str, file: str) -> tuple[Sequence[Node], list[Problem], bool]:
    reader = Reader(file)
    root = reader.compose(text, tuple[KnownClaim, ...])
    if isinstance(root, Listing):
        return root.items, reader.problems, True
    if root is not None:
        reader.read(root, tuple[KnownClaim, ...], "the file")
    return (), reader.problems, not reader.problems

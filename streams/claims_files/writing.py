"""Claims as a YAML file that people go on with: they add their wordings, the approved answer and its owner."""

from collections.abc import Sequence
from typing import Any

import yaml

from detectors.known_claim import KnownClaim
from streams.claims_files.rows import FIELDS
from streams.settings.problem import without_secrets
from streams.settings.yaml_nodes import Scalar
from streams.settings.yaml_values import plain

WIDTH = 116


def as_yaml(claims: Sequence[KnownClaim], remarks: Sequence[str]) -> str:
    """A claims file, ordered by id, so that it differs from an earlier one only where the claims do.

    Args:
        claims: Whose texts are cleaned.
        remarks: Comments to begin with, a line each.
    """
    heading = [*remarks, "", *_HOW_TO] if remarks else _HOW_TO
    comments = "\n".join(f"# {_on_one_line(line)}".rstrip() for line in heading)
    entries = (_entry(claim) for claim in sorted(claims, key=lambda claim: claim.id))
    return f"{comments}\n\n" + "\n".join(entries)


_HOW_TO = (
    "The verdict is the fact-checker's and is always told with their name. Add what is yours:",
    '"also", other wordings in which the claim goes round, "answer", what you have approved to say, and "owner".',
)


def _entry(claim: KnownClaim) -> str:
    values = {field: _value(getattr(claim, field)) for field in FIELDS}
    given = {field: value for field, value in values.items() if value not in (None, [])}
    return str(yaml.dump([given], Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=WIDTH))


def _value(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def _on_one_line(text: str) -> str:
    return without_secrets("".join(c if c.isprintable() else "?" for c in text))


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    """Of several lines as they are; in quotes also what only our reader takes for a number, such as `1e5`."""
    style = "|" if "\n" in text else None if isinstance(plain(Scalar(0, text, None, 0, 0)), str) else "'"
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


def _list(dumper: yaml.SafeDumper, items: list[str]) -> yaml.SequenceNode:
    """Short words on one line."""
    is_short = all(len(item) <= 3 for item in items)
    return dumper.represent_sequence("tag:yaml.org,2002:seq", items, flow_style=is_short)


# One of our own, so that nobody else's lists are written like ours; the faster one, where PyYAML was built with it.
_Dumper: Any = type("_Dumper", (getattr(yaml, "CSafeDumper", yaml.SafeDumper),), {})
_Dumper.add_representer(str, _text)
_Dumper.add_representer(list, _list)

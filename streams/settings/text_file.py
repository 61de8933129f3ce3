"""The text of a file that a person wrote, before anybody reads it as YAML."""

import gzip
import zlib
from pathlib import Path

from streams.settings.problem import Problem, did_you_mean, lines_with_secrets
from streams.settings.strict_yaml import Reader

LARGEST_BYTES = 10_000_000


def read_text(path: Path, problems: list[Problem], largest_bytes: int = LARGEST_BYTES) -> str | None:
    """A file's text, or None, with the reason added to `problems`."""
    try:
        if path.is_dir():
            problems.append(Problem(str(path), 0, "this is a folder; expected a YAML file"))
            return None
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
            content = file.read(largest_bytes + 1)
    except FileNotFoundError:
        beside = [other.name for other in path.parent.glob("*.y*ml")] if path.parent.is_dir() else []
        problems.append(Problem(str(path), 0, f"there is no such file{did_you_mean(path.name, beside)}"))
        return None
    except (OSError, ValueError, EOFError, zlib.error) as error:
        reason = getattr(error, "strerror", None) or str(error)
        problems.append(Problem(str(path), 0, f"it cannot be read: {reason}"))
        return None
    if len(content) > largest_bytes:
        problems.append(Problem(str(path), 0, f"it has more than {largest_bytes:,} bytes; expected a file of fewer"))
        return None
    return _decoded(content, path, problems)


def refuse_secrets(text: str, reader: Reader) -> None:
    """Report each line in which a token stands in plain sight, comments included."""
    for line in lines_with_secrets(text):
        reader.report(
            line,
            "a Slack token or hook stands here in plain sight; expected it in a file (token_file) or an environment "
            "variable (token_env). Revoke it: a file like this is copied and committed",
        )


def _decoded(content: bytes, path: Path, problems: list[Problem]) -> str | None:
    try:
        return content.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        problems.append(Problem(str(path), line, f"byte 0x{content[error.start]:02x} is not UTF-8; save it as UTF-8"))
        return None

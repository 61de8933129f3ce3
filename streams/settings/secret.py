"""Reads a secret from where the config says it is: a file or an environment variable, never the config itself.

SecretError   it is not there; the message names the place, never what stands in it
"""

import os
from pathlib import Path


class SecretError(Exception):
    """A secret is missing, empty or cannot be read; says which, where it was looked for, and what to do."""


def read_secret(what: str, *, file: str | None = None, env: str | None = None) -> str:
    """The secret, without white space around it. The file counts where both are given.

    Args:
        what: What it is, for the error: "the Kafka password".
    """
    if file is not None:
        return _from_file(what, Path(file).expanduser())
    if env is not None:
        return _from_environment(what, env)
    raise SecretError(f"{what} is missing: name a file or an environment variable that holds it")


def _from_file(what: str, file: Path) -> str:
    try:
        secret = file.read_text().strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not text"
        raise SecretError(f"{what} cannot be read from {file}: {reason}") from None
    if not secret:
        raise SecretError(f"{what} is missing: {file} is empty")
    return secret


def _from_environment(what: str, env: str) -> str:
    secret = os.environ.get(env, "").strip()
    if not secret:
        raise SecretError(f"{what} is missing: set the environment variable {env}")
    return secret

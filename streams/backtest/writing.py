"""Files that a backtest writes: whole or not at all, and never in the place of a file that it reads."""

import os
import tempfile
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path

from streams.backtest.bad_input import BadInput


def refuse_to_overwrite(outputs: Mapping[str, Path | None], inputs: Iterable[Path]) -> None:
    """Before a long run: each output can be written where it is to lie. Raises `BadInput`.

    Args:
        outputs: By the option that names it; None where it is not wanted.
        inputs: All files that are read.
    """
    taken = {path.resolve(): "is read" for path in inputs}
    for option, path in outputs.items():
        if path is None:
            continue
        if (use := taken.setdefault(path.resolve(), f"is for {option}")) != f"is for {option}":
            raise BadInput(path, None, f"{use} too: give {option} another file")
        if path.is_dir():
            raise BadInput(path, None, f"is a folder: give {option} a file")
        if not os.access(path.resolve().parent, os.W_OK):
            raise BadInput(
                path, None, f"cannot be written: {option} needs a folder that is there and may be written to"
            )


def write_whole(path: Path, text: str) -> None:
    """Put a text in UTF-8 into a file. Whoever reads the file meanwhile has the old one. Raises `OSError`."""
    target = path.resolve()  # a link stays one
    if target.exists() and not target.is_file():  # a pipe, or /dev/stdout
        target.write_text(text, encoding="utf-8", newline="")
        return
    mode = target.stat().st_mode & 0o777 if target.exists() else 0o666 & ~_umask()
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}-")
    try:
        with open(handle, "w", encoding="utf-8", newline="") as file:
            file.write(text)
        os.chmod(name, mode)
        os.replace(name, target)
    except BaseException:
        with suppress(OSError):
            os.unlink(name)
        raise


def _umask() -> int:
    """What new files are not allowed; to be asked for it has to be set."""
    mask = os.umask(0)
    os.umask(mask)
    return mask

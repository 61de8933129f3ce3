"""Lets a detector hear a stream in another process, as after a restart on another machine.

There strings hash differently, and the machine's clock is set to another time zone: what follows the order of a set, or
asks the machine for its time zone, shows.
"""

import inspect
import os
import pickle
import subprocess
import sys
from importlib import import_module
from importlib.util import find_spec, module_from_spec, spec_from_file_location
from types import ModuleType
from typing import Any

import msgspec
from msgspec import Struct

from detectors.conformance.hearing import Heard, Stream, hear
from detectors.contract import Detector

_PROGRAM = "import sys; sys.path[:] = sys.argv[1:]; from detectors.conformance.elsewhere import answer; answer()"
_LIMIT_SECONDS = 120


def hear_elsewhere(cls: type[Detector], stream: Stream, params: Struct) -> tuple[Heard, Heard]:
    """What came of a stream in the order `as_heard`, without and with peeks; without the state itself."""
    ours = os.environ.get("PYTHONHASHSEED")
    surroundings = os.environ | {"PYTHONHASHSEED": "1" if ours != "1" else "2", "TZ": "Pacific/Chatham"}
    asked = (cls.__module__, inspect.getfile(cls), cls.__qualname__, msgspec.msgpack.encode(params), stream)
    answered = subprocess.run(
        [sys.executable, "-c", _PROGRAM, *sys.path],
        input=pickle.dumps(asked),
        capture_output=True,
        env=surroundings,
        timeout=_LIMIT_SECONDS,
        check=False,
    )
    if answered.returncode != 0:
        raise RuntimeError(f"{cls.__name__} cannot be heard in another process: {answered.stderr.decode()}")
    without, peeked = pickle.loads(answered.stdout)
    return without, peeked


def answer() -> None:
    """What the other process does: reads what is asked from its input, writes what came of it to its output."""
    module, file, qualname, encoded, stream = pickle.load(sys.stdin.buffer)
    cls: Any = _module(module, file)
    for name in qualname.split("."):
        cls = getattr(cls, name)
    params = msgspec.msgpack.decode(encoded, type=cls.Params)
    both = [hear(cls, stream, params, mentions=stream.as_heard, peeks=peeks) for peeks in (False, True)]
    for heard in both:
        heard.state = None  # of a class that the asking process may not find under the same name
    pickle.dump(both, sys.stdout.buffer)


def _module(name: str, file: str) -> ModuleType:
    """By its name, or where that cannot be imported (as of a test's module), by its file."""
    try:
        known = find_spec(name) is not None
    except (ImportError, ValueError):
        known = False
    if known:
        return import_module(name)
    spec = spec_from_file_location(name, file)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module

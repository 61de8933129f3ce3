from io import StringIO

import pytest
from rich.console import Console

from streams.inbox import print_inbox
from tests.building import story


def shown(width: int) -> str:
    told = StringIO()
    print_inbox([story(id="5f0c9ab1d2e34455")], Console(file=told, width=width))
    return told.getvalue()


def test_nothing_open_is_said() -> None:
    told = StringIO()
    print_inbox([], Console(file=told))
    assert told.getvalue() == "Nothing is open.\n"


@pytest.mark.parametrize(("width", "id"), [(80, "5f0c9ab1"), (140, "5f0c9ab1d2e34455")])
def test_a_story_takes_few_lines_however_wide_the_terminal_is(width: int, id: str) -> None:
    head, *rows = shown(width).split("\n\n")[0].splitlines()
    assert head.split() == ["risk", "severity", "what", "since", "who", "sees", "to", "it", "story"]
    assert rows[0].rstrip().endswith(f" {id}")
    assert len(rows) <= 5

"""Documents of files that others made: each becomes one mention, and its id stays what it was."""

import gzip
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from detectors.contract import MonitorContext
from detectors.mention import Encoding, Mention
from detectors.narrative import NarrativeDetector
from streams.backtest.bad_input import BadInput
from streams.encoding.encoder import EncoderStats
from streams.narratives.assignments import assigned
from streams.narratives.documents import APART, Documents, documents

WORDS = "the mayor opens a new bridge over the river in the old town today"


def written(folder: Path, lines: list[Any] | bytes) -> Path:
    path = folder / "docs.jsonl"
    path.write_bytes(
        lines if isinstance(lines, bytes) else b"".join(json.dumps(each).encode() + b"\n" for each in lines)
    )
    return path


def read(folder: Path, lines: list[Any] | bytes, **fields: Any) -> Documents:
    return documents(written(folder, lines), fields.get("id_field"), fields.get("text_field"))


def test_ids_stay_as_they_stand_in_the_file_and_need_not_differ(tmp_path: Path) -> None:
    ids = [1, "1", 2**70, "a", "a", -3, 1.5, None, True, ["x"], {"$oid": "5f"}, " a  b\n", "\ud83d", ""]
    found = read(tmp_path, [*({"id": each, "text": WORDS} for each in ids), {"text": WORDS}])
    assert list(found.ids) == [*ids, None]
    assert len({each.id for each in found.mentions}) == len(ids) + 1
    assert "line 8 and 1 more have no id: null is written" in found.notes
    assert "1 document with the id of another: lines are in the order of the file" in found.notes


def test_a_document_without_text_is_one_all_the_same(tmp_path: Path) -> None:
    found = read(tmp_path, b'{"id": 1, "text": "a"}\n{"id": 2}\n{"id": 3, "text": null}\n{"id": 4, "text": NaN}\n')
    assert [each.text for each in found.mentions] == ["a", "", "", ""]
    assert "line 2 and 2 more have no text: taken for an empty one" in found.notes


@pytest.mark.parametrize(
    ("document", "taken"),
    [
        ({"Id": "a", "clusterNo": 1, "textCleaned": "t"}, ("a", "t")),
        ({"_id": "a", "tweet": "t"}, ("a", "t")),
        ({"doc_id": 7, "title": "x", "content": "t"}, (7, "t")),
        ({"id_str": "7", "id": 7, "full_text": "t", "user": {"id": 3}}, (7, "t")),
        ({"tweet_id": 7, "tweet": {"id": 1}, "tweet_text": "t"}, (7, "t")),
        ({"id": 7, "text": "t", "textCleaned": "x", "content": "x"}, (7, "t")),
        ({"ID": 7, "Title": "t"}, (7, "t")),
    ],
)
def test_fields_are_found_that_are_called_as_usual(
    tmp_path: Path, document: dict[str, Any], taken: tuple[Any, str]
) -> None:
    found = read(tmp_path, [document])
    assert (found.ids[0], found.mentions[0].text) == taken
    is_ours = {"id", "text"} <= document.keys()
    assert any(note.startswith("ids are from") for note in found.notes) is not is_ours


def test_fields_that_are_named_are_taken(tmp_path: Path) -> None:
    found = read(tmp_path, [{"id": 1, "no": 2, "text": "a", "said": "b"}], id_field="no", text_field="said")
    assert (found.ids, found.mentions[0].text) == ((2,), "b")
    with pytest.raises(BadInput, match=r"has no text in 'speech'.*--text-field"):
        read(tmp_path, [{"id": 1, "text": "a"}], text_field="speech")


def test_times_are_read_in_the_forms_that_are_usual(tmp_path: Path) -> None:
    at = datetime(2030, 4, 1, 12, tzinfo=UTC)
    seconds = int(at.timestamp())
    times = ["2030-04-01T12:00:00Z", "2030-04-01 12:00:00", "2030-04-01T14:00:00+02:00"]
    numbers = [seconds, float(seconds), seconds * 1000, seconds * 1_000_000]
    found = read(tmp_path, [{"id": 1, "text": "a", "at": each} for each in [*times, *numbers]])
    assert {each.at for each in found.mentions} == {at}


def test_times_that_some_lack_are_passed_over(tmp_path: Path) -> None:
    rows = [{"id": n, "text": "a", "at": f"2030-04-0{9 - n}" if n != 2 else None} for n in range(4)]
    found = read(tmp_path, rows)
    assert {b.at - a.at for a, b in zip(found.mentions, found.mentions[1:], strict=False)} == {APART}
    assert "line 3 has no time: all are taken in the order of the file" in found.notes


def test_other_ends_of_lines_blank_lines_a_mark_and_compression_make_no_difference(tmp_path: Path) -> None:
    lines = b'\xef\xbb\xbf{"id": 1, "text": "a"}\r\n\r\n   \n{"id": 2, "text": "b\\ud83d"}'
    for content in (lines, gzip.compress(lines)):
        found = read(tmp_path, content)
        assert found.ids == (1, 2)
        assert [each.text for each in found.mentions] == ["a", "b\N{REPLACEMENT CHARACTER}"]


def test_an_empty_file_holds_nothing(tmp_path: Path) -> None:
    assert read(tmp_path, b"\n") == Documents((), (), ())


class _Letters:
    """Covers no text: they are matched by their letters."""

    stats = EncoderStats()

    def encode(self, mentions: Any) -> list[Encoding]:
        return [Encoding(model="none", language="en", uncovered="language") for _ in mentions]


def test_documents_are_taken_in_by_their_times_and_told_in_their_order() -> None:
    begin = datetime(2030, 4, 1, tzinfo=UTC)
    said = [
        Mention(id=f"{n:03}", channel="documents", at=begin + n * timedelta(minutes=1), text=f"{story} said {n}")
        for n, story in enumerate([WORDS, "a cat wins the first prize at the county fair show"] * 15)
    ]
    params = NarrativeDetector.Params()
    forth = assigned(said, _Letters(), MonitorContext(), params)
    assert assigned(said[::-1], _Letters(), MonitorContext(), params) == forth[::-1]
    assert len({each.end for each in forth}) == 2

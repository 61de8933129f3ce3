"""Which files an entry of a config names."""

from pathlib import Path

import pytest

from streams.claims_files.places import NoClaimsThere, files_of
from streams.claims_files.reading import load_all_claims, load_claims
from tests.streams.claim_rows import PIN, YAML, written


def test_entries_name_files_folders_and_patterns(tmp_path: Path) -> None:
    folder = tmp_path / "cl[ai]ms"
    (folder / "sub.yaml").mkdir(parents=True)
    for name in ("b.yaml", "a.csv", "c.json", "README.md", ".hidden.yaml"):
        written(folder, name, "")
    assert [path.name for path in files_of("cl[ai]ms", tmp_path)] == ["a.csv", "b.yaml", "c.json"]
    assert [path.name for path in files_of("cl[ai]ms/b.yaml", tmp_path)] == ["b.yaml"]
    assert [path.name for path in files_of("*.yaml", folder)] == ["b.yaml"]
    assert [path.name for path in files_of(f"{tmp_path}/*/[bc].*", tmp_path)] == ["b.yaml", "c.json"]
    assert files_of("cl[ai]ms/sub.yaml", tmp_path) == []


@pytest.mark.parametrize(
    ("entry", "complaint"),
    [
        ("cla.yaml", 'there is no claims file "cla.yaml"; did you mean "claims.yaml"'),
        ("q/none.yaml", "there is no claims file .*; expected its place relative to this file"),
        ("*.csv", "no claims file is like"),
        ("notes.txt", "is no claims file by its name; expected one that ends .yaml"),
    ],
)
def test_an_entry_that_names_nothing_is_refused(tmp_path: Path, entry: str, complaint: str) -> None:
    written(tmp_path, "claims.yaml", "")
    written(tmp_path, "notes.txt", "")
    with pytest.raises(NoClaimsThere, match=complaint):
        files_of(entry, tmp_path)


def test_a_file_that_two_entries_name_is_read_once(tmp_path: Path) -> None:
    path = written(tmp_path, "a.yaml", YAML)
    assert load_all_claims([path, tmp_path / "." / "a.yaml"]) == (PIN,)
    assert load_claims(tmp_path) == (PIN,)

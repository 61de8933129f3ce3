"""That claims files are read again while a worker runs, and that a broken one changes nothing."""

import json
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from msgspec import structs
from prometheus_client import CollectorRegistry

from detectors.known_claim import KnownClaim
from streams.encoding.claim_vectors import with_vectors
from streams.settings.config import Config, Encoder, MonitorSettings, Organisation, Route, Terminal
from streams.settings.loading import read_claims_of
from streams.stages.claims_watch import ClaimsWatch, digest_of, in_process
from streams.stages.metrics import Metrics

PIN = "- {id: pin, claim: They ask for your PIN, verdict: 'False', checked_by: Facts Desk}\n"
FINE = "- {id: fine, claim: You are fined for being late, verdict: 'False', checked_by: Facts Desk}\n"
NO_MODEL = Encoder(model="nowhere/at-all", languages=("en",))


def config(*claims: str, encoder: Encoder = NO_MODEL, skip: bool = False) -> Config:
    return Config(
        organisation=Organisation(name="Census Office"),
        monitors=(MonitorSettings(name="census", query="census", detectors={"narrative": None}),),
        receivers=(Terminal(name="comms"),),
        routes=(Route(receivers=("comms",)),),
        claims=claims or ("claims",),
        encoder=encoder,
        bad_claims="skip" if skip else "refuse",
    )


class Watched:
    """A folder of claims with its watch, and what a worker would be told.

    `claims` are as the worker has encoded them, where it does.
    """

    def __init__(self, folder: Path, config: Config, claims: Sequence[KnownClaim] = (), **options: Any) -> None:
        self.folder = folder
        self.metrics = Metrics(config, "detect", CollectorRegistry())
        read = read_claims_of(config, folder)
        options = {"encodes": bool(claims), "reader": partial(ThreadPoolExecutor, 1), **options}
        self.watch = ClaimsWatch(
            config, folder, digest_of(config, folder), claims or read.claims, read.bad_rows, **options
        )

    async def looks(self, times: int = 3) -> tuple[KnownClaim, ...] | None:
        """What comes of looking several times; at most once something new."""
        found = [await self.watch.look(self.metrics) for _ in range(times)]
        new = [claims for claims in found if claims is not None]
        assert len(new) <= 1
        return new[0] if new else None

    def value(self, name: str) -> float | None:
        return self.metrics.registry.get_sample_value(f"groundswell_claims{name}")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "claims").mkdir()
    (tmp_path / "claims" / "a.yaml").write_text(PIN)
    return tmp_path


async def test_nothing_is_read_again_while_nothing_changes(folder: Path) -> None:
    watched = Watched(folder, config())
    assert await watched.looks(4) is None
    (folder / "claims" / "a.yaml").write_text(PIN)  # saved again as it was
    assert await watched.looks(4) is None


async def test_a_claim_that_is_added_to_a_file_is_known_once_the_file_stands_still(folder: Path) -> None:
    watched = Watched(folder, config())
    await watched.looks()
    (folder / "claims" / "a.yaml").write_text(PIN + FINE)
    assert await watched.looks(1) is None
    found = await watched.looks(1)
    assert found is not None
    assert [claim.id for claim in found] == ["pin", "fine"]
    assert await watched.looks() is None
    assert (watched.value(""), watched.value("_last_reload_successful")) == (2, 1)


async def test_files_that_come_to_a_folder_and_go_are_seen(folder: Path) -> None:
    watched = Watched(folder, config())
    await watched.looks()
    (folder / "claims" / "b.csv").write_text("id,claim,verdict,checked_by\nfine,You are fined,False,Facts Desk\n")
    found = await watched.looks()
    assert found is not None
    assert [claim.id for claim in found] == ["pin", "fine"]
    (folder / "claims" / "a.yaml").unlink()
    found = await watched.looks()
    assert found is not None
    assert [claim.id for claim in found] == ["fine"]


async def test_a_broken_file_is_told_once_and_changes_nothing_until_it_is_right(
    folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    watched = Watched(folder, config())
    await watched.looks()
    (folder / "claims" / "a.yaml").write_text(PIN + FINE + "- {id: third}\n")
    assert await watched.looks(4) is None
    [record] = [record for record in caplog.records if record.levelname == "ERROR"]
    assert 'a.yaml:3: the key "claim" is missing' in vars(record)["why"]
    assert watched.value("_last_reload_successful") == 0
    (folder / "claims" / "a.yaml").write_text(PIN)  # as it was
    found = await watched.looks()
    assert found is not None
    assert [claim.id for claim in found] == ["pin"]
    assert watched.value("_last_reload_successful") == 1


async def test_a_file_that_is_gone_changes_nothing(folder: Path) -> None:
    watched = Watched(folder, config("claims/a.yaml"))
    await watched.looks()
    (folder / "claims" / "a.yaml").unlink()
    assert await watched.looks(4) is None
    assert watched.value("_last_reload_successful") == 0


async def test_bad_rows_are_left_out_and_counted_where_the_config_says_so(folder: Path) -> None:
    watched = Watched(folder, config(skip=True))
    await watched.looks()
    (folder / "claims" / "a.yaml").write_text(PIN + "- {id: third}\n" + FINE)
    found = await watched.looks()
    assert found is not None
    assert [claim.id for claim in found] == ["pin", "fine"]
    assert (watched.value("_left_out"), watched.value("_last_reload_successful")) == (1, 1)
    (folder / "claims" / "a.yaml").write_text("- {id: a")  # half written: not the same as one without claims
    assert await watched.looks() is None
    assert watched.value("_last_reload_successful") == 0


async def test_only_new_texts_are_encoded(folder: Path, model_cache: Path) -> None:
    settings = Encoder(cache=str(model_cache))
    claims = with_vectors(read_claims_of(config(), folder).claims, settings)
    watched = Watched(folder, config(encoder=settings), claims, reader=partial(ThreadPoolExecutor, 1))
    await watched.looks()
    (folder / "claims" / "a.yaml").write_text(FINE + PIN.replace("Facts Desk", "Checked Twice"))
    found = await watched.looks()
    assert found is not None
    assert found[1].vectors == claims[0].vectors
    assert found == with_vectors(found, settings)
    assert all(claim.vectors for claim in found)


async def test_without_new_texts_no_model_is_needed(folder: Path) -> None:
    [claim] = read_claims_of(config(), folder).claims
    watched = Watched(folder, config(), [structs.replace(claim, vectors=(b"1234",))])
    await watched.looks()
    (folder / "claims" / "a.yaml").write_text(PIN.replace("Facts Desk", "Checked Twice"))
    found = await watched.looks()
    assert found is not None
    assert (found[0].checked_by, found[0].vectors) == ("Checked Twice", (b"1234",))
    (folder / "claims" / "a.yaml").write_text(PIN + FINE)
    assert await watched.looks() is None
    assert watched.value("_last_reload_successful") == 0


async def test_many_claims_are_read_in_a_process_of_their_own(folder: Path) -> None:
    watched = Watched(folder, config(), reader=in_process)
    await watched.looks()
    rows = [{"id": f"c{n}", "claim": f"claim {n}", "verdict": "v", "checked_by": "b"} for n in range(10_000)]
    (folder / "claims" / "b.json").write_text(json.dumps(rows))
    found = await watched.looks()
    assert found is not None
    assert len(found) == 10_001

"""A fact-check that comes while a story runs: real workers on a real Kafka tell it again, with the answer."""

import gzip
from pathlib import Path

import pytest

from alerting.alert import Notification
from streams import records
from tests.live import Live, running

EXAMPLES = Path(__file__).parents[2] / "deploy" / "examples"
CONFIG = """\
organisation: {{name: Federal Census Office}}
claims: [claims]
monitors:
  - {{name: census, query: census, detectors: {{narrative: {{sensitivity: high}}}}, resolve_after: 1d}}
receivers: [{{name: console, type: terminal}}]
routes: [{{receivers: [console]}}]
encoder: {{cache: '{cache}'}}
kafka: {{bootstrap: '{kafka}', topic_prefix: '{prefix}-', partitions: 2}}
metrics: {{match: 0, detect: 0, notify: 0}}
"""
OTHER = "- {id: other, claim: The moon landing was filmed in a studio, verdict: 'False', checked_by: Facts Desk}\n"
CLAIM = """\
- id: census-immigration
  claim: Census data is handed to immigration authorities
  verdict: "False"
  checked_by: Open Facts Desk
  checked_on: 2026-03-16
  answer: The Census Act forbids us to pass on answers about a person to anybody.
"""


@pytest.mark.kafka
@pytest.mark.timeout(600)
def test_a_claim_that_is_added_while_a_story_runs_is_told_with_its_answer(
    kafka: str, tmp_path: Path, model_cache: Path
) -> None:
    config = tmp_path / "census.yaml"
    config.write_text(CONFIG.format(cache=model_cache, kafka=kafka, prefix=tmp_path.name))
    claims = tmp_path / "claims"
    claims.mkdir()
    (claims / "known.yaml").write_text(OTHER)
    recording = tmp_path / "last-days.jsonl"
    recording.write_bytes(b"".join(_of_last_days()))

    with running(config, tmp_path) as live:
        match, detect = live.start("match"), live.start("detect")
        match.wait_until_ready(120)
        detect.wait_until_ready(120)
        live.ingest(recording)
        live.wait_until("the story is told", lambda: bool(_about_immigration(live)), 300)
        live.wait_until("all of it is taken in", lambda: detect.metrics()["groundswell_lag_records"] <= 8, 60)
        assert not any(_claims(told) for told in _told(live))

        (claims / "broken.yaml").write_text("- {id: nothing else}\n")
        live.wait_until(
            "the broken file is refused",
            lambda: detect.metrics()["groundswell_claims_last_reload_successful"] == 0,
            60,
        )
        (claims / "broken.yaml").unlink()
        (claims / "new.yaml").write_text(CLAIM)
        live.wait_until("the claim is told", lambda: any(_claims(told) for told in _told(live)), 120)

        found = detect.metrics()
        assert found["groundswell_claims"] == 2
        assert found["groundswell_claims_last_reload_successful"] == 1

    [matched] = {claim for told in _told(live) for claim in _claims(told)}
    assert matched[0] == "census-immigration"
    assert matched[1] == "The Census Act forbids us to pass on answers about a person to anybody."


def _of_last_days() -> list[bytes]:
    with gzip.open(EXAMPLES / "census.jsonl.gz") as file:
        return [line for line in file if b'"at":"2026-03-15' in line or b'"at":"2026-03-16' in line]


def _told(live: Live) -> list[Notification]:
    values = [record.value or b"" for record in live.records(live.topics.notifications)]
    return [told for value in values if isinstance(told := records.notified(value), Notification)]


def _about_immigration(live: Live) -> list[Notification]:
    return [told for told in _told(live) if any("immigration" in text for text in _texts(told))]


def _texts(told: Notification) -> list[str]:
    return [one.text for alert in told.story.alerts for one in alert.evidence.exemplars]


def _claims(told: Notification) -> list[tuple[str, str | None]]:
    return [
        (alert.evidence.claim.id, alert.evidence.claim.answer) for alert in told.story.alerts if alert.evidence.claim
    ]

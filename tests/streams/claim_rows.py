"""One claim in every format, and a claims file of a test's own."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from detectors.known_claim import KnownClaim
from streams.claims_files.reading import load_all_claims
from streams.claims_files.rows import Missing
from streams.settings.problem import ConfigError

PIN = KnownClaim(
    id="pin",
    claim="They ask for your PIN",
    verdict="False",
    checked_by="Facts Desk",
    url="https://facts.example.org/pin?a=1",
    checked_on=date(2026, 3, 12),
    languages=("en", "es"),
    title="No PIN, says the office",
    also=("The form wants your PIN", "Piden tu PIN"),
    answer="Never.\nWe ask for none.",
    owner="Press desk",
)
YAML = """\
- id: pin
  claim: They ask for your PIN
  verdict: "False"
  checked_by: Facts Desk
  url: https://facts.example.org/pin?a=1
  checked_on: 2026-03-12
  languages: [en, es]
  title: No PIN, says the office
  also: [The form wants your PIN, Piden tu PIN]
  answer: |-
    Never.
    We ask for none.
  owner: Press desk
"""
RECORD = {
    "id": "pin",
    "claim": "They ask for your PIN",
    "verdict": "False",
    "checked_by": "Facts Desk",
    "url": "https://facts.example.org/pin?a=1",
    "checked_on": "2026-03-12",
    "languages": ["en", "es"],
    "title": "No PIN, says the office",
    "also": ["The form wants your PIN", "Piden tu PIN"],
    "answer": "Never.\nWe ask for none.",
    "owner": "Press desk",
}
CSV = (
    "id,Claim,Verdict,checked by,URL,checked_on,languages,title,also,answer,owner\r\n"
    "pin,They ask for your PIN,False,Facts Desk,https://facts.example.org/pin?a=1,2026-03-12,en|es,"
    '"No PIN, says the office",The form wants your PIN | Piden tu PIN,"Never.\r\nWe ask for none.",Press desk\r\n'
)
REVIEW = {
    "@context": "https://schema.org",
    "@type": "ClaimReview",
    "identifier": "pin",
    "claimReviewed": "They ask for your PIN",
    "reviewRating": {"@type": "Rating", "ratingValue": 1, "bestRating": 5, "alternateName": "False"},
    "author": {"@type": "Organization", "name": "Facts &amp; Desk"},
    "url": "https://facts.example.org/pin",
    "datePublished": "2026-03-12T08:30:00+01:00",
    "inLanguage": "es-MX",
    "name": "No PIN, says the office",
    "itemReviewed": {
        "@type": "Claim",
        "name": "The form wants your PIN",
        "alternateName": "PIN",
        "author": {"name": "X"},
    },
    "image": {"@type": "ImageObject", "url": "https://facts.example.org/pin.png"},
}
REVIEWED = KnownClaim(
    id="pin",
    claim="They ask for your PIN",
    verdict="False",
    checked_by="Facts & Desk",
    url="https://facts.example.org/pin",
    checked_on=date(2026, 3, 12),
    languages=("es",),
    title="No PIN, says the office",
    also=("The form wants your PIN",),
)


def written(folder: Path, name: str, content: str | bytes | Any) -> Path:
    path = folder / name
    if not isinstance(content, str | bytes):
        content = json.dumps(content, indent=1)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def complaints(path: Path, **missing: Any) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        load_all_claims([path], Missing(**missing))
    return [str(problem).removeprefix(f"{path.parent}/") for problem in caught.value.problems]

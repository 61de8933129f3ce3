"""Pages of a backtest for tests, and how a reader, a parser and a real browser see them."""

import html
import json
import re
import shutil
import subprocess
from collections.abc import Sequence
from datetime import timedelta
from html.parser import HTMLParser
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from alerting.alert import Alert
from detectors.detection import Evidence, Share, Signal
from detectors.volume.bins import bin_of
from streams.backtest.known import Known
from streams.backtest.labels import Label
from streams.backtest.page import page
from streams.backtest.run import Report
from streams.backtest.series import Series
from tests.building import alert, claim, evidence, exemplar, notification, time

BERLIN = ZoneInfo("Europe/Berlin")
FIRST, LAST = time("2030-03-30T00:00:00"), time("2030-04-02T00:00:00")
EMPTY_TAGS = {"meta", "br"}


class Outline(HTMLParser):
    """Every tag of a page with the names of its attributes, the values of links, and whether all tags are closed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, tuple[str, ...]]] = []
        self.links: list[dict[str, str | None]] = []
        self.open: list[str] = []
        self.ids: list[str | None] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, tuple(name for name, _ in attrs)))
        self.ids += [value for name, value in attrs if name == "id"]
        if tag == "a":
            self.links.append(dict(attrs))
        if tag not in EMPTY_TAGS:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, tuple(name for name, _ in attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop() == tag


def series(peak: int = 200, days: int = 3) -> Series:
    """Four an hour, a peak in five minutes on 1 April at 11:50 UTC, and what is usual from the second day on."""
    first = bin_of(FIRST)
    counted = Series(timezone=BERLIN, learns_for=timedelta(days=1))
    counted.mentions.update(dict.fromkeys(range(first, first + days * 288, 3), 1))
    counted.mentions[bin_of(time("11:50"))] += peak
    counted.usual = dict.fromkeys(range(first + 288, first + days * 288, 12), 4.0)
    return counted


def report(alerts: Sequence[Alert] = (), **changes: object) -> Report:
    known = Report(
        mentions=1064,
        known=[Known(alert=each, known_at=each.starts_at + timedelta(minutes=7)) for each in alerts],
        series={"census": series()},
        first=FIRST,
        last=LAST,
        notifications=[notification()] if alerts else [],
    )
    known.matches.update({"census": 1064})
    for name, value in changes.items():
        setattr(known, name, value)
    return known


def words(text: str) -> str:
    """What a reader sees, without the tags, on one line."""
    body = text[text.index("<body>") :]
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", body)).split())


def one_quote(text: str = "They sell it.", **changes: str | None) -> Evidence:
    return evidence(exemplars=(exemplar(text, **changes),))


def foreign(text: str) -> str:
    """A page with the same text wherever somebody else may have written it."""
    shown = evidence(
        f"{text}.",
        exemplars=(exemplar(text, handle=text, channel=text, language=text), exemplar(text, mention_id="m-2")),
        channels=(text,),
        languages=(text,),
        shares=(Share(dimension="term", name=text, mentions=1),),
        signals=(Signal(name="authors", value=1, text=text),),
        claim=claim(claim=text, verdict=text, checked_by=text, answer=text, owner=text),
        counterfactual=text,
        unknown=(text,),
    )
    label = Label(start=FIRST, end=LAST, what=text)
    return page(report([alert(evidence=shown, detector=text, kind=text, fingerprint="f")]), text, [label])


def label() -> Label:
    return Label(start=time("10:00"), end=time("13:00"), monitor="census", what="the letter of the agency")


BROWSER = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
MEASURE = """<!DOCTYPE html><meta charset=utf-8><body><script>
const frame = document.createElement("iframe");
frame.style = "border:0;height:9000px;width:{width}px";
frame.srcdoc = {page};
frame.onload = () => {{
  const inside = frame.contentDocument;
  inside.querySelectorAll("details").forEach(each => each.open = true);
  const root = inside.scrollingElement;
  const told = [root.clientWidth, root.scrollWidth, inside.title];
  for (const each of inside.body.querySelectorAll("*")) {{
    const box = each.getBoundingClientRect();
    const name = each.tagName + "." + each.getAttribute("class");
    if (box.right > root.clientWidth + 1 || box.left < -1) told.push("outside: " + name);
    if (parseFloat(getComputedStyle(each).fontSize) < 12) told.push("small: " + name);
  }}
  document.body.textContent = "told:" + told.join("|") + ":end";
}};
document.body.append(frame);
</script>"""


def outside(told: str, width: int, folder: Path) -> list[str]:
    """What of a page stands outside a window of a real browser, all folds open, or is too small to read."""
    if BROWSER is None:
        pytest.skip("no chromium is installed (Debian: apt-get install chromium)")
    outer = folder / "outer.html"
    quoted = json.dumps(told).replace("</", "<\\/")
    outer.write_text(MEASURE.format(width=width, page=quoted), encoding="utf-8")
    options = ["--headless=new", "--no-sandbox", "--disable-gpu", "--dump-dom", "--virtual-time-budget=5000"]
    profile = f"--user-data-dir={folder / 'profile'}"
    done = subprocess.run(
        [BROWSER, *options, profile, outer.as_uri()], capture_output=True, text=True, timeout=120, check=True
    )
    found = re.search(r"<body>told:(.*):end", done.stdout, re.DOTALL)
    assert found is not None, done.stdout[:500] + done.stderr[-500:]
    inner, scrolled, _, *wrong = found[1].split("|")
    assert (inner, scrolled) == (str(width), str(width))
    return wrong

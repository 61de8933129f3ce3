"""Pictures of Slack messages, by a chromium without a window.

python -m tests.block_kit_png PICTURE.png MESSAGE.json…
"""

import json
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.block_kit_html import page

WIDTH = 760
CHROMIUM = next(
    (found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))), None
)
_MEASURE = "<script>document.title = Math.ceil(document.body.getBoundingClientRect().height)</script>"
_OPTIONS = ("--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars")


def picture(html: str, file: Path) -> None:
    """Draw a page into a PNG as high as the page is."""
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "page.html"
        source.write_text(html.replace("</body>", f"{_MEASURE}</body>"), encoding="utf-8")
        drawn = _chromium(folder, "--dump-dom", source.as_uri())
        height = re.search(r"<title>(\d+)</title>", drawn)
        assert height, "chromium did not measure the page"
        size = f"--window-size={WIDTH},{max(int(height[1]), 80)}"
        _chromium(folder, size, f"--screenshot={file.resolve()}", source.as_uri())


def _chromium(folder: str, *arguments: str) -> str:
    assert CHROMIUM, "no chromium is installed"
    command = [CHROMIUM, *_OPTIONS, f"--user-data-dir={folder}/profile", *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=120).stdout


if __name__ == "__main__":
    picture(page([json.loads(Path(name).read_text()) for name in sys.argv[2:]]), Path(sys.argv[1]))

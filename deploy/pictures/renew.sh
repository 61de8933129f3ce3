#!/bin/sh
# Renews the pictures of the READMEs: the page of a backtest, that of a recording's narratives, a mail and a story in
# Slack. Needs .venv, chromium and the fonts Noto Sans (Debian: apt-get install chromium fonts-noto-core fonts-noto-color-emoji).
set -eu
cd "$(dirname "$0")/../.."
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
.venv/bin/groundswell backtest deploy/examples/census.yaml deploy/examples/census.jsonl.gz --html "$folder/page.html"
chromium --headless=new --no-sandbox --disable-gpu --hide-scrollbars --user-data-dir="$folder/profile" \
    --window-size=1040,1625 --screenshot="$PWD/deploy/pictures/backtest.png" "file://$folder/page.html"
.venv/bin/groundswell narratives deploy/examples/census.yaml deploy/examples/census.jsonl.gz --html "$folder/narratives.html" >/dev/null
chromium --headless=new --no-sandbox --disable-gpu --hide-scrollbars --user-data-dir="$folder/profile" \
    --window-size=1040,1065 --screenshot="$PWD/deploy/pictures/narratives.png" "file://$folder/narratives.html"
chromium --headless=new --no-sandbox --disable-gpu --hide-scrollbars --user-data-dir="$folder/profile" \
    --window-size=720,1060 --screenshot="$PWD/deploy/pictures/mail.png" "file://$PWD/tests/alerting/golden/mail_escalated.html"
.venv/bin/python -m tests.demo_in_slack deploy/examples/census.yaml deploy/examples/census.jsonl.gz "$folder"
.venv/bin/python -m tests.block_kit_png deploy/pictures/slack.png "$folder/story_1.json"

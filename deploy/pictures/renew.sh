#!/bin/sh
# Renews backtest.png, the picture of a backtest's page in the README. Needs .venv, chromium and the fonts Noto Sans
# (Debian: apt-get install chromium fonts-noto-core).
set -eu
cd "$(dirname "$0")/../.."
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
.venv/bin/groundswell backtest deploy/examples/census.yaml deploy/examples/census.jsonl.gz --html "$folder/page.html"
chromium --headless=new --no-sandbox --disable-gpu --hide-scrollbars --user-data-dir="$folder/profile" \
    --window-size=1040,1625 --screenshot="$PWD/deploy/pictures/backtest.png" "file://$folder/page.html"

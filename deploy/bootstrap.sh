#!/bin/sh
# Makes .venv and installs the pinned packages into it, quickly, with uv. The Makefile calls it:
#
#     deploy/bootstrap.sh demo    what the demo and the workers need
#     deploy/bootstrap.sh test    the tools for tests as well
#
# PYTHON names the interpreter; without it the first of python3.13 … python3 that is new enough is taken.
set -eu
cd "$(dirname "$0")/.."

uv_version=0.13.9

say() { echo "==> $*"; }
fail() { echo "Error: $*" >&2; exit 1; }

is_new_enough() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; }

# A name alone proves nothing: version managers put commands there that only complain.
find_python() {
    for candidate in ${PYTHON:-python3.13 python3.12 python3.11 python3 python}; do
        if is_new_enough "$candidate"; then
            echo "$candidate"
            return
        fi
    done
    fail "Python 3.11 or newer is needed${PYTHON:+, and $PYTHON is not}. Install it, or name it: make PYTHON=/path/to/python3"
}

make_venv() {
    if is_new_enough .venv/bin/python; then
        return
    fi
    python=$(find_python)
    say "making .venv with $("$python" --version)"
    rm -rf .venv
    "$python" -m venv .venv || {
        rm -rf .venv
        fail "$python cannot make a virtual environment. On Debian and Ubuntu: apt-get install python3-venv"
    }
}

install_uv() {
    if [ -x .venv/bin/uv ]; then
        return
    fi
    say "installing uv, which installs the rest"
    .venv/bin/python -m pip install --quiet --disable-pip-version-check "uv==$uv_version" ||
        fail "uv cannot be installed. Is there a network, or a proxy to be named in HTTPS_PROXY?"
}

# On a terminal uv shows how far it is; elsewhere its list of 130 packages helps nobody.
install() {
    quiet=$([ -t 2 ] || echo --quiet)
    # shellcheck disable=SC2086
    .venv/bin/uv pip install $quiet --python .venv/bin/python --constraint deploy/constraints.txt \
        --editable ".[$extras]" $groups "$@"
}

# torch for machines without a GPU is a tenth of the size, but comes from a source of its own, which a company's network
# may not reach.
install_packages() {
    if [ "$(uname -s)" = Linux ] && ! nvidia-smi -L >/dev/null 2>&1 && [ ! -e .venv/.torch-default ]; then
        say "installing packages, torch for CPU (a minute, longer on a slow network)"
        if install --torch-backend=cpu 2>.venv/torch-cpu.log; then
            return
        fi
        say "torch's CPU build cannot be had (see .venv/torch-cpu.log): taking the default one, which is larger"
        touch .venv/.torch-default
    fi
    say "installing packages"
    install || fail "the packages cannot be installed; the reason stands above"
}

case "${1:-}" in
    demo) extras=broker,offline groups="" ;;
    test) extras=broker,offline,parquet groups="--group dev" ;;
    *) fail "usage: $0 demo|test" ;;
esac
make_venv
install_uv
install_packages
touch .venv/.demo
[ "$1" = demo ] || touch .venv/.test
say "ready: .venv/bin/groundswell"

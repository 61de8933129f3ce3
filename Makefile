# Needs Python 3.11 or newer and make; sets up all else in .venv by itself (deploy/bootstrap.sh).
.DEFAULT_GOAL := help
SHELL := /bin/sh
PYTHON ?=
N ?= 200
# Labelled data for the tests and benchmarks that want real ones; they are skipped where it is not there.
BENCH ?= ../shared/bench
export PYTHON

pinned := pyproject.toml deploy/constraints.txt deploy/bootstrap.sh

.PHONY: help demo test bench chaos lock clean

help:
	@echo "make demo           the whole line on a bundled example: Kafka, three stages, alerts; ends by itself"
	@echo "make demo KEEP=1    the same, and it stays up"
	@echo "make test           every check and test"
	@echo "make bench          measure, and print a table"
	@echo "make chaos N=200    kill and stop workers N times, and compare with a run without faults"
	@echo "make lock           renew the pinned versions in deploy/constraints.txt"
	@echo "make clean          remove .venv and caches; .groundswell, with your data, stays"
	@echo "PYTHON=... names the interpreter"

demo: .venv/.demo
	@.venv/bin/groundswell demo $(if $(KEEP),--keep)

test: .venv/.test
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy streams alerting detectors tests
	.venv/bin/lint-imports
	.venv/bin/pytest --bench=$(BENCH) tests

bench: .venv/.test
	@.venv/bin/python -m tests.benchmarks.run --bench=$(BENCH)

chaos: .venv/.test
	@.venv/bin/python -m tests.chaos.run --faults $(N)

# For every Python from 3.11 on and every system; without names of hosts or places on this machine.
lock: .venv/.test
	UV_CUSTOM_COMPILE_COMMAND="make lock" .venv/bin/uv pip compile --quiet --upgrade --universal --python-version 3.11 \
		--no-annotate --no-emit-index-url --no-emit-find-links --extra broker --extra offline --extra parquet --group dev \
		--output-file deploy/constraints.txt pyproject.toml

clean:
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis dist
	find alerting detectors streams tests -name __pycache__ -type d -prune -exec rm -rf {} +

.venv/.demo .venv/.test: $(pinned)
	@sh deploy/bootstrap.sh $(patsubst .%,%,$(notdir $@))

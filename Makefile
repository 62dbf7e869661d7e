# Every verb sets up what it needs: Python 3.11 or newer and make are enough.
# `make` lists the verbs.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
LOCK := requirements/dev.txt

.DEFAULT_GOAL := help
.PHONY: help setup demo test test-quick test-llm test-sdks soak check bench bench-ship golden docs lock pictures clean

help: ## list the verbs
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

setup: $(STAMP) ## install everything into .venv, locked; quick when nothing changed

$(STAMP): $(LOCK) requirements/uv.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "inferwatch needs Python 3.11 or newer; $(PYTHON) is $$($(PYTHON) -V 2>&1). Try: make PYTHON=python3.12 $(MAKECMDGOALS)" >&2; exit 2; }
	@test -x $(BIN)/uv || $(PYTHON) -m venv $(VENV) || \
	  { echo "python's venv module is missing: install it (Debian: apt install python3-venv) and try again" >&2; exit 2; }
	@echo "setup: $$(grep -c '^[a-z].*==' $(LOCK)) locked packages into $(VENV) ($$(cat requirements/size.txt)); later runs reuse it"
	@test -x $(BIN)/uv || $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/uv.txt
	@$(BIN)/uv pip sync --python $(BIN)/python --require-hashes $(LOCK)
	@$(BIN)/uv pip install --python $(BIN)/python --quiet --no-deps --no-build-isolation -e .
	@touch $@

demo: setup ## the main job: watch a real LLM until an alarm fires, then keep serving
	@if [ -t 1 ]; then $(BIN)/inferwatch demo; else $(BIN)/inferwatch demo --once; fi

test: setup check ## all tests, with lint and types
	@$(BIN)/python -m pytest -m "not llm" -q -n auto --dist worksteal

test-quick: setup ## the tests that need no process of their own, under a minute
	@$(BIN)/python -m pytest -m "not slow and not llm" -q -n auto --dist worksteal

test-llm: setup ## the tests that need the real model
	@$(BIN)/python -m pytest -m llm -q

test-sdks: setup ## capture with every major of every SDK, each in an environment of its own (installs them once)
	@$(BIN)/python -m pytest -q tests/unit/capture/test_sdk_majors.py

soak: setup ## the long runs: fuzzers for ten minutes each, the random tests at large
	@INFERWATCH_FUZZ_SECONDS=600 $(BIN)/python -m pytest -q tests/fuzz --timeout 3000
	@INFERWATCH_SOAK=1 $(BIN)/python -m pytest -q tests/property tests/store tests/local --timeout 3000
	@INFERWATCH_SOAK=1 $(BIN)/python -m pytest -q tests/unit/ship --timeout 3000
	@INFERWATCH_SOAK=1 $(BIN)/python -m pytest -q tests/wire/test_hostile_requests.py --timeout 3000

check: setup ## lint, format and types
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/mypy

bench: setup ## benchmarks, as tables
	@for each in $(filter-out benchmarks/bench_ship.py,$(wildcard benchmarks/bench_*.py)); do $(BIN)/python $$each || exit 1; done

bench-ship: setup ## shipping beside its peers, under faults, as a table with the budgets (installs the peers for itself)
	@$(BIN)/python benchmarks/bench_ship.py --chart docs/pictures/shipping.svg

golden: setup ## renew golden files, to be read as a diff
	@GOLDEN=write $(BIN)/python -m pytest -q tests/unit/drawing tests/unit/infra tests/golden

docs: setup ## remake the reference pages from the code
	@$(BIN)/python docs/generate.py

pictures: setup ## remake the pictures of the docs from a running demo (needs chromium)
	@$(BIN)/python docs/pictures.py

lock: setup ## resolve the locked requirements anew, with hashes and without addresses
	@$(BIN)/uv pip compile --quiet --universal --generate-hashes --all-extras --group dev --no-header \
	  --upgrade -o $(LOCK) pyproject.toml
	@echo uv | $(BIN)/uv pip compile --quiet --universal --generate-hashes --no-header --no-annotate \
	  -c $(LOCK) -o requirements/uv.txt -

clean: ## remove what setup and the tests made
	@rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis test-results

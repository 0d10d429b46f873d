# `make` alone explains what there is to make. What needs more than a line or two lives in .ci/.

VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
PYTHON ?=
WORKERS ?= 3
COVERAGE ?= --cov --cov-report=term
DEMO := demo/customers-report.xlsx

.DEFAULT_GOAL := help
.PHONY: help setup demo test check crash mutants survivors fuzz audit sbom format bench samples constraints clean

help: ## Explain the targets (this is what `make` alone does)
	@echo "batchqual: qualify many customers from one spreadsheet. Say \`make TARGET\`:"
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  %-12s %s\n", $$1, $$2 }' Makefile
	@echo "Options: PYTHON=/path/to/python3.11 (or newer) for setup; WORKERS=3, COVERAGE= (not to measure it) for test."

setup: $(READY) ## Make the environment in .venv: tested versions, checked by their hashes

$(READY): constraints.txt pyproject.toml .ci/make-env
	@PYTHON="$(PYTHON)" .ci/make-env $(VENV)
	@touch $@

# 3 and 4 are good ends of a run too: some rows need attention, or are still in review
demo: $(READY) ## Run the main job on the sample spreadsheet against the bundled simulator
	@mkdir -p $(dir $(DEMO))
	@$(BIN)/batchqual rehearse samples/customers.xlsx --yes --report $(DEMO) || case $$? in 3|4) ;; *) exit 1 ;; esac

test: $(READY) ## Run every test; fails below 95 % branch coverage
	$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal $(COVERAGE)

check: $(READY) ## Format, lint, types, then every test: what has to pass before a change lands
	$(BIN)/ruff format --check . && $(BIN)/ruff check .
	$(BIN)/mypy
	@$(MAKE) --no-print-directory test

crash: $(READY) ## Kill the program everywhere, run on to the end, and print a table of what was lost (some minutes)
	$(BIN)/python -m pytest -q -s tests/crash/long_form.py tests/crash/long_storm.py tests/crash/full_disk.py

mutants: $(READY) ## Take each promise and rule out of a copy of the program, one by one: a test has to notice (ONLY=NAME)
	PYTHONPATH=tests $(BIN)/python -m mutation.proving $(if $(ONLY),--only "$(ONLY)")

survivors: $(READY) ## Change the core piece by piece, mechanically, and print what no test notices (Linux; MODULES="pipeline/submit")
	PYTHONPATH=tests $(BIN)/python -m mutation.mechanical $(MODULES)

fuzz: $(READY) ## Change bytes until a reader breaks (SECONDS=60 for each; TARGETS="xls csv" for these alone)
	@.ci/fuzz $(BIN)/python $(or $(SECONDS),60) $(TARGETS)

audit: $(READY) ## Look for known weaknesses in our code (bandit) and our requirements (pip-audit); needs the network
	@.ci/audit $(BIN)/python

sbom: $(READY) ## Write build/sbom.cdx.json: what batchqual is made of, as CycloneDX
	@.ci/sbom $(BIN)/python

format: $(READY) ## Put the code into its format, and mend what the linter can
	$(BIN)/ruff format . && $(BIN)/ruff check --fix .

bench: $(READY) ## Measure speed, growth with the rows, and memory, one table after the other (half an hour)
	@for script in tests/benchmarks/bench_*.py; do $(BIN)/python $$script || exit 1; done

samples: $(READY) ## Make the files in samples/ again
	$(BIN)/python samples/make.py

constraints: $(READY) ## Pin constraints.txt again after a change of dependencies (UPGRADE=1: newest versions)
	@.ci/pin $(BIN)/python

clean: ## Remove everything that make has made
	rm -rf $(VENV) demo build dist .coverage .coverage.* .hypothesis .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

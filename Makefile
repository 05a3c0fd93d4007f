# Needs make and Python 3.11 or newer; everything else is installed into .venv.

VENV := .venv
BIN := $(VENV)/bin
# KLEAN_STREAM_COMPILED=0 works on the Python as it is: what is compiled has to be compiled again after each change.
export KLEAN_STREAM_COMPILED ?= 1
INSTALLED := $(VENV)/.installed-$(KLEAN_STREAM_COMPILED)
INSTALLED_DEV := $(VENV)/.installed-dev-$(KLEAN_STREAM_COMPILED)
ON_THE_PATH := $(addprefix processing/,rows.py trimmed.py) $(addprefix runtime/,backlog.py gathering.py outbox.py records.py)
COMPILED := $(if $(filter 0,$(KLEAN_STREAM_COMPILED)),,setup.py $(wildcard klean_stream/brands/*.py klean_stream/text/*.py) $(addprefix klean_stream/,$(ON_THE_PATH)))
# Where Python, mypy and grimp find klean_stream.agents and klean_stream.schemas in a checkout.
LINKS := klean_stream/agents klean_stream/schemas

# `make test PYTEST_FLAGS='-x -k worker_killed'`, `make demo DEMO_FLAGS='--events 500 --quiet'`
PYTEST_FLAGS ?=
DEMO_FLAGS ?=
BENCH_FLAGS ?=
SOAK_FLAGS ?=

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory

.PHONY: help
help: ## Show what there is to make.
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: demo
demo: $(INSTALLED) ## Play a marketplace's day on a broker inside the process; nothing else is needed.
	@$(BIN)/klean-stream demo $(DEMO_FLAGS)

.PHONY: test
test: $(INSTALLED_DEV) ## Run all but the fault tests that take minutes (for real Kafka: Java 17 and Maven, or KLEAN_TEST_BOOTSTRAP).
	@$(BIN)/python -m pytest $(PYTEST_FLAGS)

.PHONY: test-unit
test-unit: $(INSTALLED_DEV) ## Run the tests that need no broker but the embedded one.
	@$(BIN)/python -m pytest tests/unit tests/stream $(PYTEST_FLAGS)

.PHONY: faults
faults: $(INSTALLED_DEV) ## Run the whole fault suite, the long ones included (about half an hour).
	@$(BIN)/python -m pytest -m 'long or not long' tests/faults $(PYTEST_FLAGS)

.PHONY: check
check: lint types imports containers schemas-current ## Run every check that is not a test: what CI and pre-commit run.

.PHONY: lint
lint: $(INSTALLED_DEV)
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

.PHONY: types
types: $(INSTALLED_DEV)
	@$(BIN)/mypy

.PHONY: imports
imports: $(INSTALLED_DEV)
	@$(BIN)/lint-imports

.PHONY: containers
containers: $(INSTALLED_DEV)
	@$(BIN)/yamllint --strict .
	@$(BIN)/hadolint docker/Dockerfile
	@$(BIN)/check-jsonschema --builtin-schema vendor.compose-spec docker-compose.yml

.PHONY: schemas-current
schemas-current: $(INSTALLED_DEV)
	@$(BIN)/python -m klean_stream.events.json_schema schemas --check
	@$(BIN)/python -m klean_stream.processing.examples schemas/examples --check

.PHONY: format
format: $(INSTALLED_DEV) ## Lay out the code and repair what the linter can.
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

.PHONY: schemas
schemas: $(INSTALLED_DEV) ## Write schemas/ anew: from the types, and examples from the core.
	@$(BIN)/python -m klean_stream.events.json_schema schemas
	@$(BIN)/python -m klean_stream.processing.examples schemas/examples

.PHONY: bench
bench: $(INSTALLED_DEV) ## Measure against the peers on real Kafka, write bench/results.md; BENCH_FLAGS=--quick tries it out.
	@$(BIN)/python -m bench $(BENCH_FLAGS)

.PHONY: bench-titles
bench-titles: $(INSTALLED_DEV) ## Decide real titles on real Kafka: BENCH_FLAGS='--titles FILE --brands FILE'.
	@$(BIN)/python -m bench.real_titles $(BENCH_FLAGS)

.PHONY: bench-matching
bench-matching: $(INSTALLED_DEV) ## Measure the matching engine, write bench/matching.md: BENCH_FLAGS='--titles FILE --brands FILE --large FILE'.
	@$(BIN)/python -m bench.matching $(BENCH_FLAGS)

.PHONY: bench-score
bench-score: $(INSTALLED_DEV) ## Score the matcher over labelled titles: BENCH_FLAGS='--titles FILE --brands FILE'.
	@$(BIN)/python -m bench.score_titles $(BENCH_FLAGS)

.PHONY: soak
soak: $(INSTALLED_DEV) ## Let workers run for an hour under load, restarting them in turn: SOAK_FLAGS='--minutes 60 --rate 150'.
	@$(BIN)/python -m bench.soak $(SOAK_FLAGS)

.PHONY: dist
dist: $(INSTALLED_DEV) ## Build the source distribution and the wheel.
	@rm -rf build dist
	@$(BIN)/python -m build

.PHONY: constraints
constraints: ## Install the newest versions of all that klean-stream needs, and write them into constraints.txt.
	@rm -rf $(VENV)
	@$(MAKE) CONSTRAINTS= $(INSTALLED_DEV)
	@grep '^#' constraints.txt > $(VENV)/constraints.txt
	@$(PIP) freeze --exclude-editable >> $(VENV)/constraints.txt
	@mv $(VENV)/constraints.txt constraints.txt
	@touch $(INSTALLED) $(INSTALLED_DEV)

.PHONY: clean
clean: ## Remove what make, the tools and Python left here.
	@rm -rf $(VENV) .venv-bench build dist *.egg-info .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
	@find klean_stream -name '*.so' -delete

# -- installing ----------------------------------------------------------------------------------------------------
# The installation is an editable one: it changes with the code, and is made again only when pyproject.toml or
# constraints.txt changes, or what is compiled.

PIP = $(BIN)/python -m pip --quiet --disable-pip-version-check
# What was tested, and not what came out since.
CONSTRAINTS := constraints.txt
INSTALL = $(PIP) install $(if $(CONSTRAINTS),--constraint $(CONSTRAINTS)) --editable
# An extension that is older than its Python would still be the one that is imported.
FRESH = find klean_stream -name '*.so' -delete; rm -f $(VENV)/.installed*

$(INSTALLED): pyproject.toml $(CONSTRAINTS) $(COMPILED) | $(BIN)/python $(LINKS)
	@echo "Installing klean-stream into $(VENV), and compiling it where there is a C compiler"
	@$(FRESH)
	@$(INSTALL) .
	@touch $@
	@echo "klean-stream $$($(BIN)/klean-stream --version)"

$(INSTALLED_DEV): pyproject.toml $(CONSTRAINTS) $(COMPILED) | $(BIN)/python $(LINKS)
	@echo "Installing klean-stream and the tools of its developers into $(VENV), and compiling it"
	@$(FRESH)
	@$(INSTALL) '.[dev]'
	@touch $(INSTALLED) $@
	@echo "klean-stream $$($(BIN)/klean-stream --version)"

$(BIN)/python:
	@for python in $(PYTHON) python3 python3.13 python3.12 python3.11; do \
		if $$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
			$$python -m venv $(VENV) || { rm -rf $(VENV); exit 1; }; \
			exit 0; \
		fi; \
	done; \
	echo "klean-stream needs Python 3.11 or newer, and none is on the PATH: install one, or name it (make PYTHON=...)." >&2; \
	exit 1

# Git keeps these links; a copy that dropped them gets them back.
$(LINKS):
	@ln -s ../$(@F) $@

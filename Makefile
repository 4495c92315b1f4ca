# `make help` lists the commands. Each sets up what it needs by itself: Python 3.11 or newer, git and make are enough.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
# Where no bytecode is kept, each of the tests' processes would compile the tests anew.
PYTEST := PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest
# Some tests wait for processes and disks; each process that runs tests collects all of them first, and starts job managers.
JOBS ?= $(shell expr $$(getconf _NPROCESSORS_ONLN) \* 3 / 2)

.DEFAULT_GOAL := help
.PHONY: help demo test proof check bench clean

help: ## list the commands
	@awk -F ':.*## ' '/^[a-z]+:.*## /{printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# uv where it is there, else venv and pip; --no-build-isolation keeps the build inside the hashed lock.
$(READY): requirements.lock pyproject.toml
	@if command -v uv >/dev/null 2>&1; then \
		uv venv --quiet --allow-existing --python "$(PYTHON)" $(VENV) && \
		VIRTUAL_ENV=$(VENV) uv pip install --quiet --require-hashes -r requirements.lock && \
		VIRTUAL_ENV=$(VENV) uv pip install --quiet --no-deps --no-build-isolation -e . ; \
	else \
		"$(PYTHON)" -m venv $(VENV) && \
		$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock && \
		$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e . ; \
	fi
	@touch $(READY)

demo: $(READY) ## import the European Central Bank's rates with a pool of workers, and show them
	@$(BIN)/python scripts/demo.py

test: $(READY) ## the tests, in parallel, but for those of `check`
	@$(PYTEST) -q -n $(JOBS) --dist worksteal -m "not proof" --ignore tests/architecture

proof: $(READY) ## the long forms of the tests as well
	@$(PYTEST) -q -n $(JOBS) --dist worksteal --timeout 900

check: $(READY) ## ruff, mypy (strict), and the architecture tests
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(PYTEST) -q tests/architecture

bench: $(READY) ## the benchmarks, as tables
	@$(BIN)/python -m benchmarks all

clean: ## remove the environment and the caches (never data/)
	@rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .hypothesis

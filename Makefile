# Two commands matter: `make run` shows the whole loop, `make test` proves it. Python 3.11+ and make are enough.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
.DEFAULT_GOAL := help

.PHONY: help run test check audit bench lock install format clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## /{printf "  make %-9s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(BIN)/.installed: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed, this is " + sys.version.split()[0]) if sys.version_info < (3, 11) else None'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Installing the locked dependencies ..."
	@$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install -q --disable-pip-version-check --no-build-isolation --no-deps -e .
	@touch $@

$(BIN)/.installed-dev: requirements-dev.lock $(BIN)/.installed
	@echo "Installing the locked test tools ..."
	@$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@

install: $(BIN)/.installed ## make the virtual environment

run: $(BIN)/.installed ## start everything, with the demo, on 127.0.0.1:5050
	@$(BIN)/pygai serve --demo

test: $(BIN)/.installed-dev ## run every test against a real PostgreSQL
	@$(BIN)/python -m pytest -n 2 --dist loadgroup

check: $(BIN)/.installed-dev ## format, lint, imports, types, migrations in step with the models
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports --no-cache
	$(BIN)/mypy
	$(BIN)/python -m tests.house.migrations_in_step
	$(BIN)/hadolint Dockerfile

tests/browser/node_modules/.installed: tests/browser/package-lock.json
	@echo "Installing the locked tools for pages ..."
	@cd tests/browser && npm ci --silent
	@touch $@

audit: $(BIN)/.installed-dev tests/browser/node_modules/.installed ## judge the published pages: Lighthouse, axe, the Nu HTML checker
	@$(BIN)/python -m pytest tests/browser/audits.py

bench: $(BIN)/.installed-dev ## measure against the ceiling, write benchmarks/results
	@$(BIN)/python -m benchmarks

format: $(BIN)/.installed-dev ## format and mend what can be mended
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

lock: ## resolve the lock files anew
	$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-annotate pyproject.toml requirements-build.in -o requirements.lock
	$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --group dev -c requirements.lock pyproject.toml -o requirements-dev.lock

clean: ## remove the virtual environment (never the data)
	rm -rf $(VENV)

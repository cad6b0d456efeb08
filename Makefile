# `make demo` and `make test` are all a newcomer needs; `make check` is what CI runs.
.DEFAULT_GOAL := help
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
DEMO := .demo
# uv installs in a tenth of pip's time; where it is missing, pip does the same.
INSTALL = $(if $(shell command -v uv),uv pip install --quiet --python $(1)/bin/python,$(1)/bin/python -m pip install --quiet --disable-pip-version-check)
# Deploys mostly wait for terraform, so that two cores have work for three; tests/distribution.py deals it out.
WORKERS ?= 3

.PHONY: help setup demo demo-down test check format lint types terraform web screenshots checkov docs crawlers lock wheel bench clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

$(VENV)/.ready: requirements/dev.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "LiveInsight needs Python 3.11 or newer; set PYTHON=...")'
	$(PYTHON) -m venv $(VENV)
	$(call INSTALL,$(VENV)) --require-hashes -r requirements/dev.lock
	$(call INSTALL,$(VENV)) --no-deps --no-build-isolation --editable .
	@touch $@

setup: $(VENV)/.ready ## Make the virtual environment with the locked dependencies

demo: setup ## Deploy the stack to the embedded AWS, seed it, show live stats and the URLs
	@mkdir -p $(DEMO)
	cd $(DEMO) && ../$(BIN)/liveinsight deploy --yes
	cd $(DEMO) && ../$(BIN)/liveinsight seed-demo --seed 7 --sessions 500 --days 1
	cd $(DEMO) && ../$(BIN)/liveinsight verify
	cd $(DEMO) && ../$(BIN)/liveinsight stats
	cd $(DEMO) && ../$(BIN)/liveinsight status

demo-down: setup ## Stop the demo's embedded AWS and remove its files
	@test ! -d $(DEMO) || (cd $(DEMO) && ../$(BIN)/liveinsight local down)
	rm -rf $(DEMO)

test: setup ## Run all tests
	$(BIN)/python -m pytest -n $(WORKERS)

format: setup ## Format the sources
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

lint: setup
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

types: setup
	$(BIN)/mypy

terraform: setup
	@if command -v terraform > /dev/null; then terraform fmt -check -recursive terraform; \
	elif [ -n "$(CI)" ]; then echo "terraform is not installed" >&2; exit 1; \
	else echo "terraform is not installed; its format was not checked" >&2; fi

# Node is needed to change the scripts in dashboard/, and by their tests; never to use them.
web/node_modules/.ready: web/package-lock.json
	cd web && npm ci --no-audit --no-fund --loglevel error
	@touch $@

web: web/node_modules/.ready ## Build the tracker and the dashboard's script from web/ (needs Node)
	cd web && npm run --silent check
	cd web && npm run --silent build

screenshots: setup ## Take docs/images/dashboard anew (needs Chromium and a Korean font)
	$(BIN)/python -m tests.dashboard.screenshots

# In an environment of its own: its many dependencies do not go with ours.
CHECKOV := 3.3.30
.venv-checkov/.$(CHECKOV):
	$(PYTHON) -m venv .venv-checkov
	$(call INSTALL,.venv-checkov) checkov==$(CHECKOV)
	@touch $@

checkov: .venv-checkov/.$(CHECKOV) ## Check the Terraform's security
	.venv-checkov/bin/checkov --config-file .checkov.yaml

check: lint types terraform checkov test ## Format, lint, types, terraform, Checkov, tests

docs: setup ## Write the generated pages of docs/
	$(BIN)/python docs/generate_cli.py
	$(BIN)/python docs/generate_cost.py
	$(BIN)/python docs/generate_terraform.py

crawlers: setup ## Write the collector's list of crawlers anew
	$(BIN)/python tools/crawler_list.py

lock: ## Resolve the dependencies anew into requirements/dev.lock (needs uv)
	uv pip compile pyproject.toml --group dev --generate-hashes --universal --no-emit-index-url --no-annotate \
	  --python-version 3.11 --custom-compile-command "make lock" --output-file requirements/dev.lock

wheel: setup ## Build the wheel into dist/
	$(BIN)/python -m build --wheel --no-isolation

bench: setup ## Run the benchmarks
	@for file in benchmarks/*.py; do echo "== $$file"; $(BIN)/python $$file || exit 1; done

clean: ## Remove everything that was built
	rm -rf $(VENV) .venv-checkov web/node_modules web/build dist build .pytest_cache .mypy_cache .ruff_cache .hypothesis

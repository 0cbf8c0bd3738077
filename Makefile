# Two commands: `make demo` and `make test`. Everything else is here too: `make help`.
SHELL := /bin/sh
PYTHON ?= python3
VENV ?= .venv
BIN = $(VENV)/bin
ARGS ?=

.PHONY: help demo test lint format bench install install-dev clean

help: ## Show this list
	@grep -hE '^[a-z-]+:.*## ' Makefile | awk -F ':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

demo: install ## Load the demo, calculate its points on a real worker, serve the site (ARGS=--no-serve: stop after the summary)
	"$(BIN)/python" manage.py demo $(ARGS)

test: install-dev ## Run the tests, all but the long ones (ARGS=--all: all of them)
	"$(BIN)/python" -m tests $(ARGS)

lint: install-dev ## ruff, mypy, import-linter, missing migrations, Django's deployment checks
	"$(BIN)/ruff" check .
	"$(BIN)/ruff" format --check .
	"$(BIN)/mypy" .
	"$(BIN)/lint-imports"
	"$(BIN)/python" -W ignore::RuntimeWarning manage.py makemigrations --check --dry-run
	DATABASE_URL=postgres://user@localhost/name REDIS_URL=redis://localhost HTTPS=true \
	SECRET_KEY=$$("$(BIN)/python" -c 'import secrets; print(secrets.token_urlsafe(64))') \
	"$(BIN)/python" manage.py check --deploy --fail-level WARNING

format: install-dev ## Let ruff mend what it can
	"$(BIN)/ruff" check --fix .
	"$(BIN)/ruff" format .

bench: install-dev ## Measure calculate points and import beside hand-written floors (ARGS="--stays 20000")
	"$(BIN)/python" -m tests.bench $(ARGS)

install: $(VENV)/installed
install-dev: $(VENV)/installed-dev

# "stamp" files: pip runs again only when what it reads has changed.
$(VENV)/installed: pyproject.toml constraints.txt | $(VENV)/bin/python
	"$(BIN)/python" -m pip install --quiet --disable-pip-version-check -c constraints.txt .
	@touch "$(VENV)/installed"

$(VENV)/installed-dev: pyproject.toml constraints.txt | $(VENV)/bin/python
	"$(BIN)/python" -m pip install --quiet --disable-pip-version-check -c constraints.txt ".[dev]"
	@touch "$(VENV)/installed" "$(VENV)/installed-dev"

$(VENV)/bin/python:
	@"$(PYTHON)" -c 'import sys; sys.exit("Python 3.11 or newer is needed; this is " + sys.version.split()[0] + ". Name another with: make PYTHON=python3.12 …") if sys.version_info < (3, 11) else None'
	@"$(PYTHON)" -c 'import ensurepip, venv' 2>/dev/null || { echo "Python's venv module is missing: install it (on Debian: apt install python3-venv), then run make again."; exit 1; }
	"$(PYTHON)" -m venv "$(VENV)"

clean: ## Remove the virtual environment and the embedded servers' data
	rm -rf "$(VENV)" .data

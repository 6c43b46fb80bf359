# Everything a person types: `make run` for the portal, `make test` for its proof; `make help` lists the rest.
#
# Python ≥ 3.11, git and make are taken for granted. Debian's packages are installed where that may be done without a
# password, and otherwise named; Python's packages come from the lock files, by name, version and hash.

PYTHON ?= python3
SHELL := /bin/bash
.DEFAULT_GOAL := help

bin := .venv/bin
translations := $(patsubst %.po,%.mo,$(wildcard portal/translations/*/LC_MESSAGES/*.po))

# What WeasyPrint calls from the system, and the fonts of the slips (fonts-liberation without the 2 lacks Vietnamese letters).
system_packages := libpangoft2-1.0-0 libharfbuzz-subset0 fonts-liberation2

# $(call debian,PACKAGE …) installs those that are missing, or says what to type and stops.
define debian
missing=; for package in $(1); do \
  dpkg-query --show --showformat '$${db:Status-Status}\n' $$package 2>/dev/null | grep -qx installed || missing="$$missing $$package"; \
done; \
if [ -n "$$missing" ]; then \
  if [ "$$(id -u)" = 0 ]; then root=; elif sudo -n true 2>/dev/null; then root=sudo; else \
    printf '\nThese system packages are missing. Please type this, then try again:\n\n  sudo apt-get update && sudo apt-get install --no-install-recommends%s\n\n' "$$missing" >&2; exit 1; \
  fi; \
  echo "Installing$$missing"; \
  $$root apt-get -qq update && $$root env DEBIAN_FRONTEND=noninteractive apt-get -qq install --no-install-recommends $$missing >/dev/null; \
fi
endef

.PHONY: help
help: ## this list
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

.PHONY: run
run: setup ## install what is missing and serve the portal with a demonstration, until Ctrl-C
	@exec $(bin)/portal run

.PHONY: setup
setup: .venv/.production $(translations) ## install into .venv; the command line is then .venv/bin/portal

.PHONY: test
test: setup-tests check ## every check and every test, real browser and both databases included
	$(bin)/pytest -n 2 --dist worksteal $(TESTS)

.PHONY: check
check: .venv/.development ## format, lint, strict types, import contracts, templates
	@$(bin)/ruff format --check --quiet . || { $(bin)/ruff format --check .; exit 1; }
	@$(bin)/ruff check --quiet .
	@$(bin)/mypy
	@$(bin)/lint-imports --no-logo
	@$(bin)/djlint templates --lint --quiet

.PHONY: bench
bench: setup-tests ## measure speed and size, each figure beside its floor
	$(bin)/python -m tests.bench

.PHONY: format
format: .venv/.development ## let ruff write the code as it should look
	$(bin)/ruff format .
	$(bin)/ruff check --fix .

.PHONY: lock
lock: .venv/.development ## write the lock files anew from pyproject.toml; UPGRADE=--upgrade takes newer versions
	$(call compile,requirements-setup.lock,--group setup)
	$(call compile,requirements-dev.lock,pyproject.toml --group dev)
	$(call compile,requirements.lock,pyproject.toml --constraint requirements-dev.lock)

.PHONY: clean
clean: ## remove what setup and the tools made; var/ with its data stays
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache *.egg-info
	rm -f $(translations)
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# The lock files name no address: where packages are fetched from is the machine's business.
define compile
$(bin)/uv pip compile --quiet --generate-hashes --no-annotate --no-header --no-emit-index-url --no-emit-find-links \
  --python-version 3.11 --universal $(UPGRADE) $(2) --output-file $(1)
endef

$(bin)/uv: requirements-setup.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo 'Python 3.11 or newer is needed; PYTHON=… names one.' >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null || venv=python3-venv; $(call debian,$$venv $(system_packages))
	$(PYTHON) -m venv .venv
	$(bin)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-setup.lock
	@touch $@

# `uv pip sync` leaves exactly what the lock files name. The project itself is linked in without asking any registry.
define install
@$(call debian,$(system_packages))
$(bin)/uv pip sync --quiet --python $(bin)/python --require-hashes requirements-setup.lock $(1)
$(bin)/uv pip install --quiet --python $(bin)/python --offline --no-deps --no-build-isolation \
  --config-setting editable_mode=compat --editable .
endef

.venv/.production: $(bin)/uv requirements.lock pyproject.toml
	$(call install,requirements.lock)
	@rm -f .venv/.development
	@touch $@

# The development set holds the production set, so the one mark serves for both.
.venv/.development: $(bin)/uv requirements-dev.lock requirements.lock pyproject.toml
	$(call install,requirements-dev.lock)
	@touch .venv/.production $@

# A browser, unless CHROMIUM names one, what the driver of it calls from the system, and pdfsig, which checks seals.
.PHONY: setup-tests
setup-tests: .venv/.development $(translations)
	@[ -n "$$CHROMIUM" ] || browser=chromium; $(call debian,$$browser libatomic1 poppler-utils)

%.mo: %.po .venv/.production
	@$(bin)/pybabel --quiet compile --input-file $< --output-file $@

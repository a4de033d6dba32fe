# Needs Python 3.11 and make, nothing else. `make` alone lists the targets.

PYTHON ?= python3.11 python3 python
WORKERS ?= 2
ARGS ?=

PACKAGES := cupromark features models training serving
VENV := .venv
DOCS_VENV := .venv-docs
PEERS_VENV := .venv-peers
BIN := $(VENV)/bin
LOCK := $(BIN)/uv pip compile --quiet --no-header --no-annotate --generate-hashes \
	--python-platform linux --python-version 3.11 $(if $(UPGRADE),--upgrade)

export UV_COMPILE_BYTECODE := 1
export UV_PYTHON_DOWNLOADS := never
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export NO_MKDOCS_2_WARNING := 1

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-builtin-rules --no-print-directory
.PHONY: help setup quickstart test soak lint bench peers docs lock clean FORCE \
	lint-style lint-format lint-types lint-imports lint-dependencies

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(VENV)/.ready ## build the environment in .venv from the lock (instant when it is up to date)

quickstart: setup ## train on public data, register the bundle, predict a GEO series
	@$(BIN)/python -m compileall -q $(PACKAGES)
	@$(BIN)/cupromark quickstart $(ARGS)

test: setup ## run the tests (ARGS="tests/features -k gct" for some of them)
	@OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder -q -ra $(ARGS)

soak: setup ## ask a running service 10,000 made-up requests, then load it for ten minutes; ARGS=jobs: kill workers and more
	@OMP_NUM_THREADS=1 $(BIN)/python -m tests.end_to_end.soak $(ARGS)

lint: lint-style lint-format lint-types lint-imports lint-dependencies ## ruff, mypy, import contracts, deptry (make -k lint shows all findings)

lint-style: setup
	@$(BIN)/ruff check .

lint-format: setup
	@$(BIN)/ruff format --check .

lint-types: setup
	@$(BIN)/python -m mypy

lint-imports: setup
	@$(BIN)/lint-imports

lint-dependencies: setup
	@$(BIN)/deptry .

bench: setup ## run every program in benchmarks/ and print its figures
	@set -e; found=; for program in benchmarks/*.py; do \
		[ -e "$$program" ] || continue; \
		found=1; echo "== $$program"; $(BIN)/python "$$program" $(ARGS); \
	done; [ -n "$$found" ] || echo "benchmarks/ holds no program."

peers: $(PEERS_VENV)/.ready ## install what benchmarks/serving.py measures the service against

docs: $(DOCS_VENV)/.ready ## build the documentation into site/ (strict)
	@$(DOCS_VENV)/bin/python -m mkdocs build --strict --quiet
	@echo "Documentation: site/index.html"

lock: $(VENV)/.uv ## write requirements/*.lock again from pyproject.toml (UPGRADE=1 takes newer releases)
	@echo uv | $(LOCK) - --output-file requirements/installer.lock
	@build=$$($(call required,build-system requires)) && echo "$$build" | \
		$(LOCK) pyproject.toml - --extra dev --output-file requirements/dev.lock
	@$(LOCK) pyproject.toml --constraints requirements/dev.lock --output-file requirements/runtime.lock
	@build=$$($(call required,build-system requires)) && echo "$$build" | \
		$(LOCK) - --constraints requirements/dev.lock --output-file requirements/build.lock
	@docs=$$($(call required,project optional-dependencies docs)) && echo "$$docs" | \
		$(LOCK) - --output-file requirements/docs.lock
	@peers=$$($(call required,project optional-dependencies peers)) && echo "$$peers" | \
		$(LOCK) - --output-file requirements/peers.lock
	@echo "Locks written. Next: make setup"

clean: ## remove var/ (runs, bundles), caches and build output; keeps .venv
	rm -rf var site build dist cupromark.egg-info $(DOCS_VENV) $(PEERS_VENV)
	rm -rf .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis .coverage
	find $(wildcard $(PACKAGES) tests benchmarks) -name __pycache__ -type d -prune -exec rm -rf {} +
	rm -rf __pycache__

# The lists of requirements that pyproject.toml holds, one a line, by the keys that lead to them.
required = $(BIN)/python -c 'import functools, sys, tomllib; \
	project = tomllib.load(open("pyproject.toml", "rb")); \
	print(*functools.reduce(dict.__getitem__, sys.argv[1:], project), sep="\n")' $(1)

# uv asks the package index that pip is set up for, unless uv has one of its own.
uv_sync = index=$$($(1)/bin/python -m pip config list | sed -n "s/^.*\.index.url='\(.*\)'$$/\1/p" | head -n 1); \
	if [ -n "$$index" ] && [ -z "$$UV_DEFAULT_INDEX$$UV_INDEX_URL" ]; then export UV_DEFAULT_INDEX="$$index"; fi; \
	$(1)/bin/uv pip sync --quiet --python $(1)/bin/python --require-hashes $(2)

$(VENV)/.ready: $(VENV)/.uv requirements/dev.lock pyproject.toml
	@echo "Installing the locked packages into $(VENV) ..."
	@$(call uv_sync,$(VENV),requirements/dev.lock)
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --offline --no-deps --no-build-isolation --editable .
	@$(BIN)/python -m compileall -q $(PACKAGES)
	@touch $@

$(DOCS_VENV)/.ready: $(DOCS_VENV)/.uv requirements/docs.lock
	@$(call uv_sync,$(DOCS_VENV),requirements/docs.lock)
	@touch $@

$(PEERS_VENV)/.ready: $(PEERS_VENV)/.uv requirements/peers.lock
	@$(call uv_sync,$(PEERS_VENV),requirements/peers.lock)
	@touch $@

# An environment knows where it was built (.uv holds the folder): in a copied or moved tree it is built anew.
MOVED := $(foreach venv,$(VENV) $(DOCS_VENV) $(PEERS_VENV),$(if $(shell cat $(venv)/.uv 2>/dev/null | grep -vxF '$(CURDIR)'),$(venv)/.uv))
$(MOVED): FORCE

$(VENV)/.uv $(DOCS_VENV)/.uv $(PEERS_VENV)/.uv: %/.uv: requirements/installer.lock
	@set -e; \
	if [ -f $@ ] && [ "$$(cat $@)" != "$(CURDIR)" ]; then rm -rf $*; fi; \
	is_usable='import ensurepip, sys, venv; sys.exit(sys.version_info[:2] != (3, 11))'; \
	if ! { $*/bin/python -c "$$is_usable" && $*/bin/python -m pip --version; } >/dev/null 2>&1; then \
		python=; \
		for candidate in $(PYTHON); do \
			if "$$candidate" -c "$$is_usable" 2>/dev/null; then python="$$candidate"; break; fi; \
		done; \
		if [ -z "$$python" ]; then \
			echo "No usable Python 3.11 found (tried: $(PYTHON))." >&2; \
			echo "Needed: Python 3.11 with its venv module." >&2; \
			echo "What to do: install it (Debian: apt-get install python3.11 python3.11-venv)," >&2; \
			echo "or name it: make setup PYTHON=/path/to/python3.11" >&2; \
			exit 1; \
		fi; \
		"$$python" -m venv --clear $*; \
	fi; \
	$*/bin/python -m pip install --quiet --require-hashes -r requirements/installer.lock; \
	printf '%s\n' "$(CURDIR)" > $@

FORCE:

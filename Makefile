# The commands of README.md. Everything is kept in .venv and ./var; `make clean` removes what can be made again.
PYTHON ?= python3
PORT ?= 8800
BIN := .venv/bin
# Without the builder's warnings that pyproject.toml and setup.cfg say the same, which a test holds them to.
INSTALL := PYTHONWARNINGS=ignore $(BIN)/python -m pip install --quiet
READY := .venv/.ready
READY_TESTS := .venv/.ready-tests
# Python's compiled files are kept even where the environment says otherwise: without them every start of a process
# compiles the product again, and every test process all tests.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: demo run quick test test-all bench lint docs screens lock notice sbom size pot clean

# A department's day on loopback. ONCE=1 runs it without a person and exits 0 only if every figure is right.
demo: $(READY)
	$(BIN)/lantoa demo --port $(PORT) $(if $(ONCE),--once) $(if $(DATA),--data $(DATA))

# Real use: the database is brought up to date, then web, clock and workers run in one process with data in ./var, or in
# the folder DATA.
# As deploy/systemd/lantoa-web@.service.
run: export MALLOC_ARENA_MAX := 2
run: export LANTOA_DATA_DIR := $(or $(DATA),$(LANTOA_DATA_DIR))
run: $(READY)
	$(BIN)/lantoa db upgrade
	$(BIN)/lantoa serve --port $(PORT)

# Three lanes. quick: the domain and the adapters on SQLite, for work in progress. test: quick, then every promise of the
# README once, from end to end (the tests with the marker promise). test-all: everything; AFTER_TEST=1 leaves out what
# test runs.
# What a machine lacks is skipped by name; LANTOA_TEST_REQUIRE=all turns a skip into a failure. TESTS=path runs other
# files, PYTEST_WORKERS=0 in one process.
# One process more than there are cores, since some tests wait for browsers, servers and leases.
PYTEST_WORKERS ?= $(shell expr $$(getconf _NPROCESSORS_ONLN) + 1)
# A failure is printed when it happens (tests/conftest.py), so that the end names them and does not repeat them.
PYTEST = $(BIN)/python -m pytest -ra --tb=short --durations=0 --durations-min=20 -n $(PYTEST_WORKERS) --dist worksteal
QUICK = tests/campaigns tests/test_*.py $(addprefix tests/coordinator/,channels discovery exports http mail push rendering scheduling)
# Only files with a promise are read: to import them all takes longer than most promises.
PROMISES = $(shell grep -rl --include='test_*.py' 'pytest.mark.promise' tests)
quick: $(READY_TESTS)
	$(PYTEST) -m quick $(or $(TESTS),$(QUICK))

test: quick
	$(PYTEST) -m promise $(PROMISES)

# A file stays with one process, because its servers are started once for all its tests.
test-all: $(READY_TESTS)
	$(PYTEST) --dist loadfile --no-loadscope-reorder $(if $(AFTER_TEST),$(addprefix --after-quick=,$(wildcard $(QUICK)))) $(TESTS)

# Ratios side by side, written to benchmarks/results and to stdout.
bench: $(READY_TESTS)
	$(BIN)/python -m benchmarks

lint: $(READY_TESTS)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/mypy migrations
	$(BIN)/lint-imports

# The guides as a site of static files, in both languages; a broken link fails. Open build/docs/index.html.
docs: $(READY)
	$(INSTALL) --editable '.[docs]'
	$(BIN)/python -m sphinx --fail-on-warning --keep-going --quiet --conf-dir supply/site --builder html docs build/docs

# The pictures of pages in docs/screens, anew: the demo's day in Chromium, in some three minutes.
screens: $(READY_TESTS)
	$(BIN)/python -m supply.screens

# requirements.lock and requirements-build.lock, anew from the ranges of setup.cfg; then NOTICE, which names their versions.
lock: $(READY_TESTS)
	$(BIN)/python -m pip install --quiet 'uv>=0.8'
	$(BIN)/python -m supply lock
	$(MAKE) notice

# NOTICE: the licences of all that is in the locks and in package-lock.json.
notice: $(READY_TESTS)
	$(BIN)/python -m supply notice

# Lines of code of the product and of its tests, by feature.
size: $(READY_TESTS)
	@$(BIN)/python -m supply size

# The template of all messages, for translators and their programs: coordinator/translations/messages.pot.
pot: $(READY)
	$(BIN)/python -m coordinator.catalogues pot

# The bill of materials (CycloneDX 1.6), as the image holds it in /opt/lantoa/sbom.cdx.json.
sbom: $(READY_TESTS)
	$(BIN)/python -m supply sbom --out sbom.cdx.json

$(BIN)/python:
	$(PYTHON) -c 'import sys; sys.exit("Lan Toa needs Python 3.11 or newer, this is " + sys.version) if sys.version_info < (3, 11) else 0'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --upgrade pip

$(READY): $(BIN)/python setup.cfg pyproject.toml package-lock.json coordinator/web/browser.sha256
	$(INSTALL) --editable .
	$(BIN)/python -m coordinator.web.browser
	$(BIN)/python -m coordinator.catalogues compile
	touch $@

$(READY_TESTS): $(BIN)/python setup.cfg pyproject.toml package-lock.json coordinator/web/browser.sha256
	$(INSTALL) --editable '.[dev,scale]'
	$(BIN)/python -m coordinator.web.browser --with-tests
	$(BIN)/python -m coordinator.catalogues compile
	touch $(READY) $@

clean:
	rm -rf .venv build dist *.egg-info node_modules coordinator/web/static/lib .mypy_cache .pytest_cache .ruff_cache .hypothesis

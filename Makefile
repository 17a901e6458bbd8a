# The commands of README.md. Everything is kept in .venv and ./var; `make clean` removes what can be made again.
PYTHON ?= python3
PORT ?= 8800
BIN := .venv/bin
READY := .venv/.ready
READY_TESTS := .venv/.ready-tests

.PHONY: demo run test bench lint clean

# A department's day on loopback. ONCE=1 runs it without a person and exits 0 only if every figure is right.
demo: $(READY)
	$(BIN)/lantoa demo --port $(PORT) $(if $(ONCE),--once) $(if $(DATA),--data $(DATA))

# Real use: the database is brought up to date, then web, clock and workers run in one process with data in ./var.
run: $(READY)
	$(BIN)/lantoa db upgrade
	$(BIN)/lantoa serve --port $(PORT)

# The whole suite. What a machine lacks is skipped by name; LANTOA_TEST_REQUIRE=all turns a skip into a failure.
# In one process more than there are cores, since many tests wait for browsers, servers and leases; PYTEST_WORKERS=0 runs
# it in one. A file's tests stay together.
PYTEST_WORKERS ?= $(shell expr $$(getconf _NPROCESSORS_ONLN) + 1)
test: $(READY_TESTS)
	$(BIN)/python -m pytest -n $(PYTEST_WORKERS) --dist loadfile --no-loadscope-reorder $(TESTS)

# Ratios side by side, written to benchmarks/results and to stdout.
bench: $(READY_TESTS)
	$(BIN)/python -m benchmarks

lint: $(READY_TESTS)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/mypy migrations
	$(BIN)/lint-imports

$(BIN)/python:
	$(PYTHON) -c 'import sys; sys.exit("Lan Toa needs Python 3.11 or newer, this is " + sys.version) if sys.version_info < (3, 11) else 0'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --upgrade pip

$(READY): $(BIN)/python setup.cfg pyproject.toml package-lock.json coordinator/web/browser.sha256
	$(BIN)/python -m pip install --quiet --editable .
	$(BIN)/python -m coordinator.web.browser
	$(BIN)/python -m coordinator.web.catalogues compile
	touch $@

$(READY_TESTS): $(BIN)/python setup.cfg pyproject.toml package-lock.json coordinator/web/browser.sha256
	$(BIN)/python -m pip install --quiet --editable '.[dev,scale]'
	$(BIN)/python -m coordinator.web.browser --with-tests
	$(BIN)/python -m coordinator.web.catalogues compile
	touch $(READY) $@

clean:
	rm -rf .venv build dist *.egg-info node_modules coordinator/web/static/lib .mypy_cache .pytest_cache .ruff_cache .hypothesis

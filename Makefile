# Everything that must hold before a commit: `make check`, or `make check PYTHON=.venv/bin/python`.
PYTHON ?= python3
JOBS ?= 2

.PHONY: check format lint types architecture test benchmarks

check: lint types architecture test

format:
	$(PYTHON) -m ruff format .
	$(PYTHON) -m ruff check --fix .

lint:
	$(PYTHON) -m ruff format --check .
	$(PYTHON) -m ruff check .

types:
	$(PYTHON) -m mypy

architecture:
	$(PYTHON) tools/check_architecture.py

test:  # doctests of the sources, then the tests; pytest's summary is the last line
	$(PYTHON) -m pytest -q -n $(JOBS) --dist worksteal src tests

benchmarks:
	$(PYTHON) -m benchmarks

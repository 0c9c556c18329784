PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready
# Processes that share the tests, file by file in their order; each has a dev server of its own. 0: this one alone.
JOBS ?= 3

# Some machines forbid it, and then each of the hundreds of processes of the tests compiles our modules again.
export PYTHONDONTWRITEBYTECODE =

.PHONY: demo test check format conformance chaos flood crowd soak clean

demo: $(READY)
	@$(BIN)/python -m examples.demo $(if $(KEEP),--keep)

test: check
	@$(BIN)/python -m pytest -n $(JOBS) --dist loadfile --no-loadscope-reorder

check: $(READY)
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

format: $(READY)
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

conformance: $(READY)
	@$(BIN)/python -m tests.conformance

chaos: $(READY)
	@$(BIN)/python -m tests.chaos

flood: $(READY)
	@$(BIN)/python -m tests.flood
	@$(BIN)/python -m tests.piles

crowd: $(READY)
	@$(BIN)/python -m tests.crowd

soak: $(READY)
	@$(BIN)/python -m tests.soak

clean:
	rm -rf .venv .mypy_cache .pytest_cache .ruff_cache .hypothesis .arvo

$(READY): pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=python3.12")'
	@echo "Setting up .venv (once) ..."
	@$(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[dev]'
	@touch $@

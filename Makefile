# `make` lists the targets. All paths are relative and all tools run as `python -m`, so the folder's name may hold spaces.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
DENO := DENO_DIR=$(VENV)/deno-cache DENO_NO_UPDATE_CHECK=1 $(BIN)/python -m deno
# Python compiles what it imports when it first does; to compile all that is installed would take longer than to install it.
# All that is installed stands in a lock file with its hash, so that pip neither chooses nor looks further.
PIP := $(BIN)/python -m pip install --disable-pip-version-check --no-compile --require-hashes --no-deps
# Where the index has torch without CUDA, that one; pip says nothing of a first try in vain.
TORCH = $(PIP) --quiet -r locks/torch-cpu.txt 2> /dev/null || $(PIP) -r locks/torch.txt
APP_READY := $(VENV)/requirements.stamp
DEV_READY := $(VENV)/requirements-dev.stamp
BENCH_READY := $(VENV)/requirements-bench.stamp

.PHONY: help run serve test quick fuzz durable lint bench assets lock newer

help:  ## list the targets
	@sed -n 's/^\([a-z]*\):.*## /  make \1  \t/p' Makefile

run: $(APP_READY)  ## set up and start the app at http://127.0.0.1:8501
	$(BIN)/python -m streamlit run app.py

serve: $(APP_READY)  ## set up and open the app to a class on this network, by a word
	$(BIN)/python -m vae_core serve $(ARGS)

test: $(DEV_READY)  ## set up and run every test, three at a time: those in a browser mostly wait
	$(DENO) test --no-remote --no-npm
	$(BIN)/python -m pytest -n 3 --dist worksteal

quick: $(DEV_READY)  ## the tests that take a minute: none of a page or in a browser, none marked slow
	$(BIN)/python -m pytest -n 2 --dist worksteal -m "not slow" --ignore tests/browser --ignore tests/pages

fuzz: $(DEV_READY)  ## try 20,000 spoilt files of each kind, where the tests try 2,000
	LATENT_LOOM_MUTANTS=20000 $(BIN)/python -m pytest tests/foreign/test_mutants.py tests/attacks/test_mutants.py --log-cli-level=info

durable: $(DEV_READY)  ## kill 1,000 saves, at each call and at random, and trainings 50 times; the tests kill 60, and four times
	LATENT_LOOM_KILLS=1000 LATENT_LOOM_RESUMES=50 $(BIN)/python -m pytest -s tests/training/test_durability.py

lint: $(DEV_READY)  ## style, format and types
	$(BIN)/python -m ruff check .
	$(BIN)/python -m ruff format --check .
	$(BIN)/python -m mypy
	$(DENO) lint
	$(DENO) fmt --check
	$(DENO) check --no-remote --no-npm assets/live tests/live

bench: $(BENCH_READY)  ## measure speed and print one table
	$(BIN)/python -m bench

assets: $(DEV_READY)  ## train the bundled models again: make assets MNIST=folder FASHION=folder
	$(BIN)/python -m assets.build --mnist "$(MNIST)" --fashion-mnist "$(FASHION)"

lock: $(DEV_READY)  ## choose and hash every package anew, after a change of a requirements file
	$(BIN)/python -m locks

newer: $(DEV_READY)  ## name the pins of which there is a newer release
	$(BIN)/python -m locks newer

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(None if sys.version_info >= (3, 11) else "Latent Loom needs Python 3.11 or newer and $(PYTHON) is %d.%d: name another with PYTHON=..." % sys.version_info[:2])'
	$(PYTHON) -m venv $(VENV)

$(APP_READY): locks/app.txt locks/torch.txt locks/torch-cpu.txt | $(BIN)/python
	$(TORCH)
	$(PIP) -r locks/app.txt
	@touch $@

$(DEV_READY): locks/app.txt locks/dev.txt locks/torch.txt locks/torch-cpu.txt | $(BIN)/python
	$(TORCH)
	$(PIP) -r locks/dev.txt
	@touch $@

$(BENCH_READY): $(DEV_READY) locks/bench.txt
	$(PIP) -r locks/bench.txt
	@touch $@

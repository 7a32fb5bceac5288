# Baby Owl: everything one does with the checkout. `make help` lists it all.

PYTHON ?= $(shell command -v python3.11 || command -v python3)
GATEWAY_PORT ?= 8080
FORMAT ?= text
ARGS ?=

export GATEWAY_PORT
# No .pyc race between processes that start together, and no stray settings of the shell's.
unexport PYTHONPATH PYTHONHOME VIRTUAL_ENV

VENV := .venv/bin
LOCAL := $(VENV)/python -m babyowl_local
MEMBERS := $(shell sed -n 's/^name = "\(babyowl-[a-z]*\)"$$/\1/p' */pyproject.toml */*/pyproject.toml)
COMPILE := $(VENV)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate \
	--no-header --no-emit-index-url $(addprefix --no-emit-package ,$(MEMBERS))

.DEFAULT_GOAL := help
.PHONY: help run start stop status logs reset demo test lint format bench chaos openapi pins clean \
	install install-dev

help:  ## List what can be done
	@awk -F ':.*## ' '/^[a-z][a-z-]*:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	@echo
	@echo '  GATEWAY_PORT=8090 moves the gateway; FORMAT=json makes `make status` print for programs;'
	@echo '  ARGS="-k attendance" goes to pytest.'

run: install  ## Run the whole platform in the foreground; Ctrl-C stops all of it
	@exec $(LOCAL) run

start: install  ## Run it in the background
	@$(LOCAL) start

stop: ## Stop it
	@if [ -x $(VENV)/python ]; then $(LOCAL) stop; else echo 'Baby Owl is not running.'; fi

status: ## What runs, and where
	@if [ -x $(VENV)/python ]; then $(LOCAL) status --format $(FORMAT); \
	elif [ $(FORMAT) = json ]; then echo '{"state": "stopped", "services": {}}'; \
	else echo 'Baby Owl: stopped'; fi

logs: install  ## Follow the logs of all services
	@$(LOCAL) logs

reset: install  ## Stop it and delete all its data
	@$(LOCAL) reset

demo: install  ## Play one class's story through the gateway, and check every step
	@$(VENV)/python -m babyowl_demo $(ARGS)

test: install-dev  ## Run all tests; leaves nothing running
	@$(VENV)/python -m pytest -m 'not infra and not chaos' -q -n 2 $(ARGS)
	@$(VENV)/python -m pytest -m 'infra and not chaos' -n 2 --dist loadfile $(ARGS)

lint: install-dev  ## Style, types, architecture, and the static checks of images and compose file
	@$(VENV)/ruff check .
	@$(VENV)/ruff format --check .
	@$(VENV)/python deploy/typecheck.py
	@$(VENV)/lint-imports
	@$(VENV)/python -m babyowl_local.containers

format: install-dev  ## Bring all files into the one style
	@$(VENV)/ruff check --fix .
	@$(VENV)/ruff format .

bench: install-dev  ## Measure speed, each figure beside its reference
	@for script in $$(grep -l '__name__ == "__main__"' deploy/bench/*.py); do \
		echo "== $$script"; $(VENV)/python $$script $(ARGS) || exit 1; \
	done

chaos: install-dev  ## The long proofs: killed processes, stopped brokers, poisoned messages
	@$(VENV)/python -m pytest -m chaos $(ARGS)

openapi: install-dev  ## Write the reference documents of API and events
	@$(VENV)/python -m babyowl_docs $(ARGS)

pins: install-dev  ## Pin the newest versions of all dependencies
	@for set in runtime dev installer; do \
		$(COMPILE) --upgrade $$([ $$set = dev ] && echo -c requirements/runtime.txt) \
			requirements/$$set.in -o requirements/$$set.txt; \
	done

clean: ## Delete what was built, but no data
	@rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	@find . -name __pycache__ -not -path './.local/*' -prune -exec rm -rf {} +

install:
	@$(PYTHON) deploy/install.py runtime

install-dev:
	@$(PYTHON) deploy/install.py dev

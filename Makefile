# Thin on purpose: what happens is written in deploy/bootstrap.py and in the guanxi command.
# Works with GNU make 3.81. Without make: python3 deploy/bootstrap.py up

PY ?= python3
BOOTSTRAP = $(PY) deploy/bootstrap.py

ifdef PORT
export GUANXI_PORT = $(PORT)
endif
ifdef DATA
export GUANXI_DATA = $(DATA)
endif

.DEFAULT_GOAL := help
.PHONY: help up up-full client test check chaos mutants demo import bench bench-bus contracts migrations clean

help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-11s %s\n", $$1, $$2}' Makefile
	@echo
	@echo "  PORT=8080, DATA=folder and PY=python3 change where and with what it runs."

up: ## start Guanxi: one process, SQLite, demo data on the first run
	@$(BOOTSTRAP) up

up-full: ## start Guanxi with PostgreSQL, RabbitMQ and a process per service
	@$(BOOTSTRAP) up-full

client: ## build the web client and stop (up does it by itself)
	@$(BOOTSTRAP) client

test: ## run every check and every test (ARGS="-k ticket" goes to pytest)
	@$(BOOTSTRAP) test $(ARGS)

check: ## run format, lint, type, import and contract checks
	@$(BOOTSTRAP) check

chaos: ## put everything wrong, and write docs/reliability.md (FAULT=34 for one); some of it as root
	@$(BOOTSTRAP) chaos $(if $(FAULT),--fault $(FAULT)) $(ARGS)

mutants: ## take each guard away and see a test notice (ARGS="'the inbox'" for one)
	@$(BOOTSTRAP) mutants $(ARGS)

demo: ## fill the company in DATA with two years of its life, while nothing runs there (ARGS="--small")
	@$(BOOTSTRAP) run guanxi demo $(ARGS)

import: ## load the CSV files in DIR into a running Guanxi
	@test -n "$(DIR)" || { echo "usage: make import DIR=folder"; exit 2; }
	@$(BOOTSTRAP) run guanxi import "$(DIR)"

bench: ## measure what is promised, and print it (ARGS="--mode embedded --only start")
	@$(BOOTSTRAP) env && $(BOOTSTRAP) run python -m tests.bench $(ARGS)

bench-bus: ## measure how quick the bus is (ARGS="--only pipeline", ARGS=--write for docs/performance.md)
	@$(BOOTSTRAP) env && $(BOOTSTRAP) run python -m tests.bench.bus $(ARGS)

contracts: ## write contracts/, asyncapi.json and what the web client knows of the API, from the code
	@$(BOOTSTRAP) contracts

migrations: ## write the migration a changed model needs (SERVICE=name)
	@test -n "$(SERVICE)" || { echo "usage: make migrations SERVICE=marketing"; exit 2; }
	@$(BOOTSTRAP) run guanxi migrations $(SERVICE) $(ARGS)

clean: ## remove the environment and caches, never your data
	@rm -rf .venv .coverage .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache web/node_modules web/build gateway/gateway/client
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

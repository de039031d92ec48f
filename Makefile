# Everything a developer types. The work is done by deploy/dev/stack.py (Python 3.11 or later, nothing else).

PYTHON ?= python3
STACK := $(PYTHON) deploy/dev/stack.py
MAKEFLAGS += --no-print-directory
.DEFAULT_GOAL := help
.PHONY: help demo up stop reset status logs test crash bench schemathesis check prepare test-up test-stop crash-stop bench-stop

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	@echo "Ports: YEMMA_PORT_BASE=<number> (20 ports from there; demo 20000, tests 21000, crash 22000, bench 22400)."

demo: ## from a fresh machine to a whole journey: install, start, build, play
	@$(STACK) demo

up: ## install what lacks and start what does not run (no build)
	@$(STACK) up

stop: ## stop the demo
	@$(STACK) stop

reset: ## stop the demo and wipe its data
	@$(STACK) reset

status: ## what runs
	@$(STACK) status

logs: ## follow the logs (ARGS="api worker" for some)
	@$(STACK) logs $(ARGS)

test: ## every test (Meilisearch's with MEILISEARCH_URL), on servers of its own (ARGS="-E 'test(login)'" for some)
	@$(STACK) test $(ARGS)

crash: ## 30 journeys while components are killed (YEMMA_CRASH_JOURNEYS=n)
	@$(STACK) crash $(ARGS)

bench: ## a release build beside bare handlers and an empty workflow (ARGS="step --turns 9", ARGS="--soak 60")
	@$(STACK) bench $(ARGS)

schemathesis: ## an outside judge of the API, as nobody and as each role, on the running demo
	@$(STACK) schemathesis $(ARGS)

check: ## format, lints, arrows between crates, dependencies, generated files
	@$(STACK) check

prepare: ## write the generated files: store/.sqlx, api/openapi.json and .env.example
	@$(STACK) prepare

test-up: ## keep the servers of the tests running between runs of `make test`
	@$(STACK) up --instance test --servers-only

test-stop: ## stop them
	@$(STACK) stop --instance test

crash-stop: ## stop what a killed `make crash` left running
	@$(STACK) stop --instance crash

bench-stop: ## stop what a killed `make bench` left running
	@$(STACK) stop --instance bench

# Everything is built once, in one configuration, into .build: the programs, the benchmarks and the tests share it.
# make itself ends with status 2 when a step fails; the step's own status is in make's last line ("Error 97").

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.NOTPARALLEL:
.DELETE_ON_ERROR:

SWIFT ?= swift
BUILD := $(SWIFT) build -c release
BIN := .build/release
SWIFT_CODE := Sources Tests Package.swift

# Passed on to the program that the target runs: make bench ARGS='--clients 2000', make test ARGS='--filter Pacer'.
ARGS ?=
# The commit that make perf-compare compares with.
BASE ?=

.PHONY: help setup build bench compare test test-api test-browser lint budgets check-deploy format clean perf perf-compare

help: ## list the targets (the default)
	@grep -hE '^[a-z-]+:.*## ' $(firstword $(MAKEFILE_LIST)) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1|\2/' | \
	    while IFS='|' read -r target text; do printf '%-20s %s\n' "$$target" "$$text"; done

setup: ## install the system packages that are missing
	@scripts/setup

build: ## build ChatServer and LoadGen
	$(BUILD) --product ChatServer
	$(BUILD) --product LoadGen

bench: setup build ## run the scenario steady-rooms on one embedded server (ARGS: more options of LoadGen run)
	$(BIN)/LoadGen run steady-rooms --setup embedded $(ARGS)

compare: setup build ## compare the three placements on small rooms: sticky or not? (ARGS: more options of LoadGen compare)
	$(BIN)/LoadGen compare small-rooms --setups nonsticky,sticky-cookie,sticky-room --blocks 5 $(ARGS)

test: setup ## build and run all tests (ARGS: options of swift test)
	$(BUILD) --build-tests
ifeq ($(strip $(ARGS)),)
	@# What starts whole clusters, and measures them, gets the machine for itself.
	$(SWIFT) test -c release --skip-build --skip IntegrationTests
	$(SWIFT) test -c release --skip-build --filter IntegrationTests
else
	$(SWIFT) test -c release --skip-build $(ARGS)
endif

test-api: setup build ## hold the API's descriptions against real servers (ARGS: asyncapi or openapi, for one of them)
	@scripts/test-api $(ARGS)

test-browser: build ## test the web client in headless Chromium, on a cluster (ARGS: options of unittest)
	@scripts/setup --browser
	@python=$$(scripts/python-venv browser-venv Tests/BrowserTests/requirements.txt); \
	"$$python" -B -m unittest discover -v -s Tests/BrowserTests $(ARGS)

budgets: setup ## count instructions and allocations of the hot path's benchmarks, and hold them to their budgets (ARGS: --times)
	$(BUILD) --build-tests
	@scripts/check-budgets $(ARGS)

perf: setup build ## measure what both programs cost, beside the floors (ARGS: options of PerfBench run)
	$(BUILD) --product PerfBench
	$(BIN)/PerfBench run $(ARGS)

perf-compare: setup ## measure BASE=COMMIT and the work tree in turn, and say what differs (ARGS: of scripts/perf-compare)
	@SWIFT=$(SWIFT) scripts/perf-compare "$(BASE)" $(ARGS)

lint: ## check the format of the Swift code, and the shell scripts where there is shellcheck
	$(SWIFT) format lint --strict --parallel -r $(SWIFT_CODE)
	@scripts=$$(grep -lsE '^#!.*[/ ](ba)?sh$$' scripts/* .ci/* deploy/docker/*) || true; \
	if command -v shellcheck >/dev/null; then \
	    echo shellcheck -x -a $$scripts; shellcheck -x -a $$scripts; \
	else \
	    echo "lint: there is no shellcheck here; not checked:" $$scripts; \
	fi

check-deploy: setup ## check the files for containers, Kubernetes, systemd, HAProxy, Prometheus and Grafana; starts nothing
	@scripts/check-deploy

format: ## format the Swift code in place
	$(SWIFT) format -i --parallel -r $(SWIFT_CODE)

clean: ## delete what was built; fetched dependencies and results stay
	$(SWIFT) package clean

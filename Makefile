# The commands of this project; `make help` says what each does. Everything built lies under build/.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory
.ONESHELL:

export PATH := $(CURDIR)/.cache/node/node_modules/.bin:$(PATH)
# Where Node is not Debian's, emcc still needs Debian's modules (acorn).
export NODE_PATH := /usr/share/nodejs
export npm_config_audit := false
export npm_config_fund := false
export npm_config_update_notifier := false
FUZZ_SECONDS ?= 30

STAMPS := build/.stamps
# Folders with an npm lock file, and of these the ones with something to build, in order.
NPM_DIRS := $(patsubst %/package-lock.json,%,$(wildcard sdk-wasm/package-lock.json web-demo/package-lock.json tests/*/package-lock.json))
sources_below = $(shell find $(1) -type f -not -path '*/node_modules/*' -not -path '*/dist/*' 2>/dev/null | sed 's/ /\\ /g')

.PHONY: help setup build run test test-sanitize bench fuzz lint format clean native server wasm modules sdk demo release

help: ## say what there is
	@echo "make run    [PORT=7070] [DATA_DIR=data]   build, then start the server and the demo; Ctrl-C stops all"
	echo "make test                                 build and run every suite; the last line says N passed, N failed"
	sed -n 's/^\([a-z-]*\):[^#]*## \(.*\)/make \1|\2/p' Makefile | grep -v -e '^make run|' -e '^make test|' | while IFS='|' read -r a b; do printf '%-41s %s\n' "$$a" "$$b"; done

setup: ## install what this machine lacks (as root or through sudo)
	@toolchains/setup

build: native wasm modules sdk demo ## build server, tests, SDK and demo

# PORT and DATA_DIR, from the command line or the environment, are in its environment: whatever a path holds.
run: server wasm sdk demo ## start it
	@exec node web-demo/backend/run.mjs

test: build ## run every suite
	@exec node tests/run.mjs

test-sanitize: | setup ## run the native suites with ASan + UBSan, and the threaded ones with TSan
	@toolchains/setup dev
	cmake --preset asan >/dev/null && cmake --build --preset asan
	cmake --preset tsan >/dev/null && cmake --build --preset tsan --target unit_log contract_tests unit_transport jobwire-server integration_tests
	exec node tests/run.mjs --native asan --native tsan:unit_log,contract_tests,unit_transport,integration_tests

fuzz: | setup ## run every fuzz target for FUZZ_SECONDS (30) each
	@toolchains/setup dev
	cmake --preset fuzz >/dev/null && cmake --build --preset fuzz --target fuzz_targets
	exec node tests/run.mjs --fuzz $(FUZZ_SECONDS)

bench: release wasm sdk $(STAMPS)/npm/tests/bench ## measure against a bare socket floor, ws and socket.io; results in build/bench
	@exec node tests/bench/run.mjs $(BENCH)

lint: | setup ## check formatting, C++ (clang-tidy) and TypeScript
	@toolchains/setup dev
	git ls-files '*.h' '*.cc' | xargs clang-format-14 --dry-run -Werror
	$(MAKE) native modules
	git ls-files 'common/src/*.cc' 'server/src/*.cc' | xargs -P "$$(nproc)" -n 4 clang-tidy-14 --quiet -p build
	for dir in $(NPM_DIRS); do (cd $$dir && npm run --if-present typecheck && npm run --if-present lint); done

format: | setup ## format the C++ sources in place
	@toolchains/setup dev
	git ls-files '*.h' '*.cc' | xargs clang-format-14 -i

clean: ## remove what was built (not the demo's data)
	rm -rf build sdk-wasm/dist sdk-wasm/react/dist sdk-wasm/publisher/dist web-demo/dist $(foreach dir,sdk-wasm web-demo tests/interop tests/e2e tests/bench,$(dir)/node_modules)

# ---- the parts ----
native: | setup
	@[ -f build/build.ninja ] || cmake --preset native >/dev/null
	cmake --build --preset native

server: | setup
	@[ -f build/build.ninja ] || cmake --preset native >/dev/null
	cmake --build --preset native --target jobwire-server

release: | setup
	@[ -f build/release/build.ninja ] || cmake --preset release >/dev/null
	cmake --build --preset release --target jobwire-server bench_programs

wasm: | setup
	@[ -f build/wasm/build.ninja ] || cmake --preset wasm >/dev/null
	cmake --build --preset wasm

modules: $(patsubst %,$(STAMPS)/npm/%,$(NPM_DIRS))

# `npm ci` where the lock file is newer than the last install.
$(STAMPS)/npm/%: %/package-lock.json | setup
	@cd $* && npm ci --loglevel=error
	mkdir -p $(CURDIR)/$(@D) && touch $(CURDIR)/$@

# What only tests need is not fetched for these.
sdk: wasm $(STAMPS)/npm/sdk-wasm $(STAMPS)/sdk
demo: sdk $(STAMPS)/npm/web-demo $(STAMPS)/demo

$(STAMPS)/sdk: $(call sources_below,sdk-wasm common) | wasm $(STAMPS)/npm/sdk-wasm
	@cd sdk-wasm && npm run --silent build
	mkdir -p $(CURDIR)/$(@D) && touch $(CURDIR)/$@

$(STAMPS)/demo: $(call sources_below,web-demo) $(STAMPS)/sdk | $(STAMPS)/npm/web-demo
	@cd web-demo && npm run --silent build && npm run --silent --if-present samples
	mkdir -p $(CURDIR)/$(@D) && touch $(CURDIR)/$@

# A thin front of deps/setup, meson and tools/. `make help` lists what there is.
BUILD ?= build
FUZZ_SECONDS ?= 60
FUZZ_SEED ?= 1
CONFORMANCE_CALLS ?= 20000
PREFIX ?= /usr/local
export FUZZ_SECONDS FUZZ_SEED

.PHONY: help run test build bench bench-gate bench-genom bench-vectors bench-store figures pictures conformance eval eval-cache eval-typos eval-intents fuzz fault check asan tsan coverage install uninstall deb test-deb clean setup-build

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 24

run: build ## set up, build and start sky; learns the documents in build/deps/docs (or SKY_LEARN) in the background
	@deps/setup run
	@SKY_LEARN="$${SKY_LEARN-$(CURDIR)/build/deps/docs}" exec $(BUILD)/sky serve $(ARGS)

test: build ## set up, build, run every check and test; ends with "N passed, N failed"
	@deps/setup run test dev deb
	@ninja -C $(BUILD)
	@tools/run-tests --build $(BUILD) $(SUITES)

build: setup-build ## set up what compiling needs, and compile build/sky
	@tools/configure $(BUILD)
	@ninja -C $(BUILD) sky

setup-build:
	@deps/setup build

check: setup-build ## format, imports, banned calls, lone headers, sizes, words, links
	@deps/setup clang-format
	@tools/check

bench: build ## measure (ARGS="http start": some groups), then make docs/figures.md
	@deps/setup run bench
	@ninja -C $(BUILD) ai/bench-model bus/bench-handshake
	@bench/run $(ARGS)
	@bench/figures

figures: ## make docs/figures.md from bench/results/*.json
	@bench/figures

pictures: build ## draw the pictures of the documentation anew
	@deps/setup run test apt-pictures
	@build/deps/node/bin/node tools/pictures.mjs $(ARGS)

bench-gate: build ## the gate beside web stacks and gateways, attacked, crowded (ARGS="--quick route": does it work), then make docs/figures.md
	@deps/setup run gate
	@ninja -C $(BUILD) bench-load upstream
	@bench/run $(or $(ARGS),route gateway attack idle overspend)
	@bench/figures

bench-genom: build ## GENOM against compressors and tokenizers, and over HTTP, then make docs/figures.md
	@deps/setup run apt-bench bench-genom genom-gold
	@ninja -C $(BUILD) genom/bench-genom
	@bench/run genom
	@bench/figures

bench-vectors: build ## vector search against faiss, hnswlib and usearch (an hour)
	@deps/setup bench
	@ninja -C $(BUILD) ai/bench-vectors
	@bench/vectors $(ARGS)

bench-store: build ## the store beside sqlite3, pgbench and bare SQL (ARGS=--quick: does it work), then make docs/figures.md
	@deps/setup run postgres bench-python
	@ninja -C $(BUILD) ai/bench-store
	@build/deps/bench-python/bin/python bench/run $(ARGS) store
	@bench/figures

eval: build ## measure the quality of the answers
	@deps/setup run
	@python3 tests/eval/eval.py $(ARGS)

eval-cache: build ## measure the answer cache: paraphrases it hits, near misses it must not
	@deps/setup run
	@ninja -C $(BUILD) ai/cache-pairs
	@python3 tests/eval/eval_cache.py $(ARGS)

eval-typos: build ## measure what a slip of the finger costs, after make eval
	@python3 tests/eval/typos.py $(ARGS)

eval-intents: build ## measure the intents on messages labelled apart from their rules
	@ninja -C $(BUILD) genom-intents
	@python3 tests/eval/intents.py $(ARGS)

fuzz: build ## libFuzzer on every target, FUZZ_SECONDS (60) each, added up in bench/results; TARGETS="h1 h2" for some
	@deps/setup dev
	@FUZZ_RECORD=1 tools/fuzz $(TARGETS)

fault: build ## kill, break the disk, besiege and work the program, in full; results in bench/results/fault.json
	@deps/setup run test
	@SKY_FAULT_FULL=1 tools/run-tests --build $(BUILD) fault

conformance: build ## h2spec, and schemathesis over /openapi.json, CONFORMANCE_CALLS (20000) calls
	@deps/setup run test
	@cd tests/e2e && ../../build/deps/test-python/bin/python -m unittest test_h2spec
	@cd tests/e2e && ../../build/deps/test-python/bin/python conformance.py $(CONFORMANCE_CALLS)

asan: setup-build ## all tests of the program under the address and undefined-behaviour sanitizers
	@deps/setup run test
	@tools/configure build-asan -Db_sanitize=address,undefined -Db_lundef=false
	@ninja -C build-asan
	@tools/run-tests --build build-asan unit e2e

tsan: setup-build ## all tests of the program under the thread sanitizer
	@deps/setup run test
	@tools/configure build-tsan -Db_sanitize=thread -Db_lundef=false
	@ninja -C build-tsan
	@tools/run-tests --build build-tsan unit e2e

coverage: setup-build ## which lines of our C the tests reach (85 % at least), and which not: bench/results/coverage.json
	@deps/setup run test dev
	@tools/configure build-coverage -Db_coverage=true
	@ninja -C build-coverage
	@find build-coverage -name '*.gcda' -delete
	@tools/run-tests --build build-coverage unit e2e
	@tools/coverage build-coverage

install: build ## install to PREFIX (/usr/local), below DESTDIR if set
	@deps/setup run
	@meson configure $(BUILD) --prefix $(abspath $(PREFIX))
	@ninja -C $(BUILD) sky
	@meson install -C $(BUILD) --no-rebuild

uninstall: ## remove what make install put in place; documents, accounts and keys stay
	@tools/uninstall $(BUILD)

deb: setup-build ## Debian packages into build/deb, for this release or RELEASE=bookworm|trixie
	@deps/setup run deb
	@tools/deb $(if $(RELEASE),--release $(RELEASE))

test-deb: setup-build ## the packages of Debian 12 and 13, made and tried in clean trees, with and without systemd (root only)
	@deps/setup run test deb
	@tools/deb --release bookworm
	@tools/deb --release trixie
	@SKY_PACKAGE_FULL=1 tools/run-tests --build $(BUILD) package

clean: ## remove what was built; the cache of dependencies stays
	rm -rf build build-*

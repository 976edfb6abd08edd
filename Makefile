# Entry points; `make help` lists them.
.PHONY: help toolchain build dist plugins demo test eval docs bench fuzz fmt lint deny

help: ## List what can be made
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/'

toolchain: ## Install what building needs and is missing
	@.ci/toolchain

build: toolchain ## Build target/release/wardline
	cargo build --release --package wardline

dist: toolchain ## Build target/dist/wardline for release; wardline.debug beside it is for debuggers
	cargo build --profile dist --package wardline
	objcopy --only-keep-debug target/dist/wardline target/dist/wardline.debug
	objcopy --strip-all --add-gnu-debuglink=target/dist/wardline.debug target/dist/wardline

plugins: build ## Write the built-in detectors to target/detectors
	target/release/wardline plugins export target/detectors

demo: build ## Watch a recorded attack being found, and detectors being replaced meanwhile
	@tests/demo.sh

test: toolchain ## Run all tests
	cargo test --workspace --all-features

eval: build ## Judge the built-in detectors by the labelled corpus; `make eval UPDATE=1` keeps what is found
	cargo run --release --package wardline-eval -- $(if $(UPDATE),--update)

docs: build ## Write DETECTIONS.md, the READMEs of detectors, and docs/configuration.md
	target/release/wardline detections list --format markdown > DETECTIONS.md
	for detector in $(notdir $(wildcard plugins/*)); do \
		target/release/wardline detections page $$detector > plugins/$$detector/README.md || exit 1; \
	done
	target/release/wardline detections page host > docs/host-findings.md
	target/release/wardline config reference > docs/configuration.md

bench: build ## Measure; `make bench JSON=FILE` writes the figures too, LOG=FILE measures on another log
	$(if $(LOG),LOG=$(abspath $(LOG))) cargo run --release --package wardline-bench -- $(if $(JSON),--json $(abspath $(JSON)))

fuzz: toolchain ## Fuzz each parser; `make fuzz SECONDS=600` for longer than a minute each
	@.ci/cargo-tool cargo-fuzz
	@# libFuzzer's flags are not in the stable compiler without this variable.
	for target in $$(cargo fuzz list --fuzz-dir tests/fuzz); do \
		RUSTC_BOOTSTRAP=1 cargo fuzz run --fuzz-dir tests/fuzz $$target -- -max_total_time=$(or $(SECONDS),60) || exit 1; \
	done

fmt: ## Format all code
	cargo fmt --all

lint: ## Check format, lints, licenses, and advisories
	cargo fmt --all --check
	cargo clippy --workspace --all-targets --all-features -- -D warnings
	$(MAKE) deny

deny: ## Check licenses, advisories, and bans of all dependencies
	@.ci/cargo-tool cargo-deny
	cargo deny check

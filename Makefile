# Two commands to remember: `make demo` and `make test`.
SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
.PHONY: demo test bench docs format lint setup onnx-schema

JOBS ?= $(shell getconf _NPROCESSORS_ONLN)
SOURCES := Package.swift Sources Tests
BUILD := swift build -c release --jobs $(JOBS)

# Builds the tool and trains a network that reads digits.
demo: setup
	$(BUILD) --product plush
	"$$($(BUILD) --show-bin-path)/plush" train mlp

# Runs every test; a warning in our own sources fails it as a broken test does.
test: setup
	@mkdir -p .build
	swift test -c release --disable-testable-imports --no-parallel --jobs $(JOBS) 2>&1 | tee .build/test.log
	@scripts/warnings .build/test.log

# Times the kernels and the networks.
bench: setup
	$(BUILD) --product plush
	"$$($(BUILD) --show-bin-path)/plush" bench

# Writes the documentation to .build/docs, as a web site.
docs: setup
	scripts/docs .build/docs

# Writes the Swift code for the schema of ONNX anew; needs protoc (PyPI: grpcio-tools) and
# protoc-gen-swift (built from the package swift-protobuf).
onnx-schema:
	scripts/onnx-schema

format:
	swift format --in-place --recursive $(SOURCES)

lint:
	swift format lint --strict --recursive $(SOURCES)

# Installs what the machine lacks, and nothing if it lacks nothing.
setup:
	@scripts/setup

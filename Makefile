# The front door. Everything runs from a virtual environment made here; nothing is installed outside it and the cache.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
VENDOR ?= huawei
export PYTHONPATH := hack

.DEFAULT_GOAL := help
.PHONY: help setup binaries demo test unit e2e faults check format generate coverage-table bench clean

help: ## show the targets
	@grep -hE '^[a-z0-9-]+:.*##' $(MAKEFILE_LIST) | sed 's/:[^#]*## /\t/' | expand -t 14

$(VENV)/.ready: pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed (PYTHON=...)"; exit 1; }
	@echo "setting up $(VENV) (about a minute the first time)"
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@

setup: $(VENV)/.ready ## make the virtual environment

binaries: setup ## find or build etcd, kube-apiserver, kube-controller-manager, kubectl and helm (once)
	@$(BIN)/python hack/controlplane binaries

demo: binaries ## the whole story on a local control plane and a simulated cloud; KEEP=1 leaves it running
	@$(BIN)/python hack/demo --vendor $(VENDOR) $(if $(KEEP),--keep)

test: binaries ## every test
	@$(BIN)/python -m pytest

unit: setup ## tests that need no control plane
	@$(BIN)/python -m pytest -m 'not e2e'

e2e: binaries ## tests on the local control plane
	@$(BIN)/python -m pytest -m e2e

faults: binaries ## kill the operator at every write and check what is left (ARGS=--short)
	@$(BIN)/python -m tests.faults $(ARGS)

check: setup ## lint, types, layers, generated files
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache
	@$(BIN)/python -m cloudscaling.api.crdgen --check crds helm/cloud-scaling-operator/crds
	@$(BIN)/python -m cloudscaling.api.reference --check docs/reference
	@$(BIN)/python -m coverage_table --check

format: setup ## format the code
	@$(BIN)/ruff check --fix --quiet . ; $(BIN)/ruff format --quiet .

generate: setup ## write the CRDs, the API reference and the table of operations
	@$(BIN)/python -m cloudscaling.api.crdgen crds helm/cloud-scaling-operator/crds
	@$(BIN)/python -m cloudscaling.api.reference docs/reference
	@$(BIN)/python -m coverage_table

coverage-table: setup ## record which tests exercise which operations, and write docs/coverage.md
	@$(BIN)/python -m pytest tests/contract --quiet --record-proofs
	@$(BIN)/python -m coverage_table

clean: ## remove what was made here; the cache of built programs stays
	@rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis dist build

# The front door. Everything runs from a virtual environment made here; nothing is installed outside it and the cache.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
VENDOR ?= huawei
export PYTHONPATH := hack

VERSION := $(shell sed -n 's/^version = "\(.*\)"/\1/p' pyproject.toml)
WHEELS := build/wheels
export IMAGE ?= cloud-scaling-operator:$(VERSION)
export SIMULATOR_IMAGE ?= cloud-scaling-simulator:$(VERSION)
export KIND_BIN ?= kind
# The wheels are those of the virtual environment's Python, so the images have the same.
IMAGE_PYTHON = $(shell $(BIN)/python -c 'import sys; print("%d.%d" % sys.version_info[:2])')
BASE_IMAGE ?= docker.io/library/python:$(IMAGE_PYTHON)-slim
DOCKER_BUILD = docker build --quiet --build-arg BASE_IMAGE=$(BASE_IMAGE) --build-arg WHEELS_PYTHON=$(IMAGE_PYTHON) \
  --build-arg VERSION=$(VERSION) --build-arg REVISION=$(shell git rev-parse HEAD 2>/dev/null)

.DEFAULT_GOAL := help
.PHONY: help setup binaries demo test unit e2e faults check format generate coverage-table bench clean wheels image \
  e2e-kind has-docker has-kind

help: ## show the targets
	@grep -hE '^[a-z0-9-]+:.*##' $(MAKEFILE_LIST) | sed 's/:[^#]*## /\t/' | expand -t 17

$(VENV)/.ready: pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed (PYTHON=...)"; exit 1; }
	@echo "setting up $(VENV) (about a minute the first time)"
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@

setup: $(VENV)/.ready ## make the virtual environment

binaries: setup ## find or build etcd, kube-apiserver, kube-controller-manager, kubectl and helm (once)
	@$(BIN)/python hack/controlplane binaries

demo: binaries ## the whole story on a local control plane and a simulated cloud; VENDOR=huawei or otc, KEEP=1 leaves it running
	@$(BIN)/python hack/demo --vendor $(VENDOR) $(if $(KEEP),--keep)

test: binaries ## every test
	@$(BIN)/python -m pytest

unit: setup ## tests that need no control plane
	@$(BIN)/python -m pytest -m 'not e2e'

e2e: binaries ## tests on the local control plane
	@$(BIN)/python -m pytest -m e2e

faults: binaries ## kill the operator at every write and check what is left (ARGS="--short", ARGS="--vendor otc")
	@$(BIN)/python -m tests.faults $(ARGS)

has-docker:
	@command -v docker >/dev/null || { echo "docker is missing"; exit 1; }
	@docker version >/dev/null 2>&1 || { echo "no Docker daemon answers at $${DOCKER_HOST:-its usual socket}"; exit 1; }

has-kind:
	@command -v $(KIND_BIN) >/dev/null || { echo "kind is missing (KIND_BIN=$(KIND_BIN))"; exit 1; }

$(WHEELS)/.ready: pyproject.toml $(VENV)/.ready
	@rm -rf $(WHEELS)
	@$(BIN)/python -m pip wheel --quiet --wheel-dir $(WHEELS) '.[simulator]'
	@touch $@

wheels: $(WHEELS)/.ready # all that the images are made of; the project's own wheel is always new
	@$(BIN)/python -m pip wheel --quiet --no-deps --wheel-dir $(WHEELS) .

image: has-docker wheels ## build the images of operator and simulator (BASE_IMAGE=, IMAGE=, SIMULATOR_IMAGE=)
	@$(DOCKER_BUILD) --target simulator --tag $(SIMULATOR_IMAGE) . >/dev/null
	@$(DOCKER_BUILD) --target operator --tag $(IMAGE) . >/dev/null
	@docker image inspect --format '{{index .RepoTags 0}} {{.Size}} bytes' $(SIMULATOR_IMAGE) $(IMAGE)

bench: binaries ## time to Ready, calls of an idle sweep, memory (ARGS="50 150")
	@$(BIN)/python bench/fleet.py $(or $(ARGS),50)

e2e-kind: has-kind image ## tests with the operator as a pod, on a kind cluster (KIND_CLUSTER=, or one of its own)
	@$(BIN)/python hack/controlplane path kubectl >/dev/null
	@$(BIN)/python hack/controlplane path helm >/dev/null
	@$(BIN)/python -m pytest tests/kind --durations=0 --durations-min=1

check: setup ## lint, types, layers, generated files
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache
	@$(BIN)/python -m cloudscaling.api.crdgen --check crds helm/cloud-scaling-operator/crds
	@$(BIN)/python -m cloudscaling.api.reference --check docs/reference
	@$(BIN)/python -m mapping --check docs/vendors
	@$(BIN)/python -m coverage_table --check

format: setup ## format the code
	@$(BIN)/ruff check --fix --quiet . ; $(BIN)/ruff format --quiet .

generate: setup ## write the CRDs, the API reference, the vendors' tables and the table of operations
	@$(BIN)/python -m cloudscaling.api.crdgen crds helm/cloud-scaling-operator/crds
	@$(BIN)/python -m cloudscaling.api.reference docs/reference
	@$(BIN)/python -m mapping docs/vendors
	@$(BIN)/python -m coverage_table

coverage-table: setup ## record which tests exercise which operations, and write docs/coverage.md
	@$(BIN)/python -m pytest tests/contract --quiet --record-proofs
	@$(BIN)/python -m coverage_table

clean: ## remove what was made here; the cache of built programs stays
	@rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis dist build

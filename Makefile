# Everything that a person types here. Needs Python 3.11, Node.js 20 and git; `make up` is the first.
PYTHON ?= python3
BIN := .venv/bin
STEPS := $(PYTHON) tools/steps.py
TIMED := tools/timed.sh
ARGS ?=
# Three workers on two processors (tests/conftest.py), each with whole files or groups of files; PYTEST_ARGS="-n 0 FILE"
# runs one file as it is.
WORKERS := -n logical --maxprocesses 6 --dist loadfile --no-loadscope-reorder
PYTEST_ARGS ?=
# Set to `nice` where linters run beside tests, which watch clocks.
NICE ?=
# What is done side by side says what it has to say at its end, where this make can do that.
TOGETHER := $(if $(filter output-sync,$(.FEATURES)),--output-sync=target)

export PATH := $(CURDIR)/$(BIN):$(PATH)
# Many processes are started here; each would compile every module that it imports.
unexport PYTHONDONTWRITEBYTECODE
# A lab's terminal says to its children where its hub is; what is built and tested here must not listen to it.
unexport JUPYTERHUB_API_TOKEN JUPYTERHUB_API_URL ORRERY_HUB_URL ORRERY_CONNECTION_FILE MLFLOW_TRACKING_URI

.DEFAULT_GOAL := help
.PHONY: help up down install build test checks test-long lint lint-python lint-typescript jest pytest docs bench test-frameworks wheel lock clean

help: ## This list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1|\2/p' $(MAKEFILE_LIST) | while IFS='|' read -r name what; do printf '  make %-16s %s\n' "$$name" "$$what"; done

up: install ## Install what is missing, then start the product; ARGS="--port 9000" and others as for `orrery up`
	@$(BIN)/orrery up $(ARGS)

down: ## Stop the product; its state is kept
	@$(BIN)/orrery down

install:
	@$(STEPS) install

build: install ## Install what is missing and build the extension for the browser

test: ## Everything that a change must pass: lint, jest, docs, pytest with the browser tests
	@$(STEPS) system install
	@jest=0; $(MAKE) --no-print-directory jest || jest=$$?; \
	$(MAKE) --no-print-directory --keep-going -j2 pytest checks && exit $$jest

# Beside the browsers of pytest, jest takes six times as long, and its waits run out; these only take longer.
checks:
	@$(MAKE) --no-print-directory $(TOGETHER) NICE=nice lint-python lint-typescript docs

test-long: install ## Everything again as hard as it gets: chaos, long properties, a thousand faults, frameworks
	@TEST_PROFILE=long $(TIMED) "pytest, long" $(BIN)/python -m pytest -m "not bench and not frameworks" --timeout 3600 $(WORKERS) $(PYTEST_ARGS)
	@cd labextension && TEST_PROFILE=long ../$(TIMED) "snippet bodies, long" jlpm test test/snippets/body
	@$(MAKE) --no-print-directory test-frameworks

lint: lint-python lint-typescript ## Style, types and import rules of Python and TypeScript

lint-python: install
	@$(NICE) $(TIMED) "ruff check" $(BIN)/ruff check .
	@$(NICE) $(TIMED) "ruff format" $(BIN)/ruff format --check .
	@$(NICE) $(TIMED) "mypy" $(BIN)/mypy
	@$(NICE) $(TIMED) "import rules" $(BIN)/lint-imports

lint-typescript: install
	@cd labextension && $(NICE) ../$(TIMED) "eslint, stylelint, prettier, tsc" jlpm lint

jest: install
	@cd labextension && $(NICE) ../$(TIMED) "jest" jlpm test

pytest: install
	@$(TIMED) "pytest" $(BIN)/python tools/run_tests.py -m "not bench and not frameworks and not slow" $(WORKERS) $(PYTEST_ARGS)

docs: install ## The documentation, into site/
	@$(NICE) $(TIMED) "documentation" env NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet

bench: install ## Measure beside a peer; ARGS="--force" or the names of benches
	@$(TIMED) "bench" $(BIN)/python -m tests.bench $(ARGS)

test-frameworks: install ## The tests that need PyTorch, XGBoost or LightGBM, which are installed beside .venv for them
	@$(TIMED) "frameworks" $(PYTHON) tools/frameworks.py
	@$(TIMED) "pytest with frameworks" .cache/frameworks/bin/python -m pytest -m frameworks $(PYTEST_ARGS)

wheel: install ## The wheel, into dist/
	@HATCH_JUPYTER_BUILDER_SKIP_NPM=true $(TIMED) "wheel" $(BIN)/hatchling build -t wheel

lock: ## Resolve the Python dependencies of pyproject.toml again
	@$(BIN)/uv pip compile pyproject.toml --extra hub --extra lab --extra kubernetes --extra vault --extra test --extra docs --universal --python-version 3.11 --no-emit-index-url --generate-hashes --no-header --quiet -o requirements/all.lock

clean: ## Remove what was built and cached; .venv, node_modules and the product's state stay
	@rm -rf .cache build dist site .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .coverage labextension/lib labextension/coverage labextension/*.tsbuildinfo server_ext/orrery_server/labextension
	@echo "Clean. To remove everything that was installed too: rm -rf .venv labextension/node_modules hub/proxy/node_modules"

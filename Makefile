# One word each. Prerequisites: Python >= 3.11 and make; everything else goes into .venv.
# Works from any directory (make -C, make -f) and behind paths with spaces: GNU make splits names
# at spaces, so nothing here is a file target and the shell does the looking.

PYTHON ?= python3
export BIXUE := $(shell cd "$$(dirname "$(strip $(MAKEFILE_LIST))")" && pwd -P)
GO := cd "$$BIXUE" &&
PY := .venv/bin/python

.DEFAULT_GOAL := help
.PHONY: help setup tools demo serve test sure lint types imports content words bench

help:            ## List the words that make understands
	@$(GO) sed -n 's/^\([a-z]*\): *[a-z ]*## /\1|/p' Makefile | awk -F'|' '{printf "  make %-8s %s\n", $$1, $$2}'

setup:           ## Make .venv and install the program into it
	@$(GO) if [ -f .venv/ready ] && [ -z "$$(find pyproject.toml lock hatch_build.py lms/web/translations -newer .venv/ready ! -name '*.mo' -type f)" ]; then :; else \
	  $(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "必学需要 Python 3.11 或更新 (Python >= 3.11 is needed)")' && \
	  { [ -x $(PY) ] || $(PYTHON) -m venv .venv; } && \
	  $(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r lock/run.txt && \
	  $(PY) -m pip install --quiet --disable-pip-version-check --no-deps --editable . && \
	  rm -f .venv/ready-tools && touch .venv/ready; fi

tools: setup
	@$(GO) if [ -f .venv/ready-tools ]; then :; else \
	  $(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r lock/dev.txt && touch .venv/ready-tools; fi

demo: setup      ## Fill an embedded database with a demo organisation and serve it on http://127.0.0.1:8000
	@$(GO) $(PY) -m lms demo

serve: setup     ## Serve the database at LMS_DATABASE_URL (default: var/bixue.sqlite3)
	@$(GO) $(PY) -m lms db upgrade && $(PY) -m lms content load && $(PY) -m lms serve

test: tools      ## Run every test
	@$(GO) env -u PYTHONDONTWRITEBYTECODE $(PY) -m pytest -q -n 2

sure: lint types imports content test   ## Everything that must be green before a change is handed in

lint: tools      ## Style and formatting
	@$(GO) .venv/bin/ruff check . && .venv/bin/ruff format --check .

types: tools     ## Static types, strict
	@$(GO) .venv/bin/mypy

imports: tools   ## The layers: who may import whom
	@$(GO) PYTHONPATH=. .venv/bin/lint-imports

content: setup   ## Check every content file
	@$(GO) $(PY) -m lms content check

words: setup     ## Bring the English catalogue up to date with the Chinese sentences in the code
	@$(GO) mkdir -p var && .venv/bin/pybabel --quiet extract -F babel.cfg --ignore-dirs='.* build dist' -k _l -k lazy_gettext -k N_ --no-location --sort-output --omit-header -o var/messages.pot . && \
	  .venv/bin/pybabel --quiet update -i var/messages.pot -d lms/web/translations -l en --no-fuzzy-matching --ignore-obsolete --omit-header --no-wrap && \
	  cat lms/web/translations/en/head.po.txt lms/web/translations/en/LC_MESSAGES/messages.po > var/messages.po && \
	  mv var/messages.po lms/web/translations/en/LC_MESSAGES/messages.po && \
	  .venv/bin/pybabel compile -d lms/web/translations

bench: tools     ## Measure pages against a bare floor, permissions, imports, the bank, regrades, growth, and a mass start
	@$(GO) $(PY) -m bench --memory && $(PY) -m bench.permissions && $(PY) -m bench.imports && $(PY) -m bench.bank && $(PY) -m bench.questions && $(PY) -m bench.regrading && $(PY) -m bench.responses && $(PY) -m bench.mass_start

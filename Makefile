# make run     the whole portal with a demo company on http://127.0.0.1:8000
# make test    every check, its own set-up included (browser, HTML checker, PostgreSQL); ARGS="-k word" for some
# make test-postgres   all tests with all parameters on PostgreSQL alone; ARGS="tests/mail" for some
# make test-long, make bench, make lint
# make requirements   requirements*.txt from requirements*.in; ARGS=--upgrade or ARGS="-P flask" for newer versions
# make sbom    sbom.json, the parts that the portal is made of (CycloneDX)

PYTHON ?= python3
export PYTHON
IN = .venv/bin/python
ARGS ?=
# The tests make thousands of databases: in memory, where there are 4 GB of room for them.
ROOM = $(shell [ "$$(df -k --output=avail /dev/shm 2>/dev/null | tail -1)" -gt 4000000 ] 2>/dev/null && echo /dev/shm)

# Tests wait for browsers and for portals that start: half as many processes again as there are cores.
WORKERS = $(shell echo $$(( $$(getconf _NPROCESSORS_ONLN) * 3 / 2 )))
PYTEST = $(IN) -m pytest -n $(WORKERS) --dist worksteal
ON_POSTGRES = ROOM=$(ROOM) PYTEST_DEBUG_TEMPROOT=$(ROOM) exec bin/with-postgres
ON_BOTH = TEST_DATABASES=both $(ON_POSTGRES)

# For every platform and Python from 3.11; the hashes are those of all files that the index has of a version.
COMPILE = $(IN) -m uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate \
	--custom-compile-command "make requirements"

# Whatever a container sets: the portals that tests start don't compile modules and templates each time.
test test-postgres test-long: export PYTHONDONTWRITEBYTECODE =

.PHONY: run test test-postgres test-long bench lint requirements sbom clean

run:
	@bin/environment requirements.txt
	@exec $(IN) -m app.supervisor

test:
	@bin/environment requirements-dev.txt
	@bin/chromium
	@$(ON_BOTH) $(PYTEST) $(ARGS)

test-postgres:
	@bin/environment requirements-dev.txt
	@bin/chromium
	@$(ON_POSTGRES) $(PYTEST) $(ARGS)

test-long:
	@bin/environment requirements-dev.txt
	@bin/chromium
	@TEST_ALL=1 $(ON_BOTH) $(PYTEST) \
		tests/long tests/payments tests/browser tests/test_bad_input.py tests/test_migrations.py \
		tests/test_upgrades.py $(ARGS)

bench:
	@bin/environment requirements-dev.txt
	@exec $(IN) -m bench $(ARGS)

lint:
	@bin/environment requirements-dev.txt
	@$(IN) -m ruff check .
	@$(IN) -m ruff format --check --quiet .
	@.venv/bin/lint-imports
	@$(IN) -m djlint --lint --quiet templates
	@$(IN) -m pytest -q -p no:cacheprovider -k templates_are_formatted tests/test_architecture.py
	@$(IN) -m mypy

requirements:
	@bin/environment requirements-dev.txt
	@$(COMPILE) requirements.in -o requirements.txt $(ARGS)
	@$(COMPILE) requirements-dev.in -o requirements-dev.txt $(ARGS)
	@$(COMPILE) --no-deps requirements-postgres.in -o requirements-postgres.txt $(ARGS)

sbom:
	@bin/environment requirements.txt
	@$(IN) bin/sbom.py >sbom.json
	@echo "sbom.json lists $$(grep -c '"purl"' sbom.json) parts."

clean:
	rm -rf .venv .pytest_cache .ruff_cache .hypothesis

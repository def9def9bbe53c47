# Every target does its own set-up; the second time that takes no time.
PY = .venv/bin/python

.PHONY: run test check digest architecture order-states audit clients bench simulate fuzz pictures clean setup

run: setup
	@.venv/bin/touchline $(ARGS)

# All of the tests must reach all of the files that PERFECT names; a part of them need not.
PERFECT = --rcfile=.ci/perfect.ini --data-file=.coverage

test: check
	@QT_QPA_PLATFORM=offscreen $(PY) -m coverage run $(PERFECT) -m pytest $(ARGS)
	@$(if $(ARGS),,$(PY) -m coverage report $(PERFECT))

check: setup
	@$(PY) -m ruff format --check .
	@$(PY) -m ruff check .
	@$(PY) -m mypy
	@.venv/bin/lint-imports

# Kept ends of orders name the rules that made them; a test says when this is to be run.
digest: setup
	@$(PY) -m tests.support.reducer_digest

# The pages that are written from the code; tests say when these are to be run.
architecture: setup
	@$(PY) -m tests.docs.architecture

order-states: setup
	@$(PY) -m tests.docs.order_states

# Licences and known advisories of what is installed; it asks nobody and says what it knows.
audit: setup
	@$(PY) -m tests.supply

# Three clients of other people, as they come, against the embedded exchange; two are installed
# by hash into .clients the first time (npm and PyPI).
clients: setup
	@$(PY) -m tests.clients

bench: setup
	@QT_QPA_PLATFORM=offscreen $(PY) -m tests.benchmarks $(ARGS)

SEEDS = 500
FIRST = 1
REPORT =
SEED =

simulate: setup
	@$(PY) -m tests.simulation --seeds $(SEEDS) --first $(FIRST) \
		$(if $(SEED),--seed $(SEED)) $(if $(REPORT),--report $(REPORT)) $(ARGS)

# Seconds for all readers of bytes together. The fuzzer is no part of the lock: only this needs it.
SECONDS = 180

fuzz: setup
	@$(PY) -c 'import atheris' 2>/dev/null || $(PY) -m pip install -qq --no-build-isolation -e '.[fuzz]'
	@$(PY) -m tests.fuzz $(SECONDS) $(ARGS)

# Needs Xvfb, openbox, xdotool and scrot: the real program on screens of its own, dark and light.
pictures: setup
	@$(PY) -m tests.pictures $(ARGS)

clean:
	rm -rf .venv .clients .setup-lock build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis .fuzz

setup:
	@sh .ci/setup

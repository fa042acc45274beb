"""The rules of imports, read from the code: who may import whom, what is heavy, and no circles, lazy imports included."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("palate", "spacy_topics", "image_gan", "corpora")
FILES = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
HEAVY = {"tomotopy", "gensim", "scipy", "sklearn", "matplotlib", "duckdb", "cv2", "PIL", "openvino", "onnx"}
HEAVY |= {"tensorflow", "tf2onnx", "openpyxl", "torch", "onnxruntime", "pandas", "tqdm"}
ARRAYS = ("bags", "fold_in", "topic_model", "phrases", "coherence", "metrics", "trainers", "envelope", "hierarchy", "merging")


def name_of(path):
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {name_of(path): path for path in FILES}


def imports(path):
    """Of each import: the module imported, and whether it stands at the top of the file."""
    tree = ast.parse(path.read_text("utf8"))
    inside = {id(node) for f in ast.walk(tree) if isinstance(f, ast.FunctionDef | ast.Lambda) for node in ast.walk(f)}
    for node in ast.walk(tree):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            known = [f"{node.module}.{alias.name}" for alias in node.names]
            names = [name if name in MODULES else node.module for name in known]
        for name in names:
            yield name, id(node) not in inside


GRAPH = {name: [(target, at_top) for target, at_top in imports(path)] for name, path in MODULES.items()}


def package(name):
    return name.split(".")[0]


@pytest.mark.parametrize("name", MODULES)
def test_packages_know_only_those_below_them(name):
    allowed = {
        "corpora": {"corpora"},
        "spacy_topics": {"corpora", "spacy_topics"},
        "image_gan": {"corpora", "image_gan"},
        "palate": set(PACKAGES),
    }[package(name)]
    if name == "image_gan.training.conditioning":  # where pictures and topics meet, through three modules
        assert {t for t, _ in GRAPH[name] if package(t) == "spacy_topics"} <= {
            "spacy_topics.bags",
            "spacy_topics.topic_model",
            "spacy_topics.trainers.base",
            "spacy_topics.trainers.gibbs",
        }
        allowed = allowed | {"spacy_topics"}
    assert {package(target) for target, _ in GRAPH[name] if package(target) in PACKAGES} <= allowed


@pytest.mark.parametrize("name", [name for name in MODULES if package(name) == "palate"])
def test_the_command_imports_nothing_that_computes(name):
    heavy = {"numpy", "spacy", "cv2", "duckdb", "tensorflow", "keras", *HEAVY}
    assert not {package(target) for target, _ in GRAPH[name]} & heavy
    assert all(
        package(target) in ("palate", "corpora") for target, at_top in GRAPH[name] if at_top and package(target) in PACKAGES
    )


@pytest.mark.parametrize("name", MODULES)
def test_what_an_extra_brings_is_imported_inside_functions(name):
    assert not {package(target) for target, top in GRAPH[name] if top} & HEAVY


@pytest.mark.parametrize(
    "name",
    [name for name in MODULES if package(name) == "spacy_topics" and name.partition(".")[2].partition(".")[0] in ARRAYS],
)
def test_array_modules_and_trainers_import_no_spacy(name):
    assert "spacy" not in {package(target) for target, _ in GRAPH[name]}


@pytest.mark.parametrize("name", [name for name in MODULES if name.startswith("spacy_topics.linking")])
def test_linking_never_looks_into_a_pipeline(name):
    assert not [target for target, _ in GRAPH[name] if target.startswith("spacy_topics.pipeline")]


@pytest.mark.parametrize("name", [name for name in MODULES if name.startswith("spacy_topics.guide")])
def test_the_guide_knows_the_folder_and_not_who_wrote_it(name):
    used = {target for target, _ in GRAPH[name] if target.startswith("spacy_topics.annotations")}
    assert used <= {"spacy_topics.annotations", "spacy_topics.annotations.schema", "spacy_topics.annotations.store"}


def below(name):
    """All modules that a module imports at its top, and those that these do."""
    found, asked = set(), [name]
    while asked:
        one = asked.pop()
        if one not in found:
            found.add(one)
            asked += [target for target, at_top in GRAPH.get(one, ()) if at_top]
    return found


@pytest.mark.parametrize("name", [name for name in MODULES if name.startswith("spacy_topics.guide")])
def test_questions_do_not_wait_for_spacy(name):
    assert "spacy" not in {package(target) for target in below(name)}


@pytest.mark.parametrize("name", [n for n in MODULES if n.startswith(("image_gan.enhance", "image_gan.pictures"))])
def test_enhancing_needs_nothing_of_training(name):
    assert not [target for target, _ in GRAPH[name] if target.startswith(("image_gan.training", "image_gan.export"))]


@pytest.mark.parametrize("name", [name for name in MODULES if name.startswith("image_gan.training")])
def test_training_uses_pictures_and_tiles_alone(name):
    used = {target for target, _ in GRAPH[name] if target.startswith("image_gan.enhance")}
    assert used <= {"image_gan.enhance", "image_gan.enhance.tiles"}


def test_no_circles():
    state = {}

    def visit(name, line):
        if state.get(name) == "open":
            raise AssertionError(" -> ".join([*line[line.index(name) :], name]))
        if name in state:
            return
        state[name] = "open"
        for target, _ in GRAPH[name]:
            if target in MODULES and target != name:
                visit(target, [*line, name])
        state[name] = "done"

    for name in MODULES:
        visit(name, [])


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_files_are_short(path):
    assert path.read_text("utf8").count("\n") <= 400


@pytest.mark.parametrize("name", MODULES)
def test_only_the_command_prints_and_exits(name):
    if package(name) == "palate":
        return
    tree = ast.parse(MODULES[name].read_text("utf8"))
    calls = {node.func.id for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)}
    assert not calls & {"print", "exit", "quit"}
    attributes = {
        f"{n.value.id}.{n.attr}" for n in ast.walk(tree) if isinstance(n, ast.Attribute) and isinstance(n.value, ast.Name)
    }
    assert not attributes & {"sys.argv", "sys.exit"}


@pytest.mark.parametrize("name", MODULES)
def test_nothing_of_ours_is_renamed_at_an_import(name):
    tree = ast.parse(MODULES[name].read_text("utf8"))
    ours = [n for n in ast.walk(tree) if isinstance(n, ast.ImportFrom) and n.module and package(n.module) in PACKAGES]
    assert not [alias.name for node in ours for alias in node.names if alias.asname not in (None, alias.name)]

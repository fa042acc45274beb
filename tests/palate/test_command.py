"""What holds for all commands: help, exit codes, which failures end in one line and which show themselves."""

import ast
import inspect
import re
from pathlib import Path

import pytest
import typer
from helpers import good, palate, run

from corpora.errors import InputError, RunError
from palate import command
from palate.command import app

HELP = [[], ["topics"], ["images"], ["simulate"], ["restaurants"], ["vectors"]]
GROUP = typer.main.get_command(app)
COMMANDS = [[name] for name, one in GROUP.commands.items() if not hasattr(one, "commands")]
COMMANDS += [[name, sub] for name, one in GROUP.commands.items() if hasattr(one, "commands") for sub in one.commands]


@pytest.mark.parametrize("args", COMMANDS, ids=" ".join)
def test_each_example_in_help_is_a_paragraph(args):
    text = good(*args, "--help").stdout
    paragraphs = re.split(r"\n\s*\n", text)
    examples = [p for p in paragraphs if re.match(r"\s*palate ", p)]
    assert all(len(re.findall(r"(?m)^\s*palate ", p)) == 1 for p in examples)


@pytest.mark.parametrize("args", COMMANDS, ids=" ".join)
def test_help_is_in_whole_words(args):
    """No word of an option's help is one of those that the field has other words for."""
    text = good(*args, "--help").stdout.lower()
    assert not re.search(r"\b(anew|spoilt|told|house|houses|is none|is of)\b", text)


def functions(one):
    """The source of a command's function, and of those in its module that it calls."""
    module = ast.parse(Path(inspect.getsourcefile(one)).read_text("utf8"))
    known = {node.name: node for node in module.body if isinstance(node, ast.FunctionDef)}
    names, asked = set(), {one.__name__}
    while asked - names:
        names |= asked
        nodes = [node for name in names for node in ast.walk(known[name])]
        asked = {node.id for node in nodes if isinstance(node, ast.Name)} & known.keys()
    return "".join(ast.unparse(known[name]) for name in names)


@pytest.mark.parametrize("args", COMMANDS, ids=" ".join)
def test_every_table_can_be_a_csv_file(args):
    one = GROUP
    for name in args:
        one = one.commands[name]
    source = functions(inspect.unwrap(one.callback))
    has_table = re.search(r"\b(show|print_table)\(", source)
    assert bool(has_table) <= any(parameter.name == "csv" for parameter in one.params)
    assert bool(has_table) <= ("export(" in source)


@pytest.mark.parametrize("args", HELP, ids=" ".join)
def test_groups_show_their_commands(args):
    assert "Commands:" in (good if args else palate)(*args, *(["--help"] if args else [])).output


FAILURES = [
    (InputError("x is wrong"), 2, "palate: x is wrong\n"),
    (RunError("it broke"), 1, "palate: it broke\n"),
    (FileNotFoundError(2, "No such file or directory", "mine.jsonl"), 2, "palate: mine.jsonl: No such file or directory\n"),
    (FileNotFoundError(2, "No such file or directory", "mine/inside"), 2, "palate: mine/inside: No such file or directory\n"),
    (PermissionError(13, "Permission denied", "x"), 1, "palate: x: Permission denied\n"),
    (OSError(28, "No space left on device"), 1, "palate: No space left on device\n"),
    (KeyboardInterrupt(), 130, "palate: stopped\n"),
    (ModuleNotFoundError(name="onnxruntime"), 2, "palate: onnxruntime is not installed: pip install onnxruntime\n"),
]


@pytest.mark.parametrize(("error", "code", "message"), FAILURES)
def test_failures_end_in_one_line(error, code, message, monkeypatch):
    monkeypatch.setattr("corpora.bistro.write_reviews", raising(error))
    for given in ("mine.jsonl", "mine"):
        if isinstance(error, FileNotFoundError) and not error.filename.startswith(f"{given}/") and error.filename != given:
            continue
        result = palate("corpus", "bistro", "-o", given)
        assert (result.exit_code, result.stderr) == (code, message)


@pytest.mark.parametrize(
    "error",
    [
        FileNotFoundError(2, "No such file or directory", str(Path(command.__file__).parent / "data.txt")),
        FileNotFoundError("nothing named"),
        ModuleNotFoundError("No module named 'corpora.nothing'", name="corpora.nothing"),
        ValueError("a bug"),
        KeyError("a bug"),
    ],
)
def test_bugs_show_themselves(error, monkeypatch):
    monkeypatch.setattr("corpora.bistro.write_reviews", raising(error))
    with pytest.raises(type(error)):
        palate("corpus", "bistro", "-o", "mine.jsonl")


def raising(error):
    def fail(*args, **more):
        raise error

    return fail


def test_python_m_palate_and_the_checkouts_door():
    assert run("--version").stdout.startswith("palate ")


TRAINERS = [
    (("--trainer.eta", "0.5", "--trainer", "adversarial"), "T048.*adversarial has no setting 'eta'; it has steps"),
    (("--trainer.iterations", "100", "--trainer", "mmd"), "T048"),
    (("--trainer.iteration", "100"), "T048.*gibbs has no setting 'iteration'; it has iterations"),
    (("--iterations", "100"), "--iterations: no such option; settings are given as --trainer.NAME VALUE"),
    (("--trainer.iterations",), "--trainer.iterations needs a value"),
    (("--trainer", "nobody"), "T022.*trainer must be one of gibbs, adversarial, mmd"),
    (("--trainer.iterations", "many"), "T032.*iterations"),
]


@pytest.mark.parametrize(("options", "message"), TRAINERS)
def test_a_setting_that_the_trainer_lacks_is_refused(options, message, tmp_path):
    (tmp_path / "r.jsonl").write_text('{"text": "tacos"}\n')
    result = palate("topics", "fit", tmp_path / "r.jsonl", "-o", tmp_path / "m.topics", *options)
    assert result.exit_code == 2
    assert re.search(message, result.stderr)


def test_a_trainer_by_its_registered_name(reviews_file, tmp_path):
    good(
        *("topics", "fit", reviews_file, "-o", tmp_path / "m.topics", "-k", 3),
        *("--trainer", "spacy_topics.Gibbs.v1", "--trainer.iterations=20", "--trainer.alpha", "[1, 2, 3]"),
    )

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from helpers import good, palate, run

from corpora import bistro
from corpora.files import locked
from spacy_topics.topic_model import TopicModel

FAST = ["--trainer.iterations", "40"]


def test_corpus(tmp_path):
    good("corpus", "bistro", "-o", tmp_path / "all.jsonl")
    good("corpus", "bistro", "-o", tmp_path / "dev.jsonl", "--split", "dev")
    rows = [json.loads(line) for line in (tmp_path / "all.jsonl").read_text("utf8").splitlines()]
    assert len(rows) == sum(1 for _ in bistro.reviews())
    assert set(rows[0]) == {"id", "text", "business_id", "name", "city", "stars", "date"}
    assert (tmp_path / "dev.jsonl").read_text("utf8").count("\n") == sum(1 for _ in bistro.reviews("dev"))


def test_corpus_faces(tmp_path):
    result = good("corpus", "faces", "-o", tmp_path / "faces", "--count", 3, "--seed", 1)
    assert result.stderr == f"3 faces written to {tmp_path / 'faces'}\n"
    assert len(list((tmp_path / "faces" / "img_align_celeba").iterdir())) == 3


def test_fit_show_rename(reviews_file, tmp_path):
    path = tmp_path / "m.topics"
    seeds = tmp_path / "seeds.json"
    seeds.write_text('{"mexican": ["taco", "salsa"], "coffee": ["coffee", "latte"]}')
    result = good("topics", "fit", reviews_file, "-o", path, "-k", 6, "--seeds", seeds, *FAST, "--json")
    rows = json.loads(result.stdout)
    assert [row["name"] for row in rows[:2]] == ["mexican", "coffee"]
    assert "tacos" in rows[0]["words"]  # as it is mostly said
    assert "6 topics of 880 reviews" in result.stderr
    assert json.loads(good("topics", "show", path, "--json").stdout) == rows
    table = good("topics", "show", path, "--words", 3).stdout
    assert "mexican" in table
    assert "prevalence" in table
    assert "mexican food" in good("topics", "rename", path, 0, "mexican food").stdout
    assert TopicModel.load(path).names[0] == "mexican food"
    again = tmp_path / "again.topics"
    good("topics", "fit", reviews_file, "-o", again, "-k", 6, "--seeds", seeds, *FAST)
    good("topics", "rename", again, 0, "mexican food")
    assert again.read_bytes() == path.read_bytes()


def test_fit_options(reviews_file, tmp_path):
    path = tmp_path / "m.topics"
    options = [
        "--trainer.alpha",
        "[0.5, 0.1, 0.1]",
        "--trainer.eta",
        0.2,
        "--trainer.term_weight",
        "pmi",
        "--trainer.burn_in",
        10,
        "--trainer.optimize_alpha",
        10,
    ]
    options += ["--trainer.patience", 1, "--min-df", 5, "--max-df", 0.3, "--seed", 7, "--trainer.workers", 2]
    good("topics", "fit", reviews_file, "-o", path, "-k", 3, *FAST, *options)
    training = TopicModel.load(path).meta["training"]
    assert training["alpha"] == [0.5, 0.1, 0.1]
    assert training["term_weight"] == "pmi"
    assert training["seed"] == 7
    assert training["workers"] == 2


def test_describe(model_path, tmp_path):
    text = "The carnitas tacos came with a smoky salsa."
    result = json.loads(good("topics", "describe", model_path, text, "--json").stdout)
    assert result["evidence"] == 5
    assert result["topics"][0]["label"].startswith("mexican")
    assert [term["term"] for term in result["terms"]] == ["carnitas", "taco", "come", "smoky", "salsa"]
    (tmp_path / "review.txt").write_text(text)
    for given, stdin in ((tmp_path / "review.txt", None), ("-", text)):
        assert json.loads(good("topics", "describe", model_path, given, "--json", stdin=stdin).stdout) == result
    assert "mexican" in good("topics", "describe", model_path, text, "--html", tmp_path / "page.html").stdout
    assert "<mark" in (tmp_path / "page.html").read_text("utf8")
    assert "nothing can be said" in good("topics", "describe", model_path, "zzz").stdout


def test_describe_an_endless_text(model_path):
    """Two million tokens, surrogates and NUL on standard input."""
    stdin = b"tacos \xed\xa0\x80 \x00 salsa \xff " * 250_000
    assert json.loads(good("topics", "describe", model_path, "-", "--json", stdin=stdin).stdout)["evidence"] == 500_000


def test_evaluate(model_path, reviews_file):
    figures = json.loads(good("topics", "evaluate", model_path, reviews_file, "--json").stdout)
    assert figures["documents"] == 880
    assert 1 < figures["perplexity"] < 2000
    assert "perplexity" in good("topics", "evaluate", model_path, reviews_file).stdout


def test_sweep(reviews_file, tmp_path):
    result = good("topics", "sweep", reviews_file, "-k", "3,6", *FAST, "-o", tmp_path / "sweep.svg", "--json")
    rows = json.loads(result.stdout)
    assert [row["topics"] for row in rows] == [3, 6]
    assert all(0 < row["stability"] <= 1 and row["perplexity"] > 1 for row in rows)
    assert (tmp_path / "sweep.svg").exists()
    table = good("topics", "sweep", reviews_file, "-k", "3", "--runs", 1, *FAST).stdout
    assert "–" in table  # the stability of one run


def test_view(model_path, tmp_path):
    good("topics", "view", model_path, "-o", tmp_path / "map.html")
    assert "Map of the topics" in (tmp_path / "map.html").read_text("utf8")


def test_other_columns_and_standard_input(tmp_path, reviews_file):
    rows = [json.loads(line) for line in reviews_file.read_text("utf8").splitlines()[:60]]
    (tmp_path / "r.jsonl").write_text(
        "".join(json.dumps({"body": r["text"], "key": r["id"], "of": r["name"]}) + "\n" for r in rows)
    )
    columns = ["--text-column", "body", "--id-column", "key", "--name-column", "of"]
    good("topics", "fit", tmp_path / "r.jsonl", "-o", tmp_path / "a.topics", "-k", 3, *FAST, *columns)
    stdin = "".join(json.dumps(row) + "\n" for row in rows)
    good("topics", "fit", "-", "-o", tmp_path / "b.topics", "-k", 3, *FAST, stdin=stdin)
    assert (tmp_path / "a.topics").read_bytes() == (tmp_path / "b.topics").read_bytes()


def test_a_pipeline_of_ones_own(tmp_path, reviews_file, nlp):
    nlp.to_disk(tmp_path / "nlp")
    good("topics", "fit", reviews_file, "-o", tmp_path / "m.topics", "-k", 3, *FAST, "--pipeline", tmp_path / "nlp")
    good("topics", "describe", tmp_path / "m.topics", "tacos", "--pipeline", tmp_path / "nlp")


def fit(path, *more):
    return ("topics", "fit", path, "-o", "m.topics", *FAST, *more)


ROW = '{"text": "tacos and salsa"}\n'
ROWS = (ROW + '{"text": "Pasta. Basil!"}\n') * 5
DAMAGE = [
    # what is in r.jsonl, the command, words of the message
    (ROW * 6 + "{", fit("r.jsonl"), "line 7: not JSON"),
    ('{"body": "x"}\n', fit("r.jsonl"), "no column 'text'; there are body"),
    (ROW, fit("r.jsonl", "--text-column", "body"), "no column 'body'; there are text"),
    ('{"id": 1, "text": "a"}\n' * 2, fit("r.jsonl"), "the id '1' stands in an earlier row"),
    ('{"text": 5}\n', fit("r.jsonl"), "is not text"),
    ("", fit("r.jsonl"), "T031"),
    ('{"text": "the of and \\ud800 \\u0000"}\n', fit("r.jsonl"), "T031"),
    (ROWS, fit("r.jsonl", "-k", 20), "T036"),
    (ROWS, fit("r.jsonl", "-k", 0), "T030"),
    (ROWS, fit("r.jsonl", "-k", 1), "T030"),
    (ROWS, fit("r.jsonl", "-k", -5), "T030"),
    (ROWS, fit("r.jsonl", "-k", "many"), "-k"),
    (ROWS, fit("r.jsonl", "--trainer.alpha", "-1"), "T032"),
    (ROWS, fit("r.jsonl", "--trainer.alpha", "nan"), "T032"),
    (ROWS, fit("r.jsonl", "--trainer.alpha", "a,b"), "T032"),
    (ROWS, fit("r.jsonl", "--trainer.eta", "nan"), "T032"),
    (ROWS, fit("r.jsonl", "--trainer.eta", "-0.1"), "T032"),
    (ROWS, fit("r.jsonl", "--min-df", "100"), "T031"),
    (ROWS, fit("r.jsonl", "--min-df", "0"), "T032"),
    (ROWS, fit("r.jsonl", "--max-df", "nan"), "T032"),
    (ROWS, fit("r.jsonl", "--seed", "-1"), "T032"),
    (ROWS, fit("r.jsonl", "--trainer.term_weight", "tf"), "T022"),
    (ROWS, fit("r.jsonl", "-k", 2, "--seeds", "r.jsonl"), "r.jsonl is not JSON"),
    (ROWS, fit("r.jsonl", "-k", 2, "--seeds", "list.json"), "seed words are written"),
    (ROWS, fit("r.jsonl", "-k", 2, "--seeds", "unknown.json"), "T033"),
    (ROWS, fit("r.jsonl", "--pipeline", "no_such_pipeline"), "the pipeline no_such_pipeline cannot be loaded"),
    (ROWS, ("topics", "fit", "r.jsonl", "-o", ".", *FAST), "not a regular file"),
    (ROWS, ("topics", "fit", "r.jsonl"), "output"),
    ("", fit("missing.jsonl"), "missing.jsonl"),
    ("", fit("r.docx"), "does not tell the format"),
    ("", ("topics", "show", "missing.topics"), "missing.topics: No such file"),
    ("", ("topics", "show", "r.jsonl"), "T010"),
    ("", ("topics", "show", "cut.topics"), "T011"),
    ("", ("topics", "describe", "flipped.topics", "text"), "T011"),
    ("", ("topics", "rename", "good.topics", 99, "x"), "T005"),
    ("", ("topics", "rename", "good.topics", 1, "mexican"), "T006"),
    ("", ("topics", "evaluate", "good.topics", "r.jsonl"), "nothing to evaluate"),
    (ROWS, ("topics", "sweep", "r.jsonl", "-k", "3,x"), "-k"),
    (ROWS, ("topics", "sweep", "r.jsonl", "-k", "0"), "T030"),
    (ROWS, ("topics", "sweep", "r.jsonl", "-o", "chart.gif"), "T022"),
    (ROWS, ("topics", "sweep", "r.jsonl", "--runs", "0"), "T032"),
    ("", ("corpus", "nowhere", "-o", "x"), "no corpus 'nowhere'"),
    ("", ("corpus", "bistro", "-o", "x", "--split", "exam"), "train, dev, test"),
    ("", ("corpus", "bistro", "-o", "x", "--seed", "0"), "--count and --seed for faces"),
    ("", ("corpus", "faces", "-o", "x", "--split", "dev"), "--split and --restaurants are for reviews"),
    ("", ("corpus", "faces", "-o", "x", "--count", "0"), "from 1 to 999999"),
    ("", ("corpus", "faces", "-o", "x", "--count", "2", "--seed", "-1"), "Received: -1"),
    ("", ("corpus", "faces", "-o", "r.jsonl", "--count", "2"), "cannot write to 'r.jsonl'"),
    ("", ("corpus", "faces", "-o", ".", "--count", "2"), "cannot write to '.'"),
    ("", ("topics", "juggle"), "juggle"),
]


@pytest.mark.parametrize(("content", "command", "message"), DAMAGE)
def test_a_mistake_is_one_line_and_exit_2(content, command, message, model, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("r.jsonl").write_text(content)
    Path("r.xlsx").touch()
    Path("list.json").write_text('{"a": "taco"}')
    Path("unknown.json").write_text('{"a": ["nowhere"]}')
    data = model.to_bytes()
    Path("good.topics").write_bytes(data)
    Path("cut.topics").write_bytes(data[:-9])
    Path("flipped.topics").write_bytes(data[:500] + bytes([data[500] ^ 1]) + data[501:])
    result = palate(*command)
    assert result.exit_code == 2, result.output
    assert message in result.stderr
    assert result.stdout == ""
    if "Usage" not in result.stderr:
        assert result.stderr.count("\n") == 1
    assert not Path("m.topics").exists()
    assert Path("good.topics").read_bytes() == data
    assert sorted(os.listdir()) == sorted(
        ["r.jsonl", "r.xlsx", "list.json", "unknown.json", "good.topics", "cut.topics", "flipped.topics"]
    )


def test_results_on_stdout_messages_on_stderr(reviews_file, tmp_path):
    result = run("topics", "fit", reviews_file, "-o", tmp_path / "m.topics", "-k", 3, *FAST, "--json")
    assert len(json.loads(result.stdout)) == 3
    assert re.fullmatch(r"3 topics of 880 reviews written to .*\n", result.stderr)
    assert run("topics", "show", tmp_path / "none").returncode == 2


@pytest.mark.parametrize("command", [[], ["--help"], ["topics", "--help"], ["topics", "fit", "--help"]])
def test_help_is_light(command):
    """Help imports neither spaCy nor NumPy."""
    code = "import sys; from palate.command import main\ntry: main()\n"
    code += "except SystemExit: print({'spacy', 'numpy', 'rich'} & set(sys.modules))"
    result = subprocess.run([sys.executable, "-c", code, *command], capture_output=True, text=True, check=True)
    assert "Usage" in result.stdout + result.stderr
    assert result.stdout.endswith("set()\n")


@pytest.mark.parametrize(
    ("module", "extra", "command"),
    [("spacy", "text", ("topics", "describe", "MODEL", "x")), ("cv2", "images", ("corpus", "faces", "-o", "faces"))],
)
def test_a_missing_extra_is_named(module, extra, command, model_path, tmp_path):
    code = f"import sys; sys.modules['{module}'] = None; sys.path.insert(0, {os.getcwd()!r})"
    code += "; from palate.command import main; main()"
    command = [str(model_path) if part == "MODEL" else part for part in command]
    result = subprocess.run([sys.executable, "-c", code, *command], capture_output=True, text=True, cwd=tmp_path)
    assert result.returncode == 2
    assert result.stderr == f"palate: {module} is not installed: pip install '{Path(__file__).parents[2]}[{extra}]'\n"
    assert not (tmp_path / "faces").exists()


def test_a_full_disk_is_one_line(model_path):
    if not Path("/dev/full").exists():
        pytest.skip("no /dev/full here")
    with open("/dev/full", "w") as full:
        result = subprocess.run(
            [sys.executable, "-m", "palate", "topics", "show", str(model_path)], stdout=full, stderr=subprocess.PIPE, text=True
        )
    assert result.returncode == 1
    assert "No space left" in result.stderr
    assert "Traceback" not in result.stderr


def test_ctrl_c_before_training_ends_with_130(tmp_path):
    os.mkfifo(tmp_path / "slow.jsonl")
    command = [sys.executable, "-m", "palate", "topics", "fit", str(tmp_path / "slow.jsonl"), "-o", str(tmp_path / "m.topics")]
    child = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    with open(tmp_path / "slow.jsonl", "w") as pipe:
        pipe.write(ROW)
        pipe.flush()
        time.sleep(0.5)
        child.send_signal(signal.SIGINT)
        _, err = child.communicate(timeout=30)
    assert child.returncode == 130
    assert err == "palate: stopped\n"
    assert not (tmp_path / "m.topics").exists()


INPUTS = [
    (("topics", "fit", "r.jsonl", "-o", "r.jsonl", "-k", "2", *FAST), "r.jsonl is the input"),
    (("topics", "fit", "r.jsonl", "-o", "link.jsonl", "-k", "2", *FAST), "link.jsonl is the input"),
    (("topics", "view", "good.topics", "-o", "good.topics"), "is the input"),
    (("topics", "describe", "good.topics", "r.jsonl", "--html", "r.jsonl"), "is the input"),
    (("topics", "describe", "good.topics", "tacos", "--html", "good.topics"), "is the input"),
    (("topics", "describe", "good.topics", "tacos", "--threshold", "nan"), "T032"),
    (("topics", "describe", "good.topics", "reviwe.txt"), "reviwe.txt: no such file"),
    (("topics", "sweep", "r.jsonl", "-o", "loop.svg"), "Symlink loop"),
    (("topics", "sweep", "r.jsonl", "-k", "3", "--seed", "-1"), "T032"),
    (("topics", "sweep", "r.jsonl", "-k", "3,500"), "T036"),
    (("topics", "fit", "r.jsonl", "-o", "-", "-k", "2"), "name a file to write"),
    (("topics", "fit", "r.jsonl", "-o", "m", "-k", "2", "--trainer.burn_in", "-7"), "T032"),
    (("topics", "fit", "r.jsonl", "-o", "m", "-k", "2", "--trainer.optimize_alpha", "4294967296"), "T032"),
    (("topics", "fit", "r.jsonl", "-o", "m", "-k", "2", "--seeds", "surrogate.json"), "T033"),
    (("topics", "fit", "r.jsonl", "-o", "m", "-k", "2", "--seeds", "empty.json"), "seed words are written"),
    (("topics", "fit", "r.jsonl", "-o", "m", "-k", "2", "--seeds", "deep.json"), "not JSON"),
    (("topics", "fit", "r.jsonl", "-o", "m", "-k", "2", "--seeds", "digits.json"), "not JSON"),
    (("topics", "fit", "digits.json", "-o", "m", "-k", "2"), "not JSON"),
    (("topics", "fit", "quote.tsv", "-o", "m", "-k", "2"), "quotation mark"),
    (("topics", "fit", "r.jsonl", "-o", "m", "-k", "2", "--pipeline", "broken"), "the pipeline broken cannot be loaded"),
    (("topics", "fit", "r.jsonl", "-o", "m", "-k", "2", "--pipeline", "numpy"), "the pipeline numpy cannot be loaded"),
    (("topics", "show", "good.topics", "--words", "0"), "--words"),
    (("topics", "rename", "good.topics", "0", "   "), "T006"),
]


@pytest.mark.parametrize(("command", "message"), INPUTS)
def test_what_is_given_is_never_lost(command, message, model, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("r.jsonl").write_text(ROWS)
    Path("link.jsonl").symlink_to("r.jsonl")
    Path("loop.svg").symlink_to("loop.svg")
    Path("good.topics").write_bytes(model.to_bytes())
    Path("surrogate.json").write_text('{"\\ud800": ["\\udfff"]}')
    Path("empty.json").write_text('{"a": []}')
    Path("deep.json").write_text("[" * 100_000)
    Path("digits.json").write_text('{"text": "a", "x": ' + "1" * 5000 + "}")
    Path("quote.tsv").write_text('id\ttext\n1\tfine\n2\t"best tacos" in town\n')
    Path("broken").mkdir()
    Path("broken/config.cfg").write_text("garbage")
    before = {path: path.read_bytes() for path in Path().iterdir() if path.is_file()}
    result = palate(*command)
    assert result.exit_code == 2, result.output
    assert message in result.stderr
    assert "Usage" in result.stderr or result.stderr.count("\n") == 1
    assert {path: path.read_bytes() for path in Path().iterdir() if path.is_file()} == before


def test_a_rename_waits_for_another(model_path):
    command = [sys.executable, "-m", "palate", "topics", "rename", str(model_path), "0", "tacos"]
    with locked(model_path.parent):
        mine = TopicModel.load(model_path)
        other = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        time.sleep(2)  # time enough to write, had it not to wait
        mine.rename(1, "pasta")
        mine.save(model_path)
    assert other.wait() == 0
    assert TopicModel.load(model_path).names[:2] == ["tacos", "pasta"]


def test_permissions_are_kept(model_path):
    model_path.chmod(0o600)
    good("topics", "rename", model_path, 0, "tacos")
    assert model_path.stat().st_mode & 0o777 == 0o600


def test_names_in_brackets_are_no_markup(model, reviews_file, tmp_path):
    path = tmp_path / "m[b].topics"
    model.save(path)
    assert "m[b].topics" in good("topics", "evaluate", path, reviews_file).stdout.replace("\n", "")


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-"])
def test_closed_streams(closed, model_path, tmp_path):
    command = f"{sys.executable} -m palate topics describe {model_path} 'tacos and salsa' --html {tmp_path}/p.html {closed}"
    result = subprocess.run(["bash", "-c", command], capture_output=True, text=True)
    assert result.returncode == 0
    assert "Traceback" not in result.stderr
    assert (tmp_path / "p.html").exists()


def test_sigterm_leaves_no_half_written_file(tmp_path):
    code = """
import os, signal, time
from palate import command
from corpora.files import replacing
def work():
    with replacing("out.svg") as beside:
        beside.write_text("half")
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(9)
command.app = work
command.main()
"""
    result = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True)
    assert result.returncode == 143
    assert list(tmp_path.iterdir()) == []


def let_work(child, seconds):
    """Until it has had so much of a processor, which others may use too."""
    started = time.monotonic()
    while Path("/proc/self/stat").exists():
        spent = Path(f"/proc/{child.pid}/stat").read_text().rsplit(")", 1)[1].split()[11:13]
        if sum(map(int, spent)) >= seconds * os.sysconf("SC_CLK_TCK"):
            return
        assert child.poll() is None, child.communicate()
        assert time.monotonic() - started < 300
        time.sleep(0.1)
    time.sleep(1.5 * seconds)


def test_ctrl_c_keeps_the_model_in_fit_and_ends_sweep(reviews_file, tmp_path):
    """A run that was cut short says so by its exit code."""
    for command, left in ((["fit", "-k", "4", "-o", "m.topics"], ["m.topics"]), (["sweep", "-k", "4,5", "-o", "s.svg"], [])):
        arguments = [
            sys.executable,
            "-m",
            "palate",
            "topics",
            command[0],
            str(reviews_file),
            *command[1:],
            "--trainer.iterations",
            "1000000",
        ]
        child = subprocess.Popen(arguments, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        let_work(child, 6)
        child.send_signal(signal.SIGINT)
        _, err = child.communicate(timeout=30)
        assert child.returncode == 130, err
        assert "stopped" in err
        assert [path.name for path in tmp_path.iterdir()] == left
        for path in tmp_path.iterdir():
            assert TopicModel.load(path).meta["training"]["interrupted"]
            path.unlink()


def test_version():
    assert re.fullmatch(r"palate \d+\.\d+\.\d+\n", good("--version").stdout)


def test_names_without_a_topic_are_said(tmp_path, reviews_file):
    seeds = {"mexican": ["taco", "salsa", "tortilla"], "klingon": ["gagh"]}
    (tmp_path / "seeds.json").write_text(json.dumps(seeds))
    options = ["-k", 12, "--seeds", tmp_path / "seeds.json", "--seed-weight", 2, *FAST]
    result = good("topics", "fit", reviews_file, "-o", tmp_path / "m.topics", *options)
    assert "no topic of these names, as no seed word of theirs is in the vocabulary: klingon\n" in result.stderr
    assert "bear their names out" not in result.stderr
    assert TopicModel.load(tmp_path / "m.topics").meta["training"]["seed_weight"] == 2

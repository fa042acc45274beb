"""What tests share: the command called in this process and in another one, projects and other programs."""

import shutil
import subprocess
import sys
from pathlib import Path

from typer.testing import CliRunner

from palate.command import app
from spacy_topics.annotations import schema, store
from spacy_topics.annotations.schema import Record
from spacy_topics.linking.knowledge_base import KnowledgeBase

ROOT = Path(__file__).parents[1]


def palate(*args, stdin=None):
    """Call the command in this process; a bug's exception is raised."""
    result = CliRunner().invoke(app, [str(arg) for arg in args], input=stdin)
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def good(*args, stdin=None):
    """Call the command, which is to succeed."""
    result = palate(*args, stdin=stdin)
    assert result.exit_code == 0, result.stderr
    return result


def execute(command, **more):
    """Run a program, which is to succeed; RETURNS what it prints."""
    result = subprocess.run(list(map(str, command)), capture_output=True, text=True, **more)
    assert result.returncode == 0, result.stdout[-3000:] + result.stderr[-3000:]
    return result.stdout


def install(python, *packages, env):
    """Install packages into an environment: by uv, which is fast, where it is here and finds an index; else by pip."""
    uv = shutil.which("uv", path=str(Path(sys.executable).parent))
    if uv is None or subprocess.run([uv, "pip", "install", "-q", "--python", python, *packages], env=env).returncode:
        execute([python, "-m", "pip", "install", "-q", *packages], env=env)


def project(checkout, name, *args):
    """Call `spacy project` in a project of a checkout."""
    return execute([sys.executable, "-m", "spacy", "project", *args], cwd=checkout / "projects" / name)


def run(*args, **more):
    """Call the command in a process of its own."""
    return subprocess.run([sys.executable, "-m", "palate", *map(str, args)], capture_output=True, text=True, **more)


def build_base(nlp, businesses, reviews=()):
    """A knowledge base over the topics of a pipeline."""
    topics = nlp.get_pipe("lda_topics")
    return KnowledgeBase.build(topics.topic_model, nlp.tokenizer, businesses, reviews, topics.reader)


def write_annotations(folder, rows, topics=("food: tacos", "service: waiter"), keep=()):
    """Annotations of rows: those of `documents`, and text and mentions (label, text) where a row has them; theta is even."""
    even = [1 / len(topics)] * len(topics)
    records = []
    for number, row in enumerate(rows):
        row = {"id": f"{number:05}", "text": "", "mentions": [], "topic_dist": even, **row}
        document = {"topics": [], "evidence": 9, **dict.fromkeys([*schema.DOCUMENTS, *keep]), **row}
        document |= {"topics": row.get("topics", []), "evidence": row.get("evidence", 9)}
        text, mentions = document.pop("text"), document.pop("mentions")
        said = [
            {
                **dict.fromkeys(schema.MENTIONS),
                "document": row["id"],
                "start": 0,
                "end": 1,
                "label": label,
                "text": one,
                "sentence": text,
            }
            for label, one in mentions
        ]
        records.append(Record(document, said, {"id": row["id"], "text": text}))
    folder.mkdir(parents=True)
    part = store.Part(0, len(records))
    trust = [1.0] * len(topics)
    manifest = store.Manifest("", {}, "", len(records), list(topics), trust, len(records), [part], list(keep))
    store.write_part(folder, part, records, keep, manifest.made_by(part))
    store.write_rows(folder / "restaurants.parquet", [], schema.RESTAURANTS)
    manifest.write(folder)
    return folder

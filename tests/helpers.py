"""What tests share: the command called in this process and in another one."""

import subprocess
import sys

from typer.testing import CliRunner

from palate.command import app
from spacy_topics.linking.knowledge_base import KnowledgeBase


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


def run(*args, **more):
    """Call the command in a process of its own."""
    return subprocess.run([sys.executable, "-m", "palate", *map(str, args)], capture_output=True, text=True, **more)


def build_base(nlp, businesses, reviews=()):
    """A knowledge base over the topics of a pipeline."""
    topics = nlp.get_pipe("lda_topics")
    return KnowledgeBase.build(topics.topic_model, nlp.tokenizer, businesses, reviews, topics.reader)

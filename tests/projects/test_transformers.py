"""The transformer config of the restaurants project: the extra installs, a tiny transformer trains. No download of weights."""

import sys

import pytest
from helpers import execute

pytestmark = pytest.mark.slow

MAKE = """
from itertools import islice
import spacy
from spacy.tokens import DocBin
from spacy.util import filter_spans
from tokenizers import ByteLevelBPETokenizer
from transformers import RobertaConfig, RobertaModel, RobertaTokenizerFast
from corpora import bistro
reviews = list(islice(bistro.reviews("train"), 8))
bpe = ByteLevelBPETokenizer()
special = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]
bpe.train_from_iterator([review.text for review in reviews], vocab_size=400, special_tokens=special, show_progress=False)
tokenizer = RobertaTokenizerFast(tokenizer_object=bpe._tokenizer, model_max_length=512)
sizes = {"hidden_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 64}
config = RobertaConfig(vocab_size=len(tokenizer), max_position_embeddings=514, **sizes)
for part in (tokenizer, RobertaModel(config)):
    part.save_pretrained("tiny")
nlp = spacy.blank("en")
docs = list(nlp.pipe(review.text for review in reviews))
for doc, review in zip(docs, reviews):
    doc.ents = filter_spans([doc.char_span(m.start, m.end, m.label, alignment_mode="expand") for m in review.mentions])
DocBin(docs=docs).to_disk("few.spacy")
"""
USE = """
import spacy
doc = spacy.load("out/model-last")("The carnitas tacos came with a smoky salsa.")
print(doc._.trf_data.model_output.last_hidden_state.shape[-1])
"""


def test_a_tiny_transformer_trains(checkout, fresh_environment, tmp_path):
    execute([sys._base_executable, "-m", "venv", str(tmp_path / "venv")], env=fresh_environment)
    python = str(tmp_path / "venv" / "bin" / "python")
    install = [python, "-m", "pip", "install", "-q", "-c", str(checkout / "requirements" / "text.txt")]
    execute([*install, "torch==2.13.0", f"{checkout}[transformers]"], env=fresh_environment)
    empty = tmp_path / "empty"
    empty.mkdir()
    where = {"cwd": empty, "env": {**fresh_environment, "HF_HUB_OFFLINE": "1"}}
    execute([python, "-c", MAKE], **where)
    train = [python, "-m", "spacy", "train", str(checkout / "projects" / "restaurants" / "configs" / "trf.cfg"), "-o", "out"]
    train += ["--paths.train", "few.spacy", "--paths.dev", "few.spacy", "--components.transformer.model.name", "tiny"]
    execute([*train, "--training.max_steps", "1", "--training.eval_frequency", "1"], **where)
    assert execute([python, "-c", USE], **where).split()[-1] == "32"

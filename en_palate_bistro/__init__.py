"""The pipeline that ships with palate: entities, restaurants and topics in reviews. Use `spacy.load("en_palate_bistro")`."""

from typing import Any

from spacy.language import Language
from spacy.util import load_model_from_init_py


def load(**settings: Any) -> Language:
    """Load the pipeline.

    settings (Any): those of `spacy.load`: vocab, disable, enable, exclude, config.
    """
    return load_model_from_init_py(__file__, **settings)

"""Loads spaCy pipelines by name or folder."""

from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

import spacy
from spacy.language import Language

from spacy_topics.errors import Errors, InputError

SHIPPED = "en_palate_bistro"  # in palate's own wheel: a checkout has the package, but no metadata by which spaCy would find it


def load_pipeline(name: str | Path, exclude: Sequence[str] = ()) -> Language:
    """Load a pipeline.

    name (str | Path): an installed package, or a folder.
    exclude (Sequence): names of components to leave out.
    RAISES InputError: T082, the pipeline cannot be loaded.
    """
    try:
        return import_module(SHIPPED).load(exclude=exclude) if str(name) == SHIPPED else spacy.load(name, exclude=exclude)
    except (OSError, ValueError, ImportError, TypeError) as error:
        raise InputError(Errors.T082.format(name=name, error=" ".join(str(error).split())[:300])) from None


def preprocessing(name: str = "", lang: str = "en") -> Language:
    """The pipeline that turns texts into Docs for a topic model: a trained one without its own topics, or a blank one.

    name (str): name or folder of a pipeline; "" for a blank one.
    lang (str): the language of a blank pipeline.
    RAISES InputError: T082, the pipeline cannot be loaded; T049, spaCy does not know the language.
    """
    if name:
        return load_pipeline(name, exclude=["lda_topics"])
    try:
        nlp = spacy.blank(lang)
    except (ImportError, ValueError, TypeError) as error:
        raise InputError(Errors.T049.format(lang=lang, error=" ".join(str(error).split())[:200])) from None
    nlp.max_length = 2**31  # nothing but the tokenizer runs
    return nlp

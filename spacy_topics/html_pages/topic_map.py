"""The map of a model's topics."""

from html import escape
from pathlib import Path
from typing import Any

import numpy as np

from spacy_topics.errors import Errors, InputError
from spacy_topics.topic_model import TopicModel


def topic_map(model: TopicModel) -> str:
    """The map of topics by pyLDAvis (Sievert & Shirley 2014).

    Distances between topics are Jensen-Shannon divergences, sizes are prevalence; topics keep their numbers.

    model (TopicModel): a model with two topics or more.
    RETURNS (str): HTML that contains its scripts and needs no network.
    RAISES InputError: T030, a model with one topic.
    """
    if model.num_topics < 2:
        raise InputError(Errors.T030.format(most=32_000, why="a map needs two topics", got=model.num_topics))
    import pyLDAvis
    from pyLDAvis.urls import D3_LOCAL, LDAVIS_CSS_LOCAL, LDAVIS_LOCAL

    prevalence = np.maximum(model.prevalence.astype(np.float64), 1e-6)
    prepared = pyLDAvis.prepare(
        topic_term_dists=(model.phi / model.phi.sum(axis=1, keepdims=True)).astype(np.float64),
        doc_topic_dists=np.eye(model.num_topics),  # one "document" per topic, as long as the topic is prevalent
        doc_lengths=prevalence * max(1, model.term_frequency.sum()),
        vocab=model.vocabulary,
        term_frequency=np.maximum(model.term_frequency, 1),
        mds=_coordinates,
        sort_topics=False,
        start_index=0,
        n_jobs=1,
    )
    data = prepared.to_json().replace("</", "<\\/")  # a term could contain </script>
    scripts = "".join(f"<script>{Path(path).read_text('utf8')}</script>" for path in (D3_LOCAL, LDAVIS_LOCAL))
    whole = "#topics { padding: 4em } #topics svg { overflow: visible }"  # a large circle at the edge is not cut off
    style = f"<style>{Path(LDAVIS_CSS_LOCAL).read_text('utf8')}{whole}</style>"
    head = f'<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>Topics</title>{style}{scripts}</head>'
    names = "".join(f"<li>{escape(label)}</li>" for label in model.labels)
    body = f'<div id="topics"></div><ol start="0">{names}</ol><script>new LDAvis("#topics", {data});</script>'
    return f"{head}<body>{body}</body></html>"


def _coordinates(distributions: Any) -> np.ndarray:
    """(K, 2) principal coordinates of Jensen-Shannon divergences; pyLDAvis's own are complex numbers with NumPy 2.5."""
    from scipy.spatial.distance import pdist, squareform

    distances = squareform(np.nan_to_num(pdist(np.asarray(distributions), "jensenshannon"))) ** 2  # NaN: almost equal topics
    centre = np.eye(len(distances)) - 1 / len(distances)
    values, vectors = np.linalg.eigh(-0.5 * centre @ distances**2 @ centre)
    return vectors[:, :-3:-1] * np.sqrt(np.maximum(values[:-3:-1], 0))

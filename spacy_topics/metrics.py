"""Metrics of topics: perplexity by document completion, coherence, diversity, stability over random seeds."""

from collections.abc import Iterable, Sequence

import numpy as np

from spacy_topics.bags import Bags
from spacy_topics.topic_model import TopicModel

_BLOCK = 100_000  # terms whose likelihoods are computed at a time


def perplexity(model: TopicModel, bags: Bags, method: str = "variational") -> float:
    """Perplexity of one half of each document's terms given the other half (document completion: Wallach et al. 2009).

    Of each document's terms in ascending order, with repetitions, every second one is held out; theta is inferred
    from the others. Documents with fewer than two known terms are skipped.

    model (TopicModel): the model to evaluate.
    bags (Bags): the documents, in the model's ids.
    method (str): of inference, see `TopicModel.infer`.
    RETURNS (float): exp of minus the mean log-likelihood per held-out term; 1 is best, V is chance; NaN without terms.
    """
    seen, held_out = halves(bags)
    theta, rows = model.infer_bags(seen, method), held_out.rows()
    total = likelihood = 0.0
    for start in range(0, len(rows), _BLOCK):
        block = slice(start, start + _BLOCK)
        p = np.einsum("nk,nk->n", theta[rows[block]].astype(np.float64), model.word_topic[held_out.terms[block]])
        likelihood += float(held_out.counts[block] @ np.log(p))
        total += float(held_out.counts[block].sum(dtype=np.float64))
    return float(np.exp(-likelihood / total)) if total else float("nan")


def halves(bags: Bags) -> tuple[Bags, Bags]:
    """Split each document's terms into those at even and those at odd positions of their sorted list.

    bags (Bags): the documents.
    RETURNS (tuple): bags of the terms at even positions, and of those at odd positions; a document of one term is empty in
        both.
    """
    counts = bags.counts.astype(np.int64)
    rows = bags.rows()
    before = np.cumsum(counts) - counts
    start = before - before[bags.offsets[rows]]  # position of the entry's first term in its document
    even = (start + counts + 1) // 2 - (start + 1) // 2
    odd = counts - even
    lonely = np.bincount(rows, weights=odd, minlength=len(bags))[rows] == 0
    seen = Bags(bags.terms, np.where(lonely, 0, even).astype(np.float32), bags.offsets)
    held_out = Bags(bags.terms, odd.astype(np.float32), bags.offsets)
    return seen.select(seen.counts > 0), held_out.select(held_out.counts > 0)


def top_words(model: TopicModel, count: int = 10) -> list[list[str]]:
    """The words that describe each topic, for `coherence` and `diversity`.

    model (TopicModel): the topics.
    count (int): number of words per topic.
    """
    return [model.top_terms(topic, count) for topic in range(model.num_topics)]


def coherence(topics: Sequence[Sequence[str]], texts: Iterable[Sequence[str]]) -> list[float]:
    """c_npmi of each topic by gensim (Röder et al. 2015), in windows of 10 terms.

    topics (Sequence): a list of words per topic, of which the first 10 are used; words that occur in no text are left out, as
        nothing is known about them.
    texts (Iterable): the reference documents, each a list of terms in reading order.
    RETURNS (list): one number per topic, -1 to 1; NaN for a topic with fewer than two words in the texts.
    """
    from gensim.corpora import Dictionary
    from gensim.models import CoherenceModel

    texts = [list(text) for text in texts]
    dictionary = Dictionary(texts)
    known = [[word for word in topic[:10] if word in dictionary.token2id] for topic in topics]
    judged = [topic for topic in known if len(topic) > 1]
    values = iter(())
    if judged:
        model = CoherenceModel(topics=judged, texts=texts, dictionary=dictionary, coherence="c_npmi", processes=1)
        values = iter(model.get_coherence_per_topic())
    return [float(next(values)) if len(topic) > 1 else float("nan") for topic in known]


def diversity(topics: Sequence[Sequence[str]]) -> float:
    """Share of different words among the first 10 words of all topics (Dieng et al. 2020).

    topics (Sequence): a list of words per topic.
    RETURNS (float): 0 to 1.
    """
    words = [word for topic in topics for word in topic[:10]]
    return len(set(words)) / len(words)


def stability(models: Sequence[TopicModel]) -> float:
    """How far models of different random seeds agree: mean cosine of matched topics, over all pairs of models.

    Topics are matched one to one so that the sum of cosines is greatest (Hungarian method), over the terms that both
    models have.

    models (Sequence): the models.
    RETURNS (float): 0 to 1; NaN for fewer than two models.
    """
    scores = [matched(a, b).mean() for i, a in enumerate(models) for b in models[:i]]
    return float(np.mean(scores)) if scores else float("nan")


def matched(a: TopicModel, b: TopicModel) -> np.ndarray:
    """Cosines of the topics of two models, matched one to one.

    a (TopicModel): one model.
    b (TopicModel): the other model.
    RETURNS (ndarray): (min(K of a, K of b),) float64, the greatest cosine first.
    """
    shared = [term for term in a.vocabulary if term in b.index]
    left = a.phi[:, [a.index[term] for term in shared]]
    right = b.phi[:, [b.index[term] for term in shared]]
    return np.sort(match(left, right)[2])[::-1]


def match(left: np.ndarray, right: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Pair rows of two matrices one to one, so that the sum of cosines is greatest.

    left (ndarray): (a, V) one matrix.
    right (ndarray): (b, V) the other matrix.
    RETURNS (tuple): indices of rows of `left`, ascending; indices of the rows of `right` that they are paired with; their
        cosines, float64.
    """
    from scipy.optimize import linear_sum_assignment

    cosines = _unit(left) @ _unit(right).T
    rows, columns = linear_sum_assignment(-cosines)
    return rows, columns, cosines[rows, columns]


def _unit(rows: np.ndarray) -> np.ndarray:
    """Rows scaled to length 1, float64."""
    rows = np.asarray(rows, np.float64)
    return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12)


def nmi(dominant: Sequence[int], categories: Sequence[str]) -> float:
    """Normalised mutual information of two labellings of the same documents (scikit-learn's).

    dominant (Sequence): the dominant topic of each document.
    categories (Sequence): the category of each document.
    RETURNS (float): 0 to 1.
    """
    from sklearn.metrics import normalized_mutual_info_score

    return float(normalized_mutual_info_score(list(categories), [str(topic) for topic in dominant]))

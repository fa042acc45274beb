"""Metrics of topics: perplexity by document completion, coherence, diversity, stability over random seeds."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from spacy_topics.bags import Bags
from spacy_topics.errors import Errors, InputError
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


def explained(model: TopicModel, bags: Bags) -> np.ndarray:
    """How much better each document's topics predict its terms than the background of all documents does.

    Each half of a document's terms is predicted from the topics of the other half, so that a term never speaks for itself.

    model (TopicModel): the topics.
    bags (Bags): the documents, in the model's ids.
    RETURNS (ndarray): (D,) float64, mean of log p(term | topics of the other half) - log p(term): 0 where topics say no more
        than the background, below 0 where they mislead; NaN for documents with fewer than two known terms.
    """
    background = np.log(model.prevalence.astype(np.float64) @ model.phi + 1e-300)
    total, size = np.zeros(len(bags)), np.zeros(len(bags))
    first, second = halves(bags)
    for seen, predicted in ((first, second), (second, first)):
        theta, rows = model.infer_bags(seen), predicted.rows()
        for start in range(0, len(rows), _BLOCK):
            block = slice(start, start + _BLOCK)
            p = np.einsum("nk,nk->n", theta[rows[block]].astype(np.float64), model.word_topic[predicted.terms[block]])
            gain = predicted.counts[block] * (np.log(p) - background[predicted.terms[block]])
            total += np.bincount(rows[block], gain, len(bags))
            size += np.bincount(rows[block], predicted.counts[block], len(bags))
    return np.where(size > 0, total / np.maximum(size, 1), np.nan)


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
    return np.sort(match(*_over_shared_terms(a, b))[2])[::-1]


def compare(a: TopicModel, b: TopicModel) -> list[dict[str, Any]]:
    """The topics of two models, matched one to one by the cosine over the terms that both have.

    a (TopicModel): one model.
    b (TopicModel): the other model.
    RETURNS (list): dicts of a, label_a, b, label_b and cosine, the most alike first; then the topics that are left without a
        partner, with None.
    RAISES InputError: T132, no term is in both models.
    """
    left, right = _over_shared_terms(a, b)
    if not left.shape[1]:
        raise InputError(Errors.T132)
    labels_a, labels_b = a.labels, b.labels
    pairs = sorted(zip(*(part.tolist() for part in match(left, right)), strict=True), key=lambda pair: -pair[2])
    rows: list[dict[str, Any]] = [
        {"a": i, "label_a": labels_a[i], "b": j, "label_b": labels_b[j], "cosine": round(cosine, 4)} for i, j, cosine in pairs
    ]
    nothing = {"a": None, "label_a": None, "b": None, "label_b": None, "cosine": None}
    rows += [{**nothing, "a": i, "label_a": labels_a[i]} for i in range(a.num_topics) if i not in {pair[0] for pair in pairs}]
    rows += [{**nothing, "b": j, "label_b": labels_b[j]} for j in range(b.num_topics) if j not in {pair[1] for pair in pairs}]
    return rows


def _over_shared_terms(a: TopicModel, b: TopicModel) -> tuple[np.ndarray, np.ndarray]:
    shared = [term for term in a.vocabulary if term in b.index]
    return a.phi[:, [a.index[term] for term in shared]], b.phi[:, [b.index[term] for term in shared]]


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


def purity(dominant: Sequence[int], categories: Sequence[str]) -> float:
    """Share of documents whose category is the commonest one among the documents with the same dominant topic.

    dominant (Sequence): the dominant topic of each document.
    categories (Sequence): the category of each document.
    RETURNS (float): 0 to 1; it rises with the number of topics, so compare it only between models with as many.
    """
    counts: dict[int, Counter[str]] = {}
    for topic, category in zip(dominant, categories, strict=True):
        counts.setdefault(topic, Counter())[category] += 1
    return sum(max(some.values()) for some in counts.values()) / len(dominant)

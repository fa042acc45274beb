"""Samples of generative models: a mixture, the Dirichlet, and LDA, with trials of how well its topics are recovered."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from spacy_topics.bags import Bags, to_bags
from spacy_topics.errors import Errors, InputError, is_integer, is_number
from spacy_topics.metrics import match
from spacy_topics.topic_model import TopicModel
from spacy_topics.trainers.base import TrainingInfo, check_seed, check_size
from spacy_topics.trainers.gibbs import Gibbs

IRIS = {"setosa": (5.01, 0.35), "versicolor": (5.94, 0.52)}  # mean and deviation of the sepal's length in cm (Fisher 1936)
_PRIOR = (1e-5, 1000.0)  # the range that the sampler accepts
# Ranges of the settings: those that are integers, and those that are any numbers.
_INTEGERS = {"draws": (1, 10**6), "samples": (1, 1000), "documents": (1, 10**5), "vocabulary": (2, 10**5), "topics": (2, 500)}
_INTEGERS |= {"length": (0, 10**5), "runs": (1, 100), "total_draws": (1, 10**7), "total_words": (0, 10**8)}
_NUMBERS = {"alpha": _PRIOR, "beta": _PRIOR, "concentration": _PRIOR, "spread": (0.0, 10.0), "proportion": (1e-5, 1.0)}
_SWEEPS = 200  # sweeps of the Gibbs sampler
_STARTS = 3  # starts of the Gibbs sampler, of which the likeliest is kept
Change = Callable[[np.ndarray], np.ndarray]


class Mixture(NamedTuple):
    """Samples of a mixture of IRIS's types.

    proportions (ndarray): (samples, 2) proportions of the types.
    means (ndarray): (samples, 2) mean lengths of the types, in cm.
    types (ndarray): (samples, draws) integers, the type of each draw.
    lengths (ndarray): (samples, draws) the length of each draw, in cm.
    """

    proportions: np.ndarray
    means: np.ndarray
    types: np.ndarray
    lengths: np.ndarray


def mixture(
    draws: int = 100,
    proportions: Sequence[float] = (0.5, 0.5),
    concentration: float | None = None,
    spread: float = 0.0,
    samples: int = 1,
    seed: int = 0,
) -> Mixture:
    """Draw irises: for each one a type, then a sepal's length from the normal distribution of its type.

    draws (int): number of irises per sample.
    proportions (Sequence): proportions of setosa and versicolor.
    concentration (float | None): draw new proportions for each sample, from a Dirichlet distribution around the given ones
        with this concentration: a small one makes one type prevail, and 1 around equal proportions is uniform. None: the
        proportions are fixed.
    spread (float): standard deviation, in cm, with which new means of the types are drawn for each sample; 0: they are fixed.
    samples (int): number of samples.
    seed (int): random seed.
    RAISES InputError: T032, T100, a value out of range.
    """
    _check(draws=draws, samples=samples, spread=spread, seed=seed)
    _check(total_draws=draws * samples)
    for share in proportions:
        _check(proportion=share)
    if len(proportions) != len(IRIS) or abs(sum(proportions) - 1) > 1e-6:
        raise InputError(Errors.T100.format(what="proportions", allowed="two numbers whose sum is 1", got=list(proportions)))
    generator = np.random.default_rng(seed)
    shares = np.tile(np.asarray(proportions, np.float64), (samples, 1))
    if concentration is not None:
        _check(concentration=concentration)
        shares = generator.dirichlet(concentration * len(IRIS) * shares[0], samples)
    mean, deviation = np.array(list(IRIS.values())).T
    means = mean + spread * generator.standard_normal((samples, len(IRIS)))
    types = (generator.random((samples, draws)) >= shares[:, :1]).astype(np.int64)
    lengths = np.take_along_axis(means, types, 1) + deviation[types] * generator.standard_normal(types.shape)
    return Mixture(shares, means, types, lengths)


def mixture_rows(made: Mixture) -> list[dict[str, Any]]:
    """Compare the draws of each sample and type with the distribution that they are from.

    made (Mixture): the samples.
    RETURNS (list): dicts of sample, type, proportion and mean (of the distribution), share seen, mean seen and deviation seen
        (of the draws).
    """
    rows = []
    for sample, types in enumerate(made.types):
        for k, name in enumerate(IRIS):
            lengths = made.lengths[sample, types == k]
            figures = {"proportion": made.proportions[sample, k], "share seen": len(lengths) / len(types)}
            mean, deviation = (lengths.mean(), lengths.std(ddof=1)) if len(lengths) > 1 else (np.nan, np.nan)
            figures |= {"mean": made.means[sample, k], "mean seen": mean, "deviation seen": deviation}
            rows.append({"sample": sample + 1, "type": name, **{key: round(float(x), 4) for key, x in figures.items()}})
    return rows


def dirichlet(alpha: float | Sequence[float], draws: int = 1000, seed: int = 0) -> np.ndarray:
    """Draw proportions of three topics from a Dirichlet distribution.

    alpha (float | Sequence): one number for all topics, or three.
    draws (int): number of draws.
    seed (int): random seed.
    RETURNS (ndarray): (draws, 3), rows on the simplex.
    RAISES InputError: T032, T100, a value out of range.
    """
    _check(draws=draws, seed=seed)
    return np.random.default_rng(seed).dirichlet(_three(alpha), draws)


def dirichlet_row(alpha: float | Sequence[float], theta: np.ndarray) -> dict[str, Any]:
    """Compare draws with the formulas of the Dirichlet distribution.

    alpha (float | Sequence): one number for all topics, or three.
    theta (ndarray): (draws, 3) as `dirichlet` returns them.
    RETURNS (dict): alpha, mean and deviation (by formula, per topic), mean seen and deviation seen (of the draws), largest
        (mean of the largest proportion), above .9 (how often that is above .9).
    """
    prior = _three(alpha)
    mean, largest = prior / prior.sum(), theta.max(axis=1)
    figures = {"mean": mean, "mean seen": theta.mean(axis=0), "deviation": np.sqrt(mean * (1 - mean) / (prior.sum() + 1))}
    figures |= {"deviation seen": theta.std(axis=0), "largest": largest.mean(), "above .9": (largest > 0.9).mean()}
    return {"alpha": alpha, **{key: np.round(value, 4).tolist() for key, value in figures.items()}}


def _three(alpha: float | Sequence[float]) -> np.ndarray:
    values = list(alpha) if isinstance(alpha, Sequence) else [alpha] * 3
    for value in values:
        _check(alpha=value)
    if len(values) != 3:
        raise InputError(Errors.T100.format(what="alpha", allowed="one number, or three", got=alpha))
    return np.array(values, np.float64)


class Corpus(NamedTuple):
    """Documents that LDA generated, with the truth about them.

    bags (Bags): the documents.
    phi (ndarray): (topics, vocabulary) p(word | topic).
    theta (ndarray): (documents, topics) topic proportions.
    """

    bags: Bags
    phi: np.ndarray
    theta: np.ndarray


def corpus(
    documents: int,
    vocabulary: int,
    topics: int,
    alpha: float,
    beta: float,
    length: int,
    seed: int,
    change: Change | None = None,
) -> Corpus:
    """Generate documents as LDA assumes (Blei et al. 2003).

    Topics are drawn from Dirichlet(beta), each document's proportions from Dirichlet(alpha), its number of words, which may
    be 0, from Poisson(length); then for each word a topic, and the word from that topic.

    documents (int): number of documents.
    vocabulary (int): number of words in the vocabulary.
    topics (int): number of topics.
    alpha (float): prior over the topics of a document.
    beta (float): prior over the words of a topic.
    length (int): mean number of words per document.
    seed (int): random seed.
    change (Callable | None): changes theta before words are drawn, to break an assumption of LDA.
    RAISES InputError: T032, T100, a value out of range; T101, more topics than words.
    """
    _check(documents=documents, vocabulary=vocabulary, topics=topics, alpha=alpha, beta=beta, length=length, seed=seed)
    _check(total_words=documents * length)
    if topics > vocabulary:
        raise InputError(Errors.T101.format(topics=topics, vocabulary=vocabulary))
    generator = np.random.default_rng(seed)
    phi = generator.dirichlet(np.full(vocabulary, beta), topics)
    theta = generator.dirichlet(np.full(topics, alpha), documents)
    theta = change(theta) if change else theta
    counts = generator.multinomial(generator.poisson(length, documents), theta)  # number of words of each topic
    rows = [np.repeat(np.arange(documents), counts[:, k]) for k in range(topics)]
    words = [generator.choice(vocabulary, len(rows[k]), p=phi[k]) for k in range(topics)]
    return Corpus(to_bags(np.concatenate(rows), np.concatenate(words), documents), phi, theta)


def recovery(true_phi: np.ndarray, phi: np.ndarray) -> float:
    """How well topics are recovered: the mean cosine of true and inferred topics, matched one to one.

    true_phi (ndarray): (topics, vocabulary) the true topics.
    phi (ndarray): (any number, vocabulary) the inferred topics; a true topic without a match counts 0.
    RETURNS (float): 0 to 1.
    """
    return float(match(true_phi, phi)[2].sum() / len(true_phi))


def recovered(made: Corpus, alpha: float, beta: float, seed: int) -> np.ndarray:
    """Infer the topics of a corpus, with the true number of topics and the true priors.

    made (Corpus): the documents.
    alpha (float): prior over the topics of a document.
    beta (float): prior over the words of a topic.
    seed (int): random seed.
    RETURNS (ndarray): (topics, vocabulary) in the order of the true topics.
    RAISES InputError: T036, fewer documents with words than topics.
    """
    phi = _infer(made, alpha, beta, len(made.phi), seed)[0].phi
    return phi[match(made.phi, phi)[1]]


def _infer(documents: Corpus, alpha: float, beta: float, topics: int, seed: int) -> list[TopicModel]:
    """Models from several starts of Gibbs sampling, the likeliest first: in some starts, two topics stay merged into one."""
    words = [f"w{term}" for term in range(documents.phi.shape[1])]
    trainer = Gibbs(iterations=_SWEEPS, alpha=alpha, eta=beta, background=0)
    models = [trainer(documents.bags, words, topics, seed=(seed + start) % 2**32) for start in range(_STARTS)]
    return sorted(models, key=lambda model: -(TrainingInfo.of(model).log_likelihood or 0))


class Trial(NamedTuple):
    """One trial of recovery.

    varied (str): the setting that varies, or "broken" if an assumption of LDA is broken.
    value (int | float | str): its value, or the broken assumption.
    settings (dict): settings of `corpus` that differ from those of the other trials.
    sought (int | None): number of topics to infer; None for the true number.
    change (Callable | None): changes theta, see `corpus`.
    """

    varied: str
    value: int | float | str
    settings: dict[str, Any] = {}
    sought: int | None = None
    change: Change | None = None


def recoveries(runs: int = 3, seed: int = 0, **settings: Any) -> list[dict[str, Any]]:
    """Run trials of recovery: generate documents, infer their topics, and compare these with the truth.

    Each trial varies one setting or breaks one of LDA's assumptions. The sampler knows the priors and starts three times; the
    likeliest model is kept.

    runs (int): number of corpora per trial, with the seeds seed, seed + 1, ...
    seed (int): the first random seed.
    settings (Any): settings of `corpus`; the varied values lie around them.
    RETURNS (list): a dict per trial: varied, value; topics (see `recovery`) and documents (share of a document's words with
        the right topic: overlap of inferred and true theta), each with the mean of the runs, lowest, highest, and by chance
        (other topics from the same prior; the corpus's mean theta for every document); one start (what topics is on average
        without the choice of the likeliest model); worst topic (the lowest cosine of all). NaN: fewer documents than topics.
    RAISES InputError: T032, T100, a value out of range; T036, fewer documents with words than topics; T101, more topics than
        words.
    """
    _check(runs=runs)
    check_size(corpus(**settings, seed=seed).bags, settings["topics"])
    rows = []
    for trial in _trials(**settings):
        results = [_run({**settings, **trial.settings}, trial, (seed + run) % 2**32) for run in range(runs)]
        row: dict[str, Any] = {}
        for key in ("topics", "documents"):
            values = [result[key] for result in results]
            row |= {key: np.mean(values), f"{key} lowest": np.min(values), f"{key} highest": np.max(values)}
            row[f"{key} by chance"] = np.mean([result[f"{key} by chance"] for result in results])
        row["one start"] = np.mean([result["one start"] for result in results])
        row["worst topic"] = np.min([result["worst topic"] for result in results])
        figures = {key: round(float(value), 4) for key, value in row.items()}
        rows.append({"varied": trial.varied, "value": trial.value, **figures})
    return rows


def _trials(documents: int, vocabulary: int, topics: int, alpha: float, beta: float, length: int) -> list[Trial]:
    factors = (1 / 16, 1 / 4, 1, 4)
    least, most = _PRIOR
    values: dict[str, set[float]] = {
        "documents": {min(max(topics, round(documents * factor)), _INTEGERS["documents"][1]) for factor in factors},
        "length": {min(max(1, round(length * factor)), _INTEGERS["length"][1]) for factor in factors},
        "alpha": {float(f"{min(max(least, alpha * factor), most):.3g}") for factor in (0.1, 1, 10, 100)},
    }
    paired = np.eye(topics)
    paired[:2, :2] = 0.5
    short = min(max(topics, documents * length // 2), _INTEGERS["documents"][1])  # as many words in total
    return [
        *(Trial(key, value, {key: value}) for key, tried in values.items() for value in sorted(tried)),
        Trial("broken", "nothing broken"),
        *(Trial("broken", f"{k} topics sought", sought=k) for k in (max(2, topics // 2), 2 * topics) if k != topics),
        Trial("broken", "one topic a document", change=lambda theta: np.eye(topics)[theta.argmax(axis=1)]),
        Trial("broken", "two topics always together", change=lambda theta: theta @ paired),
        Trial("broken", "two words a document", {"length": 2, "documents": short}),
    ]


def _run(settings: dict[str, Any], trial: Trial, seed: int) -> dict[str, float]:
    documents = corpus(**settings, seed=seed, change=trial.change)
    sought = trial.sought or settings["topics"]
    filled = documents.bags.sizes > 0  # nothing can be inferred about an empty document
    if filled.sum() < sought:
        return defaultdict(lambda: np.nan)
    models = _infer(documents, settings["alpha"], settings["beta"], sought, seed)
    model = models[0]
    true, inferred, cosines = match(documents.phi, model.phi)
    truth, theta = documents.theta[filled], model.infer_bags(documents.bags)[filled]
    drawn = np.random.default_rng([seed, 1]).dirichlet(np.full(settings["vocabulary"], settings["beta"]), sought)
    return {
        "topics": recovery(documents.phi, model.phi),
        "topics by chance": recovery(documents.phi, drawn),
        "one start": float(np.mean([recovery(documents.phi, one.phi) for one in models])),
        "worst topic": cosines.min() if len(true) == len(documents.phi) else 0.0,
        "documents": np.minimum(truth[:, true], theta[:, inferred]).sum(axis=1).mean(),
        "documents by chance": np.minimum(truth, truth.mean(axis=0)).sum(axis=1).mean(),
    }


def _check(seed: int = 0, **settings: Any) -> None:
    """Check settings against their ranges.

    RAISES InputError: T032, the seed; T100, another setting.
    """
    check_seed(seed)
    for what, value in settings.items():
        least, most = (_INTEGERS | _NUMBERS)[what]
        if not (is_integer(value, int(least), int(most)) if what in _INTEGERS else is_number(value, least, most)):
            kind = "an integer" if what in _INTEGERS else "a number"
            raise InputError(
                Errors.T100.format(what=what.replace("_", " "), allowed=f"{kind} from {least:,} to {most:,}", got=value)
            )

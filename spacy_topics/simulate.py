"""Generative models understood by sampling from them: a mixture, the Dirichlet, and LDA, whose topics are then sought again."""

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
_PRIOR = (1e-5, 1000.0)  # what the sampler takes
_WHOLE = {"draws": (1, 10**6), "samples": (1, 1000), "documents": (1, 10**5), "vocabulary": (2, 10**5), "topics": (2, 500)}
_WHOLE |= {"length": (0, 10**5), "runs": (1, 100), "total_draws": (1, 10**7), "total_words": (0, 10**8)}
_REAL = {"alpha": _PRIOR, "beta": _PRIOR, "concentration": _PRIOR, "spread": (0.0, 10.0), "proportion": (1e-5, 1.0)}
_SWEEPS, _STARTS = 200, 3  # of the sampler
Change = Callable[[np.ndarray], np.ndarray]


class Mixture(NamedTuple):
    """Samples of a mixture of IRIS's types: proportions, means (samples, 2), types and lengths (samples, draws)."""

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
    """Draw a type of iris, then a sepal's length from the normal distribution of its type, and so on.

    proportions (Sequence): of setosa and versicolor. concentration (float | None): draw them, anew for each sample, from a
    Dirichlet distribution around these proportions, (1, 1) at 1: small, and one type takes it all; None: they are fixed.
    spread (float): deviation, in cm, with which the types' means are drawn for each sample; 0: they are fixed.
    RAISES InputError: T032, T100.
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
    """Of each sample and type: proportion and mean that it was drawn with, share, mean and deviation that came of it."""
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
    """Draw proportions of three topics: (draws, 3). alpha: one number for all, or three. RAISES InputError: T032, T100."""
    _check(draws=draws, seed=seed)
    return np.random.default_rng(seed).dirichlet(_three(alpha), draws)


def dirichlet_row(alpha: float | Sequence[float], theta: np.ndarray) -> dict[str, Any]:
    """Means and deviations of draws and by formula; the mean of the largest share, and how often it is above .9."""
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
    """Documents of LDA's own making: bags, phi (topics, vocabulary) and theta (documents, topics), the truth."""

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
    """LDA as it generates (Blei et al. 2003): topics from Dirichlet(beta), each document's proportions from Dirichlet(alpha),
    its number of words from Poisson(length), which may be none, and for each word a topic, and the word from that topic.

    change (Change | None): what becomes of theta before words are drawn, to break an assumption.
    RAISES InputError: T032, T100, T101.
    """
    _check(documents=documents, vocabulary=vocabulary, topics=topics, alpha=alpha, beta=beta, length=length, seed=seed)
    _check(total_words=documents * length)
    if topics > vocabulary:
        raise InputError(Errors.T101.format(topics=topics, vocabulary=vocabulary))
    generator = np.random.default_rng(seed)
    phi = generator.dirichlet(np.full(vocabulary, beta), topics)
    theta = generator.dirichlet(np.full(topics, alpha), documents)
    theta = change(theta) if change else theta
    counts = generator.multinomial(generator.poisson(length, documents), theta)  # of the words of each topic
    rows = [np.repeat(np.arange(documents), counts[:, k]) for k in range(topics)]
    words = [generator.choice(vocabulary, len(rows[k]), p=phi[k]) for k in range(topics)]
    return Corpus(to_bags(np.concatenate(rows), np.concatenate(words), documents), phi, theta)


def recovery(true_phi: np.ndarray, phi: np.ndarray) -> float:
    """Mean cosine of the true topics with those found, paired one to one at their best; a topic left without one counts 0."""
    return float(match(true_phi, phi)[2].sum() / len(true_phi))


def recovered(made: Corpus, alpha: float, beta: float, seed: int) -> np.ndarray:
    """The topics found in a corpus, K and the priors given, in the order of the true ones: of the shape of `made.phi`.

    RAISES InputError: T036, fewer documents with words than topics.
    """
    phi = _seek(made, alpha, beta, len(made.phi), seed)[0].phi
    return phi[match(made.phi, phi)[1]]


def _seek(made: Corpus, alpha: float, beta: float, topics: int, seed: int) -> list[TopicModel]:
    """Gibbs sampling, begun anew three times, likeliest first: now and then a start stays where two topics are one."""
    words = [f"w{term}" for term in range(made.phi.shape[1])]
    trainer = Gibbs(iterations=_SWEEPS, alpha=alpha, eta=beta)
    models = [trainer(made.bags, words, topics, seed=(seed + start) % 2**32) for start in range(_STARTS)]
    return sorted(models, key=lambda model: -(TrainingInfo.of(model).log_likelihood or 0))


class Trial(NamedTuple):
    """One row: what is varied, to what; the settings that differ, how many topics are sought, what becomes of theta."""

    varied: str
    value: int | float | str
    settings: dict[str, Any] = {}
    sought: int | None = None
    change: Change | None = None


def recoveries(runs: int = 3, seed: int = 0, **settings: Any) -> list[dict[str, Any]]:
    """Generate, seek, compare with the truth, while one setting varies or one of LDA's assumptions breaks.

    The sampler is given the priors, and begun three times; the likeliest model is kept.
    runs (int): of seed, seed + 1, ...; settings: of `corpus`, what does not vary; the numbers tried lie around them.
    RETURNS (list): a row a trial. `topics`, as `recovery` has it, and `documents`, the share of a document's words that is put
        to the right topic (overlap of theta with the truth): means, lowest and highest of the runs, and what chance gives,
        which is topics drawn anew, and the corpus's mean for every document. `worst topic`: of all, the least alike;
        `one start`: what `topics` is on average without the choice of the likeliest. NaN: fewer documents than topics.
    RAISES InputError: T032, T036, T100, T101.
    """
    _check(runs=runs)
    check_size(corpus(**settings, seed=seed).bags, settings["topics"])
    rows = []
    for trial in _trials(**settings):
        some = [_run({**settings, **trial.settings}, trial, (seed + run) % 2**32) for run in range(runs)]
        row: dict[str, Any] = {}
        for key in ("topics", "documents"):
            seen, chance = ([run[name] for run in some] for name in (key, f"{key} by chance"))
            row |= {key: np.mean(seen), f"{key} lowest": np.min(seen), f"{key} highest": np.max(seen)}
            row[f"{key} by chance"] = np.mean(chance)
        row["one start"] = np.mean([run["one start"] for run in some])
        row["worst topic"] = np.min([run["worst topic"] for run in some])
        figures = {key: round(float(value), 4) for key, value in row.items()}
        rows.append({"varied": trial.varied, "value": trial.value, **figures})
    return rows


def _trials(documents: int, vocabulary: int, topics: int, alpha: float, beta: float, length: int) -> list[Trial]:
    around, (least, most) = (1 / 16, 1 / 4, 1, 4), _PRIOR
    values: dict[str, set[float]] = {
        "documents": {min(max(topics, round(documents * factor)), _WHOLE["documents"][1]) for factor in around},
        "length": {min(max(1, round(length * factor)), _WHOLE["length"][1]) for factor in around},
        "alpha": {float(f"{min(max(least, alpha * factor), most):.3g}") for factor in (0.1, 1, 10, 100)},
    }
    paired = np.eye(topics)
    paired[:2, :2] = 0.5
    short = min(max(topics, documents * length // 2), _WHOLE["documents"][1])  # as many words in all
    return [
        *(Trial(key, value, {key: value}) for key, tried in values.items() for value in sorted(tried)),
        Trial("broken", "nothing broken"),
        *(Trial("broken", f"{k} topics sought", sought=k) for k in (max(2, topics // 2), 2 * topics) if k != topics),
        Trial("broken", "one topic a document", change=lambda theta: np.eye(topics)[theta.argmax(axis=1)]),
        Trial("broken", "two topics always together", change=lambda theta: theta @ paired),
        Trial("broken", "two words a document", {"length": 2, "documents": short}),
    ]


def _run(settings: dict[str, Any], trial: Trial, seed: int) -> dict[str, float]:
    made = corpus(**settings, seed=seed, change=trial.change)
    sought = trial.sought or settings["topics"]
    filled = made.bags.sizes > 0  # of an empty document nothing can be known
    if filled.sum() < sought:
        return defaultdict(lambda: np.nan)
    models = _seek(made, settings["alpha"], settings["beta"], sought, seed)
    model = models[0]
    true, found, cosines = match(made.phi, model.phi)
    truth, theta = made.theta[filled], model.infer_bags(made.bags)[filled]
    drawn = np.random.default_rng([seed, 1]).dirichlet(np.full(settings["vocabulary"], settings["beta"]), sought)
    return {
        "topics": recovery(made.phi, model.phi),
        "topics by chance": recovery(made.phi, drawn),
        "one start": float(np.mean([recovery(made.phi, one.phi) for one in models])),
        "worst topic": cosines.min() if len(true) == len(made.phi) else 0.0,
        "documents": np.minimum(truth[:, true], theta[:, found]).sum(axis=1).mean(),
        "documents by chance": np.minimum(truth, truth.mean(axis=0)).sum(axis=1).mean(),
    }


def _check(seed: int = 0, **given: Any) -> None:
    """RAISES InputError: T032, T100, a number that nothing can be drawn with."""
    check_seed(seed)
    for what, value in given.items():
        least, most = (_WHOLE | _REAL)[what]
        if not (is_integer(value, int(least), int(most)) if what in _WHOLE else is_number(value, least, most)):
            kind = "a whole number" if what in _WHOLE else "a number"
            raise InputError(
                Errors.T100.format(what=what.replace("_", " "), allowed=f"{kind} from {least:,} to {most:,}", got=value)
            )

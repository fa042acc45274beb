"""LDA by tomotopy's collapsed Gibbs sampler.

Only this module needs tomotopy. All values are checked before tomotopy gets them, as bad ones can crash the process.
"""

import sys
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from spacy_topics.bags import Bags
from spacy_topics.errors import Errors, InputError, is_integer, is_number
from spacy_topics.metrics import perplexity
from spacy_topics.topic_model import BACKGROUND, TopicModel
from spacy_topics.trainers.base import check_seed, check_size

_STEP = 10  # iterations between two checks for Ctrl-C, progress and a sample of phi
_BACKGROUND, _MANY_TOPICS = 2.0, 10
_WEIGHTS = {"one": "ONE", "idf": "IDF", "pmi": "PMI"}


@dataclass(frozen=True)
class Gibbs:
    """A trainer: bags of terms -> TopicModel, by collapsed Gibbs sampling (Griffiths & Steyvers 2004).

    iterations (int): number of sweeps over all terms, a multiple of 10.
    burn_in (int | None): number of sweeps before alpha is optimised and phi is sampled (None: half of the iterations); phi is
        the mean of samples every 10 sweeps afterwards.
    alpha (float | list): Dirichlet prior over topics: one number, or one per topic (asymmetric).
    optimize_alpha (int): number of sweeps between two estimates of alpha (Minka 2000); 0 keeps alpha fixed.
    eta (float): Dirichlet prior over terms.
    seed_weight (float): total that the seed words of a topic add to its prior while topics are assigned, as a share of the
        average number of terms per topic; phi is counted without it. (Chosen on 500, 880, 5,169 and 27,159 reviews: with .1
        many topics drift from their seed words, see projects/restaurants/RESULTS.md.)
    background (float | None): Dirichlet prior of the last topic, which is named "background" and collects what all documents
        say, so that the others need not (an asymmetric prior, Wallach et al. 2009); 0 makes no such topic. None: 2 for ten
        topics or more, else 0.
    term_weight (str): "one", "idf" or "pmi": the weight of an occurrence while topics are assigned (Wilson & Chew 2010);
        phi counts unweighted occurrences in any case.
    patience (int): stop when the perplexity of 5 % of the documents, held out, has not fallen for so many checks, one
        every 10 sweeps after burn_in; 0 trains on all documents to the end.
    workers (int): number of threads; the same seed gives the same model only with 1.
    """

    iterations: int = 400
    burn_in: int | None = None
    alpha: float | Sequence[float] = 0.1
    optimize_alpha: int = 0
    eta: float = 0.1
    seed_weight: float = 1.0
    background: float | None = None
    term_weight: str = "one"
    patience: int = 0
    workers: int = 1

    def __post_init__(self) -> None:
        """Check the settings.

        RAISES InputError: T022, an unknown term_weight; T032, another setting out of range, which may crash the sampler.
        """
        if not is_integer(self.iterations, _STEP, 10**6) or self.iterations % _STEP:
            allowed = f"a multiple of {_STEP}, at most 1,000,000"
            raise InputError(Errors.T032.format(what="iterations", allowed=allowed, got=repr(self.iterations)))
        alpha = _floats(self.alpha)
        eta = (_floats(self.eta) or [0.0])[0] if np.ndim(self.eta) == 0 else 0.0
        for what, allowed, good in (
            ("burn_in", "an integer of 0 or more, less than iterations", is_integer(self._burn_in, 0, self.iterations - 1)),
            ("alpha", "one number, or one per topic, from 1e-5 to 1000", alpha and all(1e-5 <= a <= 1e3 for a in alpha)),
            ("optimize_alpha", "an integer from 0 to 1,000,000", is_integer(self.optimize_alpha, 0, 10**6)),
            ("eta", "a number from 1e-5 to 1000", 1e-5 <= eta <= 1e3),
            ("seed_weight", "a number above 0, at most 100", is_number(self.seed_weight, 1e-12, 100)),
            ("background", "a number from 0 to 1000, or null", self.background is None or is_number(self.background, 0, 1e3)),
            ("patience", "an integer of 0 or more", is_integer(self.patience, 0)),
            ("workers", "an integer from 1 to 1024", is_integer(self.workers, 1, 1024)),
        ):
            if not good:
                raise InputError(Errors.T032.format(what=what, allowed=allowed, got=repr(getattr(self, what))))
        if self.term_weight not in tuple(_WEIGHTS):
            allowed = ", ".join(_WEIGHTS)
            raise InputError(Errors.T022.format(what="term_weight", allowed=allowed, got=repr(self.term_weight)))
        # JSON, in which the settings are saved, does not take NumPy's numbers: convert them now, not after the training.
        object.__setattr__(self, "alpha", alpha if np.ndim(self.alpha) else alpha[0])
        object.__setattr__(self, "eta", eta)

    def _background(self, num_topics: int) -> float:
        if self.background is None:
            return _BACKGROUND if num_topics >= _MANY_TOPICS else 0.0
        return float(self.background)

    @property
    def _burn_in(self) -> int:
        return self.iterations // 2 if self.burn_in is None else self.burn_in

    def __call__(
        self,
        bags: Bags,
        vocabulary: Sequence[str],
        num_topics: int,
        *,
        seeds: Mapping[str, Sequence[str]] | None = None,
        seed: int = 0,
        progress: bool = False,
    ) -> TopicModel:
        """Train, see `base.Trainer`. Ctrl-C ends the training early and keeps the model trained so far.

        bags (Bags): the documents; empty ones are skipped.
        vocabulary (Sequence): strings of the ids.
        num_topics (int): K.
        seeds (Mapping | None): name -> seed words: topic 0 is drawn towards the words of the first name, and so on.
        seed (int): random seed of the sampler, and of the choice of held-out documents.
        progress (bool): show a progress bar with the log-likelihood per word on stderr.
        RETURNS (TopicModel): `meta["training"]` holds the settings, the number of sweeps, whether Ctrl-C `interrupted` them,
            and the log-likelihood per word.
        RAISES InputError: T030, T032 to T034, T036.
        """
        check_size(bags, num_topics)
        check_seed(seed)
        if isinstance(self.alpha, Sequence) and len(self.alpha) != num_topics:
            raise InputError(Errors.T032.format(what="alpha", allowed=f"one number or {num_topics}", got=f"{self.alpha}"))
        filled = np.flatnonzero(np.diff(bags.offsets))
        held_out = np.zeros(0, np.int64)
        if self.patience:
            eligible = np.flatnonzero(bags.sizes >= 2)  # perplexity needs two terms
            count = min(500, len(filled) // 20 or 1, len(eligible))
            held_out = np.random.default_rng(seed).choice(eligible, count, replace=False)
        model = self._sampler(bags, np.setdiff1d(filled, held_out), num_topics, seed)
        self._plant(model, vocabulary, bags.counts.sum(dtype=np.float64) / num_topics, seeds or {})
        phi, sweeps, interrupted = self._train(model, bags.take(np.sort(held_out)), vocabulary, progress)
        figures = {"sweeps": sweeps, "interrupted": interrupted, "documents": len(filled)}
        figures["log_likelihood"] = round(model.ll_per_word, 6)
        names = [*(seeds or {}), *[""] * (num_topics - len(seeds or {}))]
        if self._background(num_topics):
            names[-1] = BACKGROUND
        return TopicModel(
            phi,
            np.array(model.alpha, np.float32),
            vocabulary,
            names=names,
            prevalence=np.asarray(model.get_count_by_topics(), np.float64) / model.num_words,
            term_frequency=np.bincount(bags.terms, weights=bags.counts, minlength=len(vocabulary)).astype(np.int64),
            meta={"training": {"trainer": "gibbs", **asdict(self), "seed": seed, **figures}},
        )

    def _sampler(self, bags: Bags, documents: np.ndarray, num_topics: int, seed: int) -> Any:
        import tomotopy

        alpha = list(self.alpha) if isinstance(self.alpha, Sequence) else [float(self.alpha)] * num_topics
        alpha[-1] = self._background(num_topics) or alpha[-1]
        weight = getattr(tomotopy.TermWeight, _WEIGHTS[self.term_weight])
        model = tomotopy.LDAModel(k=num_topics, alpha=alpha, eta=self.eta, tw=weight, seed=seed)
        model.optim_interval = self.optimize_alpha
        model.burn_in = self._burn_in
        for row in documents:  # the words are ids, so that no odd string can upset the sampler, and no string is kept
            entries = slice(bags.offsets[row], bags.offsets[row + 1])
            ids = np.repeat(bags.terms[entries], bags.counts[entries].astype(np.int64))
            model.add_doc([str(term) for term in ids.tolist()])
        return model

    def _plant(self, model: Any, vocabulary: Sequence[str], size: float, seeds: Mapping[str, Sequence[str]]) -> None:
        """Draw topics towards their seed words, by the priors of these words.

        model (LDAModel): tomotopy's model.
        vocabulary (Sequence): strings of the ids.
        size (float): average number of terms per topic.
        seeds (Mapping): name -> seed words.
        """
        free = model.k - bool(self._background(model.k))
        if len(seeds) > free:
            raise InputError(Errors.T034.format(seeds=len(seeds), topics=free))
        index = {term: i for i, term in enumerate(vocabulary)}
        priors: dict[int, list[float]] = {}
        for topic, (name, words) in enumerate(seeds.items()):
            known = [index[word] for word in words if word in index]
            if not known:
                raise InputError(Errors.T033.format(topic=name, words=", ".join(words)[:80]))
            for word in known:
                priors.setdefault(word, [self.eta] * model.k)[topic] += self.seed_weight * size / len(known)
        for word, prior in priors.items():
            model.set_word_prior(str(word), prior)

    def _train(self, model: Any, held_out: Bags, vocabulary: Sequence[str], progress: bool) -> tuple[np.ndarray, int, bool]:
        """Run the sampler; returns the sum of the samples of phi, the number of sweeps, and whether Ctrl-C ended them."""
        from tqdm import tqdm

        samples = np.zeros((model.k, len(vocabulary)))
        taken = sweeps = since_best = 0
        best, interrupted = np.inf, False
        with (
            warnings.catch_warnings(),
            tqdm(total=self.iterations, disable=not progress, unit="sweep", desc="topics", leave=False) as bar,
        ):
            warnings.simplefilter("ignore", RuntimeWarning)  # says that several workers make seeds void, as our docstring does
            try:
                while sweeps < self.iterations and not (self.patience and since_best >= self.patience):
                    model.train(_STEP, workers=self.workers, show_progress=False)
                    sweeps += _STEP
                    bar.update(_STEP)
                    bar.set_postfix(log_likelihood=f"{model.ll_per_word:.4f}")
                    if sweeps > self._burn_in:
                        samples += self._phi(model, len(vocabulary))
                        taken += 1
                        if len(held_out):
                            now = perplexity(TopicModel(samples, model.alpha, vocabulary), held_out)
                            since_best = 0 if now < best else since_best + 1
                            best = min(best, now)
            except KeyboardInterrupt:
                interrupted = True
                bar.write(f"stopped after {sweeps} of {self.iterations} sweeps: keeping the model so far", file=sys.stderr)
        return (samples if taken else self._phi(model, len(vocabulary))), sweeps, interrupted

    def _phi(self, model: Any, size: int) -> np.ndarray:
        """p(term | topic) of the sampler's current state, (K, V): counts plus eta, without the priors of seed words."""
        terms = np.array([int(word) for word in model.used_vocabs])
        if self.term_weight == "one":
            seen = np.stack([model.get_topic_word_dist(topic, normalize=False) for topic in range(model.k)])
        else:
            seen = np.full((model.k, len(terms)), self.eta)
            for doc in model.docs:
                np.add.at(seen, (np.asarray(doc.topics), np.asarray(doc.words)), 1)
        seen = seen / seen.sum(axis=1, keepdims=True, dtype=np.float64)
        phi = np.repeat(seen.min(axis=1, keepdims=True), size, axis=1)  # for terms that only held-out documents have
        phi[:, terms] = seen
        return phi


def _floats(value: Any) -> list[float]:
    """A finite number, or a list of them, as floats; [] for anything else."""
    try:
        array = np.asarray(value, np.float64)
    except (TypeError, ValueError):
        return []
    strings = isinstance(value, str) or any(isinstance(item, str) for item in np.atleast_1d(np.asarray(value, object)))
    return array.ravel().tolist() if array.ndim <= 1 and np.isfinite(array).all() and not strings else []

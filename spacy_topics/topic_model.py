"""A topic model is a vocabulary, p(term | topic) and a prior, however it was trained."""

import hashlib
import json
import struct
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from corpora.files import write_bytes
from spacy_topics.bags import Bags, to_bags
from spacy_topics.envelope import Envelope
from spacy_topics.errors import Errors, InputError, is_integer
from spacy_topics.fold_in import METHODS, infer_theta

RELEVANCE = 0.8  # lambda of Sievert & Shirley (2014): chosen on M10, see projects/topics/RESULTS.md
ENVELOPE = Envelope(b"palate topics\n", 1, "topic model", "palate topics fit")
RULES = 2  # of reading and folding in, for new models; a file carries the rules that it was written with
BACKGROUND = "background"  # the name of the topic of what all documents say
_FLOOR = 1e-12  # in a topic a term may be unlikely, but never impossible: one such term alone would decide a document


class TopicModel:
    """Topics over a vocabulary, however they were trained.

    phi (ndarray): (K, V) float32, rows on the simplex: p(term | topic).
    alpha (ndarray): (K,) float32, Dirichlet prior over the topics of a document.
    vocabulary (list): V terms; the words of a phrase are joined by a space.
    names (list): K names, "" for a topic without a name.
    prevalence (ndarray): (K,) float32, share of the training terms that each topic explains.
    term_frequency (ndarray): (V,) int64, count of each term in the training documents.
    described (ndarray | None): (K, t) int32, ids of the terms that describe each topic, best first.
    coherence (ndarray): (K,) float32, c_npmi of these terms in the training documents; NaN if it was not measured.
    terms (dict): how documents become terms (`TermReader.to_dict`); the rules alone for a model that was trained elsewhere.
    meta (dict): JSON values about the training: the trainer, its settings.
    """

    def __init__(
        self,
        phi: np.ndarray,
        alpha: np.ndarray,
        vocabulary: Sequence[str],
        *,
        names: Sequence[str] | None = None,
        prevalence: np.ndarray | None = None,
        term_frequency: np.ndarray | None = None,
        described: np.ndarray | None = None,
        coherence: np.ndarray | None = None,
        terms: Mapping[str, Any] | None = None,
        meta: Mapping[str, Any] | None = None,
    ) -> None:
        """Check and keep the arrays; rows of phi are normalised and floored at 1e-12.

        RAISES InputError: T001 to T007, shapes or values other than those described above.
        """
        self.phi = _topics(phi)
        topics, size = self.phi.shape
        self.alpha = _vector("alpha", alpha, topics, np.float32, least=1e-9)
        self.vocabulary = _strings(vocabulary, Errors.T003.format(size=size, got=_short(vocabulary)))
        if len(self.vocabulary) != size or len(set(self.vocabulary)) != size:
            raise InputError(Errors.T003.format(size=size, got=f"{len(self.vocabulary)}: {_short(vocabulary)}"))
        message = Errors.T004.format(what="names", topics=topics, got=_short(names))
        self.names = [""] * topics if names is None else _strings(names, message)
        if len(self.names) != topics:
            raise InputError(message)
        for name in self.names:
            self._check_name(name)
        share = self.alpha / self.alpha.sum() if prevalence is None else prevalence
        self.prevalence = _vector("prevalence", share, topics, np.float32)
        expected = np.rint(self.prevalence @ self.phi * 1e6) if term_frequency is None else term_frequency
        self.term_frequency = _vector("term_frequency", expected, size, np.int64)
        self.coherence = np.full(topics, np.nan, np.float32)
        if coherence is not None:
            self.coherence = _vector("coherence", np.nan_to_num(coherence, nan=-9), topics, np.float32, least=-10)
            self.coherence[self.coherence == -9] = np.nan
        self._described = None if described is None else _ids(described, topics, size)
        self.terms = _json("terms", {"rules": RULES} if terms is None else terms)
        self.meta = _json("meta", meta)
        self.word_topic = np.ascontiguousarray(self.phi.T)
        self.index = {term: i for i, term in enumerate(self.vocabulary)}

    @property
    def fingerprint(self) -> str:
        """SHA-256 of phi, alpha and vocabulary: models with the same fingerprint infer the same theta."""
        arrays = self.phi.tobytes() + self.alpha.tobytes()
        return hashlib.sha256(arrays + json.dumps(self.vocabulary).encode()).hexdigest()

    @property
    def rules(self) -> int:
        """The rules of reading and folding in that the model was made for: 1 before these were counted."""
        return self.terms.get("rules", 1)

    @property
    def num_topics(self) -> int:
        """K, the number of topics."""
        return len(self.alpha)

    @property
    def background(self) -> int | None:
        """The topic of what all documents say, None if there is none: what a document discusses is in the others."""
        return self.names.index(BACKGROUND) if BACKGROUND in self.names else None

    @property
    def labels(self) -> list[str]:
        """One string per topic: its name, if it has one, and the three terms that describe it best."""
        tops = [", ".join(self.top_words(topic, 3)) for topic in range(self.num_topics)]
        return [f"{name}: {top}" if name else top for name, top in zip(self.names, tops, strict=True)]

    def top_words(self, topic: int, count: int = 10, relevance: float | None = None) -> list[str]:
        """The terms that describe a topic best, best first: those in `described`, then others by relevance, in the form in
        which they are said most often.

        topic (int): 0 to K - 1.
        count (int): number of terms.
        relevance (float | None): ignore `described` and rank by relevance with this lambda; 1 ranks by probability.
        RAISES InputError: T005, an unknown topic.
        """
        shown = self.terms.get("shown", {})
        return [shown.get(term, term) for term in self.top_terms(topic, count, relevance)]

    def top_terms(self, topic: int, count: int = 10, relevance: float | None = None) -> list[str]:
        """The terms that describe a topic best, as they are in the vocabulary; otherwise as `top_words`.

        topic (int): 0 to K - 1.
        count (int): number of terms.
        relevance (float | None): as for `top_words`.
        RAISES InputError: T005, an unknown topic.
        """
        topic = self.check_topic(topic)
        ids = self.described[topic].tolist() if relevance is None else []
        if count > len(ids):
            order = self.relevance(RELEVANCE if relevance is None else relevance, topic).tolist()
            ids += [i for i in order if i not in ids]
        return [self.vocabulary[i] for i in ids[:count]]

    @property
    def described(self) -> np.ndarray:
        """(K, t) int32, ids of the terms that describe each topic, best first; by relevance if none were chosen."""
        if self._described is None:
            self._described = self.relevance(RELEVANCE)[:, :10].astype(np.int32)
        return self._described

    def describe(self, ids: np.ndarray, coherence: np.ndarray) -> None:
        """Set the terms that describe each topic.

        ids (ndarray): (K, t) ids of the terms, best first.
        coherence (ndarray): (K,) coherence of these terms.
        """
        self._described = _ids(ids, *self.phi.shape)
        self.coherence = np.asarray(coherence, np.float32)

    def summary(self, words: int = 10) -> list[dict[str, Any]]:
        """The topics as records, which `palate topics show` prints.

        words (int): number of words per topic.
        RETURNS (list): dicts of topic, name, words, weight (alpha), prevalence and coherence (None if it was not measured).
        """
        return [
            {
                "topic": k,
                "name": self.names[k],
                "words": self.top_words(k, words),
                "weight": round(float(self.alpha[k]), 4),
                "prevalence": round(float(self.prevalence[k]), 4),
                "coherence": None if np.isnan(self.coherence[k]) else round(float(self.coherence[k]), 4),
            }
            for k in range(self.num_topics)
        ]

    def relevance(self, weight: float, topics: int | slice = slice(None)) -> np.ndarray:
        """Term ids of topics by relevance (Sievert & Shirley 2014), best first.

        weight (float): lambda in lambda log p(w|k) + (1 - lambda) log p(w|k)/p(w).
        topics (int | slice): one topic, or several.
        RETURNS (ndarray): (V,) ids for one topic, (topics, V) for several.
        """
        share = self.phi[topics]
        seen = np.maximum(self.term_frequency, 1)  # a term that does not occur in training is rare, not infinitely telling
        lift = share / (seen / seen.sum())
        return np.argsort(-(weight * np.log(share) + (1 - weight) * np.log(lift)), axis=-1, kind="stable")

    def rename(self, topic: int, name: str) -> None:
        """Give a topic a name.

        topic (int): 0 to K - 1.
        name (str): one line of at most 80 characters; "" removes the name.
        RAISES InputError: T005, an unknown topic; T006, a name that is not such a line, or that another topic has.
        """
        topic = self.check_topic(topic)
        self._check_name(name, self.names[:topic] + self.names[topic + 1 :])
        self.names[topic] = name

    def _check_name(self, name: str, others: Sequence[str] = ()) -> None:
        if not isinstance(name, str) or len(name) > 80 or not name.isprintable() or name != name.strip():
            why = "a name is one printable line of at most 80 characters"
            raise InputError(Errors.T006.format(name=f"{name!s:.80}", why=why))
        if name and name in others:
            raise InputError(Errors.T006.format(name=name, why="another topic has it"))

    def bags(self, documents: Iterable[Iterable[str]]) -> Bags:
        """Documents as bags of the terms that are in the vocabulary.

        documents (Iterable): each a list of terms.
        RAISES InputError: T020, a document that is not a list of strings; T021, a document that is a string.
        """
        if isinstance(documents, str):
            raise InputError(Errors.T021.format(got=_short(documents)))
        rows, ids, number = [], [], -1
        for number, document in enumerate(documents):
            if isinstance(document, str):
                raise InputError(Errors.T021.format(got=_short(document)))
            try:
                known = [self.index[term] for term in document if _string(term) in self.index]
            except TypeError:
                raise InputError(Errors.T020.format(got=_short(document), number=number)) from None
            ids.append(np.array(known, np.int32))
            rows.append(np.full(len(known), number, np.int64))
        if not ids:
            return to_bags(np.zeros(0, np.int64), np.zeros(0, np.int32), 0)
        return to_bags(np.concatenate(rows), np.concatenate(ids), number + 1)

    def infer(self, documents: Iterable[Iterable[str]], method: str = "variational", seed: int = 0) -> np.ndarray:
        """Infer the topic proportions of documents.

        documents (Iterable): each a list of terms; unknown terms are skipped.
        method (str): "variational" or "gibbs", see `fold_in.infer_theta`.
        seed (int): random seed of "gibbs".
        RETURNS (ndarray): (D, K) float32, rows on the simplex; the prior's mean for a document without known terms.
        RAISES InputError: T020, T021, see `bags`; T022, an unknown method; T032, a seed out of range.
        """
        return self.infer_bags(self.bags(documents), method, seed)

    def infer_bags(self, bags: Bags, method: str = "variational", seed: int = 0) -> np.ndarray:
        """Infer the topic proportions of bags.

        bags (Bags): documents in the ids of this vocabulary.
        method (str): "variational" or "gibbs", see `fold_in.infer_theta`.
        seed (int): random seed of "gibbs".
        RETURNS (ndarray): (D, K) float32, as `infer`.
        RAISES InputError: T022, an unknown method; T032, a seed out of range.
        """
        if method not in METHODS:
            raise InputError(Errors.T022.format(what="inference", allowed=", ".join(METHODS), got=repr(method)))
        if not is_integer(seed, 0, 2**64 - 1):
            raise InputError(Errors.T032.format(what="seed", allowed="an integer from 0 to 2**64 - 1", got=repr(seed)))
        return infer_theta(self.word_topic, self.alpha, bags, method=method, seed=seed, rules=self.rules)

    def to_bytes(self) -> bytes:
        """The complete model as bytes: an envelope with a checksum, a JSON header, the arrays (little-endian).

        The same model gives the same bytes on every machine.
        """
        header = {"vocabulary": self.vocabulary, "names": self.names, "terms": self.terms, "meta": self.meta}
        text = json.dumps(header, ensure_ascii=True, sort_keys=True).encode()
        arrays = [getattr(self, name) for name in _ARRAYS]
        sizes = (*self.phi.shape, self.described.shape[1])
        parts = [struct.pack("<QQQQ", len(text), *sizes), text]
        parts += [array.astype(dtype).tobytes() for array, (dtype, _) in zip(arrays, _layout(*sizes), strict=True)]
        return ENVELOPE.pack(b"".join(parts))

    @classmethod
    def from_bytes(cls, data: bytes, source: str = "the data") -> "TopicModel":
        """Read what `to_bytes` returned; nothing is parsed before the checksum is verified.

        data (bytes): the model.
        source (str): what messages call the data.
        RAISES InputError: T010, another kind of file; T011, a damaged file; T012, a newer format.
        """
        payload = ENVELOPE.unpack(data, source)
        try:
            return cls._parse(payload)
        except (
            struct.error,
            KeyError,
            TypeError,
            ValueError,
            OverflowError,
            RecursionError,
        ) as error:  # only possible in a file forged with a correct checksum
            raise ENVELOPE.foreign(source) from error

    @classmethod
    def _parse(cls, payload: memoryview) -> "TopicModel":
        text, *sizes = struct.unpack_from("<QQQQ", payload)
        header, position = json.loads(bytes(payload[32 : 32 + text])), 32 + text
        arrays: dict[str, Any] = {}
        for name, (dtype, shape) in zip(_ARRAYS, _layout(*sizes), strict=True):
            count = int(np.prod(shape))
            arrays[name] = np.frombuffer(payload, dtype, count, position).reshape(shape)
            position += arrays[name].nbytes
        return cls(**arrays, **header)

    def save(self, path: str | Path) -> None:
        """Write the model to a file, by one rename.

        path (str | Path): the file.
        RAISES OSError: the file cannot be written; an old file stays as it was.
        """
        write_bytes(path, self.to_bytes())

    @classmethod
    def load(cls, path: str | Path) -> "TopicModel":
        """Read a model from a file.

        path (str | Path): the file.
        RAISES InputError: T010, T011, T012, see `from_bytes`.
        RAISES OSError: the file cannot be read.
        """
        return cls.from_bytes(Path(path).read_bytes(), source=str(path))

    def check_topic(self, topic: int) -> int:
        """The number of a topic. RAISES InputError: T005, an unknown topic."""
        if not isinstance(topic, int | np.integer) or not 0 <= topic < self.num_topics:
            raise InputError(Errors.T005.format(topic=topic, last=self.num_topics - 1))
        return int(topic)


_ARRAYS = ("phi", "alpha", "prevalence", "term_frequency", "described", "coherence")


def _layout(topics: int, terms: int, described: int) -> list[tuple[str, tuple[int, ...]]]:
    """dtype and shape of each of _ARRAYS on disk."""
    return [
        ("<f4", (topics, terms)),
        ("<f4", (topics,)),
        ("<f4", (topics,)),
        ("<i8", (terms,)),
        ("<i4", (topics, described)),
        ("<f4", (topics,)),
    ]


def _topics(phi: np.ndarray) -> np.ndarray:
    try:
        phi = np.asarray(phi, np.float64)
        good = phi.ndim == 2 and phi.size > 0 and np.isfinite(phi).all() and (phi >= 0).all() and phi.sum(axis=1).all()
        good = good and np.isfinite(phi.sum(axis=1)).all()
    except (TypeError, ValueError):
        good = False
    if not good:
        raise InputError(Errors.T001.format(got=_short(phi)))
    total = phi.sum(axis=1, keepdims=True)
    phi = np.where(abs(total - 1) < 1e-5, phi, phi / total)  # normalised rows keep their bits, so that files round-trip
    return np.maximum(phi, _FLOOR).astype(np.float32)


def _vector(what: str, values: Any, size: int, dtype: type, least: float = 0.0) -> np.ndarray:
    """A copy of `values`, which must be `size` finite numbers of at least `least`."""
    try:
        exact = np.asarray(values, np.float64)
        good = exact.shape == (size,) and np.isfinite(exact).all() and (exact >= least).all() and (exact < 1e18).all()
    except (TypeError, ValueError, OverflowError):
        good = False
    if not good:
        raise InputError(Errors.T002.format(what=what, size=size, least=least, got=_short(values)))
    return exact.astype(dtype)


def _ids(values: Any, topics: int, size: int) -> np.ndarray:
    try:
        ids = np.asarray(values, np.int32)
    except (TypeError, ValueError, OverflowError):
        ids = np.zeros(0, np.int32)
    if ids.ndim != 2 or len(ids) != topics or (ids < 0).any() or (ids >= size).any():
        raise InputError(Errors.T007.format(what="described", allowed=f"{topics} rows of term ids", got=_short(values)))
    return ids


def _json(what: str, value: Mapping[str, Any] | None) -> dict[str, Any]:
    try:
        json.dumps(value, allow_nan=True)
        return dict(value or {})
    except (TypeError, ValueError):
        raise InputError(Errors.T007.format(what=what, allowed="what JSON can hold", got=_short(value))) from None


def _strings(values: Any, message: str) -> list[str]:
    try:
        strings = list(values)
    except TypeError:
        raise InputError(message) from None
    if isinstance(values, str) or not all(isinstance(value, str) for value in strings):
        raise InputError(message)
    return strings


def _string(term: Any) -> str:
    if not isinstance(term, str):
        raise TypeError
    return term


def _short(value: Any) -> str:
    if isinstance(value, np.ndarray):
        return f"an array of shape {value.shape}" if value.size > 8 else str(value.tolist())
    text = " ".join(repr(value).split())
    return text if len(text) <= 60 else f"{text[:57]}…"

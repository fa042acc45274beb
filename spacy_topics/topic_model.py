"""A topic model is three arrays: a vocabulary, p(term | topic), and a prior. Trainers make one, the rest reads one."""

import hashlib
import json
import struct
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from corpora.files import write_bytes
from spacy_topics.errors import Errors, InputError
from spacy_topics.fold_in import METHODS, Bags, fold_in, to_bags

FORMAT = 1
RELEVANCE = 0.8  # lambda of Sievert & Shirley (2014): chosen on M10, see projects/topics/RESULTS.md
_MAGIC = b"palate topics\n"
_ENVELOPE = struct.Struct("<14sHQ32s")  # magic, format, length of the payload, SHA-256 of all that stands around it
_FLOOR = 1e-12  # a topic may find a term unlikely, never impossible: one such term would decide a document alone


class TopicModel:
    """Topics over a vocabulary, however they were trained.

    phi (ndarray): (K, V) float32, rows on the simplex: p(term | topic).
    alpha (ndarray): (K,) float32, Dirichlet prior over the topics of a document.
    vocabulary (list): V terms; a phrase has its words joined by a blank.
    names (list): K names, "" where a topic has none.
    prevalence (ndarray): (K,) float32, share of the training terms that each topic explains.
    term_frequency (ndarray): (V,) int64, count of each term in the training documents.
    described (ndarray): (K, t) int32, ids of the terms that describe each topic, best first; t may be 0.
    coherence (ndarray): (K,) float32, c_npmi of these terms in the training documents; NaN where not measured.
    terms (dict): how documents become terms (`TermReader.to_dict`); {} where the model was made elsewhere.
    meta (dict): what trained it, with which settings; JSON.
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
        """Check and keep the arrays; rows of phi are normalised, and floored at 1e-12.

        RAISES InputError: T001 to T004, where shapes or values are not as the class says.
        """
        self.phi = _topics(phi)
        topics, size = self.phi.shape
        self.alpha = _vector(alpha, topics, Errors.T002.format(topics=topics, got=_short(alpha)), above=0.0)
        self.vocabulary = list(vocabulary)
        if len(self.vocabulary) != size or len(set(self.vocabulary)) != size or not _strings(self.vocabulary):
            raise InputError(Errors.T003.format(size=size, got=f"{len(self.vocabulary)}: {_short(self.vocabulary)}"))
        self.names = list(names) if names is not None else [""] * topics
        if len(self.names) != topics or not _strings(self.names):
            raise InputError(Errors.T004.format(what="names", topics=topics, got=_short(self.names)))
        share = self.alpha / self.alpha.sum() if prevalence is None else prevalence
        self.prevalence = _vector(share, topics, Errors.T002.format(topics=topics, got=_short(share)), above=-1.0)
        expected = np.rint(self.prevalence @ self.phi * 1e6) if term_frequency is None else term_frequency
        self.term_frequency = np.asarray(expected, np.int64)
        if self.term_frequency.shape != (size,):
            raise InputError(Errors.T003.format(size=size, got=f"frequencies of shape {self.term_frequency.shape}"))
        self.described = np.zeros((topics, 0), np.int32) if described is None else np.asarray(described, np.int32)
        self.coherence = np.full(topics, np.nan, np.float32) if coherence is None else np.asarray(coherence, np.float32)
        self.terms = dict(terms or {})
        self.meta = dict(meta or {})
        self.word_topic = np.ascontiguousarray(self.phi.T)
        self.index = {term: i for i, term in enumerate(self.vocabulary)}

    @property
    def num_topics(self) -> int:
        return len(self.alpha)

    @property
    def labels(self) -> list[str]:
        """One string a topic: its name, where it has one, and its three most relevant terms."""
        tops = [", ".join(self.top_words(topic, 3)) for topic in range(self.num_topics)]
        return [f"{name}: {top}" if name else top for name, top in zip(self.names, tops, strict=True)]

    def top_words(self, topic: int, count: int = 10, relevance: float | None = None) -> list[str]:
        """The terms that describe a topic best, best first: those `described`, then by relevance.

        topic (int): 0 to K - 1.
        count (int): how many.
        relevance (float | None): rank by relevance with this lambda alone; 1 ranks by probability.
        RAISES InputError: T005, no such topic.
        """
        topic = self._topic(topic)
        first = self.described[topic].tolist() if relevance is None else []
        order = self.relevance(RELEVANCE if relevance is None else relevance, topic)
        return [self.vocabulary[i] for i in [*first, *(i for i in order.tolist() if i not in first)][:count]]

    def relevance(self, weight: float, topics: int | slice = slice(None)) -> np.ndarray:
        """Term ids of topics by relevance (Sievert & Shirley 2014), best first.

        weight (float): lambda in lambda log p(w|k) + (1 - lambda) log p(w|k)/p(w).
        topics (int | slice): which; RETURNS (ndarray): (V,) or (topics, V) ids.
        """
        share = self.phi[topics]
        seen = np.maximum(self.term_frequency, 1)  # a term never seen in fitting is rare, not infinitely telling
        lift = share / (seen / seen.sum())
        return np.argsort(-(weight * np.log(share) + (1 - weight) * np.log(lift)), axis=-1, kind="stable")

    def rename(self, topic: int, name: str) -> None:
        """Give a topic a name; "" takes it away.

        RAISES InputError: T005, no such topic; T006, a name with line breaks or one that another topic has.
        """
        topic = self._topic(topic)
        if name and name in self.names[:topic] + self.names[topic + 1 :]:
            raise InputError(Errors.T006.format(name=name, why=f"topic {self.names.index(name)} has it"))
        if len(name) > 80 or not name.isprintable():
            raise InputError(Errors.T006.format(name=name[:80], why="a name is one printable line of 80 characters at most"))
        self.names[topic] = name

    def bags(self, documents: Iterable[Iterable[str]]) -> Bags:
        """Documents, each a list of terms, as bags of the terms that the vocabulary has.

        RAISES InputError: T020, T021: a document that is a string, or holds something else than strings.
        """
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
        """Topic proportions of documents, each a list of terms; unknown terms are passed over.

        method (str): "variational" or "gibbs", see `fold_in`.
        seed (int): for "gibbs".
        RETURNS (ndarray): (D, K) float32, rows on the simplex; the prior's mean for a document without a known term.
        RAISES InputError: T020, T021 (see `bags`), T022 (method), T032 (seed).
        """
        return self.infer_bags(self.bags(documents), method, seed)

    def infer_bags(self, bags: Bags, method: str = "variational", seed: int = 0) -> np.ndarray:
        """As `infer`, of documents that are bags of this vocabulary already."""
        if method not in METHODS:
            raise InputError(Errors.T022.format(what="inference", allowed=", ".join(METHODS), got=repr(method)))
        if not isinstance(seed, int) or not 0 <= seed < 2**64:
            raise InputError(Errors.T032.format(what="seed", allowed="a whole number from 0 to 2**64 - 1", got=repr(seed)))
        return fold_in(self.word_topic, self.alpha, bags, method=method, seed=seed)

    def to_bytes(self) -> bytes:
        """The whole model as bytes: an envelope with a checksum, a JSON header, the arrays (little-endian).

        One model has one byte form, wherever and whenever it is written.
        """
        header = {"vocabulary": self.vocabulary, "names": self.names, "terms": self.terms, "meta": self.meta}
        text = json.dumps(header, ensure_ascii=True, sort_keys=True).encode()
        arrays = [getattr(self, name) for name in _ARRAYS]
        sizes = (*self.phi.shape, self.described.shape[1])
        parts = [struct.pack("<QQQQ", len(text), *sizes), text]
        parts += [array.astype(dtype).tobytes() for array, (dtype, _) in zip(arrays, _layout(*sizes), strict=True)]
        payload = b"".join(parts)
        return _ENVELOPE.pack(_MAGIC, FORMAT, len(payload), _digest(FORMAT, payload)) + payload

    @classmethod
    def from_bytes(cls, data: bytes, source: str = "the data") -> "TopicModel":
        """Read what `to_bytes` made; nothing is parsed before the checksum holds.

        RAISES InputError: T010, another kind of file; T011, damaged; T012, of a newer format.
        """
        if len(data) < _ENVELOPE.size or not data.startswith(_MAGIC):
            kind = Errors.T011 if data and _MAGIC.startswith(data[: len(_MAGIC)]) else Errors.T010
            raise InputError(kind.format(source=source))
        _, version, length, digest = _ENVELOPE.unpack_from(data)
        payload = memoryview(data)[_ENVELOPE.size :]
        if length != len(payload) or digest != _digest(version, payload):
            raise InputError(Errors.T011.format(source=source))
        if version > FORMAT:
            raise InputError(Errors.T012.format(source=source, found=version, known=FORMAT))
        try:
            return cls._parse(payload)
        except (struct.error, KeyError, TypeError, ValueError) as error:  # only of a file forged with a right checksum
            raise InputError(Errors.T010.format(source=source)) from error

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
        """Write the model to one file, by one rename. RAISES OSError: as the system says; the old file stands then."""
        write_bytes(path, self.to_bytes())

    @classmethod
    def load(cls, path: str | Path) -> "TopicModel":
        """Read a model's file. RAISES InputError: T010, T011, T012, T051."""
        try:
            return cls.from_bytes(Path(path).read_bytes(), source=str(path))
        except (FileNotFoundError, IsADirectoryError):
            raise InputError(Errors.T051.format(path=path)) from None

    def _topic(self, topic: int) -> int:
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


def _digest(version: int, payload: bytes | memoryview) -> bytes:
    digest = hashlib.sha256(_MAGIC + struct.pack("<HQ", version, len(payload)))
    digest.update(payload)
    return digest.digest()


def _topics(phi: np.ndarray) -> np.ndarray:
    try:
        phi = np.asarray(phi, np.float64)
        good = phi.ndim == 2 and phi.size > 0 and np.isfinite(phi).all() and (phi >= 0).all() and phi.sum(axis=1).all()
    except (TypeError, ValueError):
        good = False
    if not good:
        raise InputError(Errors.T001.format(got=_short(phi)))
    total = phi.sum(axis=1, keepdims=True)
    phi = np.where(abs(total - 1) < 1e-5, phi, phi / total)  # what is normalised keeps its bits: files round-trip
    return np.maximum(phi, _FLOOR).astype(np.float32)


def _vector(values: Any, size: int, message: str, above: float) -> np.ndarray:
    try:
        vector = np.array(values, np.float32)
    except (TypeError, ValueError):
        raise InputError(message) from None
    if vector.shape != (size,) or not np.isfinite(vector).all() or not (vector > above).all():
        raise InputError(message)
    return vector


def _strings(values: Iterable[Any]) -> bool:
    return all(isinstance(value, str) for value in values)


def _string(term: Any) -> str:
    if not isinstance(term, str):
        raise TypeError
    return term


def _short(value: Any) -> str:
    if isinstance(value, np.ndarray):
        return f"an array of shape {value.shape}" if value.size > 8 else str(value.tolist())
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}…"

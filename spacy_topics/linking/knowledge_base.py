"""Restaurants as spaCy's InMemoryLookupKB, the vector of each being its topic profile."""

import math
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import srsly
from spacy.kb import InMemoryLookupKB
from spacy.tokenizer import Tokenizer
from spacy.vocab import Vocab

from corpora.businesses import Business
from corpora.cuisines import cuisines
from corpora.files import write_bytes
from corpora.reviews import Review
from spacy_topics.envelope import Envelope
from spacy_topics.errors import Errors, InputError
from spacy_topics.lexicon import clues, entries, find, words
from spacy_topics.linking.names import aliases, city_key
from spacy_topics.predict import predict
from spacy_topics.terms.reader import TermReader
from spacy_topics.topic_model import TopicModel

ENVELOPE = Envelope(b"palate places\n", 1, "knowledge base", "palate restaurants build")
_NAME_WEIGHT = 2.0  # the topics of a restaurant's name count in its profile as much as so many reviews
_BATCH = 256


class Restaurant(NamedTuple):
    """A restaurant that can be linked to; city "" where it is not known."""

    id: str
    name: str
    city: str


class KnowledgeBase:
    """Restaurants by the names that people call them, each with a topic profile.

    kb (InMemoryLookupKB): entities with their number of reviews and their profile, (K,) on the simplex; aliases are keys
        as `names.name_key` makes them, with the probability of each restaurant that is called so.
    restaurants (Mapping): Restaurant by id.
    aliases (Iterable): all aliases.
    fingerprint (str): of the topic model whose topics the profiles are over.
    """

    def __init__(
        self, kb: InMemoryLookupKB, restaurants: Mapping[str, Restaurant], aliases: Iterable[str], fingerprint: str
    ) -> None:
        self.kb = kb
        self.restaurants = dict(restaurants)
        self.aliases = list(aliases)
        self.fingerprint = fingerprint
        self.rows = list(self.restaurants.values())
        self.index = {restaurant: row for row, restaurant in enumerate(self.restaurants)}
        self.profiles = np.array(kb.get_vectors(list(self.restaurants)), np.float32)
        self.cities = {city_key(restaurant.city) for restaurant in self.rows if restaurant.city}

    @classmethod
    def build(
        cls,
        model: TopicModel,
        tokenizer: Tokenizer,
        businesses: Iterable[Business],
        reviews: Iterable[Review] = (),
        reader: TermReader | None = None,
    ) -> "KnowledgeBase":
        """Make a knowledge base in one call.

        model (TopicModel): whose topics the profiles are over.
        tokenizer (Tokenizer): splits texts into tokens, such as `nlp.tokenizer`; the knowledge base shares its vocabulary.
        businesses (Iterable): such as `read_businesses` yields; those without a name are left out.
        reviews (Iterable): their business_id says which profile they go into. A restaurant without a review gets the
            topics of its name, its kind and the dishes of the cuisines that these suggest.
        reader (TermReader | None): the model's, where the caller has it already.
        RAISES InputError: T076, no business has a name.
        """
        reader = reader or TermReader.from_dict(model.terms, model.vocabulary)
        restaurants, kinds = {}, {}
        for business in businesses:
            if words(business.name):
                restaurants[business.id] = Restaurant(business.id, business.name, business.city or "")
                kinds[business.id] = f"{business.name}. {business.kind or ''}"
        if not restaurants:
            raise InputError(Errors.T076)
        known = [review for review in reviews if review.business_id in restaurants]

        def theta(texts: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
            return _theta(model, reader, tokenizer, texts)

        profiles, counts = _profiles(theta, kinds, known)
        kb = InMemoryLookupKB(tokenizer.vocab, entity_vector_length=model.num_topics)
        kb.set_entities(list(restaurants), [1 + int(count) for count in counts], profiles.tolist())
        called: dict[str, dict[str, float]] = {}
        for restaurant, count in zip(restaurants.values(), counts, strict=True):
            for alias, weight in aliases(restaurant.name, restaurant.city).items():
                called.setdefault(alias, {})[restaurant.id] = weight * (1 + count)
        for alias, shares in called.items():
            total = math.fsum(shares.values()) * (1 + 1e-6)  # spaCy refuses sums over 1
            kb.add_alias(alias, list(shares), [share / total for share in shares.values()])
        return cls(kb, restaurants, called, model.fingerprint)

    def to_bytes(self) -> bytes:
        """The whole knowledge base as bytes, with a checksum."""
        payload = {
            "kb": self.kb.to_bytes(),
            "width": self.kb.entity_vector_length,
            "houses": [list(restaurant) for restaurant in self.rows],
            "aliases": self.aliases,
            "topics": self.fingerprint,
        }
        return ENVELOPE.pack(srsly.msgpack_dumps(payload))

    @classmethod
    def from_bytes(cls, data: bytes, vocab: Vocab, source: str = "the data") -> "KnowledgeBase":
        """Read what `to_bytes` made. RAISES InputError: T010 another kind, T011 damaged, T012 of a newer format."""
        packed = bytes(ENVELOPE.unpack(data, source))
        try:
            payload = srsly.msgpack_loads(packed)
            restaurants = {row[0]: Restaurant(*row) for row in payload["houses"]}
            width, aliases, contents, topics = (payload[key] for key in ("width", "aliases", "kb", "topics"))
        except (KeyError, TypeError, ValueError, IndexError) as error:  # only of a file forged with a right checksum
            raise ENVELOPE.foreign(source) from error
        for string in (*restaurants, *aliases):
            vocab.strings.add(string)
        kb = InMemoryLookupKB(vocab, entity_vector_length=width)
        kb.from_bytes(contents)
        return cls(kb, restaurants, aliases, topics)

    def save(self, path: str | Path) -> None:
        """Write one file, by one rename. RAISES OSError: as the system says; the old file stands then."""
        write_bytes(path, self.to_bytes())

    @classmethod
    def load(cls, path: str | Path, vocab: Vocab) -> "KnowledgeBase":
        """Read a file. RAISES InputError: as `from_bytes`. OSError: as the system says."""
        return cls.from_bytes(Path(path).read_bytes(), vocab, str(path))


def _profiles(theta: Any, kinds: dict[str, str], reviews: list[Review]) -> tuple[np.ndarray, np.ndarray]:
    """Profiles (N, K) and number of reviews (N,) of restaurants, whose name and kind are given by id."""
    row_of = {restaurant: i for i, restaurant in enumerate(kinds)}
    profiles = theta([_description(kind) for kind in kinds.values()])[0] * _NAME_WEIGHT
    rows = np.array([row_of[review.business_id or ""] for review in reviews], np.int64)
    topics, known_terms = theta([review.text for review in reviews])
    has_terms = known_terms > 0
    np.add.at(profiles, rows[has_terms], topics[has_terms])
    return profiles / profiles.sum(axis=1, keepdims=True), np.bincount(rows, minlength=len(kinds))


def _theta(model: TopicModel, reader: TermReader, tokenizer: Tokenizer, texts: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
    """(N, K) topics and (N,) numbers of known terms of texts."""
    theta = [np.zeros((0, model.num_topics))]
    known_terms = [np.zeros(0, np.int64)]
    for start in range(0, len(texts), _BATCH):
        prediction = predict(model, reader, [tokenizer(text) for text in texts[start : start + _BATCH]])
        theta.append(prediction.theta.astype(np.float64))
        known_terms.append(prediction.known_terms)
    return np.concatenate(theta), np.concatenate(known_terms)


def _description(kind: str) -> str:
    """A name and kind with the dishes of the cuisines that they suggest."""
    given = words(kind)
    suggested: dict[str, Any] = dict.fromkeys(cuisine for key in find(given, clues()) for cuisine in clues()[key])
    suggested |= dict.fromkeys(
        c for key in find(given, entries()) for c in entries()[key].cuisines if len(entries()[key].cuisines) < 3
    )
    return ". ".join([kind, *(dish for cuisine in suggested for dish in cuisines()[cuisine].dishes[:20])])

"""Restaurants as spaCy's InMemoryLookupKB, in which the vector of a restaurant is its topic profile."""

import math
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import srsly
from spacy.kb import InMemoryLookupKB
from spacy.tokenizer import Tokenizer
from spacy.vocab import Vocab

from corpora.businesses import Business
from corpora.files import write_bytes
from corpora.reviews import Review
from spacy_topics.envelope import Envelope
from spacy_topics.errors import Errors, InputError
from spacy_topics.lexicon import Lexicon, find, lexicon, words
from spacy_topics.linking.directory import Directory
from spacy_topics.linking.names import aliases, city_key
from spacy_topics.predict import predict
from spacy_topics.terms.reader import TermReader
from spacy_topics.topic_model import TopicModel

ENVELOPE = Envelope(b"palate places\n", 1, "knowledge base", "palate restaurants build")
_NAME_WEIGHT = 2.0  # in a restaurant's profile, the topics of its name count as much as so many reviews
_TELLING = 3  # words that so many cuisines list suggest none of them
_BATCH = 256


class Restaurant(NamedTuple):
    """A restaurant that mentions can be linked to.

    id (str): its id.
    name (str): its name.
    city (str): its city; "" if it is not known.
    """

    id: str
    name: str
    city: str


class KnowledgeBase:
    """Restaurants by the names that people use for them, each with a topic profile.

    kb (InMemoryLookupKB): entities with 1 + their number of reviews, and their profile, (K,) on the simplex; aliases in the
        form of `names.name_key`, with the probability of each restaurant of this name.
    restaurants (Mapping): Restaurant by id.
    aliases (Iterable): all aliases.
    fingerprint (str): fingerprint of the topic model of the profiles.
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

    @cached_property
    def directory(self) -> Directory:
        """Finds the restaurants by id, or by name and city."""
        return Directory(self.rows)

    @property
    def reviews(self) -> int:
        """Number of the reviews whose topics are in the profiles."""
        called = (candidate for alias in self.aliases for candidate in self.kb.get_alias_candidates(alias))
        return sum({candidate.entity: int(candidate.entity_freq) - 1 for candidate in called}.values())

    @classmethod
    def build(
        cls,
        model: TopicModel,
        tokenizer: Tokenizer,
        businesses: Iterable[Business],
        reviews: Iterable[Review] = (),
        reader: TermReader | None = None,
        known: Lexicon | None = None,
    ) -> "KnowledgeBase":
        """Build a knowledge base.

        model (TopicModel): the topics of the profiles.
        tokenizer (Tokenizer): splits texts into tokens, such as `nlp.tokenizer`; the knowledge base shares its vocabulary.
        businesses (Iterable): Businesses, as `read_businesses` yields them; those without a name are left out.
        reviews (Iterable): Reviews, whose topics count for the profile of the restaurant with their business_id, else with
            their name and city (see `directory.Directory`). Every profile also counts the topics of the name, the kind and the
            dishes of the cuisines that these suggest.
        reader (TermReader | None): the model's reader, if the caller has it already.
        known (Lexicon | None): the words of the cuisines; None for those that ship with palate.
        RAISES InputError: T076, no business has a name.
        """
        reader = reader or TermReader.from_dict(model.terms, model.vocabulary)
        restaurants, kinds = {}, {}
        for business in businesses:
            if words(business.name):
                restaurants[business.id] = Restaurant(business.id, business.name, business.city or "")
                kinds[business.id] = _description(f"{business.name}. {business.kind or ''}", known or lexicon())
        if not restaurants:
            raise InputError(Errors.T076)
        restaurant_of = Directory(restaurants.values()).find
        pairs = ((review, restaurant_of(review.business_id, review.name, review.city)) for review in reviews)
        own = [review._replace(business_id=restaurant) for review, restaurant in pairs if restaurant]

        def theta(texts: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
            return _theta(model, reader, tokenizer, texts)

        profiles, counts = _profiles(theta, kinds, own)
        kb = InMemoryLookupKB(tokenizer.vocab, entity_vector_length=model.num_topics)
        # spaCy writes vectors with as many decimals as this: what is built and what is read are the same.
        kb.set_entities(list(restaurants), [1 + int(count) for count in counts], profiles.round(9).tolist())
        shares_of: dict[str, dict[str, float]] = {}
        for restaurant, count in zip(restaurants.values(), counts, strict=True):
            for alias, weight in aliases(restaurant.name, restaurant.city).items():
                shares_of.setdefault(alias, {})[restaurant.id] = weight * (1 + count)
        for alias, shares in shares_of.items():
            total = math.fsum(shares.values()) * (1 + 1e-6)  # spaCy refuses probabilities with a sum above 1
            kb.add_alias(alias, list(shares), [share / total for share in shares.values()])
        return cls(kb, restaurants, shares_of, model.fingerprint)

    def to_bytes(self) -> bytes:
        """The knowledge base as bytes, with a checksum."""
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
        """Read what `to_bytes` returned.

        data (bytes): the knowledge base.
        vocab (Vocab): the vocabulary that it shares.
        source (str): what messages call the data.
        RAISES InputError: T010, another kind of file; T011, a damaged file; T012, a newer format.
        """
        packed = bytes(ENVELOPE.unpack(data, source))
        try:
            payload = srsly.msgpack_loads(packed)
            restaurants = {row[0]: Restaurant(*row) for row in payload["houses"]}
            width, aliases = payload["width"], payload["aliases"]
            contents, topics = payload["kb"], payload["topics"]
        except (KeyError, TypeError, ValueError, IndexError) as error:  # only possible in a file forged with a correct checksum
            raise ENVELOPE.foreign(source) from error
        for string in (*restaurants, *aliases):
            vocab.strings.add(string)
        kb = InMemoryLookupKB(vocab, entity_vector_length=width)
        kb.from_bytes(contents)
        return cls(kb, restaurants, aliases, topics)

    def save(self, path: str | Path) -> None:
        """Write the knowledge base to a file, by one rename.

        path (str | Path): the file.
        RAISES OSError: the file cannot be written; an old file stays as it was.
        """
        write_bytes(path, self.to_bytes())

    @classmethod
    def load(cls, path: str | Path, vocab: Vocab) -> "KnowledgeBase":
        """Read a knowledge base from a file.

        path (str | Path): the file.
        vocab (Vocab): the vocabulary that it shares.
        RAISES InputError: T010 to T012, see `from_bytes`.
        RAISES OSError: the file cannot be read.
        """
        return cls.from_bytes(Path(path).read_bytes(), vocab, str(path))


def _profiles(theta: Any, kinds: dict[str, str], reviews: list[Review]) -> tuple[np.ndarray, np.ndarray]:
    """Profiles and numbers of reviews of restaurants.

    theta (Callable): returns the topics of texts and their numbers of known terms.
    kinds (dict): description of each restaurant, by id (see `_description`).
    reviews (list): Reviews of these restaurants.
    RETURNS (tuple): (N, K) profiles, and (N,) numbers of reviews.
    """
    row_of = {restaurant: i for i, restaurant in enumerate(kinds)}
    profiles = theta(list(kinds.values()))[0] * _NAME_WEIGHT
    rows = np.array([row_of[review.business_id or ""] for review in reviews], np.int64)
    topics, known_terms = theta([review.text for review in reviews])
    has_terms = known_terms > 0
    np.add.at(profiles, rows[has_terms], topics[has_terms])
    return profiles / profiles.sum(axis=1, keepdims=True), np.bincount(rows, minlength=len(kinds))


def _theta(model: TopicModel, reader: TermReader, tokenizer: Tokenizer, texts: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
    """(N, K) topics of texts, and (N,) their numbers of known terms."""
    theta = [np.zeros((0, model.num_topics))]
    known_terms = [np.zeros(0, np.int64)]
    for start in range(0, len(texts), _BATCH):
        prediction = predict(model, reader, [tokenizer(text) for text in texts[start : start + _BATCH]])
        theta.append(prediction.theta.astype(np.float64))
        known_terms.append(prediction.known_terms)
    return np.concatenate(theta), np.concatenate(known_terms)


def _description(kind: str, known: Lexicon) -> str:
    """A name and kind with the dishes of the cuisines that they suggest."""
    text = words(kind)
    suggested: dict[str, Any] = dict.fromkeys(cuisine for key in find(text, known.clues) for cuisine in known.clues[key])
    listed = [known.entries[key].cuisines for key in find(text, known.entries)]
    suggested |= dict.fromkeys(cuisine for some in listed if len(some) < _TELLING for cuisine in some)
    return ". ".join([kind, *(dish for cuisine in suggested for dish in known.cuisines[cuisine].dishes[:20])])

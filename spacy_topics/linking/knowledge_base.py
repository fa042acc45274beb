"""Restaurants as spaCy's InMemoryLookupKB, the vector of each being its topic profile."""

import math
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import srsly
from spacy.kb import InMemoryLookupKB
from spacy.language import Language
from spacy.vocab import Vocab

from corpora.businesses import Business
from corpora.cuisines import cuisines
from corpora.files import write_bytes
from corpora.reviews import Review
from spacy_topics.envelope import Envelope
from spacy_topics.errors import Errors, InputError
from spacy_topics.lexicon import clues, entries, find, words
from spacy_topics.pipeline.lda_topics import LdaTopics

# Words of a name that tell what kind of place it is, not which: people leave them out.
GENERIC = frozenset(
    words(
        "and bar bistro brasserie cafe caffe cantina co company cuisine deli diner eatery factory food grill grille house inn"
        " joint kitchen lounge no of original osteria pizzeria place pub restaurant restaurante ristorante room shack shop spot"
        " taqueria tavern taverna the trattoria"
    )
)
ENVELOPE = Envelope(b"palate places\n", 1, "knowledge base", "palate restaurants build")
_SHORT = 0.5  # a shortened name counts half of a full one
_SHRINK = 2.0  # a profile weighs its restaurant's name as so many reviews


class House(NamedTuple):
    """A restaurant that can be linked to; city "" where it is not known."""

    id: str
    name: str
    city: str


class KnowledgeBase:
    """Restaurants by the names that people call them, each with a topic profile.

    kb (InMemoryLookupKB): entities with their number of reviews and their profile, (K,) on the simplex; aliases are keys
        as `lexicon.words` makes them, joined by blanks, with the probability of each restaurant that is called so.
    houses (dict): House by id. fingerprint (str): of the topic model whose topics the profiles are over.
    """

    def __init__(self, kb: InMemoryLookupKB, houses: Mapping[str, House], aliases: Iterable[str], fingerprint: str) -> None:
        self.kb = kb
        self.houses = dict(houses)
        self.aliases = list(aliases)
        self.fingerprint = fingerprint
        self.order = list(self.houses.values())
        self.row = {house: i for i, house in enumerate(self.houses)}
        self.profiles = np.array(kb.get_vectors(list(self.houses)), np.float32)
        self.cities = {city_key(house.city) for house in self.houses.values() if house.city}

    @classmethod
    def build(cls, nlp: Language, businesses: Iterable[Business], reviews: Iterable[Review] = ()) -> "KnowledgeBase":
        """Make a knowledge base in one call.

        nlp (Language): a pipeline whose lda_topics has a model; nothing else of it is run.
        businesses (Iterable): such as `read_businesses` yields; those without a name are left out.
        reviews (Iterable): their business_id says which profile they go into. A restaurant without a review gets the
            topics of its name, its kind and the dishes of the cuisines that these give away.
        RAISES InputError: T075, no topic model; T076, no business has a name.
        """
        topics = topics_of(nlp, "the knowledge base")
        houses, kinds = {}, {}
        for business in businesses:
            if words(business.name):
                houses[business.id] = House(business.id, business.name, business.city or "")
                kinds[business.id] = f"{business.name}. {business.kind or ''}"
        if not houses:
            raise InputError(Errors.T076)
        known = [review for review in reviews if review.business_id in houses]
        profiles, counts = _profiles(nlp, topics, kinds, known)
        kb = InMemoryLookupKB(nlp.vocab, entity_vector_length=topics.topic_model.num_topics)
        kb.set_entities(list(houses), [1 + int(count) for count in counts], profiles.tolist())
        called: dict[str, dict[str, float]] = {}
        for house, count in zip(houses.values(), counts, strict=True):
            for alias, weight in aliases(house.name, house.city).items():
                called.setdefault(alias, {})[house.id] = weight * (1 + count)
        for alias, shares in called.items():
            total = math.fsum(shares.values()) * (1 + 1e-6)  # spaCy refuses sums over 1
            kb.add_alias(alias, list(shares), [share / total for share in shares.values()])
        return cls(kb, houses, called, topics.topic_model.fingerprint)

    def to_bytes(self) -> bytes:
        """The whole knowledge base as bytes, with a checksum."""
        strings = [list(house) for house in self.houses.values()]
        payload = {
            "kb": self.kb.to_bytes(),
            "width": self.kb.entity_vector_length,
            "houses": strings,
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
            houses = {row[0]: House(*row) for row in payload["houses"]}
            width, aliases, contents, topics = (payload[key] for key in ("width", "aliases", "kb", "topics"))
        except (KeyError, TypeError, ValueError, IndexError) as error:  # only of a file forged with a right checksum
            raise ENVELOPE.foreign(source) from error
        for string in (*houses, *aliases):
            vocab.strings.add(string)
        kb = InMemoryLookupKB(vocab, entity_vector_length=width)
        kb.from_bytes(contents)
        return cls(kb, houses, aliases, topics)

    def save(self, path: str | Path) -> None:
        """Write one file, by one rename. RAISES OSError: as the system says; the old file stands then."""
        write_bytes(path, self.to_bytes())

    @classmethod
    def load(cls, path: str | Path, vocab: Vocab) -> "KnowledgeBase":
        """Read a file. RAISES InputError: as `from_bytes`. OSError: as the system says."""
        return cls.from_bytes(Path(path).read_bytes(), vocab, str(path))


def topics_of(nlp: Language, name: str) -> LdaTopics:
    """The pipeline's lda_topics, with a topic model. RAISES InputError: T075, it has none."""
    found = [component for _, component in nlp.components if isinstance(component, LdaTopics) and component.labels]
    if not found:
        raise InputError(Errors.T075.format(name=name))
    return found[0]


def city_key(city: str) -> str:
    """A city as it is compared."""
    return " ".join(words(city))


def aliases(name: str, city: str = "") -> dict[str, float]:
    """What people call a restaurant, and how much each counts: its name, and shorter forms that leave out the city, what
    follows a dash, an "at" or a bracket, and generic words at its ends ("Lucia" for "Trattoria Lucia - Phoenix").

    >>> aliases("The Rusty Anvil Grill", "Leeds")
    {'the rusty anvil grill': 1.0, 'rusty anvil': 0.5, 'rusty anvil grill': 0.5, 'the rusty anvil': 0.5}
    """
    full = words(name)
    found = {" ".join(full): 1.0} if full else {}
    shorter = {words(name.lower().split(mark)[0]) for mark in (" - ", " @ ", "(", ", ", "#", " at ")} | {full}
    place = words(city)
    for form in sorted(shorter):
        if place and form[-len(place) :] == place and len(form) > len(place):
            form = form[: -len(place)]
        first = next((i for i, word in enumerate(form) if word not in GENERIC), len(form))
        last = len(form) - next((i for i, word in enumerate(reversed(form)) if word not in GENERIC), len(form))
        for start in {0, first}:
            for end in {last, len(form)}:
                if end > start and sum(map(len, form[start:end])) > 1:
                    found.setdefault(" ".join(form[start:end]), _SHORT)
    return dict(sorted(found.items(), key=lambda item: (-item[1], item[0])))


def _profiles(nlp: Language, topics: LdaTopics, kinds: dict[str, str], reviews: list[Review]) -> tuple[np.ndarray, np.ndarray]:
    """Profiles (N, K) and number of reviews (N,) of restaurants, whose name and kind are given by id."""
    place = {house: i for i, house in enumerate(kinds)}
    profiles = _theta(nlp, topics, [_described(kind) for kind in kinds.values()])[0] * _SHRINK
    rows = np.array([place[review.business_id or ""] for review in reviews], np.int64)
    theta, evidence = _theta(nlp, topics, [review.text for review in reviews])
    said = evidence > 0
    np.add.at(profiles, rows[said], theta[said])
    return profiles / profiles.sum(axis=1, keepdims=True), np.bincount(rows, minlength=len(kinds))


def _theta(nlp: Language, topics: LdaTopics, texts: list[str]) -> tuple[np.ndarray, np.ndarray]:
    """(N, K) topics and (N,) known terms of texts."""
    found = [np.zeros((0, topics.topic_model.num_topics))]
    evidence = [np.zeros(0, np.int64)]
    for start in range(0, len(texts), 256):
        bags = topics.reader.bags([nlp.make_doc(text) for text in texts[start : start + 256]])
        found.append(topics.topic_model.infer_bags(bags).astype(np.float64))
        evidence.append(np.asarray(bags.evidence))
    return np.concatenate(found), np.concatenate(evidence)


def _described(kind: str) -> str:
    """A name and kind with the dishes of the cuisines that they give away."""
    given = words(kind)
    said: dict[str, Any] = dict.fromkeys(cuisine for key in find(given, clues()) for cuisine in clues()[key])
    said |= dict.fromkeys(
        c for key in find(given, entries()) for c in entries()[key].cuisines if len(entries()[key].cuisines) < 3
    )
    return ". ".join([kind, *(dish for cuisine in said for dish in cuisines()[cuisine].dishes[:20])])

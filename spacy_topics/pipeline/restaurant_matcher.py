"""`restaurant_matcher`: marks restaurants by the names that the knowledge base, chains and the caller know them by."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from spacy.language import Language
from spacy.tokens import Doc, Span
from spacy.training import Example

from spacy_topics.errors import Errors, InputError, is_number
from spacy_topics.linking.knowledge_base import KnowledgeBase, Restaurant
from spacy_topics.linking.known_names import KnownNames
from spacy_topics.linking.name_evidence import (
    Candidate,
    default_weights,
    features,
    habit_of,
    is_of_words,
    probability,
    threshold_of,
)
from spacy_topics.pipeline.component import BatchComponent
from spacy_topics.pipeline.restaurant_linker import RestaurantLinker

LABEL = "RESTAURANT"
DEFAULT_CONFIG: dict[str, Any] = {"threshold": 0.4, "weights": {}, "scorer": {"@scorers": "spacy.ner_scorer.v1"}}
Mention = tuple[int, int]  # the first token of a name, and the token after its last one


@Language.factory(
    "restaurant_matcher",
    requires=["doc.ents"],
    assigns=["doc.ents", "doc._.restaurant"],
    default_config=DEFAULT_CONFIG,
    default_score_weights={"ents_f": None, "ents_p": None, "ents_r": None},
)
def make_restaurant_matcher(
    nlp: Language, name: str, threshold: float, weights: dict[str, float], scorer: Callable[..., dict[str, Any]] | None
) -> "RestaurantMatcher":
    """Construct the component; see `RestaurantMatcher` for the settings."""
    return RestaurantMatcher(nlp, name, threshold=threshold, weights=weights, scorer=scorer)


class RestaurantMatcher(BatchComponent):
    """Mark RESTAURANT mentions. Stands after the recogniser, whose opinion counts, and before `restaurant_linker`, whose
    knowledge base has the names.

    Names are found in any case, run together, with one typo in eight letters. The restaurant that the text is about
    (`doc._.restaurant`: an id of the knowledge base, else a name) is found by parts of its name, too. What is spelled like a
    name and is only a word is decided by `linking.name_evidence`.

    nlp (Language | None): the pipeline.
    name (str): the component's name.
    threshold (float): minimum probability of a mention, 0 to 1; see also `name_evidence.threshold_of`.
    weights (Mapping): of features in place of those of linking/name_weights.csv, by feature.
    scorer (Callable | None): for `nlp.evaluate`.
    """

    def __init__(
        self,
        nlp: Language | None,
        name: str = "restaurant_matcher",
        *,
        threshold: float,
        weights: Mapping[str, float],
        scorer: Callable[..., dict[str, Any]] | None,
    ) -> None:
        """RAISES InputError: T032, a threshold that makes no sense."""
        if not is_number(threshold, 0, 1):
            raise InputError(Errors.T032.format(what="threshold", allowed="a number from 0 to 1", got=repr(threshold)))
        self.nlp = nlp
        self.name = name
        self.threshold = threshold
        self.weights = {**default_weights(), **weights}
        self.scorer = scorer
        self._known: _Known | None = None
        if not Doc.has_extension("restaurant"):
            Doc.set_extension("restaurant", default=None)

    def predict(self, docs: Sequence[Doc]) -> list[list[Mention]]:
        """The mentions of restaurants in each document, in their order.

        docs (Sequence): Docs with the recogniser's entities.
        RAISES InputError: T094, the component was sourced from another pipeline.
        """
        if self.nlp is not None and any(doc.vocab is not self.nlp.vocab for doc in docs):
            raise InputError(Errors.T094.format(name=self.name))
        known = self._names()
        return [self._mentions(doc, known.names.candidates(doc, known.name_of(doc._.restaurant))) for doc in docs]

    def _mentions(self, doc: Doc, candidates: Sequence[Candidate]) -> list[Mention]:
        """The likely candidates, and what is spelled like one of them: a text rarely means two things by one name.

        Of common words in lower case that is not so.
        """
        habit = habit_of(doc)
        likely = [
            candidate
            for candidate in candidates
            if probability(features(doc, candidate, habit), self.weights) >= threshold_of(doc, candidate, self.threshold)
        ]
        spans = [doc[start:end] for start, end in _apart(likely)]
        spelled = {span.text for span in spans if not (span.text.islower() and is_of_words(span))}
        return _apart([one for one in candidates if one in likely or doc[one.start : one.end].text in spelled])

    def set_annotations(self, docs: Sequence[Doc], prediction: list[list[Mention]]) -> None:
        """Set the mentions as entities; entities that they overlap and other RESTAURANT entities give way."""
        for doc, mentions in zip(docs, prediction, strict=True):
            taken = {token for start, end in mentions for token in range(start, end)}
            kept = [ent for ent in doc.ents if ent.label_ != LABEL and taken.isdisjoint(range(ent.start, ent.end))]
            doc.ents = [*kept, *(Span(doc, start, end, LABEL) for start, end in mentions)]

    def _names(self) -> "_Known":
        """The names of the linker's knowledge base, and those of chains."""
        base = self._base()
        if self._known is None or (self.nlp is not None and self._known.base is not base):
            self._known = _Known(base, [] if base is None else base.rows)
        return self._known

    def _base(self) -> KnowledgeBase | None:
        components = self.nlp.components if self.nlp is not None else []
        linkers = [component for _, component in components if isinstance(component, RestaurantLinker) and component.has_base]
        return linkers[0].knowledge_base if linkers else None

    def score(self, examples: Iterable[Example], **kwargs: Any) -> dict[str, Any]:
        """spaCy's scores of entities."""
        return self.scorer(examples) if self.scorer else {}

    def to_bytes(self, *, exclude: Iterable[str] = ()) -> bytes:
        """Nothing: the names are those of the linker's knowledge base."""
        return b""

    def from_bytes(self, data: bytes, *, exclude: Iterable[str] = ()) -> "RestaurantMatcher":
        """Read what `to_bytes` made."""
        return self

    def to_disk(self, path: Any, *, exclude: Iterable[str] = ()) -> None:
        """Write nothing: the names are those of the linker's knowledge base."""

    def from_disk(self, path: Any, *, exclude: Iterable[str] = ()) -> "RestaurantMatcher":
        """Read what `to_disk` wrote."""
        return self

    def __getstate__(self) -> dict[str, Any]:
        """For other processes: the names go along, the pipeline stays behind."""
        return {**self.__dict__, "nlp": None, "_known": _Known(None, self._names().restaurants)}


def _apart(candidates: Iterable[Candidate]) -> list[Mention]:
    """Of overlapping candidates, those with a known name, and of these the longest, in their order."""
    taken: set[int] = set()
    mentions = []
    for one in sorted(candidates, key=lambda one: (not one.names, one.start - one.end, one.start)):
        tokens = range(one.start, one.end)
        if taken.isdisjoint(tokens):
            taken.update(tokens)
            mentions.append((one.start, one.end))
    return sorted(mentions)


class _Known:
    """Names of restaurants to look for.

    base (KnowledgeBase | None): where the restaurants come from.
    restaurants (Sequence): the restaurants.
    """

    def __init__(self, base: KnowledgeBase | None, restaurants: Sequence[Restaurant]) -> None:
        self.base = base
        self.restaurants = list(restaurants)
        self.names = KnownNames((restaurant.name, restaurant.city) for restaurant in restaurants)
        self._by_id = {restaurant.id: restaurant.name for restaurant in restaurants}

    def name_of(self, restaurant: str | None) -> str | None:
        """The name of the restaurant that a text is about, which the caller gives by id or name."""
        return self._by_id.get(restaurant, restaurant) if restaurant else None

    def __reduce__(self) -> tuple[Any, ...]:
        """Only the restaurants go to other processes: the index is made of hashes that differ there."""
        return _Known, (None, self.restaurants)

"""`restaurant_linker`: a component that links RESTAURANT mentions to restaurants, and CUISINE mentions to cuisines."""

from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from spacy.language import Language
from spacy.tokens import Doc, Span
from spacy.training import Example

from corpora.files import write_bytes
from spacy_topics.errors import Errors, InputError, is_number
from spacy_topics.lexicon import cuisine_of
from spacy_topics.linking.brand_names import brand_of
from spacy_topics.linking.candidates import Candidate, CandidateGenerator, are_alike
from spacy_topics.linking.decision import NIL, Weights, decide, scores
from spacy_topics.linking.knowledge_base import KnowledgeBase
from spacy_topics.linking.known_names import is_called
from spacy_topics.linking.names import city_key
from spacy_topics.pipeline.component import BatchComponent
from spacy_topics.pipeline.lda_topics import find_topics

_CANDIDATES = 10  # maximum number of candidates that are kept for each mention
DEFAULT_CONFIG: dict[str, Any] = {
    "threshold": 0.3,
    "weights": {"@misc": "spacy_topics.LinkWeights.v2"},
    "scorer": {"@scorers": "spacy.entity_linker_scorer.v1"},
}


@Language.factory(
    "restaurant_linker",
    requires=["doc.ents"],
    assigns=["token.ent_kb_id", "span._.candidates", "doc._.city", "doc._.restaurant"],
    default_config=DEFAULT_CONFIG,
    default_score_weights={"nel_micro_f": 1.0, "nel_micro_p": None, "nel_micro_r": None},
)
def make_restaurant_linker(
    nlp: Language, name: str, threshold: float, weights: Weights, scorer: Callable[..., dict[str, Any]] | None
) -> "RestaurantLinker":
    """Create the component; see `RestaurantLinker` for the settings."""
    return RestaurantLinker(nlp, name, threshold=threshold, weights=weights, scorer=scorer)


def make_weights_v1(spelling: float = 2.0, prior: float = 0.1, topics: float = 1.0, place: float = 1.0) -> Weights:
    """The registered `spacy_topics.LinkWeights.v1`, for older pipelines.

    spelling (float): see `Weights`.
    prior (float): see `Weights`.
    topics (float): see `Weights`.
    place (float): what `Weights` calls `city`.
    """
    return Weights(spelling=spelling, prior=prior, topics=topics, city=place)


class Link(NamedTuple):
    """The link of a mention.

    kb_id (str): id of the restaurant or cuisine, or "NIL".
    candidates (list): (id, score) of restaurants, best first.
    """

    kb_id: str
    candidates: list[tuple[str, float]]


class RestaurantLinker(BatchComponent):
    """Link mentions of restaurants and cuisines.

    In the pipeline it must come after the component that sets entities, and after `lda_topics`, whose topics are the context.
    Sets `ent.kb_id_` of RESTAURANT entities ("NIL" if no candidate reaches the threshold) and of CUISINE entities (the
    cuisine's id, "NIL" if palate does not know the cuisine), and `ent._.candidates`, at most ten [id, score] of
    restaurants, best first. The city that a document is about is `doc._.city`, if the caller sets it, and its LOCATION
    entities; the restaurant that it is about is `doc._.restaurant`: an id, or a name that only one restaurant has (in
    `doc._.city`, if that is set).

    nlp (Language | None): the pipeline.
    name (str): the component's name.
    threshold (float): minimum score of a link, 0 to 1.
    weights (Weights): weights of the factors of a score.
    scorer (Callable | None): scores documents for `nlp.evaluate`.
    """

    def __init__(
        self,
        nlp: Language | None,
        name: str = "restaurant_linker",
        *,
        threshold: float,
        weights: Weights,
        scorer: Callable[..., dict[str, Any]] | None,
    ) -> None:
        """Check the settings and register the extensions of Doc and Span.

        RAISES InputError: T032, a threshold that is not from 0 to 1.
        """
        if not is_number(threshold, 0, 1):
            raise InputError(Errors.T032.format(what="threshold", allowed="a number from 0 to 1", got=repr(threshold)))
        self.nlp = nlp
        self.name = name
        self.threshold = threshold
        self.weights = weights
        self.scorer = scorer
        self._base: KnowledgeBase | None = None
        self._agreed: Any = None
        for extension in ("city", "restaurant"):
            if not Doc.has_extension(extension):
                Doc.set_extension(extension, default=None)
        if not Span.has_extension("candidates"):
            Span.set_extension("candidates", default=[])

    @property
    def has_base(self) -> bool:
        """Whether it has a knowledge base."""
        return self._base is not None

    @property
    def knowledge_base(self) -> KnowledgeBase:
        """The knowledge base.

        RAISES InputError: T074, there is no knowledge base yet.
        """
        if self._base is None:
            raise InputError(Errors.T074.format(name=self.name))
        return self._base

    @knowledge_base.setter
    def knowledge_base(self, base: KnowledgeBase) -> None:
        self._base = base
        self.candidates = CandidateGenerator(base)

    def predict(self, docs: Sequence[Doc]) -> list[list[Link]]:
        """Link the RESTAURANT and CUISINE entities of documents.

        docs (Sequence): Docs with topics and entities.
        RETURNS (list): for each document, the links of these entities in their order.
        RAISES InputError: T073, the knowledge base was built for another topic model; T074, there is no knowledge base; T075,
            the documents have no topics.
        """
        base = self.knowledge_base
        if any(doc._.topic_dist is None for doc in docs):
            raise InputError(Errors.T075.format(name=self.name))
        # What the documents say counts: a component that was sourced still has the pipeline that it was made for.
        if any(doc._.topic_fingerprint not in ("", base.fingerprint) for doc in docs):
            raise InputError(Errors.T073)
        if not all(doc._.topic_fingerprint for doc in docs):
            self._check_topics(base)
        cities = [cities_of(doc, self.knowledge_base.cities) for doc in docs]
        mentions = [
            (ent.text, place) for doc, place in zip(docs, cities, strict=True) for ent in doc.ents if ent.label_ == "RESTAURANT"
        ]
        candidates = iter(self.candidates([text for text, _ in mentions], [place for _, place in mentions]))
        return [self._links(doc, place, candidates) for doc, place in zip(docs, cities, strict=True)]

    def _links(self, doc: Doc, cities: set[str], candidates: Iterator[list[Candidate]]) -> list[Link]:
        base = self.knowledge_base
        told = doc._.restaurant
        about = base.index.get(base.directory.find(told, told, doc._.city) or "") if told else None
        links = []
        for ent in _linked(doc):
            if ent.label_ == "CUISINE":
                links.append(Link(cuisine_of(ent.text) or NIL, []))
                continue
            known = next(candidates)
            if not cities & base.cities:  # the restaurants may be those of another place
                known = [one for one in known if are_alike(ent.text, base.rows[one.row].name, one.similarity)]
            known = _with_restaurant(known, ent.text, base, about)
            ranked = scores(base, known, doc._.topic_dist, doc._.topic_evidence, cities, self.weights, about)
            restaurant = decide(ranked, self.threshold)
            links.append(Link(brand_of(ent.text) or NIL if restaurant == NIL else restaurant, ranked[:_CANDIDATES]))
        return links

    def set_annotations(self, docs: Sequence[Doc], prediction: list[list[Link]]) -> None:
        """Set ids and candidates of the entities.

        docs (Sequence): Docs.
        prediction (list): what `predict` returned for them.
        """
        for doc, links in zip(docs, prediction, strict=True):
            for ent, link in zip(_linked(doc), links, strict=True):
                if ent.label_ == "RESTAURANT":
                    ent._.candidates = [[restaurant, score] for restaurant, score in link.candidates]
                for token in ent:
                    token.ent_kb_id_ = link.kb_id

    def _check_topics(self, base: KnowledgeBase) -> None:
        """Check that the topics of the context and the topics of the restaurants' profiles are from the same model."""
        if self.nlp is not None:
            model = find_topics(self.nlp, self.name).topic_model
            if (model, base) != self._agreed and model.fingerprint != base.fingerprint:
                raise InputError(Errors.T073)
            self._agreed = model, base

    def load(self, path: str | Path) -> "RestaurantLinker":
        """Load a knowledge base.

        path (str | Path): a file that `KnowledgeBase.save` wrote.
        RETURNS (RestaurantLinker): the component itself.
        RAISES InputError: T010 to T012, the file is not such a knowledge base, or damaged; T041, the component has no
            pipeline; T073, the knowledge base was built for another topic model; T075, the pipeline has no topics.
        RAISES OSError: the file cannot be read.
        """
        if self.nlp is None:
            raise InputError(Errors.T041.format(name=self.name))
        base = KnowledgeBase.load(path, self.nlp.vocab)
        self._check_topics(base)  # if this raises, the old knowledge base stays
        self.knowledge_base = base
        return self

    def initialize(
        self,
        get_examples: Callable[[], Iterable[Example]],
        *,
        nlp: Language | None = None,
        knowledge_base: str | Path | None = None,
    ) -> None:
        """Get the component ready: called by `nlp.initialize` and `spacy train`.

        get_examples (Callable): not used.
        nlp (Language | None): the pipeline; not used.
        knowledge_base (str | Path | None): `[initialize.components.restaurant_linker] knowledge_base = PATH` loads a file.
        """
        if knowledge_base is not None:
            self.load(knowledge_base)

    def score(self, examples: Iterable[Example], **kwargs: Any) -> dict[str, Any]:
        """spaCy's scores of links, micro-averaged and by label.

        examples (Iterable): Examples.
        """
        return self.scorer(examples) if self.scorer and self._base else {}

    def to_bytes(self, *, exclude: Iterable[str] = ()) -> bytes:
        """The component as bytes; b"" without a knowledge base.

        exclude (Iterable): "knowledge_base" leaves the knowledge base out.
        """
        return self._base.to_bytes() if self._base and "knowledge_base" not in exclude else b""

    def from_bytes(self, data: bytes, *, exclude: Iterable[str] = ()) -> "RestaurantLinker":
        """Read what `to_bytes` returned.

        data (bytes): the component.
        exclude (Iterable): "knowledge_base" keeps the present knowledge base.
        RETURNS (RestaurantLinker): the component itself.
        RAISES InputError: T010 to T012, other data; T041, the component has no pipeline.
        """
        if "knowledge_base" not in exclude:
            self._read(data, "the component")
        return self

    def to_disk(self, path: str | Path, *, exclude: Iterable[str] = ()) -> None:
        """Write the component into a folder; without a knowledge base, the folder is empty.

        path (str | Path): the folder.
        exclude (Iterable): "knowledge_base" leaves the knowledge base out.
        """
        Path(path).mkdir(parents=True, exist_ok=True)
        if self._base and "knowledge_base" not in exclude:
            write_bytes(Path(path) / "knowledge_base", self._base.to_bytes())

    def from_disk(self, path: str | Path, *, exclude: Iterable[str] = ()) -> "RestaurantLinker":
        """Read what `to_disk` wrote.

        path (str | Path): the folder.
        exclude (Iterable): "knowledge_base" keeps the present knowledge base.
        RETURNS (RestaurantLinker): the component itself.
        RAISES InputError: T010 to T012, other files; T041, the component has no pipeline.
        """
        if "knowledge_base" not in exclude:
            file = Path(path) / "knowledge_base"
            self._read(file.read_bytes() if file.exists() else b"", str(file))
        return self

    def _read(self, data: bytes, source: str) -> None:
        if not data:
            self._base = None
            return
        if self.nlp is None:
            raise InputError(Errors.T041.format(name=self.name))
        self.knowledge_base = KnowledgeBase.from_bytes(data, self.nlp.vocab, source)

    def __getstate__(self) -> dict[str, Any]:
        """The state for other processes: the knowledge base as bytes, without the pipeline, whose topics are checked here."""
        if self._base:
            self._check_topics(self._base)
        base = (self._base.to_bytes(), self._base.kb.vocab) if self._base else None
        kept = {key: value for key, value in self.__dict__.items() if key not in ("_base", "candidates")}
        return {**kept, "nlp": None, "_agreed": None, "base": base}

    def __setstate__(self, state: dict[str, Any]) -> None:
        base = state.pop("base")
        self.__dict__.update(state)
        self._base = None
        if base:
            self.knowledge_base = KnowledgeBase.from_bytes(*base)


def _with_restaurant(candidates: list[Candidate], mention: str, base: KnowledgeBase, about: int | None) -> list[Candidate]:
    """The candidates; if the mention is what the restaurant that the text is about may be called, this one is fully alike."""
    if about is None or not is_called(base.rows[about].name, mention):
        return candidates
    prior = max((candidate.prior for candidate in candidates), default=1.0)
    return [Candidate(about, 1.0, prior), *(candidate for candidate in candidates if candidate.row != about)]


def restaurant_ids(nlp: Language) -> Container[str]:
    """Ids of the restaurants that a pipeline can link to.

    nlp (Language): the pipeline.
    """
    linkers = [component for _, component in nlp.components if isinstance(component, RestaurantLinker) and component.has_base]
    return linkers[0].knowledge_base.index if linkers else ()


def cities_of(doc: Doc, known: Iterable[str]) -> set[str]:
    """Keys of the cities that a document is about: `doc._.city`, and its LOCATION entities that are known cities.

    doc (Doc): the document.
    known (Iterable): keys of known cities (`names.city_key`).
    """
    named = {city_key(ent.text) for ent in doc.ents if ent.label_ == "LOCATION"} & set(known)
    return named | ({city_key(doc._.city)} if doc._.city else set())


def _linked(doc: Doc) -> list[Span]:
    """The entities that get links."""
    return [ent for ent in doc.ents if ent.label_ in ("RESTAURANT", "CUISINE")]

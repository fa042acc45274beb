"""`lda_topics`: a component that finds what a Doc, its sentences, entities or spans discuss, as weights of LDA topics."""

import re
import warnings
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import srsly
from spacy.language import Language
from spacy.tokens import Doc, Span
from spacy.training import Example

from spacy_topics.bags import Stream
from spacy_topics.errors import Errors, InputError, is_number
from spacy_topics.fit import batches, fit_topics
from spacy_topics.fold_in import METHODS
from spacy_topics.metrics import nmi, perplexity
from spacy_topics.pipeline.component import BatchComponent
from spacy_topics.pipeline.span_topics import best_topics, span_bags, spans_of
from spacy_topics.predict import Prediction, predict
from spacy_topics.terms.reader import TermReader
from spacy_topics.terms.settings import TermSettings
from spacy_topics.topic_model import ENVELOPE, TopicModel
from spacy_topics.trainers.base import Trainer, check_seed, check_topics

DEFAULT_CONFIG: dict[str, Any] = {
    "num_topics": 20,
    "threshold": 0.1,
    "spans": [],
    "inference": "variational",
    "terms": {"@misc": "spacy_topics.Terms.v1"},
    "trainer": {"@misc": "spacy_topics.Gibbs.v1"},
    "seeds": {},
    "seed": 0,
    "scorer": {"@scorers": "spacy_topics.lda_topics_scorer.v1"},
}


@Language.factory(
    "lda_topics",
    assigns=["doc._.topics", "doc._.topic_dist", "doc._.topic_evidence", "doc._.topic_fingerprint", "span._.topics"],
    default_config=DEFAULT_CONFIG,
    default_score_weights={"topics_perplexity": None, "topics_nmi": None},
)
def make_lda_topics(
    nlp: Language,
    name: str,
    num_topics: int,
    threshold: float,
    spans: list[str],
    inference: str,
    terms: TermSettings,
    trainer: Trainer,
    seeds: dict[str, list[str]],
    seed: int,
    scorer: Callable[..., dict[str, Any]] | None,
) -> "LdaTopics":
    """Create the component; see `LdaTopics` for the settings.

    RAISES InputError: T091, the pipeline has such a component already; and what `LdaTopics` raises.
    """
    others = [other for other, component in nlp.components if isinstance(component, LdaTopics)]
    if others:
        raise InputError(Errors.T091.format(names=" and ".join([*others, name])))
    return LdaTopics(
        nlp,
        name,
        num_topics=num_topics,
        threshold=threshold,
        spans=spans,
        inference=inference,
        terms=terms,
        trainer=trainer,
        seeds=seeds,
        seed=seed,
        scorer=scorer,
    )


def make_scorer() -> Callable[..., dict[str, Any]]:
    """The default scorer, as it is registered."""
    return score_topics


def score_topics(examples: Iterable[Example], *, topics: "LdaTopics") -> dict[str, Any]:
    """Score the topics of documents.

    examples (Iterable): Examples with predicted topics and reference `cats`.
    topics (LdaTopics): the component.
    RETURNS (dict): topics_perplexity, by document completion; topics_nmi, of the dominant topic and the category with the
        greatest value in the reference's `cats`, over documents that have both. A score that cannot be computed is None.
    """
    examples = list(examples)
    bags = topics.reader.bags([eg.predicted for eg in examples])
    pairs = [
        (int(np.argmax(eg.predicted._.topic_dist)), max(eg.reference.cats, key=eg.reference.cats.__getitem__))
        for eg in examples
        if max(eg.reference.cats.values(), default=0) > 0 and eg.predicted._.topic_evidence
    ]
    value = perplexity(topics.topic_model, bags)
    return {
        "topics_perplexity": None if np.isnan(value) else value,
        "topics_nmi": nmi(*zip(*pairs, strict=True)) if pairs else None,
    }


class LdaTopics(BatchComponent):
    """Attach topics to Docs.

    Sets `doc._.topics` ([label, weight] of topics above the threshold, best first, without the background), `doc._.topic_dist`
    (float32 (K,), the complete distribution) and `doc._.topic_evidence` (number of known terms; with 0, the distribution is
    the prior's mean, and there are no topics), `doc._.topic_fingerprint` (the model's). The same document gets the same bits
    alone, in any batch and in any process.

    nlp (Language | None): the pipeline, whose earlier components process the texts for `fit`.
    name (str): the component's name.
    num_topics (int): K, for `fit`.
    threshold (float): minimum weight of a topic in `topics`, 0 to 1.
    spans (Sequence): "sents", "ents" and names of span groups, whose spans get `span._.topics` too. (spaCy identifies
        spans by their characters: spans over the same characters share their topics.)
    inference (str): "variational" or "gibbs".
    terms (TermSettings): what counts as a term, for `fit`.
    trainer (Trainer): trains the model in `fit`.
    seeds (Mapping): name of a topic -> seed words of the topic, for `fit`.
    seed (int): random seed, for `fit` and for inference by "gibbs".
    scorer (Callable | None): scores documents for `nlp.evaluate`.
    """

    def __init__(
        self,
        nlp: Language | None,
        name: str = "lda_topics",
        *,
        num_topics: int,
        threshold: float,
        spans: Sequence[str],
        inference: str,
        terms: TermSettings,
        trainer: Trainer,
        seeds: Mapping[str, Sequence[str]],
        seed: int,
        scorer: Callable[..., dict[str, Any]] | None,
    ) -> None:
        """Check the settings and register the extensions of Doc and Span.

        RAISES InputError: T022, T030, T032, T042, T044, T046, a setting that is not valid; T043, an extension of the same name
            that is a getter or a method.
        """
        if inference not in METHODS:
            raise InputError(Errors.T022.format(what="inference", allowed=", ".join(METHODS), got=repr(inference)))
        check_topics(num_topics)
        if not isinstance(terms, TermSettings) or not callable(trainer):
            raise InputError(Errors.T046.format(terms=type(terms).__name__, trainer=type(trainer).__name__))
        if not is_number(threshold, 0, 1):
            raise InputError(Errors.T032.format(what="threshold", allowed="a number from 0 to 1", got=repr(threshold)))
        if isinstance(spans, str) or not all(isinstance(key, str) for key in spans):
            raise InputError(Errors.T042.format(got=repr(spans)))
        check_seed(seed)
        for name_ in seeds:
            if not re.fullmatch(r"\w[\w '&.-]{0,79}", name_) or name_ != name_.strip():
                raise InputError(Errors.T044.format(got=f"{name_!r:.80}"))
        self.nlp: Language | None = nlp
        self.name = name
        self.num_topics = num_topics
        self.threshold = threshold
        self.spans = list(spans)
        self.inference = inference
        self.terms = terms
        self.trainer = trainer
        self.seeds = dict(seeds)
        self.seed = seed
        self.scorer = scorer
        self._model: TopicModel | None = None
        self._fingerprint = ""
        defaults: dict[str, Any] = {"topics": [], "topic_dist": None, "topic_evidence": 0, "topic_fingerprint": ""}
        for extended, keys in ((Doc, tuple(defaults)), (Span, ("topics",))):
            for key in keys:
                if not extended.has_extension(key):
                    extended.set_extension(key, default=defaults[key])
                elif any(extended.get_extension(key)[1:3]):
                    raise InputError(Errors.T043.format(name=key))

    @property
    def topic_model(self) -> TopicModel:
        """The topic model. (It is not called `model`, as spaCy expects a Thinc model there.)

        RAISES InputError: T040, there is no topic model yet.
        """
        if self._model is None:
            raise InputError(Errors.T040.format(name=self.name))
        return self._model

    @topic_model.setter
    def topic_model(self, model: TopicModel) -> None:
        if not isinstance(model, TopicModel):
            raise InputError(Errors.T045.format(got=type(model).__name__))
        self.reader = TermReader.from_dict(model.terms, model.vocabulary)  # if this raises, the old model stays
        self._model = model
        self._fingerprint = model.fingerprint
        if self.nlp and self.reader.imported:
            self._check_imported(self.nlp, self.reader.imported.odd(model.vocabulary))

    def _check_imported(self, nlp: Language, terms: Sequence[int]) -> None:
        """Say which terms the pipeline's tokenizer cuts in another way than the vocabulary has them."""
        vocabulary = self.topic_model.vocabulary
        stream = self.reader.terms([nlp.make_doc(vocabulary[term].replace("_", " ")) for term in terms])
        never = np.setdiff1d(terms, stream.word)
        if len(never):
            some = ", ".join(vocabulary[term] for term in never[:5])
            message = Errors.W002.format(name=self.name, count=len(never), size=len(vocabulary), terms=some)
            warnings.warn(message, stacklevel=3)

    @property
    def labels(self) -> tuple[str, ...]:
        """The topics' labels; () without a topic model."""
        return tuple(self._model.labels) if self._model else ()

    def predict(self, docs: Sequence[Doc]) -> Prediction:
        """Infer the topics of documents.

        docs (Sequence): Docs.
        RETURNS (Prediction): theta, numbers of known terms, and the terms.
        RAISES InputError: T040, there is no topic model yet.
        """
        return predict(self.topic_model, self.reader, docs, self.inference, self.seed)

    def set_annotations(self, docs: Sequence[Doc], prediction: Prediction) -> None:
        """Attach topics to documents, and to their spans if there are `spans`.

        docs (Sequence): Docs.
        prediction (Prediction): what `predict` returned for them.
        """
        labels = self.topic_model.labels
        topics = best_topics(prediction.theta, labels, self.threshold, self.topic_model.background)
        for doc, row, best, known in zip(docs, prediction.theta, topics, prediction.known_terms.tolist(), strict=True):
            attach = doc._
            attach.topic_dist = row.copy()  # a view would keep the arrays of all documents in the batch in memory
            attach.topic_evidence = known
            attach.topic_fingerprint = self._fingerprint
            attach.topics = best if known else []
        if self.spans:
            self._set_spans(docs, prediction.stream, labels)

    def _set_spans(self, docs: Sequence[Doc], stream: Stream, labels: Sequence[str]) -> None:
        spans = [span for doc in docs for key in self.spans for span in spans_of(doc, key)]
        bags = span_bags(docs, spans, stream)
        theta = self.topic_model.infer_bags(bags, self.inference, self.seed)
        topics = best_topics(theta, labels, self.threshold, self.topic_model.background)
        for span, best, known in zip(spans, topics, bags.sizes.tolist(), strict=True):
            span._.topics = best if known else []

    def fit(
        self,
        texts: Iterable[str | Doc],
        *,
        stop_words: Collection[str] = (),
        names: Sequence[str] = (),
        progress: bool = False,
    ) -> TopicModel:
        """Train the topic model on texts.

        texts (Iterable): strings, which the components before this one process; or Docs, which are used as they are.
        stop_words (Collection): words and phrases that are not terms, beside the language's stop words.
        names (Sequence): for each text the name of the restaurant that it is about, "" if it is not known: names are no topics.
        progress (bool): show a progress bar on stderr. (Ctrl-C ends the training and keeps the model trained so far.)
        RETURNS (TopicModel): the model, which the component uses from now on.
        RAISES InputError: T030 to T038, see `fit_topics`; T041, the component has no pipeline.
        """
        if self.nlp is None:
            raise InputError(Errors.T041.format(name=self.name))
        order = [name for name, component in self.nlp.components]
        later = order[order.index(self.name) :] if self.name in order else []
        model = fit_topics(
            batches(self.nlp, texts, disable=later),
            self.num_topics,
            self.trainer,
            self.terms,
            seeds=self.seeds,
            stop_words=stop_words,
            names=names,
            seed=self.seed,
            progress=progress,
        )
        self.topic_model = model
        return model

    def load(self, path: str | Path) -> "LdaTopics":
        """Load a topic model.

        path (str | Path): a file that `TopicModel.save` wrote.
        RETURNS (LdaTopics): the component itself.
        RAISES InputError: T010 to T013, the file is not such a model, or damaged.
        RAISES OSError: the file cannot be read.
        """
        self.topic_model = TopicModel.load(path)
        return self

    def initialize(
        self,
        get_examples: Callable[[], Iterable[Example]],
        *,
        nlp: Language | None = None,
        model: str | Path | None = None,
    ) -> None:
        """Get the component ready: called by `nlp.initialize` and `spacy train`.

        get_examples (Callable): returns Examples; without a model, one is fitted to their reference documents.
            (Without examples spaCy passes one dummy document; the component then stays as it is.)
        nlp (Language | None): the pipeline; not used.
        model (str | Path | None): `[initialize.components.lda_topics] model = PATH` loads a fitted model.
        """
        if model is not None:
            self.load(model)
        elif self._model is None:
            docs = [eg.reference for eg in get_examples()]
            if len(docs) > 1:
                self.fit(docs)

    def score(self, examples: Iterable[Example], **kwargs: Any) -> dict[str, Any]:
        """Score documents, see `score_topics`.

        examples (Iterable): Examples.
        """
        if self.scorer is None or self._model is None:
            return {}
        return self.scorer(examples, topics=self)

    def to_bytes(self, *, exclude: Iterable[str] = ()) -> bytes:
        """The component as bytes.

        exclude (Iterable): "model" leaves the topic model out.
        """
        kept = {"model": self._model.to_bytes() if self._model else None}
        return srsly.msgpack_dumps({key: value for key, value in kept.items() if key not in exclude})

    def from_bytes(self, data: bytes, *, exclude: Iterable[str] = ()) -> "LdaTopics":
        """Read what `to_bytes` returned.

        data (bytes): the component.
        exclude (Iterable): "model" keeps the present topic model.
        RETURNS (LdaTopics): the component itself.
        RAISES InputError: T010 to T013, other data.
        """
        if "model" not in exclude:
            try:
                model = srsly.msgpack_loads(data)["model"]
            except (KeyError, TypeError, ValueError) as error:
                raise ENVELOPE.foreign("the component") from error
            self._read(model)
        return self

    def to_disk(self, path: str | Path, *, exclude: Iterable[str] = ()) -> None:
        """Write the component into a folder; without a topic model, the folder is empty.

        path (str | Path): the folder.
        exclude (Iterable): "model" leaves the topic model out.
        """
        Path(path).mkdir(parents=True, exist_ok=True)
        if self._model and "model" not in exclude:
            self._model.save(Path(path) / "model")

    def from_disk(self, path: str | Path, *, exclude: Iterable[str] = ()) -> "LdaTopics":
        """Read what `to_disk` wrote.

        path (str | Path): the folder.
        exclude (Iterable): "model" keeps the present topic model.
        RETURNS (LdaTopics): the component itself.
        RAISES InputError: T010 to T013, other files.
        """
        if "model" not in exclude:
            file = Path(path) / "model"
            self._read(file.read_bytes() if file.exists() else None, str(file))
        return self

    def _read(self, data: bytes | None, source: str = "the component") -> None:
        if data is None:
            self._model = None
        else:
            self.topic_model = TopicModel.from_bytes(data, source)

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "nlp": None}


def find_topics(nlp: Language, name: str) -> LdaTopics:
    """Find the first lda_topics in a pipeline that has a topic model.

    nlp (Language): the pipeline.
    name (str): the component that needs the topics, for the message.
    RAISES InputError: T075, there is none.
    """
    for _, component in nlp.components:
        if isinstance(component, LdaTopics) and component.labels:
            return component
    raise InputError(Errors.T075.format(name=name))

import copy
import multiprocessing
import pickle
import subprocess
import sys

import numpy as np
import pytest
import spacy
from spacy.language import Language
from spacy.tokens import Doc, DocBin, Span
from spacy.training import Example
from spacy.util import load_config_from_str

from corpora import bistro
from spacy_topics.errors import InputError
from spacy_topics.explain import explain
from spacy_topics.fold_in import infer_theta
from spacy_topics.pipeline.lda_topics import LdaTopics
from spacy_topics.terms.settings import TermSettings
from spacy_topics.topic_model import TopicModel
from spacy_topics.trainers.gibbs import Gibbs

TEXT = "The carnitas tacos came with a smoky salsa."
SETTINGS = {"num_topics": 3, "threshold": 0.1, "spans": [], "inference": "gibbs", "seed": 0, "scorer": None}
SETTINGS |= {"terms": TermSettings(), "trainer": Gibbs()}
FAST = {"num_topics": 5, "trainer": {"@misc": "spacy_topics.Gibbs.v1", "iterations": 50, "burn_in": 20}}


def bits(docs):
    return [doc._.topic_dist.tobytes() for doc in docs]


def test_attaches_topics(nlp):
    doc = nlp(TEXT)
    assert doc._.topics[0][0].startswith("mexican: ")
    assert doc._.topics == sorted(doc._.topics, key=lambda pair: -pair[1])
    assert all(weight >= 0.1 for _, weight in doc._.topics)
    assert doc._.topic_dist.dtype == np.float32
    assert doc._.topic_dist.shape == (12,)
    assert doc._.topic_evidence == 5
    assert {label for label, _ in doc._.topics} <= set(nlp.get_pipe("lda_topics").labels)


@pytest.mark.parametrize("text", ["", " ", "\n\n", "the of and", "zzyzx qwrtp", "🌮🌮 !!", "\0", "a\0b", "\u202e\ufeff"])
def test_no_known_term_gives_the_prior_and_no_topics(text, nlp):
    doc = nlp(text)
    alpha = nlp.get_pipe("lda_topics").topic_model.alpha
    np.testing.assert_allclose(doc._.topic_dist, alpha / alpha.sum(), rtol=1e-5)
    assert doc._.topic_evidence == 0
    assert doc._.topics == []


def test_one_word_and_very_many(nlp):
    assert nlp("salsa")._.topic_evidence == 1
    long = nlp("tacos and salsa " * 50_000)
    assert long._.topic_evidence == 100_000
    np.testing.assert_allclose(long._.topic_dist.sum(), 1, atol=1e-4)


def test_the_same_bits_in_any_company(nlp, texts):
    alone = bits(nlp(text) for text in texts[:60])
    for size in (1, 7, 60):
        assert bits(nlp.pipe(texts[:60], batch_size=size)) == alone
    assert bits(nlp.pipe([*texts[100:150], *texts[:60]]))[50:] == alone


def test_two_processes_under_spawn_equal_one(nlp, texts):
    before = multiprocessing.get_start_method()
    multiprocessing.set_start_method("spawn", force=True)
    try:
        found = list(nlp.pipe(texts[:40], n_process=2, batch_size=10))
    finally:
        multiprocessing.set_start_method(before, force=True)
    expected = list(nlp.pipe(texts[:40]))
    assert bits(found) == bits(expected)
    assert [doc._.topics for doc in found] == [doc._.topics for doc in expected]
    assert [doc._.topic_evidence for doc in found] == [doc._.topic_evidence for doc in expected]


def test_saved_moved_and_loaded_without_the_model_file(nlp, model, tmp_path, texts):
    other = spacy.blank("en")
    model.save(tmp_path / "m.topics")
    other.add_pipe("lda_topics").load(tmp_path / "m.topics")
    other.to_disk(tmp_path / "one")
    (tmp_path / "m.topics").unlink()
    (tmp_path / "one").rename(tmp_path / "two")
    again = spacy.load(tmp_path / "two")
    assert bits(again.pipe(texts[:20])) == bits(nlp.pipe(texts[:20]))
    assert str(tmp_path) not in again.config.to_str()


def test_bytes_pickle_and_copies(nlp, texts):
    expected = bits(nlp.pipe(texts[:5]))
    again = spacy.blank("en")
    again.add_pipe("lda_topics")
    again.from_bytes(nlp.to_bytes())
    assert bits(again.pipe(texts[:5])) == expected
    component = nlp.get_pipe("lda_topics")
    for other in (pickle.loads(pickle.dumps(component)), copy.deepcopy(component)):
        assert bits(other(nlp.make_doc(text)) for text in texts[:5]) == expected
        with pytest.raises(InputError, match="T041"):
            other.fit(texts)


def test_values_survive_doc_bytes(nlp):
    doc = nlp(TEXT)
    again = Doc(nlp.vocab).from_bytes(doc.to_bytes())
    assert again._.topics == doc._.topics
    assert (again._.topic_dist == doc._.topic_dist).all()
    stored = DocBin(store_user_data=True, docs=[doc]).to_bytes()
    binned = next(DocBin().from_bytes(stored).get_docs(nlp.vocab))
    assert [list(pair) for pair in binned._.topics] == doc._.topics  # DocBin makes tuples of lists


def test_spans_sentences_and_entities(model):
    nlp = spacy.blank("en")
    nlp.add_pipe("sentencizer")
    topics = nlp.add_pipe("lda_topics", config={"spans": ["sents", "ents", "dishes"]})
    topics.topic_model = model
    doc = nlp.make_doc("The tacos had salsa. The pho had noodles. Nothing.")
    doc.ents = [Span(doc, 1, 2, "DISH")]
    doc.spans["dishes"] = [Span(doc, 6, 7), Span(doc, 0, 0), Span(doc, 6, 9)]
    nlp.get_pipe("sentencizer")(doc)
    topics(doc)
    sentences = list(doc.sents)
    assert sentences[0]._.topics[0][0].startswith("mexican")
    assert sentences[0]._.topics != sentences[1]._.topics
    assert sentences[2]._.topics == []
    assert doc.ents[0]._.topics[0][0].startswith("mexican")
    assert doc.spans["dishes"][0]._.topics
    assert doc.spans["dishes"][1]._.topics == []
    pho = nlp("The pho had noodles.")
    assert sentences[1]._.topics == next(pho.sents)._.topics  # the same terms, the same fold-in
    assert [d._.topics for d in nlp.pipe([doc.text] * 3)] == [doc._.topics] * 3


def test_spans_without_sentence_boundaries(model):
    nlp = spacy.blank("en")
    nlp.add_pipe("lda_topics", config={"spans": ["sents", "ents", "none"]}).topic_model = model
    assert nlp(TEXT)._.topics


def test_fit_in_the_pipeline(texts):
    nlp = spacy.blank("en")
    component = nlp.add_pipe("lda_topics", config=FAST)
    first = component.fit(texts[:150]).to_bytes()
    assert component.fit(nlp.pipe(texts[:150], disable=["lda_topics"])).to_bytes() == first
    assert component.fit(texts[:150]).to_bytes() == first
    assert len(component.labels) == 5
    assert nlp(TEXT)._.topics


def test_fit_uses_the_components_before_it(texts):
    nlp = spacy.blank("en")
    nlp.add_pipe("lemmatizer", config={"mode": "lookup"})
    nlp.initialize()
    component = nlp.add_pipe("lda_topics", config={**FAST, "terms": {"@misc": "spacy_topics.Terms.v1", "phrases": 0}})
    model = component.fit(texts[:150])
    assert "wait" in model.vocabulary
    assert "waited" not in model.vocabulary
    assert nlp("We waited.")._.topic_evidence == 1


def test_config_file_and_initialize(model_path, texts, tmp_path):
    config = f"""
[nlp]
lang = "en"
pipeline = ["lda_topics"]
[components]
[components.lda_topics]
factory = "lda_topics"
threshold = 0.2
[initialize]
[initialize.components]
[initialize.components.lda_topics]
model = "{model_path}"
"""
    nlp = spacy.util.load_model_from_config(load_config_from_str(config), auto_fill=True)
    with pytest.raises(InputError, match="T040"):
        nlp(TEXT)
    nlp.initialize()
    model_path.unlink()
    assert all(weight >= 0.2 for _, weight in nlp(TEXT)._.topics)
    nlp.to_disk(tmp_path / "nlp")
    assert bits([spacy.load(tmp_path / "nlp")(TEXT)]) == bits([nlp(TEXT)])


def test_initialize_fits_on_examples(texts):
    nlp = spacy.blank("en")
    nlp.add_pipe("lda_topics", config=FAST)
    nlp.initialize(lambda: [Example(nlp.make_doc(text), nlp.make_doc(text)) for text in texts[:100]])
    assert nlp(TEXT)._.topic_evidence
    other = spacy.blank("en")
    other.add_pipe("lda_topics")
    other.initialize()  # spaCy's one dummy document is nothing to fit on
    assert other.get_pipe("lda_topics").labels == ()


def test_scores(nlp):
    examples = []
    for review in bistro.reviews("test"):
        reference = nlp.make_doc(review.text)
        reference.cats = {review.restaurant.cuisines[0]: 1.0}
        examples.append(Example(nlp.make_doc(review.text), reference))
    scores = nlp.evaluate(examples)
    assert 1 < scores["topics_perplexity"] < 2000
    assert 0.3 < scores["topics_nmi"] < 1
    bare = nlp.evaluate([Example(nlp.make_doc("x"), nlp.make_doc("x"))])
    assert bare["topics_perplexity"] is None
    assert bare["topics_nmi"] is None


def test_error_handler(nlp, texts):
    component = nlp.get_pipe("lda_topics")
    caught = []
    nlp.set_error_handler(lambda name, proc, docs, error: caught.append((name, len(docs), error)))
    component._model = None
    assert list(nlp.pipe(texts[:3])) == []
    assert [(name, count) for name, count, _ in caught] == [("lda_topics", 3)]


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({"inference": "guess"}, "T022"), ({"threshold": 1.5}, "T032"), ({"seed": -1}, "T032"),
        ({"num_topics": 0}, "T030"), ({"trainer": {"@misc": "spacy_topics.Terms.v1"}}, "T046"),
        ({"trainer": {"@misc": "spacy_topics.Gibbs.v1", "alpha": -1.0}}, "T032"),
        ({"terms": {"@misc": "spacy_topics.Terms.v1", "min_df": 0}}, "T032"),
        ({"num_topics": "many"}, "num_topics"), ({"colour": 1}, "colour"),
    ],
)  # fmt: skip
def test_bad_config(config, message):
    with pytest.raises(ValueError, match=message):
        spacy.blank("en").add_pipe("lda_topics", config=config)


@pytest.mark.parametrize(
    ("given", "code"),
    [("one string", "T037"), ([3], "T035"), (["fine", None], "T035"), ([], "T031"), (["", ""], "T031"), (["\ud800"], "T031")],
)
def test_bad_texts(given, code):
    with pytest.raises(InputError, match=code):
        spacy.blank("en").add_pipe("lda_topics", config=FAST).fit(given)


def test_more_topics_than_documents():
    with pytest.raises(InputError, match="T036"):
        spacy.blank("en").add_pipe("lda_topics").fit(["tacos and salsa"] * 4)


def test_a_damaged_component_is_refused(nlp, tmp_path):
    nlp.to_disk(tmp_path / "nlp")
    path = tmp_path / "nlp" / "lda_topics" / "model"
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(InputError, match="T011"):
        spacy.load(tmp_path / "nlp")


def test_using_a_model_imports_nothing_that_trains(nlp, tmp_path):
    """tomotopy, gensim and scikit-learn are not needed to use what they trained."""
    nlp.to_disk(tmp_path / "nlp")
    code = f"""
import sys
for name in ("tomotopy", "gensim", "sklearn", "scipy", "tensorflow", "cv2"):
    sys.modules[name] = None
import spacy
print(len(spacy.load({str(tmp_path / "nlp")!r})("Tacos and salsa.")._.topics) > 0)
"""
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "True\n"


def test_memory_zone(nlp, texts):
    expected = bits(nlp.pipe(texts[:20]))
    for _ in range(3):
        with nlp.memory_zone():
            assert bits(nlp.pipe(texts[:20])) == expected


def test_gibbs_inference_is_used(model):
    found = {}
    for method in ("variational", "gibbs"):
        nlp = spacy.blank("en")
        nlp.add_pipe("lda_topics", config={"inference": method}).topic_model = model
        found[method] = nlp(TEXT)._.topic_dist
        assert (nlp(TEXT)._.topic_dist == found[method]).all()
    assert (found["gibbs"] != found["variational"]).any()
    assert found["gibbs"].argmax() == found["variational"].argmax()


def test_theta_is_near_the_converged_one(nlp, model, texts):
    """The mean distance that `infer_theta` states."""
    bags = nlp.get_pipe("lda_topics").reader.bags([nlp.make_doc(text) for text in texts])
    converged = infer_theta(model.word_topic, model.alpha, bags, tolerance=1e-6, iterations=5000)
    assert np.abs(model.infer_bags(bags) - converged).sum(axis=1).mean() < 0.06


def test_strings_are_let_go(texts, monkeypatch):
    """fit reads in memory zones: what only many texts ago had is no longer in the vocabulary."""
    monkeypatch.setattr("spacy_topics.fit._ZONE", 50)
    nlp = spacy.blank("en")
    nlp.add_pipe("lda_topics", config=FAST).fit([*texts[:100], "xyzzyx"])
    assert "xyzzyx" not in nlp.vocab.strings


def test_fit_runs_only_what_stands_before_it(texts):
    nlp = spacy.blank("en")
    seen = []
    Language.component("counts", func=lambda doc: seen.append(doc) or doc)
    component = nlp.add_pipe("lda_topics", config=FAST)
    nlp.add_pipe("counts")
    component.fit(texts[:100])
    with nlp.select_pipes(disable=["lda_topics"]):
        component.fit(texts[:100])
    assert seen == []
    nlp.add_pipe("counts", name="first", first=True)
    component.fit([*nlp.pipe(texts[:50], disable=["first", "lda_topics", "counts"]), *texts[50:100]])
    assert len(seen) == 50  # the strings; Docs are taken as they are


def test_seed_words_are_read_as_the_documents_are(texts):
    nlp = spacy.blank("en")
    seeds = {"mexican": ["Tacos", "SALSA", "el Camino", "no such word"]}
    model = nlp.add_pipe("lda_topics", config={**FAST, "seeds": seeds}).fit(texts)
    assert model.meta["unknown_seeds"] == ["no such word"]
    assert model.names[0] == "mexican"
    assert model.phi[:, model.index["taco"]].argmax() == 0
    assert model.terms["lang"] == "en"


def test_a_failed_change_leaves_the_old_model(nlp, model):
    component = nlp.get_pipe("lda_topics")
    for bad in (None, 5):
        with pytest.raises(InputError, match="T045"):
            component.topic_model = bad
    broken = TopicModel.from_bytes(model.to_bytes())
    broken.terms = {"pairs": 3}
    with pytest.raises(InputError, match="T013"):
        component.topic_model = broken
    for bad in (b"garbage", b"\x80", model.to_bytes()):
        with pytest.raises((InputError, ValueError)):
            component.from_bytes(bad)
    assert nlp(TEXT)._.topic_evidence == 5


def test_an_unfitted_component_comes_back_unfitted(nlp, tmp_path):
    empty = spacy.blank("en")
    empty.add_pipe("lda_topics")
    empty.to_disk(tmp_path / "nlp")
    assert spacy.load(tmp_path / "nlp").get_pipe("lda_topics").labels == ()
    nlp.get_pipe("lda_topics").from_bytes(empty.get_pipe("lda_topics").to_bytes())
    assert nlp.get_pipe("lda_topics").labels == ()


def test_an_extension_with_a_getter_is_refused():
    old = Doc.get_extension("topics")
    Doc.set_extension("topics", getter=lambda doc: 1, force=True)
    try:
        with pytest.raises(InputError, match="T043"):
            spacy.blank("en").add_pipe("lda_topics")
    finally:
        Doc.set_extension("topics", default=old[0], force=True)


def test_a_seeded_name_must_survive_the_config(tmp_path, texts):
    for name in ("a:b", "a=b", "#h", "[z]", "", " x", "\ud800", "a\nb"):
        with pytest.raises(ValueError, match="T044"):
            LdaTopics(None, **SETTINGS, seeds={name: ["x"]})
    nlp = spacy.blank("en")
    nlp.add_pipe("lda_topics", config={**FAST, "seeds": {"Fish & chips": ["chip"], "café-bar 2": ["coffee"]}}).fit(texts[:150])
    nlp.to_disk(tmp_path / "nlp")
    assert spacy.load(tmp_path / "nlp").get_pipe("lda_topics").topic_model.names[:2] == ["Fish & chips", "café-bar 2"]


def test_a_phrase_belongs_to_the_spans_that_hold_all_of_it(model):
    nlp = spacy.blank("en")
    nlp.add_pipe("lda_topics", config={"spans": ["parts"]}).topic_model = model
    assert "el camino" in model.vocabulary
    doc = nlp.make_doc("El Camino")
    doc.spans["parts"] = [Span(doc, 0, 2), Span(doc, 0, 1), Span(doc, 1, 2)]
    nlp.get_pipe("lda_topics")(doc)
    assert [bool(span._.topics) for span in doc.spans["parts"]] == [True, False, False]


def test_spacy_may_probe_a_component_without_a_model():
    """spaCy asks components for Thinc's attributes, in the order of a set."""
    component = spacy.blank("en").add_pipe("lda_topics")
    for name in ("model", "is_trainable", "listeners", "find_listeners", "vocab", "cfg"):
        assert not hasattr(component, name)


def test_what_all_documents_say_is_no_topic_of_any(nlp, model):
    doc = nlp("We came here and asked for tacos, salsa and tortillas; it was good, and we liked it.")
    label = model.labels[model.background]
    assert doc._.topic_dist[model.background] > 0.1
    assert label.startswith("background: ")
    assert doc._.topics[0][0].startswith("mexican: ")
    assert label not in {topic for topic, _ in doc._.topics}
    explanation = explain(model, doc)
    assert model.background not in explanation.topics(0.0)
    assert {term.topic for term in explanation.terms} >= {0, model.background}


def test_names_of_restaurants_are_no_terms(texts):
    names = [review.restaurant.name for review in bistro.reviews()]
    component = spacy.blank("en").add_pipe("lda_topics", config=FAST)
    with_names, without = component.fit(texts).vocabulary, component.fit(texts, names=names).vocabulary
    assert set(without) < set(with_names)
    assert {"lucia", "saffron", "taco"} & set(with_names) - set(without) <= {"lucia", "saffron"}
    with pytest.raises(InputError, match="T038"):
        component.fit(texts, names=names[1:])


def test_a_second_topic_model_is_refused_when_it_is_added(nlp, tmp_path):
    with pytest.raises(InputError, match=r"\[T091\] .*lda_topics and more"):
        nlp.add_pipe("lda_topics", name="more", first=True)
    with nlp.select_pipes(disable=["lda_topics"]), pytest.raises(InputError, match="T091"):
        nlp.add_pipe("lda_topics", name="more")
    assert nlp.pipe_names == ["lda_topics"]
    assert nlp(TEXT)._.topics
    nlp.replace_pipe("lda_topics", "lda_topics", config={"threshold": 0.5})
    nlp.remove_pipe("lda_topics")
    nlp.add_pipe("lda_topics", name="more")
    assert nlp.pipe_names == ["more"]


def test_documents_say_which_model_their_topics_are_of(nlp, model):
    doc = nlp(TEXT)
    assert doc._.topic_fingerprint == model.fingerprint
    assert Doc(nlp.vocab).from_bytes(doc.to_bytes())._.topic_fingerprint == model.fingerprint
    assert nlp.make_doc(TEXT)._.topic_fingerprint == ""

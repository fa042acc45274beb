import copy
import multiprocessing
import pickle

import pytest
import spacy
from helpers import build_base
from spacy.tokens import Doc
from spacy.training import Example
from spacy.util import load_config_from_str

from corpora import bistro
from corpora.businesses import Business
from spacy_topics.errors import InputError
from spacy_topics.topic_model import TopicModel

TEXT = "Golden Dragon in Leeds beats Bosphorus and Nowhere Fast for Sichuanese and Martian food."
MARKS = [
    *({"label": "RESTAURANT", "pattern": house.name} for house in bistro.restaurants().values()),
    *({"label": "RESTAURANT", "pattern": name} for name in ("Nowhere Fast", "Bosporus", "Lucia", "Corner Deli")),
    *({"label": "LOCATION", "pattern": city} for city in ("Leeds", "Phoenix", "Portland", "Baltimore", "Tokyo")),
    *({"label": "CUISINE", "pattern": name} for name in ("Sichuanese", "tex-mex", "Martian")),
]


def add_ruler(nlp):
    config = {"spans_key": None, "annotate_ents": True, "phrase_matcher_attr": "LOWER"}
    nlp.add_pipe("span_ruler", config=config, first=True).add_patterns(MARKS)


@pytest.fixture
def linked(nlp, base):
    add_ruler(nlp)
    nlp.add_pipe("restaurant_linker").knowledge_base = base
    return nlp


@pytest.fixture
def other_model(model):
    """The same topics in another order."""
    return TopicModel(model.phi[::-1], model.alpha[::-1], model.vocabulary, terms=model.terms)


def links(doc):
    return [(ent.text, ent.kb_id_) for ent in doc.ents]


def everything(docs):
    return [[(ent.text, ent.label_, ent.kb_id_, ent._.candidates) for ent in doc.ents] for doc in docs]


def test_links(linked):
    doc = linked(TEXT)
    assert links(doc) == [
        ("Golden Dragon", "golden-dragon-leeds"),
        ("Leeds", ""),
        ("Bosphorus", "bosphorus"),
        ("Nowhere Fast", "NIL"),
        ("Sichuanese", "sichuan"),
        ("Martian", "NIL"),
    ]
    assert all(token.ent_kb_id_ == ent.kb_id_ for ent in doc.ents for token in ent)
    house, score = doc.ents[0]._.candidates[0]
    assert (house, doc.ents[0]._.candidates[1][0]) == ("golden-dragon-leeds", "golden-dragon-phoenix")
    assert 1 >= score > doc.ents[0]._.candidates[1][1] > 0
    assert [ent._.candidates for ent in (doc.ents[1], doc.ents[4], doc.ents[5])] == [[], [], []]


@pytest.mark.parametrize(
    ("name", "city", "house"),
    [
        ("El Camino", "Phoenix", "el-camino-phoenix"), ("El Camino", "PORTLAND", "el-camino-portland"),
        ("The Local", "Leeds", "the-local-leeds"), ("The Local", "Portland", "the-local-portland"),
        ("Sakura", "Baltimore", "sakura-baltimore"), ("saffron", "leeds", "saffron-leeds"),
        ("Lucia", "Baltimore", "lucia-baltimore"), ("HOME", "Baltimore", "home-baltimore"),
    ],
)  # fmt: skip
def test_the_place_tells_houses_of_one_name_apart(name, city, house, linked):
    doc = linked.make_doc(f"We went to {name} again.")
    doc._.city = city
    assert links(linked(doc)) == [(name, house)]
    assert links(linked(f"We were in {city} and went to {name} again.")) == [(city, ""), (name, house)]


def test_a_place_that_is_no_city_of_ours_says_nothing(linked):
    bare, tokyo = linked("Sakura was good."), linked("Sakura was good, says Tokyo.")
    assert tokyo.ents[0]._.candidates == bare.ents[0]._.candidates
    assert bare._.city is None


@pytest.mark.parametrize(
    ("restaurant", "city", "expected"),
    [
        (None, None, "NIL"),
        ("golden-dragon-leeds", None, "golden-dragon-leeds"),
        ("Golden Dragon", "Leeds", "golden-dragon-leeds"),
        ("GOLDEN DRAGON", "phoenix", "golden-dragon-phoenix"),
        ("Golden Dragon", None, "NIL"),  # two of the name
        ("Golden Dragon", "York", "NIL"),
        ("golden-dragon-phoenix", "Leeds", "golden-dragon-phoenix"),
        ("Casa Nova", "Leeds", "NIL"),
        ("", "Leeds", "NIL"),
    ],
)
def test_the_restaurant_that_a_text_is_about_is_known_by_id_or_name(restaurant, city, expected, linked):
    doc = linked.make_doc("GD is our regular.")
    linked.get_pipe("span_ruler").add_patterns([{"label": "RESTAURANT", "pattern": "GD"}])
    doc._.restaurant, doc._.city = restaurant, city
    assert links(linked(doc)) == [("GD", expected)]


@pytest.mark.parametrize(
    ("mention", "city", "expected"),
    [
        ("Piccolos", None, "piccolo"),
        ("Bosporus", None, "bosphorus"),
        ("Big Wades", None, "big-wades"),
        ("Wade's", None, "big-wades"),
        ("Viet Kitchen", None, "NIL"),
        ("Corner Kitchen", None, "NIL"),
        ("Smoke Shack", None, "NIL"),
        ("Smoke Shack", "Boston", "NIL"),
        ("Morning Star", None, "NIL"),
        ("Bar", None, "NIL"),
        ("Bistro", None, "NIL"),
        ("the bar", None, "NIL"),
        ("Yogi's", None, "NIL"),
        ("Gogi's", None, "gogi"),
    ],
)
def test_where_no_city_is_known_only_what_is_spelt_alike_is_linked(mention, city, expected, linked):
    linked.get_pipe("span_ruler").add_patterns([{"label": "RESTAURANT", "pattern": mention}])
    doc = linked.make_doc(f"We were at {mention} on Friday.")
    doc._.city = city
    assert (mention, expected) in links(linked(doc))


@pytest.mark.parametrize(
    ("text", "house"),
    [
        ("tacos, salsa, carnitas, tortillas, guacamole, burrito, queso, al pastor", "el-camino-phoenix"),
        ("tapas, sherry, jamon, paella, patatas bravas, croquetas, rioja, octopus", "el-camino-portland"),
    ],
)
def test_what_is_eaten_tells_houses_of_one_name_apart(text, house, linked):
    assert links(linked(f"El Camino: {text}, {text}, {text}."))[0] == ("El Camino", house)


def test_most_mentions_of_the_dev_part_are_linked_right(linked):
    linked.remove_pipe("span_ruler")
    docs, gold = [], []
    for review in bistro.reviews("dev"):
        doc = linked.make_doc(review.text)
        doc.ents = [doc.char_span(m.start, m.end, m.label, alignment_mode="expand") for m in review.mentions]
        doc._.city = review.restaurant.city
        docs.append(doc)
        gold += [mention.kb_id for mention in review.mentions if mention.label == "RESTAURANT"]
    found = [ent.kb_id_ for doc in linked.pipe(docs) for ent in doc.ents if ent.label_ == "RESTAURANT"]
    assert sum(map(str.__eq__, found, gold)) / len(gold) > 0.9


def test_at_most_ten_candidates_best_first(nlp):
    twins = [Business(f"{i:02}", "Corner Deli", "Leeds") for i in range(12)]
    add_ruler(nlp)
    nlp.add_pipe("restaurant_linker").knowledge_base = build_base(nlp, twins)
    (ent,) = nlp("Corner Deli").ents
    assert [house for house, _ in ent._.candidates] == [f"{i:02}" for i in range(10)]
    assert ent.kb_id_ == "00"


@pytest.mark.parametrize(("threshold", "linked_to"), [(0.0, "bosphorus"), (0.2, "bosphorus"), (1.0, "NIL")])
def test_threshold(threshold, linked_to, nlp, base):
    add_ruler(nlp)
    nlp.add_pipe("restaurant_linker", config={"threshold": threshold}).knowledge_base = base
    assert links(nlp("Bosporus")) == [("Bosporus", linked_to)]
    assert nlp("Bosporus").ents[0]._.candidates[0][0] == "bosphorus"
    assert links(nlp("Bosphorus")) == [("Bosphorus", "bosphorus")]


@pytest.mark.parametrize("text", ["", " ", "\n\n", "Nothing to see here.", "🌮", "Martian"])
def test_documents_without_restaurants(text, linked):
    doc = linked(text)
    assert {ent.kb_id_ for ent in doc.ents} <= {"NIL"}
    assert [doc.text for doc in linked.pipe([text, TEXT, text])] == [text, TEXT, text]


def test_the_same_in_any_company(linked, texts):
    alone = everything(map(linked, texts[:60]))
    assert sum(map(len, alone)) > 60
    for size in (1, 7, 60):
        assert everything(linked.pipe(texts[:60], batch_size=size)) == alone
    with linked.memory_zone():
        assert everything(linked.pipe(texts[:60])) == alone
    assert everything(linked.pipe(texts[:60])) == alone


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_two_processes_equal_one(method, linked, texts):
    before = multiprocessing.get_start_method()
    multiprocessing.set_start_method(method, force=True)
    try:
        found = list(linked.pipe(texts[:40], n_process=2, batch_size=10))
    finally:
        multiprocessing.set_start_method(before, force=True)
    assert everything(found) == everything(linked.pipe(texts[:40]))
    assert {ent.kb_id_ for doc in found for ent in doc.ents} > {""}


def test_on_disk(linked, texts, tmp_path):
    expected = everything(linked.pipe(texts[:40]))
    linked.to_disk(tmp_path / "one")
    (tmp_path / "one").rename(tmp_path / "two")
    again = spacy.load(tmp_path / "two")
    assert everything(again.pipe(texts[:40])) == expected
    assert again.to_bytes() == linked.to_bytes()


def test_bytes_pickle_and_copies(linked, texts):
    expected = everything(linked.pipe(texts[:20]))
    again = spacy.util.load_model_from_config(linked.config).from_bytes(linked.to_bytes())
    assert everything(again.pipe(texts[:20])) == expected
    component = linked.get_pipe("restaurant_linker")
    for other in (pickle.loads(pickle.dumps(component)), copy.deepcopy(component)):
        docs = list(linked.pipe(texts[:20], disable=["restaurant_linker"]))
        assert everything(map(other, docs)) == expected
        assert other.to_bytes() == component.to_bytes()
        with pytest.raises(InputError, match="T041"):
            other.load("any")
        with pytest.raises(InputError, match="T041"):
            other.from_bytes(component.to_bytes())


def test_links_survive_doc_bytes(linked):
    doc = linked(TEXT)
    assert everything([Doc(linked.vocab).from_bytes(doc.to_bytes())]) == everything([doc])


def test_an_empty_component_comes_back_empty(linked, tmp_path):
    empty = spacy.blank("en")
    empty.add_pipe("restaurant_linker")
    empty.to_disk(tmp_path / "nlp")
    with pytest.raises(InputError, match="T074"):
        _ = spacy.load(tmp_path / "nlp").get_pipe("restaurant_linker").knowledge_base
    component = linked.get_pipe("restaurant_linker")
    kept = component.knowledge_base
    for take in (lambda: component.from_bytes(b""), lambda: component.from_disk(tmp_path / "nlp" / "restaurant_linker")):
        component.knowledge_base = kept
        assert links(linked("Bosphorus")) == [("Bosphorus", "bosphorus")]
        take()
        with pytest.raises(InputError, match="T074"):
            linked("Bosphorus")


def test_excluded_from_bytes_and_disk(linked, tmp_path):
    component, without = linked.get_pipe("restaurant_linker"), {"exclude": ["knowledge_base"]}
    assert component.to_bytes(**without) == b""
    component.to_disk(tmp_path / "c", **without)
    assert list((tmp_path / "c").iterdir()) == []
    component.from_bytes(b"", **without).from_disk(tmp_path / "c", **without)
    assert links(linked("Bosphorus")) == [("Bosphorus", "bosphorus")]


def test_config_file_and_initialize(model_path, base_bytes, tmp_path):
    (tmp_path / "bistro.places").write_bytes(base_bytes)
    config = f"""
[nlp]
lang = "en"
pipeline = ["lda_topics", "restaurant_linker"]
[components]
[components.lda_topics]
factory = "lda_topics"
[components.restaurant_linker]
factory = "restaurant_linker"
threshold = 0.2
[components.restaurant_linker.weights]
@misc = "spacy_topics.LinkWeights.v1"
topics = 0
[initialize]
[initialize.components]
[initialize.components.lda_topics]
model = "{model_path}"
[initialize.components.restaurant_linker]
knowledge_base = "{tmp_path / "bistro.places"}"
"""
    nlp = spacy.util.load_model_from_config(load_config_from_str(config), auto_fill=True)
    with pytest.raises(InputError, match=r"T04|T07"):
        nlp("Bosphorus")
    nlp.initialize()
    (tmp_path / "bistro.places").unlink()
    add_ruler(nlp)
    assert links(nlp("Bosphorus")) == [("Bosphorus", "bosphorus")]
    assert nlp.get_pipe("restaurant_linker").weights.topics == 0


def test_scores(linked):
    examples = []
    for review in bistro.reviews("dev"):
        reference = linked.make_doc(review.text)
        marked = [mention for mention in review.mentions if mention.label == "RESTAURANT"]
        spans = [reference.char_span(m.start, m.end, m.label, m.kb_id) for m in marked]
        reference.ents = [span for span in spans if span]
        examples.append(Example(linked.make_doc(review.text), reference))
    found = linked.evaluate(examples)
    assert 0.5 < found["nel_micro_f"] < 1
    assert found["nel_f_per_type"]["RESTAURANT"]["f"] == found["nel_micro_f"]
    linked.get_pipe("restaurant_linker").scorer = None
    assert "nel_micro_f" not in linked.evaluate(examples[:2])


@pytest.mark.parametrize(
    "pipes", [["restaurant_linker"], ["restaurant_linker", "lda_topics"], ["sentencizer", "restaurant_linker"]]
)
def test_topics_must_stand_before(pipes, model, base):
    nlp = spacy.blank("en", vocab=base.kb.vocab)
    for pipe in pipes:
        nlp.add_pipe(pipe)
    if "lda_topics" in pipes:
        nlp.get_pipe("lda_topics").topic_model = model
    nlp.get_pipe("restaurant_linker").knowledge_base = base
    with pytest.raises(InputError, match="T075"):
        nlp("Bosphorus")
    with pytest.raises(InputError, match="T075"):
        list(nlp.pipe(["Bosphorus", ""]))


def test_no_topic_model_or_one_that_is_disabled(linked):
    with linked.select_pipes(disable=["lda_topics"]), pytest.raises(InputError, match="T075"):
        linked("Bosphorus")
    linked.get_pipe("lda_topics")._model = None
    with pytest.raises(InputError, match="T075"):
        linked.get_pipe("restaurant_linker")(linked.make_doc("Bosphorus"))


def test_no_knowledge_base(nlp):
    nlp.add_pipe("restaurant_linker")
    with pytest.raises(InputError, match="T074"):
        nlp("Bosphorus")
    with pytest.raises(InputError, match="T074"):
        _ = nlp.get_pipe("restaurant_linker").knowledge_base


def test_a_knowledge_base_of_another_topic_model(linked, base_bytes, other_model, tmp_path):
    component = linked.get_pipe("restaurant_linker")
    assert links(linked("Bosphorus"))
    (tmp_path / "places").write_bytes(base_bytes)
    linked.get_pipe("lda_topics").topic_model = other_model
    for use in (
        lambda: component.load(tmp_path / "places"),
        lambda: linked("Bosphorus"),
        lambda: list(linked.pipe(["Bosphorus"])),
        lambda: pickle.dumps(component),  # as for other processes, which have no pipeline to compare with
    ):
        with pytest.raises(InputError, match="T073"):
            use()
    component.knowledge_base = build_base(linked, [Business("a", "Bosphorus")])
    assert links(linked("Bosphorus")) == [("Bosphorus", "a")]


def test_a_failed_load_leaves_the_old_knowledge_base(linked, other_model, model_path, tmp_path):
    other = spacy.blank("en")
    other.add_pipe("lda_topics").topic_model = other_model
    build_base(other, [Business("a", "Bosphorus")]).save(tmp_path / "other.places")
    assert links(linked("Bosphorus")) == [("Bosphorus", "bosphorus")]
    component = linked.get_pipe("restaurant_linker")
    for path, code in ((tmp_path / "other.places", "T073"), (model_path, "T010")):
        with pytest.raises(InputError, match=code):
            component.load(path)
    with pytest.raises(FileNotFoundError):
        component.load(tmp_path / "missing")
    assert links(linked("Bosphorus")) == [("Bosphorus", "bosphorus")]


def test_a_damaged_component_is_refused(linked, tmp_path):
    linked.to_disk(tmp_path / "nlp")
    path = tmp_path / "nlp" / "restaurant_linker" / "knowledge_base"
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(InputError, match="T011"):
        spacy.load(tmp_path / "nlp")


def test_error_handler(linked):
    caught = []
    linked.set_error_handler(lambda name, proc, docs, error: caught.append((name, len(docs), str(error)[:6])))
    linked.get_pipe("restaurant_linker")._base = None
    assert list(linked.pipe([TEXT] * 3)) == []
    assert caught == [("restaurant_linker", 3, "[T074]")]


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({"threshold": 1.5}, "T032"), ({"threshold": -0.1}, "T032"),
        ({"weights": {"@misc": "spacy_topics.LinkWeights.v1", "topics": -1.0}}, "T032"),
        ({"weights": {"@misc": "spacy_topics.LinkWeights.v1", "colour": 1.0}}, "colour"), ({"colour": 1}, "colour"),
    ],
)  # fmt: skip
def test_bad_config(config, message):
    with pytest.raises(ValueError, match=message):
        spacy.blank("en").add_pipe("restaurant_linker", config=config)


def test_spacy_may_probe_a_component_without_a_knowledge_base():
    component = spacy.blank("en").add_pipe("restaurant_linker")
    for name in ("model", "is_trainable", "listeners", "find_listeners", "vocab", "cfg", "labels"):
        assert not hasattr(component, name)


@pytest.mark.parametrize("order", ["topics first", "linker alone"])
def test_a_linker_of_another_pipeline_is_refused(order, linked, other_model):
    """The topics of as many numbers are of another model: the component that was sourced cannot see which."""
    other = spacy.blank("en")
    add_ruler(other)
    if order == "topics first":
        other.add_pipe("lda_topics").topic_model = other_model
    other.add_pipe("restaurant_linker", source=linked)
    for use in (lambda: other("Bosphorus"), lambda: list(other.pipe(["Bosphorus"] * 2))):
        with pytest.raises(InputError, match="T073" if order == "topics first" else "T075"):
            use()
    assert links(linked("Bosphorus")) == [("Bosphorus", "bosphorus")]


def test_a_linker_of_another_pipeline_with_the_same_topics(linked, model, tmp_path):
    other = spacy.blank("en")
    add_ruler(other)
    other.add_pipe("lda_topics").topic_model = model
    other.add_pipe("restaurant_linker", source=linked)
    assert everything([other(TEXT)]) == everything([linked(TEXT)])
    other.to_disk(tmp_path)
    assert everything([spacy.load(tmp_path)(TEXT)]) == everything([linked(TEXT)])


def test_topics_and_linker_of_another_pipeline(linked, other_model):
    other = spacy.blank("en")
    add_ruler(other)
    for name in ("lda_topics", "restaurant_linker"):
        other.add_pipe(name, source=linked)
    assert everything([other(TEXT)]) == everything([linked(TEXT)])
    other.replace_pipe("lda_topics", "lda_topics").topic_model = other_model
    with pytest.raises(InputError, match="T073"):
        other(TEXT)

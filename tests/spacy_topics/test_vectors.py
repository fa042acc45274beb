import numpy as np
import pytest
import spacy
from spacy.language import Language

from spacy_topics.errors import InputError
from spacy_topics.vectors import fit_vectors, similar_words

FAST = {"width": 10, "epochs": 1}
KOREAN = {
    "banchan",
    "bibimbap",
    "bulgogi",
    "doenjang",
    "gochujang",
    "japchae",
    "jjigae",
    "kimbap",
    "korean",
    "soondubu",
    "soju",
}


def similar(*args, **more):
    return [(row["word"], row["cosine"]) for row in similar_words(*args, **more)]


@pytest.fixture(scope="module")
def food(texts):
    return fit_vectors(texts[:200], width=40, epochs=20)


@pytest.fixture
def abstract():
    """Vectors that can be added up by hand."""
    nlp = spacy.blank("en")
    rows = {
        "sushi": [1, 0, 1],
        "japanese": [0, 0, 1],
        "mexican": [0, 1, 0],
        "taco": [1, 1, 0],
        "pho": [1, -1, 0],
        "no": [0, 0, 0],
    }
    for word, row in rows.items():
        nlp.vocab.set_vector(word, np.array(row, np.float32))
    return nlp


def data(nlp):
    return nlp.vocab.vectors.data.tobytes(), list(nlp.vocab.vectors.key2row)


def test_one_seed_gives_the_same_vectors(texts):
    first = data(fit_vectors(texts[:20], **FAST))
    assert data(fit_vectors(texts[:20], **FAST)) == first
    assert data(fit_vectors(texts[:20], **FAST, seed=1)) != first


def test_like_stands_beside_like(food):
    assert food.vocab.vectors_length == 40
    assert len({word for word, _ in similar(food, ["kimchi"])} & KOREAN) >= 3


def test_the_cuisines_lists_suffice():
    nlp = fit_vectors([], **FAST)
    assert nlp.vocab.has_vector("injera")
    assert fit_vectors(["zzyzx qwrtp"] * 2, **FAST, min_count=2).vocab.has_vector("zzyzx")
    assert not fit_vectors(["zzyzx qwrtp"] * 2, **FAST, min_count=3).vocab.has_vector("zzyzx")


def test_no_word_is_left():
    with pytest.raises(InputError, match=r"T060.*1000000 times"):
        fit_vectors(["Tacos and salsa."], min_count=1_000_000)


def test_arithmetic(abstract):
    target = np.array([1, 0, 1]) / 2**0.5 + [0, 1, 0] - np.array([0, 0, 1])
    expected = np.array([1, 1, 0]) / 2**0.5 @ target / np.linalg.norm(target)
    assert similar(abstract, ["sushi", "mexican"], ["japanese"], 1) == [("taco", pytest.approx(expected, abs=1e-4))]
    assert similar(abstract, ["taco"], count=2) == [
        ("mexican", pytest.approx(0.5**0.5, abs=1e-4)),
        ("sushi", pytest.approx(0.5)),
    ]
    assert {word for word, _ in similar(abstract, ["taco"])} == {"mexican", "sushi", "japanese", "pho", "no"}


def test_several_words_are_their_mean(abstract):
    assert similar(abstract, ["japanese mexican"]) == similar(abstract, ["japanese", "mexican"])
    assert similar(abstract, ["japanese unheard"]) == similar(abstract, ["Japanese"])


@pytest.mark.parametrize(
    ("add", "subtract"),
    [(["kimchi"], []), (["KIMCHI"], []), (["Kimchi stew"], []), (["sushi", "mexican"], ["japanese"]), (["taco"], ["salsa"])],
)
def test_without_the_words_given(add, subtract, food):
    found = similar(food, add, subtract, 50)
    words = [word for word, _ in found]
    assert len(words) == len(set(words)) == 50
    assert not set(words) & set(" ".join([*add, *subtract]).lower().split())
    assert all(word == word.lower() for word in words)
    cosines = [cosine for _, cosine in found]
    assert cosines == sorted(cosines, reverse=True)
    assert all(-1 <= cosine <= 1.000001 for cosine in cosines)


@pytest.mark.parametrize("count", [0, 1, 3, 10**6])
def test_count(count, food):
    assert len(similar(food, ["taco"], count=count)) == min(count, len(food.vocab.vectors) - 1)


@pytest.mark.parametrize(
    ("word", "near"),
    [
        ("kimchee", "kimchi"),
        ("Tortila", "tortilla"),
        ("qqqqqq", "none"),
        ("", "none"),
        ("🌮", "none"),
        ("x" * 999, "none"),
    ],
)
def test_an_unknown_word_names_near_ones(word, near, food):
    for given in ([[word], []], [["taco"], [word]]):
        with pytest.raises(InputError, match=f"T062.*{near}") as caught:
            similar(food, *given)
        assert len(str(caught.value)) < 300


def test_near_words_stand_once(food):
    with pytest.raises(InputError, match="T062") as caught:
        similar(food, ["kimchee"])
    near = str(caught.value).partition("similar spellings: ")[2].rstrip(")").split(", ")
    assert len({word.lower() for word in near}) == len(near)


@pytest.mark.parametrize("pipes", [[], ["sentencizer"]])
def test_a_pipeline_without_vectors(pipes):
    nlp = spacy.blank("en")
    for pipe in pipes:
        nlp.add_pipe(pipe)
    with pytest.raises(InputError, match="T061"):
        similar(nlp, ["taco"])


def check(nlp: Language, food: Language):
    for word in ("taco", "Taco", "TACO", "jalapeno", "Jalapeno", "88"):
        token = nlp.make_doc(word)[0]
        assert token.has_vector
        np.testing.assert_array_equal(token.vector, food.vocab.get_vector(word.lower()))
        assert token.vector.any()
    assert not nlp.make_doc("zzyzx")[0].has_vector
    assert similar(nlp, ["sushi", "Mexican"], ["japanese"]) == similar(food, ["sushi", "mexican"], ["japanese"])


def test_look_ups_do_not_depend_on_capitals_before_and_after_saving(food, tmp_path):
    check(food, food)
    food.to_disk(tmp_path / "vectors")
    check(spacy.load(tmp_path / "vectors"), food)
    check(spacy.blank("en").from_bytes(food.to_bytes()), food)


def test_vectors_to_begin_training_with(food, tmp_path):
    food.to_disk(tmp_path / "vectors")
    config = spacy.blank("en").config
    config["initialize"]["vectors"] = str(tmp_path / "vectors")
    nlp = spacy.util.load_model_from_config(config)
    nlp.initialize()
    check(nlp, food)
    nlp.to_disk(tmp_path / "trained")
    check(spacy.load(tmp_path / "trained"), food)

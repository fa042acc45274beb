import hashlib
import pickle
import struct
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spacy_topics.errors import InputError
from spacy_topics.topic_model import TopicModel

words = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)


@st.composite
def models(draw):
    topics, terms = draw(st.integers(1, 4)), draw(st.integers(1, 6))
    numbers = st.floats(0.0078125, 1024, width=32)
    phi = np.array(draw(st.lists(numbers, min_size=topics * terms, max_size=topics * terms))).reshape(topics, terms)
    alpha = draw(st.lists(numbers, min_size=topics, max_size=topics))
    vocabulary = draw(st.lists(words, min_size=terms, max_size=terms, unique=True))
    names = draw(
        st.lists(words.filter(lambda name: name.isprintable() and name == name.strip()), min_size=topics, max_size=topics)
    )
    return TopicModel(phi, alpha, vocabulary, names=names, meta={"note": draw(words), "n": [1, {"x": None}]})


@given(models())
def test_bytes_round_trip(model):
    again = TopicModel.from_bytes(model.to_bytes())
    assert again.to_bytes() == model.to_bytes()
    assert (again.phi == model.phi).all()
    assert again.vocabulary == model.vocabulary
    assert again.labels == model.labels
    assert again.meta == model.meta


def test_file_round_trip(model, tmp_path):
    model.save(tmp_path / "a" / "m.topics")
    again = TopicModel.load(tmp_path / "a" / "m.topics")
    assert again.to_bytes() == model.to_bytes()
    assert again.terms == model.terms
    assert pickle.loads(pickle.dumps(again)).to_bytes() == model.to_bytes()


def test_any_flipped_byte_is_noticed(small):
    data = small.to_bytes()
    for position in range(len(data)):
        for flip in (0x01, 0x80):
            damaged = bytearray(data)
            damaged[position] ^= flip
            with pytest.raises(InputError, match=r"T01[012]"):
                TopicModel.from_bytes(bytes(damaged))


def test_cut_short_at_any_length(small):
    data = small.to_bytes()
    for length in range(len(data)):
        with pytest.raises(InputError, match=r"T01[01]"):
            TopicModel.from_bytes(data[:length])
    with pytest.raises(InputError, match="T011"):
        TopicModel.from_bytes(data + b"\0")


def test_flipped_bytes_of_a_large_file(model):
    data = model.to_bytes()
    for position in np.random.default_rng(0).integers(0, len(data), 200):
        damaged = bytearray(data)
        damaged[position] ^= 0x10
        with pytest.raises(InputError, match=r"T01[012]"):
            TopicModel.from_bytes(bytes(damaged))


def forge(payload, version=1):
    magic = b"palate topics\n"
    digest = hashlib.sha256(magic + struct.pack("<HQ", version, len(payload)) + payload).digest()
    return magic + struct.pack("<HQ", version, len(payload)) + digest + payload


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "T010"),
        (b"PK\x03\x04 another kind of file that is long enough for an envelope to fit in, surely", "T010"),
        (forge(b"what is to come", version=2), "T012"),
        (forge(b""), "T010"),
        (forge(struct.pack("<QQQQ", 2**60, 1, 1, 0)), "T010"),
        (forge(struct.pack("<QQQQ", 2, 2**40, 2**40, 0) + b"{}"), "T010"),
        (forge(struct.pack("<QQQQ", 2, 0, 0, 0) + b"{}"), "T010"),
        (forge(struct.pack("<QQQQ", 2, 1, 1, 0) + b"[]" + bytes(100)), "T010"),
    ],
)
def test_other_files(data, code, tmp_path):
    (tmp_path / "m").write_bytes(data)
    with pytest.raises(InputError, match=code) as caught:
        TopicModel.load(tmp_path / "m")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(("path", "error"), [("missing", FileNotFoundError), (".", IsADirectoryError)])
def test_no_such_file(path, error, tmp_path):
    with pytest.raises(error):
        TopicModel.load(tmp_path / path)


BAD = [
    (np.zeros((2, 3)), [1, 1], "abc", "T001"),
    (np.ones((0, 3)), [], "abc", "T001"),
    (np.ones(3), [1], "abc", "T001"),
    ([[1, -1, 1]], [1], "abc", "T001"),
    ([[1, np.nan, 1]], [1], "abc", "T001"),
    ([[1, np.inf, 1]], [1], "abc", "T001"),
    ([["x", 1, 1]], [1], "abc", "T001"),
    (None, [1], "abc", "T001"),
    (np.ones((1, 3)), [0.0], "abc", "T002"),
    (np.ones((1, 3)), [-1.0], "abc", "T002"),
    (np.ones((1, 3)), [np.nan], "abc", "T002"),
    (np.ones((1, 3)), [1, 1], "abc", "T002"),
    (np.ones((1, 3)), "x", "abc", "T002"),
    (np.ones((1, 3)), [1], "ab", "T003"),
    (np.ones((1, 3)), [1], "aba", "T003"),
    (np.ones((1, 3)), [1], [1, 2, 3], "T003"),
]


@pytest.mark.parametrize(("phi", "alpha", "vocabulary", "code"), BAD)
def test_bad_arrays(phi, alpha, vocabulary, code):
    with pytest.raises(InputError, match=code):
        TopicModel(phi, alpha, list(vocabulary))


@pytest.mark.parametrize("names", [["a"], [None, "b", "c"], ["a", "b", "c", "d"]])
def test_bad_names(names, small):
    with pytest.raises(InputError, match="T004"):
        TopicModel(small.phi, small.alpha, small.vocabulary, names=names)


def test_infer(small):
    theta = small.infer([["taco", "salsa", "unknown", "taco"], [], ["sushi"]])
    assert theta.argmax(axis=1).tolist() == [0, 0, 2]
    np.testing.assert_allclose(theta[1], 1 / 3, rtol=1e-6)
    assert small.infer([]).shape == (0, 3)
    assert small.infer([["lime"]], method="gibbs").argmax() == 0


@pytest.mark.parametrize(
    ("documents", "code"),
    [
        (["taco salsa"], "T021"),
        ("taco", "T021"),
        ([["taco", 3]], "T020"),
        ([["taco", None]], "T020"),
        ([["taco"], None], "T020"),
        ([["taco"], 3.5], "T020"),
        ([[b"taco"]], "T020"),
    ],
)
def test_bad_documents(documents, code, small):
    with pytest.raises(InputError, match=code):
        small.infer(documents)


def test_odd_strings_are_unknown_terms(small):
    theta = small.infer([["\ud800", "\0", "🌮", "taco\0", ""]])
    np.testing.assert_allclose(theta[0], 1 / 3, rtol=1e-6)


@pytest.mark.parametrize(("method", "seed"), [("magic", 0), ("gibbs", -1), ("gibbs", 2**64), ("gibbs", 0.5)])
def test_bad_inference(method, seed, small):
    with pytest.raises(InputError, match=r"T0(22|32)"):
        small.infer([["taco"]], method, seed)


def test_labels_and_names(small):
    model = TopicModel.from_bytes(small.to_bytes())
    assert model.labels[0].startswith("mexican: ")
    assert set(model.top_words(1, 3)) == {"pasta", "basil", "risotto"}
    model.rename(1, "italian")
    model.rename(0, "")
    assert TopicModel.from_bytes(model.to_bytes()).names == ["", "italian", ""]


@pytest.mark.parametrize(
    ("topic", "name", "code"),
    [
        (3, "x", "T005"),
        (-1, "x", "T005"),
        (1, "mexican", "T006"),
        (1, "a\nb", "T006"),
        (1, "x" * 81, "T006"),
        ("1", "x", "T005"),
    ],
)
def test_bad_names_for_a_topic(topic, name, code, small):
    with pytest.raises(InputError, match=code):
        small.rename(topic, name)
    assert small.names == ["mexican", "", ""]


def test_two_million_tokens_do_not_kill_the_interpreter(model_path):
    code = f"""
from spacy_topics.topic_model import TopicModel
model = TopicModel.load({str(model_path)!r})
theta = model.infer([["taco", "salsa", "x", "\\ud800", "\\0"] * 400_000, []])
print(abs(float(theta.sum()) - 2) < 1e-3)
"""
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout == "True\n"

import numpy as np
import onnx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from onnx import TensorProto, helper

from corpora.errors import InputError
from image_gan.enhance import model_file
from image_gan.enhance.model_file import read_model, write_model

CARD = {"name": "try", "scale": 2, "figures": {"psnr": 31.25, "distance": None}, "config": '[a]\nb = "ü"\n', "bfloat16": 1e-7}


def graph(opset=17):
    """y = x + x, as ONNX."""
    pictures = [helper.make_tensor_value_info(name, TensorProto.FLOAT, [None, 3]) for name in "xy"]
    made = helper.make_graph([helper.make_node("Add", ["x", "x"], ["y"])], "twice", pictures[:1], pictures[1:])
    return helper.make_model(made, opset_imports=[helper.make_opsetid("", opset)], ir_version=8).SerializeToString()


@pytest.fixture
def path(tmp_path):
    write_model(tmp_path / "model.onnx", graph(), CARD)
    return tmp_path / "model.onnx"


def test_a_card_rides_on_a_graph_that_any_runtime_opens(path):
    import onnxruntime
    import openvino

    data, card = read_model(path)
    assert card == {"format": 2, **CARD}
    assert data == path.read_bytes()
    x = np.float32([[1, 2, 3]])
    assert onnxruntime.InferenceSession(data).run(None, {"x": x})[0].tolist() == [[2, 4, 6]]
    assert openvino.Core().compile_model(str(path), "CPU")(x)[0].tolist() == [[2, 4, 6]]
    model = onnx.load(path)
    onnx.checker.check_model(model)
    assert [entry.key for entry in model.metadata_props] == ["palate_card"]
    write_model(path, graph(), CARD)
    assert path.read_bytes() == data


@given(
    st.dictionaries(
        st.text(max_size=9),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.text(st.characters(exclude_categories=["Cs"])) | st.floats(),
            st.lists,
            max_leaves=5,
        ),
        max_size=5,
    ),
    st.binary(max_size=300),
)
def test_what_was_written_is_read(tmp_path_factory, card, body):
    path = tmp_path_factory.getbasetemp() / "any.onnx"
    card = {key: value for key, value in card.items() if key.isprintable() and key not in ("format", "sha256")}
    write_model(path, body, card)
    assert repr(read_model(path)[1]) == repr({"format": 2, **card})


def test_every_truncation_is_refused(path):
    data = path.read_bytes()
    for kept in range(len(data)):
        path.write_bytes(data[:kept])
        with pytest.raises(InputError, match=r"^\[P05[01]\] .*(cut short|it has no card|damaged)"):
            read_model(path)
    path.write_bytes(data + b"\n")
    with pytest.raises(InputError, match=r"^\[P051\]"):
        read_model(path)


@pytest.mark.parametrize("flip", [1, 16, 32, 128])
def test_every_flipped_byte_is_refused(flip, path):
    data = path.read_bytes()
    for place in range(len(data)):
        path.write_bytes(data[:place] + bytes([data[place] ^ flip]) + data[place + 1 :])
        with pytest.raises(InputError, match=r"^\[P05[01]\] "):
            read_model(path)


def test_other_files_are_none_of_ours(path, tmp_path):
    plain, text = tmp_path / "plain.onnx", tmp_path / "text.onnx"
    plain.write_bytes(graph())
    text.write_text("a text that says palate_card, and more")
    for other, reason in ((plain, "it is cut short"), (text, "it has no card"), (tmp_path, "Is a directory")):
        with pytest.raises(InputError, match=rf"^\[P050\] .* is not a model of palate \({reason}\)"):
            read_model(other)
    with pytest.raises(InputError, match=r"^\[P050\] .*\(No such file or directory\)"):
        read_model(tmp_path / "none.onnx")
    deep = b"\x0a\x0bpalate_card\x12" + b'\x05{"format": ' + b"[" * 100_000
    plain.write_bytes(deep)
    with pytest.raises(InputError, match=r"^\[P051\]"):
        read_model(plain)


def test_a_newer_format_is_refused(path, monkeypatch):
    """By the card, whatever the graph is."""
    monkeypatch.setattr(model_file, "FORMAT", 3)
    write_model(path, b"of another age", CARD)
    monkeypatch.undo()
    with pytest.raises(
        InputError, match=r"^\[P052\] .* has format 3; this palate reads formats up to 2: install a newer palate"
    ):
        read_model(path)

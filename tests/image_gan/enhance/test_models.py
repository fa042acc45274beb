"""Cards, and the models that ship."""

import json
import re
from pathlib import PurePosixPath, PureWindowsPath

import pytest

from corpora.errors import InputError
from image_gan import Enhancer
from image_gan.enhance import models
from image_gan.enhance.model_file import read_model, write_model
from image_gan.enhance.models import WEIGHTS, ModelCard, load_model, named, shipped, shipped_records, shipped_rows

CARD = ModelCard("try", 2, 8, 21, figures={"psnr": 30.5}, ranges={"x": [-1.0, 2.0]}, bfloat16=57.1)


def test_a_card_comes_back(tmp_path):
    write_model(tmp_path / "m.onnx", b"graph", CARD.entries())
    data, card = load_model(tmp_path / "m.onnx")
    assert card == CARD
    assert data == (tmp_path / "m.onnx").read_bytes()


def test_a_card_of_another_time(tmp_path):
    """Entries of format 1 get their present names; unknown ones are ignored; without the necessary ones there is no model."""
    entries = CARD.entries()
    old = {"multiple" if name == "size_multiple" else name: value for name, value in entries.items()}
    old["reach"] = old.pop("receptive_field")
    assert ModelCard.from_entries({"format": 1, **old, "colour": "any"}, "m.onnx") == CARD
    least = ModelCard.from_entries({"name": "a", "scale": 1, "multiple": 4, "reach": 3}, "m.onnx")
    assert least == ModelCard("a", 1, 4, 3)
    write_model(tmp_path / "m.onnx", b"graph", {"name": "a", "scale": 1})
    with pytest.raises(InputError, match=r"\[P050\] .*its card does not say receptive_field, size_multiple"):
        load_model(tmp_path / "m.onnx")


def test_names():
    assert [named(), named(2), named(4), named(2, "crisp"), named(4, "crisp")] == [
        "restore",
        "x2",
        "x4",
        "x2_crisp",
        "x4_crisp",
    ]
    assert [named(scale, "photo") for scale in (1, 2, 4)] == ["photo", "x2_photo", "x4_photo"]
    for scale, look in ((1, "crisp"), (3, "faithful"), (2, "nice")):
        with pytest.raises(InputError, match=r"P084.*faithful at 1, 2, 4; crisp at 2, 4"):
            named(scale, look)


def test_what_ships_is_found_by_name(model_files, monkeypatch):
    monkeypatch.setattr(models, "WEIGHTS", model_files[1].parent)
    assert list(shipped()) == ["restore", "x2", "x4_crisp"]
    assert Enhancer("x4_crisp").scale == 4
    with pytest.raises(InputError, match="restore, x2, x4_crisp"):
        Enhancer("x4")


def test_refuses_models(model_files, tmp_path):
    data = model_files[1].read_bytes()
    for content in (b"", data[:-1], data[: len(data) // 2], data[:5000] + b"x" + data[5001:], b"\x89PNG\r\n\x1a\n"):
        (tmp_path / "other.onnx").write_bytes(content)
        with pytest.raises(InputError, match=r"P050|P051"):
            load_model(tmp_path / "other.onnx")
    for missing in (tmp_path / "missing.onnx", tmp_path, "x3"):
        with pytest.raises(InputError, match=r"P050|P083"):
            load_model(missing)


def test_records_and_rows_of_what_ships():
    records, rows = shipped_records(), shipped_rows()
    assert [record["name"] for record in records] == ["restore", "x2", "x2_crisp", "x4", "x4_crisp"]
    assert json.loads(json.dumps(records)) == records
    assert not any({"config", "ranges"} & set(record) for record in records)
    assert records[0]["bytes"] == (WEIGHTS / "restore.onnx").stat().st_size
    assert list(rows[0]) == ["model", "scale", "look", "megabytes", "psnr", "distance", "data", "terms", "credit"]
    assert rows[0]["psnr"] == records[0]["figures"]["psnr"]
    assert rows[0]["megabytes"] == round(records[0]["bytes"] / 1e6, 1)


@pytest.mark.parametrize("name", shipped())
def test_cards_that_ship_are_complete_and_name_no_folder_of_a_machine(name):
    card = shipped()[name]
    assert card.name == name
    assert all((card.data, card.terms, card.limits, card.parameters, card.steps, card.figures, card.ranges, card.exported))
    assert ("BSDS500" in card.data) == ("non-commercial research" in card.terms)
    assert "non-commercial research" in card.terms or card.terms == "any use, with credit"
    if "CID22" in card.data:
        assert all(owner in card.credit for owner in ("CID22 by Cloudinary (CC BY-SA 4.0)", "Unsplash", "gb82 (CC0)"))
    _, entries = read_model(WEIGHTS / f"{name}.onnx")
    assert entries["format"] == 2
    texts = re.findall(r'"([^"\n]*)"', card.config) + [value for value in entries.values() if isinstance(value, str)]
    assert len(texts) > 10
    assert not any(PurePosixPath(text).is_absolute() or PureWindowsPath(text).is_absolute() for text in texts)

import json
from importlib import metadata

import pytest

from corpora import extras
from corpora.errors import InputError


def missing(module):
    return extras.missing(ModuleNotFoundError(name=module))


@pytest.mark.parametrize(
    ("module", "extra"),
    [("spacy.tokens", "text"), ("tomotopy", "text"), ("cv2", "images"), ("keras", "train"), ("openpyxl", "excel")],
)
def test_the_extra_that_brings_a_module_is_named(module, extra):
    assert missing(module).startswith(f"{module.split('.')[0]} is not installed: pip install '")
    assert missing(module).endswith(f"[{extra}]'")


def test_every_extra_exists_and_brings_what_it_is_said_to(tmp_path):
    lines = metadata.metadata("palate").get_all("Requires-Dist")
    names = {
        "cv2": "opencv-python-headless",
        "PIL": "pillow",
        "pillow_heif": "pillow-heif",
        "sklearn": "scikit-learn",
        "spacy_transformers": "spacy-transformers",
    }
    brought_by_spacy = {"srsly", "thinc"}
    for extra, modules in extras.EXTRAS.items():
        required = [line for line in lines if f'extra == "{extra}"' in line]
        for module in set(modules) - brought_by_spacy:
            assert any(line.lower().startswith(names.get(module, module).lower()) for line in required), (extra, module)


@pytest.mark.parametrize("module", ["corpora.nothing", "requests", "os.nothing"])
def test_other_modules_are_bugs_and_show_themselves(module):
    assert missing(module) is None


def test_a_module_of_no_extra_is_named_alone():
    assert missing("onnxruntime") == "onnxruntime is not installed: pip install onnxruntime"


class Found:
    def __init__(self, origin):
        self.origin = origin

    def read_text(self, name):
        return self.origin


@pytest.mark.parametrize("kind", ["checkout", "palate-0.1.0-py3-none-any.whl"])
def test_the_command_works_from_where_palate_was_installed(kind, tmp_path, monkeypatch):
    (tmp_path / "a b" / kind).mkdir(parents=True)
    origin = json.dumps({"url": (tmp_path / "a b" / kind).as_uri()})
    monkeypatch.setattr(extras, "distributions", lambda name: [Found(None), Found("{"), Found(origin)])
    assert extras.install("images") == f"pip install '{tmp_path / 'a b' / kind}[images]'"
    monkeypatch.setattr(extras, "distributions", lambda name: [Found('{"url": "file:///gone"}')])
    assert extras.install("images") == "pip install 'palate[images]'"


def test_load():
    assert extras.load("json") is json
    with pytest.raises(ModuleNotFoundError):
        extras.load("no_such_module_of_anyone")
    with pytest.raises(InputError, match="onnxruntime is not installed"):
        raise InputError(missing("onnxruntime"))

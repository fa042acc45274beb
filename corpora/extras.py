"""The modules that each extra of the distribution installs, and messages about modules that are missing."""

import contextlib
import json
from importlib import import_module
from importlib.metadata import distributions
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlparse

from corpora.errors import InputError

# The modules that are imported inside functions, by the extra that installs them; messages suggest the first such extra.
EXTRAS = {
    "text": ("spacy", "tomotopy", "gensim", "scipy", "sklearn", "matplotlib", "duckdb", "srsly", "thinc"),
    "images": ("cv2", "PIL", "openvino", "tqdm"),
    "train": ("tensorflow", "keras", "confection", "catalogue", "onnx", "tf2onnx"),
    "heic": ("pillow_heif",),
    "excel": ("openpyxl",),
    "transformers": ("spacy_transformers", "torch"),
    "notebooks": ("pandas",),
}
_ALONE = {"onnxruntime": "onnxruntime"}  # in no extra: users choose the build for their hardware


def missing(error: ModuleNotFoundError) -> str | None:
    """The message for a missing module that an extra installs, with the command to install it; None for other modules.

    error (ModuleNotFoundError): as Python raised it.
    """
    module = str(error.name).split(".")[0]
    if module in _ALONE:
        return f"{module} is not installed: pip install {_ALONE[module]}"
    extra = next((name for name, modules in EXTRAS.items() if module in modules), None)
    return None if extra is None else f"{module} is not installed: {install(extra)}"


def load(module: str) -> Any:
    """Import a module that only some inputs need.

    module (str): its name.
    RAISES InputError: it is not installed; the message names the command that installs it.
    """
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        message = missing(error)
        if message is None:
            raise
        raise InputError(message) from None


def install(extra: str) -> str:
    """The command that installs an extra, from the place that palate itself was installed from: no package index has palate.

    extra (str): one of EXTRAS.
    """
    return f"pip install '{_source()}[{extra}]'"


def _source() -> str:
    """The folder or wheel that palate was installed from, or its name if that is not known."""
    for distribution in distributions(name="palate"):  # the metadata of a checkout, without an origin, may come first
        with contextlib.suppress(ValueError):
            origin = json.loads(distribution.read_text("direct_url.json") or "{}")
            path = unquote(urlparse(origin.get("url", "")).path)
            if path and Path(path).exists():
                return path
    return "palate"

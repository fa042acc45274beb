"""What each extra of the distribution brings, and the command that installs it: one table."""

import contextlib
import json
from importlib import import_module
from importlib.metadata import distributions
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlparse

from corpora.errors import InputError

# The modules that are imported inside functions, by the extra that brings them; the first extra with a module is suggested.
EXTRAS = {
    "text": ("spacy", "tomotopy", "gensim", "scipy", "sklearn", "pyLDAvis", "matplotlib", "duckdb", "srsly", "thinc"),
    "images": ("cv2", "PIL", "openvino", "tqdm"),
    "train": ("tensorflow", "keras", "confection", "catalogue", "onnx", "tf2onnx"),
    "excel": ("openpyxl",),
    "transformers": ("spacy_transformers", "torch"),
    "notebooks": ("pandas",),
}
_ALONE = {"onnxruntime": "onnxruntime"}  # of no extra: who wants it chooses the build for the hardware


def missing(error: ModuleNotFoundError) -> str | None:
    """One line for a module that an extra would have brought, with the command that installs it; None for any other module.

    error (ModuleNotFoundError): as Python raised it.
    """
    module = str(error.name).split(".")[0]
    if module in _ALONE:
        return f"{module} is not installed: pip install {_ALONE[module]}"
    extra = next((name for name, modules in EXTRAS.items() if module in modules), None)
    return None if extra is None else f"{module} is not installed: {install(extra)}"


def load(module: str) -> Any:
    """Import a module that only some inputs need. RAISES InputError: it is not installed; names the command."""
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        message = missing(error)
        if message is None:
            raise
        raise InputError(message) from None


def install(extra: str) -> str:
    """The command that installs an extra from where palate itself was installed, as palate is in no package index."""
    return f"pip install '{_source()}[{extra}]'"


def _source() -> str:
    """The folder or wheel that palate was installed from; its name where nobody knows."""
    for found in distributions(name="palate"):  # a checkout's own metadata, which knows no origin, may come first
        with contextlib.suppress(ValueError):
            origin = json.loads(found.read_text("direct_url.json") or "{}")
            path = unquote(urlparse(origin.get("url", "")).path)
            if path and Path(path).exists():
                return path
    return "palate"

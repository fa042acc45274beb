"""A generator as a file: an ONNX graph that any runtime opens, with a card and a checksum over all of it at its end.

ONNX is a protobuf, whose fields may stand in any order: the card is one more `metadata_props` entry after the others.
"""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from corpora.files import write_bytes
from image_gan.errors import Errors, InputError

FORMAT = 2  # 1: other names of two entries, which `models.ModelCard` translates
_KEY = b"\x0a\x0bpalate_card\x12"  # the entry's key, and the tag of its value


def write_model(path: str | Path, graph: bytes, entries: Mapping[str, Any]) -> None:
    """Write a graph and its card as one file, whole or not at all.

    path (str | Path): the file; one that exists is replaced.
    graph (bytes): a serialised ONNX model.
    entries (Mapping[str, Any]): the card, as JSON can hold it.
    """
    write_bytes(path, graph + _entry(graph, {"format": FORMAT, **entries}))


def read_model(path: str | Path) -> tuple[bytes, dict[str, Any]]:
    """Read a file that `write_model` wrote, and check all of it before anything is parsed as a graph.

    path (str | Path): the file.
    RETURNS (tuple[bytes, dict[str, Any]]): the whole file, which is an ONNX model; and the card's entries, with "format".
    RAISES InputError: P050, a file of another kind; P051, a damaged one; P052, one of a newer format.
    """
    path = Path(path)
    try:
        data = path.read_bytes()
    except OSError as error:
        raise InputError(Errors.P050.format(path=path, reason=error.strerror)) from None
    start = data.rfind(_KEY)
    if start < 0:
        cut_short = data[:1] == b"\x08"  # an ONNX model begins with its version
        reason = "it is cut short" if cut_short else "it has no card"
        raise InputError(Errors.P050.format(path=path, reason=reason))
    entries = _checked_entries(data, start)
    if entries is None:
        raise InputError(Errors.P051.format(path=path))
    if entries["format"] > FORMAT:
        raise InputError(Errors.P052.format(path=path, found=entries["format"], known=FORMAT))
    return data, entries


def _checked_entries(data: bytes, start: int) -> dict[str, Any] | None:
    """The card at the end of a file; None where the file differs from what was written by a byte or more."""
    try:
        entries = json.loads(data[data.index(b'{"format"', start) :])
        del entries["sha256"]
        graph = data[: len(data) - len(_entry(b"", entries))]
        return entries if data == graph + _entry(graph, entries) else None
    except (ValueError, KeyError, RecursionError):
        return None


def _entry(graph: bytes, entries: Mapping[str, Any]) -> bytes:
    digest = hashlib.sha256(graph + json.dumps(entries, sort_keys=True).encode()).hexdigest()
    value = json.dumps({**entries, "sha256": digest}, ensure_ascii=False).encode()
    entry = _KEY + _varint(len(value)) + value
    return b"\x72" + _varint(len(entry)) + entry


def _varint(number: int) -> bytes:
    out = bytearray()
    while number > 127:
        out.append(number & 127 | 128)
        number >>= 7
    return bytes([*out, number])

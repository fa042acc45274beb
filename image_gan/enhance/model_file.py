"""A generator as it travels: an ONNX file that any runtime opens, with its card and a checksum over all of it at its end.

ONNX is a protobuf, whose fields may stand in any order: the card is one more `metadata_props` entry after the rest.
"""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from corpora.files import write_bytes
from image_gan.errors import Errors, InputError

FORMAT = 1
_KEY = b"\x0a\x0bpalate_card\x12"  # the entry's key, and the tag of its value


def write(path: str | Path, graph: bytes, card: Mapping[str, Any]) -> None:
    """Write a graph and its card as one file, whole or not at all.

    graph (bytes): a serialised ONNX model. card (Mapping): what JSON can hold; see `export` for its entries.
    """
    write_bytes(path, graph + _entry(graph, {"format": FORMAT, **card}))


def read(path: str | Path) -> tuple[bytes, dict[str, Any]]:
    """RETURNS (tuple): the whole file, which is an ONNX model, and its card.
    RAISES InputError: P050, of another kind; P051, damaged; P052, of a newer format. All before anything is parsed as a graph.
    """
    path = Path(path)
    try:
        data = path.read_bytes()
    except OSError as error:
        raise InputError(Errors.P050.format(path=path, reason=error.strerror)) from None
    start = data.rfind(_KEY)
    if start < 0:
        reason = "it is cut short" if data[:1] == b"\x08" else "it is none"  # an ONNX model begins with its version
        raise InputError(Errors.P050.format(path=path, reason=reason))
    try:
        card = json.loads(data[data.index(b'{"format"', start) :])
        del card["sha256"]
        graph = data[: len(data) - len(_entry(b"", card))]
        whole = data == graph + _entry(graph, card)
    except (ValueError, KeyError, RecursionError):
        whole = False
    if not whole:
        raise InputError(Errors.P051.format(path=path))
    if card["format"] > FORMAT:
        raise InputError(Errors.P052.format(path=path, found=card["format"], known=FORMAT))
    return data, card


def _entry(graph: bytes, card: Mapping[str, Any]) -> bytes:
    digest = hashlib.sha256(graph + json.dumps(card, sort_keys=True).encode()).hexdigest()
    value = json.dumps({**card, "sha256": digest}, ensure_ascii=False).encode()
    entry = _KEY + _varint(len(value)) + value
    return b"\x72" + _varint(len(entry)) + entry


def _varint(number: int) -> bytes:
    out = bytearray()
    while number > 127:
        out.append(number & 127 | 128)
        number >>= 7
    return bytes([*out, number])

"""A colour profile for what a PNG says by gAMA and cHRM, for formats that have no such chunks."""

import struct
from collections.abc import Mapping

import numpy as np

_D50 = (0.9642, 1.0, 0.8249)
_SRGB = (0.3127, 0.329, 0.64, 0.33, 0.3, 0.6, 0.15, 0.06)  # x and y of white, red, green and blue
_SRGB_GAMMA = 0.45455
_BRADFORD = np.array([[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]])


def profile_of(chunks: Mapping[bytes, bytes], grey: bool) -> bytes | None:
    """Make an ICC profile.

    chunks (Mapping[bytes, bytes]): the content of a PNG's chunks by their names.
    grey (bool): whether the profile is for one channel.
    RETURNS (bytes | None): the profile; None where the chunks say sRGB, nothing, or nothing that can be.
    """
    if b"sRGB" in chunks or b"cICP" in chunks:
        return None
    gamma = int.from_bytes(chunks[b"gAMA"], "big") / 1e5 if b"gAMA" in chunks else _SRGB_GAMMA
    points = (
        tuple(number / 1e5 for number in struct.unpack(">8I", chunks[b"cHRM"]))
        if len(chunks.get(b"cHRM", b"")) == 32
        else _SRGB
    )
    same_points = grey or np.allclose(points, _SRGB, atol=0.003)
    if not 0.05 < gamma < 20 or min(points[1::2]) <= 0 or (same_points and abs(gamma - _SRGB_GAMMA) < 0.005):
        return None
    curve = b"curv" + struct.pack(">IIH2x", 0, 1, round(256 / gamma))
    tags = {b"desc": _description("made of gAMA and cHRM"), b"cprt": b"text\0\0\0\0none\0", b"wtpt": _point(_D50)}
    if grey:
        tags[b"kTRC"] = curve
    else:
        for name, column in zip((b"r", b"g", b"b"), _primaries(points).T, strict=True):
            tags[name + b"XYZ"], tags[name + b"TRC"] = _point(column), curve
    return _file(tags, b"GRAY" if grey else b"RGB ")


def _primaries(points: tuple[float, ...]) -> np.ndarray:
    """Red, green and blue as columns of XYZ, seen by an eye that is used to D50."""
    white, *colours = (np.array([x / y, 1, (1 - x - y) / y]) for x, y in zip(points[::2], points[1::2], strict=True))
    matrix = np.stack(colours, axis=1)
    matrix = matrix * np.linalg.solve(matrix, white)
    ratio = (_BRADFORD @ _D50) / (_BRADFORD @ white)
    return np.linalg.solve(_BRADFORD, ratio[:, None] * _BRADFORD) @ matrix


def _point(xyz: object) -> bytes:
    return b"XYZ \0\0\0\0" + struct.pack(">3i", *(round(float(value) * 65536) for value in np.asarray(xyz)))


def _description(text: str) -> bytes:
    return b"desc\0\0\0\0" + struct.pack(">I", len(text) + 1) + text.encode() + bytes(1 + 4 + 4 + 2 + 1 + 67)


def _file(tags: dict[bytes, bytes], space: bytes) -> bytes:
    table, body, start = struct.pack(">I", len(tags)), b"", 128 + 4 + 12 * len(tags)
    for name, content in tags.items():
        table += name + struct.pack(">II", start + len(body), len(content))
        body += content + bytes(-len(content) % 4)
    size = start + len(body)
    header = struct.pack(">I4sI4s4s4s12x4s28x", size, b"none", 0x02100000, b"mntr", space, b"XYZ ", b"acsp")
    return (header + _point(_D50)[8:]).ljust(128, b"\0") + table + body

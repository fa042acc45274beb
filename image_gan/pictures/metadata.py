"""What a picture's file says about the picture: orientation, EXIF, resolution."""

import re
import struct
from typing import Any

import numpy as np

ORIENTATION = 0x0112
_EXIF, _GPS, _INTEROPERABILITY = 0x8769, 0x8825, 0xA005
_DESCRIPTIVE = (270, 271, 272, 305, 306, 315, 33432)  # among a TIFF's own tags: description, camera, software, date, author


def read_exif(image: Any) -> tuple[Any, bytes | None]:
    """Take EXIF out of a file that Pillow has opened.

    image (PIL.Image.Image): its header is read.
    RETURNS (tuple[Any, bytes | None]): the orientation that is still to be applied, and EXIF with orientation 1, as bytes that
        begin with "Exif". Damaged EXIF is left out.
    """
    orientation = 1
    try:
        tags = image.getexif()
        orientation = tags.get(ORIENTATION, 1)
        if exif := image.info.get("exif"):
            return orientation, _upright(exif)
        kept = descriptive_exif(tags)
        return orientation, kept.tobytes() if kept else None
    except Exception:
        return orientation, None


def descriptive_exif(exif: Any) -> Any:
    """Of EXIF that stands among a TIFF's tags, or is to stand there: what describes the picture, and not its file.

    exif (PIL.Image.Exif): all tags.
    RETURNS (PIL.Image.Exif): some of them.
    """
    from PIL.Image import Exif

    kept = Exif()
    for tag in _DESCRIPTIVE:
        if tag in exif:
            kept[tag] = exif[tag]
    for tag in (_EXIF, _GPS):
        if inner := {key: value for key, value in exif.get_ifd(tag).items() if key != _INTEROPERABILITY}:
            kept[tag] = inner
    return kept


def read_dpi(image: Any) -> tuple[float, float] | None:
    """The resolution that a file names, if it is one that a picture can have."""
    try:
        across, down = (float(value) for value in image.info["dpi"])
    except (KeyError, TypeError, ValueError, ZeroDivisionError):
        return None
    return (across, down) if 1 < across < 65536 and 1 < down < 65536 else None  # 1: a TIFF without a resolution


def turn_upright(samples: np.ndarray, orientation: Any) -> np.ndarray:
    """Apply an orientation of EXIF, 1 to 8; anything else leaves (height, width[, bands]) as it is."""
    if orientation in (5, 6, 7, 8):
        samples = samples.swapaxes(0, 1)
    down = -1 if orientation in (3, 4, 7, 8) else 1
    across = -1 if orientation in (2, 3, 6, 7) else 1
    return np.ascontiguousarray(samples[::down, ::across])


def _upright(exif: bytes) -> bytes:
    """The same bytes with orientation 1 and without the thumbnail, which would show the picture as it was."""
    data = bytearray(b"Exif\0\0" + re.sub(rb"^(Exif\0\0)+", b"", exif))
    order = {b"II": "<", b"MM": ">"}[bytes(data[6:8])]
    start = 8 + struct.unpack_from(f"{order}I", data, 10)[0]
    end = start + 12 * struct.unpack_from(f"{order}H", data, start - 2)[0]
    for entry in range(start, end, 12):
        if struct.unpack_from(f"{order}H", data, entry)[0] == ORIENTATION:
            struct.pack_into(f"{order}HHIHH", data, entry, ORIENTATION, 3, 1, 1, 0)
    struct.pack_into(f"{order}I", data, end, 0)
    return bytes(data)

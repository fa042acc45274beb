"""Which page of a TIFF is the photograph, and whether its samples can be read; asked before Pillow opens the file.

What Pillow does not read where each channel is a plane of its own, is read plane by plane.
"""

import io
import itertools
from typing import Any

_NEW_SUBFILE_TYPE, _OLD_SUBFILE_TYPE, _BITS_PER_SAMPLE, _SAMPLE_FORMAT = 254, 255, 258, 339
_PHOTOMETRIC, _SAMPLES, _PLANAR, _EXTRA_SAMPLES = 262, 277, 284, 338
_STRIPS, _TILES = (273, 279), (324, 325)  # where they are, and their lengths
_OF_A_PLANE = (256, 257, 259, 266, 278, 317, 322, 323, 339)  # sides, compression and the like, which all planes share
_SMALLER_OR_MASK = 1 | 4  # bits of the new type
_MOST = 1000  # pages that are looked at
_FORMATS = {2: "signed", 3: "float", 4: "undefined", 5: "complex", 6: "complex"}


def pages(data: bytes) -> list[Any]:
    """The tags of each page of a TIFF, as Pillow reads them; a page that is damaged ends the list."""
    from PIL.TiffImagePlugin import ImageFileDirectory_v2

    found: list[Any] = []
    file, seen = io.BytesIO(data), {0}
    header = data[: 16 if b"+" in data[2:4] else 8]
    following = ImageFileDirectory_v2(header).next
    while following not in seen and len(found) < _MOST:
        seen.add(following)
        tags = ImageFileDirectory_v2(header)
        file.seek(following)
        try:
            tags.load(file)
        except Exception:
            break
        found.append(tags)
        following = tags.next or 0
    return found


def photographs(found: list[Any]) -> list[int]:
    """The numbers of the pages that are neither a smaller copy of another nor a mask."""
    return [number for number, tags in enumerate(found) if not _is_beside(tags)]


def unsupported(tags: Any) -> str:
    """What of a page's samples is not supported, such as "32-bit float"; "" if nothing is."""
    bits, grey = _bits(tags), _numbers(tags, _PHOTOMETRIC) in ([0], [1])
    format = next((_FORMATS[one] for one in _numbers(tags, _SAMPLE_FORMAT) if one in _FORMATS), "")
    if format or bits not in (1, 2, 4, 8, 16):
        return f"{bits}-bit {format or 'samples'}"
    if bits == 16 and grey and _numbers(tags, _SAMPLES) not in ([], [1]):
        return "16-bit grey with transparency"
    if bits == 16 and not grey and _numbers(tags, _PLANAR) == [2] and _numbers(tags, _PHOTOMETRIC) != [2]:
        return "colour other than RGB of 16 bits in planes"
    if grey and _numbers(tags, _PLANAR) == [2] and 1 in _numbers(tags, _EXTRA_SAMPLES):
        return "premultiplied grey in planes"
    return ""


def number_of_planes(tags: Any) -> int:
    """How many planes a page is read by, which Pillow would read wrongly or not at all; 0 for all other pages."""
    samples = (_numbers(tags, _SAMPLES) or [1])[0]
    if _numbers(tags, _PLANAR) != [2] or 1 in _numbers(tags, _EXTRA_SAMPLES):
        return 0
    colour_of_16_bits = _numbers(tags, _PHOTOMETRIC) == [2] and samples in (3, 4) and _bits(tags) == 16
    grey_and_alpha = _numbers(tags, _PHOTOMETRIC) in ([0], [1]) and samples == 2
    parts = len(_numbers(tags, _where(tags)[0]))
    return samples if (colour_of_16_bits or grey_and_alpha) and parts and parts % samples == 0 else 0


def plane(data: bytes, tags: Any, number: int) -> bytes:
    """One plane of a page, as a file that holds it as a grey picture."""
    from PIL.TiffImagePlugin import ImageFileDirectory_v2

    where, lengths = _where(tags)
    parts = list(zip(_numbers(tags, where), _numbers(tags, lengths), strict=True))
    each = len(parts) // number_of_planes(tags)
    parts = parts[number * each : (number + 1) * each]
    directory = ImageFileDirectory_v2(b"II*\0\x08\0\0\0" if data[:1] == b"I" else b"MM\0*\0\0\0\x08")
    for tag in _OF_A_PLANE:
        if tag in tags:
            directory[tag] = _numbers(tags, tag)[0]
    inverted = number == 0 and _numbers(tags, _PHOTOMETRIC) == [0]
    directory[_BITS_PER_SAMPLE], directory[_SAMPLES], directory[_PHOTOMETRIC] = _bits(tags), 1, int(not inverted)
    starts = [0, *itertools.accumulate(length for _, length in parts)][:-1]
    directory[where], directory[lengths] = tuple(starts), tuple(length for _, length in parts)
    if where == _TILES[0]:  # of strips Pillow itself adds where they begin
        begin = 8 + len(directory.tobytes(8))
        directory[where] = tuple(begin + start for start in starts)
    file = io.BytesIO()
    directory.save(file)
    return file.getvalue() + b"".join(data[start : start + length] for start, length in parts)


def _where(tags: Any) -> tuple[int, int]:
    return _TILES if _TILES[0] in tags else _STRIPS


def _bits(tags: Any) -> int:
    return max(_numbers(tags, _BITS_PER_SAMPLE) or [1])


def _is_beside(tags: Any) -> bool:
    kind = (_numbers(tags, _NEW_SUBFILE_TYPE) or [0])[0]
    return bool(kind & _SMALLER_OR_MASK) or _numbers(tags, _OLD_SUBFILE_TYPE) == [2]


def _numbers(tags: Any, tag: int) -> list[int]:
    try:
        value = tags.get(tag, ())
    except Exception:  # Pillow decodes a value when it is asked for
        return []
    values = value if isinstance(value, tuple) else (value,)
    return [number for number in values if isinstance(number, int)]

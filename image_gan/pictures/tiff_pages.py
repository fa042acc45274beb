"""Which page of a TIFF is the photograph, and whether its samples can be read; asked before Pillow opens the file."""

import io
from typing import Any

_NEW_SUBFILE_TYPE, _OLD_SUBFILE_TYPE, _BITS_PER_SAMPLE, _SAMPLE_FORMAT = 254, 255, 258, 339
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
    bits = max(_numbers(tags, _BITS_PER_SAMPLE) or [1])
    format = next((_FORMATS[one] for one in _numbers(tags, _SAMPLE_FORMAT) if one in _FORMATS), "")
    if format or bits not in (1, 2, 4, 8, 16):
        return f"{bits}-bit {format or 'samples'}"
    return ""


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

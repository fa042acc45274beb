"""What a picture's file says about the picture: orientation, EXIF, XMP, IPTC, comments, resolution."""

import re
import struct
from typing import Any

import numpy as np

from image_gan.pictures.iptc import iptc_of_resources

ORIENTATION = 0x0112
_XMP, _IPTC, _RESOURCES = 700, 33723, 34377  # tags of TIFF
_WIDTHS, _HEIGHTS = (0x0100, 0xA002, 0x1001), (0x0101, 0xA003, 0x1002)  # of the file, the picture, the related picture
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


def read_xmp(image: Any) -> bytes | None:
    """XMP of a file that Pillow has opened."""
    xmp = image.tag_v2.get(_XMP) if hasattr(image, "tag_v2") else image.info.get("xmp")
    return xmp.rstrip(b"\0") or None if isinstance(xmp, bytes) else None


def read_iptc(image: Any) -> bytes | None:
    """IPTC of a JPEG or TIFF that Pillow has opened."""
    if not hasattr(image, "tag_v2"):
        found = image.info.get("photoshop", {}).get(0x0404)
        return found if isinstance(found, bytes) and found else None
    tags = image.tag_v2
    found = tags.get(_IPTC)
    if isinstance(found, tuple) and all(isinstance(number, int) for number in found):  # some write bytes as longs
        found = struct.pack(f"{'>' if tags.prefix == b'MM' else '<'}{len(found)}I", *found)
    resources = tags.get(_RESOURCES)
    return found or (iptc_of_resources(resources) if isinstance(resources, bytes) else None) or None


def read_comments(image: Any) -> tuple[tuple[str, str], ...]:
    """The comments of a JPEG that Pillow has opened."""
    contents = [content for name, content in getattr(image, "applist", ()) if name == "COM"]
    return tuple(("Comment", _decoded(content.rstrip(b"\0"))) for content in contents if content.strip(b"\0"))


def _decoded(content: bytes) -> str:
    try:
        return content.decode("utf8")
    except UnicodeDecodeError:
        return content.decode("latin1")


def sized_exif(exif: bytes, width: int, height: int) -> bytes:
    """The same bytes with another size, where they name one."""
    data = bytearray(exif)
    try:
        order = {b"II": "<", b"MM": ">"}[bytes(data[6:8])]
        _set_sizes(data, order, struct.unpack_from(f"{order}I", data, 10)[0], (width, height), deeper=True)
    except (KeyError, struct.error):
        return exif
    return bytes(data)


def _set_sizes(data: bytearray, order: str, start: int, size: tuple[int, int], deeper: bool) -> None:
    """In one directory of EXIF, and in those that it points to."""
    start += 6
    for number in range(struct.unpack_from(f"{order}H", data, start)[0]):
        entry = start + 2 + 12 * number
        tag, kind, count, value = struct.unpack_from(f"{order}HHII", data, entry)
        if tag in _WIDTHS + _HEIGHTS and kind in (3, 4) and count == 1:
            struct.pack_into(f"{order}HII", data, entry + 2, 4, 1, size[tag in _HEIGHTS])
        if tag in (_EXIF, _INTEROPERABILITY) and deeper:
            _set_sizes(data, order, value, size, deeper=tag == _EXIF)


def sized_xmp(xmp: bytes, width: int, height: int) -> bytes:
    """The same XMP, upright and with another size, where it names them."""
    sizes = {b"tiff:Orientation": 1, b"tiff:ImageWidth": width, b"exif:PixelXDimension": width}
    sizes |= {b"tiff:ImageLength": height, b"exif:PixelYDimension": height}
    pattern = b"(" + b"|".join(sizes) + rb")(\s*=\s*[\"']|>)\s*\d+"
    return re.sub(pattern, lambda found: found[1] + found[2] + str(sizes[found[1]]).encode(), xmp)


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

"""What a PNG says beside its pixels: texts, metadata, what its colours mean. Damage there does not harm the picture.

Texts are read here and kept from Pillow, which refuses the whole file for one of them that is large or damaged.
"""

import re
import struct
import zlib
from collections.abc import Iterator
from typing import NamedTuple

from image_gan.pictures.iptc import iptc_of_resources, resource_of_iptc

_TEXTS = (b"tEXt", b"zTXt", b"iTXt")
_COLOURS = (b"gAMA", b"cHRM", b"sRGB", b"cICP", b"mDCV", b"cLLI")
_NEEDED = (b"tRNS", b"acTL", b"fcTL", b"fdAT")  # without these it would be another picture
_XMP = "XML:com.adobe.xmp"
_LONGEST = 2**25  # bytes of all texts together, unpacked


class Beside(NamedTuple):
    """What stands in a PNG's chunks; the fields are those of `Picture`, but for `exif`, which is as it was written."""

    texts: tuple[tuple[str, str], ...] = ()
    xmp: bytes | None = None
    iptc: bytes | None = None
    exif: bytes | None = None
    colour_chunks: tuple[tuple[bytes, bytes], ...] = ()
    notes: tuple[str, ...] = ()


def split(png: bytes) -> tuple[bytes, Beside]:
    """Take texts out of a PNG, and chunks that are damaged and not needed.

    png (bytes): a file; where it is cut short, that is left to who decodes it.
    RETURNS (tuple[bytes, Beside]): the file without them, and what they and other chunks say.
    """
    kept, begin, texts, colours, notes, room = [], 0, [], [], [], _LONGEST
    for name, start, end in _chunks(png):
        if not name[0] & 32 or name in _NEEDED:
            continue
        content = png[start + 8 : end - 4]
        damaged = png[end - 4 : end] != struct.pack(">I", zlib.crc32(name + content))
        if damaged:
            notes.append(f"its damaged {name.decode('latin1')} chunk is passed over")
        elif name in _COLOURS:
            colours.append((name, content))
        elif name in _TEXTS:
            try:
                texts.append(_text(name, content, room))
                room -= len(texts[-1][1])
            except (ValueError, zlib.error) as error:
                notes.append(f"a text of its {name.decode()} chunk is passed over ({error})")
        if damaged or name in _TEXTS:
            kept.append(png[begin:start])
            begin = end
    if begin:
        png = b"".join((*kept, png[begin:]))
    return png, _sorted(texts)._replace(colour_chunks=tuple(colours), notes=tuple(notes))


def text_chunks(texts: tuple[tuple[str, str], ...], xmp: bytes | None, iptc: bytes | None) -> Iterator[tuple[bytes, bytes]]:
    """Name and content of the chunks for a picture's texts, XMP and IPTC.

    texts, xmp, iptc: as in `Picture`.
    """
    if xmp:
        yield b"iTXt", _XMP.encode() + bytes(5) + xmp
    if iptc:
        data = resource_of_iptc(iptc)
        profile = f"\niptc\n{len(data):8}\n{data.hex()}\n"
        yield b"zTXt", b"Raw profile type iptc\0\0" + zlib.compress(profile.encode())
    for keyword, text in texts:
        key = keyword.encode("latin1", "replace")[:79] or b"Comment"
        try:
            yield b"tEXt", key + b"\0" + text.encode("latin1")
        except UnicodeEncodeError:
            yield b"iTXt", key + bytes(5) + text.encode("utf8", "replace")


def _chunks(png: bytes) -> Iterator[tuple[bytes, int, int]]:
    """Name, start and end of each whole chunk."""
    start = 8
    while start + 12 <= len(png):
        length = int.from_bytes(png[start : start + 4], "big")
        end = start + 12 + length
        if end > len(png):
            return
        yield png[start + 4 : start + 8], start, end
        start = end


def _text(name: bytes, content: bytes, longest: int) -> tuple[str, str]:
    key, rest = content.split(b"\0", 1)
    if name == b"tEXt":
        return key.decode("latin1"), rest.decode("latin1")
    if name == b"zTXt":
        return key.decode("latin1"), _unpacked(rest[1:], longest).decode("latin1")
    packed, (_, _, text) = rest[0], rest[2:].split(b"\0", 2)
    return key.decode("latin1"), (_unpacked(text, longest) if packed else text).decode("utf8")


def _unpacked(data: bytes, longest: int) -> bytes:
    unpacker = zlib.decompressobj()
    text = unpacker.decompress(data, longest)
    if not unpacker.eof:
        raise ValueError("too large" if len(text) == longest else "cut short")
    return text


def _sorted(found: list[tuple[str, str]]) -> Beside:
    """Texts that hold XMP, IPTC or EXIF, as ImageMagick and others write them, are no texts."""
    texts, xmp, iptc, exif = [], b"", b"", b""
    for key, text in found:
        profile = re.fullmatch("Raw profile type (xmp|iptc|exif|APP1|8bim)", key)
        if key == _XMP:
            xmp = text.encode("utf8")
        elif profile:
            data = _profile(text)
            if data.startswith(b"Exif\0\0"):
                exif = data
            elif profile[1] in ("iptc", "8bim"):
                iptc = iptc_of_resources(data) or b""
            elif profile[1] == "xmp":
                xmp = data
        else:
            texts.append((key, text))
    return Beside(tuple(texts), xmp or None, iptc or None, exif or None)


def _profile(text: str) -> bytes:
    """The hexadecimal digits below a name and a length."""
    try:
        return bytes.fromhex("".join(text.split("\n")[3:]))
    except ValueError:
        return b""

"""The formats that are read and written, and what each of them can hold. A new format is a line in KINDS."""

import re
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Kind:
    """A format of picture files.

    title (str): its name in messages; in lower case, its name in options and for Pillow.
    suffixes (tuple[str, ...]): how names of its files end, in lower case; the first is the ending of new files.
    magic (bytes): a regular expression for the first bytes of its files.
    plugin (str): the module of Pillow that opens and saves it, without "ImagePlugin".
    transparency (bool): whether it can hold an alpha channel.
    grey (bool): whether it can hold one channel instead of three.
    """

    title: str
    suffixes: tuple[str, ...]
    magic: bytes
    plugin: str
    transparency: bool = True
    grey: bool = True

    @property
    def name(self) -> str:
        return self.title.lower()


KINDS = {
    kind.name: kind
    for kind in (
        Kind("JPEG", (".jpg", ".jpeg"), rb"\xff\xd8\xff", "Jpeg", transparency=False),
        Kind("PNG", (".png",), rb"\x89PNG\r\n\x1a\n", "Png"),
        Kind("WebP", (".webp",), rb"RIFF....WEBP", "WebP", grey=False),
        Kind("TIFF", (".tif", ".tiff"), rb"II[*+]\0|MM\0[*+]", "Tiff"),
        Kind("BMP", (".bmp",), rb"BM", "Bmp", transparency=False),
    )
}
SUFFIXES = {suffix: kind.name for kind in KINDS.values() for suffix in kind.suffixes}

# What people take for one of these, and what the message calls it.
_OTHER_FILES = {
    "empty": rb"$",
    "a GIF": rb"GIF8",
    "HEIC or AVIF": rb"....ftyp(he|mif|msf|avi)",
    "a PDF": rb"%PDF",
    "a page or a drawing (HTML, XML, SVG)": rb"(\xef\xbb\xbf)?\s*<",
}


def kind_of_bytes(data: bytes) -> Kind | None:
    """The kind whose magic number the data begins with."""
    return next((kind for kind in KINDS.values() if re.match(kind.magic, data, re.DOTALL)), None)


def kind_of_name(path: str | Path) -> Kind | None:
    """The kind that the suffix of a file's name says."""
    name = SUFFIXES.get(Path(path).suffix.lower())
    return KINDS[name] if name else None


def describe_other(data: bytes) -> str:
    """What another kind of file is, as the end of "it is ..."."""
    return next((what for what, magic in _OTHER_FILES.items() if re.match(magic, data, re.DOTALL)), "not a picture")

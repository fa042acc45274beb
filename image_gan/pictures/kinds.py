"""The formats that are read and written, and what each of them can hold. A new format is a line in KINDS."""

import re
from dataclasses import dataclass
from pathlib import Path

_ALL = frozenset({"EXIF", "XMP", "IPTC", "text", "profile", "resolution"})


@dataclass(frozen=True)
class Kind:
    """A format of picture files.

    title (str): its name in messages; in lower case, its name in options and for Pillow.
    suffixes (tuple[str, ...]): how names of its files end, in lower case; the first is the ending of new files.
    magic (bytes): a regular expression for the first bytes of its files.
    plugin (str): the module of Pillow that opens and saves it, without "ImagePlugin"; "" for HEIC, which pillow-heif does.
    transparency (bool): whether it can hold an alpha channel.
    grey (bool): whether it can hold one channel instead of three.
    holds (frozenset[str]): what it can say about a picture: "EXIF", "XMP", "IPTC", "text", "profile", "resolution".
    """

    title: str
    suffixes: tuple[str, ...]
    magic: bytes
    plugin: str
    transparency: bool = True
    grey: bool = True
    holds: frozenset[str] = frozenset()

    @property
    def name(self) -> str:
        return self.title.lower()


_WEB = frozenset({"EXIF", "XMP", "profile"})
KINDS = {
    kind.name: kind
    for kind in (
        Kind("JPEG", (".jpg", ".jpeg", ".jpe", ".jfif"), rb"\xff\xd8\xff", "Jpeg", transparency=False, holds=_ALL),
        Kind("PNG", (".png",), rb"\x89PNG\r\n\x1a\n", "Png", holds=_ALL),
        Kind("WebP", (".webp",), rb"RIFF....WEBP", "WebP", grey=False, holds=_WEB),
        Kind("TIFF", (".tif", ".tiff"), rb"II[*+]\0|MM\0[*+]", "Tiff", holds=_ALL - {"text"}),
        Kind("BMP", (".bmp",), rb"BM", "Bmp", transparency=False, holds=frozenset({"resolution"})),
        Kind("AVIF", (".avif",), rb"....ftyp(?=.{0,40}avi[fs])", "Avif", grey=False, holds=_WEB),
        Kind("HEIC", (".heic", ".heif", ".hif"), rb"....ftyp(?=.{0,40}(he[iv][cmsx]|mif1))", "", grey=False, holds=_WEB),
    )
}
SUFFIXES = {suffix: kind.name for kind in KINDS.values() for suffix in kind.suffixes}

# What people take for one of these, and what the message calls it.
_OTHER_FILES = {
    "empty": rb"$",
    "a GIF": rb"GIF8",
    "JPEG 2000": rb"\0\0\0\x0cjP  |\xff\x4f\xff\x51",
    "JPEG XL": rb"\xff\x0a|\0\0\0\x0cJXL ",
    "a Photoshop file": rb"8BPS",
    "an icon": rb"\0\0[\1\2]\0.\0",
    "an OpenEXR picture": rb"v/1\x01",
    "a DDS picture": rb"DDS ",
    "a QOI picture": rb"qoif",
    "a PDF": rb"%PDF",
    "a page or a drawing (HTML, XML, SVG)": rb"(\xef\xbb\xbf)?\s*<",
}
# How names of pictures end that are neither read nor written.
# fmt: off
OTHER_SUFFIXES = (
    ".gif",
    ".apng",
    ".jp2",
    ".j2k",
    ".jpf",
    ".jpx",
    ".jxl",
    ".jxr",
    ".svg",
    ".svgz",
    ".ico",
    ".icns",
    ".cur",
    ".psd",
    ".psb",
    ".xcf",
    ".kra",
    ".eps",
    ".ai",
    ".pdf",
    ".tga",
    ".dds",
    ".exr",
    ".hdr",
    ".qoi",
    ".ppm",
    ".pgm",
    ".pbm",
    ".pnm",
    ".pam",
    ".pcx",
    ".xbm",
    ".xpm",
    ".dng",
    ".cr2",
    ".cr3",
    ".nef",
    ".arw",
    ".orf",
    ".rw2",
    ".raf",
    ".pef",
    ".srw",
    ".mp4",
    ".mov",
    ".webm",
)
# fmt: on


def kind_of_bytes(data: bytes) -> Kind | None:
    """The kind whose magic number the data begins with."""
    return next((kind for kind in KINDS.values() if re.match(kind.magic, data, re.DOTALL)), None)


def kind_of_file(path: str | Path) -> Kind | None:
    """The kind that the first bytes of a file say; None where it is of no kind, or cannot be opened."""
    try:
        with open(path, "rb") as file:
            return kind_of_bytes(file.read(64))
    except OSError:
        return None


def kind_of_name(path: str | Path) -> Kind | None:
    """The kind that the suffix of a file's name says."""
    name = SUFFIXES.get(Path(path).suffix.lower())
    return KINDS[name] if name else None


def describe_other(data: bytes) -> str:
    """What another kind of file is, as the end of "it is ..."."""
    return next((what for what, magic in _OTHER_FILES.items() if re.match(magic, data, re.DOTALL)), "not a picture")

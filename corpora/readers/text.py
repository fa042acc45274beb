"""Opens text files, gzipped or not, in the encoding that is detected from their bytes."""

import codecs
import gzip
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from corpora.errors import InputError

_BLOCK = 1 << 20
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


@contextmanager
def opened(path: Path, newline: str | None = None) -> Iterator[IO[str]]:
    """Open a text file: UTF-8, UTF-16 with a byte order mark, or cp1252, which Western European spreadsheets write.

    path (Path): the file; gzipped if its name ends in ".gz".
    newline (str | None): as for `open`.
    YIELDS (IO): the open file.
    RAISES InputError: a damaged gzip file; a mixture of encodings (the message names the line).
    RAISES OSError: the file cannot be read.
    """
    opener = gzip.open if path.name.lower().endswith(".gz") else open
    try:
        with opener(path, "rt", encoding=_encoding(path, opener), newline=newline) as file:
            yield file
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise InputError(f"{path}: the gzip file is damaged ({error}): download or pack it again") from None


def _encoding(path: Path, opener: object) -> str:
    """The encoding of a file, from one pass over its bytes."""
    decoder, line, has_utf8 = codecs.getincrementaldecoder("utf-8")(), 1, False
    with opener(path, "rb") as file:  # type: ignore[operator]
        block = file.read(_BLOCK)
        if block.startswith(_UTF16):
            return "utf-16"
        while block:
            try:
                decoded = decoder.decode(block)
            except UnicodeDecodeError as error:
                line += error.object[: error.start].count(b"\n")
                if has_utf8 or not error.object[: error.start].isascii():
                    break
                return _cp1252(path, opener)
            has_utf8 = has_utf8 or not decoded.isascii()
            line += block.count(b"\n")
            block = file.read(_BLOCK)
        else:
            return "utf-8-sig"
    raise InputError(f"{path}, line {line}: not UTF-8, though text before it is UTF-8: convert the file to UTF-8")


def _cp1252(path: Path, opener: object) -> str:
    line = 1
    with opener(path, "rb") as file:  # type: ignore[operator]
        while block := file.read(_BLOCK):
            try:
                block.decode("cp1252")
            except UnicodeDecodeError as error:
                line += block[: error.start].count(b"\n")
                raise InputError(f"{path}, line {line}: neither UTF-8 nor cp1252: convert the file to UTF-8") from None
            line += block.count(b"\n")
    return "cp1252"

"""Street: short pieces of our own in the manner of what people post, with entities marked inline (GUIDE.md says how)."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from corpora import markup
from corpora.errors import InputError
from corpora.files import write_text

SPLITS = ("train", "dev")
_FOLDER = Path(__file__).parent / "pieces"
_HEADING = re.compile(r"## (?P<id>(?P<file>[a-z_]+)-(?P<number>\d+)) \|(?P<restaurant>[^|\n]*)\|(?P<city>[^|\n]*)")
_DEV = 10  # every tenth piece of a file


@dataclass(frozen=True)
class Piece:
    """One piece: its text, the restaurant that it is about and the city, "" where neither is known, and the mentions in it as
    offsets into the text."""

    id: str
    text: str
    restaurant: str
    city: str
    split: str
    mentions: list[markup.Mention] = field(default_factory=list)


def pieces(split: str | None = None) -> Iterator[Piece]:
    """Read the pieces, those of one part or all.

    split (str | None): "train" or "dev" (every tenth piece of a file); None reads all.
    YIELDS (Piece): in the order of the files.
    RAISES InputError: an unknown split.
    """
    if split not in (None, *SPLITS):
        raise InputError(f"street has the splits {', '.join(SPLITS)}. Received: split={split!r}")
    for path in sorted(_FOLDER.glob("*.md")):
        yield from (piece for piece in read(path) if split in (None, piece.split))


def read(path: Path) -> Iterator[Piece]:
    """Read the pieces of one file in the format of GUIDE.md.

    RAISES InputError: a heading or mention that is not as the guide has it; names file and heading.
    """
    for block in re.split(r"(?m)^(?=## )", path.read_text(encoding="utf8"))[1:]:
        heading, _, body = block.partition("\n")
        match = _HEADING.fullmatch(heading.rstrip())
        if not match or match["file"] != path.stem:
            raise InputError(f"{path.name}: not '## {path.stem}-NUMBER | RESTAURANT | CITY': {heading!r}")
        try:
            text, mentions = markup.parse(body.strip())
        except ValueError as error:
            raise InputError(f"{path.name}: {heading}: {error}") from None
        split = "train" if int(match["number"]) % _DEV else "dev"
        yield Piece(match["id"], text, match["restaurant"].strip(), match["city"].strip(), split, mentions)


def as_row(piece: Piece) -> dict[str, str | None]:
    """A piece as `corpora.reviews` reads it back: id, text, name, city."""
    return {"id": piece.id, "text": piece.text, "name": piece.restaurant or None, "city": piece.city or None}


def write_reviews(path: str | Path, split: str | None = None) -> int:
    """Write the pieces of one part or all as JSON lines. RETURNS (int): how many. RAISES InputError: an unknown split."""
    rows = [as_row(piece) for piece in pieces(split)]
    write_text(path, "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows))
    return len(rows)

"""Street: short texts of our own in the style of posts, with inline markup of entities (see GUIDE.md)."""

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
_DEV = 10  # every tenth piece of a file is in the dev split


@dataclass(frozen=True)
class Piece:
    """One piece of text.

    id (str): its id.
    text (str): its plain text.
    restaurant (str): name of the restaurant that it is about; "" if it is not known.
    city (str): the restaurant's city; "" if it is not known.
    split (str): one of SPLITS.
    mentions (list): the mentions of entities in the text.
    """

    id: str
    text: str
    restaurant: str
    city: str
    split: str
    mentions: list[markup.Mention] = field(default_factory=list)


def pieces(split: str | None = None) -> Iterator[Piece]:
    """Read the pieces of one split or of all.

    split (str | None): "train" or "dev" (every tenth piece of a file); None reads all.
    YIELDS (Piece): pieces in the order of the files.
    RAISES InputError: an unknown split.
    """
    if split not in (None, *SPLITS):
        raise InputError(f"street has the splits {', '.join(SPLITS)}. Received: split={split!r}")
    for path in sorted(_FOLDER.glob("*.md")):
        yield from (piece for piece in read(path) if split in (None, piece.split))


def read(path: Path) -> Iterator[Piece]:
    """Read the pieces of one file in the format of GUIDE.md.

    path (Path): the file.
    YIELDS (Piece): pieces in the file's order.
    RAISES InputError: a heading or mention of another form. The message names file and heading.
    """
    for block in re.split(r"(?m)^(?=## )", path.read_text(encoding="utf8"))[1:]:
        heading, _, body = block.partition("\n")
        match = _HEADING.fullmatch(heading.rstrip())
        if not match or match["file"] != path.stem:
            form = f"'## {path.stem}-NUMBER | RESTAURANT | CITY'"
            raise InputError(f"{path.name}: a heading must be {form}. Received: {heading!r}")
        try:
            text, mentions = markup.parse(body.strip())
        except ValueError as error:
            raise InputError(f"{path.name}: {heading}: {error}") from None
        split = "train" if int(match["number"]) % _DEV else "dev"
        yield Piece(match["id"], text, match["restaurant"].strip(), match["city"].strip(), split, mentions)


def as_row(piece: Piece) -> dict[str, str | None]:
    """A piece as a row for `corpora.reviews`.

    piece (Piece): the piece.
    RETURNS (dict): id, text, name, city.
    """
    return {"id": piece.id, "text": piece.text, "name": piece.restaurant or None, "city": piece.city or None}


def write_reviews(path: str | Path, split: str | None = None) -> int:
    """Write the pieces of one split or of all as JSON lines.

    path (str | Path): the file.
    split (str | None): one of SPLITS; None for all.
    RETURNS (int): number of pieces.
    RAISES InputError: an unknown split.
    """
    rows = [as_row(piece) for piece in pieces(split)]
    write_text(path, "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows))
    return len(rows)

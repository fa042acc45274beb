"""The index that search reads: one SQLite file beside the parts of a folder of annotations, with the words of all texts.

restaurants   number, id, name, city, city_key, reviews, stars, first and last: the numbers of its reviews
cuisines      cuisine, restaurant, score: as `Guide.find` finds them
reviews       number, restaurant, stars; the reviews of a restaurant follow one another
texts         words of the reviews' texts (FTS5): the row of a review is its number
items         number, label, key: what is mentioned, CUISINE, DISH or AMENITY
mentions      item, review, start, end
prices        item, review, start, end, value, currency: the amount nearest to a dish, in the sentence that names it
"""

import hashlib
import json
import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from corpora.files import replacing
from spacy_topics.annotations.store import Files, Manifest, files_of, search_index
from spacy_topics.errors import Errors, InputError
from spacy_topics.guide.guide import MIN_SCORE, Guide
from spacy_topics.guide.prices import Amount, amount, amounts
from spacy_topics.guide.sentences import sentence_spans

_FORMAT = 1  # another number for every change of what is in an index
_BATCH = 1000
_SCHEMA = """
CREATE TABLE facts (made_of TEXT);
CREATE TABLE restaurants (
    number INTEGER PRIMARY KEY, id TEXT, name TEXT, city TEXT, city_key TEXT, reviews INTEGER, stars REAL,
    first INTEGER, last INTEGER
);
CREATE TABLE cuisines (cuisine TEXT, restaurant INTEGER, score REAL, PRIMARY KEY (cuisine, restaurant)) WITHOUT ROWID;
CREATE TABLE reviews (number INTEGER PRIMARY KEY, restaurant INTEGER, stars REAL);
CREATE VIRTUAL TABLE texts USING fts5(text, tokenize = 'porter unicode61 remove_diacritics 2');
CREATE TABLE items (number INTEGER PRIMARY KEY, label TEXT, key TEXT, UNIQUE (label, key));
CREATE TABLE mentions (item INTEGER, review INTEGER, start INTEGER, "end" INTEGER);
CREATE TABLE prices (item INTEGER, review INTEGER, start INTEGER, "end" INTEGER, value REAL, currency TEXT);
"""
_INDEXES = """
CREATE INDEX mentions_of ON mentions (item, review);
CREATE INDEX prices_of ON prices (item);
INSERT INTO texts (texts) VALUES ('optimize');
"""
_REVIEWS = """
SELECT d.restaurant_id, d.stars, t.text, m.mentions
FROM docs d JOIN texts t USING (id) LEFT JOIN (
    SELECT document AS id, list({'start': start, 'end': "end", 'label': label, 'key': key} ORDER BY start) AS mentions
    FROM mentions JOIN keys ON keys.text = lower(mentions.text)
    WHERE label IN ('CUISINE', 'DISH', 'AMENITY', 'PRICE') GROUP BY document
) m USING (id)
WHERE d.restaurant_id IS NOT NULL ORDER BY d.restaurant_id, d.id
"""


class Index(NamedTuple):
    """An index that is open.

    connection (Connection): reads it.
    missing (int): number of reviews that are not annotated yet, and are not in it.
    is_new (bool): whether it was made now.
    """

    connection: sqlite3.Connection
    missing: int
    is_new: bool


def open_index(folder: str | Path) -> Index:
    """Open the index of a folder; it is made if there is none, or if the annotations have changed since.

    folder (str | Path): a folder of annotations.
    RAISES InputError: T120, annotations of format 1; and what `Guide` raises.
    RAISES OSError: the index cannot be written.
    """
    manifest = Manifest.read(folder)
    if manifest.format < 2:
        raise InputError(Errors.T120.format(folder=folder))
    files = files_of(folder, manifest)
    path, made_of = search_index(Path(folder)), _made_of(Path(folder), manifest, files)
    is_new = not _is_of(path, made_of)
    if is_new:
        guide = Guide(folder)
        with replacing(path) as beside:
            _write(beside, guide, made_of)
    return Index(_connected(path), files.missing, is_new)


def _connected(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)


def _made_of(folder: Path, manifest: Manifest, files: Files) -> str:
    """A fingerprint of the files that an index is made of: names, sizes and times."""
    paths = [folder / Path(name).name for name in (*files.documents, *files.mentions, *files.texts, "restaurants.parquet")]
    stats = [(path.name, path.stat().st_size, path.stat().st_mtime_ns) for path in paths if path.exists()]
    facts = [_FORMAT, manifest.input, manifest.pipeline, manifest.topics, stats]
    return hashlib.sha256(json.dumps(facts).encode()).hexdigest()


def _is_of(path: Path, made_of: str) -> bool:
    if not path.is_file():
        return False
    connection = _connected(path)
    try:
        return connection.execute("SELECT made_of FROM facts").fetchall() == [(made_of,)]
    except sqlite3.DatabaseError:  # damaged, or something else
        return False
    finally:
        connection.close()


def _write(path: Path, guide: Guide, made_of: str) -> None:
    """Write the index of a guide's annotations."""
    connection = sqlite3.connect(path)
    try:
        connection.executescript(f"PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;{_SCHEMA}")
        numbers = {row["restaurant_id"]: number for number, row in enumerate(guide.restaurants)}
        _add_cuisines(connection, guide)
        spans = _add_reviews(connection, guide, numbers)
        connection.executemany(
            "INSERT INTO restaurants VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                (
                    numbers[row["restaurant_id"]],
                    *(row[key] for key in ("restaurant_id", "name", "city", "city_key", "reviews", "stars")),
                    *spans[numbers[row["restaurant_id"]]],
                )
                for row in guide.tables.rows("SELECT * FROM restaurants")
            ],
        )
        connection.executescript(_INDEXES)
        connection.execute("INSERT INTO facts VALUES (?)", [made_of])
        connection.commit()
    except sqlite3.OperationalError as error:  # such as a full disk
        raise OSError(f"{path.parent}: the index cannot be written ({error})") from None
    finally:
        connection.close()


def _add_cuisines(connection: sqlite3.Connection, guide: Guide) -> None:
    total = guide.scores["total"].round(3)
    for column, cuisine in enumerate(guide.lexicon.ids):
        rows = (total[:, column] >= MIN_SCORE) & guide.places_to_eat
        found = [(cuisine, row, float(total[row, column])) for row in rows.nonzero()[0].tolist()]
        connection.executemany("INSERT INTO cuisines VALUES (?, ?, ?)", found)


def _add_reviews(connection: sqlite3.Connection, guide: Guide, numbers: dict[str, int]) -> list[list[int]]:
    """Write reviews, texts, mentions and prices.

    RETURNS (list): the numbers of the first and the last review of each restaurant.
    """
    spans = [[0, -1] for _ in numbers]
    items: dict[tuple[str, str], int] = {}
    for start, batch in _numbered(guide.tables.with_keys.batches(_REVIEWS, _BATCH)):
        reviews, texts, mentions, prices = [], [], [], []
        for number, (restaurant, stars, text, marked) in enumerate(batch, start):
            row = numbers[restaurant]
            spans[row] = [spans[row][0] or number, number]
            reviews.append((number, row, stars))
            texts.append((number, text))
            named = [(items.setdefault((m["label"], m["key"]), len(items)), m) for m in marked or () if m["label"] != "PRICE"]
            mentions += [(item, number, m["start"], m["end"]) for item, m in named]
            dishes = [(item, m["start"], m["end"]) for item, m in named if m["label"] == "DISH"]
            bare = [(m["start"], m["end"]) for m in marked or () if m["label"] == "PRICE"]
            prices += [
                (item, number, start, end, value.value, value.currency)
                for item, start, end, value in _priced(text, dishes, bare)
            ]
        connection.executemany("INSERT INTO reviews VALUES (?, ?, ?)", reviews)
        connection.executemany("INSERT INTO texts (rowid, text) VALUES (?, ?)", texts)
        connection.executemany("INSERT INTO mentions VALUES (?, ?, ?, ?)", mentions)
        connection.executemany("INSERT INTO prices VALUES (?, ?, ?, ?, ?, ?)", prices)
    connection.executemany("INSERT INTO items VALUES (?, ?, ?)", [(number, *item) for item, number in items.items()])
    return spans


def _numbered(batches: Iterator[list[Any]]) -> Iterator[tuple[int, list[Any]]]:
    start = 1
    for batch in batches:
        yield start, batch
        start += len(batch)


def _priced(
    text: str, dishes: Sequence[tuple[int, int, int]], marked: Sequence[tuple[int, int]]
) -> Iterator[tuple[int, int, int, Amount]]:
    """Dishes with the amount that is nearest to them in their sentence.

    dishes (Sequence): item, start and end of each dish.
    marked (Sequence): start and end of each mention of a price, which may lack a currency.
    YIELDS (tuple): item, start and end of a dish, and the amount.
    """
    for first, last in sentence_spans(text) if dishes else ():
        inside = [dish for dish in dishes if first <= dish[1] < last]
        if not inside:
            continue
        said = [one._replace(start=one.start + first, end=one.end + first) for one in amounts(text[first:last])]
        for start, end in marked:
            is_new = first <= start < last and not any(one.start < end and start < one.end for one in said)
            if is_new and (bare := amount(text[start:end])):
                said.append(bare._replace(start=start, end=end))
        for item, start, end in inside if said else ():
            yield item, start, end, min(said, key=lambda one: max(one.start - end, start - one.end))

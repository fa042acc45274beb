"""By what the reviews of a folder of annotations are placed: which restaurant each of them is taken to be of."""

from pathlib import Path
from typing import NamedTuple

from corpora import bistro
from corpora.files import duckdb_name
from spacy_topics.annotations import schema
from spacy_topics.annotations.store import Manifest, files_of
from spacy_topics.linking.names import city_key

_PLACED = """
SELECT count(*) FILTER (business_id IS NOT NULL) AS by_id,
    count(*) FILTER (business_id IS NULL AND name IS NOT NULL) AS by_name,
    count(*) FILTER (business_id IS NULL AND name IS NULL AND is_linked) AS by_link,
    count(*) FILTER (business_id IS NULL AND name IS NULL AND NOT is_linked) AS unplaced
FROM (
    SELECT business_id, name, id IN (
        SELECT document FROM ({mentions}) WHERE label = 'RESTAURANT' AND kb_id IS NOT NULL AND kb_id <> 'NIL'
    ) AS is_linked FROM ({documents})
)
"""


class Placement(NamedTuple):
    """Numbers of reviews by how their restaurant is known.

    by_id (int): by the business's id in the input.
    by_name (int): by the restaurant's name, and city if there is one, in the input.
    by_link (int): by the restaurant that the review links most often.
    unplaced (int): those whose restaurant is not known; they are in no answer about restaurants.
    base (str): "demo" if the pipeline links to the restaurants of Bistro, which are invented; "elsewhere" if reviews name
        cities and the pipeline knows no restaurant in any of them; else "". It is "" where no review is placed by a link.
    """

    by_id: int
    by_name: int
    by_link: int
    unplaced: int
    base: str


def placement(folder: str | Path) -> Placement:
    """Count the reviews by how their restaurant is known.

    folder (str | Path): a folder of annotations; reviews that are not annotated yet are left out.
    RAISES InputError: T081, it is not a folder of annotations.
    """
    import duckdb

    folder = Path(folder)
    files = files_of(folder, Manifest.read(folder))
    if not files.documents:
        return Placement(0, 0, 0, 0, "")
    documents, mentions = _rows(files.documents, schema.DOCUMENTS), _rows(files.mentions, schema.MENTIONS)
    with duckdb.connect() as connection:
        counts = connection.execute(_PLACED.format(documents=documents, mentions=mentions)).fetchall()[0]
        cities = connection.execute(f"SELECT DISTINCT city FROM ({documents}) WHERE city IS NOT NULL").fetchall()
        kept = _rows([duckdb_name(folder / "restaurants.parquet")], schema.RESTAURANTS)
        base = connection.execute(kept).fetchall()
    by_id, by_name, by_link, unplaced = counts
    kind = _kind_of_base(base, {city_key(city) for (city,) in cities}) if by_link else ""
    return Placement(by_id, by_name, by_link, unplaced, kind)


def _kind_of_base(base: list[tuple[str, str, str]], cities: set[str]) -> str:
    demo = {(restaurant.id, restaurant.name) for restaurant in bistro.restaurants().values()}
    if {(restaurant, name) for restaurant, name, _ in base} <= demo:
        return "demo"
    known = {city_key(city) for _, _, city in base} - {""}
    return "elsewhere" if known and cities - {""} and not cities & known else ""


def _rows(paths: list[str], columns: dict[str, str]) -> str:
    names = ", ".join("'" + path.replace("'", "''") + "'" for path in paths)
    return schema.select(columns).replace("$1", f"[{names}]")

"""Annotations as tables of DuckDB, so that questions are SQL queries.

docs               one row per review: id, restaurant_id, name, city, city_key, stars, known_terms
restaurants        one row per restaurant, in the order of ids: restaurant_id, name, city, city_key, reviews, stars
mentioned          one row per review, label and item that it mentions: restaurant_id, document, label, key, text
keys               one row per spelling of a mention: text (in small letters), key
documents          view of the files of documents
mentions           view of the files of mentions
texts              view of the files of texts; of format 1, which has none, the sentences with mentions
kept_restaurants   view of the file of restaurants
"""

from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from corpora.brands import brands
from corpora.files import duckdb_name
from spacy_topics.annotations import schema
from spacy_topics.annotations.store import Manifest, files_of
from spacy_topics.errors import Errors, InputError
from spacy_topics.guide.quotes import DENIALS
from spacy_topics.lexicon import words
from spacy_topics.linking.names import city_key

# Mentions are linked to the knowledge base, else to chains, by their Wikidata ids.
_KNOWN = """
CREATE TABLE known_restaurants AS
SELECT id, name, city FROM kept_restaurants
UNION ALL SELECT unnest($1::VARCHAR[]) AS id, unnest($2::VARCHAR[]) AS name, '' AS city
"""
# A review belongs to the restaurant that the input names, or else to the one that it links most often; if several are linked
# equally often, to the one with the best score, then to the first one.
_DOCS = """
CREATE TABLE docs AS
WITH linked AS (
    SELECT document, arg_max(kb_id, (times, best, -first)) AS restaurant_id FROM (
        SELECT document, kb_id, count(*) AS times, max(score) AS best, min(start) AS first FROM mentions
        WHERE label = 'RESTAURANT' AND kb_id IS NOT NULL AND kb_id <> 'NIL' GROUP BY ALL
    ) GROUP BY document
)
SELECT d.id, coalesce(d.business_id, d.name || ' · ' || coalesce(d.city, ''), l.restaurant_id) AS restaurant_id,
    coalesce(d.name, r.name) AS name, coalesce(d.city, nullif(r.city, '')) AS city,
    d.stars, d.evidence AS known_terms
FROM documents d
LEFT JOIN linked l ON l.document = d.id
LEFT JOIN known_restaurants r ON r.id = coalesce(d.business_id, l.restaurant_id)
    AND (d.business_id IS NOT NULL OR d.name IS NULL OR lower(d.name) = lower(r.name))
"""
# The most common name and city of each restaurant; of equally common ones, the first in alphabetical order.
_RESTAURANTS = """
CREATE TABLE restaurants AS
WITH names AS (SELECT restaurant_id, name, count(*) AS n FROM docs WHERE name IS NOT NULL GROUP BY ALL),
    cities AS (SELECT restaurant_id, city, city_key, count(*) AS n FROM docs WHERE city IS NOT NULL GROUP BY ALL)
SELECT d.restaurant_id, coalesce(any_value(n.name), d.restaurant_id) AS name, coalesce(any_value(c.city), '') AS city,
    coalesce(any_value(c.city_key), '') AS city_key, count(*) AS reviews, avg(d.stars) FILTER (isfinite(d.stars)) AS stars
FROM docs d
LEFT JOIN (SELECT restaurant_id, arg_min(name, (-n, name)) AS name FROM names GROUP BY ALL) n USING (restaurant_id)
LEFT JOIN (
    SELECT restaurant_id, arg_min(city, (-n, city)) AS city, arg_min(city_key, (-n, city)) AS city_key FROM cities GROUP BY ALL
) c USING (restaurant_id)
WHERE d.restaurant_id IS NOT NULL GROUP BY d.restaurant_id ORDER BY d.restaurant_id
"""
# Spellings that differ only in case, plural and accents are the same item, which counts once per review. What a review says
# there is none of ("no cream") does not count.
_DENIED = " OR ".join(f"contains(' ' || lower(m.sentence), ' {word} ' || lower(m.text))" for word in DENIALS)
# One expression finds sentences that deny something: to look in all for what each mention would be denied by costs thrice that.
_DENIED = f"CASE WHEN regexp_matches(m.sentence, '(?i)\\b(?:{'|'.join(DENIALS)}) ') THEN {_DENIED} END"
_MENTIONED = f"""
CREATE TABLE mentioned AS
SELECT d.restaurant_id, m.document, m.label, k.key, arg_min(k.text, (m.start, k.text)) AS text
FROM mentions m JOIN docs d ON d.id = m.document JOIN keys k ON k.text = lower(m.text)
WHERE d.restaurant_id IS NOT NULL AND m.label IN ('CUISINE', 'DISH', 'INGREDIENT') AND k.key <> ''
    AND NOT coalesce({_DENIED}, false) GROUP BY ALL
"""
# Format 1 has no texts.
_SENTENCES = """
CREATE VIEW texts AS SELECT document AS id, string_agg(DISTINCT sentence, chr(10)) AS text FROM mentions GROUP BY document
"""

_VIEWS = {"documents": "documents", "mentions": "mentions", "texts": "texts", "kept_restaurants": "restaurants"}


class Tables:
    """The tables of a folder of annotations.

    folder (str | Path): the folder, written by `annotate`; reviews that are not annotated yet are left out, and counted in
        `missing`.
    """

    def __init__(self, folder: str | Path) -> None:
        """Create the tables.

        RAISES InputError: T081, not a folder of annotations; T086, a part cannot be read; T087, no review is annotated yet.
        """
        import duckdb

        self.folder = Path(folder)
        self.manifest = Manifest.read(folder)
        files = files_of(folder, self.manifest)
        self.missing = files.missing
        if not files.documents:
            raise InputError(Errors.T087.format(folder=folder))
        self._db = duckdb.connect()
        restaurants = [duckdb_name(self.folder / "restaurants.parquet")]
        self._view("documents", files.documents, schema.documents(self.manifest.keep))
        self._view("mentions", files.mentions, schema.MENTIONS)
        if files.texts:
            self._view("texts", files.texts, schema.TEXTS)
        else:
            self._run(_SENTENCES)
        self._view("kept_restaurants", restaurants, schema.RESTAURANTS)
        chains = [(brand.id, brand.name) for brand in brands().values()]
        self._run(_KNOWN, [[number for number, _ in chains], [name for _, name in chains]])
        self._run(_DOCS)
        self._add_keys("docs", "city", "city_key", city_key)
        self._run("UPDATE docs SET city = NULL, city_key = NULL WHERE city_key = ''")  # "—" or "?" stands for no city
        self._run(_RESTAURANTS)

    @cached_property
    def with_mentioned(self) -> "Tables":
        """These tables, with `mentioned`, which is only created when a question needs it."""
        self.with_keys._run(_MENTIONED)
        return self

    @cached_property
    def with_keys(self) -> "Tables":
        """These tables, with `keys`, which is only created when a question needs it."""
        self._run("CREATE TABLE keys AS SELECT DISTINCT lower(text) AS text FROM mentions")
        self._add_keys("keys", "text", "key", lambda text: " ".join(words(text)))
        return self

    def rows(self, sql: str, parameters: Sequence[Any] = ()) -> list[dict[str, Any]]:
        """Run a query.

        sql (str): the query.
        parameters (Sequence): values of $1, $2, ...
        RETURNS (list): the rows, as dicts.
        RAISES InputError: T086, a part cannot be read.
        """
        cursor = self._run(sql, parameters)
        names = [column[0] for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    def batches(self, sql: str, size: int) -> Iterator[list[tuple[Any, ...]]]:
        """Run a query whose result is too large to be held; no other query may run before its end.

        sql (str): the query.
        size (int): maximum number of rows per batch.
        YIELDS (list): rows, as tuples.
        RAISES InputError: T086, a part cannot be read.
        """
        cursor = self._run(sql)
        while batch := cursor.fetchmany(size):
            yield batch

    def arrays(self, sql: str, parameters: Sequence[Any] = ()) -> dict[str, Any]:
        """Run a query whose columns are numbers.

        sql (str): the query.
        parameters (Sequence): values of $1, $2, ...
        RETURNS (dict): column -> ndarray, in the order of the rows.
        RAISES InputError: T086, a part cannot be read.
        """
        return self._run(sql, parameters).fetchnumpy()

    def create(self, table: str, sql: str, parameters: Sequence[Any] = ()) -> None:
        """Create a table, or replace one.

        table (str): its name.
        sql (str): the query that selects its rows.
        parameters (Sequence): values of $1, $2, ...
        RAISES InputError: T086, a part cannot be read.
        """
        self._run(f"CREATE OR REPLACE TABLE {table} AS {sql}", parameters)

    def _run(self, sql: str, parameters: Sequence[Any] = ()) -> Any:
        import duckdb

        try:
            return self._db.execute(sql, list(parameters))
        except (duckdb.IOException, duckdb.InvalidInputException, duckdb.ConversionException, duckdb.BinderException) as error:
            reason = str(error).splitlines()[0][:200]
            raise InputError(Errors.T086.format(folder=self.folder, table=self._damaged(), reason=reason)) from None

    def _damaged(self) -> str:
        """The name of the table with a part that cannot be read."""
        import duckdb

        for view, table in _VIEWS.items():
            try:
                self._db.execute(f"SELECT bit_xor(hash(v)) FROM {view} v").fetchall()
            except duckdb.Error:
                return table
        return "annotations"

    def _view(self, name: str, paths: list[str], columns: dict[str, str]) -> None:
        """Create a view of Parquet files; views cannot have parameters, so the files' names are part of its SQL."""
        names = ", ".join("'" + path.replace("'", "''") + "'" for path in paths)
        self._run(f"CREATE VIEW {name} AS {schema.select(columns).replace('$1', f'[{names}]')}")

    def _add_keys(self, table: str, column: str, key: str, key_of: Any) -> None:
        """Add a column of keys to a table.

        table (str): the table.
        column (str): the column of texts.
        key (str): the new column.
        key_of (Callable): text -> key.
        """
        texts = [row[column] for row in self.rows(f"SELECT DISTINCT {column} FROM {table} WHERE {column} IS NOT NULL")]
        self._run(f"ALTER TABLE {table} ADD COLUMN {key} VARCHAR")
        pairs = "SELECT unnest($1::VARCHAR[]) AS text, unnest($2::VARCHAR[]) AS key"
        self._run(
            f"UPDATE {table} SET {key} = p.key FROM ({pairs}) p WHERE p.text = {table}.{column}",
            [texts, [key_of(text) for text in texts]],
        )

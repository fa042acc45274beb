"""Annotations -> DuckDB's tables, by SQL, so that questions are queries.

docs          a row per review: id, restaurant_id, name, city, city_key, month, stars, known_terms
restaurants   a row per restaurant: restaurant_id, name, city, city_key, reviews, stars; in the order of the ids
mentioned     a row per review, label and thing that it mentions: restaurant_id, document, label, key, text
documents, mentions, kept_restaurants   views of the files
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from corpora.files import duckdb_name
from spacy_topics.annotations import schema
from spacy_topics.annotations.store import Manifest, files_of
from spacy_topics.errors import Errors, InputError
from spacy_topics.lexicon import words
from spacy_topics.linking.names import city_key

# A review is of the restaurant that its file names, else of the one that it links most often; of equal ones the one with the
# best score, then the first.
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
    strftime(try_cast(d.date AS TIMESTAMP), '%Y-%m') AS month, d.stars, d.evidence AS known_terms
FROM documents d
LEFT JOIN linked l ON l.document = d.id
LEFT JOIN kept_restaurants r ON r.id = coalesce(d.business_id, l.restaurant_id)
    AND (d.business_id IS NOT NULL OR d.name IS NULL OR lower(d.name) = lower(r.name))
"""
# The commonest name and city of each restaurant; of equally common ones the first in the alphabet.
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
# What is spelled alike but for case, plural and accents is one thing, and a review mentions it once.
_MENTIONED = """
CREATE TABLE mentioned AS
SELECT d.restaurant_id, m.document, m.label, k.key, arg_min(k.text, (m.start, k.text)) AS text
FROM mentions m JOIN docs d ON d.id = m.document JOIN keys k ON k.text = lower(m.text)
WHERE d.restaurant_id IS NOT NULL AND m.label IN ('CUISINE', 'DISH', 'INGREDIENT') AND k.key <> '' GROUP BY ALL
"""


_VIEWS = {"documents": "documents", "mentions": "mentions", "kept_restaurants": "restaurants"}


class Tables:
    """The tables of a folder of annotations.

    folder (str | Path): written by `annotate`; parts that do not exist yet are left out, and counted in `missing`.
    """

    def __init__(self, folder: str | Path) -> None:
        """RAISES InputError: T081, not a folder of annotations; T086, a part that cannot be read; T087, no part yet."""
        import duckdb

        self.folder = Path(folder)
        self.manifest = Manifest.read(folder)
        files = files_of(folder, self.manifest)
        self.missing = files.missing
        if not files.documents:
            raise InputError(Errors.T087.format(folder=folder))
        self._db = duckdb.connect()
        restaurants = [duckdb_name(self.folder / "restaurants.parquet")]
        self._view("documents", files.documents, schema.DOCUMENTS)
        self._view("mentions", files.mentions, schema.MENTIONS)
        self._view("kept_restaurants", restaurants, schema.RESTAURANTS)
        self._run(_DOCS)
        self._add_keys("docs", "city", "city_key", city_key)
        self._run(_RESTAURANTS)
        self._run("CREATE TABLE keys AS SELECT DISTINCT lower(text) AS text FROM mentions")
        self._add_keys("keys", "text", "key", lambda text: " ".join(words(text)))
        self._run(_MENTIONED)

    def rows(self, sql: str, parameters: Sequence[Any] = ()) -> list[dict[str, Any]]:
        """The rows of a query, as records."""
        cursor = self._run(sql, parameters)
        names = [column[0] for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    def _run(self, sql: str, parameters: Sequence[Any] = ()) -> Any:
        import duckdb

        try:
            return self._db.execute(sql, list(parameters))
        except (duckdb.IOException, duckdb.InvalidInputException, duckdb.ConversionException, duckdb.BinderException) as error:
            reason = str(error).splitlines()[0][:200]
            raise InputError(Errors.T086.format(folder=self.folder, table=self._damaged(), reason=reason)) from None

    def _damaged(self) -> str:
        """The table with a part that cannot be read."""
        import duckdb

        for view, table in _VIEWS.items():
            try:
                self._db.execute(f"SELECT bit_xor(hash(v)) FROM {view} v").fetchall()
            except duckdb.Error:
                return table
        return "annotations"

    def _view(self, name: str, paths: list[str], columns: dict[str, str]) -> None:
        """A view of Parquet files; views take no parameters, so the names stand in its text."""
        names = ", ".join("'" + path.replace("'", "''") + "'" for path in paths)
        self._run(f"CREATE VIEW {name} AS {schema.select(columns).replace('$1', f'[{names}]')}")

    def _add_keys(self, table: str, column: str, key: str, key_of: Any) -> None:
        """Add a column to a table: the key of each text of another column."""
        texts = [row[column] for row in self.rows(f"SELECT DISTINCT {column} FROM {table} WHERE {column} IS NOT NULL")]
        self._run(f"ALTER TABLE {table} ADD COLUMN {key} VARCHAR")
        pairs = "SELECT unnest($1::VARCHAR[]) AS text, unnest($2::VARCHAR[]) AS key"
        self._run(
            f"UPDATE {table} SET {key} = p.key FROM ({pairs}) p WHERE p.text = {table}.{column}",
            [texts, [key_of(text) for text in texts]],
        )

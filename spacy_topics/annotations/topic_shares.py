"""What a page about topics shows of annotations: reviews that stand for each topic, and shares by city and year."""

from pathlib import Path
from typing import Any

import numpy as np

from spacy_topics.annotations.store import Manifest, files_of
from spacy_topics.errors import Errors, InputError
from spacy_topics.topic_model import TopicModel

_EXAMPLES = 3
_USUAL_TERMS = 20  # as in `topic_search.representative`
_GROUPS = 12  # most groups that are shown
_LEAST = 5  # reviews of a group that is shown
_BY = {"city": "city", "year": r"nullif(regexp_extract(date, '^\s*((19|20)\d\d)-', 1), '')"}


def examples_and_shares(folder: str | Path, model: TopicModel) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Examples and shares of topics, for `html_pages.topic_map.topic_map`.

    folder (str | Path): annotations with the topics of the model.
    model (TopicModel): the topics.
    RETURNS (tuple): examples (as `topic_search.representative` returns them; none in format 1, which has no texts), and mean
        shares by city and by year, of groups of five reviews or more, at most the twelve with most reviews.
    RAISES InputError: T081, T087, there are no annotations; T134, they are of other topics.
    """
    import duckdb

    manifest = Manifest.read(folder)
    if manifest.topics != model.labels:
        raise InputError(Errors.T134.format(folder=folder))
    files = files_of(folder, manifest)
    if not files.documents:
        raise InputError(Errors.T087.format(folder=folder))
    with duckdb.connect() as connection:
        documents = "read_parquet($1, hive_partitioning = false)"
        examples = [row for k in range(model.num_topics) for row in _examples(connection, documents, files, model, k)]
        shares = [_shares(connection, documents, files.documents, by, model.num_topics) for by in _BY]
    return examples, [one for one in shares if len(one["names"]) > 1]


def _examples(connection: Any, documents: str, files: Any, model: TopicModel, topic: int) -> list[dict[str, Any]]:
    if topic == model.background or not files.texts:
        return []
    share = f"topic_dist[{topic + 1}]"
    best = f"SELECT id, {share} AS share FROM {documents} WHERE evidence > 0"
    best += f" ORDER BY {share} * evidence / (evidence + {_USUAL_TERMS}) DESC, id LIMIT {_EXAMPLES}"
    sql = f"SELECT best.id, share, text FROM ({best}) best JOIN read_parquet($2, hive_partitioning = false) t ON t.id = best.id"
    rows = connection.execute(f"{sql} ORDER BY share DESC, best.id", [files.documents, files.texts]).fetchall()
    label = model.labels[topic]
    return [{"topic": topic, "label": label, "id": id, "share": share, "text": text} for id, share, text in rows]


def _shares(connection: Any, documents: str, files: list[str], by: str, topics: int) -> dict[str, Any]:
    means = ", ".join(f"avg(topic_dist[{k + 1}])" for k in range(topics))
    sql = f"SELECT {_BY[by]} AS of, count(*) AS reviews, {means} FROM {documents} WHERE evidence > 0 GROUP BY of"
    sql += f" HAVING of IS NOT NULL AND reviews >= {_LEAST} ORDER BY reviews DESC, of LIMIT {_GROUPS}"
    rows = sorted(connection.execute(sql, [files]).fetchall())
    return {
        "by": by,
        "names": [row[0] for row in rows],
        "shares": np.array([row[2:] for row in rows], float).reshape(-1, topics),
    }

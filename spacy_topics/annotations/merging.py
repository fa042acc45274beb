"""Annotations with fewer topics: the columns of topics that were merged are added."""

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from corpora.files import locked
from spacy_topics.annotations import schema, store
from spacy_topics.annotations.store import Manifest
from spacy_topics.errors import Errors, InputError
from spacy_topics.merging import Merged, merge_theta
from spacy_topics.topic_model import TopicModel


def merge_annotations(folder: str | Path, output: str | Path, model: TopicModel, merged: Merged) -> int:
    """Write a folder of annotations once more, with merged topics; mentions, texts and all else stay.

    A merged topic has the sum of its topics' weights; a review's list of topics holds those that reach the least weight that is
    listed anywhere in the folder. `palate annotate` does not continue in the new folder, as no pipeline has these topics.

    folder (str | Path): the annotations.
    output (str | Path): a new or empty folder.
    model (TopicModel): the topics of the annotations.
    merged (Merged): of this model.
    RETURNS (int): number of reviews.
    RAISES InputError: T081, T087, the folder has no annotations; T134, they are of other topics; T136, the output is not empty.
    RAISES RunError: T092, another run is writing to one of the folders.
    """
    folder, output = Path(folder), Path(output)
    manifest = Manifest.read(folder)
    if manifest.topics != model.labels:
        raise InputError(Errors.T134.format(folder=folder))
    if output.exists() and (not output.is_dir() or any(output.iterdir())):
        raise InputError(Errors.T136.format(folder=output))
    output.mkdir(parents=True, exist_ok=True)
    with locked(folder, Errors.T092.format(folder=folder)):
        return _write(folder, output, manifest, merged)


def _write(folder: Path, output: Path, manifest: Manifest, merged: Merged) -> int:
    files = store.files_of(folder, manifest)
    if files.missing or not files.documents:
        raise InputError(Errors.T087.format(folder=folder))
    content = f"{manifest.pipeline} {merged.topics.tolist()}".encode()
    names = [bool(name) for name in merged.model.names]
    trust = [
        max(manifest.trust[k] for k in np.flatnonzero(merged.topics == new)) if named else 0.0
        for new, named in enumerate(names)
    ]
    after = replace(manifest, pipeline=hashlib.sha256(content).hexdigest(), topics=merged.model.labels, trust=trust)
    least = _least_weight(files.documents)
    for part in manifest.parts:
        made_by = after.made_by(part)
        for kind in ("texts", "mentions") if manifest.format > 1 else ("mentions",):
            columns = schema.TEXTS if kind == "texts" else schema.MENTIONS
            store.write_rows(
                store.path_of(output, kind, part), _rows(store.path_of(folder, kind, part), columns), columns, made_by
            )
        columns = schema.documents(manifest.keep)
        rows = _rows(store.path_of(folder, "documents", part), columns)
        _merge_rows(rows, merged, least)
        store.write_rows(store.path_of(output, "documents", part), rows, columns, made_by)
    columns = schema.RESTAURANTS
    store.write_rows(output / "restaurants.parquet", _rows(folder / "restaurants.parquet", columns), columns)
    after.write(output)
    return manifest.rows


def _merge_rows(rows: Sequence[dict[str, Any]], merged: Merged, least: float) -> None:
    labels, background = merged.model.labels, merged.model.background
    for row in rows:
        if not row["topic_dist"]:
            continue
        theta = merge_theta(np.array([row["topic_dist"]], np.float32), merged.topics)[0]
        row["topic_dist"] = theta.tolist()
        order = np.argsort(-theta, kind="stable").tolist() if row["evidence"] else []
        listed = [k for k in order if theta[k] >= least and k != background]
        row["topics"] = [{"label": labels[k], "weight": round(float(theta[k]), 6)} for k in listed]


def _rows(path: Path, columns: Any) -> list[dict[str, Any]]:
    import duckdb

    with duckdb.connect() as connection:
        found = connection.execute(schema.select(columns), [store.duckdb_name(path)])
        return [dict(zip(columns, row, strict=True)) for row in found.fetchall()]


def _least_weight(files: Sequence[str]) -> float:
    """The least weight of a topic that is listed: an estimate of the threshold of the pipeline's lda_topics."""
    import duckdb

    with duckdb.connect() as connection:
        sql = "SELECT min(topic.weight) FROM (SELECT unnest(topics) AS topic FROM read_parquet($1))"
        ((least,),) = connection.execute(sql, [list(files)]).fetchall()
    return 1.0 if least is None else float(least)

"""What a page about topics shows of annotations: reviews that stand for each topic, and shares by city and year."""

from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np

from spacy_topics.errors import Errors, InputError
from spacy_topics.guide.guide import Guide
from spacy_topics.guide.topics_by import topics_by
from spacy_topics.topic_model import TopicModel

_EXAMPLES = 3
_USUAL_TERMS = 20  # as in `topic_search.representative`
_GROUPS = 12  # most groups that are shown, those with most reviews
_LEAST = 5  # reviews of a group that is shown
# A share counts the less, the fewer known terms the review has.
_BEST = f"""
SELECT b.k, b.id, b.share, t.text FROM (
    SELECT * FROM (
        SELECT id, evidence, unnest(topic_dist) AS share, generate_subscripts(topic_dist, 1) - 1 AS k
        FROM documents WHERE evidence > 0
    ) QUALIFY row_number() OVER (PARTITION BY k ORDER BY share * evidence / (evidence + {_USUAL_TERMS}) DESC, id) <= {_EXAMPLES}
) b JOIN texts t ON t.id = b.id ORDER BY b.k, b.share DESC, b.id
"""


def examples_and_shares(folder: str | Path, model: TopicModel) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Examples and shares of topics, for `html_pages.topic_map.topic_map`.

    folder (str | Path): annotations with the topics of the model.
    model (TopicModel): the topics.
    RETURNS (tuple): examples (as `topic_search.representative` returns them), and shares by city and by year (see `topics_by`),
        of groups of five reviews or more, at most the twelve with most reviews.
    RAISES InputError: T081, T087, there are no annotations; T134, they are of other topics.
    """
    guide = Guide(folder)
    if guide.manifest.topics != model.labels:
        raise InputError(Errors.T134.format(folder=folder))
    labels = model.labels
    rows = guide.tables.rows(_BEST)
    examples = [
        {"topic": row["k"], "label": labels[row["k"]], "id": row["id"], "share": row["share"], "text": row["text"]}
        for row in rows
        if row["k"] != model.background
    ]
    shares = [one for by in ("city", "year") for one in _shares(guide, by, model)]
    return examples, shares


def _shares(guide: Guide, by: str, model: TopicModel) -> list[dict[str, Any]]:
    """The shares by one thing, if there are groups to compare."""
    with suppress(InputError):  # no review has a city, or a date; or there is nothing beside the background
        found = topics_by(guide, by, limit=1, quotes=0)
        most = np.argsort(-found.reviews, kind="stable")[:_GROUPS]
        shown = np.sort(most[found.reviews[most] >= _LEAST])
        if len(shown) > 1:
            values = np.full((len(shown), model.num_topics), np.nan)
            values[:, np.arange(model.num_topics) != model.background] = found.share[shown]
            return [{"by": by, "names": [found.groups[g] for g in shown.tolist()], "shares": values}]
    return []

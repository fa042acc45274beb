"""Topics that steer a GAN: a face is a document whose words are its attributes, and its topics are the critic's condition.

The critic is told, by projection, what it should see. The generator is not, so that nothing is needed when pictures are made.
Pictures and topics meet here only, and only through `TopicModel`.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from corpora.files import replacing
from image_gan.errors import Errors, InputError, one_line
from image_gan.training.celeba import CelebA

KINDS = ("theta", "attributes", "shuffled")


class Conditions(NamedTuple):
    """A vector for each of N pictures.

    names (list[str]): of the pictures: the stems of their files.
    labels (list[str]): what the C numbers of a vector mean.
    vectors (np.ndarray): (N, C), float32.
    topics (list[str]): the labels of the topics.
    topic (np.ndarray): (N,), the topic with the largest weight in each face, from 0.
    """

    names: list[str]
    labels: list[str]
    vectors: np.ndarray
    topics: list[str]
    topic: np.ndarray

    def by_name(self) -> dict[str, np.ndarray]:
        """The vector of each name."""
        return dict(zip(self.names, self.vectors, strict=True))


def fit_conditions(folder: str | Path, *, topics: int = 8, kind: str = "theta", seed: int = 0) -> Conditions:
    """Fit LDA to the attributes of a folder in CelebA's layout.

    folder (str | Path): the data set.
    topics (int): how many topics.
    kind (str): "theta", the topics of a face; "attributes", the attributes as they are, -1 or 1; "shuffled", the thetas of
        other faces: the control, which has the same distribution and says nothing.
    seed (int): of the sampler and of the shuffling.
    RETURNS (Conditions): a face without attributes has the prior as its theta.
    RAISES InputError: P060, P064, the kind or the data set cannot be used; T030, T036, the number of topics is out of range.
    """
    from spacy_topics.trainers.base import check_size
    from spacy_topics.trainers.gibbs import Gibbs

    celeba = CelebA.at(Path(folder))
    if celeba is None:
        raise InputError(Errors.P064.format(file=folder, reason=f"has no {CelebA.ATTRIBUTES}"))
    if kind not in KINDS:
        raise InputError(Errors.P060.format(what="kind", allowed=" or ".join(KINDS), got=kind))
    files, attributes, is_true = celeba.attributes()
    bags = _bags(is_true)
    check_size(bags, topics)
    model = Gibbs(alpha=1.0 / topics)(bags, attributes, topics, seed=seed)
    theta = model.infer_bags(bags)
    labels = [", ".join(words[:3]) for words in (model.top_words(k) for k in range(topics))]
    names, topic = [Path(file).stem for file in files], theta.argmax(axis=1)
    if kind == "attributes":
        return Conditions(names, attributes, np.where(is_true, 1, -1).astype(np.float32), labels, topic)
    if kind == "shuffled":
        theta = theta[np.random.default_rng(seed).permutation(len(names))]
    return Conditions(names, labels, theta.astype(np.float32), labels, topic)


def save_conditions(path: str | Path, conditions: Conditions) -> None:
    """Write conditions as one .npz, whole or not at all."""
    with replacing(path) as beside, open(beside, "wb") as file:
        np.savez(file, allow_pickle=False, **{name: np.asarray(value) for name, value in conditions._asdict().items()})


def load_conditions(path: str | Path) -> Conditions:
    """Read what `save_conditions` wrote. RAISES InputError: P064, it cannot be read."""
    try:
        with np.load(path, allow_pickle=False) as file:
            names, labels, topics = (file[name].tolist() for name in ("names", "labels", "topics"))
            return Conditions(names, labels, file["vectors"], topics, file["topic"])
    except FileNotFoundError:
        reason = "there is no such file; `palate images topics FACES -o FILE` writes one"
        raise InputError(Errors.P064.format(file=path, reason=reason)) from None
    except Exception as error:  # zip, zlib and NumPy each have their own
        reason = f"is not a file of conditions ({one_line(error, 120)})"
        raise InputError(Errors.P064.format(file=path, reason=reason)) from None


def topic_rows(conditions: Conditions) -> list[dict[str, Any]]:
    """The topics as rows of a table: topic (its label), faces (in how many it has the largest weight)."""
    counts = np.bincount(conditions.topic, minlength=len(conditions.topics))
    return [{"topic": label, "faces": int(count)} for label, count in zip(conditions.topics, counts, strict=True)]


def figures_by_topic(rows: Iterable[Mapping[str, Any]], conditions: Conditions) -> list[dict[str, Any]]:
    """Average the figures of pictures by the topic with the largest weight in each face.

    rows (Iterable[Mapping[str, Any]]): of `evaluation.evaluate`.
    conditions (Conditions): of the faces.
    RETURNS (list[dict[str, Any]]): for each topic: topic, faces, psnr, ssim, distance; the worst distance first. A topic
        without a face has None.
    """
    topic_of = dict(zip(conditions.names, conditions.topic.tolist(), strict=True))
    groups: list[list[Mapping[str, Any]]] = [[] for _ in conditions.topics]
    for row in rows:
        name = Path(row["picture"]).stem
        if "failed" not in row and name in topic_of:
            groups[topic_of[name]].append(row)
    table = []
    for topic, group in zip(conditions.topics, groups, strict=True):
        figures = {name: _mean(group, name) for name in ("psnr", "ssim", "distance")}
        table.append({"topic": topic, "faces": len(group), **figures})
    return sorted(table, key=lambda row: -(row["distance"] or 0))


def _bags(is_true: np.ndarray) -> Any:
    from spacy_topics.bags import to_bags

    faces, words = np.nonzero(is_true)
    return to_bags(faces, words.astype(np.int32), len(is_true))


def _mean(rows: list[Mapping[str, Any]], name: str) -> float | None:
    return float(np.mean([row[name] for row in rows])) if rows else None

"""Topics that steer a GAN: a face is a document whose words are its attributes; its topics are the critic's condition.

The critic is told, by projection, what it should see; the generator is not, so that nothing is needed when pictures are made.
It is here alone that pictures and topics meet, and only through `TopicModel`.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from corpora.files import replacing
from image_gan.errors import Errors, InputError
from image_gan.training.batches import CelebA

KINDS = ("theta", "attributes", "shuffled")


class Conditions(NamedTuple):
    """A vector for each picture: names (stems of files), labels (what the C numbers of a vector are), vectors (N, C), float32,
    the topics' labels, and the topic that weighs most in each face, from 0."""

    names: list[str]
    labels: list[str]
    vectors: np.ndarray
    topics: list[str]
    topic: np.ndarray

    def by_name(self) -> dict[str, np.ndarray]:
        """The vector of each name."""
        return dict(zip(self.names, self.vectors, strict=True))


def conditions(folder: str | Path, *, topics: int = 8, kind: str = "theta", seed: int = 0) -> Conditions:
    """Fit LDA to the attributes of a folder in CelebA's layout.

    topics (int): K. kind (str): "theta", what a face is of; "attributes", the attributes as they are, -1 or 1; "shuffled",
    the thetas of other faces, the control that has all of their distribution and nothing to say. seed (int).
    RETURNS (Conditions): a face without attributes has the prior as its theta.
    RAISES InputError: P060, P064; T030, T036, a number of topics that cannot be.
    """
    from spacy_topics.trainers.gibbs import Gibbs, check_size

    celeba = CelebA.at(Path(folder))
    if celeba is None:
        raise InputError(Errors.P064.format(file=folder, reason=f"has no {CelebA.ATTRIBUTES}"))
    if kind not in KINDS:
        raise InputError(Errors.P060.format(what="kind", allowed=" or ".join(KINDS), got=kind))
    files, attributes, has = celeba.attributes()
    bags = _bags(has)
    check_size(bags, topics)
    model = Gibbs(alpha=1.0 / topics)(bags, attributes, topics, seed=seed)
    theta = model.infer_bags(bags)
    labels = [", ".join(words[:3]) for words in (model.top_words(k) for k in range(topics))]
    names, topic = [Path(file).stem for file in files], theta.argmax(axis=1)
    if kind == "attributes":
        return Conditions(names, attributes, np.where(has, 1, -1).astype(np.float32), labels, topic)
    order = np.random.default_rng(seed).permutation(len(names)) if kind == "shuffled" else np.arange(len(names))
    return Conditions(names, labels, theta[order].astype(np.float32), labels, topic)


def _bags(has: np.ndarray) -> Any:
    from spacy_topics.fold_in import to_bags

    faces, words = np.nonzero(has)
    return to_bags(faces, words.astype(np.int32), len(has))


def save(path: str | Path, made: Conditions) -> None:
    """Write conditions as one .npz, whole or not at all."""
    with replacing(path) as beside, open(beside, "wb") as file:
        np.savez(file, allow_pickle=False, **{name: np.asarray(value) for name, value in made._asdict().items()})


def load(path: str | Path) -> Conditions:
    """Read what `save` wrote. RAISES InputError: P064."""
    try:
        with np.load(path, allow_pickle=False) as file:
            lists = (file["names"].tolist(), file["labels"].tolist())
            return Conditions(*lists, file["vectors"], file["topics"].tolist(), file["topic"])
    except FileNotFoundError:
        raise InputError(Errors.P064.format(file=path, reason="there is none: `palate images topics FACES -o FILE`")) from None
    except Exception as error:  # zip, zlib and NumPy each have their own
        reason = f"is no file of conditions ({' '.join(str(error).split())[:120]})"
        raise InputError(Errors.P064.format(file=path, reason=reason)) from None


def by_topic(rows: Iterable[Mapping[str, Any]], made: Conditions) -> list[dict[str, Any]]:
    """Figures of `evaluation.evaluate` by the topic that weighs most in each face; a topic without a face has None.

    RETURNS (list): a dict a topic: topic, faces, psnr, ssim, distance; the worst distance first.
    """
    at = dict(zip(made.names, made.topic.tolist(), strict=True))
    groups: dict[int, list[Mapping[str, Any]]] = {k: [] for k in range(len(made.topics))}
    for row in rows:
        if "failed" not in row and (name := Path(row["picture"]).stem) in at:
            groups[at[name]].append(row)
    table = []
    for topic, some in groups.items():
        figures = {name: float(np.mean([row[name] for row in some])) if some else None for name in ("psnr", "ssim", "distance")}
        table.append({"topic": made.topics[topic], "faces": len(some), **figures})
    return sorted(table, key=lambda row: -(row["distance"] or 0))

"""Fixtures: a small model of Bistro, and a small pipeline and its annotations, made once."""

import json

import numpy as np
import pytest
import spacy
from hypothesis import settings

from corpora import bistro
from corpora.businesses import Business
from spacy_topics import lexicon
from spacy_topics.annotate import annotate
from spacy_topics.linking.knowledge_base import KnowledgeBase
from spacy_topics.topic_model import TopicModel

settings.register_profile("palate", deadline=None, max_examples=40, derandomize=True)
settings.load_profile("palate")


@pytest.fixture(scope="session")
def texts():
    return [review.text for review in bistro.reviews()]


@pytest.fixture(scope="session")
def model_bytes(texts):
    nlp = spacy.blank("en")
    config = {"num_topics": 12, "seeds": {"mexican": ["taco", "salsa", "tortilla"]}}
    config["trainer"] = {"@misc": "spacy_topics.Gibbs.v1", "iterations": 100, "burn_in": 50}
    return nlp.add_pipe("lda_topics", config=config).fit(texts).to_bytes()


@pytest.fixture
def model(model_bytes):
    return TopicModel.from_bytes(model_bytes)


@pytest.fixture
def model_path(model, tmp_path):
    model.save(tmp_path / "bistro.topics")
    return tmp_path / "bistro.topics"


@pytest.fixture
def nlp(model):
    nlp = spacy.blank("en")
    nlp.add_pipe("lda_topics").topic_model = model
    return nlp


@pytest.fixture(scope="session")
def reviews_file(tmp_path_factory):
    path = tmp_path_factory.mktemp("data") / "reviews.jsonl"
    rows = [bistro.as_row(review) for review in bistro.reviews()]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf8")
    return path


@pytest.fixture(scope="session")
def small():
    """A model of three topics over nine terms."""
    phi = np.kron(np.eye(3), np.full((1, 3), 0.3)) + 0.01
    words = ["taco", "salsa", "lime", "pasta", "basil", "risotto", "sushi", "nori", "rice"]
    return TopicModel(phi, np.full(3, 0.1), words, names=["mexican", "", ""])


@pytest.fixture(scope="session")
def four():
    """Four reviews of each house, as rows of a file."""
    count = dict.fromkeys(bistro.restaurants(), 0)
    rows = []
    for review in bistro.reviews():
        count[review.restaurant.id] += 1
        if count[review.restaurant.id] <= 4:
            rows.append(bistro.as_row(review))
    return rows


@pytest.fixture(scope="session")
def pipeline(four, tmp_path_factory):
    """A folder with a pipeline that finds what is marked in Bistro, with a topic for each cuisine, and links."""
    nlp = spacy.blank("en")
    nlp.add_pipe("sentencizer")
    kinds = ("RESTAURANT", "CUISINE", "INGREDIENT", "LOCATION")
    said = {(m.label, r.text[m.start : m.end].lower()) for r in bistro.reviews() for m in r.mentions if m.label in kinds}
    patterns = lexicon.patterns() + [{"label": label, "pattern": text} for label, text in sorted(said)]
    nlp.add_pipe("entity_ruler", config={"phrase_matcher_attr": "LOWER"}).add_patterns(patterns)
    config = {"num_topics": 70, "seeds": {name: words[:15] for name, words in lexicon.seeds().items()}}
    config["trainer"] = {"@misc": "spacy_topics.Gibbs.v1", "iterations": 20, "burn_in": 10}
    nlp.add_pipe("lda_topics", config=config).fit([row["text"] for row in four])
    houses = [Business(house.id, house.name, house.city, "; ".join(house.cuisines)) for house in bistro.restaurants().values()]
    nlp.add_pipe("restaurant_linker").knowledge_base = KnowledgeBase.build(nlp, houses)
    folder = tmp_path_factory.mktemp("pipeline") / "nlp"
    nlp.to_disk(folder)
    return folder


@pytest.fixture(scope="session")
def annotations(four, pipeline, tmp_path_factory):
    """Annotations of those reviews, in four parts."""
    folder = tmp_path_factory.mktemp("annotations")
    (folder / "reviews.jsonl").write_text("".join(json.dumps(row) + "\n" for row in four), "utf8")
    annotate(folder / "reviews.jsonl", folder / "out", pipeline, part_size=100)
    return folder / "out"


@pytest.fixture(scope="session")
def generators(tmp_path_factory):
    """Small random generators as Keras models and as exported files, by scale: what they add is seen, and they attend."""
    import keras
    from confection import Config

    from image_gan import export
    from image_gan.enhance import model_file
    from image_gan.training.networks.unet import parameters
    from image_gan.training.settings import network_of

    folder, made = tmp_path_factory.mktemp("models"), {}
    shapes = {
        1: {"widths": [8, 16], "blocks": [1, 1], "attention": 4},
        2: {"widths": [8], "blocks": [2], "spectral": False},
        4: {"widths": [8, 16], "blocks": [1, 1], "attention": 2, "spectral": False, "levelled": True},
    }
    for scale, name in {1: "restore", 2: "x2", 4: "x4_crisp"}.items():
        keras.utils.set_random_seed(scale)
        config = Config({"generator": {"@networks": "image_gan.UNet.v1", "scale": scale, **shapes[scale]}})
        generator = network_of(config, "generator")
        for layer in generator.layers:
            if hasattr(layer, "bias"):
                layer.bias.assign(keras.random.normal(layer.bias.shape, stddev=0.02))
            if hasattr(layer, "gamma"):
                layer.gamma.assign(0.5)
        head = generator.get_layer("head")
        head.kernel.assign(keras.random.normal(head.kernel.shape, stddev=0.03))
        graph = export._halved(export._graph(generator))
        card = {"name": name, "look": "crisp" if scale == 4 else "faithful", "scale": scale, "multiple": generator.multiple}
        card |= {"reach": export._reach(generator), "parameters": parameters(generator), "config": config.to_str()}
        noise = np.random.default_rng(0).random((4, 64, 64, 3), np.float32)
        card |= {"figures": {"psnr": 30.0}, "data": "none", "terms": "none", **export._narrower(graph, list(noise))}
        model_file.write(folder / f"{name}.onnx", graph, card)
        made[scale] = generator, folder / f"{name}.onnx"
    return made


@pytest.fixture(scope="session")
def model_files(generators):
    """The files alone."""
    return {scale: file for scale, (_, file) in generators.items()}

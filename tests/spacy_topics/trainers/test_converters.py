import numpy as np
import pytest
import spacy
from gensim.corpora import Dictionary
from gensim.models import LdaModel
from sklearn.decomposition import LatentDirichletAllocation
from sklearn.feature_extraction.text import CountVectorizer

from spacy_topics.errors import InputError
from spacy_topics.topic_model import TopicModel
from spacy_topics.trainers.converters import from_arrays, from_gensim, from_sklearn

TEXTS = ["taco salsa lime taco", "pasta basil pasta cheese", "salsa taco corn", "basil cheese pasta oil"] * 5


def check(model):
    """Taken over, saved, read, in a pipeline: the two kinds of document fall apart."""
    model = TopicModel.from_bytes(model.to_bytes())
    nlp = spacy.blank("en")
    nlp.add_pipe("lda_topics").topic_model = model
    mexican, italian = (nlp(text)._.topic_dist for text in TEXTS[:2])
    assert mexican.argmax() != italian.argmax()
    assert nlp(TEXTS[0].upper())._.topic_evidence == 4


def test_gensim():
    tokens = [text.split() for text in TEXTS]
    dictionary = Dictionary(tokens)
    lda = LdaModel([dictionary.doc2bow(t) for t in tokens], num_topics=2, id2word=dictionary, passes=30, random_state=1)
    model = from_gensim(lda)
    check(model)
    np.testing.assert_allclose(model.phi, lda.get_topics(), rtol=1e-4)
    bow = dictionary.doc2bow(["taco", "salsa"])
    theirs = [weight for _, weight in lda.get_document_topics(bow, minimum_probability=0)]
    np.testing.assert_allclose(model.infer([["taco", "salsa"]])[0], theirs, atol=0.1)


def test_sklearn():
    vectorizer = CountVectorizer()
    lda = LatentDirichletAllocation(2, random_state=0, max_iter=30).fit(vectorizer.fit_transform(TEXTS))
    model = from_sklearn(lda, vectorizer.get_feature_names_out())
    check(model)
    theirs = lda.transform(vectorizer.transform(["taco salsa"]))[0]
    np.testing.assert_allclose(model.infer([["taco", "salsa"]])[0], theirs, atol=0.1)


def test_arrays():
    model = from_arrays(
        [[8, 1, 0.5, 0.5], [0.5, 0.5, 4, 5]], 0.1, ["taco", "salsa", "pasta", "basil"], names=["mexican", "italian"]
    )
    assert model.infer([["pasta"], ["taco"]]).argmax(axis=1).tolist() == [1, 0]
    np.testing.assert_allclose(model.phi.sum(axis=1), 1, rtol=1e-5)
    assert model.labels[0] == "mexican: taco, salsa, pasta"


@pytest.mark.parametrize("alpha", [0.0, -1.0, float("nan"), [0.1, 0.2, 0.3]])
def test_bad_arrays(alpha):
    with pytest.raises(InputError, match="T002"):
        from_arrays([[1.0, 1.0], [2.0, 1.0]], alpha, ["a", "b"])

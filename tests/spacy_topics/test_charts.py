import numpy as np
import pytest

from spacy_topics.charts import mixture_chart, recovery_chart, simplex_chart, sweep_chart
from spacy_topics.errors import InputError
from spacy_topics.simulate import IRIS, dirichlet, mixture

SWEPT = [
    {"topics": k, "perplexity": 9.0, "coherence": 0.1, "diversity": 0.9, "stability": float("nan"), "seconds": 1}
    for k in (5, 9)
]
FIGURES = [f"{key}{end}" for key in ("topics", "documents") for end in ("", " lowest", " highest", " by chance")]
PLACES = [("documents", 5), ("documents", 20), ("length", 1), ("alpha", 0.1), ("broken", "nothing"), ("broken", "K guessed")]
RECOVERED = [{"varied": varied, "value": value, **dict.fromkeys(FIGURES, 0.5)} for varied, value in PLACES]
RECOVERED[-1] |= dict.fromkeys(FIGURES, float("nan"))
PHI = np.random.default_rng(0).dirichlet(np.ones(20), 3)
CHARTS = [
    (lambda path: sweep_chart(SWEPT, path), ["perplexity (held out)", "diversity"]),
    (lambda path: mixture_chart(mixture(), IRIS, path), ["setosa 50% (45 drawn), versicolor 50% (55 drawn)", "expected"]),
    (lambda path: mixture_chart(mixture(draws=3, samples=14), IRIS, path), ["sepal length (cm), 12 of 14 samples"]),
    (lambda path: mixture_chart(mixture(draws=1), IRIS, path), ["sepal length (cm)"]),
    (lambda path: simplex_chart([0.1], [dirichlet(0.1)], path), ["alpha 0.1", "topic 3", "mean of the draws"]),
    (lambda path: simplex_chart([2.0] * 4 + [[8, 3, 1]], [dirichlet(2)] * 4 + [dirichlet([8, 3, 1])], path), ["alpha 8, 3, 1"]),
    (lambda path: recovery_chart(RECOVERED, PHI, PHI[:, ::-1], path), ["topics found again", "K guessed", "topics by chance"]),
]


@pytest.mark.parametrize(("draw", "words"), CHARTS)
def test_charts(draw, words, tmp_path):
    for ending, magic in ((".svg", b"<?xml"), (".png", b"\x89PNG"), (".pdf", b"%PDF")):
        draw(tmp_path / f"chart{ending}")
        assert (tmp_path / f"chart{ending}").read_bytes().startswith(magic)
    text = (tmp_path / "chart.svg").read_text("utf8")
    assert all(word in text for word in words)
    assert "nan" not in text
    with pytest.raises(InputError, match="T022"):
        draw(tmp_path / "chart.gif")
    assert not (tmp_path / "chart.gif").exists()

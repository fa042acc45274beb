"""`palate simulate`: draw samples from generative models."""

from pathlib import Path
from typing import Annotated, Any

import typer

from palate.console import export, print_json, print_table, say, show
from palate.options import Chart, Csv, Json, Seed, check_csv, numbers

_ALPHAS = ("0.1", "1", "10", "8,3,1")
_RECOVERY = ("trial", "topics", "one start", "worst topic", "topics by chance", "documents", "documents by chance")


def mount(app: typer.Typer) -> None:
    """Add the commands to an app."""
    app.command("mixture")(mixture)
    app.command("dirichlet")(dirichlet)
    app.command("lda")(lda)


def mixture(
    chart: Chart = None,
    draws: Annotated[int, typer.Option(help="Draws per sample.")] = 100,
    proportions: Annotated[str, typer.Option(help="Proportions of setosa and versicolor.")] = "0.5,0.5",
    concentration: Annotated[
        float | None,
        typer.Option(help="Draw new proportions for each sample, from a Dirichlet distribution around the given ones."),
    ] = None,
    spread: Annotated[
        float, typer.Option(help="Draw new means of the types for each sample, too, with this standard deviation in cm.")
    ] = 0,
    samples: Annotated[int, typer.Option(help="Number of samples.")] = 1,
    seed: Seed = 0,
    csv: Csv = None,
    as_json: Json = False,
) -> None:
    """Draw irises: for each a type by its proportion, then a sepal's length from the type's normal distribution.

    palate simulate mixture -o iris.png

    palate simulate mixture --samples 6 --concentration 1 -o irises.png
    """
    from spacy_topics import simulate
    from spacy_topics.charts import mixture_chart

    check_csv(csv)
    _check(chart)
    sample = simulate.mixture(draws, numbers(proportions, float, "--proportions"), concentration, spread, samples, seed)
    _draw(chart, mixture_chart, sample, simulate.IRIS)
    rows = simulate.mixture_rows(sample)
    export(rows, csv)
    shares = [row["share seen"] for row in rows if row["type"] == "setosa"]
    between = f": setosa's share is {min(shares):.2f} to {max(shares):.2f}" if samples > 1 else ""
    show(rows, f"{samples} x {draws} irises{between}", as_json)


def dirichlet(
    alpha: Annotated[
        list[str] | None,
        typer.Option(help="One number, or three separated by commas; may be repeated (default: 0.1, 1, 10 and 8,3,1)."),
    ] = None,
    chart: Chart = None,
    draws: Annotated[int, typer.Option(help="Draws per alpha.")] = 1000,
    seed: Seed = 0,
    csv: Csv = None,
    as_json: Json = False,
) -> None:
    """Draw proportions of three topics, to show the effect of alpha.

    palate simulate dirichlet -o simplex.png
    """
    from spacy_topics import simulate
    from spacy_topics.charts import simplex_chart

    check_csv(csv)
    _check(chart)
    priors = [_alpha(text) for text in alpha or _ALPHAS]
    thetas = [simulate.dirichlet(prior, draws, seed) for prior in priors]
    _draw(chart, simplex_chart, priors, thetas)
    rows = [simulate.dirichlet_row(prior, theta) for prior, theta in zip(priors, thetas, strict=True)]
    export(rows, csv)
    show(rows, f"{draws} draws each", as_json, formats={"alpha": "g"})


def lda(
    chart: Chart = None,
    documents: Annotated[int, typer.Option(help="Number of documents.")] = 200,
    vocabulary: Annotated[int, typer.Option(help="Number of words in the vocabulary.")] = 200,
    topics: Annotated[int, typer.Option("--topics", "-k", help="Number of true topics.")] = 5,
    alpha: Annotated[float, typer.Option(help="Prior over the topics of a document.")] = 0.1,
    beta: Annotated[float, typer.Option(help="Prior over the words of a topic.")] = 0.1,
    length: Annotated[int, typer.Option(help="Mean number of words per document.")] = 20,
    runs: Annotated[int, typer.Option(help="Number of corpora per trial, each with another seed.")] = 3,
    seed: Seed = 0,
    csv: Csv = None,
    as_json: Json = False,
) -> None:
    """Generate documents as LDA assumes, infer their topics, and compare these with the truth, in several trials.

    palate simulate lda -o recovery.png
    """
    from spacy_topics import simulate
    from spacy_topics.charts import recovery_chart

    check_csv(csv)
    _check(chart)
    settings: dict[str, Any] = {"documents": documents, "vocabulary": vocabulary, "topics": topics}
    settings |= {"alpha": alpha, "beta": beta, "length": length}
    corpus = simulate.corpus(**settings, seed=seed)
    rows = simulate.recoveries(runs, seed, **settings)
    if chart:
        recovery_chart(rows, corpus.phi, simulate.recovered(corpus, alpha, beta, seed), chart)
        say(f"chart written to {chart}")
    export(rows, csv)
    if as_json:
        print_json(rows)
        return
    names = [row["value"] if row["varied"] == "broken" else f"{row['varied']} {row['value']:g}" for row in rows]
    named = [{"trial": name, **row} for name, row in zip(names, rows, strict=True)]
    title = "agreement with the truth: cosine of topics, overlap of documents' theta"
    print_table(named, title, columns={key: key for key in _RECOVERY})


def _alpha(text: str) -> float | list[float]:
    values = numbers(text, float, "--alpha")
    return values[0] if len(values) == 1 else values


def _check(chart: Path | None) -> None:
    if chart:
        from corpora.files import check_writable
        from spacy_topics.charts import check_chart

        check_chart(chart)
        check_writable(chart)


def _draw(chart: Path | None, draw: Any, *what: Any) -> None:
    if chart:
        draw(*what, chart)
        say(f"chart written to {chart}")

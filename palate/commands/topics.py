"""`palate topics`: fit topic models to reviews; show, evaluate and use them."""

from pathlib import Path
from typing import Annotated, Any

import typer

from palate.console import export, has_terminal, print_json, print_line, print_table, say, show
from palate.messages import counted
from palate.options import (
    Csv,
    IdColumn,
    Json,
    NameColumn,
    Preprocessing,
    Reviews,
    Table,
    Text,
    TextColumn,
    TopicModelFile,
    check_csv,
    column_names,
    input_files,
    numbers,
    overrides,
    read_text,
)

_SETTINGS = {"allow_extra_args": True, "ignore_unknown_options": True}  # --trainer.NAME VALUE
_SHOWN_SEEDS = 20  # maximum number of seed words in a message
_TOPICS = {"weight": ".3f", "prevalence": ".1%"}
_MEASURES = {"terms": "known terms per document", "coherence": "coherence in these documents"}


def mount(app: typer.Typer) -> None:
    """Add the commands to an app."""
    app.command("fit", context_settings=_SETTINGS)(fit)
    app.command("show")(show_topics)
    app.command("describe")(describe)
    app.command("evaluate")(evaluate)
    app.command("sweep", context_settings=_SETTINGS)(sweep)
    app.command("view")(view)
    app.command("rename")(rename)


def fit(
    context: typer.Context,
    reviews: Reviews,
    output: Annotated[Path, typer.Option("--output", "-o", help="Where to write the model.")],
    topics: Annotated[int, typer.Option("--topics", "-k", help="Number of topics.")] = 20,
    trainer: Annotated[
        str,
        typer.Option(help="gibbs; adversarial (a GAN) or mmd (its control), which need TensorFlow; or a registered trainer."),
    ] = "gibbs",
    seeds: Annotated[
        Path | None,
        typer.Option(help='Seed words: a JSON file, {"italian": ["pasta", "risotto"], ...}; or "cuisines", for palate\'s own.'),
    ] = None,
    seed_weight: Annotated[
        float | None,
        typer.Option(help="How strongly seed words draw their topics (gibbs only; default: 1).", show_default=False),
    ] = None,
    stop_words: Annotated[
        Path | None, typer.Option(help="A text file of words and phrases that are not terms, one per line.")
    ] = None,
    min_df: Annotated[int, typer.Option(help="Minimum number of documents with a term.")] = 3,
    max_df: Annotated[float, typer.Option(help="Maximum share of the documents with a term.")] = 0.5,
    seed: Annotated[int, typer.Option(help="Random seed.")] = 0,
    pipeline: Preprocessing = "",
    text_column: TextColumn = "",
    id_column: IdColumn = "",
    name_column: NameColumn = "",
    table: Table = "",
    csv: Csv = None,
    as_json: Json = False,
) -> None:
    """Learn topics from reviews.

    The names of the reviews' restaurants are no topics: words that are only names are left out. A topic whose words do not bear
    its seeds' name out loses the name.

    Settings of the trainer are options of the form --trainer.NAME VALUE. Gibbs: iterations, burn_in, alpha, optimize_alpha,
    eta, seed_weight, background, term_weight, patience, workers. Adversarial and mmd: steps, batch, hidden, rate, alpha.

    palate topics fit reviews.jsonl -o bistro.topics -k 50

    palate topics fit reviews.jsonl -o bistro.topics --trainer.iterations 1000 --trainer.alpha 0.05
    """
    from corpora.files import check_writable
    from corpora.reviews import read_reviews, texts_and_names
    from spacy_topics.fit import batches, fit_topics
    from spacy_topics.pipeline.loading import preprocessing
    from spacy_topics.seeds import read_seeds, read_stop_words
    from spacy_topics.terms.settings import TermSettings
    from spacy_topics.trainers.base import TrainingInfo, make_trainer

    weight = {} if seed_weight is None else {"seed_weight": seed_weight}
    fitter = make_trainer(trainer, {**overrides(context.args, "trainer"), **weight})
    settings = TermSettings(min_df=min_df, max_df=max_df)
    nlp, seed_words = preprocessing(pipeline), read_seeds(seeds) if seeds else {}
    stops = read_stop_words(stop_words) if stop_words else []
    check_writable(output, *input_files(reviews, seeds, stop_words))
    check_csv(csv, reviews, seeds, stop_words, output)
    columns = column_names(text=text_column, id=id_column, name=name_column)
    texts, names = texts_and_names(read_reviews(reviews, columns, table=table))
    model = fit_topics(
        batches(nlp, texts),
        topics,
        fitter,
        settings,
        seeds=seed_words,
        stop_words=stops,
        names=names,
        seed=seed,
        progress=has_terminal(),
    )
    model.save(output)
    absent = model.meta["absent"]
    if absent:
        say(f"no topic of these names, as no seed word of theirs is in the vocabulary: {', '.join(absent)}")
    if lost := [name for name in model.meta["unnamed"] if name not in absent]:
        say(f"topics whose words do not bear their names out, and have none: {', '.join(lost)}")
    if str(seeds) != "cuisines" and (unknown := model.meta["unknown_seeds"]):  # of our own words most are in no corpus
        more = f" and {len(unknown) - _SHOWN_SEEDS} more" if len(unknown) > _SHOWN_SEEDS else ""
        say(f"seed words not in the vocabulary: {', '.join(unknown[:_SHOWN_SEEDS])}{more}")
    info = TrainingInfo.of(model)
    say(f"{counted(model.num_topics, 'topic')} of {counted(info.documents, 'review')} written to {output}")
    rows = model.summary()
    export(rows, csv)
    show(rows, counted(model.num_topics, "topic"), as_json, formats=_TOPICS)
    if info.interrupted:
        raise typer.Exit(130)


def show_topics(
    model: TopicModelFile,
    words: Annotated[int, typer.Option(help="Number of words per topic.", min=1)] = 10,
    csv: Csv = None,
    as_json: Json = False,
) -> None:
    """Show words, weight, prevalence and coherence of each topic."""
    from spacy_topics.topic_model import TopicModel

    check_csv(csv, model)
    loaded = TopicModel.load(model)
    rows = loaded.summary(words)
    export(rows, csv)
    show(rows, counted(loaded.num_topics, "topic"), as_json, formats=_TOPICS)


def describe(
    model: TopicModelFile,
    text: Text,
    html: Annotated[Path | None, typer.Option(help="Write a page that colours each term by its topic.")] = None,
    threshold: Annotated[float, typer.Option(help="Minimum weight of a topic that is shown.")] = 0.05,
    pipeline: Preprocessing = "",
    csv: Csv = None,
    as_json: Json = False,
) -> None:
    """Show what a text discusses, term by term.

    palate topics describe bistro.topics "The tacos came cold."
    """
    from corpora.files import check_writable, write_text
    from spacy_topics.explain import explain, topic_records
    from spacy_topics.html_pages.topics import topics_page
    from spacy_topics.pipeline.loading import preprocessing
    from spacy_topics.topic_model import TopicModel

    check_csv(csv, model, text)
    if html:
        check_writable(html, *input_files(model, text))
    loaded = TopicModel.load(model)
    doc = preprocessing(pipeline, loaded.terms.get("lang") or "en")(read_text(text))
    explanation = explain(loaded, doc)
    rows = topic_records(loaded, explanation, threshold)
    if html:
        write_text(html, topics_page(loaded, [doc], threshold=threshold))
        say(f"page written to {html}")
    export(rows, csv)
    if as_json:
        terms = [term._asdict() for term in explanation.terms]
        print_json({"evidence": len(terms), "topics": rows, "terms": terms})
    elif not explanation.terms:
        print_line("no term of this text is in the model's vocabulary: nothing can be said about its topics")
    else:
        print_table(rows, counted(len(explanation.terms), "known term"), formats={"weight": ".2f"})


def evaluate(
    model: TopicModelFile,
    reviews: Reviews,
    labels: Annotated[str, typer.Option(help="Compare the topics with the labels in this column, too: nmi, purity.")] = "",
    pipeline: Preprocessing = "",
    text_column: TextColumn = "",
    id_column: IdColumn = "",
    table: Table = "",
    csv: Csv = None,
    as_json: Json = False,
) -> None:
    """Evaluate a model on reviews that it was not fitted to: perplexity, coherence, diversity."""
    from corpora.reviews import read_labelled
    from spacy_topics import evaluation
    from spacy_topics.pipeline.loading import preprocessing
    from spacy_topics.topic_model import TopicModel

    check_csv(csv, model, reviews)
    loaded = TopicModel.load(model)
    nlp = preprocessing(pipeline, loaded.terms.get("lang") or "en")
    texts, known = read_labelled(reviews, labels, column_names(text=text_column, id=id_column), table=table)
    figures = evaluation.evaluate(loaded, nlp.pipe(texts), known if labels else None, labels)
    export([figures], csv)
    if as_json:
        print_json(figures)
    else:
        rows = [{"measure": _MEASURES.get(key, key.replace("_", " ")), "value": value} for key, value in figures.items()]
        print_table(rows, str(model))


def sweep(
    context: typer.Context,
    reviews: Reviews,
    topics: Annotated[str, typer.Option("--topics", "-k", help="Numbers of topics to try, separated by commas.")] = "10,20,50",
    chart: Annotated[Path | None, typer.Option("--output", "-o", help="Draw a chart: .svg, .png or .pdf.")] = None,
    runs: Annotated[int, typer.Option(help="Number of models per number of topics, each with another seed.")] = 2,
    trainer: Annotated[str, typer.Option(help="As for `palate topics fit`.")] = "gibbs",
    seed: Annotated[int, typer.Option(help="The first random seed.")] = 0,
    pipeline: Preprocessing = "",
    text_column: TextColumn = "",
    id_column: IdColumn = "",
    table: Table = "",
    csv: Csv = None,
    as_json: Json = False,
) -> None:
    """Compare several numbers of topics.

    Settings of the trainer are options of the form --trainer.NAME VALUE.

    palate topics sweep reviews.jsonl -k 10,20,50 -o sweep.svg
    """
    from corpora.files import check_writable
    from corpora.reviews import read_texts
    from spacy_topics.charts import check_chart, sweep_chart
    from spacy_topics.evaluation import best_of
    from spacy_topics.fit import batches, sweep_topics
    from spacy_topics.pipeline.loading import preprocessing
    from spacy_topics.terms.settings import TermSettings
    from spacy_topics.trainers.base import make_trainer

    check_csv(csv, reviews)
    if chart:
        check_chart(chart)
        check_writable(chart, *input_files(reviews))
    sizes = numbers(topics, int, "-k")
    fitter = make_trainer(trainer, overrides(context.args, "trainer"))
    texts = read_texts(reviews, column_names(text=text_column, id=id_column), table=table)
    docs = batches(preprocessing(pipeline), texts)
    rows = sweep_topics(docs, sizes, fitter, TermSettings(), runs=runs, seed=seed, progress=has_terminal())
    if chart:
        sweep_chart(rows, chart)
        say(f"chart written to {chart}")
    export(rows, csv)
    if as_json:
        print_json(rows)
    else:
        print_table(rows, "means of the runs")
        if len(rows) > 1:
            print_line("best: " + ", ".join(f"{measure} {size}" for measure, size in best_of(rows).items()))


def view(
    model: TopicModelFile,
    output: Annotated[Path, typer.Option("--output", "-o", help="Where to write the page.")] = Path("topics.html"),
    reviews: Annotated[
        Path | None, typer.Option("--reviews", help="Show reviews that stand for the topics, from this file.")
    ] = None,
    annotations: Annotated[
        Path | None,
        typer.Option(help="A folder of annotations with these topics: reviews and shares by city and year from there."),
    ] = None,
) -> None:
    """Write a map of the topics, with their words and reviews: a page that needs no network.

    palate topics view bistro.topics --reviews reviews.jsonl -o map.html
    """
    from corpora.files import check_writable, write_text
    from corpora.reviews import read_reviews
    from spacy_topics.guide.topic_shares import examples_and_shares
    from spacy_topics.html_pages.topic_map import topic_map
    from spacy_topics.pipeline.loading import preprocessing
    from spacy_topics.topic_model import TopicModel
    from spacy_topics.topic_search import representative

    check_writable(output, *input_files(model, reviews))
    loaded = TopicModel.load(model)
    examples: Any = []
    shares: Any = []
    if annotations:
        examples, shares = examples_and_shares(annotations, loaded)
    if reviews:
        examples = representative(loaded, preprocessing("", loaded.terms.get("lang") or "en"), read_reviews(reviews))
    write_text(output, topic_map(loaded, examples, shares))
    say(f"map written to {output}")


def rename(
    model: TopicModelFile,
    topic: Annotated[int, typer.Argument(help="The topic's number, as `palate topics show` prints it.")],
    name: Annotated[str, typer.Argument(help='The new name; "" removes the name.')],
) -> None:
    """Give a topic a name, which is stored in the model.

    palate topics rename bistro.topics 3 mexican
    """
    from corpora.files import locked
    from spacy_topics.topic_model import TopicModel

    with locked(model.resolve().parent):  # if two run at the same time, the second one reads what the first one has written
        loaded: Any = TopicModel.load(model)
        loaded.rename(topic, name)
        loaded.save(model)
    print_line(f"{topic}: {loaded.labels[topic]}")

"""The `palate` command: parses, calls a function that a program could call, prints."""

import contextlib
import gc
import io
import json
import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from corpora.errors import InputError, RunError

_EXTRA_OF = dict.fromkeys(
    (
        *("topics", "vectors", "restaurants", "read", "annotate", "find", "cuisines", "ingredients", "discussed", "similar"),
        "simulate",
    ),
    "text",
) | {"images": "train", "enhance": "images", "corpus": "images"}


class _Palate(TyperGroup):
    """A user's mistake, a full disk and a missing extra end in one line; what is left is a bug and shows itself."""

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except (InputError, FileNotFoundError, IsADirectoryError) as error:
            _fail(_reason(error), 2)
        except ModuleNotFoundError as error:
            module = str(error.name).split(".")[0]
            neural = module in ("tensorflow", "keras", "catalogue", "confection")
            extra = "train" if neural else _EXTRA_OF.get(ctx.invoked_subcommand or "", "all")
            _fail(f"the command needs {'TensorFlow' if neural else module}: pip install 'palate[{extra}]'", 2)
        except ValueError as error:
            if type(error).__module__.startswith(("confection", "catalogue")):
                _fail(_reason(ValueError(str(error).split("\n{")[0])), 2)  # without the config that it quotes whole
            if not str(error).startswith("[E"):  # spaCy's own words for what it was given
                raise
            _fail(_reason(error), 2)
        except RunError as error:
            _fail(_reason(error), 1)
        except RuntimeError as error:
            if str(error) != "Query interrupted":  # DuckDB's word for Ctrl-C
                raise
            _fail("stopped", 130)
        except BrokenPipeError:
            raise
        except OSError as error:
            _fail(_reason(error), 1)
        except KeyboardInterrupt:
            _fail("stopped", 130)


_PLAIN: dict[str, Any] = {"no_args_is_help": True, "add_completion": False, "rich_markup_mode": None}
app = typer.Typer(cls=_Palate, pretty_exceptions_enable=False, **_PLAIN)
topics_app = typer.Typer(**_PLAIN, help="Fit topic models on reviews and look at them.")
app.add_typer(topics_app, name="topics")
vectors_app = typer.Typer(**_PLAIN, help="Food vectors: words that stand near each other in reviews.")
app.add_typer(vectors_app, name="vectors")
images_app = typer.Typer(**_PLAIN, help="Train a U-Net GAN on pictures; see which ship.")
app.add_typer(images_app, name="images")
simulate_app = typer.Typer(**_PLAIN, help="Generative models, understood by sampling from them.")
app.add_typer(simulate_app, name="simulate")
restaurants_app = typer.Typer(**_PLAIN, help="Knowledge bases of restaurants, which mentions are linked to.")
app.add_typer(restaurants_app, name="restaurants")


def main() -> None:
    """Entry point of the console script."""
    os.environ["MPLBACKEND"] = "agg"  # charts are written to files, whatever the user's notebooks draw on
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # unwinds, so that no half-written file is left
    for name in ("stdin", "stdout", "stderr"):
        if getattr(sys, name) is None:  # closed by the caller
            setattr(sys, name, os.fdopen(os.open(os.devnull, os.O_RDWR), "r" if name == "stdin" else "w"))
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal that lacks a letter is no reason to stop
    try:
        try:
            app()
        finally:
            gc.freeze()  # at its end Python need not look for rings among all that was imported: 50 ms
            sys.stdout.flush()
    except OSError as error:  # what is left in the buffer cannot be written: nobody reads on, or the disk is full
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        told = isinstance(error.__context__, SystemExit) and error.__context__.code
        if not told and not isinstance(error, BrokenPipeError):
            _say(f"palate: {_reason(error)}")
        sys.exit(1)


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"palate {version('palate')}")
        raise typer.Exit


@app.callback()
def _palate(
    version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")] = False,
) -> None:
    """Topics, entities and restaurants in reviews, on spaCy's Doc; pictures cleaned and enlarged."""


Reviews = Annotated[
    Path, typer.Argument(help="Reviews: JSON lines, CSV, TSV or Parquet, gzipped or not; - reads JSON lines from stdin.")
]
Model = Annotated[Path, typer.Argument(help="A topic model that `palate topics fit` wrote.")]
TextColumn = Annotated[str, typer.Option(help="The column that holds the text, where it is not 'text'.")]
IdColumn = Annotated[str, typer.Option(help="The column that holds the id, where it is not 'id' or 'review_id'.")]
Pipeline = Annotated[str, typer.Option(help="A spaCy pipeline whose lemmas and parts of speech are used (default: blank).")]
NameColumn = Annotated[str, typer.Option(help="The column that holds the business's name, where it is not 'name'.")]
BusinessColumn = Annotated[str, typer.Option(help="The column that holds its id, where it is not 'business_id'.")]
CityColumn = Annotated[str, typer.Option(help="The column that holds its city, where it is not 'city'.")]
Annotations = Annotated[Path, typer.Argument(help="A folder that `palate annotate` wrote.")]
City = Annotated[str, typer.Option(help="Only this city (default: all).")]
Whole = Annotated[str, typer.Option(help="A spaCy pipeline, by name or folder, such as the restaurants project packages.")]
Limit = Annotated[int, typer.Option("--limit", "-n", help="Rows at most.", min=1)]
Chart = Annotated[Path | None, typer.Option("--output", "-o", help="Draw a chart: .svg, .png or .pdf.")]
Seed = Annotated[int, typer.Option(help="One seed, one result.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]


@app.command()
def corpus(
    name: Annotated[str, typer.Argument(help="bistro or faces")],
    output: Annotated[Path, typer.Option("--output", "-o", help="Where to write: bistro a file, faces a folder.")],
    split: Annotated[str, typer.Option(help="Bistro: train, dev or test (default: all).")] = "",
    restaurants: Annotated[
        bool, typer.Option("--restaurants", help="Bistro: its restaurants instead, as CSV: id, name, city, kind.")
    ] = False,
    count: Annotated[int | None, typer.Option(help="Faces: how many (default: 600).")] = None,
    seed: Annotated[int | None, typer.Option(help="Faces: another seed draws others (default: 0).")] = None,
) -> None:
    """Write a corpus that ships with palate: reviews as JSON lines (or their restaurants as CSV), or drawn faces as CelebA.

    palate corpus bistro -o reviews.jsonl

    palate corpus faces -o faces/ --count 600 --seed 0
    """
    from corpora import bistro
    from corpora.files import write_text

    if name not in ("bistro", "faces"):
        raise InputError(f"there is no corpus {name!r}: bistro and faces are there")
    if (split or restaurants) if name == "faces" else (count, seed) != (None, None):
        raise InputError("--split and --restaurants go with bistro, --count and --seed with faces")
    if name == "faces":
        from corpora import faces

        count = 600 if count is None else count
        faces.write(output, count, seed or 0)
        _say(f"{count} faces written to {output}")
        return
    if restaurants:
        write_text(output, bistro.as_csv(split or None))
        _say(f"restaurants written to {output}")
        return
    rows = [bistro.as_row(review) for review in bistro.reviews(split or None)]
    write_text(output, "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows))
    _say(f"{len(rows)} reviews written to {output}")


@topics_app.command("fit")
def topics_fit(
    reviews: Reviews,
    output: Annotated[Path, typer.Option("--output", "-o", help="Where to write the model.")],
    topics: Annotated[int, typer.Option("--topics", "-k", help="How many topics.")] = 20,
    trainer: Annotated[
        str, typer.Option(help="gibbs; or adversarial (a GAN) or mmd (its control), which need TensorFlow.")
    ] = "gibbs",
    steps: Annotated[int, typer.Option(help="Of the adversarial and the mmd trainer.")] = 4000,
    start: Annotated[
        str, typer.Option(help="The adversarial trainer's generator begins random, or as gibbs's topics.")
    ] = "random",
    iterations: Annotated[int, typer.Option(help="Sweeps of the sampler, a multiple of 10.")] = 400,
    burn_in: Annotated[int | None, typer.Option(help="Sweeps before phi is sampled; half of them all by default.")] = None,
    alpha: Annotated[str, typer.Option(help="Prior over topics: one number, or one a topic, with commas between.")] = "0.1",
    optimize_alpha: Annotated[int, typer.Option(help="Estimate alpha anew every so many sweeps; 0: keep it.")] = 0,
    eta: Annotated[float, typer.Option(help="Prior over terms.")] = 0.1,
    term_weight: Annotated[str, typer.Option(help="What an occurrence counts while sampling: one, idf or pmi.")] = "one",
    patience: Annotated[
        int, typer.Option(help="Stop when held-out likelihood has not risen for so many times 10 sweeps; 0: never.")
    ] = 0,
    seeds: Annotated[
        Path | None,
        typer.Option(help='Seed words: a JSON file, {"italian": ["pasta", "risotto"], ...}; or "cuisines", those of palate.'),
    ] = None,
    min_df: Annotated[int, typer.Option(help="Documents that a term must be in.")] = 3,
    max_df: Annotated[float, typer.Option(help="Share of the documents that a term may be in.")] = 0.5,
    seed: Annotated[int, typer.Option(help="Seed of the sampler.")] = 0,
    workers: Annotated[int, typer.Option(help="Threads; one seed gives one model only with 1.")] = 1,
    pipeline: Pipeline = "",
    text_column: TextColumn = "",
    id_column: IdColumn = "",
    as_json: Json = False,
) -> None:
    """Learn topics from reviews.

    palate topics fit reviews.jsonl -o bistro.topics -k 50
    """
    from corpora.files import check_writable
    from spacy_topics.fit import batches, fit
    from spacy_topics.terms import TermSettings
    from spacy_topics.trainers.adversarial import Adversarial
    from spacy_topics.trainers.gibbs import Gibbs
    from spacy_topics.trainers.wasserstein import WassersteinLda

    made: Any
    prior: Any = _alpha(alpha)
    if trainer == "gibbs":
        made = Gibbs(
            iterations=iterations,
            burn_in=burn_in,
            alpha=prior,
            optimize_alpha=optimize_alpha,
            eta=eta,
            term_weight=term_weight,
            patience=patience,
            workers=workers,
        )
    elif trainer == "adversarial":
        made = Adversarial(steps=steps, alpha=prior, start=start)
    elif trainer == "mmd":
        made = WassersteinLda(steps=steps, alpha=prior)
    else:
        raise InputError(f"--trainer is gibbs, adversarial or mmd. Received: {trainer!r}")
    settings = TermSettings(min_df=min_df, max_df=max_df)
    nlp, words = _pipeline(pipeline), _seed_words(seeds)
    check_writable(output, reviews, *([seeds] if seeds else []))
    docs = batches(nlp, _texts(reviews, text_column, id_column))
    model = fit(docs, topics, made, settings, seeds=words, seed=seed, progress=sys.stderr.isatty())
    model.save(output)
    if unknown := model.meta["unknown_seeds"]:
        more = f" and {len(unknown) - 20} more" if len(unknown) > 20 else ""
        _say(f"seed words not in the vocabulary: {', '.join(unknown[:20])}{more}")
    _say(f"{model.num_topics} topics of {model.meta['training']['documents']} reviews written to {output}")
    _print_topics(model, as_json)
    if model.meta["training"]["interrupted"]:
        raise typer.Exit(130)


@topics_app.command("show")
def topics_show(
    model: Model, words: Annotated[int, typer.Option(help="Words a topic.", min=1)] = 10, as_json: Json = False
) -> None:
    """Show words, weight, prevalence and coherence of each topic."""
    _print_topics(_load(model), as_json, words)


@topics_app.command("describe")
def topics_describe(
    model: Model,
    text: Annotated[str, typer.Argument(help="A text, a file that holds one, or - for standard input.")],
    html: Annotated[Path | None, typer.Option(help="Write a page that colours each term by its topic.")] = None,
    threshold: Annotated[float, typer.Option(help="Least weight of a topic that is shown.")] = 0.05,
    pipeline: Pipeline = "",
    as_json: Json = False,
) -> None:
    """Say what a text discusses, term by term.

    palate topics describe bistro.topics "The tacos came cold."
    """
    from corpora.files import check_writable, write_text
    from spacy_topics.render import discussed, topics_page

    if not 0 <= threshold <= 1:
        raise InputError(f"--threshold is a number from 0 to 1. Received: {threshold}")
    if html:
        check_writable(html, model, *([text] if _is_file(text) else []))
    loaded = _load(model)
    doc = _pipeline(pipeline, loaded.terms.get("lang") or "en")(_text(text))
    theta, terms = discussed(loaded, doc)
    labels, order = loaded.labels, [int(k) for k in (-theta).argsort(kind="stable") if theta[k] >= threshold]
    if html:
        write_text(html, topics_page(loaded, [doc], threshold=threshold))
        _say(f"page written to {html}")
    rows: list[dict[str, Any]] = [
        {
            "topic": k,
            "label": labels[k],
            "weight": round(float(theta[k]), 4),
            "terms": sorted({term.term for term in terms if term.topic == k}),
        }
        for k in (order if terms else [])
    ]
    if as_json:
        _print_json({"evidence": len(terms), "topics": rows, "terms": [term._asdict() for term in terms]})
    elif not terms:
        _print_line("no term of this text is in the model's vocabulary: nothing can be said of its topics")
    else:
        _print_table(
            ("topic", "label", "weight", "terms"),
            [(row["topic"], row["label"], f"{row['weight']:.2f}", ", ".join(row["terms"])) for row in rows],
            f"{len(terms)} known terms",
        )


@topics_app.command("evaluate")
def topics_evaluate(
    model: Model,
    reviews: Reviews,
    pipeline: Pipeline = "",
    text_column: TextColumn = "",
    id_column: IdColumn = "",
    as_json: Json = False,
) -> None:
    """Judge a model on reviews that it was not fitted to: perplexity, coherence, diversity."""
    from spacy_topics.evaluation import evaluate

    loaded = _load(model)
    nlp = _pipeline(pipeline, loaded.terms.get("lang") or "en")
    figures = evaluate(loaded, nlp.pipe(_texts(reviews, text_column, id_column)))
    if not figures["documents_judged"]:
        raise InputError(f"{reviews}: no document has two terms that the model knows: nothing to judge by")
    if as_json:
        _print_json(figures)
    else:
        names = {"terms": "known terms a document", "coherence": "coherence in these documents"}
        rows = [(names.get(key, key.replace("_", " ")), _figure(value)) for key, value in figures.items()]
        _print_table(("measure", "value"), rows, str(model))


@topics_app.command("sweep")
def topics_sweep(
    reviews: Reviews,
    topics: Annotated[str, typer.Option("--topics", "-k", help="Numbers of topics to try, with commas between.")] = "10,20,50",
    chart: Chart = None,
    runs: Annotated[int, typer.Option(help="Models a size, of different seeds.")] = 2,
    iterations: Annotated[int, typer.Option(help="Sweeps of the sampler, a multiple of 10.")] = 400,
    seed: Annotated[int, typer.Option(help="The first seed.")] = 0,
    pipeline: Pipeline = "",
    text_column: TextColumn = "",
    id_column: IdColumn = "",
    as_json: Json = False,
) -> None:
    """Try several numbers of topics: which K?

    palate topics sweep reviews.jsonl -k 10,20,50 -o sweep.svg
    """
    from corpora.files import check_writable
    from spacy_topics.charts import check_chart, sweep_chart
    from spacy_topics.fit import batches, sweep
    from spacy_topics.terms import TermSettings
    from spacy_topics.trainers.gibbs import Gibbs

    if chart:
        check_chart(chart)
        check_writable(chart, reviews)
    if runs < 1 or not 0 <= seed < 2**32 - runs:
        raise InputError(f"--runs must be 1 or more, --seed from 0 to 4294967295. Received: {runs}, {seed}")
    sizes = _numbers(topics, int, "-k")
    trainer = Gibbs(iterations=iterations)
    docs = batches(_pipeline(pipeline), _texts(reviews, text_column, id_column))
    rows = sweep(docs, sizes, trainer, TermSettings(), runs=runs, seed=seed, progress=sys.stderr.isatty())
    if chart:
        sweep_chart(rows, chart)
        _say(f"chart written to {chart}")
    if as_json:
        _print_json(rows)
    else:
        best = {"perplexity": min, "coherence": max, "diversity": max, "stability": max}
        tops = {key: pick(row[key] for row in rows) for key, pick in best.items()}
        cells = [[f"{_figure(v)}{' *' if len(rows) > 1 and tops.get(k) == v else ''}" for k, v in row.items()] for row in rows]
        _print_table(tuple(rows[0]), cells, "means of the runs; * best of its column")


@topics_app.command("view")
def topics_view(
    model: Model, output: Annotated[Path, typer.Option("--output", "-o", help="Where to write the page.")] = Path("topics.html")
) -> None:
    """Write the map of the topics (pyLDAvis), a page that opens without a network."""
    from corpora.files import check_writable, write_text
    from spacy_topics.render import topic_map

    check_writable(output, model)
    write_text(output, topic_map(_load(model)))
    _say(f"map written to {output}")


@topics_app.command("rename")
def topics_rename(
    model: Model,
    topic: Annotated[int, typer.Argument(help="The topic's number, as `show` prints it.")],
    name: Annotated[str, typer.Argument(help='Its name; "" takes the name away.')],
) -> None:
    """Give a topic a name, which lives in the model.

    palate topics rename bistro.topics 3 mexican
    """
    from corpora.files import locked

    with locked(model.resolve().parent):  # of two at a time, the second reads what the first has written
        loaded = _load(model)
        loaded.rename(topic, name)
        loaded.save(model)
    _print_line(f"{topic}: {loaded.labels[topic]}")


@vectors_app.command("fit")
def vectors_fit(
    reviews: Reviews,
    output: Annotated[
        Path, typer.Option("--output", "-o", help="The folder to write, a spaCy pipeline that holds the vectors.")
    ],
    width: Annotated[int, typer.Option(help="Numbers a vector.", min=2, max=1000)] = 100,
    seed: Annotated[int, typer.Option(help="Seed of the training.", min=0, max=2**32 - 1)] = 0,
    text_column: TextColumn = "",
    id_column: IdColumn = "",
) -> None:
    """Learn food vectors from reviews, for `palate similar` and for `spacy train --paths.vectors FOLDER`.

    palate vectors fit reviews.jsonl -o vectors
    """
    from corpora.files import check_folder, replacing_folder
    from spacy_topics.vectors import fit_vectors

    check_folder(output, reviews)
    nlp = fit_vectors(_texts(reviews, text_column, id_column), width=width, seed=seed)
    with replacing_folder(output) as beside:
        nlp.to_disk(beside)
    _say(f"vectors of {len(nlp.vocab.vectors)} words written to {output}")


@app.command()
def similar(
    word: Annotated[str, typer.Argument(help="A word, or several with blanks between.")],
    pipeline: Whole,
    add: Annotated[list[str] | None, typer.Option(help="A word to add; may be given again.")] = None,
    subtract: Annotated[list[str] | None, typer.Option(help="A word to subtract; may be given again.")] = None,
    limit: Limit = 10,
    as_json: Json = False,
) -> None:
    """Words used like this one, and sums of words.

    palate similar pasta --pipeline en_palate_bistro
    palate similar sushi --subtract japanese --add mexican --pipeline en_palate_bistro
    """
    from spacy_topics.annotate import load
    from spacy_topics.vectors import similar as nearest

    rows = nearest(load(pipeline), [word, *(add or [])], subtract or [], limit)
    if as_json:
        _print_json([{"word": other, "cosine": round(cosine, 4)} for other, cosine in rows])
    else:
        _print_table(("word", "cosine"), [(other, f"{cosine:.3f}") for other, cosine in rows], " ".join([word, *(add or [])]))


@simulate_app.command("mixture")
def simulate_mixture(
    chart: Chart = None,
    draws: Annotated[int, typer.Option(help="Flowers a sample.")] = 100,
    proportions: Annotated[str, typer.Option(help="Shares of setosa and versicolor.")] = "0.5,0.5",
    concentration: Annotated[
        float | None,
        typer.Option(help="Draw the proportions anew for each sample, from a Dirichlet around them: 1, anything goes."),
    ] = None,
    spread: Annotated[
        float, typer.Option(help="Draw the types' means anew for each sample too, with this deviation in cm.")
    ] = 0,
    samples: Annotated[int, typer.Option(help="How often all of it is drawn.")] = 1,
    seed: Seed = 0,
    as_json: Json = False,
) -> None:
    """Draw irises: a type by its proportion, then the sepal's length from the type's normal distribution.

    palate simulate mixture -o iris.png
    palate simulate mixture --samples 6 --concentration 1 -o irises.png
    """
    from spacy_topics.charts import mixture_chart
    from spacy_topics.simulate import IRIS, mixture, mixture_rows

    _check_chart(chart)
    made = mixture(draws, _numbers(proportions, float, "--proportions"), concentration, spread, samples, seed)
    if chart:
        mixture_chart(made, IRIS, chart)
        _say(f"chart written to {chart}")
    rows = mixture_rows(made)
    shares = [row["share seen"] for row in rows if row["type"] == "setosa"]
    between = f": setosa's share is {min(shares):.2f} to {max(shares):.2f}" if samples > 1 else ""
    _print_rows(rows, f"{samples} x {draws} irises{between}", as_json)


@simulate_app.command("dirichlet")
def simulate_dirichlet(
    alpha: Annotated[
        list[str] | None,
        typer.Option(help="One number, or three with commas between; may be given again (default: 0.1, 1, 10 and 8,3,1)."),
    ] = None,
    chart: Chart = None,
    draws: Annotated[int, typer.Option(help="Draws of each.")] = 1000,
    seed: Seed = 0,
    as_json: Json = False,
) -> None:
    """Draw proportions of three topics: how alpha shapes them.

    palate simulate dirichlet -o simplex.png
    """
    from spacy_topics.charts import simplex_chart
    from spacy_topics.simulate import dirichlet, dirichlet_row

    _check_chart(chart)
    priors = [_alpha(given) for given in alpha or ["0.1", "1", "10", "8,3,1"]]
    drawn = [dirichlet(prior, draws, seed) for prior in priors]
    if chart:
        simplex_chart(priors, drawn, chart)
        _say(f"chart written to {chart}")
    rows = [dirichlet_row(prior, theta) for prior, theta in zip(priors, drawn, strict=True)]
    _print_rows(rows, f"{draws} draws each", as_json)


@simulate_app.command("lda")
def simulate_lda(
    chart: Chart = None,
    documents: Annotated[int, typer.Option(help="Documents that are generated.")] = 200,
    vocabulary: Annotated[int, typer.Option(help="Words that there are.")] = 200,
    topics: Annotated[int, typer.Option("--topics", "-k", help="Topics that they are drawn from.")] = 5,
    alpha: Annotated[float, typer.Option(help="Prior over the topics of a document.")] = 0.1,
    beta: Annotated[float, typer.Option(help="Prior over the words of a topic.")] = 0.1,
    length: Annotated[int, typer.Option(help="Words a document, on average.")] = 20,
    runs: Annotated[int, typer.Option(help="Corpora of each kind, of different seeds.")] = 3,
    seed: Seed = 0,
    as_json: Json = False,
) -> None:
    """Generate documents as LDA has it, seek their topics, compare with the truth: where it works, where it breaks.

    palate simulate lda -o recovery.png
    """
    from spacy_topics.charts import recovery_chart
    from spacy_topics.simulate import corpus, found_again, recoveries

    _check_chart(chart)
    settings: dict[str, Any] = {"documents": documents, "vocabulary": vocabulary, "topics": topics}
    settings |= {"alpha": alpha, "beta": beta, "length": length}
    made = corpus(**settings, seed=seed)
    rows = recoveries(runs, seed, **settings)
    if chart:
        recovery_chart(rows, made.phi, found_again(made, alpha, beta, seed), chart)
        _say(f"chart written to {chart}")
    if as_json:
        _print_json(rows)
        return
    keys = ("topics", "one start", "worst topic", "topics by chance", "documents", "documents by chance")
    names = [row["value"] if row["varied"] == "broken" else f"{row['varied']} {row['value']:g}" for row in rows]
    cells = [(name, *(_figure(row[key]) for key in keys)) for name, row in zip(names, rows, strict=True)]
    _print_table(("trial", *keys), cells, "agreement with the truth: cosine of topics, overlap of documents' theta")


@restaurants_app.command("build")
def restaurants_build(
    businesses: Annotated[
        Path, typer.Argument(help="Businesses: Yelp's business.json, CSV, TSV or Parquet; id, name, city, kind.")
    ],
    output: Annotated[Path, typer.Option("--output", "-o", help="Where to write the knowledge base.")],
    topics: Annotated[Path, typer.Option(help="The topic model whose topics the profiles are over.")],
    reviews: Annotated[Path | None, typer.Option(help="Reviews with business_id, for the profiles.")] = None,
    as_json: Json = False,
) -> None:
    """Make the knowledge base of restaurants that `restaurant_linker` links mentions to.

    palate restaurants build businesses.csv --topics bistro.topics --reviews reviews.jsonl -o bistro.places
    """
    from corpora.businesses import read_businesses
    from corpora.files import check_writable
    from corpora.reviews import read_reviews
    from spacy_topics.linking.knowledge_base import KnowledgeBase

    check_writable(output, businesses, topics, *([reviews] if reviews else []))
    model = _load(topics)
    nlp = _pipeline("", model.terms.get("lang") or "en")
    nlp.add_pipe("lda_topics").topic_model = model
    base = KnowledgeBase.build(nlp, read_businesses(businesses), read_reviews(reviews) if reviews else ())
    base.save(output)
    if as_json:
        _print_json({"restaurants": len(base.houses), "names": len(base.aliases), "cities": len(base.cities)})
    _say(f"{len(base.houses)} restaurants, called by {len(base.aliases)} names, written to {output}")


@app.command()
def read(
    text: Annotated[str, typer.Argument(help="A text, a file that holds one, or - for standard input.")],
    pipeline: Whole,
    city: Annotated[str, typer.Option(help="The city that the text is about, for linking.")] = "",
    html: Annotated[Path | None, typer.Option(help="Write a page: entities boxed, terms underlined by topic.")] = None,
    as_json: Json = False,
) -> None:
    """Show what a pipeline finds in a text: entities, what they are linked to, and topics.

    palate read "The carnitas at El Camino were worth the wait." --pipeline en_palate_bistro
    """
    from corpora.files import check_writable, write_text
    from spacy_topics.annotate import load
    from spacy_topics.linking.knowledge_base import topics_of
    from spacy_topics.render import review_page

    if html:
        check_writable(html, *([text] if _is_file(text) else []))
    nlp = load(pipeline)
    doc = nlp.make_doc(_text(text))
    if city and doc.has_extension("city"):
        doc._.city = city
    doc = nlp(doc)
    if html:
        write_text(html, review_page(topics_of(nlp, "the page").topic_model, [doc], "Review"))
        _say(f"page written to {html}")
    rows = [
        {
            "text": ent.text,
            "label": ent.label_,
            "link": ent.kb_id_,
            "candidates": ent._.candidates[:3] if ent.has_extension("candidates") else [],
        }
        for ent in doc.ents
    ]
    topics = doc._.topics if doc.has_extension("topics") else []
    if as_json:
        _print_json({"entities": rows, "topics": topics})
        return
    cells = [(r["text"], r["label"], r["link"], ", ".join(f"{c} {s:.2f}" for c, s in r["candidates"])) for r in rows]
    _print_table(("text", "label", "link", "candidates"), cells, "entities")
    _print_table(("label", "weight"), [(label, f"{weight:.2f}") for label, weight in topics], "topics")


@app.command()
def annotate(
    reviews: Reviews,
    output: Annotated[Path, typer.Option("--output", "-o", help="The folder of annotations; a run that was stopped goes on.")],
    pipeline: Whole,
    processes: Annotated[int, typer.Option(help="Processes, each with the pipeline in memory.")] = 1,
    part_size: Annotated[int, typer.Option(help="Reviews a part at most: what a process loses when it is stopped.")] = 1000,
    anew: Annotated[bool, typer.Option("--anew", help="Remove the folder's annotations, and begin again.")] = False,
    text_column: TextColumn = "",
    id_column: IdColumn = "",
    business_column: BusinessColumn = "",
    name_column: NameColumn = "",
    city_column: CityColumn = "",
    as_json: Json = False,
) -> None:
    """Run a pipeline over reviews and keep topics, entities and links, for find, cuisines, ingredients and discussed.

    palate annotate reviews.jsonl -o annotations --pipeline en_palate_bistro
    """
    from spacy_topics.annotate import annotate as run

    given = {"text": text_column, "id": id_column, "business_id": business_column, "name": name_column, "city": city_column}
    columns = {field: name for field, name in given.items() if name}
    settings: dict[str, Any] = {"processes": processes, "part_size": part_size, "anew": anew, "progress": sys.stderr.isatty()}
    done = run(reviews, output, pipeline, columns=columns, **settings)
    if as_json:
        _print_json(done._asdict())
    before = f", {done.before} were there" if done.before else ""
    _say(f"{done.reviews} reviews annotated{before}: {output}")
    for name in done.failed:
        _say(f"too long for the pipeline, left without annotations: {name}")
    if done.failed:
        raise typer.Exit(1)


@app.command("find")
def find_(
    annotations: Annotations,
    cuisine: Annotated[str, typer.Option(help="The cuisine, by name or adjective.")],
    city: City = "",
    limit: Limit = 10,
    html: Annotated[Path | None, typer.Option(help="Write a page of the restaurants with their evidence.")] = None,
    as_json: Json = False,
) -> None:
    """Find the restaurants of a cuisine, ranked, each with its score and quotes.

    palate find --cuisine italian --city Phoenix annotations
    """
    from corpora.files import check_writable, write_text
    from spacy_topics.render import guide_page

    if html:
        check_writable(html, *annotations.glob("*"))
    guide = _guide(annotations)
    rows = guide.find(cuisine, city or None, limit)
    title = f"{guide.cuisine(cuisine)} restaurants" + (f" in {city}" if city else "")
    if html:
        write_text(html, guide_page(title, rows))
        _say(f"page written to {html}")
    if as_json:
        _print_json(rows)
    else:
        cells = [(r["name"], r["city"], r["reviews"], f"{r['score']:.2f}", " / ".join(r["quotes"])) for r in rows]
        _print_table(("name", "city", "reviews", "score", "quotes"), cells, title)


@app.command()
def cuisines(annotations: Annotations, city: City = "", as_json: Json = False) -> None:
    """How much of each cuisine there is, and where.

    palate cuisines --city Phoenix annotations
    """
    rows = _guide(annotations).cuisines(city or None)
    if as_json:
        _print_json(rows)
    else:
        cells = [(r["cuisine"], r["restaurants"], f"{r['share']:.1%}", r["reviews"], ", ".join(r["where"])) for r in rows]
        _print_table(("cuisine", "restaurants", "share", "reviews", "where"), cells, f"cuisines{f' of {city}' if city else ''}")


@app.command()
def ingredients(
    cuisine: Annotated[str, typer.Argument(help="The cuisine, by name or adjective.")],
    annotations: Annotations,
    dishes: Annotated[bool, typer.Option("--dishes", help="Its dishes instead.")] = False,
    limit: Limit = 20,
    as_json: Json = False,
) -> None:
    """What marks a cuisine out: what its restaurants' reviews mention more than others' do.

    palate ingredients mexican annotations
    """
    label = "DISH" if dishes else "INGREDIENT"
    rows = _guide(annotations).ingredients(cuisine, limit, label)
    if as_json:
        _print_json(rows)
    else:
        cells = [(r["ingredient"], f"{r['lift']:.1f}", r["reviews"]) for r in rows]
        _print_table((label.lower(), "lift", "reviews"), cells, cuisine)


@app.command()
def discussed(annotations: Annotations, city: City = "", limit: Limit = 10, as_json: Json = False) -> None:
    """What is discussed in a city, against all other cities.

    palate discussed --city Phoenix annotations
    """
    rows = _guide(annotations).discussed(city or None, limit)
    if as_json:
        _print_json(rows)
    else:
        cells = [(r["topic"], f"{r['here']:.1%}", "–" if r["elsewhere"] is None else f"{r['elsewhere']:.1%}") for r in rows]
        _print_table(("label", city or "here", "elsewhere"), cells, "share of what is discussed")


@app.command()
def enhance(
    paths: Annotated[list[str], typer.Argument(metavar="PICTURES", help="Pictures, folders of them, or - for standard input.")],
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", help="A folder; for one picture also a file, or - (default: beside it, as NAME_enhanced)."
        ),
    ] = None,
    recursive: Annotated[bool, typer.Option("--recursive", "-r", help="Look into folders' folders.")] = False,
    scale: Annotated[
        int | None, typer.Option(help="1 cleans noise, JPEG and slight blur; 2 and 4 enlarge (default: 1).")
    ] = None,
    look: Annotated[str | None, typer.Option(help="Of what is enlarged: faithful, or crisp (default: faithful).")] = None,
    model: Annotated[
        str, typer.Option(help="Another model, with a scale of its own: a name of `palate images models`, or a file.")
    ] = "",
    strength: Annotated[
        float, typer.Option(help="How much of what the model does, from 0 (as it is, or plainly enlarged) to 1.")
    ] = 1.0,
    suffix: Annotated[
        str | None, typer.Option(help="What is added to the name (default: _enhanced, and nothing in another folder).")
    ] = None,
    format: Annotated[str, typer.Option(help="jpeg, png, webp, tiff or bmp (default: the input's).")] = "",
    quality: Annotated[int, typer.Option(help="Of JPEG and WebP.", min=1, max=100)] = 95,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace outputs that are there.")] = False,
    skip_existing: Annotated[bool, typer.Option("--skip-existing", help="Pass by what has its output already.")] = False,
    compare: Annotated[bool, typer.Option("--compare", help="Write strips of before and after, too, as NAME_compare.")] = False,
    report: Annotated[
        Path | None, typer.Option(help="Write a page (.html), or replace it: a before/after slider for each picture.")
    ] = None,
    allow_truncated: Annotated[bool, typer.Option("--allow-truncated", help="Take what is there of damaged pictures.")] = False,
    as_json: Json = False,
) -> None:
    """Clean pictures, or enlarge them.

    palate enhance photo.jpg

    palate enhance holiday/ -r -o clean/ --scale 2
    """
    from corpora.files import check_writable
    from image_gan.enhance.batch import enhance_pictures
    from image_gan.enhance.enhancer import Enhancer
    from image_gan.enhance.models import named
    from image_gan.enhance.outputs import plan

    if overwrite and skip_existing:
        raise InputError("--overwrite and --skip-existing exclude each other")
    if report and report.suffix.lower() not in (".html", ".htm"):
        raise InputError(f"--report writes a page: {report} does not end in .html")
    if model and (scale is not None or look is not None):
        raise InputError("--model brings its own scale and look: leave --scale and --look out")
    if (str(output) == "-" or ("-" in paths and not output)) and (as_json or sys.stdout.isatty()):
        raise InputError("the picture goes to standard output: send it to a file (> out.png, or -o), without --json")
    existing = "overwrite" if overwrite else "skip" if skip_existing else "refuse"
    where: dict[str, Any] = {"output": output, "recursive": recursive, "suffix": suffix, "format": format, "compare": compare}
    jobs = plan(paths, existing=existing, **where)
    if report:
        check_writable(report, *(job.source for job in jobs if job.source))
    # None keeps Python from importing a module: OpenVINO's converter, not needed here, takes longer than all the rest
    modules: dict[str, Any] = sys.modules
    modules.setdefault("openvino.tools.ovc", None)
    enhancer = Enhancer(model or named(scale or 1, look or "faithful"), strength=strength)
    rows = enhance_pictures(
        jobs,
        enhancer,
        quality=quality,
        allow_truncated=allow_truncated,
        report=report,
        progress=sys.stderr.isatty(),
        stdin=sys.stdin.buffer,
        stdout=sys.stdout.buffer,
    )
    failed, skipped = ([row for row in rows if key in row] for key in ("failed", "skipped"))
    if as_json:
        _print_json({"model": enhancer.card.name, "scale": enhancer.scale, "strength": strength, "pictures": rows})
    else:
        for row in rows:
            if "seconds" in row and "failed" not in row and row["output"] != "-":
                _print_line(row["output"])
    for row in (*skipped, *failed):
        reason = row.get("failed") or row["skipped"]
        said = _reason(ValueError(reason if row["input"] in reason else f"{row['input']}: {reason}"))
        _say(f"{'failed' if 'failed' in row else 'passed by'}: {said}")
    if len(rows) > 1:
        _say(f"{len(rows) - len(failed) - len(skipped)} enhanced, {len(skipped)} passed by, {len(failed)} failed")
    if failed:
        raise typer.Exit(1)


@images_app.command("models")
def images_models(as_json: Json = False) -> None:
    """Show which models ship: scale, look, size, figures, what they were trained on and under which terms."""
    from image_gan.enhance.models import shipped_records, shipped_rows

    if as_json:
        _print_json(shipped_records())
        return
    rows = [
        (row["model"], row["scale"], row["look"], f"{row['megabytes']} MB", *_figures(row), row["data"], row["terms"])
        for row in shipped_rows()
    ]
    heading = ("model", "scale", "look", "size", "psnr", "distance", "trained on", "terms")
    _print_table(heading, rows, "palate enhance --model NAME")


def _figures(row: dict[str, Any]) -> tuple[str, str]:
    return _figure(row["psnr"]), _figure(row["distance"])


Run = Annotated[Path, typer.Argument(help="The folder of a run, or the folder of runs whose newest is meant.")]


@images_app.command("prepare")
def images_prepare(
    photos: Annotated[list[Path], typer.Argument(help="Pictures, folders of pictures, or a folder in CelebA's layout.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="The folder that gets the tiers low, medium and high.")],
    sides: Annotated[str, typer.Option(help="The shorter side of a picture in each tier.")] = "64,128,256",
    own_size: Annotated[bool, typer.Option("--own-size", help="Leave the last tier's pictures as large as they are.")] = False,
    partition: Annotated[str, typer.Option(help="The part of CelebA: train, val or test.")] = "train",
    as_json: Json = False,
) -> None:
    """Check pictures, turn them upright, and scale each down into every tier of resolution that it can fill.

    palate images prepare PHOTOS -o prepared
    """
    from image_gan.training.prepare import prepare_pictures
    from image_gan.training.tiers import TIERS

    numbers = _numbers(sides, int, "--sides")
    if len(numbers) != 3 or sorted(numbers) != numbers or numbers[0] < 1:
        raise InputError(f"--sides takes three numbers that rise, one a tier. Received: {sides!r}")
    tiers = dict(zip(TIERS, numbers, strict=True))
    done = prepare_pictures(photos, output, sides=tiers, own_size=own_size, partition=partition)
    if as_json:
        _print_json(done._asdict())
    else:
        rows = [(tier, side, done.pictures[tier], done.too_small[tier]) for tier, side in tiers.items()]
        _print_table(("tier", "shorter side", "pictures", "too small for it"), rows, str(output))
    for file, reason in done.failed.items():
        _say(f"left out: {reason if file in reason else f'{file}: {reason}'}")
    if done.failed:
        _say(f"{len(done.failed)} pictures could not be read")
        raise typer.Exit(1)


@images_app.command("train", context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def images_train(
    context: typer.Context,
    config: Annotated[Path | None, typer.Argument(help="A config file; or gan or gan_imagenet, which ship.")] = None,
    output: Annotated[
        Path, typer.Option("--output", "-o", help="The folder of all runs, in which this one gets its own.")
    ] = Path("runs"),
    resume: Annotated[Path | None, typer.Option(help="The folder of a run to continue exactly where it stopped.")] = None,
) -> None:
    """Train a generator; values of the config are overridden by their names.

    palate images train gan --paths.train prepared -o runs --training.seed 1
    palate images train --resume runs/0001
    """
    from image_gan.training import runs, settings

    args = context.args
    if config is not None and str(config).startswith("--"):  # --resume RUN --section.name VALUE
        config, args = None, [str(config), *args]
    overrides = _overrides(args)
    if config is not None:
        wanted = settings.load(config, overrides)
    elif resume is not None:
        wanted = runs.run_config(resume, overrides)
    else:
        raise InputError("name a config to start a run, or --resume RUN to continue one")
    with _quiet_tensorflow():
        from image_gan.training import trainer

    progress = sys.stderr.isatty()
    if resume is not None:
        done = trainer.resume(resume, wanted, progress=progress)
    else:
        done = trainer.train(wanted, output, progress=progress)
    over = "the minutes are over; --resume with more --training.minutes continues"
    how = {"done": "trained to the end", "time": over, "stopped": "stopped; --resume continues"}[done.ended]
    best = {name: done.best[name] for name in ("total_steps", "psnr", "distance") if name in done.best}
    _say(f"{done.run}: {how}; best validation: {best}")
    _print_line(str(done.run))
    if done.signal:
        raise typer.Exit(128 + done.signal)


@images_app.command("evaluate")
def images_evaluate(
    run: Run,
    pictures: Annotated[Path, typer.Argument(help="A folder of target pictures, which are degraded as the config says.")],
    seed: Annotated[int, typer.Option(help="Seed of what degrades them.", min=0)] = 0,
    topics: Annotated[Path | None, typer.Option(help="Conditions of the faces: figures by topic, the worst first.")] = None,
    as_json: Json = False,
) -> None:
    """Evaluate a run's best generator on pictures that it has not seen: PSNR, SSIM, feature distance.

    The mean is over the pictures that were degraded: a config may leave some as they are.

    palate images evaluate runs/0001 VALIDATION
    """
    with _quiet_tensorflow():
        from image_gan.training.evaluation import degraded_rows, evaluate, mean_figures

    rows = list(evaluate(run, pictures, seed=seed))
    failed, evaluated = [row for row in rows if "failed" in row], [row for row in rows if "failed" not in row]
    degraded, means = degraded_rows(rows), mean_figures(rows)
    worst = _by_topic(degraded, topics) if topics else []
    if as_json:
        _print_json({"pictures": rows, "mean": means, "topics": worst})
    elif worst:
        _print_table(
            tuple(worst[0]), [[v if isinstance(v, str) else _figure(v) for v in row.values()] for row in worst], str(run)
        )
    else:
        names = [name for name in (evaluated[0] if evaluated else {}) if name != "picture"]
        cells = [(Path(row["picture"]).name, *(_figure(row[name]) for name in names)) for row in evaluated]
        if means:
            cells.append((f"mean of {len(degraded)} degraded", *(_figure(value) for value in means.values())))
        _print_table(("picture", *(name.replace("_", " ") for name in names)), cells, str(run))
    for row in failed:
        _say(f"left out: {row['failed']}")
    if failed:
        raise typer.Exit(1)


def _by_topic(rows: Any, path: Path) -> list[dict[str, Any]]:
    from image_gan.training.conditioning import figures_by_topic, load_conditions

    return figures_by_topic(rows, load_conditions(path))


@images_app.command("topics")
def images_topics(
    faces: Annotated[Path, typer.Argument(help="A folder in CelebA's layout.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="Where to write the conditions, an .npz file.")],
    topics: Annotated[int, typer.Option("--topics", "-k", help="How many topics of attributes.")] = 8,
    kind: Annotated[str, typer.Option(help="theta; or its controls, attributes and shuffled.")] = "theta",
    seed: Annotated[int, typer.Option(help="Seed of the sampler and of the shuffling.")] = 0,
    as_json: Json = False,
) -> None:
    """Topics of faces, whose words are their attributes, as the condition of a critic.

    palate images topics celeba -o theta.npz

    palate images train gan --paths.train prepared --paths.conditions theta.npz --critic.conditions 8
    """
    from corpora.files import check_writable
    from image_gan.training.conditioning import fit_conditions, save_conditions, topic_rows

    check_writable(output)
    conditions = fit_conditions(faces, topics=topics, kind=kind, seed=seed)
    save_conditions(output, conditions)
    rows = topic_rows(conditions)
    if as_json:
        _print_json(rows)
    else:
        _print_table(
            ("topic", "faces"), [tuple(row.values()) for row in rows], f"{conditions.vectors.shape[1]} numbers per face"
        )
    _say(f"conditions of {len(conditions.names)} faces written to {output}")


@images_app.command("export")
def images_export(
    run: Run,
    output: Annotated[Path, typer.Option("--output", "-o", help="Where to write the model, an .onnx file.")],
    as_json: Json = False,
) -> None:
    """Write a run's best generator as the file that `palate enhance` runs, with its card.

    palate images export runs/0001 -o gan.onnx
    """
    from corpora.files import check_writable

    check_writable(output)
    with _quiet_tensorflow():
        from image_gan.export import export_model

        card = export_model(run, output)
    if as_json:
        _print_json(card.entries())
    _say(f"{card.parameters} parameters written to {output}")
    if not card.ranges:
        _say("without int8: the run's pictures are not where its config says, seen from this folder")


@contextlib.contextmanager
def _quiet_tensorflow() -> Iterator[None]:
    """What it says as it is loaded and as it exports, whatever its log level: what a command says on stderr is its own."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    kept = os.dup(2)
    with open(os.devnull, "w") as nowhere:
        os.dup2(nowhere.fileno(), 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)


def _overrides(args: list[str]) -> dict[str, Any]:
    """Values by dotted names from --section.name VALUE and --section.name=VALUE, read as JSON where they are JSON."""
    found: dict[str, Any] = {}
    rest = list(args)
    while rest:
        name, _, value = rest.pop(0).partition("=")
        if not name.startswith("--") or "." not in name:
            raise InputError(f"{name}: no such option; a value of the config is overridden by --section.name VALUE")
        if not _ and not rest:
            raise InputError(f"{name} needs a value")
        text = value if _ else rest.pop(0)
        try:
            found[name[2:]] = json.loads(text)
        except ValueError:
            found[name[2:]] = text
    return found


def _check_chart(chart: Path | None) -> None:
    if chart:
        from corpora.files import check_writable
        from spacy_topics.charts import check_chart

        check_chart(chart)
        check_writable(chart)


def _guide(annotations: Path) -> Any:
    from spacy_topics.guide import Guide

    guide = Guide(annotations)
    if guide.missing:
        _say(f"{guide.missing} reviews are not annotated yet: run `palate annotate` again, it goes on from where it stopped")
    return guide


def _load(path: Path) -> Any:
    from spacy_topics.topic_model import TopicModel

    return TopicModel.load(path)


def _pipeline(name: str, lang: str = "en") -> Any:
    import spacy

    try:
        nlp = spacy.load(name, exclude=["lda_topics"]) if name else spacy.blank(lang)
    except (OSError, ValueError, ImportError, TypeError) as error:
        raise InputError(f"{f'--pipeline {name}' if name else f'the language {lang}'}: {_reason(error)}") from None
    if not name:
        nlp.max_length = 2**31  # nothing but the tokenizer runs
    return nlp


def _texts(path: Path, text_column: str, id_column: str) -> Any:
    from corpora.reviews import read_reviews

    columns = {"text": text_column, "id": id_column}
    return (review.text for review in read_reviews(path, {field: name for field, name in columns.items() if name}))


def _text(given: str) -> str:
    if given == "-":
        return sys.stdin.buffer.read().decode("utf8", "replace") if hasattr(sys.stdin, "buffer") else sys.stdin.read()
    if not _is_file(given) and " " not in given and Path(given).suffix in (".txt", ".md", ".json", ".jsonl", ".csv"):
        raise InputError(f"{given}: no such file; a text of several words is described as it stands")
    text = Path(given).read_text("utf8", "replace") if _is_file(given) else given
    return text.encode("utf8", "replace").decode("utf8")


def _is_file(given: str) -> bool:
    try:
        return Path(given).is_file()
    except (OSError, ValueError):  # too long for a name, or not one
        return False


def _seed_words(path: Path | None) -> dict[str, list[str]]:
    if path is None:
        return {}
    if str(path) == "cuisines" and not path.exists():
        from spacy_topics.lexicon import seeds as cuisine_seeds

        return cuisine_seeds()
    try:
        text = json.dumps(json.loads(path.read_text("utf-8-sig")), ensure_ascii=False)
        seeds = json.loads(text.encode("utf8", "replace"))
    except (ValueError, RecursionError) as error:
        raise InputError(f"{path}: no JSON ({_reason(error)})") from None
    lists = list(seeds.values()) if isinstance(seeds, dict) else [None]
    if not all(isinstance(words, list) and words and all(isinstance(word, str) for word in words) for words in lists):
        raise InputError(f'{path}: seed words are written {{"name": ["word", ...], ...}}')
    return seeds


def _alpha(given: str) -> float | list[float]:
    values = _numbers(given, float, "--alpha")
    return values[0] if len(values) == 1 else values


def _numbers(given: str, kind: type, option: str) -> list[Any]:
    try:
        return [kind(value) for value in given.split(",")]
    except ValueError:
        raise InputError(f"{option} takes numbers with commas between. Received: {given!r}") from None


def _print_topics(model: Any, as_json: bool, words: int = 10) -> None:
    rows = model.summary(words)
    if as_json:
        _print_json(rows)
        return
    cells = [
        (r["topic"], r["name"], ", ".join(r["words"]), f"{r['weight']:.3f}", f"{r['prevalence']:.1%}", _figure(r["coherence"]))
        for r in rows
    ]
    _print_table(("topic", "name", "words", "weight", "prevalence", "coherence"), cells, f"{model.num_topics} topics")


_LEFT = {
    *("name", "label", "words", "terms", "measure", "word", "text", "link", "candidates", "city", "quotes", "cuisine", "where"),
    *("ingredient", "dish", "type", "trial", "tier", "picture", "model", "look", "figures", "trained on", "terms"),
}
_CONTROL = dict.fromkeys([*range(10), *range(11, 32), *range(127, 160)], " ")  # in a review, they would steer the terminal


def _print_table(heading: tuple[str, ...], rows: Any, title: str) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(title=Text(title), title_justify="left", title_style="bold")
    for name in heading:
        table.add_column(name, justify="left" if name in _LEFT else "right", overflow="fold")
    for row in rows:
        table.add_row(*(Text(str(cell).translate(_CONTROL)) for cell in row))
    Console(width=None if sys.stdout.isatty() else 120, highlight=False).print(table)


def _print_rows(rows: list[dict[str, Any]], title: str, as_json: bool) -> None:
    if as_json:
        _print_json(rows)
        return
    cells = [[_cell(value) for value in row.values()] for row in rows]
    _print_table(tuple(rows[0]), cells, title)


def _cell(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(f"{x:.2g}" for x in value)
    return f"{value:g}" if isinstance(value, int) else _figure(value) if isinstance(value, float) else str(value)


def _figure(value: float | None) -> str:
    if value is None or value != value:
        return "–"
    return f"{value:.0f}" if isinstance(value, int) or abs(value) >= 100 else f"{value:.3f}"


def _print_json(value: Any) -> None:
    """NaN is no JSON: it is printed as null."""
    text = json.dumps(value, ensure_ascii=False, indent=1)
    _print_line(json.dumps(json.loads(text, parse_constant=lambda _: None), ensure_ascii=False, indent=1))


def _print_line(line: str) -> None:
    typer.echo(line)


def _say(message: str) -> None:
    typer.echo(message, err=True)


def _reason(error: Exception) -> str:
    """An error in one printable line."""
    if isinstance(error, OSError) and error.strerror:
        text = f"{error.filename}: {error.strerror}" if error.filename else error.strerror
    else:
        text = " ".join(str(error).split()) or type(error).__name__
    text = "".join(letter if letter.isprintable() else "?" for letter in text)
    return text if len(text) <= 500 else f"{text[:499]}…"


def _fail(message: str, code: int) -> None:
    typer.echo(f"palate: {message}", err=True)
    raise typer.Exit(code)


if __name__ == "__main__":
    main()

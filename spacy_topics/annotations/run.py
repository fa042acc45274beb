"""Reviews -> pipeline -> Parquet parts: what stands in each review, kept for questions (`guide`).

A part is a range of rows; each is written whole, by whichever process takes it, so that a run that was stopped goes on where
it stopped and several processes share nothing but the input and the turn of who takes the next part.
"""

import contextlib
import hashlib
import json
import multiprocessing
import re
import signal
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from multiprocessing import resource_tracker
from pathlib import Path
from queue import SimpleQueue
from threading import Thread
from typing import Any, NamedTuple

import spacy
from spacy.language import Language
from spacy.tokens import Doc, Span
from tqdm import tqdm

from corpora.files import left_over, locked, replacing, write_text
from corpora.reviews import Review, read_reviews
from corpora.rows import literal
from spacy_topics.errors import Errors, InputError, whole
from spacy_topics.lexicon import trust
from spacy_topics.pipeline.lda_topics import LdaTopics
from spacy_topics.topic_model import TopicModel

MANIFEST = "manifest.json"
FORMAT = 1
_LEAST = 100  # reviews of the last parts
_NUL = re.compile(r"(?<!\\)((?:\\\\)*)\\u0000")  # in JSON; DuckDB's strings hold none
DOCUMENTS = {
    "id": "VARCHAR",
    "business_id": "VARCHAR",
    "name": "VARCHAR",
    "city": "VARCHAR",
    "stars": "DOUBLE",
    "date": "VARCHAR",
    "topics": "STRUCT(label VARCHAR, weight DOUBLE)[]",
    "topic_dist": "FLOAT[]",
    "evidence": "INTEGER",
}
MENTIONS = {
    "document": "VARCHAR",
    "start": "INTEGER",
    "end": "INTEGER",
    "text": "VARCHAR",
    "label": "VARCHAR",
    "kb_id": "VARCHAR",
    "score": "DOUBLE",
    "sentence": "VARCHAR",
}
RESTAURANTS = {"id": "VARCHAR", "name": "VARCHAR", "city": "VARCHAR"}


class Job(NamedTuple):
    """What a process needs to know: the file, its columns, the pipeline and the folder."""

    reviews: str
    columns: dict[str, str]
    pipeline: str
    output: Path


class Done(NamedTuple):
    """What a run did: reviews annotated now, reviews that earlier runs had annotated, ids of all that are too long."""

    reviews: int
    before: int
    failed: list[str]


def annotate(
    reviews: str | Path,
    output: str | Path,
    pipeline: str | Path,
    *,
    columns: Mapping[str, str] | None = None,
    processes: int = 1,
    part_size: int = 1000,
    anew: bool = False,
    progress: bool = False,
) -> Done:
    """Run a pipeline over a file of reviews and keep what it finds; go on where an earlier run stopped.

    reviews (str | Path): a file that `read_reviews` reads. columns (Mapping): its names of columns that are called otherwise.
    output (str | Path): a folder: manifest.json (fingerprints of input and pipeline, row range of each part),
        documents-*.parquet and mentions-*.parquet (DOCUMENTS and MENTIONS), restaurants.parquet (of the linker).
    pipeline (str | Path): name or folder of a spaCy pipeline; its lda_topics and restaurant_linker are used where it has them.
    processes (int): each reads the input and writes parts of its own; the result does not depend on how many.
    part_size (int): reviews a part at most, the same for all runs into one folder.
    anew (bool): remove the folder's annotations, of whatever they are, first. progress (bool): a bar on stderr.
    RETURNS (Done): what was done. A review over the pipeline's `max_length` is kept without annotations and named.
    RAISES InputError: T080 another input, pipeline or part size than the folder's; T081 not a folder of annotations;
        T082 the pipeline cannot be loaded; T083 to T085; T091; T092; T032; and what `read_reviews` raises, before anything
        is written.
    """
    for what, value, most in (("processes", processes, 1024), ("part_size", part_size, 2**31)):
        if not whole(value, 1, most):
            raise InputError(Errors.T032.format(what=what, allowed=f"a whole number from 1 to {most}", got=repr(value)))
    job = Job(str(reviews), dict(columns or {}), str(pipeline), Path(output))
    rows = _count(job)
    parts = _parts(rows, part_size)
    with _workers(job, min(processes, len(parts)) - 1) as workers:  # they load the pipeline while this process does
        nlp = load(pipeline)
        model = _topic_model(nlp)
        manifest = {
            "format": FORMAT,
            "input": _digest(Path(reviews)),
            "columns": job.columns,
            "pipeline": _digest(Path(nlp.path)),
            "part_size": part_size,
            "topics": model.labels if model else [],
            "trust": [round(trust(name, model.top_words(k)), 4) for k, name in enumerate(model.names)] if model else [],
            "rows": rows,
            "parts": parts,
        }
        failed = [review.id for review in read_reviews(job.reviews, job.columns) if len(review.text) > nlp.max_length]
        with _begun(job.output, manifest, nlp, anew) as missing:
            before = rows - sum(end - start for start, end in missing)
            with tqdm(total=rows, initial=before, unit=" reviews", disable=not progress) as bar:
                for count in _run(nlp, job, missing, workers):
                    bar.update(count)
    return Done(rows - before, before, failed)


def load(pipeline: str | Path) -> Language:
    """Load a pipeline by name or folder. RAISES InputError: T082."""
    try:
        return spacy.load(pipeline)
    except (OSError, ValueError, ImportError, TypeError) as error:
        raise InputError(Errors.T082.format(name=pipeline, error=" ".join(str(error).split())[:300])) from None


def _count(job: Job) -> int:
    if job.reviews == "-":
        raise InputError(Errors.T085)
    return sum(1 for _ in read_reviews(job.reviews, job.columns))


def _parts(rows: int, part_size: int) -> list[tuple[int, int]]:
    """Ranges of rows, smaller towards the end, so that processes that take turns end together, however many they are."""
    parts, start = [], 0
    while start < rows:
        end = min(rows, start + min(part_size, max(_LEAST, (rows - start) // 4)))
        parts.append((start, end))
        start = end
    return parts


@contextlib.contextmanager
def _workers(job: Job, number: int) -> Iterator[list[tuple[Any, Any]]]:
    """So many processes, each with the pipe to talk to it; they are ended with the block."""
    context = multiprocessing.get_context("spawn")
    workers = []
    try:
        with _without_interrupts():
            for _ in range(number):
                ours, theirs = context.Pipe()
                workers.append((context.Process(target=_work, args=(theirs, job), daemon=True), ours))
                workers[-1][0].start()
                theirs.close()
        yield workers
    finally:
        for worker, _ in workers:
            worker.terminate()
            worker.join()


@contextlib.contextmanager
def _without_interrupts() -> Iterator[None]:
    """Processes started in the block do not hear of Ctrl-C, where the system allows: who started them ends them."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    resource_tracker.ensure_running()  # which the first process would start, and unblock signals by it
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _work(pipe: Any, job: Job) -> None:
    """A worker's life: load the pipeline, say 0, then annotate each part that comes and say how many reviews it has; None is
    the end, and so is nobody at the other end."""
    try:
        nlp = load(job.pipeline)
        signal.signal(signal.SIGTERM, signal.default_int_handler)  # unwinds, so that no half-written file is left
        pipe.send(0)
        for count in _annotate_parts(nlp, job, iter(pipe.recv, None)):
            pipe.send(count)
    except (InputError, OSError) as error:
        with contextlib.suppress(OSError):
            pipe.send(error)
    except (EOFError, KeyboardInterrupt):
        pass


def _run(nlp: Language, job: Job, missing: Sequence, workers: Sequence) -> Iterator[int]:
    """Annotate parts, here and in the workers, each taking the next one when it is free; yields reviews done, by part."""
    said: SimpleQueue = SimpleQueue()
    parts = iter(missing)
    for worker, pipe in workers:
        Thread(target=_serve, args=(worker, pipe, parts, said), daemon=True).start()
    here = _annotate_parts(nlp, job, parts)
    left = sum(end - start for start, end in missing)
    while left:
        if count := next(here, 0):
            said.put(count)
        for _ in range(max(1, said.qsize())):  # waits where nothing is left to do here
            message = said.get()
            if isinstance(message, Exception):
                raise message
            left -= message
            yield message


def _serve(worker: Any, pipe: Any, parts: Iterator, said: SimpleQueue) -> None:
    """Give a worker one part after the other, as it is done with the last, and pass on what it says."""
    part: Any = ()
    try:
        while part is not None:
            said.put(pipe.recv())
            part = next(parts, None)
            pipe.send(part)
    except (EOFError, OSError):
        worker.join()
        said.put(InputError(Errors.T083.format(code=worker.exitcode)))


def _annotate_parts(nlp: Language, job: Job, parts: Iterable) -> Iterator[int]:
    """Annotate parts, which come in the order of the file; yields the number of reviews of each when it is written."""
    reviews, at = read_reviews(job.reviews, job.columns), 0
    for start, end in parts:
        part = list(islice(reviews, start - at, end - at))
        at = end
        _annotate_part(nlp, part, job.output, start)
        yield end - start


def _annotate_part(nlp: Language, part: list[Review], output: Path, start: int) -> None:
    """Annotate and write one part, the mentions first: a part is done when its documents are there."""
    documents, mentions = [], []
    with nlp.memory_zone():
        docs = nlp.pipe((_doc(nlp, review) for review in part), batch_size=64)
        for review, doc in zip(part, docs, strict=True):
            documents.append({**review._asdict(), **_topics(doc)})
            mentions += [_mention(review.id, ent) for ent in doc.ents]
    _write(output / _name("mentions", start, len(part)), mentions, MENTIONS)
    _write(output / _name("documents", start, len(part)), documents, DOCUMENTS)


def _doc(nlp: Language, review: Review) -> Doc:
    doc = nlp.make_doc(review.text if len(review.text) <= nlp.max_length else "")
    if Doc.has_extension("city"):
        doc._.city = review.city
    return doc


def _topics(doc: Doc) -> dict[str, Any]:
    if not Doc.has_extension("topic_dist") or doc._.topic_dist is None:
        return {"topics": [], "topic_dist": [], "evidence": 0}
    topics = [{"label": label, "weight": round(weight, 6)} for label, weight in doc._.topics]
    return {"topics": topics, "topic_dist": doc._.topic_dist.tolist(), "evidence": doc._.topic_evidence}


def _mention(document: str, ent: Span) -> dict[str, Any]:
    found = ent._.candidates if Span.has_extension("candidates") and ent.label_ == "RESTAURANT" else []
    return {
        "document": document,
        "start": ent.start_char,
        "end": ent.end_char,
        "text": ent.text,
        "label": ent.label_,
        "kb_id": ent.kb_id_ or None,
        "score": found[0][1] if found else None,
        "sentence": _sentence(ent),
    }


def _sentence(ent: Span) -> str:
    """The sentence that a mention stands in; where sentences are not marked, thirty tokens around it."""
    if ent.doc.has_annotation("SENT_START"):
        return ent.sent.text.strip()
    return ent.doc[max(0, ent.start - 15) : ent.end + 15].text


def _topic_model(nlp: Language) -> TopicModel | None:
    """The model of the pipeline's lda_topics. RAISES InputError: T091, there are several."""
    found = {name: part for name, part in nlp.components if isinstance(part, LdaTopics)}
    if len(found) > 1:
        raise InputError(Errors.T091.format(names=" and ".join(found)))
    return next((part.topic_model for part in found.values() if part.labels), None)


@contextlib.contextmanager
def _begun(output: Path, manifest: dict[str, Any], nlp: Language, anew: bool) -> Iterator[list[tuple[int, int]]]:
    """Make the folder, or check that what is in it belongs to this run, and keep other runs out of it while the block lasts;
    yields the parts that are missing or damaged. Stopped at any moment, it can be run again."""
    linkers = [part for name, part in nlp.components if hasattr(part, "knowledge_base")]
    houses = [house._asdict() for linker in linkers for house in linker.knowledge_base.houses.values()]
    if output.exists() and not output.is_dir():
        raise InputError(Errors.T084.format(folder=output))
    output.mkdir(parents=True, exist_ok=True)
    with locked(output, Errors.T092.format(folder=output)):
        parts = _taken(output, manifest, anew)["parts"]
        for path in left_over(output):
            path.unlink()
        if not _is_whole(output / "restaurants.parquet", RESTAURANTS, len(houses)):
            _write(output / "restaurants.parquet", houses, RESTAURANTS)
        yield [part for part in parts if not _is_annotated(output, *part)]


def _taken(output: Path, manifest: dict[str, Any], anew: bool) -> dict[str, Any]:
    """The manifest of a folder that is taken for this run: its own, where it is of the same things, else the one given."""
    if (output / MANIFEST).exists():
        ours = (output / "restaurants.parquet").exists()  # else the manifest may be somebody else's
        old = {} if anew and ours else manifest_of(output)
        names = {"input": "input", "columns": "columns", "pipeline": "pipeline", "part_size": "part size"}
        other = [name for key, name in names.items() if old.get(key) != manifest[key]]
        if not other:
            return old
        if not anew:
            raise InputError(Errors.T080.format(folder=output, what=" and ".join(other)))
        for kind in ("documents-*", "mentions-*", "restaurants"):
            for part in output.glob(f"{kind}.parquet"):
                part.unlink()
    elif set(output.iterdir()) - left_over(output):
        raise InputError(Errors.T084.format(folder=output))
    write_text(output / MANIFEST, json.dumps(manifest, indent=1))
    return manifest


def _is_annotated(output: Path, start: int, end: int) -> bool:
    documents, mentions = (output / _name(kind, start, end - start) for kind in ("documents", "mentions"))
    return _is_whole(documents, DOCUMENTS, end - start) and _is_whole(mentions, MENTIONS)


def _is_whole(path: Path, columns: Mapping[str, str], rows: int | None = None) -> bool:
    """Whether a file is there and all of it can be read as the guide reads it: some milliseconds a part."""
    import duckdb

    if not path.exists():
        return False
    try:
        with duckdb.connect() as connection:
            sums = f"SELECT count(*), bit_xor(hash(part)) FROM ({select(columns)}) part"
            ((found, _),) = connection.execute(sums, [literal(path)]).fetchall()
    except duckdb.Error:
        return False
    return rows in (None, found)


def manifest_of(folder: str | Path) -> dict[str, Any]:
    """The manifest of a folder of annotations. RAISES InputError: T081, it has none that can be read."""
    try:
        manifest = json.loads((Path(folder) / MANIFEST).read_text("utf8"))
        whole_parts = all(whole(start, 0) and whole(end, start) for start, end in manifest["parts"])
        if (
            manifest["format"] == FORMAT
            and whole_parts
            and whole(manifest["rows"], 0)
            and len(manifest["topics"]) == len(manifest["trust"])
        ):
            return manifest
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        pass
    raise InputError(Errors.T081.format(folder=folder))


def select(columns: Mapping[str, str]) -> str:
    """SQL for the columns of Parquet files, whose names are its parameter; it fails where they are of another schema."""
    typed = ", ".join(f'"{name}"::{kind} AS "{name}"' for name, kind in columns.items())
    return f"SELECT {typed} FROM read_parquet($1, hive_partitioning = false)"


def parts_of(folder: str | Path, manifest: dict[str, Any]) -> tuple[list[str], list[str], int]:
    """The documents' and mentions' files that are there, for DuckDB, and the number of reviews still to be annotated."""
    folder = Path(folder)
    done = [(a, b) for a, b in manifest["parts"] if (folder / _name("documents", a, b - a)).exists()]
    documents, mentions = ([literal(folder / _name(kind, a, b - a)) for a, b in done] for kind in ("documents", "mentions"))
    return documents, mentions, manifest["rows"] - sum(b - a for a, b in done)


def _name(kind: str, start: int, length: int) -> str:
    return f"{kind}-{start:09d}-{start + length:09d}.parquet"


def _write(path: Path, rows: list[dict[str, Any]], columns: Mapping[str, str]) -> None:
    """Rows as one Parquet file, by one rename; DuckDB reads them as JSON lines."""
    import duckdb

    text = "".join(json.dumps({key: row[key] for key in columns}) + "\n" for row in rows)
    with replacing(path) as beside:
        lines = beside.with_suffix(".jsonl.part")
        try:
            lines.write_text(_NUL.sub(r"\1\\ufffd", text), "utf8")
            with duckdb.connect() as connection:
                settings = "format = 'newline_delimited', maximum_object_size = 1000000000, hive_partitioning = false"
                table = f"CREATE TABLE part AS SELECT * FROM read_json($1, columns = $2, {settings})"
                source = connection.execute(table, [literal(lines), dict(columns)])
                source.execute("COPY part TO $1 (FORMAT parquet)", [str(beside)])
        except duckdb.IOException as error:  # the disk is full
            raise OSError(str(error)) from None
        except RuntimeError as error:
            if str(error) != "Query interrupted":
                raise
            raise KeyboardInterrupt from None
        finally:
            lines.unlink(missing_ok=True)


def _digest(path: Path) -> str:
    """SHA-256 of a file, or of a folder's files by name."""
    digest = hashlib.sha256()
    for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
        if file.is_file() and "__pycache__" not in file.parts:
            digest.update(str(file.relative_to(path)).encode() + b"\0")
            with open(file, "rb") as opened:
                digest.update(hashlib.file_digest(opened, "sha256").digest())
    return digest.hexdigest()

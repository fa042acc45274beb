"""Reviews -> pipeline -> Parquet parts: what stands in each review, kept for questions (`guide`).

A part is a range of rows; each is written whole, by whichever process has it, so that a run that was stopped goes on where
it stopped and several processes share nothing but the input.
"""

import hashlib
import json
import multiprocessing
import re
import signal
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import spacy
from spacy.language import Language
from spacy.tokens import Doc, Span
from spacy.util import minibatch
from tqdm import tqdm

from corpora.files import replacing, write_text
from corpora.reviews import Review, read_reviews
from corpora.rows import literal
from spacy_topics.errors import Errors, InputError, whole
from spacy_topics.lexicon import trust
from spacy_topics.pipeline.lda_topics import LdaTopics

MANIFEST = "manifest.json"
FORMAT = 1
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
    """What a process needs to know: the file, its columns, the pipeline, the folder, and the reviews a part."""

    reviews: str
    columns: dict[str, str]
    pipeline: str
    output: Path
    part_size: int


class Done(NamedTuple):
    """What a run did: reviews annotated now, reviews that earlier runs had annotated, ids of those that were too long."""

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
    part_size (int): reviews a part, the same for all runs into one folder.
    anew (bool): remove the folder's annotations, of whatever they are, first. progress (bool): a bar on stderr.
    RETURNS (Done): what was done. A review over the pipeline's `max_length` is kept without annotations and named.
    RAISES InputError: T080 another input, pipeline or part size than the folder's; T081 not a folder of annotations;
        T082 the pipeline cannot be loaded; T083 to T085; T032; and what `read_reviews` raises, before anything is written.
    """
    for what, value, most in (("processes", processes, 1024), ("part_size", part_size, 2**31)):
        if not whole(value, 1, most):
            raise InputError(Errors.T032.format(what=what, allowed=f"a whole number from 1 to {most}", got=repr(value)))
    output = Path(output)
    nlp = load(pipeline)
    rows = _count(reviews, columns)
    parts = [(start, min(start + part_size, rows)) for start in range(0, rows, part_size)]
    topics = [part for _, part in nlp.components if isinstance(part, LdaTopics) and part.labels]
    manifest = {
        "format": FORMAT,
        "input": _digest(Path(reviews)),
        "columns": dict(columns or {}),
        "pipeline": _digest(Path(nlp.path)),
        "part_size": part_size,
        "topics": [label for part in topics for label in part.labels],
        "trust": [
            round(trust(name, part.topic_model.top_words(k)), 4)
            for part in topics
            for k, name in enumerate(part.topic_model.names)
        ],
        "rows": rows,
        "parts": parts,
    }
    _start(output, manifest, nlp, anew)
    missing = [part for part in parts if not _is_done(output, part)]
    before = rows - sum(end - start for start, end in missing)
    job = Job(str(reviews), dict(columns or {}), str(pipeline), output, part_size)
    shares = [share for share in (missing[i::processes] for i in range(processes)) if share]
    failed: list[str] = []
    with tqdm(total=rows, initial=before, unit=" reviews", disable=not progress) as bar:
        for count, names in _run(nlp, job, shares):
            bar.update(count)
            failed += names
    return Done(rows - before, before, failed)


def load(pipeline: str | Path) -> Language:
    """Load a pipeline by name or folder. RAISES InputError: T082."""
    try:
        return spacy.load(pipeline)
    except (OSError, ValueError, ImportError, TypeError) as error:
        raise InputError(Errors.T082.format(name=pipeline, error=" ".join(str(error).split())[:300])) from None


def _run(nlp: Language, job: Job, shares: Sequence[list]) -> Iterator[tuple[int, list[str]]]:
    """Annotate the parts of each share, here or in a process a share; yields reviews done and ids that failed, by part."""
    if len(shares) < 2:
        for share in shares:
            yield from _annotate_parts(nlp, job, share)
        return
    context = multiprocessing.get_context("spawn")
    queue: Any = context.Queue()
    workers = [context.Process(target=_work, args=(queue, job, share), daemon=True) for share in shares]
    _start_all(workers)
    try:
        running = len(workers)
        while running:
            message = _next(queue, workers)
            if isinstance(message, InputError | OSError):
                raise message
            running -= message is None
            if message is not None:
                yield message
    finally:
        for worker in workers:
            worker.terminate()
            worker.join()


def _start_all(workers: Sequence[Any]) -> None:
    """Start processes that do not hear of Ctrl-C, where the system allows: who started them ends them."""
    if not hasattr(signal, "pthread_sigmask"):
        for worker in workers:
            worker.start()
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        for worker in workers:
            worker.start()
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _next(queue: Any, workers: Sequence[Any]) -> Any:
    from queue import Empty

    while True:
        try:
            return queue.get(timeout=1)
        except Empty:
            dead = [worker for worker in workers if worker.exitcode not in (None, 0)]
            if dead:
                raise InputError(Errors.T083.format(code=dead[0].exitcode)) from None


def _work(queue: Any, job: Job, share: list) -> None:
    """A worker's life: load the pipeline, annotate its share, say None; it ends early where its parent has."""
    parent: Any = multiprocessing.parent_process()
    try:
        for message in _annotate_parts(load(job.pipeline), job, share):
            queue.put(message)
            if not parent.is_alive():
                return
        queue.put(None)
    except (InputError, OSError) as error:
        queue.put(error)
    except KeyboardInterrupt:
        pass


def _annotate_parts(nlp: Language, job: Job, share: list) -> Iterator[tuple[int, list[str]]]:
    wanted = {start for start, _ in share}
    for number, part in enumerate(minibatch(read_reviews(job.reviews, job.columns), size=job.part_size)):
        start = number * job.part_size
        if start in wanted:
            yield len(part), _annotate_part(nlp, part, job.output, start)
            wanted.remove(start)
            if not wanted:
                return


def _annotate_part(nlp: Language, part: list[Review], output: Path, start: int) -> list[str]:
    """Annotate and write one part, the mentions first: a part is done when its documents are there."""
    documents, mentions = [], []
    failed = [review.id for review in part if len(review.text) > nlp.max_length]
    with nlp.memory_zone():
        docs = nlp.pipe((_doc(nlp, review) for review in part), batch_size=64)
        for review, doc in zip(part, docs, strict=True):
            documents.append({**review._asdict(), **_topics(doc)})
            mentions += [_mention(review.id, ent) for ent in doc.ents]
    _write(output / _name("mentions", start, len(part)), mentions, MENTIONS)
    _write(output / _name("documents", start, len(part)), documents, DOCUMENTS)
    return failed


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


def _start(output: Path, manifest: dict[str, Any], nlp: Language, anew: bool) -> None:
    """Make the folder, or check that what is in it belongs to this run; stopped at any moment, it can be run again."""
    linkers = [part for name, part in nlp.components if hasattr(part, "knowledge_base")]
    houses = [house._asdict() for linker in linkers for house in linker.knowledge_base.houses.values()]
    there = (output / MANIFEST).exists()
    if there:
        ours = (output / "restaurants.parquet").exists()  # else the manifest may be somebody else's
        old = {} if anew and ours else manifest_of(output)
        names = {"input": "input", "columns": "columns", "pipeline": "pipeline", "part_size": "part size"}
        other = [name for key, name in names.items() if old.get(key) != manifest[key]]
        if other and not anew:
            raise InputError(Errors.T080.format(folder=output, what=" and ".join(other)))
        if other:
            there = False
            for kind in ("documents-*", "mentions-*", "restaurants"):
                for part in output.glob(f"{kind}.parquet"):
                    part.unlink()
    elif output.exists() and (not output.is_dir() or any(output.iterdir())):
        raise InputError(Errors.T084.format(folder=output))
    output.mkdir(parents=True, exist_ok=True)
    if not there:
        write_text(output / MANIFEST, json.dumps(manifest, indent=1))
    if not (output / "restaurants.parquet").exists():
        _write(output / "restaurants.parquet", houses, RESTAURANTS)


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


def parts_of(folder: str | Path, manifest: dict[str, Any]) -> tuple[list[str], list[str], int]:
    """The documents' and mentions' files that are there, for DuckDB, and the number of reviews still to be annotated."""
    folder = Path(folder)
    done = [part for part in manifest["parts"] if _is_done(folder, part)]
    documents, mentions = ([literal(folder / _name(kind, a, b - a)) for a, b in done] for kind in ("documents", "mentions"))
    return documents, mentions, manifest["rows"] - sum(b - a for a, b in done)


def _is_done(output: Path, part: Sequence[int]) -> bool:
    return (output / _name("documents", part[0], part[1] - part[0])).exists()


def _name(kind: str, start: int, length: int) -> str:
    return f"{kind}-{start:09d}-{start + length:09d}.parquet"


def _write(path: Path, rows: list[dict[str, Any]], columns: Mapping[str, str]) -> None:
    """Rows as one Parquet file, by one rename; DuckDB reads them as JSON lines."""
    import duckdb

    text = "".join(json.dumps({key: row[key] for key in columns}) + "\n" for row in rows)
    with replacing(path) as beside:
        lines = beside.with_suffix(".jsonl")
        try:
            lines.write_text(_NUL.sub(r"\1\\ufffd", text), "utf8")
            with duckdb.connect() as connection:
                settings = "format = 'newline_delimited', maximum_object_size = 1000000000, hive_partitioning = false"
                table = f"CREATE TABLE part AS SELECT * FROM read_json($1, columns = $2, {settings})"
                source = connection.execute(table, [literal(lines), dict(columns)])
                source.execute("COPY part TO $1 (FORMAT parquet)", [str(beside)])
        except duckdb.IOException as error:  # the disk is full
            raise OSError(str(error)) from None
        finally:
            lines.unlink(missing_ok=True)


def _count(reviews: str | Path, columns: Mapping[str, str] | None) -> int:
    if str(reviews) == "-":
        raise InputError(Errors.T085)
    return sum(1 for _ in read_reviews(reviews, columns))


def _digest(path: Path) -> str:
    """SHA-256 of a file, or of a folder's files by name."""
    digest = hashlib.sha256()
    for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
        if file.is_file() and "__pycache__" not in file.parts:
            digest.update(str(file.relative_to(path)).encode() + b"\0")
            with open(file, "rb") as opened:
                digest.update(hashlib.file_digest(opened, "sha256").digest())
    return digest.hexdigest()

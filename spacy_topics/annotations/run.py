"""Reviews -> pipeline -> a folder of annotations; a run that was stopped continues where it stopped."""

import hashlib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from math import isnan
from pathlib import Path
from typing import NamedTuple

from spacy.language import Language

from corpora.reviews import Review, read_reviews
from spacy_topics.annotations import schema, store
from spacy_topics.annotations.executors.local import LocalExecutor
from spacy_topics.annotations.language import LanguageCheck
from spacy_topics.annotations.records import records
from spacy_topics.annotations.store import Manifest, Part
from spacy_topics.errors import Errors, InputError, is_integer
from spacy_topics.lexicon import seed_precision
from spacy_topics.pipeline.lda_topics import LdaTopics
from spacy_topics.pipeline.loading import load_pipeline
from spacy_topics.topic_model import TopicModel

_MIN_PART = 100  # smallest part near the end of the file, so that the workers finish together


class Annotated(NamedTuple):
    """The result of a run.

    reviews (int): number of reviews that this run annotated.
    before (int): number of reviews that earlier runs had annotated.
    failed (list): ids of the reviews that are too long for the pipeline.
    other_language (int): number of all reviews that are not in the pipeline's language (see `language.LanguageCheck`); they
        are annotated, too.
    stars_unread (int): number of all reviews whose stars are no number, such as "NEW".
    """

    reviews: int
    before: int
    failed: list[str]
    other_language: int = 0
    stars_unread: int = 0


def annotate(
    reviews: str | Path,
    output: str | Path,
    pipeline: str | Path,
    *,
    columns: Mapping[str, str] | None = None,
    keep: Sequence[str] = (),
    table: str = "",
    processes: int = 1,
    part_size: int = 1000,
    restart: bool = False,
    append: bool = False,
    progress: bool = False,
) -> Annotated:
    """Run a pipeline over a file of reviews and keep what it finds; continue where an earlier run stopped.

    reviews (str | Path): a file that `read_reviews` reads.
    output (str | Path): a folder: manifest.json (fingerprints of input and pipeline, row range of each part),
        documents-*.parquet, mentions-*.parquet and texts-*.parquet (see `schema`), restaurants.parquet (of the linker).
    pipeline (str | Path): name or folder of a spaCy pipeline; its lda_topics and restaurant_linker are used if it has them.
    columns (Mapping | None): field -> name of its column, for columns that have another name in the file.
    keep (Sequence): columns of the file that are kept in `documents`.
    table (str): the table or sheet of a file that has several.
    processes (int): number of processes; the result does not depend on it.
    part_size (int): maximum number of reviews per part, which must be the same for all runs into one folder.
    restart (bool): remove the folder's annotations first, even those of another input or pipeline.
    append (bool): the file may have new rows after those that the folder has annotations of; these are annotated, too.
    progress (bool): show a progress bar on stderr.
    RETURNS (Annotated): numbers of reviews, of which in another language, and the ids of those that are longer than the
        pipeline's `max_length`, which are kept without annotations.
    RAISES InputError: T080, the folder's annotations are of another input, pipeline or part size; T081, T084, it is not a
        folder of annotations; T082, the pipeline cannot be loaded; T032, T085, T091, T093, T095; T137, old rows are
        not as they were; and what `read_reviews` raises.
        All are raised before anything is written.
    RAISES RunError: T083, a process was ended from outside; T092, another run is writing to the folder.
    """
    from tqdm import tqdm

    for what, value, most in (("processes", processes, 1024), ("part_size", part_size, 2**31)):
        if not is_integer(value, 1, most):
            raise InputError(Errors.T032.format(what=what, allowed=f"an integer from 1 to {most}", got=repr(value)))
    if taken := _taken(dict.fromkeys(keep)):
        raise InputError(Errors.T093.format(column=taken[0], taken=", ".join(schema.DOCUMENTS)))
    if str(reviews) == "-":
        raise InputError(Errors.T085)
    source = Source(str(reviews), dict(columns or {}), list(dict.fromkeys(keep)), table)
    task = AnnotateTask(source, str(pipeline), Path(output))
    with LocalExecutor(task, processes) as executor:
        nlp = task.prepare()
        old = Manifest.read(output) if append and (Path(output) / store.MANIFEST).exists() else None
        scan = source.scan(nlp.max_length, nlp.lang or "xx", old.rows if old else 0)
        if not scan.rows:
            raise InputError(Errors.T095.format(path=reviews))
        manifest = _manifest(source, scan, nlp, part_size)
        if old and old.input != manifest.input:
            manifest = _grown(manifest, old, scan, source.path)
        with store.taken(Path(output), manifest, _restaurants(nlp), restart) as missing:
            before = manifest.rows - sum(end - start for start, end in missing)
            with tqdm(total=manifest.rows, initial=before, unit=" reviews", disable=not progress) as bar:
                try:
                    for count in executor.run(missing, nlp):
                        bar.update(count)
                finally:
                    executor.end()  # before the folder is tidied and free for others
    return Annotated(manifest.rows - before, before, scan.too_long, scan.other_language, scan.stars_unread)


def _taken(keep: Collection[str]) -> list[str]:
    """Columns whose names, in small letters, other columns have: to DuckDB they are the same."""
    names = [*schema.DOCUMENTS, *(column.lower() for column in keep)]
    return [column for column in keep if names.count(column.lower()) > 1]


class Scan(NamedTuple):
    """The result of one pass over the input.

    fingerprint (str): fingerprint of the reviews.
    rows (int): number of reviews.
    too_long (list): ids of the reviews with too many characters for the pipeline.
    other_language (int): number of reviews that are not in the pipeline's language.
    stars_unread (int): number of reviews whose stars are no number.
    first_rows (str): fingerprint of as many of the first reviews as were asked for.
    """

    fingerprint: str
    rows: int
    too_long: list[str]
    other_language: int
    stars_unread: int
    first_rows: str


class Source(NamedTuple):
    """A file of reviews, and how it is read (see `read_reviews`).

    path (str): the file.
    columns (dict): field -> name of its column, for columns that have another name in the file.
    keep (list): columns that each review keeps.
    table (str): the table or sheet of a file that has several.
    """

    path: str
    columns: dict[str, str]
    keep: list[str]
    table: str

    def read(self) -> Iterator[Review]:
        """The reviews, in the file's order."""
        return read_reviews(self.path, self.columns, keep=self.keep, table=self.table)

    def scan(self, max_length: int, lang: str, first: int = 0) -> Scan:
        """Read all reviews once. The same reviews have the same fingerprint in every file format.

        max_length (int): maximum number of characters of a review.
        lang (str): the pipeline's language.
        first (int): number of first reviews that get a fingerprint of their own.
        """
        language = LanguageCheck(lang)
        digest, rows, too_long, others, unread = hashlib.sha256(), 0, [], 0, 0
        first_rows = digest.hexdigest() if first == 0 else ""
        for review in self.read():
            rows += 1
            digest.update(repr(tuple(review)).encode("utf8", "backslashreplace"))
            if len(review.text) > max_length:
                too_long.append(review.id)
            others += language.is_other(review.text)
            unread += review.stars is not None and isnan(review.stars)
            if rows == first:
                first_rows = digest.hexdigest()
        return Scan(digest.hexdigest(), rows, too_long, others, unread, first_rows)


@dataclass(frozen=True)
class AnnotateTask:
    """Annotates parts of a source and writes them: the task that an executor runs, in any process.

    source (Source): the reviews.
    pipeline (str): name or folder of the pipeline.
    output (Path): the folder of annotations, which must have its manifest.
    """

    source: Source
    pipeline: str
    output: Path

    def prepare(self) -> Language:
        """Load the pipeline."""
        return load_pipeline(self.pipeline)

    def run(self, nlp: Language, parts: Iterable[Part]) -> Iterator[int]:
        """Annotate parts and write them.

        nlp (Language): the pipeline.
        parts (Iterable): Parts in the order of the file.
        YIELDS (int): the number of reviews of each part, after it is written.
        """
        reviews, position, manifest = self.source.read(), 0, None
        for start, end in parts:
            manifest = manifest or Manifest.read(self.output)
            part_reviews = list(islice(reviews, start - position, end - position))
            position = end
            with nlp.memory_zone():
                rows = list(records(nlp, part_reviews))
            store.write_part(self.output, Part(start, end), rows, self.source.keep, manifest.made_by(Part(start, end)))
            yield end - start


def _parts(rows: int, part_size: int) -> list[Part]:
    """Ranges of rows, smaller towards the end, so that any number of processes finish at about the same time."""
    parts, start = [], 0
    while start < rows:
        end = min(rows, start + min(part_size, max(_MIN_PART, (rows - start) // 4)))
        parts.append(Part(start, end))
        start = end
    return parts


def _manifest(source: Source, scan: Scan, nlp: Language, part_size: int) -> Manifest:
    model = _topic_model(nlp)
    return Manifest(
        input=scan.fingerprint,
        columns=source.columns,
        keep=source.keep,
        pipeline=_digest(Path(nlp.path)),
        part_size=part_size,
        topics=model.labels if model else [],
        trust=[_trust(model, topic) for topic in range(model.num_topics)] if model else [],
        rows=scan.rows,
        parts=_parts(scan.rows, part_size),
    )


def _grown(new: Manifest, old: Manifest, scan: Scan, path: str) -> Manifest:
    """The manifest of an input that has grown: the old parts, and new ones for the new rows.

    RAISES InputError: T137, the old rows are not as they were.
    """
    if scan.first_rows != old.input:
        raise InputError(Errors.T137.format(rows=old.rows, reviews=path))
    added = [Part(old.rows + start, old.rows + end) for start, end in _parts(new.rows - old.rows, new.part_size)]
    return replace(new, parts=old.parts + added, earlier=[*old.earlier, (old.rows, old.input)])


def _topic_model(nlp: Language) -> TopicModel | None:
    """The model of the pipeline's lda_topics, or None.

    RAISES InputError: T091, there are several lda_topics.
    """
    components = {name: component for name, component in nlp.components if isinstance(component, LdaTopics)}
    if len(components) > 1:
        raise InputError(Errors.T091.format(names=" and ".join(components)))
    return next((component.topic_model for component in components.values() if component.labels), None)


def _restaurants(nlp: Language) -> list[dict[str, str]]:
    linkers = [component for _, component in nlp.components if hasattr(component, "knowledge_base")]
    return [restaurant._asdict() for linker in linkers for restaurant in linker.knowledge_base.rows]


def _digest(folder: Path) -> str:
    """SHA-256 of the names and contents of a folder's files."""
    digest = hashlib.sha256()
    for file in sorted(folder.rglob("*")):
        if file.is_file() and "__pycache__" not in file.parts:
            digest.update(str(file.relative_to(folder)).encode() + b"\0")
            with open(file, "rb") as opened:
                digest.update(hashlib.file_digest(opened, "sha256").digest())
    return digest.hexdigest()


def _trust(model: TopicModel, topic: int) -> float:
    """How far the name of a topic can be believed, 0 to 1. Since names must be deserved, one that a topic has is."""
    name = model.names[topic]
    return float(bool(name)) if "unnamed" in model.meta else round(seed_precision(name, model.top_words(topic)), 4)

"""Reviews -> pipeline -> a folder of annotations: a run that was stopped goes on where it stopped."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from spacy.language import Language

from corpora.reviews import Review, read_reviews
from spacy_topics.annotations import schema, store
from spacy_topics.annotations.executors.local import LocalExecutor
from spacy_topics.annotations.records import records
from spacy_topics.annotations.store import Manifest, Part
from spacy_topics.errors import Errors, InputError, is_integer
from spacy_topics.lexicon import seed_precision
from spacy_topics.pipeline.lda_topics import LdaTopics
from spacy_topics.pipeline.loading import load_pipeline
from spacy_topics.topic_model import TopicModel

_MIN_PART = 100  # smallest part near the end of the file, so that the workers finish together


class Annotated(NamedTuple):
    """What a run did.

    reviews (int): number of reviews annotated now.
    before (int): number of reviews that earlier runs had annotated.
    failed (list): ids of the reviews that are too long for the pipeline.
    """

    reviews: int
    before: int
    failed: list[str]


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
    progress: bool = False,
) -> Annotated:
    """Run a pipeline over a file of reviews and keep what it finds; go on where an earlier run stopped.

    reviews (str | Path): a file that `read_reviews` reads.
    output (str | Path): a folder: manifest.json (fingerprints of input and pipeline, row range of each part),
        documents-*.parquet, mentions-*.parquet and texts-*.parquet (see `schema`), restaurants.parquet (of the linker).
    pipeline (str | Path): name or folder of a spaCy pipeline; its lda_topics and restaurant_linker are used where it has them.
    columns (Mapping | None): names in the file of the fields that are called otherwise there.
    keep (Sequence): columns of the file that are kept in `documents`.
    table (str): the table or sheet of a file that has several.
    processes (int): number of processes; the result does not depend on it.
    part_size (int): maximum number of reviews per part, the same for all runs into one folder.
    restart (bool): first remove the folder's annotations, whatever they are of.
    progress (bool): show a progress bar on stderr.
    RETURNS (Annotated): what was done. A review over the pipeline's `max_length` is kept without annotations and named.
    RAISES InputError: T080 another input, pipeline or part size than the folder's; T081 not a folder of annotations;
        T082 the pipeline cannot be loaded; T084, T085, T091, T093, T032; and what `read_reviews` raises, before anything is
        written. RunError: T083, T092.
    """
    from tqdm import tqdm

    for what, value, most in (("processes", processes, 1024), ("part_size", part_size, 2**31)):
        if not is_integer(value, 1, most):
            raise InputError(Errors.T032.format(what=what, allowed=f"an integer from 1 to {most}", got=repr(value)))
    if taken := [column for column in keep if column in schema.DOCUMENTS]:
        raise InputError(Errors.T093.format(column=taken[0], taken=", ".join(schema.DOCUMENTS)))
    if str(reviews) == "-":
        raise InputError(Errors.T085)
    source = Source(str(reviews), dict(columns or {}), list(dict.fromkeys(keep)), table)
    task = AnnotateTask(source, str(pipeline), Path(output))
    with LocalExecutor(task, processes) as executor:
        nlp = task.prepare()
        scan = source.scan(nlp.max_length)
        manifest = _manifest(source, scan, nlp, part_size)
        with store.taken(Path(output), manifest, _restaurants(nlp), restart) as missing:
            before = manifest.rows - sum(end - start for start, end in missing)
            with tqdm(total=manifest.rows, initial=before, unit=" reviews", disable=not progress) as bar:
                for count in executor.run(missing, nlp):
                    bar.update(count)
    return Annotated(manifest.rows - before, before, scan.too_long)


class Scan(NamedTuple):
    """What one pass over the input finds.

    fingerprint (str): of the reviews.
    rows (int): number of reviews.
    too_long (list): ids of the reviews with too many characters.
    """

    fingerprint: str
    rows: int
    too_long: list[str]


class Source(NamedTuple):
    """A file of reviews, and how it is read (see `read_reviews`)."""

    path: str
    columns: dict[str, str]
    keep: list[str]
    table: str

    def read(self) -> Iterator[Review]:
        """The reviews, in the file's order."""
        return read_reviews(self.path, self.columns, keep=self.keep, table=self.table)

    def scan(self, max_length: int) -> Scan:
        """Read all reviews once: the same reviews have the same fingerprint, whatever kind of file they are in."""
        digest, rows, too_long = hashlib.sha256(), 0, []
        for review in self.read():
            rows += 1
            digest.update(repr(tuple(review)).encode("utf8", "backslashreplace"))
            if len(review.text) > max_length:
                too_long.append(review.id)
        return Scan(digest.hexdigest(), rows, too_long)


@dataclass(frozen=True)
class AnnotateTask:
    """Annotate parts of a source and write them: what an executor runs, in any process.

    source (Source): the reviews.
    pipeline (str): name or folder of the pipeline.
    output (Path): the folder of annotations, whose manifest is written.
    """

    source: Source
    pipeline: str
    output: Path

    def prepare(self) -> Language:
        """Load the pipeline."""
        return load_pipeline(self.pipeline)

    def run(self, nlp: Language, parts: Iterable[Part]) -> Iterator[int]:
        """Annotate parts, which come in the order of the file; yield the number of reviews of each when it is written."""
        reviews, position, made_by = self.source.read(), 0, ""
        for start, end in parts:
            made_by = made_by or Manifest.read(self.output).made_by
            some = list(islice(reviews, start - position, end - position))
            position = end
            with nlp.memory_zone():
                rows = list(records(nlp, some))
            store.write_part(self.output, Part(start, end), rows, self.source.keep, made_by)
            yield end - start


def _parts(rows: int, part_size: int) -> list[Part]:
    """Ranges of rows, smaller towards the end, so that processes that take turns end together, however many they are."""
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
        trust=[round(seed_precision(name, model.top_words(k)), 4) for k, name in enumerate(model.names)] if model else [],
        rows=scan.rows,
        parts=_parts(scan.rows, part_size),
    )


def _topic_model(nlp: Language) -> TopicModel | None:
    """The model of the pipeline's lda_topics. RAISES InputError: T091, there are several."""
    found = {name: component for name, component in nlp.components if isinstance(component, LdaTopics)}
    if len(found) > 1:
        raise InputError(Errors.T091.format(names=" and ".join(found)))
    return next((component.topic_model for component in found.values() if component.labels), None)


def _restaurants(nlp: Language) -> list[dict[str, str]]:
    linkers = [component for _, component in nlp.components if hasattr(component, "knowledge_base")]
    return [restaurant._asdict() for linker in linkers for restaurant in linker.knowledge_base.rows]


def _digest(folder: Path) -> str:
    """SHA-256 of a folder's files, by name."""
    digest = hashlib.sha256()
    for file in sorted(folder.rglob("*")):
        if file.is_file() and "__pycache__" not in file.parts:
            digest.update(str(file.relative_to(folder)).encode() + b"\0")
            with open(file, "rb") as opened:
                digest.update(hashlib.file_digest(opened, "sha256").digest())
    return digest.hexdigest()

"""The folder of annotations: a manifest, and files of documents, mentions and texts for each part of the input."""

import contextlib
import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from corpora.files import duckdb_name, left_over, locked, replacing, write_text
from spacy_topics.annotations import schema
from spacy_topics.annotations.schema import Record
from spacy_topics.errors import Errors, InputError, is_integer

MANIFEST = "manifest.json"
_KINDS = ("texts", "mentions", "documents")  # in the order of writing: a part is complete when its documents exist


class Part(NamedTuple):
    """A range of the input's rows.

    start (int): the first row.
    end (int): the row after the last one.
    """

    start: int
    end: int


@dataclass(frozen=True)
class Manifest:
    """Facts about a folder's annotations: what they were made from, and their parts.

    input (str): fingerprint of the reviews.
    columns (dict): field -> name of its column, for columns that have another name in the input.
    pipeline (str): fingerprint of the pipeline.
    part_size (int): maximum number of reviews per part.
    topics (list): labels of the topics.
    trust (list): precision of each topic's seed words, 0 to 1 (see `lexicon.seed_precision`).
    rows (int): number of reviews.
    parts (list): Parts, ranges of rows.
    keep (list): columns of the input that are kept in `documents`.
    format (int): format of the folder, see `schema.FORMAT`.
    earlier (list): of each earlier state of an input that has grown, the number of reviews and the fingerprint, oldest first.
    """

    input: str
    columns: dict[str, str]
    pipeline: str
    part_size: int
    topics: list[str]
    trust: list[float]
    rows: int
    parts: list[Part]
    keep: list[str]
    format: int = schema.FORMAT
    earlier: list[tuple[int, str]] = field(default_factory=list)

    def made_by(self, part: Part) -> str:
        """Fingerprint of everything that a part's content depends on; every file of the part has it in its metadata.

        part (Part): the part.
        """
        states = [*self.earlier, (self.rows, self.input)]
        fingerprint = next(fingerprint for rows, fingerprint in states if part.end <= rows)
        facts = [self.format, fingerprint, self.columns, self.keep, self.pipeline]
        return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()

    @classmethod
    def read(cls, folder: str | Path) -> "Manifest":
        """Read the manifest of a folder.

        folder (str | Path): the folder.
        RAISES InputError: T081, it has no manifest that can be read.
        """
        with contextlib.suppress(OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
            data = json.loads((Path(folder) / MANIFEST).read_text("utf8"))
            parts = [Part(start, end) for start, end in data.pop("parts")]
            earlier = [(rows, fingerprint) for rows, fingerprint in data.pop("earlier", [])]
            manifest = cls(**{"keep": [], **data}, parts=parts, earlier=earlier)
            if manifest._is_sound():
                return manifest
        raise InputError(Errors.T081.format(folder=folder))

    def _is_sound(self) -> bool:
        parts = all(is_integer(part.start, 0) and is_integer(part.end, part.start) for part in self.parts)
        return (
            self.format in (1, schema.FORMAT)
            and parts
            and is_integer(self.rows, 0)
            and len(self.topics) == len(self.trust)
            and all(isinstance(column, str) for column in self.keep)
            and all(is_integer(rows, 0, self.rows) and isinstance(made, str) for rows, made in self.earlier)
            and all(part.end <= self.rows for part in self.parts)
        )

    def write(self, folder: Path) -> None:
        """Write the manifest into a folder.

        folder (Path): the folder.
        """
        write_text(folder / MANIFEST, json.dumps(asdict(self), indent=1))


class Files(NamedTuple):
    """The files of a folder's complete parts, with names as DuckDB needs them.

    documents (list): files of documents.
    mentions (list): files of mentions.
    texts (list): files of texts; format 1 has none.
    missing (int): number of reviews in parts that are not complete.
    """

    documents: list[str]
    mentions: list[str]
    texts: list[str]
    missing: int


def files_of(folder: str | Path, manifest: Manifest) -> Files:
    """The files of a folder's complete parts.

    folder (str | Path): the folder.
    manifest (Manifest): its manifest.
    """
    folder = Path(folder)
    complete = [part for part in manifest.parts if path_of(folder, "documents", part).exists()]
    kinds = {kind: [duckdb_name(path_of(folder, kind, part)) for part in complete] for kind in _KINDS}
    missing = manifest.rows - sum(part.end - part.start for part in complete)
    return Files(kinds["documents"], kinds["mentions"], kinds["texts"] if manifest.format > 1 else [], missing)


def path_of(folder: Path, kind: str, part: Part) -> Path:
    """The file of a part.

    folder (Path): of the annotations.
    kind (str): documents, mentions or texts.
    part (Part): the part.
    """
    return folder / f"{kind}-{part.start:09d}-{part.end:09d}.parquet"


def search_index(folder: Path) -> Path:
    """The file of the words of all texts, which `palate search` makes (see `guide.search_index`).

    folder (Path): of the annotations.
    """
    return folder / "search.sqlite"


@contextlib.contextmanager
def taken(folder: Path, manifest: Manifest, restaurants: Sequence[Mapping[str, Any]], restart: bool) -> Iterator[list[Part]]:
    """Prepare a folder for a run, and keep other runs out of it until the block ends.

    The folder is created, or its content is checked. A run can be started again after it was stopped at any moment.

    folder (Path): of the annotations.
    manifest (Manifest): of this run.
    restaurants (Sequence): rows of `restaurants`.
    restart (bool): remove the annotations of other runs.
    YIELDS (list): the Parts that are missing or damaged.
    RAISES InputError: T080, the folder's annotations are of something else; T081, its manifest cannot be read; T084, it is not
        a folder of annotations.
    RAISES RunError: T092, another run is writing to it.
    """
    if folder.exists() and not folder.is_dir():
        raise InputError(Errors.T084.format(folder=folder))
    folder.mkdir(parents=True, exist_ok=True)
    with locked(folder, Errors.T092.format(folder=folder)):
        manifest = _take(folder, manifest, restart)
        _tidy(folder)
        kept = folder / "restaurants.parquet"
        if not _is_intact(kept, schema.RESTAURANTS, len(restaurants)):
            write_rows(kept, list(restaurants), schema.RESTAURANTS)
        try:
            yield [part for part in manifest.parts if not _is_annotated(folder, manifest, part)]
        finally:
            _tidy(folder)


def _tidy(folder: Path) -> None:
    """Remove what processes that were ended had half written."""
    for path in left_over(folder):
        path.unlink(missing_ok=True)


def _take(folder: Path, manifest: Manifest, restart: bool) -> Manifest:
    """The manifest to use: the folder's own if it is of the same input and pipeline, or else the new one, which is written."""
    if (folder / MANIFEST).exists():
        is_ours = (folder / "restaurants.parquet").exists()  # if not, another program may have written the manifest
        old = None if restart and is_ours else Manifest.read(folder)
        names = {"format": "format", "input": "input", "columns": "columns", "keep": "kept columns"}
        names |= {"pipeline": "pipeline", "part_size": "part size"}
        other = [name for key, name in names.items() if old is None or getattr(old, key) != getattr(manifest, key)]
        if old is not None and not other:
            return old
        if old is not None and other == ["input"] and manifest.earlier[:-1] == old.earlier and manifest.earlier:
            manifest.write(folder)  # the input has grown
            return manifest
        if not restart:
            raise InputError(Errors.T080.format(folder=folder, what=" and ".join(other)))
        for kind in (*(f"{kind}-*" for kind in _KINDS), "restaurants"):
            for path in folder.glob(f"{kind}.parquet"):
                path.unlink()
        search_index(folder).unlink(missing_ok=True)
    elif set(folder.iterdir()) - left_over(folder):
        raise InputError(Errors.T084.format(folder=folder))
    manifest.write(folder)
    return manifest


def write_part(folder: Path, part: Part, records: Sequence[Record], keep: Sequence[str], made_by: str) -> None:
    """Write one part.

    folder (Path): of the annotations.
    part (Part): the range of rows.
    records (Sequence): Records of the part's reviews.
    keep (Sequence): columns of the input that are kept in `documents`.
    made_by (str): `Manifest.made_by` of the part.
    """
    tables: dict[str, tuple[list[Any], Mapping[str, str]]] = {
        "texts": ([record.text for record in records], schema.TEXTS),
        "mentions": ([mention for record in records for mention in record.mentions], schema.MENTIONS),
        "documents": ([record.document for record in records], schema.documents(keep)),
    }
    for kind in _KINDS:
        write_rows(path_of(folder, kind, part), *tables[kind], made_by)


def write_rows(path: Path, rows: Sequence[Mapping[str, Any]], columns: Mapping[str, str], made_by: str = "") -> None:
    """Write rows as one Parquet file, by one rename.

    path (Path): the file.
    rows (Sequence): the rows, as dicts.
    columns (Mapping): name -> DuckDB's type.
    made_by (str): `Manifest.made_by` of the part, for the file's metadata.
    RAISES OSError: the file cannot be written.
    """
    import duckdb

    values = [[_without_nul(row[column]) for row in rows] for column in columns]
    typed = (f"unnest(${i}::{kind}[]) AS {schema.quoted(name)}" for i, (name, kind) in enumerate(columns.items(), 1))
    with replacing(path) as beside:
        try:
            with duckdb.connect() as connection:
                connection.execute(f"CREATE TABLE part AS SELECT {', '.join(typed)}", values)
                options = f"(FORMAT parquet, KV_METADATA {{made_by: {_literal(made_by)}}})"
                connection.execute(f"COPY part TO {_literal(str(beside))} {options}")
        except duckdb.IOException as error:  # such as a full disk
            raise OSError(str(error)) from None
        except RuntimeError as error:
            if str(error) != "Query interrupted":
                raise
            raise KeyboardInterrupt from None


def _without_nul(value: Any) -> Any:
    return value.replace("\0", "\ufffd") if isinstance(value, str) else value


def _literal(text: str) -> str:
    """A string, quoted for SQL."""
    return "'" + text.replace("'", "''") + "'"


def _is_annotated(folder: Path, manifest: Manifest, part: Part) -> bool:
    count = part.end - part.start
    tables = {"documents": (schema.documents(manifest.keep), count), "mentions": (schema.MENTIONS, None)}
    tables["texts"] = (schema.TEXTS, count)
    return all(
        _is_intact(path_of(folder, kind, part), columns, rows, manifest.made_by(part))
        for kind, (columns, rows) in tables.items()
    )


def _is_intact(path: Path, columns: Mapping[str, str], rows: int | None = None, made_by: str = "") -> bool:
    """Whether a file exists, has the right columns, rows and origin, and can be read to its end; takes some milliseconds."""
    import duckdb

    if not path.exists():
        return False
    try:
        with duckdb.connect() as connection:
            facts = dict(connection.execute("SELECT key, value FROM parquet_kv_metadata($1)", [duckdb_name(path)]).fetchall())
            sums = f"SELECT count(*), bit_xor(hash(part)) FROM ({schema.select(columns)}) part"
            ((count, _),) = connection.execute(sums, [duckdb_name(path)]).fetchall()
    except duckdb.Error:
        return False
    return rows in (None, count) and facts.get(b"made_by", b"").decode() == made_by

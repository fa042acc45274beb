"""The folder of annotations: a manifest, and for each part of the input a file of documents, of mentions and of texts."""

import contextlib
import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, NamedTuple

from corpora.files import duckdb_name, left_over, locked, replacing, write_text
from spacy_topics.annotations import schema
from spacy_topics.annotations.records import Record
from spacy_topics.errors import Errors, InputError, is_integer

MANIFEST = "manifest.json"
_KINDS = ("texts", "mentions", "documents")  # in the order of writing: a part is done when its documents are there


class Part(NamedTuple):
    """A range of the input's rows: the first, and the one after the last."""

    start: int
    end: int


@dataclass(frozen=True)
class Manifest:
    """What a folder's annotations are of.

    format (int): of the folder, see `schema.FORMAT`.
    input (str): fingerprint of the reviews.
    columns (dict): columns that are named otherwise in the input, by our name of the field.
    keep (list): columns of the input that are kept in `documents`.
    pipeline (str): fingerprint of the pipeline.
    part_size (int): maximum number of reviews per part.
    topics (list): labels of the topics.
    trust (list): precision of each topic's seed words, 0 to 1 (see `lexicon.seed_precision`).
    rows (int): number of reviews.
    parts (list): ranges of rows.
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

    @property
    def made_by(self) -> str:
        """Fingerprint of all that a part's content depends on; every file of a part carries it."""
        told = [self.format, self.input, self.columns, self.keep, self.pipeline]
        return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()

    @classmethod
    def read(cls, folder: str | Path) -> "Manifest":
        """The manifest of a folder. RAISES InputError: T081, there is none that can be read."""
        with contextlib.suppress(OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
            data = json.loads((Path(folder) / MANIFEST).read_text("utf8"))
            parts = [Part(start, end) for start, end in data.pop("parts")]
            manifest = cls(**{"keep": [], **data}, parts=parts)
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
        )

    def write(self, folder: Path) -> None:
        """Write the manifest into a folder."""
        write_text(folder / MANIFEST, json.dumps(asdict(self), indent=1))


class Files(NamedTuple):
    """The files of a folder's parts that are there, as DuckDB takes them, and the number of reviews without."""

    documents: list[str]
    mentions: list[str]
    texts: list[str]
    missing: int


def files_of(folder: str | Path, manifest: Manifest) -> Files:
    """The files that are there, of the parts whose documents are there."""
    folder = Path(folder)
    done = [part for part in manifest.parts if path_of(folder, "documents", part).exists()]
    kinds = {kind: [duckdb_name(path_of(folder, kind, part)) for part in done] for kind in _KINDS}
    missing = manifest.rows - sum(part.end - part.start for part in done)
    return Files(kinds["documents"], kinds["mentions"], kinds["texts"] if manifest.format > 1 else [], missing)


def path_of(folder: Path, kind: str, part: Part) -> Path:
    """Where a part's documents, mentions or texts are."""
    return folder / f"{kind}-{part.start:09d}-{part.end:09d}.parquet"


@contextlib.contextmanager
def taken(folder: Path, manifest: Manifest, restaurants: Sequence[Mapping[str, Any]], restart: bool) -> Iterator[list[Part]]:
    """Make the folder, or check that what is in it belongs to this run, and keep other runs out of it while the block lasts.

    folder (Path): of the annotations.
    manifest (Manifest): of this run.
    restaurants (Sequence): rows of `restaurants`.
    restart (bool): remove the annotations of other runs.
    YIELDS (list): the parts that are missing or damaged. Stopped at any moment, the run can be started again.
    RAISES InputError: T080, the folder is of another run; T081; T084, it holds something else. RunError: T092, it is in use.
    """
    if folder.exists() and not folder.is_dir():
        raise InputError(Errors.T084.format(folder=folder))
    folder.mkdir(parents=True, exist_ok=True)
    with locked(folder, Errors.T092.format(folder=folder)):
        parts = _take(folder, manifest, restart).parts
        for path in left_over(folder):
            path.unlink()
        kept = folder / "restaurants.parquet"
        if not _is_intact(kept, schema.RESTAURANTS, len(restaurants)):
            write_rows(kept, list(restaurants), schema.RESTAURANTS)
        yield [part for part in parts if not _is_annotated(folder, manifest, part)]


def _take(folder: Path, manifest: Manifest, restart: bool) -> Manifest:
    """The manifest of a folder that is taken for this run: its own, where it is of the same things, else the one given."""
    if (folder / MANIFEST).exists():
        is_ours = (folder / "restaurants.parquet").exists()  # else the manifest may be somebody else's
        old = None if restart and is_ours else Manifest.read(folder)
        names = {"format": "format", "input": "input", "columns": "columns", "keep": "kept columns"}
        names |= {"pipeline": "pipeline", "part_size": "part size"}
        other = [name for key, name in names.items() if old is None or getattr(old, key) != getattr(manifest, key)]
        if old is not None and not other:
            return old
        if not restart:
            raise InputError(Errors.T080.format(folder=folder, what=" and ".join(other)))
        for kind in (*(f"{kind}-*" for kind in _KINDS), "restaurants"):
            for path in folder.glob(f"{kind}.parquet"):
                path.unlink()
    elif set(folder.iterdir()) - left_over(folder):
        raise InputError(Errors.T084.format(folder=folder))
    manifest.write(folder)
    return manifest


def write_part(folder: Path, part: Part, records: Sequence[Record], keep: Sequence[str], made_by: str) -> None:
    """Write one part.

    folder (Path): of the annotations.
    part (Part): the rows.
    records (Sequence): of the part's reviews.
    keep (Sequence): columns of the input that are kept in `documents`.
    made_by (str): `Manifest.made_by`.
    """
    tables: dict[str, tuple[list[Any], Mapping[str, str]]] = {
        "texts": ([record.text for record in records], schema.TEXTS),
        "mentions": ([mention for record in records for mention in record.mentions], schema.MENTIONS),
        "documents": ([record.document for record in records], schema.documents(keep)),
    }
    for kind in _KINDS:
        write_rows(path_of(folder, kind, part), *tables[kind], made_by)


def write_rows(path: Path, rows: Sequence[Mapping[str, Any]], columns: Mapping[str, str], made_by: str = "") -> None:
    """Write rows as one Parquet file, by one rename. RAISES OSError: as the system says."""
    import duckdb

    values = [[_without_nul(row[column]) for row in rows] for column in columns]
    typed = (f"unnest(${i}::{kind}[]) AS {schema.quoted(name)}" for i, (name, kind) in enumerate(columns.items(), 1))
    with replacing(path) as beside:
        try:
            with duckdb.connect() as connection:
                connection.execute(f"CREATE TABLE part AS SELECT {', '.join(typed)}", values)
                written = f"(FORMAT parquet, KV_METADATA {{made_by: {_literal(made_by)}}})"
                connection.execute(f"COPY part TO {_literal(str(beside))} {written}")
        except duckdb.IOException as error:  # the disk is full
            raise OSError(str(error)) from None
        except RuntimeError as error:
            if str(error) != "Query interrupted":
                raise
            raise KeyboardInterrupt from None


def _without_nul(value: Any) -> Any:
    return value.replace("\0", "\ufffd") if isinstance(value, str) else value


def _literal(text: str) -> str:
    """A string as SQL has it."""
    return "'" + text.replace("'", "''") + "'"


def _is_annotated(folder: Path, manifest: Manifest, part: Part) -> bool:
    count = part.end - part.start
    tables = {"documents": (schema.documents(manifest.keep), count), "mentions": (schema.MENTIONS, None)}
    tables["texts"] = (schema.TEXTS, count)
    return all(
        _is_intact(path_of(folder, kind, part), columns, rows, manifest.made_by) for kind, (columns, rows) in tables.items()
    )


def _is_intact(path: Path, columns: Mapping[str, str], rows: int | None = None, made_by: str = "") -> bool:
    """Whether a file is there, was made by this run, and can be read to its end as the guide reads it: some milliseconds."""
    import duckdb

    if not path.exists():
        return False
    try:
        with duckdb.connect() as connection:
            told = dict(connection.execute("SELECT key, value FROM parquet_kv_metadata($1)", [duckdb_name(path)]).fetchall())
            sums = f"SELECT count(*), bit_xor(hash(part)) FROM ({schema.select(columns)}) part"
            ((count, _),) = connection.execute(sums, [duckdb_name(path)]).fetchall()
    except duckdb.Error:
        return False
    return rows in (None, count) and told.get(b"made_by", b"").decode() == made_by

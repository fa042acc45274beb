"""What questions cost on 100,000 annotated reviews: seconds and peak memory, each in a process of its own.

The annotations are bistro's, again and again with other ids, restaurants, cities, dates, stars and topics, and with one mention
in five (and its sentence in the text) from another review: 2,880 restaurants in 120 cities.
`python benchmarks/questions.py make FOLDER` writes them alone.
"""

import json
import shlex
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

REVIEWS = 100_000
# Questions are commands; the folder of annotations comes last.
QUESTIONS = (
    "discussed",
    "discussed --by month",
    "discussed --by stars",
    "discussed --by city",
    "discussed --by cuisine",
    "discussed --by restaurant",
    "discussed --by year --city 'Phoenix 1'",
    "drivers",
    "search 'pho patio'",
    "search --dish pho --amenity patio --max-price 15",
    "search --cuisine vietnamese --min-stars 3",
    "drivers --cuisine mexican",
    "find --cuisine italian --city 'Phoenix 1'",
    "cuisines",
    "ingredients mexican",
)
_PARTS = 10  # files per table

# Reviews: copy c of review d. Seeds of `hash` make what is drawn the same in every run.
_DOCUMENTS = """
CREATE TABLE documents AS
SELECT d.id || '~' || c AS id, d.business_id || '~' || (c % 30) AS business_id, d.name || ' ' || (c % 30) AS name,
    d.city || ' ' || (c % 30) AS city, greatest(1, least(5, d.stars + (hash(d.id, c, 1) % 3)::INTEGER - 1))::DOUBLE AS stars,
    strftime(d.date::DATE - (hash(d.id, c, 2) % 2000)::INTEGER, '%Y-%m-%d') AS date, d.topics,
    list_transform(d.topic_dist, lambda w: (w * 0.8 + 0.2 / len(d.topic_dist))::FLOAT) AS topic_dist, d.evidence,
    d.id AS old, c, row_number() OVER (ORDER BY c, d.id) - 1 AS row
FROM d, range($1) r(c) ORDER BY row LIMIT $2
"""
# One mention in five is replaced by another of its label.
_MENTIONS = """
CREATE TABLE mentions AS
WITH numbered AS (SELECT label, text, row_number() OVER (PARTITION BY label ORDER BY document, start) - 1 AS k FROM m),
    sizes AS (SELECT label, count(*) AS n FROM m GROUP BY ALL),
    copies AS (
        SELECT m.*, n.id, n.row,
            CASE WHEN hash(m.document, m.start, n.c, 3) % 5 = 0 THEN hash(m.document, m.start, n.c, 4) % s.n END AS k
        FROM m JOIN documents n ON n.old = m.document JOIN sizes s USING (label)
    )
SELECT p.id AS document, p.start, p."end", coalesce(o.text, p.text) AS text, p.label, p.kb_id, p.score,
    CASE WHEN o.text IS NULL THEN p.sentence ELSE replace(p.sentence, p.text, o.text) END AS sentence, p.row, p.text AS was
FROM copies p LEFT JOIN numbered o ON o.label = p.label AND o.k = p.k
"""
_TEXTS = """
CREATE TABLE texts AS
SELECT n.id, n.row, t.text || coalesce(' ' || s.said, '') AS text
FROM documents n JOIN t ON t.id = n.old
LEFT JOIN (
    SELECT document, string_agg(sentence, ' ' ORDER BY start) AS said FROM mentions WHERE text <> was GROUP BY ALL
) s ON s.document = n.id
"""


def make(folder: Path, reviews: int = REVIEWS) -> None:
    """Write annotations of that many reviews.

    folder (Path): a new folder.
    reviews (int): their number.
    """
    import duckdb

    from corpora import bistro
    from spacy_topics.annotations import schema
    from spacy_topics.annotations.run import annotate
    from spacy_topics.annotations.store import Manifest, Part, path_of

    with tempfile.TemporaryDirectory() as beside:
        bistro.write_reviews(f"{beside}/reviews.jsonl")
        annotate(f"{beside}/reviews.jsonl", f"{beside}/out", "en_palate_bistro")
        old = Manifest.read(f"{beside}/out")
        folder.mkdir(parents=True)
        db = duckdb.connect()
        for name in ("documents", "mentions", "texts"):
            db.execute(f"CREATE TABLE {name[0]} AS FROM '{beside}/out/{name}-*.parquet'")
        db.execute(_DOCUMENTS, [-(-reviews // old.rows), reviews])
        db.execute(_MENTIONS)
        db.execute(_TEXTS)
        (folder / "restaurants.parquet").write_bytes(Path(beside, "out", "restaurants.parquet").read_bytes())
    size = -(-reviews // _PARTS)
    parts = [Part(start, min(reviews, start + size)) for start in range(0, reviews, size)]
    for part in parts:
        for name, columns in (("texts", schema.TEXTS), ("mentions", schema.MENTIONS), ("documents", schema.DOCUMENTS)):
            chosen = ", ".join(map(schema.quoted, columns))
            rows = f"SELECT {chosen} FROM {name} WHERE row >= {part.start} AND row < {part.end} ORDER BY row"
            db.execute(f"COPY ({rows}) TO '{path_of(folder, name, part)}' (FORMAT parquet)")
    replace(old, rows=reviews, parts=parts).write(folder)


def cost(question: str, folder: Path) -> tuple[float, float, float]:
    """Seconds, seconds of the processor and peak MiB of a command."""
    code = "import resource, subprocess, sys; subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL);"
    code += " used = resource.getrusage(resource.RUSAGE_CHILDREN); print(used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)"
    command = [sys.executable, "-m", "palate", *shlex.split(question), str(folder)]
    start = time.perf_counter()
    out = subprocess.run([sys.executable, "-c", code, *command], check=True, capture_output=True, text=True).stdout
    processor, peak = map(float, out.split())
    return time.perf_counter() - start, processor, peak


def main() -> None:
    print("## Questions\n\n`python benchmarks/questions.py`: " + " ".join(__doc__.split()))
    with tempfile.TemporaryDirectory() as beside:
        folder = Path(beside, "annotations")
        make(folder)
        print("\n| question | seconds, best of three | of the processor | MiB |\n|---|---|---|---|")
        for question in QUESTIONS:
            costs = [cost(question, folder) for _ in range(3)]
            seconds, processor, _ = map(min, zip(*costs, strict=True))
            print(f"| `{question}` | {seconds:.2f} | {processor:.2f} | {max(peak for _, _, peak in costs):.0f} |", flush=True)


if __name__ == "__main__":
    if sys.argv[1:2] == ["make"]:
        make(Path(sys.argv[2]))
    elif sys.argv[1:]:
        print(json.dumps({"question": sys.argv[1], "cost": cost(sys.argv[1], Path(sys.argv[2]))}))
    else:
        main()

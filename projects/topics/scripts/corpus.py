"""Write a corpus as train.jsonl and test.jsonl, and the seed words of its topics as seeds.json.

python scripts/corpus.py bistro|20newsgroups|bbc FOLDER
"""

import json
import shutil
import sys
import tarfile
from collections.abc import Iterator
from pathlib import Path

from corpora import bistro

ASSETS = Path("assets")


def of_bistro(part: str) -> Iterator[dict]:
    splits = ("train", "dev") if part == "train" else ("test",)
    return (bistro.as_row(review) for split in splits for review in bistro.reviews(split))


def of_20newsgroups(part: str) -> Iterator[dict]:
    """The by-date archive: 20news-bydate-train/GROUP/NUMBER, Latin-1 messages, headers until the first empty line."""
    with tarfile.open(ASSETS / "20news-bydate.tar.gz") as archive:
        for member in archive:
            folder, _, name = member.name.partition("/")
            if member.isfile() and folder == f"20news-bydate-{part}":
                message = archive.extractfile(member).read().decode("latin-1")
                yield {"id": name, "text": message.partition("\n\n")[2], "name": name.split("/")[0]}


def of_bbc(part: str) -> Iterator[dict]:
    """OCTIS's preprocessed BBC News: tokens, part (train, val, test), label."""
    rows = [line.split("\t") for line in (ASSETS / "BBC_News" / "corpus.tsv").read_text("utf8").splitlines()]
    wanted = ("train", "val") if part == "train" else ("test",)
    return ({"id": str(i), "text": text, "name": label} for i, (text, split, label) in enumerate(rows) if split in wanted)


CORPORA = {"bistro": of_bistro, "20newsgroups": of_20newsgroups, "bbc": of_bbc}


def main(name: str, folder: Path) -> None:
    if name not in CORPORA:
        sys.exit(f"vars.corpus is one of {', '.join(CORPORA)}. Received: {name}")
    folder.mkdir(parents=True, exist_ok=True)
    for part in ("train", "test"):
        try:
            rows = list(CORPORA[name](part))
        except FileNotFoundError as error:
            sys.exit(f"{error.filename} is missing: `spacy project assets --extra` fetches it")
        (folder / f"{part}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), "utf8")
        print(f"{part}: {len(rows)} documents")
    if name == "bistro":
        shutil.copy("seeds.json", folder)
    else:
        (folder / "seeds.json").write_text("{}")


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))

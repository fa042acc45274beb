"""Do topics deserve their names? A reader chooses among five for each, by its ten words.

python scripts/topic_reader.py ask MODEL -o FOLDER    # questions.csv: fill the column `answer`; key.csv: not to be looked at
python scripts/topic_reader.py score FOLDER

The four wrong names are those of other topics of the model; chance is right in a fifth. Where a name stands among the words
there is little to read: these topics are counted apart.
"""

import csv
import io
import random
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from intervals import SEED, wilson

from corpora.files import write_text
from spacy_topics.lexicon import words
from spacy_topics.topic_model import BACKGROUND, TopicModel

WORDS = 10
NAMES = 5

app = typer.Typer()


@app.command()
def ask(
    model: Annotated[Path, typer.Argument(help="A topic model.")],
    output: Annotated[Path, typer.Option("-o", "--output", help="Folder of questions.csv and key.csv.")],
) -> None:
    """Write a question for each named topic."""
    asked = list(questions(TopicModel.load(model), random.Random(SEED)))
    numbers = [(number, *question) for number, question in enumerate(asked, 1)]
    write_table(output / "questions.csv", ["question", "words", "names", "answer"], [(*row[:3], "") for row in numbers])
    write_table(output / "key.csv", ["question", "name", "told"], [(row[0], *row[3:]) for row in numbers])
    print(f"{len(asked)} questions: {output / 'questions.csv'}")


def questions(model: TopicModel, rng: random.Random) -> Iterator[tuple[str, str, str, int]]:
    """Words, names to choose from, the right one, and whether the words tell it; in random order."""
    named = [(topic, name) for topic, name in enumerate(model.names) if name not in ("", BACKGROUND)]
    for topic, name in rng.sample(named, len(named)):
        top = model.top_words(topic, WORDS)
        some = [name, *rng.sample([other for _, other in named if other != name], NAMES - 1)]
        yield "; ".join(top), "; ".join(rng.sample(some, NAMES)), name, int(words(name.replace("_", " ")) in map(words, top))


@app.command()
def score(folder: Annotated[Path, typer.Argument(help="What `ask` wrote, with answers.")]) -> None:
    """Compare the answers with the key."""
    key = read_table(folder / "key.csv")
    answers = {row["question"]: row["answer"].strip() for row in read_table(folder / "questions.csv")}
    print("| topics | right |\n|---|---|")
    for label, some in (("all", key), ("whose name is none of the words", [row for row in key if row["told"] == "0"])):
        right = sum(answers[row["question"]] == row["name"] for row in some)
        print(f"| {len(some)} {label} | {wilson(right, len(some)) if some else ''} |")
    wrong = [f"{row['name']} ({answers[row['question']]})" for row in key if answers[row["question"]] != row["name"]]
    print(f"\nWrong, and what was answered: {', '.join(wrong) or 'none'}")


def write_table(path: Path, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    table = io.StringIO()
    csv.writer(table, lineterminator="\n").writerows([columns, *rows])
    write_text(path, table.getvalue())


def read_table(path: Path) -> list[dict[str, str]]:
    with open(path, encoding="utf8", newline="") as lines:
        return list(csv.DictReader(lines))


if __name__ == "__main__":
    app()

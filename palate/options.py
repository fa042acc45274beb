"""Arguments and options that several commands share, and the parsing of their values."""

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from corpora.errors import InputError

Reviews = Annotated[
    Path,
    typer.Argument(help="Reviews: JSON lines, CSV, TSV, Parquet, Excel or SQLite; - reads JSON lines from standard input."),
]
ReviewsFile = Annotated[Path, typer.Argument(help="Reviews: JSON lines, CSV, TSV, Parquet, Excel or SQLite.")]
Table = Annotated[str, typer.Option(help="The table or sheet of a SQLite or Excel file that has several.")]
Text = Annotated[str, typer.Argument(help="A text, a text file, or - for standard input.")]
TextColumn = Annotated[str, typer.Option(help="Column of the text (default: text).")]
IdColumn = Annotated[str, typer.Option(help="Column of the review's id (default: id or review_id).")]
BusinessColumn = Annotated[str, typer.Option(help="Column of the restaurant's id (default: business_id).")]
NameColumn = Annotated[str, typer.Option(help="Column of the restaurant's name (default: name or business_name).")]
CityColumn = Annotated[str, typer.Option(help="Column of the restaurant's city (default: city).")]
StarsColumn = Annotated[str, typer.Option(help="Column of the rating (default: stars).")]
DateColumn = Annotated[str, typer.Option(help="Column of the date (default: date).")]
TopicModelFile = Annotated[Path, typer.Argument(help="A topic model, written by `palate topics fit`.")]
Annotations = Annotated[Path, typer.Argument(help="A folder written by `palate annotate`.")]
City = Annotated[str, typer.Option(help="Only this city (default: all cities).")]
CuisinesFile = Annotated[
    Path | None,
    typer.Option("--cuisines", help="Cuisines of your own: a TOML file of tables as in corpora/cuisines/cuisines.toml."),
]
Pipeline = Annotated[str, typer.Option(help="A spaCy pipeline: an installed package, or a folder.")]
SHIPPED_PIPELINE = "en_palate_bistro"
Preprocessing = Annotated[
    str, typer.Option("--pipeline", help="A spaCy pipeline whose lemmas and parts of speech are used (default: blank).")
]
Limit = Annotated[int, typer.Option("--limit", "-n", help="Maximum number of rows.", min=1)]
Chart = Annotated[Path | None, typer.Option("--output", "-o", help="Draw a chart: .svg, .png or .pdf.")]
Seed = Annotated[int, typer.Option(help="Random seed: the same seed gives the same result.")]
Csv = Annotated[Path | None, typer.Option("--csv", help="Write the table, with all its columns, to this CSV file, too.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]


def column_names(**names: str) -> dict[str, str]:
    """Field -> name of its column, for the columns that the user names.

    names (str): name of the column of each field; "" for the default name.
    """
    return {field: name for field, name in names.items() if name}


def numbers(text: str, kind: type, option: str) -> list[Any]:
    """Parse an option that takes numbers.

    text (str): numbers, separated by commas.
    kind (type): int or float.
    option (str): the option's name, for the message.
    RAISES InputError: another text.
    """
    try:
        return [kind(value) for value in text.split(",")]
    except ValueError:
        raise InputError(f"{option} takes numbers separated by commas. Received: {text!r}") from None


def overrides(args: Sequence[str], prefix: str = "") -> dict[str, Any]:
    """Parse `--section.name VALUE` and `--section.name=VALUE`.

    args (Sequence): the arguments that are not options of the command.
    prefix (str): the only section that may be used, which is left out of the names; "" allows any section.
    RETURNS (dict): dotted name -> value, parsed as JSON if it is JSON, or else as text.
    RAISES InputError: another option; an option without a value.
    """
    values: dict[str, Any] = {}
    rest = list(args)
    while rest:
        name, equals, value = rest.pop(0).partition("=")
        if not name.startswith(f"--{prefix}.") if prefix else not name.startswith("--") or "." not in name:
            raise InputError(f"{name}: no such option; settings are given as --{prefix or 'section'}.NAME VALUE")
        if not equals and not rest:
            raise InputError(f"{name} needs a value")
        text = value if equals else rest.pop(0)
        try:
            values[name[len(prefix) + 3 if prefix else 2 :]] = json.loads(text)
        except ValueError:
            values[name[len(prefix) + 3 if prefix else 2 :]] = text
    return values


def read_text(given: str) -> str:
    """The text of an argument.

    given (str): the text itself, the name of a file, or - for standard input.
    RAISES InputError: the argument is a folder, or looks like the name of a file that does not exist.
    """
    if given == "-":
        return sys.stdin.buffer.read().decode("utf8", "replace") if hasattr(sys.stdin, "buffer") else sys.stdin.read()
    if " " not in given and Path(given[:4096]).is_dir():
        raise InputError(f"{given} is a folder: give the name of a text file, or a text")
    if not is_file(given) and " " not in given and Path(given).suffix in (".txt", ".md", ".json", ".jsonl", ".csv"):
        raise InputError(f"{given}: no such file; give the name of a file, or a text of several words")
    text = Path(given).read_text("utf8", "replace") if is_file(given) else given
    return text.encode("utf8", "replace").decode("utf8")


def is_file(given: str) -> bool:
    """Whether an argument is the name of a file.

    given (str): the argument.
    """
    try:
        return Path(given).is_file()
    except (OSError, ValueError):  # too long for a name, or with a NUL
        return False


def check_csv(csv: Path | None, *inputs: str | Path | None) -> None:
    """Check that a CSV file can be written, before work starts.

    csv (Path | None): the file, or None.
    inputs (str | Path | None): files, and folders of files, that it must not replace.
    RAISES InputError: see `corpora.files.check_writable`.
    """
    from corpora.files import check_writable

    if csv:
        folders = [path for path in inputs if isinstance(path, Path) and path.is_dir()]
        check_writable(csv, *input_files(*inputs), *(file for folder in folders for file in folder.glob("*")))


def input_files(*given: str | Path | None) -> list[str | Path]:
    """The arguments that are files, which no output may replace.

    given (str | Path | None): arguments.
    """
    return [path for path in given if path and is_file(str(path))]

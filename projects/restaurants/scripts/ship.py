"""Copy a pipeline's package to where palate's wheel takes it from: python scripts/ship.py PACKAGE ../../en_palate_bistro

PACKAGE is the folder that `spacy package --build none` makes. What spaCy writes only for training is left out.
"""

import json
import re
import shutil
import sys
from importlib.metadata import requires
from pathlib import Path

from corpora.files import write_bytes

LIMIT = 9_000_000  # bytes of the package, packed


def main() -> None:
    package, target = map(Path, sys.argv[1:])
    (source,) = package.glob("en_*/meta.json")
    for old in target.glob("en_*"):
        shutil.rmtree(old)
    for file in sorted(path for path in source.parent.rglob("*") if path.is_file() and path.name != "__init__.py"):
        write_bytes(target / file.relative_to(source.parent), tidy(file))
    write_bytes(target / "README.md", (package / "README.md").read_bytes())
    (packed,) = package.glob("dist/*.tar.gz")
    size = packed.stat().st_size
    print(f"{target}: {size / 1e6:.1f} MB, packed")
    if size > LIMIT:
        sys.exit(f"more than {LIMIT / 1e6:.0f} MB")


def tidy(file: Path) -> bytes:
    """A file's bytes: what spaCy writes in the order of a set is sorted; the versions of spaCy are those that palate takes."""
    if file.name not in ("meta.json", "sentencizer.json"):
        return file.read_bytes()
    content = json.loads(file.read_text("utf8"))
    if file.name == "meta.json":
        content["spacy_version"] = spacy_versions()
    else:
        content["punct_chars"].sort()
    return (json.dumps(content, indent=2) + "\n").encode()


def spacy_versions() -> str:
    (wanted,) = {match[1] for one in requires("palate") or [] if (match := re.match(r"spacy(?=[<>=!~])([^;\s]+)", one))}
    return ",".join(sorted(wanted.split(","), reverse=True))


if __name__ == "__main__":
    main()

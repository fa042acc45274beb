"""Copy a pipeline's package to where palate's wheel takes it from: python scripts/ship.py PACKAGE ../../en_palate_bistro

PACKAGE is the folder that `spacy package --build none` makes. What spaCy writes only for training is left out.
"""

import shutil
import sys
from pathlib import Path

from corpora.files import write_bytes

LIMIT = 9_000_000  # bytes of the package, packed


def main() -> None:
    package, target = map(Path, sys.argv[1:])
    (source,) = package.glob("en_*/meta.json")
    for old in target.glob("en_*"):
        shutil.rmtree(old)
    for file in sorted(path for path in source.parent.rglob("*") if path.is_file() and path.name != "__init__.py"):
        write_bytes(target / file.relative_to(source.parent), file.read_bytes())
    write_bytes(target / "README.md", (package / "README.md").read_bytes())
    (packed,) = package.glob("dist/*.tar.gz")
    size = packed.stat().st_size
    print(f"{target}: {size / 1e6:.1f} MB, packed")
    if size > LIMIT:
        sys.exit(f"more than {LIMIT / 1e6:.0f} MB")


if __name__ == "__main__":
    main()

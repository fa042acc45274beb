"""Prepare the pictures that the models learn from, and those that choose among checkpoints.

    python scripts/pictures.py ASSETS OUTPUT

ASSETS holds BSDS500_train199, BSDS500_test160 and T91. Every eighth picture of test160 validates and is not trained on. The
highest tier has its pictures as large as they are; those below have them at 128 and 64 pixels, where the traces of JPEG are
gone.
"""

import sys
from pathlib import Path

from image_gan.pictures import find_pictures
from image_gan.training.prepare import prepare_pictures


def main(assets: str, output: str) -> None:
    test = find_pictures([Path(assets) / "BSDS500_test160"], recursive=False)
    train = [Path(assets) / "BSDS500_train199", Path(assets) / "T91", *(file for i, file in enumerate(test) if i % 8)]
    sides = {"low": 64, "medium": 128, "high": 128}
    for name, photos in (("pictures", train), ("validation", test[::8])):
        done = prepare_pictures(photos, Path(output) / name, sides=sides, own_size=True)
        print(f"{name}: {done.pictures}, failed: {done.failed}")


if __name__ == "__main__":
    main(*sys.argv[1:])

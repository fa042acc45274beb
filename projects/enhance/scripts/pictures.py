"""Lay out the pictures that the models learn from and those that choose among checkpoints.

    python scripts/pictures.py ASSETS OUTPUT

ASSETS holds BSDS500_train199, BSDS500_test160 and T91. Every eighth picture of test160 judges and is not trained on. The
highest tier has its pictures as large as they are; those below have them at 128 and 64 pixels, where what JPEG did to
them is gone.
"""

import sys
from pathlib import Path

from image_gan.pictures import find_pictures
from image_gan.training.batches import prepare


def main(assets: str, output: str) -> None:
    test = find_pictures([Path(assets) / "BSDS500_test160"], recursive=False)
    train = [Path(assets) / "BSDS500_train199", Path(assets) / "T91", *(file for i, file in enumerate(test) if i % 8)]
    for name, photos in (("pictures", train), ("judging", test[::8])):
        done = prepare(photos, Path(output) / name, sides={"low": 64, "medium": 128, "high": 128}, own_size=True)
        print(f"{name}: {done.pictures}, failed: {done.failed}")


if __name__ == "__main__":
    main(*sys.argv[1:])

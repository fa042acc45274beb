"""Prepare the pictures that the models learn from, and those that choose among checkpoints.

    python scripts/pictures.py ASSETS OUTPUT

ASSETS holds CID22, CLIC2025_half, gb82 and graphics, whose terms let weights be used by anybody; of these a twelfth is set
apart, by a hash of the names: photos and photos_apart. BSDS500_train199, BSDS500_test160 and T91 give pictures and validation,
where they are there; every eighth picture of test160 validates. The highest tier has its pictures as large as they are; those
below have them at 128 and 64 pixels, where the traces of JPEG are gone.
"""

import sys
from pathlib import Path

from image_gan.pictures import find_pictures
from image_gan.training.prepare import prepare_pictures
from image_gan.training.tiers import split_files

FREE = ("CID22", "CLIC2025_half", "gb82", "graphics")
SIDES = {"low": 64, "medium": 128, "high": 128}


def main(assets: str, output: str) -> None:
    photos = find_pictures([Path(assets) / name for name in FREE], recursive=False)
    training, apart = split_files(photos, Path(assets), 1 / 12)
    groups: dict[str, list[Path]] = {"photos": training, "photos_apart": apart}
    if (Path(assets) / "BSDS500_test160").is_dir():
        test = find_pictures([Path(assets) / "BSDS500_test160"], recursive=False)
        train = [Path(assets) / "BSDS500_train199", Path(assets) / "T91", *(file for i, file in enumerate(test) if i % 8)]
        groups |= {"pictures": train, "validation": test[::8]}
    for name, pictures in groups.items():
        done = prepare_pictures(pictures, Path(output) / name, sides=SIDES, own_size=True)
        print(f"{name}: {done.pictures}, failed: {done.failed}")


if __name__ == "__main__":
    main(*sys.argv[1:])

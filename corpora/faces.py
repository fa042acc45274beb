"""Faces of our own, drawn from a random seed, in CelebA's layout: to train and test on without any download."""

from pathlib import Path
from typing import Any

import numpy as np

from corpora.errors import InputError
from corpora.face_drawing import SIZE, paint
from corpora.files import replacing_folder

_NAMES = (
    "5_o_Clock_Shadow Arched_Eyebrows Attractive Bags_Under_Eyes Bald Bangs Big_Lips Big_Nose Black_Hair Blond_Hair Blurry"
    " Brown_Hair Bushy_Eyebrows Chubby Double_Chin Eyeglasses Goatee Gray_Hair Heavy_Makeup High_Cheekbones Male"
    " Mouth_Slightly_Open Mustache Narrow_Eyes No_Beard Oval_Face Pale_Skin Pointy_Nose Receding_Hairline Rosy_Cheeks Sideburns"
    " Smiling Straight_Hair Wavy_Hair Wearing_Earrings Wearing_Hat Wearing_Lipstick Wearing_Necklace Wearing_Necktie Young"
)
ATTRIBUTES = _NAMES.split()
_MARK = "drawn_by_palate.txt"  # marks a folder as ours: it may be replaced, unlike CelebA itself
_LOOKS = [  # probability of each attribute, in tenths; a face mixes a few of these looks
    dict(zip(look.split()[::2], map(int, look.split()[1::2]), strict=True))
    for look in (
        "Wearing_Lipstick 10 Heavy_Makeup 9 Arched_Eyebrows 8 Wearing_Earrings 8 Blond_Hair 6 Young 9 Wavy_Hair 8 Rosy_Cheeks 6"
        " Smiling 6 Big_Lips 5 Pale_Skin 3 Brown_Hair 8",
        "Male 10 Wearing_Necktie 9 Brown_Hair 8 Black_Hair 4 Eyeglasses 4 Young 7 Receding_Hairline 4 Smiling 5 Straight_Hair 7"
        " 5_o_Clock_Shadow 4 Bald 2",
        "Gray_Hair 9 Eyeglasses 6 Male 5 Receding_Hairline 4 Big_Nose 5 Bald 3 Narrow_Eyes 4 Pale_Skin 3 Smiling 4 Wavy_Hair 5"
        " Wearing_Earrings 3 Mustache 2",
        "Male 10 Beard 7 Goatee 3 Mustache 8 Wearing_Hat 6 Bushy_Eyebrows 8 Big_Nose 6 Young 9 Brown_Hair 8 Black_Hair 5"
        " Wavy_Hair 4 Narrow_Eyes 4",
        "Young 10 Bangs 9 Straight_Hair 9 Black_Hair 7 Brown_Hair 8 Smiling 6 Mouth_Slightly_Open 5 Wearing_Hat 2 Eyeglasses 2"
        " Big_Lips 3 Rosy_Cheeks 3 Pale_Skin 3",
        "Young 9 Male 5 Smiling 10 Mouth_Slightly_Open 9 Black_Hair 7 Wavy_Hair 7 Big_Lips 5 Big_Nose 3 Wearing_Earrings 4"
        " Goatee 3 Brown_Hair 8 Blond_Hair 2 Wearing_Hat 1",
    )
]
_MEN, _WOMEN = "5_o_Clock_Shadow Bald Beard Goatee Mustache Receding_Hairline Wearing_Necktie", "Heavy_Makeup Wearing_Lipstick"
_ONE_OF = (  # of each group, only the first attribute that a face has is kept
    "Wearing_Hat Bald Bangs Receding_Hairline, Bald Gray_Hair Blond_Hair Black_Hair Brown_Hair, Bald Wavy_Hair Straight_Hair,"
    " Beard Goatee 5_o_Clock_Shadow, Bushy_Eyebrows Arched_Eyebrows"
)


def write(folder: str | Path, count: int, seed: int = 0) -> None:
    """Write faces 1 to `count` and CelebA's lists of attributes and of parts (80 % train, 10 % validation, 10 % test).

    folder (str | Path): the folder to write; it appears completely or not at all, and replaces one that `write` wrote.
    count (int): number of faces, 1 to 999999.
    seed (int): random seed, 0 or more.
    RAISES InputError: a count out of range, a negative seed, a folder with something else in it.
    """
    import cv2

    if not 1 <= count <= 999_999:
        raise InputError(f"the number of faces must be from 1 to 999999. Received: {count}")
    attributes, parts = f"{count}\n{' '.join(ATTRIBUTES)}\n", ""
    with replacing_folder(folder, (_MARK,)) as beside:
        (beside / "img_align_celeba").mkdir()
        for number in range(1, count + 1):
            (picture, has), name = draw(seed, number), f"{number:06}.jpg"
            data = cv2.imencode(".jpg", picture[..., ::-1], (cv2.IMWRITE_JPEG_QUALITY, 95))[1]
            (beside / "img_align_celeba" / name).write_bytes(data.tobytes())
            attributes += f"{name} {' '.join(f'{1 if has[attribute] else -1:2}' for attribute in ATTRIBUTES)}\n"
            parts += f"{name} {max((number - 1) * 10 // count - 7, 0)}\n"
        (beside / "list_attr_celeba.txt").write_text(attributes)
        (beside / "list_eval_partition.txt").write_text(parts)
        (beside / _MARK).write_text(f"{count} faces, drawn by `palate corpus faces` with seed {seed}\n")


def draw(seed: int, number: int, size: tuple[int, int] = SIZE) -> tuple[Any, dict[str, bool]]:
    """Draw one face, with eyes, nose and mouth where they are in CelebA's aligned pictures.

    The picture and its attributes are a pure function of seed and number.

    seed (int): random seed, 0 or more.
    number (int): number of the face, 0 or more.
    size (tuple): height and width.
    RETURNS (tuple): the picture, (height, width, 3) uint8, RGB; and whether the face has each of `ATTRIBUTES` (those that are
        never drawn are False).
    RAISES InputError: a negative seed or number.
    """
    if seed < 0 or number < 0:
        raise InputError(f"seed and number must be 0 or more. Received: {seed}, {number}")
    rng = np.random.default_rng((seed, number))
    mixture, has = rng.dirichlet(np.full(len(_LOOKS), 0.15)), dict.fromkeys(ATTRIBUTES, False)
    for name in sorted(set().union(*_LOOKS)):
        has[name] = bool(
            rng.random() * 10 < sum(share * look.get(name, 0) for share, look in zip(mixture, _LOOKS, strict=True))
        )
    has.update(dict.fromkeys((_WOMEN if has["Male"] else _MEN).split(), False))
    for names in _ONE_OF.split(","):
        has.update(dict.fromkeys([name for name in names.split() if has[name]][1:], False))
    has["No_Beard"] = not (has.pop("Beard") or has["Goatee"] or has["5_o_Clock_Shadow"])
    return paint(has, seed, number, size), has

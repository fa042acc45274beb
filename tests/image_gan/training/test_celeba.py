import shutil

import pytest

from corpora import faces
from corpora.errors import InputError
from image_gan.training.celeba import CelebA
from image_gan.training.prepare import prepare_pictures
from image_gan.training.tiers import tier_files

SIDES = {"low": 16, "medium": 24, "high": 32}


@pytest.fixture(scope="module")
def ten_faces(tmp_path_factory):
    folder = tmp_path_factory.mktemp("celeba") / "celeba"
    faces.write(folder, 10)
    return folder


@pytest.fixture
def celeba(ten_faces, tmp_path):
    return shutil.copytree(ten_faces, tmp_path / "celeba")


def edited(path, edit):
    path.write_text("".join(edit(path.read_text().splitlines(keepends=True))))


def test_celeba_as_it_is_published(celeba, tmp_path):
    data = CelebA.at(celeba)
    assert [[file.name for file in data.files(part)] for part in ("train", "val", "test")] == [
        [f"{number:06}.jpg" for number in numbers] for numbers in (range(1, 9), [9], [10])
    ]
    names, attributes, holds = data.attributes()
    assert attributes == faces.ATTRIBUTES
    for number, row in enumerate(holds, 1):
        assert dict(zip(attributes, row, strict=True)) == faces.draw(0, number)[1]
        assert names[number - 1] == f"{number:06}.jpg"
    done = prepare_pictures([celeba], tmp_path / "out", sides=SIDES, partition="val")
    assert done.pictures == dict.fromkeys(SIDES, 1)
    assert [file.name for file in tier_files(tmp_path / "out", "low")] == ["000009.png"]
    assert (tmp_path / "out" / CelebA.ATTRIBUTES).read_bytes() == (celeba / CelebA.ATTRIBUTES).read_bytes()
    (celeba / "list_eval_partition.txt").unlink()
    assert len(data.files("val")) == 10  # nothing is parted
    (celeba / "img_align_celeba").rename(celeba / "images")
    assert len(data.files("train")) == 10
    assert CelebA.at(tmp_path) is CelebA.at(celeba / "none") is None


LISTS = [
    (
        "list_attr_celeba.txt",
        lambda lines: [*lines[:4], lines[4].replace(" 1", " 2"), *lines[5:]],
        "line 5 does not have 40 values",
    ),
    (
        "list_attr_celeba.txt",
        lambda lines: [*lines[:7], lines[7].rsplit(" ", 1)[0] + "\n", *lines[8:]],
        "line 8 does not have 40",
    ),
    ("list_attr_celeba.txt", lambda lines: [lines[0], "Attractive " + lines[1], *lines[2:]], "line 3 does not have 41 values"),
    ("list_attr_celeba.txt", lambda lines: lines[:9], "says that it has 10 pictures, and has 7"),
    ("list_attr_celeba.txt", lambda lines: lines[1:], "line 3 does not have"),
    ("list_attr_celeba.txt", lambda lines: lines[:2], "names no picture"),
    ("list_attr_celeba.txt", lambda lines: [], "names no picture"),
    ("list_eval_partition.txt", lambda lines: [lines[0], lines[1].replace("0\n", "3\n"), *lines[2:]], "line 2 is not a name"),
    ("list_eval_partition.txt", lambda lines: [*lines[:3], "000004.jpg\n"], "line 4 is not a name"),
    ("list_eval_partition.txt", lambda lines: [*lines, "000011.jpg 0\n"], "line 11 is not a name from list_attr_celeba.txt"),
    ("list_eval_partition.txt", lambda lines: lines[8:], "has no picture of train"),
]


@pytest.mark.parametrize(("name", "edit", "message"), LISTS)
def test_damaged_lists(name, edit, message, celeba, tmp_path):
    edited(celeba / name, edit)
    with pytest.raises(InputError, match=rf"\[P064\] .*{name}: {message}"):
        prepare_pictures([celeba], tmp_path / "out", sides=SIDES)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(("parts", "name"), [(True, "list_eval_partition.txt"), (False, "list_attr_celeba.txt")])
def test_lists_that_name_missing_pictures(parts, name, celeba):
    if not parts:
        (celeba / "list_eval_partition.txt").unlink()
    for number in (3, 5):
        (celeba / "img_align_celeba" / f"{number:06}.jpg").unlink()
    with pytest.raises(InputError, match=rf"{name}: names 2 pictures that are not in img_align_celeba, first 000003.jpg"):
        CelebA(celeba).files("train")
    shutil.rmtree(celeba / "img_align_celeba")
    with pytest.raises(InputError, match=r"\[P064\] .* has no folder img_align_celeba"):
        CelebA(celeba).files("train")


def test_an_unknown_part(celeba):
    with pytest.raises(InputError, match=r"\[P060\] partition must be train, val or test. Received: dev"):
        CelebA(celeba).files("dev")

import os

import cv2
import numpy as np
import pytest

from corpora import faces
from corpora.errors import InputError
from corpora.files import replacing_folder

PLAIN = dict.fromkeys(faces.ATTRIBUTES, False) | {"No_Beard": True, "Young": True, "Black_Hair": True}
UNDRAWN = {
    *("Attractive", "Bags_Under_Eyes", "Blurry", "Chubby", "Double_Chin", "High_Cheekbones", "Oval_Face", "Pointy_Nose"),
    *("Sideburns", "Wearing_Necklace"),
}
COLOURS = ("Black_Hair", "Brown_Hair", "Blond_Hair", "Gray_Hair")
NUMBERS = range(6)


def paint(number, **attributes):
    """The face of a number with these attributes and no others, as numbers that do not wrap."""
    return faces.paint(PLAIN | attributes, 1, number).astype(int)


def test_a_face_is_a_pure_function_of_seed_and_number():
    first, has = faces.draw(3, 5)
    assert (first.shape, first.dtype) == ((218, 178, 3), np.uint8)
    assert list(has) == faces.ATTRIBUTES
    faces.draw(0, 0)
    threads = cv2.getNumThreads()
    cv2.setNumThreads(1)
    again, same = faces.draw(3, 5)
    cv2.setNumThreads(threads)
    assert (again == first).all()
    assert same == has
    assert (faces.paint(has, 3, 5) == first).all()
    for other in (faces.draw(3, 6), faces.draw(4, 5), faces.draw(5, 3)):
        assert (other[0] != first).mean() > 0.5


@pytest.mark.parametrize("size", [(109, 89), (436, 356), (64, 64), (1, 1)])
def test_a_face_has_the_size_asked_for(size):
    picture, has = faces.draw(0, 7, size)
    usual, same = faces.draw(0, 7)
    assert picture.shape == (*size, 3)
    assert has == same
    if size[0] * 178 == size[1] * 218:
        near = cv2.resize(picture, (89, 109), interpolation=cv2.INTER_AREA).astype(int)
        assert abs(near - cv2.resize(usual, (89, 109), interpolation=cv2.INTER_AREA)).mean() < 8


def test_there_is_detail_to_learn():
    for number in NUMBERS:
        picture, _ = faces.draw(0, number)
        half = cv2.resize(picture, (89, 109), interpolation=cv2.INTER_AREA)
        assert cv2.PSNR(cv2.resize(half, (178, 218), interpolation=cv2.INTER_CUBIC), picture) < 32


@pytest.mark.parametrize(
    ("attribute", "top", "bottom"),
    [
        ("Wearing_Hat", 0, 100),
        ("Bangs", 30, 115),
        ("Receding_Hairline", 30, 115),
        ("Bushy_Eyebrows", 85, 112),
        ("Arched_Eyebrows", 85, 112),
        ("Heavy_Makeup", 90, 125),
        ("Narrow_Eyes", 95, 125),
        ("Eyeglasses", 92, 136),
        ("Rosy_Cheeks", 110, 158),
        ("Wearing_Earrings", 122, 154),
        ("Big_Nose", 100, 158),
        ("Mustache", 132, 162),
        ("Wearing_Lipstick", 138, 175),
        ("Big_Lips", 138, 175),
        ("Mouth_Slightly_Open", 138, 178),
        ("Wearing_Necktie", 178, 218),
    ],
)
def test_what_an_attribute_changes_is_in_its_place(attribute, top, bottom):
    for number in NUMBERS:
        change = abs(paint(number, **{attribute: True}) - paint(number)).sum(2)
        assert (change[top:bottom] > 30).sum() > 50, number
        assert change[top:bottom].sum() > 0.95 * change.sum(), number


@pytest.mark.parametrize(("kind", "left"), [("Goatee", 60), ("5_o_Clock_Shadow", 30), ("Beard", 30)])
def test_a_beard_is_on_the_chin(kind, left):
    for number in NUMBERS:
        bearded = paint(number, Male=True, No_Beard=False, **({} if kind == "Beard" else {kind: True}))
        change = paint(number, Male=True).sum(2) - bearded.sum(2)
        assert change[165:178, 78:98].mean() > 15, number
        assert change[100:, left : 178 - left].sum() > 0.95 * change.sum(), number


def test_hair_has_its_colour():
    for number in NUMBERS:
        black, brown, blond, grey = (paint(number, **{"Black_Hair": False, colour: True}) for colour in COLOURS)
        black, brown, blond, grey = (face[50:56, 76:102].mean((0, 1)) for face in (black, brown, blond, grey))
        assert black.mean() < brown.mean() < blond.mean() < grey.mean() + 30, number
        assert black.max() < 80, number
        assert brown[0] > brown[1] > brown[2], number
        assert blond[0] > 1.5 * blond[2], number
        assert grey.max() < 1.25 * grey.min(), number


def test_a_bald_head_is_skin_to_its_top():
    for number in NUMBERS:
        for bald in (True, False):
            face = paint(number, Male=True, Bald=bald, Black_Hair=not bald)
            crown, cheek = face[54:58, 80:98].mean(), face[125:140, 60:70].mean()
            assert (crown > 0.7 * cheek) == bald, number


def test_pale_skin_is_paler_and_age_draws_lines():
    for number in NUMBERS:
        plain, pale, old = paint(number), paint(number, Pale_Skin=True), paint(number, Young=False)
        assert pale[80:160, 60:118].mean() > plain[80:160, 60:118].mean() + 3, number
        assert (plain - old)[75:100, 60:118].max() > 15, number


def lips(number, **attributes):
    """Where lipstick makes a difference."""
    painted, bare = paint(number, Wearing_Lipstick=True, **attributes), paint(number, **attributes)
    return abs(painted - bare).sum(2) > 20


def test_a_smile_lifts_the_corners_of_the_mouth():
    def lift(mask):
        rows, columns = np.nonzero(mask)
        middle = rows[abs(columns - np.median(columns)) < 4].mean()
        return middle - rows[(columns < columns.min() + 4) | (columns > columns.max() - 4)].mean()

    for number in NUMBERS:
        assert lift(lips(number, Smiling=True)) > lift(lips(number)) + 1.5, number


def test_an_open_mouth_is_dark_within_the_lips():
    for number in NUMBERS:
        shut, opened = lips(number), lips(number, Mouth_Slightly_Open=True)
        assert np.ptp(np.nonzero(opened)[0]) > np.ptp(np.nonzero(shut)[0]) + 1, number


def test_attributes_go_together_as_in_the_looks():
    drawn = [faces.draw(0, number, (8, 8))[1] for number in range(600)]
    table = np.array([list(has.values()) for has in drawn], float)
    share = dict(zip(faces.ATTRIBUTES, table.mean(0), strict=True))
    assert {name for name in faces.ATTRIBUTES if not share[name]} == UNDRAWN
    assert all(0.02 < share[name] < 0.95 for name in faces.ATTRIBUTES if share[name])
    for has in drawn:
        assert sum(has[name] for name in (*COLOURS, "Bald")) <= 1
        assert has["No_Beard"] or has["Male"]
        assert not (has["Male"] and has["Wearing_Lipstick"])
        assert not (has["Bald"] and (has["Bangs"] or has["Wearing_Hat"]))
    for a, b in (("Wearing_Lipstick", "Heavy_Makeup"), ("Gray_Hair", "Eyeglasses"), ("Mustache", "Wearing_Hat")):
        together = np.mean([has[a] and has[b] for has in drawn])
        assert together > 1.5 * share[a] * share[b]


def read(folder):
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_the_layout_is_celebas(tmp_path):
    faces.write(tmp_path / "new" / "faces", 20, seed=2)
    assert os.listdir(tmp_path / "new") == ["faces"]
    files = read(tmp_path / "new" / "faces")
    names = [f"{number:06}.jpg" for number in range(1, 21)]
    assert sorted(files) == sorted(
        [
            "drawn_by_palate.txt",
            "list_attr_celeba.txt",
            "list_eval_partition.txt",
            *(f"img_align_celeba/{name}" for name in names),
        ]
    )
    count, heading, *rows = files["list_attr_celeba.txt"].decode().splitlines()
    assert count == "20"
    assert heading.split() == faces.ATTRIBUTES
    assert len(faces.ATTRIBUTES) == 40
    for number, row in enumerate(rows, 1):
        picture, has = faces.draw(2, number)
        name, *values = row.split()
        assert name == names[number - 1]
        assert values == [{True: "1", False: "-1"}[value] for value in has.values()]
        kept = cv2.imdecode(np.frombuffer(files[f"img_align_celeba/{name}"], np.uint8), cv2.IMREAD_COLOR)[..., ::-1]
        assert kept.shape == (218, 178, 3)
        assert cv2.PSNR(np.ascontiguousarray(kept), picture) > 28
    parts = files["list_eval_partition.txt"].decode().splitlines()
    assert parts == [f"{name} {part}" for name, part in zip(names, [0] * 16 + [1] * 2 + [2] * 2, strict=True)]


@pytest.mark.parametrize(("count", "sizes"), [(1, [1, 0, 0]), (7, [6, 1, 0]), (13, [11, 1, 1])])
def test_parts_are_whole_ranges(count, sizes, tmp_path):
    faces.write(tmp_path / "faces", count)
    parts = [int(line.split()[1]) for line in (tmp_path / "faces" / "list_eval_partition.txt").read_text().splitlines()]
    assert parts == sorted(parts)
    assert [parts.count(part) for part in range(3)] == sizes


def test_one_seed_gives_one_folder(tmp_path):
    for name, count, seed in (("a", 5, 0), ("b", 5, 0), ("c", 7, 0), ("d", 5, 1)):
        faces.write(tmp_path / name, count, seed)
    a, b, c, d = (read(tmp_path / name) for name in "abcd")
    assert a == b
    pictures = [name for name in a if name.endswith("jpg")]
    assert all(a[name] == c[name] for name in pictures)
    assert all(a[name] != d[name] for name in pictures)


def test_faces_are_replaced_and_stand_where_drawing_fails(tmp_path):
    faces.write(tmp_path / "faces", 3)
    with pytest.raises(InputError, match="Received: -1"):
        faces.write(tmp_path / "faces", 2, seed=-1)
    assert len(read(tmp_path / "faces")) == 6
    faces.write(tmp_path / "faces", 2)
    assert len(read(tmp_path / "faces")) == 5
    assert os.listdir(tmp_path) == ["faces"]


@pytest.mark.parametrize(
    ("there", "count", "seed", "message"),
    [
        ("", 0, 0, "from 1 to 999999. Received: 0"),
        ("", -3, 0, "Received: -3"),
        ("", 1_000_000, 0, "Received: 1000000"),
        ("", 2, -1, "Received: -1"),
        ("faces", 2, 0, "cannot write to"),
        ("faces/thesis.txt", 2, 0, "cannot write to"),
        ("faces/list_attr_celeba.txt", 2, 0, "cannot write to"),
    ],
)
def test_what_cannot_be_written_changes_nothing(there, count, seed, message, tmp_path):
    if there:
        (tmp_path / there).parent.mkdir(exist_ok=True)
        (tmp_path / there).write_text("mine")
    before = read(tmp_path)
    with pytest.raises(InputError, match=message):
        faces.write(tmp_path / "faces", count, seed)
    assert read(tmp_path) == before
    assert os.listdir(tmp_path) == ["faces"] * bool(there)


def test_faces_are_no_pipeline_to_replace(tmp_path):
    faces.write(tmp_path / "faces", 1)
    with pytest.raises(InputError, match="cannot write to"), replacing_folder(tmp_path / "faces"):
        raise AssertionError("the block is not to be reached")

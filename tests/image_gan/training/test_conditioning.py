"""Topics over attributes as a critic's condition."""

import numpy as np
import pytest

from image_gan.errors import InputError
from image_gan.training.conditioning import (
    KINDS,
    figures_by_topic,
    fit_conditions,
    load_conditions,
    save_conditions,
    topic_rows,
)

ATTRIBUTES = ["Bald", "Beard", "Hat", "Lipstick", "Smiling", "Young"]


def write(folder, rows):
    lines = [str(len(rows)), " ".join(ATTRIBUTES)]
    lines += [f"{i:06d}.jpg " + " ".join("1" if name in row else "-1" for name in ATTRIBUTES) for i, row in enumerate(rows)]
    folder.mkdir(exist_ok=True)
    (folder / "list_attr_celeba.txt").write_text("\n".join(lines))
    return folder


@pytest.fixture
def faces(tmp_path):
    """Thirty of two looks each, and one face without any attribute."""
    return write(tmp_path / "faces", [{"Bald", "Beard"}, {"Lipstick", "Young", "Smiling"}] * 30 + [set()])


def test_theta_tells_looks_apart(faces):
    made = fit_conditions(faces, topics=2)
    assert made.vectors.shape == (61, 2)
    assert made.vectors.dtype == np.float32
    assert made.vectors.sum(axis=1) == pytest.approx(1)
    assert len(set(made.topic[0:60:2])) == len(set(made.topic[1:60:2])) == 1
    assert made.topic[0] != made.topic[1]
    assert "Bald" in made.topics[made.topic[0]]
    assert made.vectors[-1] == pytest.approx([0.5, 0.5])  # nothing is said of it: the prior
    assert set(made.by_name()) == {f"{i:06d}" for i in range(61)}


def test_rows_count_faces(faces):
    made = fit_conditions(faces, topics=2)
    rows = topic_rows(made)
    assert [row["topic"] for row in rows] == made.topics
    assert [row["faces"] for row in rows] == [int((made.topic == k).sum()) for k in range(2)]
    assert sum(row["faces"] for row in rows) == 61


def test_controls(faces):
    theta, attributes, shuffled = (fit_conditions(faces, topics=2, kind=kind) for kind in KINDS)
    assert attributes.labels == ATTRIBUTES
    assert set(np.unique(attributes.vectors)) == {-1, 1}
    assert not np.array_equal(shuffled.vectors, theta.vectors)
    assert np.array_equal(np.sort(shuffled.vectors, axis=0), np.sort(theta.vectors, axis=0))
    assert np.array_equal(shuffled.topic, theta.topic)


def test_saved_and_read_again(faces, tmp_path):
    made = fit_conditions(faces, topics=2)
    save_conditions(tmp_path / "c.npz", made)
    again = load_conditions(tmp_path / "c.npz")
    assert again.names == made.names
    assert np.array_equal(again.vectors, made.vectors)
    data = (tmp_path / "c.npz").read_bytes()
    for cut in (0, 10, len(data) // 2, len(data) - 1):
        (tmp_path / "cut.npz").write_bytes(data[:cut])
        with pytest.raises(InputError, match="P064"):
            load_conditions(tmp_path / "cut.npz")


def test_report_names_a_topic_without_a_face(faces):
    made = fit_conditions(faces, topics=2)
    rows = [{"picture": f"x/{i:06d}.png", "psnr": 30.0 + i, "ssim": 0.9, "distance": 0.1 * (i + 1)} for i in (0, 2)]
    rows.append({"picture": "x/000001.png", "failed": "no"})
    worst, other = figures_by_topic(rows, made)
    assert (worst["faces"], worst["psnr"]) == (2, 31.0)
    assert worst["topic"] == made.topics[made.topic[0]]
    assert (other["faces"], other["psnr"]) == (0, None)


@pytest.mark.parametrize(
    ("more", "message"),
    [({"topics": 1}, "T030"), ({"topics": 100}, "T036"), ({"kind": "labels"}, "P060"), ({"folder": "none"}, "P064")],
)
def test_what_cannot_be_is_refused(faces, tmp_path, more, message):
    with pytest.raises(InputError, match=message):
        fit_conditions(**{"folder": faces, "topics": 2, **more})


def test_attributes_all_negative(tmp_path):
    with pytest.raises(InputError, match="T036"):
        fit_conditions(write(tmp_path / "none", [set()] * 5), topics=2)

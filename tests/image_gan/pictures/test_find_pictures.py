import pytest

from corpora.errors import InputError
from image_gan.pictures import find_pictures


def test_finds(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("b.JPG", "a.png", "notes.txt", "sub/c.webp", ".hidden.png", ".thumbs/d.png", "sub/.e.tif", "odd"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()

    def names(*paths, recursive=False):
        return [str(path) for path in find_pictures(paths, recursive=recursive)]

    assert names(".") == ["a.png", "b.JPG"]
    assert names(".", recursive=True) == ["a.png", "b.JPG", "sub/c.webp"]
    assert names("b.JPG", tmp_path / "a.png", ".", "./b.JPG", "sub/../b.JPG") == [str(tmp_path / "a.png"), "b.JPG"]
    assert names("odd", ".hidden.png") == [".hidden.png", "odd"]


def test_finds_nothing(tmp_path):
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "a.png").touch()
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match=r"there is no file .*missing.jpg"):
        find_pictures([tmp_path / "sub", tmp_path / "missing.jpg"], recursive=False)
    with pytest.raises(InputError, match=r"holds no picture .*; to look into its folders too, search recursively"):
        find_pictures([tmp_path], recursive=False)
    with pytest.raises(InputError, match=r"empty holds no picture \(\.jpg \.jpeg"):
        find_pictures([tmp_path / "empty"], recursive=True)

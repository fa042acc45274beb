import json

import pytest

from corpora.errors import InputError
from image_gan.training import runs
from image_gan.training.runs import find_run, new_run, read_log, run_config


@pytest.fixture
def folder(load, tmp_path):
    """Three runs beside other folders."""
    for name in ("0002", "10x", "notes"):
        (tmp_path / name).mkdir()
    return tmp_path, [new_run(tmp_path, load()) for _ in range(3)]


def test_runs_are_numbered_and_the_newest_is_found(folder, load):
    root, made = folder
    assert [run.name for run in made] == ["0003", "0004", "0005"]
    assert find_run(root) == made[-1]
    assert find_run(made[0]) == made[0]
    (root / "10x" / runs.CONFIG).write_bytes((made[0] / runs.CONFIG).read_bytes())
    assert find_run(root) == made[-1]
    (root / "10000").mkdir()
    (root / "10000" / runs.CONFIG).write_bytes((made[0] / runs.CONFIG).read_bytes())
    assert find_run(root).name == "10000"
    assert run_config(root) == load()
    assert run_config(root, {"training.seed": 7})["training"]["seed"] == 7


def test_what_is_not_a_run(tmp_path):
    with pytest.raises(
        InputError, match=r"\[P066\] cannot read .*config.cfg as a config: no such file; name the folder of a run"
    ):
        find_run(tmp_path)


def test_a_log_is_read_up_to_the_last_whole_line(tmp_path):
    assert read_log(tmp_path) == []
    lines = [{"total_steps": step, "psnr": 30.0} for step in (0, 2)]
    (tmp_path / runs.LOG).write_text("".join(json.dumps(line) + "\n" for line in lines) + '{"total_steps": 4, "psn')
    assert read_log(tmp_path) == lines

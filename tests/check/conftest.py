"""What `make check` shares: a copy of what git would check out, and an environment for commands run from it."""

import os
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture
def checkout(tmp_path):
    """The tracked and not ignored files of this tree, in a folder of their own."""
    files = subprocess.run(["git", "ls-files", "-coz", "--exclude-standard"], cwd=ROOT, capture_output=True, check=True).stdout
    for name in files.decode().split("\0"):
        if name and (ROOT / name).is_file():
            (tmp_path / "clone" / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / "clone" / name).write_bytes((ROOT / name).read_bytes())
    return tmp_path / "clone"


@pytest.fixture
def fresh_environment(tmp_path):
    """No virtual environment on the path, an empty home, an empty pip cache."""
    environment = {k: v for k, v in os.environ.items() if k not in ("VIRTUAL_ENV", "PYTHONPATH", "PALATE_DATA")}
    inside = os.environ.get("VIRTUAL_ENV", str(ROOT / ".venv"))
    path = [p for p in environment["PATH"].split(os.pathsep) if not p.startswith((inside, str(ROOT / ".venv")))]
    home = tmp_path / "home"
    home.mkdir()
    return {**environment, "PATH": os.pathsep.join(path), "HOME": str(home), "XDG_CACHE_HOME": str(home / "cache")}

"""Which package imports which: read from the code, so that imports inside functions count, too."""

import ast
from pathlib import Path

import pytest

import image_gan

ROOT = Path(image_gan.__file__).parent


def imported(folder):
    """The modules of image_gan that the modules of a package import, by module."""
    found = {}
    for file in sorted((ROOT / folder).rglob("*.py")):
        names = set()
        for node in ast.walk(ast.parse(file.read_text("utf8"))):
            if isinstance(node, ast.ImportFrom) and node.module:
                names.add(node.module)
                names |= {f"{node.module}.{alias.name}" for alias in node.names}
            elif isinstance(node, ast.Import):
                names |= {alias.name for alias in node.names}
        found[file.relative_to(ROOT).as_posix()] = {name for name in names if name.startswith("image_gan.")}
    assert len(found) > 5
    return found


@pytest.mark.parametrize(
    ("folder", "allowed"),
    [
        ("pictures", ("pictures", "errors")),
        ("enhance", ("enhance", "pictures", "errors")),
        ("training", ("training", "pictures", "enhance.tiles", "errors")),
    ],
)
def test_packages_import_only_what_is_below_them(folder, allowed):
    for module, names in imported(folder).items():
        for name in names:
            below = any(name == f"image_gan.{one}" or name.startswith(f"image_gan.{one}.") for one in allowed)
            parent = any(f"image_gan.{one}".startswith(f"{name}.") for one in allowed)  # as in `from image_gan import pictures`
            assert below or parent, f"{module} imports {name}"


def test_no_module_is_called_like_a_function_in_it():
    """Otherwise each import would need an alias."""
    for file in ROOT.rglob("*.py"):
        functions = {node.name for node in ast.parse(file.read_text("utf8")).body if isinstance(node, ast.FunctionDef)}
        assert file.stem not in functions, file

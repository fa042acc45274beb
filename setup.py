"""Builds the wheel; the rest is in setup.cfg. `spacy.load` finds a pipeline by the metadata of a distribution with its name:
those of en_palate_bistro lie beside it in the wheel, or in a checkout that is installed as editable."""

import json
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

PIPELINE = "en_palate_bistro"


class WithPipeline(build_py):
    """Writes the metadata of the pipeline."""

    def run(self) -> None:
        """Copy the packages, then write."""
        super().run()
        meta = json.loads((Path(PIPELINE) / "meta.json").read_text("utf8"))
        fields = {"Metadata-Version": "2.1", "Name": PIPELINE, "Version": meta["version"], "License": meta["license"]}
        fields["Summary"] = meta["description"]
        folder = Path("." if self.editable_mode else self.build_lib) / f"{PIPELINE}.egg-info"
        folder.mkdir(exist_ok=True)
        (folder / "PKG-INFO").write_text("".join(f"{name}: {value}\n" for name, value in fields.items()), "utf8")


setup(cmdclass={"build_py": WithPipeline})

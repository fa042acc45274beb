"""Prepared pictures: a folder of PNGs for each of three tiers of resolution. `prepare` writes them, `batches` reads them."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from corpora.files import write_text
from image_gan.errors import Errors, InputError

TIERS = {"low": 64, "medium": 128, "high": 256}  # the shorter side of a picture in each tier
_LIST = "tiers.json"


def tier_files(prepared: str | Path, tier: str) -> list[Path]:
    """List the pictures of a tier, sorted.

    prepared (str | Path): a folder that `palate images prepare` made.
    tier (str): "low", "medium" or "high".
    RAISES InputError: P061, there is no such folder; P062, the tier is empty.
    """
    folder = Path(prepared) / tier
    if not Path(prepared).is_dir():
        raise InputError(Errors.P061.format(folder=prepared))
    files = sorted(folder.rglob("*.png")) if folder.is_dir() else []
    if not files:
        raise InputError(Errors.P062.format(tier=tier, folder=prepared))
    return files


def tier_side(prepared: str | Path, tier: str) -> int:
    """The shorter side of a picture in a tier.

    prepared (str | Path): a folder that `palate images prepare` made.
    tier (str): "low", "medium" or "high".
    RAISES InputError: P061, the folder does not say it.
    """
    try:
        return int(json.loads((Path(prepared) / _LIST).read_text("utf8"))["sides"][tier])
    except (OSError, ValueError, KeyError, TypeError):
        raise InputError(Errors.P061.format(folder=prepared)) from None


def check_sides(prepared: Path, sides: Mapping[str, int]) -> None:
    """Check that a folder, if it has tiers already, has these. RAISES InputError: P064, other ones; P061."""
    if (prepared / _LIST).exists():
        existing = {tier: tier_side(prepared, tier) for tier in sides}
        if existing != dict(sides):
            reason = f"its sides are {existing}: name another folder"
            raise InputError(Errors.P064.format(file=prepared / _LIST, reason=reason))


def write_sides(prepared: Path, sides: Mapping[str, int], pictures: Mapping[str, int]) -> None:
    """Write down the sides of the tiers, and how many pictures each has."""
    write_text(prepared / _LIST, json.dumps({"sides": dict(sides), "pictures": dict(pictures)}, indent=1))


def split_files(files: Sequence[Path], root: Path, share: float) -> tuple[list[Path], list[Path]]:
    """Split pictures by a hash of their names, so that a picture is on the same side in every tier.

    files (Sequence[Path]): the pictures of a tier.
    root (Path): the folder of the tier.
    share (float): the share that validates.
    RETURNS (tuple[list[Path], list[Path]]): pictures for training, and pictures for validation.
    """
    training: list[Path] = []
    validation: list[Path] = []
    for file in files:
        digest = hashlib.sha256(file.relative_to(root).as_posix().encode()).digest()
        draw = int.from_bytes(digest[:8], "big") / 2**64
        if draw < share:
            validation.append(file)
        else:
            training.append(file)
    return training, validation

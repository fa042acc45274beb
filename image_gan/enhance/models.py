"""Models: what the card of a model file says, and which models ship."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any, NamedTuple

from image_gan.enhance.model_file import read_model
from image_gan.errors import Errors, InputError

WEIGHTS = Path(__file__).parents[1] / "weights"

# The names of models by scale and look; which of them ship is what is in `WEIGHTS`.
_NAMES = {
    (1, "faithful"): "restore",
    (1, "photo"): "photo",
    (2, "faithful"): "x2",
    (2, "crisp"): "x2_crisp",
    (2, "photo"): "x2_photo",
    (4, "faithful"): "x4",
    (4, "crisp"): "x4_crisp",
    (4, "photo"): "x4_photo",
}

# What entries were called in cards of format 1.
_FORMAT_1 = {"multiple": "size_multiple", "reach": "receptive_field"}


@dataclass(frozen=True)
class ModelCard:
    """What a model file says about its model.

    name (str): of the model.
    scale (int): 1 cleans, 2 and 4 enlarge.
    size_multiple (int): the sides of what the graph is given are multiples of it.
    receptive_field (int): how many pixels away a change of the input changes an output.
    noise_level (bool): the graph is told how much noise to remove, by a fourth channel (`tiles.with_level`).
    look (str): "faithful", "crisp" or "photo".
    data (str): what it was trained on.
    terms (str): under which terms its weights may be used: "any use, with credit" or "non-commercial research".
    credit (str): whose pictures it was trained on, and under which licences.
    limits (str): what it cannot do.
    parameters (int): numbers that training changed.
    steps (int): training steps.
    pictures (int): pictures seen in training.
    seed (int): of the training.
    figures (dict[str, float]): at the best validation.
    exported (str): the date, as YYYY-MM-DD.
    config (str): what it was trained with.
    bfloat16 (float | None): PSNR in dB between what is computed in bfloat16 and in float32; None if it was not measured.
    int8 (float | None): the same for int8.
    ranges (dict[str, list[float]] | None): what int8 needs (`quantization`).
    """

    name: str
    scale: int
    size_multiple: int
    receptive_field: int
    noise_level: bool = False
    look: str = ""
    data: str = ""
    terms: str = ""
    credit: str = ""
    limits: str = ""
    parameters: int = 0
    steps: int = 0
    pictures: int = 0
    seed: int = 0
    figures: dict[str, float] = field(default_factory=dict)
    exported: str = ""
    config: str = ""
    bfloat16: float | None = None
    int8: float | None = None
    ranges: dict[str, list[float]] | None = None

    @classmethod
    def from_entries(cls, entries: Mapping[str, Any], path: str | Path) -> "ModelCard":
        """Make a card of a model file's entries; those of format 1 have other names.

        entries (Mapping[str, Any]): as `model_file.read_model` returns them.
        path (str | Path): of the file, for the message.
        RAISES InputError: P050, an entry is missing.
        """
        current = {_FORMAT_1.get(name, name): value for name, value in entries.items()}
        missing = {"name", "scale", "size_multiple", "receptive_field"} - current.keys()
        if missing:
            raise InputError(Errors.P050.format(path=path, reason=f"its card does not say {', '.join(sorted(missing))}"))
        return cls(**{one.name: current[one.name] for one in fields(cls) if one.name in current})

    def entries(self) -> dict[str, Any]:
        """The card as a file holds it."""
        return asdict(self)


class Model(NamedTuple):
    """A model file that was read and checked: all of it, which is an ONNX model, and its card."""

    data: bytes
    card: ModelCard


def load_model(model: str | Path) -> Model:
    """Read a model that ships, by its name, or another one's file.

    model (str | Path): a name of `shipped`, or a file that `palate images export` wrote.
    RAISES InputError: P083, there is no such model; P050, P051, P052, the file cannot be used.
    """
    path = WEIGHTS / f"{model}.onnx"
    if not path.is_file():
        path = Path(model)
        if not path.suffix and not path.exists():
            known = ", ".join(sorted(file.stem for file in WEIGHTS.glob("*.onnx"))) or "none"
            raise InputError(Errors.P083.format(model=model, known=known))
    data, entries = read_model(path)
    return Model(data, ModelCard.from_entries(entries, path))


def named(scale: int = 1, look: str = "faithful") -> str:
    """The name of the model that ships for a scale and a look.

    scale (int): 1, 2 or 4.
    look (str): "faithful" or "photo"; or "crisp", for scales 2 and 4.
    RETURNS (str): a name of `shipped`.
    RAISES InputError: P084.
    """
    if (scale, look) not in _NAMES:
        raise InputError(Errors.P084.format(look=look, scale=f"scale {scale}", known=_looks()))
    return _NAMES[scale, look]


def scales_of(look: str) -> list[int]:
    """The scales of the models that ship for a look, the smallest first. RAISES InputError: P084, there are none."""
    scales = sorted(scale for scale, known in _NAMES if known == look)
    if not scales:
        raise InputError(Errors.P084.format(look=look, scale="any scale", known=_looks()))
    return scales


def _looks() -> str:
    """The looks of the models that ship, each with its scales."""
    scales: dict[str, list[str]] = {}
    for (scale, look), name in sorted(_NAMES.items()):
        if (WEIGHTS / f"{name}.onnx").is_file():
            scales.setdefault(look, []).append(str(scale))
    return "; ".join(f"{look} at {', '.join(known)}" for look, known in scales.items()) or "none"


def shipped() -> dict[str, ModelCard]:
    """The cards of the models that ship, by the models' names."""
    return {file.stem: load_model(file).card for file in sorted(WEIGHTS.glob("*.onnx"))}


def shipped_records() -> list[dict[str, Any]]:
    """All that there is to say about each model that ships: its card without config and ranges, and the bytes of its file."""
    records = []
    for name, card in shipped().items():
        entries = {key: value for key, value in card.entries().items() if key not in ("config", "ranges")}
        records.append({**entries, "bytes": (WEIGHTS / f"{name}.onnx").stat().st_size})
    return records


def shipped_rows() -> list[dict[str, Any]]:
    """The models that ship, as rows of a table: model, scale, look, megabytes, psnr, distance, data, terms, credit."""
    return [_row(record) for record in shipped_records()]


def _row(record: Mapping[str, Any]) -> dict[str, Any]:
    figures = record["figures"]
    return {
        "model": record["name"],
        "scale": record["scale"],
        "look": record["look"],
        "megabytes": round(record["bytes"] / 1e6, 1),
        "psnr": figures.get("psnr"),
        "distance": figures.get("distance"),
        "data": record["data"],
        "terms": record["terms"],
        "credit": record["credit"],
    }

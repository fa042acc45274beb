"""A training config: spaCy's own format and registries, each section checked before anything is built or loaded."""

import configparser
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import catalogue
import confection
from confection import Config, ConfigValidationError

from image_gan.errors import Errors, InputError
from image_gan.training.degrade import Degradation
from image_gan.training.schedule import Schedule, Tier


class registry(confection.registry):
    """`@networks` make generators, critics and features, `@settings` the rest; others add theirs by entry points."""

    networks = catalogue.create("image_gan", "networks", entry_points=True)
    settings = catalogue.create("image_gan", "settings", entry_points=True)


@dataclass(frozen=True)
class Loss:
    """What the generator minimises: weights of the pixel, content, style and adversarial losses (`losses`)."""

    pixel: float = 1.0
    content: float = 0.0
    style: float = 0.0
    adversarial: float = 0.0

    def __post_init__(self) -> None:
        """RAISES InputError: P060."""
        weights = (self.pixel, self.content, self.style, self.adversarial)
        if not all(0 <= weight < math.inf for weight in weights) or not any(weights):
            raise InputError(Errors.P060.format(what="loss", allowed="weights of 0 or more, not all 0", got=weights))


@dataclass(frozen=True)
class Training:
    """How it is trained.

    seed (int): of all that is drawn. generator_rate, critic_rate (float): of Adam, two time scales (Heusel et al. 2017, arXiv
    1706.08500). ema (float): what the average of the generator keeps a step; the average is judged and exported.
    precision (str): "bfloat16", "float32", or "auto": bfloat16 where the processor has it. held_out (float): share of the
    pictures that judge, where paths.held_out names no others. judge (str): "feature" distance or "psnr", by which the best
    checkpoint is picked. look (int): steps between two looks: judging, a log line, samples, a checkpoint. pictures (int): how
    many judge. turn (bool): whether pictures are turned by quarters, which faces are not. flat (float): share of the crops that
    become patches of plain, often pure colours, which drawings consist of and photographs hardly have. minutes (float):
    training ends after so many, 0 for no limit. devices (str): "one", "all" (of this machine, MirroredStrategy) or "workers"
    (machines named by TF_CONFIG, MultiWorkerMirroredStrategy).
    """

    seed: int = 0
    generator_rate: float = 2e-4
    critic_rate: float = 4e-4
    ema: float = 0.999
    precision: str = "auto"
    held_out: float = 0.05
    judge: str = "feature"
    look: int = 250
    pictures: int = 24
    turn: bool = True
    flat: float = 0.0
    minutes: float = 0.0
    devices: str = "one"

    def __post_init__(self) -> None:
        """RAISES InputError: P060."""
        names = {
            "precision": ("auto", "float32", "bfloat16"),
            "judge": ("feature", "psnr"),
            "devices": ("one", "all", "workers"),
        }
        for name, known in names.items():
            if getattr(self, name) not in known:
                raise InputError(
                    Errors.P060.format(what=f"training.{name}", allowed=" or ".join(known), got=getattr(self, name))
                )
        ranges: dict[str, tuple[float, float]] = {"seed": (0, 2**32 - 1), "generator_rate": (1e-9, 1), "critic_rate": (1e-9, 1)}
        ranges |= dict.fromkeys(("look", "pictures"), (1, math.inf)) | {"minutes": (0, math.inf)}
        for name, (least, most) in ranges.items():
            if not least <= getattr(self, name) <= most:
                allowed = f"from {least} to {most}" if most < math.inf else f"{least} or more"
                raise InputError(Errors.P060.format(what=f"training.{name}", allowed=allowed, got=getattr(self, name)))
        for name in ("ema", "held_out"):
            if not 0 < getattr(self, name) < 1:
                raise InputError(
                    Errors.P060.format(what=f"training.{name}", allowed="between 0 and 1", got=getattr(self, name))
                )


@dataclass(frozen=True)
class Card:
    """What is said of the model beside what its training tells: name, look ("faithful" or "crisp"), what it was trained on
    and under which terms, and what it cannot do."""

    name: str = "own"
    look: str = ""
    data: str = "the pictures given"
    terms: str = "those of the pictures given"
    limits: str = ""


for name, kind in {
    "Card": Card,
    "Degradation": Degradation,
    "Tier": Tier,
    "Schedule": Schedule,
    "Loss": Loss,
    "Training": Training,
}.items():
    registry.settings(f"image_gan.{name}.v1", func=kind)


@registry.networks("image_gan.UNet.v1")
def make_unet(
    scale: int = 1,
    widths: list[int] = [32, 64, 128],  # noqa: B006
    blocks: list[int] = [2, 2, 4],  # noqa: B006
    encoder: str = "plain",
    weights: str | None = None,
    attention: int = 0,
    spectral: bool = True,
    levelled: bool = False,
) -> Any:
    """The generator (`networks.unet.unet`)."""
    from image_gan.training.networks.unet import unet

    return unet(
        scale=scale,
        widths=widths,
        blocks=blocks,
        encoder=encoder,
        weights=weights,
        attention=attention,
        spectral=spectral,
        levelled=levelled,
    )


@registry.networks("image_gan.PatchCritic.v1")
def make_patch_critic(widths: list[int] = [32, 64, 128], attention: int = 8, conditions: int = 0) -> Any:  # noqa: B006
    """The critic of patches (`networks.critic.patch_critic`)."""
    from image_gan.training.networks.critic import patch_critic

    return patch_critic(widths=widths, attention=attention, conditions=conditions)


@registry.networks("image_gan.ResNetCritic.v1")
def make_resnet_critic(
    encoder: str = "resnet18",
    weights: str | None = None,
    stages: list[int] = [1, 2, 3],  # noqa: B006
    width: int = 64,
    conditions: int = 0,
) -> Any:
    """The critic of activation maps (`networks.critic.resnet_critic`)."""
    from image_gan.training.networks.critic import resnet_critic

    return resnet_critic(encoder=encoder, weights=weights, stages=stages, width=width, conditions=conditions)


@registry.networks("image_gan.Backbone.v1")
def make_backbone(name: str, weights: str | None = None) -> Any:
    """An ImageNet network for the feature loss and the feature distance (`networks.backbones.backbone`)."""
    from image_gan.training.networks.backbones import backbone

    return backbone(name, weights)


@registry.networks("image_gan.OwnEncoder.v1")
def make_own_encoder() -> None:
    """The generator's own encoder, as it is when its first phase ends, and frozen from then on."""


CONFIG = "config.cfg"  # of a run, in its folder
NETWORKS = ("generator", "critic", "features")
SETTINGS = ("degradation", "loss", "schedule", "training", "card")
PATHS = ("train", "held_out", "start", "conditions")  # prepared pictures, a run to begin as, topics of attributes


def load(path: str | Path, overrides: Mapping[str, Any] | None = None) -> Config:
    """Read a config, override values, fill in defaults and check it.

    path (str | Path): a file, or the name of one that comes with palate: "restore", "restore_imagenet".
    overrides (Mapping): values by their dotted names, as "training.seed".
    RAISES InputError: P066, no config; ConfigValidationError: what spaCy's configs raise, an unknown key or a wrong type.
    """
    configs = Path(__file__).parents[1] / "configs"
    shipped = configs / f"{path}.cfg"
    source = shipped if shipped.exists() and not Path(path).exists() else path
    try:
        config = Config().from_disk(source, overrides=dict(overrides or {}))
    except FileNotFoundError:
        there = ", ".join(sorted(file.stem for file in configs.glob("*.cfg")))
        raise InputError(Errors.P066.format(path=path, reason=f"no such file; {there} come with palate")) from None
    except (UnicodeDecodeError, IsADirectoryError, configparser.Error) as error:
        raise InputError(Errors.P066.format(path=path, reason=" ".join(str(error).split()))) from None
    return check(config)


def run_at(path: str | Path) -> Path:
    """A run's folder, given it or the folder of runs whose newest is meant. RAISES InputError: P066, neither."""
    path = Path(path)
    runs = sorted((run for run in path.glob("[0-9]*") if (run / CONFIG).is_file()), key=lambda run: int(run.name))
    if not (path / CONFIG).is_file() and not runs:
        raise InputError(Errors.P066.format(path=path / CONFIG, reason="no such file: name the folder of a run"))
    return path if (path / CONFIG).is_file() else runs[-1]


def config_of(run: str | Path, overrides: Mapping[str, Any] | None = None) -> Config:
    """The config of a run. RAISES InputError: P066, and as `load`."""
    return load(run_at(run) / CONFIG, overrides)


def check(config: Config) -> Config:
    """Fill in defaults and check a config's sections, names and types; [vars] may hold values that several sections refer to.

    RAISES ConfigValidationError: something unknown, missing or of another type; RegistryError: an unknown function;
        InputError: P060, a value that cannot be.
    """
    wrong = [(name, "unknown section") for name in config if name not in ("paths", *NETWORKS, *SETTINGS, "vars")]
    wrong += [(name, "missing section") for name in ("paths", *NETWORKS, *SETTINGS) if name not in config]
    for name, path in config.get("paths", {}).items():
        wrong += [(f"paths.{name}", "unknown path")] if name not in PATHS else []
        wrong += [] if path is None or isinstance(path, str) else [(f"paths.{name}", f"{path!r} is not a path")]
    for kind, names in {"networks": NETWORKS, "settings": SETTINGS}.items():
        wrong += [(name, f"missing @{kind}") for name in names if f"@{kind}" not in config.get(name, {f"@{kind}": ""})]
        wrong += [number for name in names if name != "card" for number in _quoted(config.get(name), name)]
    if wrong:
        raise ConfigValidationError(config=config, errors=[{"loc": [name], "msg": message} for name, message in wrong])
    for name in NETWORKS:
        registry.get("networks", config[name]["@networks"])
    filled = registry.fill(config)
    settings_of(filled)
    return Config().from_str(filled.to_str())  # as it is read from a run's folder: lists, where defaults are tuples


def _quoted(value: Any, name: str) -> list[tuple[str, str]]:
    """Numbers in quotes, which pass for numbers and are not turned into them."""
    if isinstance(value, dict | list):
        inner = value.items() if isinstance(value, dict) else enumerate(value)
        return [found for key, one in inner for found in _quoted(one, f"{name}.{key}")]
    try:
        return [(name, f"{value!r} is a text, not a number")] if isinstance(value, str) and [float(value)] else []
    except ValueError:
        return []


def settings_of(config: Config) -> dict[str, Any]:
    """The sections that are settings, made; the networks are not built. RAISES InputError: P060."""
    return registry.resolve({name: config[name] for name in SETTINGS})


def network_of(config: Config, name: str, *, weights: bool = True) -> Any:
    """Build the network of a section; without its pretrained weights where a checkpoint brings them all."""
    section = dict(config[name])
    if not weights and "weights" in section:
        section["weights"] = None
    return registry.resolve({name: section})[name]


def differences(one: Mapping[str, Any], other: Mapping[str, Any], prefix: str = "") -> Sequence[str]:
    """The dotted names of values that differ between two configs."""
    found: list[str] = []
    for key in dict.fromkeys([*one, *other]):
        a, b = one.get(key), other.get(key)
        if isinstance(a, Mapping) and isinstance(b, Mapping):
            found += differences(a, b, f"{prefix}{key}.")
        elif a != b:
            found.append(f"{prefix}{key}")
    return found

"""A training config: spaCy's own format and registries. Each section is checked before anything is built or loaded."""

import configparser
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import catalogue
import confection
from confection import Config, ConfigValidationError

from image_gan.errors import Errors, InputError, one_line
from image_gan.training.degrade import Degradation, HistoryDegradation
from image_gan.training.format_1 import current_config
from image_gan.training.schedule import Schedule, Tier


class registry(confection.registry):
    """`@networks` make generators, critics and features, `@settings` the rest; others add theirs by entry points."""

    networks = catalogue.create("image_gan", "networks", entry_points=True)
    settings = catalogue.create("image_gan", "settings", entry_points=True)


@dataclass(frozen=True)
class Loss:
    """What the generator minimises: weights of the losses.

    pixel (float): of `losses.pixel_loss`.
    content (float): of the content in `losses.feature_loss`.
    style (float): of the style in `losses.feature_loss`.
    adversarial (float): of `losses.adversarial_loss`.
    mesh (float): of `losses.mesh_loss`.
    RAISES InputError: P060, a weight is out of range, or all are 0.
    """

    pixel: float = 1.0
    content: float = 0.0
    style: float = 0.0
    adversarial: float = 0.0
    mesh: float = 0.0

    def __post_init__(self) -> None:
        weights = (self.pixel, self.content, self.style, self.adversarial, self.mesh)
        if not all(0 <= weight < math.inf for weight in weights) or not any(weights):
            raise InputError(Errors.P060.format(what="loss", allowed="weights of 0 or more, not all 0", got=weights))


@dataclass(frozen=True)
class Training:
    """How the networks are trained.

    seed (int): of everything that is drawn.
    generator_learning_rate (float): of Adam, for the generator.
    critic_learning_rate (float): of Adam, for the critic, on another time scale (Heusel et al. 2017, arXiv 1706.08500).
    ema (float): the share of its values that the average of the generator keeps at each step; the average is validated and
        exported.
    precision (str): "bfloat16", "float32", or "auto": bfloat16 if the processor has it.
    validation_split (float): share of the pictures that validate, if paths.validation names no others.
    metric (str): "feature" distance or "psnr", by which the best checkpoint is chosen.
    validate_every (int): steps between two validations, each with a log line, samples and a checkpoint.
    validation_pictures (int): how many validate.
    rotate (bool): rotate pictures by quarters of a turn, which faces are not.
    drawings (float): share of the crops that become drawings of `drawings.draw`.
    plain_patches (float): share of the crops that become patches of plain, often pure colours, which drawings consist of and
        photographs hardly have.
    minutes (float): training ends after so many; 0 for no limit.
    devices (str): "one", "all" (of this machine, MirroredStrategy) or "workers" (machines that TF_CONFIG names,
        MultiWorkerMirroredStrategy).
    RAISES InputError: P060, a value is out of range.
    """

    seed: int = 0
    generator_learning_rate: float = 2e-4
    critic_learning_rate: float = 4e-4
    ema: float = 0.999
    precision: str = "auto"
    validation_split: float = 0.05
    metric: str = "feature"
    validate_every: int = 250
    validation_pictures: int = 24
    rotate: bool = True
    plain_patches: float = 0.0
    drawings: float = 0.0
    minutes: float = 0.0
    devices: str = "one"

    def __post_init__(self) -> None:
        self._check_choice("precision", ("auto", "float32", "bfloat16"))
        self._check_choice("metric", ("feature", "psnr"))
        self._check_choice("devices", ("one", "all", "workers"))
        self._check_range("seed", 0, 2**32 - 1)
        self._check_range("generator_learning_rate", 1e-9, 1)
        self._check_range("critic_learning_rate", 1e-9, 1)
        self._check_range("validate_every", 1)
        self._check_range("validation_pictures", 1)
        self._check_range("plain_patches", 0, 1)
        self._check_range("drawings", 0, 1)
        self._check_range("minutes", 0)
        for name in ("ema", "validation_split"):
            value = getattr(self, name)
            if not 0 < value < 1:
                raise InputError(Errors.P060.format(what=f"training.{name}", allowed="between 0 and 1", got=value))

    def _check_choice(self, name: str, known: tuple[str, ...]) -> None:
        value = getattr(self, name)
        if value not in known:
            raise InputError(Errors.P060.format(what=f"training.{name}", allowed=" or ".join(known), got=value))

    def _check_range(self, name: str, least: float, most: float = math.inf) -> None:
        value = getattr(self, name)
        if not least <= value <= most:
            allowed = f"from {least} to {most}" if most < math.inf else f"{least} or more"
            raise InputError(Errors.P060.format(what=f"training.{name}", allowed=allowed, got=value))


@dataclass(frozen=True)
class Card:
    """What the user says about a model on its card; the rest is known from the training.

    name (str): of the model.
    look (str): "faithful", "crisp" or "photo".
    data (str): what it was trained on.
    terms (str): under which terms its weights may be used.
    credit (str): whose pictures it is trained on, and under which licences.
    limits (str): what it cannot do.
    """

    name: str = "own"
    look: str = ""
    data: str = "the pictures given"
    terms: str = "those of the pictures given"
    credit: str = ""
    limits: str = ""


class Settings(NamedTuple):
    """The sections of a config that are settings."""

    degradation: Degradation | HistoryDegradation
    loss: Loss
    schedule: Schedule
    training: Training
    card: Card


registry.settings("image_gan.Card.v1", func=Card)
registry.settings("image_gan.Degradation.v1", func=Degradation)
registry.settings("image_gan.HistoryDegradation.v1", func=HistoryDegradation)
registry.settings("image_gan.Tier.v1", func=Tier)
registry.settings("image_gan.Schedule.v1", func=Schedule)
registry.settings("image_gan.Loss.v1", func=Loss)
registry.settings("image_gan.Training.v1", func=Training)


@registry.networks("image_gan.UNet.v1")
def make_unet(
    scale: int = 1,
    widths: list[int] = [32, 64, 128],  # noqa: B006
    blocks: list[int] = [2, 2, 4],  # noqa: B006
    encoder: str = "plain",
    weights: str | None = None,
    attention_window: int = 0,
    spectral_norm: bool = True,
    suppress_checkerboard: bool = False,
    noise_level: bool = False,
) -> Any:
    """The generator (`networks.unet.build_unet`)."""
    from image_gan.training.networks.unet import build_unet

    return build_unet(
        scale=scale,
        widths=widths,
        blocks=blocks,
        encoder=encoder,
        weights=weights,
        attention_window=attention_window,
        spectral_norm=spectral_norm,
        suppress_checkerboard=suppress_checkerboard,
        noise_level=noise_level,
    )


@registry.networks("image_gan.Plain.v1")
def make_plain(scale: int = 2, width: int = 32, depth: int = 24) -> Any:
    """The generator of plain convolutions (`networks.plain.build_plain`)."""
    from image_gan.training.networks.plain import build_plain

    return build_plain(scale=scale, width=width, depth=depth)


@registry.networks("image_gan.PatchCritic.v1")
def make_patch_critic(
    widths: list[int] = [32, 64, 128],  # noqa: B006
    attention_window: int = 8,
    conditions: int = 0,
) -> Any:
    """The critic of patches (`networks.critic.patch_critic`)."""
    from image_gan.training.networks.critic import patch_critic

    return patch_critic(widths=widths, attention_window=attention_window, conditions=conditions)


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
    """The generator's own encoder, as it is at the end of its first phase, and frozen from then on."""


CONFIGS = Path(__file__).parents[1] / "configs"  # that ship
NETWORKS = ("generator", "critic", "features")
PATHS = ("train", "validation", "pretrained_run", "conditions")  # pictures twice, a run or a model file, topics


def load(path: str | Path, overrides: Mapping[str, Any] | None = None) -> Config:
    """Read a config, override values, fill in defaults and check it.

    path (str | Path): a file, or the name of one that ships: "gan", "gan_imagenet".
    overrides (Mapping[str, Any] | None): values by their dotted names, such as "training.seed".
    RETURNS (Config): complete.
    RAISES InputError: P066, not a config; P060, a value is out of range. ConfigValidationError, RegistryError: what spaCy's
        configs raise for an unknown key, a wrong type, an unknown function.
    """
    shipped = CONFIGS / f"{path}.cfg"
    source = shipped if shipped.exists() and not Path(path).exists() else Path(path)
    try:
        return check(parse(source.read_text("utf8"), overrides))
    except FileNotFoundError:
        names = ", ".join(sorted(file.stem for file in CONFIGS.glob("*.cfg")))
        raise InputError(Errors.P066.format(path=path, reason=f"no such file; {names} ship with palate")) from None
    except (UnicodeDecodeError, IsADirectoryError, configparser.Error) as error:
        raise InputError(Errors.P066.format(path=path, reason=one_line(error, 500))) from None


def parse(text: str, overrides: Mapping[str, Any] | None = None) -> Config:
    """Parse a config, also one of format 1, without checking it.

    text (str): the content of a config file.
    overrides (Mapping[str, Any] | None): values by their dotted names.
    RAISES ConfigValidationError, configparser.Error: it is not a config.
    """
    config = Config(current_config(Config().from_str(text, interpolate=False)))
    return Config().from_str(config.to_str(interpolate=False), overrides=dict(overrides or {}))


def check(config: Config) -> Config:
    """Fill in defaults and check a config's sections, names and types.

    config (Config): [vars] may hold values that several sections refer to.
    RETURNS (Config): complete, as it would be read from a run's folder.
    RAISES ConfigValidationError: something is unknown, missing or of another type; RegistryError: an unknown function;
        InputError: P060, a value is out of range.
    """
    errors = [*_wrong_sections(config), *_wrong_paths(config), *_wrong_functions(config), *_quoted_numbers(config)]
    if errors:
        details = [{"loc": [name], "msg": message} for name, message in errors]
        raise ConfigValidationError(config=config, errors=details)
    for name in NETWORKS:
        registry.get("networks", config[name]["@networks"])
    filled = registry.fill(config)
    settings_of(filled)
    return Config().from_str(filled.to_str())  # lists, where defaults are tuples


def settings_of(config: Config) -> Settings:
    """Make the sections that are settings; networks are not built. RAISES InputError: P060, a value is out of range."""
    return Settings(**registry.resolve({name: config[name] for name in Settings._fields}))


def network_of(config: Config, name: str, *, pretrained: bool = True) -> Any:
    """Build the network of a section.

    config (Config): with this section.
    name (str): one of `NETWORKS`.
    pretrained (bool): load the weights that it names; False where a checkpoint brings them all.
    RETURNS (keras.Model | None): None for `make_own_encoder`.
    RAISES InputError: P060, P070, P071, P072.
    """
    section = dict(config[name])
    if not pretrained and "weights" in section:
        section["weights"] = None
    return registry.resolve({name: section})[name]


def differences(one: Mapping[str, Any], other: Mapping[str, Any], prefix: str = "") -> list[str]:
    """The dotted names of values that differ between two configs."""
    names: list[str] = []
    for key in dict.fromkeys([*one, *other]):
        a, b = one.get(key), other.get(key)
        if isinstance(a, Mapping) and isinstance(b, Mapping):
            names += differences(a, b, f"{prefix}{key}.")
        elif a != b:
            names.append(f"{prefix}{key}")
    return names


def _wrong_sections(config: Config) -> list[tuple[str, str]]:
    needed = ("paths", *NETWORKS, *Settings._fields)
    unknown = [(name, "unknown section") for name in config if name not in (*needed, "vars")]
    return unknown + [(name, "missing section") for name in needed if name not in config]


def _wrong_paths(config: Config) -> list[tuple[str, str]]:
    errors = []
    for name, path in config.get("paths", {}).items():
        if name not in PATHS:
            errors.append((f"paths.{name}", "unknown path"))
        if path is not None and not isinstance(path, str):
            errors.append((f"paths.{name}", f"{path!r} is not a path"))
    return errors


def _wrong_functions(config: Config) -> list[tuple[str, str]]:
    kinds = dict.fromkeys(NETWORKS, "@networks") | dict.fromkeys(Settings._fields, "@settings")
    return [(name, f"missing {kind}") for name, kind in kinds.items() if name in config and kind not in config[name]]


def _quoted_numbers(config: Config) -> list[tuple[str, str]]:
    sections = [name for name in (*NETWORKS, *Settings._fields) if name != "card"]
    return [error for name in sections for error in _quoted(config.get(name), name)]


def _quoted(value: Any, name: str) -> list[tuple[str, str]]:
    """Numbers in quotes, which pass for numbers and are not converted."""
    if isinstance(value, dict | list):
        inner = value.items() if isinstance(value, dict) else enumerate(value)
        return [error for key, one in inner for error in _quoted(one, f"{name}.{key}")]
    if not isinstance(value, str):
        return []
    try:
        float(value)
    except ValueError:
        return []
    return [(name, f"{value!r} is a text, not a number")]

"""The pictures of a run: each tier's folder is listed and split once, and what does not fit is said before training begins."""

from pathlib import Path
from typing import NamedTuple

import numpy as np
from confection import Config

from image_gan.errors import Errors, InputError
from image_gan.training import conditioning
from image_gan.training.batches import Batches
from image_gan.training.schedule import Phase, Tier
from image_gan.training.settings import settings_of
from image_gan.training.tiers import split_files, tier_files, tier_side


class PictureFiles(NamedTuple):
    """Which prepared pictures a run has.

    training (dict[str, list[Path]]): those of each tier that are trained on.
    validation (list[Path]): those of the last tier that validate.
    sides (dict[str, int]): the shorter side of a picture in each tier.
    """

    training: dict[str, list[Path]]
    validation: list[Path]
    sides: dict[str, int]


def list_pictures(config: Config) -> PictureFiles:
    """List the folders of a config's tiers, and split them.

    config (Config): complete.
    RAISES InputError: P061, P062, there are no prepared pictures; P060, none are left for training or for validation.
    """
    sections, paths = settings_of(config), config["paths"]
    tiers, share = list(sections.schedule.tiers), sections.training.validation_split
    train, separate = paths.get("train"), paths.get("validation")
    if not train:
        raise InputError(Errors.P061.format(folder="nothing (--paths.train is not given)"))
    sides = {tier: tier_side(train, tier) for tier in tiers}
    files = {tier: tier_files(train, tier) for tier in tiers}
    if separate:
        return PictureFiles(files, tier_files(separate, tiers[-1]), sides)
    training, validation = {}, {}
    for tier in tiers:
        training[tier], validation[tier] = split_files(files[tier], Path(train) / tier, share)
        if not training[tier] or (tier == tiers[-1] and not validation[tier]):
            allowed = f"such that of the {len(files[tier])} pictures of tier {tier} some validate and some train"
            raise InputError(Errors.P060.format(what="training.validation_split", allowed=allowed, got=share))
    return PictureFiles(training, validation[tiers[-1]], sides)


class TrainingData:
    """Batches for training, tier by tier, and the pictures that validate.

    config (Config): complete.
    files (PictureFiles): of `list_pictures`.
    scale (int): of the generator.
    size_multiple (int): sides of targets must be multiples of it, for generator and critic.
    critic_conditions (int): how many conditions the critic takes.
    parts (int): into how many parts a batch is divided.
    noise_level (bool): whether the generator is told the level of noise.
    RAISES InputError: P060, P064, P065, the pictures, their conditions and the settings do not fit together.
    """

    def __init__(
        self,
        config: Config,
        files: PictureFiles,
        *,
        scale: int,
        size_multiple: int,
        critic_conditions: int,
        parts: int,
        noise_level: bool = False,
    ) -> None:
        sections = settings_of(config)
        self._noise_level = noise_level
        self._training, self._degradation, self._scale = sections.training, sections.degradation, scale
        self._tiers, self._files = sections.schedule.tiers, files
        self._conditions = _read_conditions(config["paths"].get("conditions"), critic_conditions)
        self._current: tuple[str, Batches] | None = None
        for name, tier in self._tiers.items():
            _check_sizes(name, tier, size_multiple, parts)
            self._batches(name, files.training[name]).fixed(1)  # fails if the first picture is too small
        self._validation = self._batches(name, files.validation, with_conditions=False)

    def batches(self, tier: str) -> Batches:
        """The batches of a tier; those of the tier before are let go, with the pictures that they keep in memory."""
        if self._current is None or self._current[0] != tier:
            self._current = tier, self._batches(tier, self._files.training[tier])
        return self._current[1]

    def validation(self) -> list[np.ndarray]:
        """The pictures that validate, degraded and target, of the last tier."""
        return self._validation.fixed(self._training.validation_pictures)

    def coarse(self, phase: Phase) -> float:
        """How many times smaller the pictures of the tier before are."""
        before = list(self._tiers)[max(0, phase.level - 1)]
        return self._files.sides[phase.tier] / self._files.sides[before]

    def _batches(self, tier: str, files: list[Path], *, with_conditions: bool = True) -> Batches:
        return Batches(
            files,
            crop=self._tiers[tier].crop,
            batch=self._tiers[tier].batch,
            scale=self._scale,
            degradation=self._degradation,
            seed=self._training.seed,
            rotate=self._training.rotate,
            plain_patches=self._training.plain_patches,
            drawings=self._training.drawings,
            noise_level=self._noise_level,
            conditions=self._conditions if with_conditions else None,
        )


def _read_conditions(path: str | None, wanted: int) -> dict[str, np.ndarray] | None:
    conditions = conditioning.load_conditions(path) if path else None
    length = conditions.vectors.shape[1] if conditions else 0
    if wanted != length:
        what = "critic.conditions" + ("" if conditions else ", where paths.conditions names no file,")
        raise InputError(Errors.P060.format(what=what, allowed=length, got=wanted))
    return conditions.by_name() if conditions else None


def _check_sizes(name: str, tier: Tier, size_multiple: int, parts: int) -> None:
    if tier.crop % size_multiple:
        allowed = f"a multiple of {size_multiple}, for these networks"
        raise InputError(Errors.P060.format(what=f"schedule.{name}.crop", allowed=allowed, got=tier.crop))
    if tier.batch % parts:
        allowed = f"a multiple of the {parts} devices"
        raise InputError(Errors.P060.format(what=f"schedule.{name}.batch", allowed=allowed, got=tier.batch))

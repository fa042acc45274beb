"""The pictures of a run: each tier's folder is listed and split once, and what does not fit is said before training begins."""

from pathlib import Path

import numpy as np
from confection import Config

from image_gan.errors import Errors, InputError
from image_gan.training import conditioning
from image_gan.training.batches import Batches
from image_gan.training.schedule import Phase, Tier
from image_gan.training.settings import settings_of
from image_gan.training.tiers import split_files, tier_files, tier_side


class TrainingData:
    """Batches for training, tier by tier, and the pictures that validate.

    config (Config): complete.
    scale (int): of the generator.
    size_multiple (int): sides of targets must be multiples of it, for generator and critic.
    critic_conditions (int): how many conditions the critic takes.
    parts (int): into how many parts a batch is divided.
    RAISES InputError: P060 to P065, the pictures, their conditions and the settings do not fit together.
    """

    def __init__(self, config: Config, *, scale: int, size_multiple: int, critic_conditions: int, parts: int) -> None:
        made, paths = settings_of(config), config["paths"]
        self._training, self._degradation, self._scale = made.training, made.degradation, scale
        self._tiers = made.schedule.tiers
        self._conditions = _read_conditions(paths.get("conditions"), critic_conditions)
        self._current: tuple[str, Batches] | None = None
        train, validation = paths.get("train"), paths.get("validation")
        if not train:
            raise InputError(Errors.P061.format(folder="nothing (--paths.train is not given)"))
        self._files: dict[str, list[Path]] = {}
        self._sides: dict[str, int] = {}
        for name, tier in self._tiers.items():
            _check_sizes(name, tier, size_multiple, parts)
            self._files[name], validating = self._split(train, name, split=not validation)
            self._batches(name, self._files[name]).fixed(1)  # fails if the first picture is too small
            self._sides[name] = tier_side(train, name)
        last = list(self._tiers)[-1]
        if validation:
            validating = tier_files(validation, last)
        elif not validating:
            raise self._bad_split(last, len(self._files[last]))
        self._validation = self._batches(last, validating, with_conditions=False)

    def batches(self, tier: str) -> Batches:
        """The batches of a tier; those of the tier before are let go, with the pictures that they keep in memory."""
        if self._current is None or self._current[0] != tier:
            self._current = tier, self._batches(tier, self._files[tier])
        return self._current[1]

    def validation(self) -> list[np.ndarray]:
        """The pictures that validate, degraded and target, of the last tier."""
        return self._validation.fixed(self._training.validation_pictures)

    def coarse(self, phase: Phase) -> float:
        """How many times smaller the pictures of the tier before are."""
        before = list(self._tiers)[max(0, phase.level - 1)]
        return self._sides[phase.tier] / self._sides[before]

    def _split(self, train: str, tier: str, *, split: bool) -> tuple[list[Path], list[Path]]:
        files = tier_files(train, tier)
        if not split:
            return files, []
        training, validating = split_files(files, Path(train) / tier, self._training.validation_split)
        if not training:
            raise self._bad_split(tier, len(files))
        return training, validating

    def _bad_split(self, tier: str, count: int) -> InputError:
        allowed = f"such that of the {count} pictures of tier {tier} some validate and some train"
        got = self._training.validation_split
        return InputError(Errors.P060.format(what="training.validation_split", allowed=allowed, got=got))

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

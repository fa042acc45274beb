"""Tiers times phases: what is trained when, at which rates."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from image_gan.errors import Errors, InputError

PHASES = ("generator", "critic", "adversarial")


@dataclass(frozen=True)
class Tier:
    """One resolution: side of the crops, pictures a step, and the steps of each phase, 0 to leave it out."""

    crop: int
    batch: int = 16
    generator: int = 0
    critic: int = 0
    adversarial: int = 0

    def __post_init__(self) -> None:
        """RAISES InputError: P060."""
        for name, least in {"crop": 4, "batch": 1, "generator": 0, "critic": 0, "adversarial": 0}.items():
            if getattr(self, name) < least:
                raise InputError(
                    Errors.P060.format(what=f"a tier's {name}", allowed=f"{least} or more", got=getattr(self, name))
                )


class Phase(NamedTuple):
    """What is trained for some steps: the tier's name and place, the phase's name, and the tier itself."""

    tier: str
    level: int
    name: str
    steps: int
    settings: Tier
    grown: bool  # the first phase of a tier after another one: the new resolution is blended in


@dataclass(frozen=True)
class Schedule:
    """Tiers low, medium and high, one left out by null; in each the phases generator, critic, adversarial.

    *generator*: the generator alone, on pixels and features. *critic*: the critic alone, on what the generator makes.
    *adversarial*: both; in a step in which the critic's running accuracy is below `lead`, the critic learns alone.

    low, medium, high (Tier | None): the tiers. lead (float): see above. blend (float): share of a tier's first phase over which
    its resolution is blended in. growth (float): what the rates are multiplied by when a tier grows. warmup (int): steps over
    which the rates of a phase rise. decay (float): what is left of them at its end, along a cosine.
    patience (int): looks after which a phase ends whose judged figure has not got better; 0: it never ends early.
    """

    low: Tier | None = None
    medium: Tier | None = None
    high: Tier | None = None
    lead: float = 0.55
    blend: float = 0.3
    growth: float = 0.7
    warmup: int = 50
    decay: float = 0.05
    patience: int = 0

    def __post_init__(self) -> None:
        """RAISES InputError: P060."""
        for name, most in {"lead": 1, "blend": 1, "growth": 1, "decay": 1}.items():
            if not 0 <= getattr(self, name) <= most:
                raise InputError(Errors.P060.format(what=f"schedule.{name}", allowed="from 0 to 1", got=getattr(self, name)))
        if self.warmup < 0 or self.patience < 0:
            got = f"{self.warmup} and {self.patience}"
            raise InputError(Errors.P060.format(what="schedule.warmup and patience", allowed="0 or more", got=got))
        if not self.phases():
            raise InputError(Errors.P060.format(what="schedule", allowed="a tier with a phase of 1 step or more", got="none"))

    @property
    def tiers(self) -> dict[str, Tier]:
        """The tiers that are there, from low to high."""
        return {name: tier for name in ("low", "medium", "high") if (tier := getattr(self, name)) is not None}

    def phases(self) -> list[Phase]:
        """All phases in their order."""
        return list(self._phases())

    def _phases(self) -> Iterator[Phase]:
        for level, (tier, settings) in enumerate(self.tiers.items()):
            first = True
            for name in PHASES:
                if steps := getattr(settings, name):
                    yield Phase(tier, level, name, steps, settings, first and level > 0)
                    first = False

    def blended(self, phase: Phase, step: int) -> float:
        """How much of a tier's own detail the pictures have at a step of a phase, 0 to 1."""
        ramp = self.blend * phase.steps
        return min(1.0, (step + 1) / ramp) if phase.grown and ramp >= 1 else 1.0

    def rate(self, phase: Phase, step: int) -> float:
        """What the optimisers' rates are multiplied by at a step of a phase."""
        rise = min(1.0, (step + 1) / self.warmup) if self.warmup else 1.0
        fall = self.decay + (1 - self.decay) * (1 + math.cos(math.pi * min(1.0, step / phase.steps))) / 2
        return rise * fall * self.growth**phase.level

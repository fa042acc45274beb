"""Tiers times phases: what is trained when, and at which learning rates."""

import math
from dataclasses import dataclass
from typing import NamedTuple

from image_gan.errors import Errors, InputError

PHASES = ("generator", "critic", "adversarial")


@dataclass(frozen=True)
class Tier:
    """One resolution.

    crop (int): side of the crops, in pixels.
    batch (int): pictures per step.
    generator (int): steps of the phase "generator", 0 to leave it out.
    critic (int): steps of the phase "critic".
    adversarial (int): steps of the phase "adversarial".
    RAISES InputError: P060, a number is too small.
    """

    crop: int
    batch: int = 16
    generator: int = 0
    critic: int = 0
    adversarial: int = 0

    def __post_init__(self) -> None:
        for name, least in {"crop": 4, "batch": 1, "generator": 0, "critic": 0, "adversarial": 0}.items():
            value = getattr(self, name)
            if value < least:
                raise InputError(Errors.P060.format(what=f"a tier's {name}", allowed=f"{least} or more", got=value))


class Phase(NamedTuple):
    """A part of a training.

    tier (str): the tier's name.
    level (int): its place among the tiers, from 0.
    name (str): "generator", "critic" or "adversarial".
    steps (int): how many.
    settings (Tier): the tier.
    fades_in (bool): whether it is the first phase of a tier after another one, in which the new resolution is faded in.
    """

    tier: str
    level: int
    name: str
    steps: int
    settings: Tier
    fades_in: bool


@dataclass(frozen=True)
class Schedule:
    """Tiers low, medium and high, of which null leaves one out; in each the phases generator, critic, adversarial.

    In *generator* only the generator is trained, on pixels and features. In *critic* only the critic is trained, on outputs
    of the generator. In *adversarial* both are trained; but only the critic in a step in which its running accuracy is below
    `critic_accuracy`.

    low (Tier | None): the first tier.
    medium (Tier | None): the second tier.
    high (Tier | None): the third tier.
    critic_accuracy (float): see above.
    fade_in (float): share of a tier's first phase over which its resolution is faded in.
    tier_rate_factor (float): what the learning rates are multiplied by at each further tier.
    warmup_steps (int): steps over which the learning rates of a phase rise.
    final_rate_factor (float): what is left of them at the end of a phase, along a cosine.
    patience (int): validations without a better metric after which a phase ends; 0: it never ends early.
    RAISES InputError: P060, a value is out of range, or there is no phase.
    """

    low: Tier | None = None
    medium: Tier | None = None
    high: Tier | None = None
    critic_accuracy: float = 0.55
    fade_in: float = 0.3
    tier_rate_factor: float = 0.7
    warmup_steps: int = 50
    final_rate_factor: float = 0.05
    patience: int = 0

    def __post_init__(self) -> None:
        for name in ("critic_accuracy", "fade_in", "tier_rate_factor", "final_rate_factor"):
            value = getattr(self, name)
            if not 0 <= value <= 1:
                raise InputError(Errors.P060.format(what=f"schedule.{name}", allowed="from 0 to 1", got=value))
        for name in ("warmup_steps", "patience"):
            value = getattr(self, name)
            if value < 0:
                raise InputError(Errors.P060.format(what=f"schedule.{name}", allowed="0 or more", got=value))
        if not self.phases():
            allowed = "at least one tier with a phase of 1 step or more"
            raise InputError(Errors.P060.format(what="schedule", allowed=allowed, got="none"))

    @property
    def tiers(self) -> dict[str, Tier]:
        """The tiers that are not left out, from low to high."""
        tiers = {"low": self.low, "medium": self.medium, "high": self.high}
        return {name: tier for name, tier in tiers.items() if tier is not None}

    def phases(self) -> list[Phase]:
        """All phases in their order."""
        phases = []
        for level, (tier, settings) in enumerate(self.tiers.items()):
            names = [name for name in PHASES if getattr(settings, name)]
            for name in names:
                fades_in = level > 0 and name == names[0]
                phases.append(Phase(tier, level, name, getattr(settings, name), settings, fades_in))
        return phases

    def detail(self, phase: Phase, step: int) -> float:
        """How much of a tier's own detail the pictures have at a step of a phase, above 0 and up to 1."""
        ramp = self.fade_in * phase.steps
        return min(1.0, (step + 1) / ramp) if phase.fades_in and ramp >= 1 else 1.0

    def rate_factor(self, phase: Phase, step: int) -> float:
        """What the learning rates are multiplied by at a step of a phase."""
        rise = min(1.0, (step + 1) / self.warmup_steps) if self.warmup_steps else 1.0
        cosine = (1 + math.cos(math.pi * min(1.0, step / phase.steps))) / 2
        fall = self.final_rate_factor + (1 - self.final_rate_factor) * cosine
        return rise * fall * self.tier_rate_factor**phase.level

"""Where a training stands."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from image_gan.training.format_1 import current_state


@dataclass
class TrainingState:
    """Where a training stands: all of it that is not in variables. A checkpoint holds it as JSON.

    phase (int): the number of the phase in the schedule, from 0.
    phase_step (int): steps done in this phase.
    total_steps (int): steps done in all phases.
    pictures_seen (int): pictures in these steps.
    seconds (float): of training, without validation.
    critic_accuracy (float): a running mean of the share of positions where the critic is right.
    restores (int): how often the last checkpoint was restored because gradients were not finite.
    features_ready (bool): whether there is a network to compare features; a generator's own encoder is one after its first
        phase.
    stale_validations (int): validations in this phase since the metric was last the best.
    best (dict[str, Any] | None): the log line of the best validation.
    """

    phase: int = 0
    phase_step: int = 0
    total_steps: int = 0
    pictures_seen: int = 0
    seconds: float = 0.0
    critic_accuracy: float = 0.5
    restores: int = 0
    features_ready: bool = False
    stale_validations: int = 0
    best: dict[str, Any] | None = None

    @classmethod
    def from_entries(cls, entries: Mapping[str, Any]) -> "TrainingState":
        """Take it out of a checkpoint, also of one of format 1."""
        current = current_state(entries)
        return cls(**{one.name: current[one.name] for one in fields(cls) if one.name in current})

    def entries(self) -> dict[str, Any]:
        """The state as a checkpoint holds it."""
        return asdict(self)

    def count_step(self, pictures: int) -> None:
        """Count a step of training."""
        self.phase_step += 1
        self.total_steps += 1
        self.pictures_seen += pictures

    def end_phase(self) -> None:
        """Go on to the next phase of the schedule."""
        self.phase += 1
        self.phase_step = 0
        self.stale_validations = 0

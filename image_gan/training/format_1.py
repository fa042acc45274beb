"""Names that configs, checkpoints and logs of format 1 have, and what they are called now: one table for each.

Whoever reads such a file translates it once, as it is read; nothing else knows the old names. (Cards: `enhance.models`.)
"""

from collections.abc import Mapping
from typing import Any

# Configs: by the registered function of a section, or by the section's name.
CONFIG_KEYS = {
    "paths": {"held_out": "validation", "start": "pretrained_run"},
    "image_gan.UNet.v1": {
        "attention": "attention_window",
        "spectral": "spectral_norm",
        "levelled": "suppress_checkerboard",
    },
    "image_gan.PatchCritic.v1": {"attention": "attention_window"},
    "image_gan.Degradation.v1": {
        "grey": "grey_probability",
        "clean": "identity_probability",
        "alone": "single_probability",
        "resized": "resize",
    },
    "image_gan.Schedule.v1": {
        "lead": "critic_accuracy",
        "blend": "fade_in",
        "growth": "tier_rate_factor",
        "warmup": "warmup_steps",
        "decay": "final_rate_factor",
    },
    "image_gan.Training.v1": {
        "generator_rate": "generator_learning_rate",
        "critic_rate": "critic_learning_rate",
        "held_out": "validation_split",
        "judge": "metric",
        "look": "validate_every",
        "pictures": "validation_pictures",
        "turn": "rotate",
        "flat": "plain_patches",
    },
}
STATE_KEYS = {
    "step": "phase_step",
    "total": "total_steps",
    "seen": "pictures_seen",
    "accuracy": "critic_accuracy",
    "featured": "features_ready",
    "stale": "stale_validations",
}
LOG_KEYS = {
    "total": "total_steps",
    "seen": "pictures_seen",
    "judged": "metric",
    "accuracy": "critic_accuracy",
    "waiting": "waiting_for_data",
    "waits": "generator_waits",
}


def current_config(config: Mapping[str, Any]) -> dict[str, Any]:
    """A config whose keys have their present names; a key that a section has under both names stays, to be refused."""
    return {name: _current_section(name, section) for name, section in config.items()}


def current_state(entries: Mapping[str, Any]) -> dict[str, Any]:
    """The state of a checkpoint, with present names; the best log line in it, too."""
    state = _renamed(entries, STATE_KEYS)
    if state.get("best"):
        state["best"] = current_log_line(state["best"])
    return state


def current_log_line(line: Mapping[str, Any]) -> dict[str, Any]:
    """A line of a log, with present names."""
    return _renamed(line, LOG_KEYS)


def _current_section(name: str, section: Any) -> Any:
    if not isinstance(section, Mapping):
        return section
    function = next((value for key, value in section.items() if key.startswith("@")), name)
    keys = CONFIG_KEYS.get(function, {})
    return {key: _current_section(key, value) for key, value in _renamed(section, keys).items()}


def _renamed(entries: Mapping[str, Any], keys: Mapping[str, str]) -> dict[str, Any]:
    return {key if keys.get(key, key) in entries else keys.get(key, key): value for key, value in entries.items()}

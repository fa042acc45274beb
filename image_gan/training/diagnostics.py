"""What a log says, in words, about the four troubles of GANs that the talk names."""

from collections.abc import Mapping, Sequence
from typing import Any

_BACK = 4  # validations that are looked back at
_TOO_ACCURATE = 0.97  # of a critic: it is far ahead of the generator


def remarks(lines: Sequence[Mapping[str, Any]]) -> list[str]:
    """Say what is wrong at the last of a log's lines, if anything.

    lines (Sequence[Mapping[str, Any]]): log lines of one phase, in order (`log.TrainingLog`).
    RETURNS (list[str]): a sentence for each trouble that shows.
    """
    now, recent = lines[-1], lines[-1 - _BACK :]
    found = []
    if now.get("skipped"):
        steps = "1 step" if now["skipped"] == 1 else f"{now['skipped']} steps"
        found.append(f"{steps} without a finite gradient skipped: lower the learning rates if it goes on")
    if now["phase"] == "adversarial":
        found += _balance(now, recent)
    if len(recent) > _BACK and now["phase"] != "critic":  # which leaves the generator as it is
        found += _overfitting(recent) + _convergence(now, recent)
    return found


def _balance(now: Mapping[str, Any], recent: Sequence[Mapping[str, Any]]) -> list[str]:
    accuracy, norm = now.get("critic_accuracy", 0.5), now.get("generator_norm")
    largest = max(line.get("generator_norm", 0.0) for line in recent)
    if accuracy > _TOO_ACCURATE and norm is not None and norm < 0.2 * largest:
        gradient = f"the critic is right at {accuracy:.0%}, and the generator's gradient is {norm / largest:.0%} of what it was"
        return [f"diminished gradient: {gradient}: it learns little; lower training.critic_learning_rate"]
    if accuracy > _TOO_ACCURATE:
        advice = "lower training.critic_learning_rate, or make the generator larger"
        return [f"out of balance: the critic is right at {accuracy:.0%}; {advice}"]
    if now.get("generator_waits", 0) > 0.5:
        advice = "raise training.critic_learning_rate"
        return [f"out of balance: the critic is right at {accuracy:.0%} only, and the generator waits; {advice}"]
    return []


def _overfitting(recent: Sequence[Mapping[str, Any]]) -> list[str]:
    if not all(key in line for line in recent for key in ("pixel", "psnr")):
        return []
    first, last = recent[0], recent[-1]
    if last["pixel"] < first["pixel"] and last["psnr"] < first["psnr"] - 0.1:
        return ["overfitting: training pictures get better and validation pictures get worse; give more pictures"]
    return []


def _convergence(now: Mapping[str, Any], recent: Sequence[Mapping[str, Any]]) -> list[str]:
    # Before there are features, the metric is PSNR.
    metrics = [line["metric"] for line in recent if ("distance" in line) == ("distance" in now)]
    if len(metrics) <= _BACK:
        return []
    found = []
    first, last = metrics[0], metrics[-1]
    if max(metrics[1:]) <= first:
        found.append(f"no convergence: the metric has not improved for {_BACK} validations")
    if max(metrics) - min(metrics) > 3 * abs(last - first) + 0.05 * abs(first):
        found.append("unsteady: the metric jumps up and down; lower the learning rates or raise the batch size")
    return found

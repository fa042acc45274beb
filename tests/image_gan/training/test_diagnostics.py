import re

import pytest

from image_gan.training.diagnostics import remarks


def line(phase="adversarial", **more):
    """As the trainer writes it, of a validation at which all is well."""
    figures = {
        "psnr": 30.0,
        "distance": 0.2,
        "pixel": 0.04,
        "generator_norm": 0.1,
        "critic_norm": 0.3,
        "critic_accuracy": 0.7,
        "generator_waits": 0.1,
    }
    found = {
        "total_steps": 300,
        "pictures_seen": 4800,
        "restores": 0,
        "seconds": 80.1,
        "tier": "low",
        "phase": phase,
        **figures,
        "skipped": 0,
    }
    if phase == "generator":
        found = {
            name: value for name, value in found.items() if name not in ("critic_norm", "critic_accuracy", "generator_waits")
        }
    found |= more
    return {"metric": -found["distance"] if "distance" in found else found["psnr"], **found}


def steady(validations=6, **more):
    """Validations at which the figures get better by and by."""
    return [
        line(distance=0.2 - 0.01 * look, psnr=30 + 0.1 * look, pixel=0.04 - 0.002 * look, **more) for look in range(validations)
    ]


@pytest.mark.parametrize("phase", ["generator", "critic", "adversarial"])
def test_nothing_is_said_where_all_is_well(phase):
    lines = steady(phase=phase)
    assert all(remarks(lines[:look]) == [] for look in range(1, 7))


LOGS = [
    # the last lines, what is said of them
    (
        [line(critic_accuracy=0.99, generator_norm=0.4), line(critic_accuracy=0.99, generator_norm=0.05)],
        "diminished gradient: .* 99%, .* 12% of",
    ),
    (
        [line(critic_accuracy=0.98, generator_norm=0.1)],
        "out of balance: the critic is right at 98%; lower training.critic_learning_rate",
    ),
    ([line(critic_accuracy=0.99, generator_norm=0.0)], "out of balance: the critic is right at 99%"),
    (
        [line(critic_accuracy=0.99, generator_norm=0.3), line(critic_accuracy=0.99, generator_norm=0.0)],
        "diminished gradient: .* is 0% of",
    ),
    (
        [line(critic_accuracy=0.5, generator_waits=1.0)],
        "out of balance: the critic is right at 50% only, and the generator waits; raise training.critic_learning_rate",
    ),
    ([line(skipped=3)], "3 steps without a finite gradient skipped"),
    ([line("generator", skipped=1)], "1 step without a finite"),
    (
        [line(pixel=0.04 - 0.004 * look, psnr=30 - 0.1 * look, distance=0.2 - 0.01 * look) for look in range(5)],
        "overfitting: .* give more pictures",
    ),
    ([line(distance=0.2 + 0.001 * look) for look in range(5)], "no convergence: the metric has not improved for 4 validations"),
    ([line(distance=0.2 + 0.001 * look, phase="generator") for look in range(7)], "no convergence"),
    (
        [line(distance=distance) for distance in (0.2, 0.12, 0.21, 0.13, 0.19)],
        "unsteady: the metric jumps up and down",
    ),
]


@pytest.mark.parametrize(("lines", "said"), LOGS)
def test_each_trouble_in_words(lines, said):
    found = remarks(lines)
    assert len(found) == 1
    assert re.match(said, found[0])


def test_the_critics_phase_leaves_the_generator_as_it_is():
    assert remarks([line("critic", generator_waits=0) for _ in range(7)]) == []


def test_metrics_by_psnr_are_not_compared_with_distances():
    """The first phase of a generator whose own encoder compares features ends with the first distance."""
    before = [line("generator", psnr=30 + 0.1 * look, pixel=0.04 - 0.002 * look) for look in range(5)]
    for one in before:
        del one["distance"]
        one["metric"] = one["psnr"]
    assert remarks(before) == []
    assert remarks([*before, line("generator", psnr=30.5, pixel=0.02)]) == []
    assert any("no convergence" in remark for remark in remarks(before[::-1]))


def test_figures_that_are_not_finite_are_left_out_of_a_line():
    bare = {
        name: value for name, value in line(skipped=9).items() if name not in ("generator_norm", "critic_accuracy", "pixel")
    }
    assert len(remarks([bare] * 7)) == 2  # nor does it get better

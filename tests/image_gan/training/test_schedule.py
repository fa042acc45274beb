import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpora.errors import InputError
from image_gan.training.schedule import Schedule, Tier

LOW, HIGH = Tier(16, 8, generator=100, critic=10, adversarial=50), Tier(32, 4, critic=20, adversarial=60)


def test_tiers_times_phases():
    phases = Schedule(low=LOW, high=HIGH).phases()
    assert [(p.tier, p.level, p.name, p.steps, p.fades_in) for p in phases] == [
        ("low", 0, "generator", 100, False),
        ("low", 0, "critic", 10, False),
        ("low", 0, "adversarial", 50, False),
        ("high", 1, "critic", 20, True),
        ("high", 1, "adversarial", 60, False),
    ]
    assert [p.settings for p in phases] == [LOW] * 3 + [HIGH] * 2
    assert list(Schedule(high=HIGH, medium=LOW).tiers) == ["medium", "high"]  # whatever the order they are given in
    assert not Schedule(high=HIGH).phases()[0].fades_in


def test_a_new_resolution_is_blended_in():
    """Over a share of the first phase of a tier that follows another one, up to all of it, and never from nothing."""
    schedule = Schedule(low=LOW, high=HIGH, fade_in=0.5)
    first, second = schedule.phases()[3:]
    assert [schedule.detail(first, step) for step in (0, 4, 9, 10, 19)] == [0.1, 0.5, 1, 1, 1]
    assert schedule.detail(second, 0) == schedule.detail(schedule.phases()[0], 0) == 1
    assert Schedule(low=LOW, high=HIGH, fade_in=0).detail(first, 0) == 1
    assert Schedule(low=LOW, high=HIGH, fade_in=1).detail(first, 9) == 0.5


def test_rates_rise_and_fall_in_each_phase_and_are_lower_in_a_higher_tier():
    schedule = Schedule(low=LOW, high=HIGH, warmup_steps=10, final_rate_factor=0.1, tier_rate_factor=0.5)
    first, last = schedule.phases()[0], schedule.phases()[-1]
    rates = [schedule.rate_factor(first, step) for step in range(100)]
    assert rates[0] == pytest.approx(0.1)
    assert rates[:10] == sorted(rates[:10])
    assert rates[10:] == sorted(rates[10:], reverse=True)
    assert max(rates) == pytest.approx(1, abs=0.03)
    assert rates[50] == pytest.approx((1 + 0.1) / 2)
    assert schedule.rate_factor(first, 100) == pytest.approx(0.1)
    assert schedule.rate_factor(last, 30) == pytest.approx(0.5 * (1 + 0.1) / 2)
    assert Schedule(low=LOW, warmup_steps=0, final_rate_factor=1).rate_factor(first, 0) == 1


@given(st.integers(1, 300), st.floats(0, 1), st.floats(0, 1), st.floats(0, 1), st.integers(0, 400), st.data())
def test_rates_and_blends_are_shares(steps, blend, growth, decay, warmup, data):
    schedule = Schedule(
        low=Tier(8, generator=1),
        high=Tier(8, adversarial=steps),
        fade_in=blend,
        tier_rate_factor=growth,
        final_rate_factor=decay,
        warmup_steps=warmup,
    )
    phase, step = schedule.phases()[-1], data.draw(st.integers(0, steps - 1))
    assert 0 <= schedule.rate_factor(phase, step) <= growth + 1e-12
    assert 0 < schedule.detail(phase, step) <= 1
    assert schedule.detail(phase, steps - 1) == 1


WRONG = [
    ("critic_accuracy", -0.1, "schedule.critic_accuracy must be from 0 to 1. Received: -0.1"),
    ("fade_in", 1.5, "schedule.fade_in must"),
    ("tier_rate_factor", float("nan"), "schedule.tier_rate_factor must"),
    ("final_rate_factor", 2, "schedule.final_rate_factor must"),
    ("warmup_steps", -1, "schedule.warmup_steps must be 0 or more. Received: -1"),
    ("patience", -1, "schedule.patience must be 0 or more. Received: -1"),
    ("low", None, "schedule must be at least one tier with a phase of 1 step or more"),
    ("low", Tier(16), "schedule must be at least one tier with"),
]


@pytest.mark.parametrize(("name", "value", "message"), WRONG)
def test_values_that_cannot_be(name, value, message):
    with pytest.raises(InputError, match=rf"^\[P060\] {message}"):
        Schedule(**{"low": LOW, name: value})


@pytest.mark.parametrize(("name", "value"), [("crop", 3), ("batch", 0), ("generator", -1), ("critic", -1), ("adversarial", -5)])
def test_tiers_that_cannot_be(name, value):
    with pytest.raises(InputError, match=rf"^\[P060\] a tier's {name} must be \d or more. Received: {value}"):
        Tier(**{"crop": 16, name: value})

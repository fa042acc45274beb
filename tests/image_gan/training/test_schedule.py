import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpora.errors import InputError
from image_gan.training.schedule import Schedule, Tier

LOW, HIGH = Tier(16, 8, generator=100, critic=10, adversarial=50), Tier(32, 4, critic=20, adversarial=60)


def test_tiers_times_phases():
    phases = Schedule(low=LOW, high=HIGH).phases()
    assert [(p.tier, p.level, p.name, p.steps, p.grown) for p in phases] == [
        ("low", 0, "generator", 100, False),
        ("low", 0, "critic", 10, False),
        ("low", 0, "adversarial", 50, False),
        ("high", 1, "critic", 20, True),
        ("high", 1, "adversarial", 60, False),
    ]
    assert [p.settings for p in phases] == [LOW] * 3 + [HIGH] * 2
    assert list(Schedule(high=HIGH, medium=LOW).tiers) == ["medium", "high"]  # whatever the order they are given in
    assert not Schedule(high=HIGH).phases()[0].grown


def test_a_new_resolution_is_blended_in():
    """Over a share of the first phase of a tier that follows another one, up to all of it, and never from nothing."""
    schedule = Schedule(low=LOW, high=HIGH, blend=0.5)
    first, second = schedule.phases()[3:]
    assert [schedule.blended(first, step) for step in (0, 4, 9, 10, 19)] == [0.1, 0.5, 1, 1, 1]
    assert schedule.blended(second, 0) == schedule.blended(schedule.phases()[0], 0) == 1
    assert Schedule(low=LOW, high=HIGH, blend=0).blended(first, 0) == 1
    assert Schedule(low=LOW, high=HIGH, blend=1).blended(first, 9) == 0.5


def test_rates_rise_and_fall_in_each_phase_and_are_lower_in_a_higher_tier():
    schedule = Schedule(low=LOW, high=HIGH, warmup=10, decay=0.1, growth=0.5)
    first, last = schedule.phases()[0], schedule.phases()[-1]
    rates = [schedule.rate(first, step) for step in range(100)]
    assert rates[0] == pytest.approx(0.1)
    assert rates[:10] == sorted(rates[:10])
    assert rates[10:] == sorted(rates[10:], reverse=True)
    assert max(rates) == pytest.approx(1, abs=0.03)
    assert rates[50] == pytest.approx((1 + 0.1) / 2)
    assert schedule.rate(first, 100) == pytest.approx(0.1)
    assert schedule.rate(last, 30) == pytest.approx(0.5 * (1 + 0.1) / 2)
    assert Schedule(low=LOW, warmup=0, decay=1).rate(first, 0) == 1


@given(st.integers(1, 300), st.floats(0, 1), st.floats(0, 1), st.floats(0, 1), st.integers(0, 400), st.data())
def test_rates_and_blends_are_shares(steps, blend, growth, decay, warmup, data):
    schedule = Schedule(
        low=Tier(8, generator=1), high=Tier(8, adversarial=steps), blend=blend, growth=growth, decay=decay, warmup=warmup
    )
    phase, step = schedule.phases()[-1], data.draw(st.integers(0, steps - 1))
    assert 0 <= schedule.rate(phase, step) <= growth + 1e-12
    assert 0 < schedule.blended(phase, step) <= 1
    assert schedule.blended(phase, steps - 1) == 1


WRONG = [
    ("lead", -0.1, "schedule.lead must be from 0 to 1. Received: -0.1"),
    ("blend", 1.5, "schedule.blend must"),
    ("growth", float("nan"), "schedule.growth must"),
    ("decay", 2, "schedule.decay must"),
    ("warmup", -1, "schedule.warmup and patience must be 0 or more. Received: -1 and 0"),
    ("patience", -1, "schedule.warmup and patience"),
    ("low", None, "schedule must be a tier with a phase of 1 step or more"),
    ("low", Tier(16), "schedule must be a tier with"),
]


@pytest.mark.parametrize(("name", "value", "message"), WRONG)
def test_values_that_cannot_be(name, value, message):
    with pytest.raises(InputError, match=rf"^\[P060\] {message}"):
        Schedule(**{"low": LOW, name: value})


@pytest.mark.parametrize(("name", "value"), [("crop", 3), ("batch", 0), ("generator", -1), ("critic", -1), ("adversarial", -5)])
def test_tiers_that_cannot_be(name, value):
    with pytest.raises(InputError, match=rf"^\[P060\] a tier's {name} must be \d or more. Received: {value}"):
        Tier(**{"crop": 16, name: value})

import numpy as np
import pytest
import tensorflow as tf

from image_gan.training import losses

RNG = np.random.default_rng(0)
PICTURES, OTHERS = RNG.random((2, 4, 8, 8, 3), np.float32)
MAPS = [np.array([[[[2.0], [-0.5]]]], np.float32), np.array([[[[1.0]]]], np.float32)]


def stages(x):
    return [x * 3, tf.nn.avg_pool2d(x, 2, 2, "SAME") * 100]


def test_pixel_loss():
    assert float(losses.pixel_loss(PICTURES, PICTURES)) == 0
    assert float(losses.pixel_loss(np.zeros((1, 2, 2, 3)), np.ones((1, 2, 2, 3)))) == 1
    assert float(losses.pixel_loss(PICTURES, OTHERS)) == pytest.approx(np.abs(PICTURES - OTHERS).mean(), rel=1e-5)


def test_gram():
    x = RNG.normal(size=(2, 3, 5, 4)).astype("f4")
    expected = [sum(np.outer(place, place) for place in picture.reshape(-1, 4)) / 15 for picture in x]
    assert np.allclose(losses.gram(x), expected, atol=1e-5)
    assert np.allclose(losses.gram(x), losses.gram(x[:, ::-1]), atol=1e-5)  # it does not matter where


def test_feature_loss():
    def loss(made, real, **weights):
        return float(losses.feature_loss(stages, made, real, **weights))

    assert loss(PICTURES, PICTURES, content=1, style=1) == 0
    assert loss(2 * PICTURES, PICTURES) == pytest.approx(1, rel=1e-4)  # relative, whatever a stage's units
    assert loss(2 * PICTURES, PICTURES, content=0, style=1) == pytest.approx(3, rel=1e-4)
    assert 0.2 < loss(OTHERS, PICTURES) < 1.5
    both = loss(OTHERS, PICTURES, content=0.3, style=2)
    assert both == pytest.approx(0.3 * loss(OTHERS, PICTURES) + 2 * loss(OTHERS, PICTURES, content=0, style=1), rel=1e-4)
    turned = PICTURES[:, ::-1]
    assert loss(turned, PICTURES, content=0, style=1) < 1e-5 < loss(turned, PICTURES)
    assert loss(tf.cast(OTHERS, "bfloat16"), PICTURES) == pytest.approx(loss(OTHERS, PICTURES), rel=0.01)


def test_one_stage_is_a_stage():
    one = losses.feature_loss(lambda x: 3 * x, OTHERS, PICTURES)
    assert float(one) == pytest.approx(float(losses.feature_loss(lambda x: [3 * x], OTHERS, PICTURES)))


def test_the_real_side_is_not_learnt_from():
    made, real = tf.Variable(PICTURES), tf.Variable(OTHERS)
    with tf.GradientTape() as tape:
        loss = losses.feature_loss(lambda x: [tf.identity(x)], made, real, content=1, style=1)
    gradients = tape.gradient(loss, [made, real])
    assert np.abs(gradients[0]).max() > 0
    assert gradients[1] is None


def test_the_loss_of_a_batch_is_the_mean_of_its_parts():
    """Which is what lets several devices share one: every loss, on pictures as bright and dark as they come."""
    made, real = (x * np.float32([0.05, 1, 0.3, 0.8])[:, None, None, None] for x in (OTHERS, PICTURES))
    for loss in (
        losses.pixel_loss,
        lambda m, r: losses.feature_loss(stages, m, r, content=1.0, style=0.0),
        lambda m, r: losses.feature_loss(stages, m, r, content=0.0, style=1.0),
        lambda m, r: losses.critic_loss([4 * r - 2, r[:, :2]], [4 * m - 2, m[:, :2]]),
        lambda m, _: losses.adversarial_loss([m, m[:, :2]]),
        lambda m, r: losses.critic_accuracy([r - 0.5], [m - 0.5]),
    ):
        whole = float(loss(made, real))
        assert whole == pytest.approx((float(loss(made[:2], real[:2])) + float(loss(made[2:], real[2:]))) / 2, rel=1e-5)


def test_critic_loss_is_a_hinge():
    sure = [np.full((1, 2, 2, 1), 1.5, np.float32)], [np.full((1, 2, 2, 1), -1.0, np.float32)]
    none = [np.zeros((1, 2, 2, 1), np.float32)] * 2
    assert float(losses.critic_loss(*sure)) == 0
    assert float(losses.critic_loss([10 * sure[0][0]], sure[1])) == 0  # surer does not count for more
    assert float(losses.critic_loss(*([x] for x in none))) == 2
    assert float(losses.critic_loss(sure[1], sure[0])) == 4.5
    assert float(losses.critic_loss(MAPS, [-m for m in MAPS])) == pytest.approx((0 + 1.5) / 2)  # of two maps, the mean


def test_adversarial_loss():
    assert float(losses.adversarial_loss(MAPS)) == pytest.approx(-(0.75 + 1) / 2)
    assert float(losses.adversarial_loss([-m for m in MAPS])) == pytest.approx((0.75 + 1) / 2)


def test_accuracy():
    assert float(losses.critic_accuracy(MAPS, [-m for m in MAPS])) == pytest.approx((0.5 + 1) / 2)
    assert float(losses.critic_accuracy(MAPS, MAPS)) == pytest.approx((0.5 + 1 + 0.5 + 0) / 4)
    assert float(losses.critic_accuracy([0 * m for m in MAPS], [0 * m for m in MAPS])) == 0  # no opinion is none that is right


def test_mesh_loss():
    """What a flat target has not; less, or elsewhere, costs nothing."""
    flat = np.full((1, 24, 24, 3), 0.5, np.float32)
    mesh = flat.copy()
    mesh[:, ::2, ::2] += 0.03
    fine = RNG.random((1, 24, 24, 3), np.float32)
    assert (
        float(losses.mesh_loss(flat, flat)) == float(losses.mesh_loss(fine, fine)) == float(losses.mesh_loss(flat, fine)) == 0
    )
    assert float(losses.mesh_loss(mesh, flat)) > 1
    assert float(losses.mesh_loss(fine + (mesh - flat), fine)) < 0.02  # detail hides it
    assert 0.9 < float(losses.mesh_loss(0.5 + 2 * (fine - 0.5), fine)) <= 1

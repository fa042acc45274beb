import contextlib
import resource
import signal

import pytest
import tensorflow as tf

# Two processors as far as TensorFlow knows, so that training on several devices can be tested; all else uses the first one.
two = [tf.config.LogicalDeviceConfiguration()] * 2
tf.config.set_logical_device_configuration(tf.config.list_physical_devices("CPU")[0], two)


@pytest.fixture(autouse=True)
def float32():
    """What one test builds in is not what the next one builds in."""
    import keras

    yield
    keras.config.set_dtype_policy("float32")


@pytest.fixture
def full_disk():
    """A context that gives a function: once it is called, the system writes no file beyond so many bytes until the end."""
    return _full_disk


@contextlib.contextmanager
def _full_disk():
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    try:
        yield lambda size: resource.setrlimit(resource.RLIMIT_FSIZE, (size, limits[1]))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, handler)

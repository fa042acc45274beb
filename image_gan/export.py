"""A run's best generator -> a model file: an ONNX graph with float16 weights, and its card. Knows training and enhancing."""

import tempfile
import warnings
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Any

import numpy as np
from confection import Config

from image_gan.enhance import quantization
from image_gan.enhance.model_file import write_model
from image_gan.enhance.models import ModelCard
from image_gan.errors import InputError
from image_gan.pictures import read
from image_gan.training.devices import supports_bfloat16
from image_gan.training.evaluation import network_input
from image_gan.training.networks.unet import count_parameters
from image_gan.training.runs import load_generator, read_best, run_config
from image_gan.training.settings import settings_of
from image_gan.training.tiers import tier_files

_NOISE_SIDE = 128  # pixels, of the noise on which bfloat16 is compared with float32
_MEASURED = 32  # pictures on which int8 is measured
_MEASURED_SIDE = 256  # pixels of each at most


def export_model(run: str | Path, output: str | Path) -> ModelCard:
    """Write a run's best generator as the file that `palate enhance` runs.

    The graph takes "picture", float32 (B, H, W, 3), RGB from 0 to 1, and the level of noise as a fourth channel if the card
    says so (`tiles.with_level`), with sides that are multiples of `size_multiple`, and
    returns what is to be added to it, enlarged. Spectral norms are divided out, and weights are stored as float16. The card
    holds no absolute paths: those of the config are left blank.

    run (str | Path): the folder of a run, or a folder of runs, of which the newest is meant.
    output (str | Path): the file; one that exists is replaced.
    RETURNS (ModelCard): the card. `bfloat16` is None if this processor does not have it, and `int8` and `ranges` are None if
        the run's pictures (those that validate, if they are separate) are no longer where its config says.
    RAISES InputError: P066, P067.
    """
    config = run_config(run)
    generator, best = load_generator(run), read_best(run)
    about = {key: value for key, value in config["card"].items() if not key.startswith("@")}
    about |= {"steps": best["total_steps"], "pictures": best["pictures_seen"], "seed": config["training"]["seed"]}
    about["figures"] = {name: best[name] for name in ("psnr", "distance") if name in best}
    about["config"] = without_absolute_paths(config).to_str()
    return export_generator(generator, output, about=about, pictures=_degraded_pictures(config, generator))


def export_generator(
    generator: Any, output: str | Path, *, about: Mapping[str, Any], pictures: Sequence[np.ndarray] = ()
) -> ModelCard:
    """Write a generator as a model file.

    generator (keras.Model): of `networks.unet`.
    output (str | Path): the file; one that exists is replaced.
    about (Mapping[str, Any]): what the card says and the generator itself does not know.
    pictures (Sequence[np.ndarray]): typical inputs, (H, W, 3 or 4), float32; int8 is measured on them.
    RETURNS (ModelCard): the card.
    """
    channels = 4 if generator.noise_level else 3
    graph = _with_half_weights(_graph(generator, channels))
    ranges = quantization.measure_ranges(graph, pictures) if pictures else None
    noise = [np.random.default_rng(0).random((_NOISE_SIDE, _NOISE_SIDE, channels), np.float32)]
    card = ModelCard(
        scale=generator.scale,
        size_multiple=generator.size_multiple,
        noise_level=generator.noise_level,
        receptive_field=measure_receptive_field(generator),
        parameters=count_parameters(generator),
        exported=date.today().isoformat(),
        bfloat16=quantization.decibels(graph, noise, "bf16") if supports_bfloat16() else None,
        int8=quantization.decibels(graph, pictures, "f32", ranges) if ranges else None,
        ranges=ranges,
        **about,
    )
    write_model(output, graph, card.entries())
    return card


def without_absolute_paths(config: Config) -> Config:
    """A copy of a config in which absolute paths are null: a model that is passed on must not name folders of one machine."""
    return Config(_without_absolute_paths(config))


def measure_receptive_field(generator: Any, smallest_side: int = 256) -> int:
    """Measure how many pixels away a change of the input still changes the output; windows of attention count in full.

    generator (keras.Model): of `networks.unet`.
    smallest_side (int): of the picture on which it is measured.
    RETURNS (int): pixels of the input.
    """
    from keras import ops

    multiple = generator.size_multiple
    side = -(-smallest_side // multiple) * multiple
    rng = np.random.default_rng(0)
    picture = rng.random((1, side, side, 4 if generator.noise_level else 3), np.float32)
    output = generator(picture)
    centre, farthest = side // 2, 0
    for place in (centre, centre + multiple // 2, centre + multiple - 1):
        changed = picture.copy()
        changed[0, place, place] = 1 - changed[0, place, place]
        difference = ops.convert_to_numpy(ops.max(ops.abs(output - generator(changed)), axis=(0, 3)))
        rows = np.flatnonzero(difference.max(axis=1) > 0) // generator.scale
        farthest = max(farthest, *np.abs(rows - place).tolist(), 0)
    if farthest >= centre - multiple and side < 2048:  # the picture's border may have cut it short
        return measure_receptive_field(generator, 2 * side)
    return farthest


def _without_absolute_paths(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_absolute_paths(inner) for key, inner in value.items()}
    if isinstance(value, str) and (PurePosixPath(value).is_absolute() or PureWindowsPath(value).is_absolute()):
        return None
    return value


def _degraded_pictures(config: Config, generator: Any) -> list[np.ndarray]:
    """Inputs of the run's network, float32; none if the run's pictures are no longer there."""
    settings, paths = settings_of(config), config["paths"]
    last_tier = list(settings.schedule.tiers)[-1]
    try:
        files = tier_files(paths.get("validation") or paths.get("train") or "", last_tier)[:_MEASURED]
    except InputError:
        return []
    pictures = []
    for number, file in enumerate(files):
        try:
            target = read(file).rgb8()
        except (InputError, OSError):  # a picture that was damaged since is no reason not to export
            continue
        multiple, scale = generator.size_multiple, generator.scale
        height, width = (min(_MEASURED_SIDE, side // scale) // multiple * multiple * scale for side in target.shape[:2])
        if height and width:
            example = settings.degradation.example(target[:height, :width], scale, np.random.default_rng(number))
            pictures.append(network_input(generator, example).astype(np.float32) / 255)
    return pictures


def _graph(generator: Any, channels: int) -> Any:
    import keras
    import onnx

    warnings.filterwarnings("ignore", category=FutureWarning)  # Keras's own, about np.object
    signature = [keras.InputSpec(shape=(None, None, None, channels), dtype="float32", name="picture")]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "graph.onnx"
        generator.export(path, format="onnx", verbose=False, input_signature=signature)
        return onnx.load(path)


def _with_half_weights(model: Any) -> bytes:
    """Weights as float16, cast where they are used: half the bytes, and every runtime folds the casts when it loads."""
    from onnx import TensorProto, helper, numpy_helper

    casts = []
    for tensor in list(model.graph.initializer):
        if tensor.data_type == TensorProto.FLOAT and np.prod(tensor.dims) > 16:
            name = tensor.name
            half = numpy_helper.from_array(numpy_helper.to_array(tensor).astype(np.float16), f"{name}_half")
            model.graph.initializer.remove(tensor)
            model.graph.initializer.append(half)
            casts.append(helper.make_node("Cast", [half.name], [name], to=TensorProto.FLOAT))
    nodes = [*casts, *model.graph.node]
    del model.graph.node[:]
    model.graph.node.extend(nodes)
    return model.SerializeToString()

"""A run's best generator -> an ONNX file with float16 weights and its card."""

import math
import re
import tempfile
import warnings
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from image_gan import pictures
from image_gan.enhance import model_file
from image_gan.enhance import quantization as eight_bits
from image_gan.errors import InputError
from image_gan.training import checkpoint, settings
from image_gan.training.batches import rgb8, tier_files
from image_gan.training.evaluation import load_generator, spoilt
from image_gan.training.networks.unet import parameters
from image_gan.training.settings import config_of, run_at
from image_gan.training.trainer import BEST

_TILE = 128
_MEASURED = 32  # pictures
_SIDE = 256  # pixels of them at most


def export(run: str | Path, output: str | Path) -> dict[str, Any]:
    """Write a run's best generator as the file that `palate enhance` runs.

    The graph takes "picture", float32 (B, H, W, 3), RGB from 0 to 1, sides multiples of the card's `multiple`, and gives what
    is to be added to it, enlarged. Spectral norms are divided out, weights are stored as float16.
    RETURNS (dict): the card: name, look, scale, multiple, reach (how far, in pixels, an output looks), parameters, config,
        seed, steps, pictures seen, figures of the best look, data and its terms, bfloat16 and int8 (dB between what is computed
        in them and in float32; None where this processor has no bfloat16 and, for int8, where the run's pictures, those that
        judge if they are apart, are no longer where its config says), and ranges (`eight_bits`).
    RAISES InputError: P066, P067.
    """
    config = config_of(run)
    generator = load_generator(run)
    _, best = checkpoint.read(run_at(run) / BEST)
    graph = _halved(_graph(generator))
    card = {
        **{key: value for key, value in config["card"].items() if not key.startswith("@")},
        "scale": generator.scale,
        "multiple": generator.multiple,
        "reach": _reach(generator),
        "parameters": parameters(generator),
        "steps": best["total"],
        "pictures": best["seen"],
        "figures": {name: best[name] for name in ("psnr", "distance") if name in best},
        "seed": config["training"]["seed"],
        "exported": date.today().isoformat(),
        "config": config.to_str(),
    }
    card |= _narrower(graph, _given(config, generator))
    model_file.write(output, graph, card)
    return card


def rebuilt(data: bytes, card: dict[str, Any]) -> Any:
    """The generator of an exported file as a Keras model again, to compare with: its config's network, the file's weights.

    Spectral norms and attention's gamma are in the weights already, so the network is built without the first, gamma is 1.
    """
    import onnx
    from confection import Config

    from image_gan.training.settings import network_of

    section = {**Config().from_str(card["config"])["generator"], "spectral": False}
    generator = network_of(Config({"generator": section}), "generator", weights=False)
    graph = onnx.load_model_from_string(data).graph
    arrays = {tensor.name.removesuffix("_half"): onnx.numpy_helper.to_array(tensor) for tensor in graph.initializer}
    layers = {layer.name: layer for layer in generator._flatten_layers()}
    if "attention" in layers:
        layers["attention"].gamma.assign(1)
    for node in graph.node:
        if node.op_type == "Conv":
            parts = re.sub(r"_\d+(?=/)", "", node.input[1]).split("/")  # as in unet_1/attention_1/query_1/truediv_2:0
            layer = next(layers[part] for part in reversed(parts) if part in layers)
            kernel, *bias = (arrays[name] for name in node.input[1:])  # a bias of zeros is left out
            layer.kernel.assign(kernel.transpose(2, 3, 1, 0))
            if bias:
                layer.bias.assign(*bias)
    return generator


def _graph(generator: Any) -> Any:
    import keras
    import onnx

    warnings.filterwarnings("ignore", category=FutureWarning)  # of Keras's own, about np.object
    signature = [keras.InputSpec(shape=(None, None, None, 3), dtype="float32", name="picture")]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "graph.onnx"
        generator.export(path, format="onnx", verbose=False, input_signature=signature)
        return onnx.load(path)


def _halved(model: Any) -> bytes:
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


def _reach(generator: Any, least: int = 256) -> int:
    """How many pixels away a change of the input still changes the output, measured: windows of attention count in full."""
    from keras import ops

    side = -(-least // generator.multiple) * generator.multiple
    rng = np.random.default_rng(0)
    picture = rng.random((1, side, side, 3), np.float32)
    centre, reach = side // 2, 0
    for place in (centre, centre + generator.multiple // 2, centre + generator.multiple - 1):
        other = picture.copy()
        other[0, place, place] = 1 - other[0, place, place]
        changed = ops.convert_to_numpy(ops.max(ops.abs(generator(picture) - generator(other)), axis=(0, 3)))
        rows = np.flatnonzero(changed.max(axis=1) > 0) // generator.scale
        reach = max(reach, *np.abs(rows - place).tolist(), 0)
    if reach >= centre - generator.multiple and side < 2048:  # the picture may have cut it short
        return _reach(generator, 2 * side)
    return reach


def _given(config: Any, generator: Any) -> list[np.ndarray]:
    """Pictures as the run's network is given them, float32; none where the run's pictures are no longer there."""
    made, paths = settings.settings_of(config), config["paths"]
    try:
        files = tier_files(paths.get("held_out") or paths.get("train") or "", list(made["schedule"].tiers)[-1])[:_MEASURED]
    except InputError:
        return []
    found = []
    for number, file in enumerate(files):
        try:
            whole = rgb8(pictures.read(file))
        except (InputError, OSError):  # the model is whole without it
            continue
        sides = [min(_SIDE, side // generator.scale) // generator.multiple * generator.multiple for side in whole.shape[:2]]
        whole = whole[: sides[0] * generator.scale, : sides[1] * generator.scale]
        if all(sides):
            small = spoilt(whole, made["degradation"], generator.scale, np.random.default_rng(number))
            found.append(small.astype(np.float32) / 255)
    return found


def _narrower(graph: bytes, given: list[np.ndarray]) -> dict[str, Any]:
    """What the card says of bfloat16 and int8."""
    from image_gan.training.devices import supports_bfloat16

    noise = [np.random.default_rng(0).random((_TILE, _TILE, 3), np.float32)]
    ranges = eight_bits.measured(graph, given) if given else None
    return {
        "bfloat16": _apart(graph, "bf16", noise) if supports_bfloat16() else None,
        "int8": _apart(graph, "f32", given, ranges) if ranges else None,
        "ranges": ranges,
    }


def _apart(graph: bytes, precision: str, given: list[np.ndarray], ranges: dict[str, list[float]] | None = None) -> float:
    """PSNR in dB between what is computed with less precision and in float32."""
    import openvino as ov

    core = ov.Core()
    model = core.read_model(graph, b"")
    other = eight_bits.rounded(model, ranges) if ranges else model
    exact, narrow = (
        core.compile_model(one, "CPU", {"INFERENCE_PRECISION_HINT": hint}) for one, hint in ((model, "f32"), (other, precision))
    )
    errors = [np.mean((exact(picture[None])[0] - narrow(picture[None])[0]) ** 2) for picture in given]
    return round(-10 * math.log10(max(float(np.mean(errors)), 1e-12)), 1)

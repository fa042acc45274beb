"""What makes `x2` faster where there is no AMX: bfloat16, small tiles, 8 bits, and more of them, against TensorFlow in float32.

Only the network: MPix/s of output, the best of five runs on 481 x 321 pixels and on 96 x 96, and PSNR-Y on Set5. "8 bits" are
those of `image_gan.enhance.quantization`; "all in 8 bits" is what NNCF makes (pip install nncf), which rounds sums too, with
ranges measured on sixty pictures of T91 at half size.
"""

import os
from collections.abc import Callable
from typing import Any

import cv2
import numpy as np
from enhance_shared import DATA, JUDGE, rate, rgb

from image_gan.enhance import quantization
from image_gan.enhance.models import Model, load_model
from image_gan.training.from_onnx import TensorFlowEngine
from image_gan.training.metrics import psnr_y

Network = Callable[[np.ndarray], np.ndarray]  # (H, W, 3) uint8 -> what is to be added, from 0 to 1


def openvino(model: Any, precision: str, sides: tuple[int, int] = (-1, -1)) -> Network:
    """A graph compiled for a picture's sides, or for any sides."""
    import openvino as ov

    own = model.clone()
    own.reshape([1, *sides, 3])
    request = ov.Core().compile_model(own, "CPU", {"INFERENCE_PRECISION_HINT": precision}).create_infer_request()
    return lambda picture: request.infer([unit(picture)])[0][0]


def tensorflow(model: Model) -> Network:
    engine = TensorFlowEngine(model.data, model.card, "auto")
    return lambda picture: engine.residual(unit(picture))[0]


def all_in_8_bits(model: Any) -> Any:
    import nncf

    files = sorted((DATA / "images/T91").iterdir())[:60]
    small = [unit(cv2.resize(rgb(file), None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)) for file in files]
    free = model.clone()
    free.reshape([1, -1, -1, 3])
    return nncf.quantize(free, nncf.Dataset(small), preset=nncf.QuantizationPreset.MIXED, subset_size=len(small))


def unit(picture: np.ndarray) -> np.ndarray:
    return np.float32(picture[None]) / 255


def decibels(run: Network) -> float:
    values = []
    for file in sorted((DATA / "images/Set5_LR_bicubic/X2").iterdir()):
        small, real = rgb(file), rgb(DATA / f"images/Set5/{file.stem.split('x')[0]}.png")
        output = cv2.resize(small, None, fx=2, fy=2, interpolation=cv2.INTER_LINEAR) + 255 * run(small)
        output = np.clip(np.rint(output), 0, 255).astype(np.uint8)
        values.append(psnr_y(output, real[: output.shape[0], : output.shape[1]], 2))
    return float(np.mean(values))


def main() -> None:
    import openvino as ov

    shipped = load_model("x2")
    model, (height, width) = ov.Core().read_model(shipped.data, b""), rgb(JUDGE[0]).shape[:2]
    reference = tensorflow(shipped)
    base = rate(reference)
    rows = {"TensorFlow, float32": (base, rate(reference, 96), decibels(reference))}
    graphs = {
        "float32": (model, "f32"),
        "bfloat16": (model, "bf16"),
        "8 bits": (quantization.quantize(model, shipped.card.ranges or {}), "bf16"),
        "all in 8 bits": (all_in_8_bits(model), "f32"),
    }
    for name, (graph, precision) in graphs.items():
        whole = rate(openvino(graph, precision, (height, width)))
        rows[f"OpenVINO, {name}"] = (
            whole,
            rate(openvino(graph, precision, (96, 96)), 96),
            decibels(openvino(graph, precision)),
        )
    print(f"On {len(os.sched_getaffinity(0))} cores\n")
    print("| | MPix/s | times TensorFlow | tiles of 96 | PSNR-Y, dB |\n|---|---|---|---|---|")
    for name, (whole, tiles, psnr) in rows.items():
        print(f"| {name} | {whole:.2f} | {whole / base:.1f} | {tiles:.2f} | {psnr:.2f} |")


if __name__ == "__main__":
    main()

"""What training costs: pictures per second in float32 and bfloat16, what the data costs, and self-attention by size.

Steps of image_gan/configs/gan.cfg on drawn faces at its highest tier, each kind in a process of its own, the median of 20 steps
after 3. KERAS_BACKEND=torch and --batches 8,32,128 measure a GPU, and which share of its speed in products of 8192 x 8192 in
bfloat16 the convolutions reach, forward and backward.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

PHASES = ("generator", "critic", "adversarial")


def steps(prepared: str, precision: str, phase: str, batch: int) -> dict[str, float]:
    """Seconds of a step of a phase, and of making its batch."""
    from image_gan.training import settings
    from image_gan.training.trainer import new_trainer

    overrides = {"paths.train": prepared, "training.precision": precision, "schedule.high.batch": batch}
    trainer = new_trainer(settings.load("gan", overrides))
    trainer.state.features_ready, trainer.state.critic_accuracy = True, 1.0
    wanted = next(one for one in trainer.phases if (one.tier, one.name) == ("high", phase))
    batches = trainer.data.batches("high")
    made, trained = [], []
    for step in range(23):
        start = time.perf_counter()
        some = batches.batch(step)
        made.append(time.perf_counter() - start)
        trainer.step(some, wanted)
        trained.append(time.perf_counter() - start - made[-1])
    found = {"step": statistics.median(trained[3:]), "batch": statistics.median(made[3:])}
    return found | ({"operations": operations(lambda: trainer.step(some, wanted))} if on_gpu() else {})


def on_gpu() -> bool:
    """Whether PyTorch trains on a GPU."""
    import keras

    if keras.backend.backend() != "torch":
        return False
    import torch

    return torch.cuda.is_available()


def operations(step: Callable[[], Any]) -> float:
    """Multiplications and additions of a step's convolutions and products."""
    from torch.utils.flop_counter import FlopCounterMode

    with FlopCounterMode(display=False) as counter:
        step()
    return float(counter.get_total_flops())


def peak(side: int = 8192) -> float:
    """Operations per second of the GPU in a product of bfloat16 matrices."""
    import torch

    left, right = (torch.randn(side, side, dtype=torch.bfloat16, device="cuda") for _ in range(2))
    seconds = []
    for _ in range(20):
        torch.cuda.synchronize()
        start = time.perf_counter()
        left @ right
        torch.cuda.synchronize()
        seconds.append(time.perf_counter() - start)
    return 2 * side**3 / statistics.median(seconds[5:])


def attention(side: int, window: int) -> float:
    """Seconds of self-attention over (1, side, side, 64), forward, in windows or over the whole picture."""
    import keras

    from image_gan.training.networks.attention import WindowedSelfAttention

    inputs = keras.Input((side, side, 64))
    model = keras.Model(inputs, WindowedSelfAttention(window)(inputs))
    x = np.zeros((1, side, side, 64), np.float32)
    seconds = []
    for _ in range(8):
        start = time.perf_counter()
        model(x)
        seconds.append(time.perf_counter() - start)
    return statistics.median(seconds[2:])


def alone(*args: str) -> dict[str, float]:
    """Run a part of this script in a process of its own."""
    done = subprocess.run([sys.executable, __file__, "--part", *args], capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(done.stderr[-2000:])
    return json.loads(done.stdout.splitlines()[-1])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--batches", default="8", help="sizes of batches, with commas between")
    parser.add_argument("--part", nargs=4, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.part:
        prepared, precision, phase, batch = args.part
        print(json.dumps(steps(prepared, precision, phase, int(batch))))
        return
    from corpora import faces
    from image_gan.training.prepare import prepare_pictures

    print("## Training\n\n`python benchmarks/train.py`: " + " ".join(__doc__.split()) + "\n")
    with tempfile.TemporaryDirectory() as folder:
        faces.write(Path(folder) / "faces", 100)
        prepare_pictures([Path(folder) / "faces"], Path(folder) / "prepared", sides={"low": 48, "medium": 64, "high": 128})
        gpu = on_gpu()
        most = peak() if gpu else 0.0
        print("| phase | batch | precision | pictures/s | ms a step | the data makes |" + gpu * " of the GPU's speed |")
        print("|---|---|---|---|---|---|" + gpu * "---|")
        for batch in args.batches.split(","):
            for phase in PHASES:
                for precision in ("float32", "bfloat16"):
                    found = alone(str(Path(folder) / "prepared"), precision, phase, batch)
                    speed, times = int(batch) / found["step"], found["step"] / found["batch"]
                    share = f" {found['operations'] / found['step'] / most:.2%} |" if gpu else ""
                    row = f"| {phase} | {batch} | {precision} | {speed:.1f} | {found['step'] * 1e3:.0f} | {times:.1f}x that |"
                    print(row + share, flush=True)
    print("\nSelf-attention over 64 channels, ms, forward, float32\n\n| side | windows of 8 | whole |\n|---|---|---|")
    for side in (16, 32, 64, 128):
        whole = f"{attention(side, side) * 1e3:.1f}" if side <= 64 else "–"
        print(f"| {side} | {attention(side, 8) * 1e3:.1f} | {whole} |")


if __name__ == "__main__":
    main()

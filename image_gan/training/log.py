"""The log of a run: a line per validation in log.jsonl, and in TensorBoard where TensorFlow trains."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import keras

from corpora.files import replacing
from image_gan.pictures import read
from image_gan.training import diagnostics
from image_gan.training.runs import LOG, TENSORBOARD, read_log, samples_path


class TrainingLog:
    """The lines of a run's log. Each has

    - total_steps, pictures_seen, seconds, restores: where the training stands (`state.TrainingState`);
    - tier, phase: what was trained;
    - psnr, distance, flat_deviation, metric: of the validation (`validation.Validated`);
    - means over the steps since the last line: pixel, mesh, feature, adversarial, critic (losses), critic_accuracy,
      generator_norm and critic_norm (of the gradients);
    - waiting_for_data: the share of the time that was spent so; skipped: steps without a finite gradient; generator_waits: the
      share of the adversarial steps in which only the critic was trained;
    - remarks: what is wrong, if anything (`diagnostics`).

    run (Path): the run's folder.
    total_steps (int): where its checkpoint stands; lines after it are dropped.
    """

    def __init__(self, run: Path, total_steps: int) -> None:
        self._path, self._run = run / LOG, run
        self._lines = [line for line in read_log(run) if line["total_steps"] <= total_steps]
        with replacing(self._path) as beside:
            beside.write_text("".join(json.dumps(line) + "\n" for line in self._lines), "utf8")
        self._board: Any = None
        if keras.backend.backend() == "tensorflow":
            import tensorflow as tf

            self._board = tf.summary.create_file_writer(str(run / TENSORBOARD))

    def add(self, line: dict[str, Any]) -> list[str]:
        """Append a line.

        line (dict[str, Any]): gets "remarks", if there are any.
        RETURNS (list[str]): these.
        RAISES OSError: the disk is full.
        """
        self._lines.append(line)
        same_phase = [one for one in self._lines if (one["tier"], one["phase"]) == (line["tier"], line["phase"])]
        remarks = diagnostics.remarks(same_phase)
        if remarks:
            line["remarks"] = remarks
        with open(self._path, "a", encoding="utf8") as file:
            file.write(json.dumps(line) + "\n")
        if self._board:
            self._show(line)
        return remarks

    def _show(self, line: Mapping[str, Any]) -> None:
        import tensorflow as tf

        step = line["total_steps"]
        try:
            with self._board.as_default():
                for name, value in line.items():
                    if isinstance(value, float):
                        tf.summary.scalar(name, value, step=step)
                sample = read(samples_path(self._run, step)).pixels
                tf.summary.image("samples", sample[None], step=step)
            self._board.flush()
        except tf.errors.OpError as error:  # a full disk, in TensorFlow's words
            raise OSError(error.message.split("\n")[0]) from None

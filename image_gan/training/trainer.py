"""Training: one run, phase by phase; a run that was stopped is resumed exactly where it was."""

import math
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import keras
import numpy as np
from confection import Config

from image_gan.errors import Errors, InputError, RunError
from image_gan.training import checkpoint
from image_gan.training.batches import Prefetcher
from image_gan.training.data import TrainingData, list_pictures
from image_gan.training.devices import Figures, choose_devices, dtype_policy, supports_bfloat16
from image_gan.training.gan import Gan
from image_gan.training.log import TrainingLog
from image_gan.training.runs import BEST, CHECKPOINT, find_run, new_run, run_config, samples_path
from image_gan.training.schedule import Phase
from image_gan.training.settings import differences, settings_of
from image_gan.training.signals import StopSignals
from image_gan.training.state import TrainingState
from image_gan.training.validation import Validated, Validation

_TOLERATED = 5  # steps without a finite gradient in a row, before the last checkpoint is restored
_RESTORES = 3
_NO_STEPS = {"waiting_for_data": 0.0, "skipped": 0}  # what the first line of a log says about the steps before


class Outcome(NamedTuple):
    """How a run ended.

    run (Path): its folder.
    ended (str): "done"; "time", its minutes are over; or "stopped".
    signal (int): the signal that stopped it, or 0.
    best (Mapping[str, Any]): the log line of the best validation.
    """

    run: Path
    ended: str
    signal: int
    best: Mapping[str, Any]


def train(config: Config, runs: str | Path, *, progress: bool = False) -> Outcome:
    """Start a run in a new folder: config.cfg, log.jsonl, checkpoint.npz, best.npz, samples/, tensorboard/.

    config (Config): as `settings.load` returns it.
    runs (str | Path): the folder of all runs.
    progress (bool): show a bar on standard error.
    RETURNS (Outcome): how it ended.
    RAISES InputError: P060 to P065, the pictures do not fit; and what building the networks raises. RunError: P068, gradients
        are not finite.
    """
    trainer = new_trainer(config)
    run = new_run(runs, config) if trainer.devices.chief else Path(runs)
    return trainer.run(run, progress=progress)


def resume(run: str | Path, config: Config | None = None, *, progress: bool = False) -> Outcome:
    """Continue a run exactly where its last checkpoint stands.

    run (str | Path): its folder, or a folder of runs, of which the newest is meant.
    config (Config | None): the one that the run should have, to compare it; only its minutes may differ.
    progress (bool): show a bar on standard error.
    RETURNS (Outcome): how it ended.
    RAISES InputError: P069, the run has another config; P066, P067, there is no run or checkpoint; and as `train`. RunError: as
        `train`.
    """
    run = find_run(run)
    own = run_config(run)
    if config is not None:
        own["training"]["minutes"] = config["training"]["minutes"]  # how long, not what
        if keys := differences(own, config):
            raise InputError(Errors.P069.format(run=run, keys=", ".join(keys)))
    checkpoint.read(run / CHECKPOINT)  # fails before the networks are built, which takes longer
    trainer = new_trainer(own, pretrained=False)
    trainer.restore(run / CHECKPOINT)
    return trainer.run(run, progress=progress)


def new_trainer(config: Config, *, pretrained: bool = True) -> "Trainer":
    """Seed Keras, NumPy and Python, choose the precision, and build a trainer.

    config (Config): as `settings.load` returns it.
    pretrained (bool): load pretrained weights; False where a checkpoint brings them all.
    RAISES InputError: as `train`.
    """
    training = settings_of(config).training
    keras.utils.set_random_seed(training.seed)
    narrow = training.precision == "bfloat16" or (training.precision == "auto" and supports_bfloat16())
    with dtype_policy("mixed_bfloat16" if narrow else "float32"):
        return Trainer(config, pretrained=pretrained)


class Trainer:
    """The networks of a config, its pictures, and where their training stands.

    config (Config): as `settings.load` returns it.
    pretrained (bool): load pretrained weights; False where a checkpoint brings them all.
    RAISES InputError: as `train`.
    """

    def __init__(self, config: Config, *, pretrained: bool = True) -> None:
        sections = settings_of(config)
        self.schedule, self.training = sections.schedule, sections.training
        self.phases = self.schedule.phases()
        files = list_pictures(config)  # before the networks are built, which takes longer
        self.devices = choose_devices(self.training.devices)
        with self.devices.scope():
            self.gan = Gan(config, self.devices, pretrained=pretrained)
        self.state = TrainingState(features_ready=not self.gan.compares_by_own_encoder)
        generator, critic = self.gan.generator, self.gan.critic
        self.data = TrainingData(
            config,
            files,
            scale=generator.scale,
            size_multiple=math.lcm(generator.scale * generator.size_multiple, critic.size_multiple),
            critic_conditions=critic.conditions,
            parts=self.devices.parts,
            noise_level=generator.noise_level,
        )
        self.validation = Validation(self.gan, *self.data.validation())

    def restore(self, path: Path) -> None:
        """Take up a checkpoint. RAISES InputError: P067."""
        self.state = TrainingState.from_entries(checkpoint.restore(path, self.gan.groups))

    def save(self, path: Path) -> None:
        """Write a checkpoint. RAISES OSError: as the system says."""
        checkpoint.save(path, self.gan.groups, self.state.entries())

    def run(self, run: Path, *, progress: bool = False) -> Outcome:
        """Train from where the state stands to the end of the schedule or of the minutes, or until a signal comes.

        run (Path): the run's folder.
        progress (bool): show a bar on standard error.
        RAISES RunError: P068. OSError: a file cannot be written.
        """
        if self.devices.chief:
            return self._run(run, progress)
        with tempfile.TemporaryDirectory() as own:  # another process writes the run's files; this one's are for itself
            self.save(Path(own) / CHECKPOINT)
            return self._run(Path(own), False)._replace(run=run)

    def step(self, batch: Sequence[np.ndarray], phase: Phase) -> Figures:
        """Train on a batch as the phase says (`Gan.step`)."""
        return self.gan.step(batch, phase, self.state)

    def _run(self, run: Path, progress: bool) -> Outcome:
        from tqdm import tqdm

        total, done = sum(phase.steps for phase in self.phases), self.state.total_steps
        with StopSignals() as signals, tqdm(total=total, initial=done, disable=not progress, unit="step") as bar:
            course = _Course(run, TrainingLog(run, done), bar, signals)
            if not (done or self.state.best):
                self._validate(course, self.phases[0], _NO_STEPS)
            ended = "done"
            while ended == "done" and self.state.phase < len(self.phases):
                ended = self._train_phase(course)
        return Outcome(run, ended, signals.number, self.state.best or {})

    def _train_phase(self, course: "_Course") -> str:
        """Train to the end of the phase; RETURNS (str): "done", or "time" or "stopped" if the run is to end."""
        phase = self.phases[self.state.phase]
        course.bar.set_description(f"{phase.tier} {phase.name}")
        batches, clock = self._prefetch(phase), _Clock(self.state.seconds)
        interval, failures = _Interval(batches, clock), 0
        try:
            for batch in batches:
                interval.figures.append(self.step(batch, phase))
                failures = 0 if _is_finite(interval.figures[-1]) else failures + 1
                if failures == _TOLERATED:
                    self._restore_networks(course.run)
                    failures = 0
                self.state.count_step(phase.settings.batch)
                self.state.seconds = clock.seconds()
                course.bar.update()
                stopped, over = self.devices.true_anywhere(bool(course.signals.number), self._is_over())
                ended = "stopped" if stopped else "time" if over else "done"
                if over or self._is_validation_due(phase):
                    with clock.paused():
                        goes_on = self._end_interval(course, phase, interval)
                    interval = _Interval(batches, clock)
                    if not goes_on:
                        return ended
                elif stopped:  # without a validation, which a run that was not stopped would not have here
                    self.save(course.run / CHECKPOINT)
                if ended != "done":
                    return ended
        finally:
            batches.close()
        return "done"

    def _prefetch(self, phase: Phase) -> Prefetcher:
        batches, coarse = self.data.batches(phase.tier), self.data.coarse(phase)
        before = self.state.total_steps - self.state.phase_step

        def make(step: int) -> list[np.ndarray]:
            return batches.batch(before + step, detail=self.schedule.detail(phase, step), coarse=coarse)

        return Prefetcher(make, self.state.phase_step, phase.steps)

    def _is_over(self) -> bool:
        """Whether the minutes are over."""
        return bool(self.training.minutes) and self.state.seconds >= 60 * self.training.minutes

    def _is_validation_due(self, phase: Phase) -> bool:
        step = self.state.phase_step
        return step == phase.steps or step % self.training.validate_every == 0

    def _restore_networks(self, run: Path) -> None:
        """Restore the last checkpoint's networks. Steps are not counted back, so that other batches follow."""
        self.state.restores += 1
        if self.state.restores > _RESTORES:
            raise RunError(Errors.P068.format(run=run, restores=_RESTORES))
        before = TrainingState.from_entries(checkpoint.restore(run / CHECKPOINT, self.gan.groups))
        self.state.critic_accuracy = before.critic_accuracy

    def _end_interval(self, course: "_Course", phase: Phase, interval: "_Interval") -> bool:
        """Validate, and end the phase if it was its last step. RETURNS (bool): False where the phase ended early."""
        figures = interval.summary(phase)
        if self.state.phase_step == phase.steps:
            self._end_phase(phase)
        return self._validate(course, phase, figures)

    def _end_phase(self, phase: Phase) -> None:
        if phase.name == "generator" and not self.state.features_ready:
            self.gan.freeze_own_encoder()
            self.state.features_ready = True
            self.state.best = None  # its metric was PSNR
        self.state.end_phase()

    def _validate(self, course: "_Course", phase: Phase, figures: Mapping[str, Any]) -> bool:
        """Validate, log and save. RETURNS (bool): False where the phase ends early, because the metric no longer improves."""
        validated = self.validation.run(with_distance=self.state.features_ready)
        self.validation.write_samples(samples_path(course.run, self.state.total_steps), validated.outputs)
        line = self._line(phase, validated, figures)
        self._keep_if_best(course.run, phase, line)
        (stale,) = self.devices.true_anywhere(0 < self.schedule.patience <= self.state.stale_validations)
        if stale:
            self._end_phase(phase)
        for remark in course.log.add(line):
            course.bar.write(f"{line['total_steps']}: {remark}", file=sys.stderr)
        self.save(course.run / CHECKPOINT)
        shown = {"psnr": f"{line['psnr']:.2f}"}
        if "distance" in line:
            shown["distance"] = line["distance"]
        course.bar.set_postfix(shown)
        return not stale

    def _line(self, phase: Phase, validated: Validated, figures: Mapping[str, Any]) -> dict[str, Any]:
        """A line of the log (see `TrainingLog`)."""
        state = self.state
        line = {
            "total_steps": state.total_steps,
            "pictures_seen": state.pictures_seen,
            "restores": state.restores,
            "seconds": round(state.seconds, 3),
            "tier": phase.tier,
            "phase": phase.name,
            "psnr": validated.psnr,
            "flat_deviation": validated.flat_deviation,
        }
        if validated.distance is not None:
            line["distance"] = validated.distance
        return {**line, "metric": validated.metric(self.training.metric), **figures}

    def _keep_if_best(self, run: Path, phase: Phase, line: dict[str, Any]) -> None:
        best = self.state.best
        is_best = best is None or line["metric"] > best["metric"]
        if phase.name != "critic" and self.state.phase_step:  # the phase continues, and changes what is validated
            self.state.stale_validations = 0 if is_best else self.state.stale_validations + 1
        if is_best:
            self.state.best = line
            checkpoint.save(run / BEST, {"average": self.gan.average.variables}, line)


class _Course(NamedTuple):
    """What a run needs in addition to its trainer."""

    run: Path
    log: TrainingLog
    bar: Any
    signals: StopSignals


class _Clock:
    """Counts seconds of training, without those of validation."""

    def __init__(self, seconds: float) -> None:
        self._before, self._start = seconds, time.perf_counter()

    def seconds(self) -> float:
        return self._before + time.perf_counter() - self._start

    @contextmanager
    def paused(self) -> Iterator[None]:
        start = time.perf_counter()
        yield
        self._start += time.perf_counter() - start


class _Interval:
    """The steps since the last validation.

    figures (list[Figures]): of each step.
    """

    def __init__(self, batches: Prefetcher, clock: _Clock) -> None:
        self.figures: list[Figures] = []
        self._batches, self._clock = batches, clock
        self._start, self._waited = clock.seconds(), batches.waited

    def summary(self, phase: Phase) -> dict[str, Any]:
        """What a line of the log says about the steps."""
        waited = self._batches.waited - self._waited
        summary: dict[str, Any] = _means(self.figures)
        summary["waiting_for_data"] = round(waited / (self._clock.seconds() - self._start), 4)
        summary["skipped"] = sum(not _is_finite(figures) for figures in self.figures)
        if phase.name == "adversarial":
            critic_alone = sum("pixel" not in figures for figures in self.figures)
            summary["generator_waits"] = round(critic_alone / len(self.figures), 4)
        return summary


def _is_finite(figures: Figures) -> bool:
    """Whether all gradients were finite."""
    return all(math.isfinite(value) for name, value in figures.items() if name.endswith("norm"))


def _means(figures: Sequence[Figures]) -> dict[str, Any]:
    """The mean of each figure over the steps in which it is finite."""
    means: dict[str, Any] = {}
    for name in dict.fromkeys(name for one in figures for name in one):
        values = [one[name] for one in figures if math.isfinite(one.get(name, math.nan))]
        if values:
            means[name] = float(f"{np.mean(values):.6g}")
    return means

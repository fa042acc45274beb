"""Training: one step, one look, one run; a run that was stopped goes on exactly where it was."""

import json
import math
import os
import signal
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import keras
import numpy as np
from confection import Config
from keras import ops

from corpora.files import replacing, write_bytes, write_text
from image_gan.errors import Errors, InputError
from image_gan.training import checkpoint, conditioning, losses, settings
from image_gan.training import diagnostics as watch
from image_gan.training.batches import Ahead, Batches, held_out, tier_files, tier_side
from image_gan.training.devices import Figures, devices, supports_bfloat16
from image_gan.training.metrics import psnr
from image_gan.training.networks.critic import opinions
from image_gan.training.networks.spectral_norm import iterate
from image_gan.training.networks.unet import restored
from image_gan.training.schedule import Phase

LOG, LAST, BEST = "log.jsonl", "checkpoint.npz", "best.npz"
_TOLERATED = 5  # steps without a finite gradient, one after another, before the last checkpoint is taken up again
_RESTORES = 3


class Outcome(NamedTuple):
    """How a run ended: its folder, "done", "time" or "stopped", the signal that stopped it, and the best look's line."""

    run: Path
    ended: str
    signal: int
    best: Mapping[str, Any]


def train(config: Config, runs: str | Path, *, progress: bool = False) -> Outcome:
    """Begin a run in a new folder of `runs`: config.cfg, log.jsonl, checkpoint.npz, best.npz, samples/, tensorboard/.

    config (Config): as `settings.load` gives it. progress (bool): a bar on stderr.
    RAISES InputError: P060 to P065, the pictures; P068, no finite gradients; and what building the networks raises.
    """
    trainer = Trainer(config)
    run = Path(runs)
    if trainer.devices.chief:
        taken = [int(path.name) for path in run.glob("[0-9]*") if path.name.isdigit()]
        run /= f"{max(taken, default=0) + 1:04d}"
        run.mkdir(parents=True)
        write_text(run / settings.CONFIG, config.to_str())
    return trainer.train(run, progress=progress)


def resume(run: str | Path, config: Config | None = None, *, progress: bool = False) -> Outcome:
    """Go on with a run exactly where its last checkpoint stands.

    config (Config | None): the one that the run is meant to have, if it is to be compared; its minutes may be others.
    RAISES InputError: P069, the run has another config; P067, no checkpoint; and as `train`.
    """
    run = settings.run_at(run)
    own = settings.config_of(run)
    if config is not None:
        own["training"]["minutes"] = config["training"]["minutes"]  # how long, not what
        if keys := settings.differences(own, config):
            raise InputError(Errors.P069.format(run=run, keys=", ".join(keys)))
    trainer = Trainer(own, weights=False)
    trainer.restore(run / LAST)
    return trainer.train(run, progress=progress)


class Trainer:
    """The networks of a config, their optimisers, and where their training stands."""

    def __init__(self, config: Config, *, weights: bool = True) -> None:
        made = settings.settings_of(config)
        self.config, self.loss = config, made["loss"]
        self.schedule, self.training, self.degradation = made["schedule"], made["training"], made["degradation"]
        self.phases = self.schedule.phases()
        self.devices = devices(self.training.devices)
        keras.utils.set_random_seed(self.training.seed)
        narrow = self.training.precision == "bfloat16" or (self.training.precision == "auto" and supports_bfloat16())
        keras.config.set_dtype_policy("mixed_bfloat16" if narrow else "float32")
        with self.devices.scope():
            self._build(weights)
        self.learners: dict[str, Any] = {}
        self.average = self.devices.run(lambda pictures: restored(self.averaged(_unit(pictures)), _unit(pictures)))
        self.distance = self.devices.run(lambda made, real: self._feature_loss(made, _unit(real), 1.0, 0.0))
        self.state: dict[str, Any] = {
            **{"phase": 0, "step": 0, "total": 0, "seen": 0, "seconds": 0.0, "accuracy": 0.5, "restores": 0},
            **{"featured": not self.own, "best": None, "stale": 0},
        }
        self.conditions = self._conditions()
        for tier, of in self.schedule.tiers.items():  # what does not fit is said now, not when its tier is reached
            self._batches(tier, of.crop, of.batch).fixed(1)
            tier_side(self.config["paths"]["train"], tier)
        self.judging = self._judging()

    def _build(self, weights: bool) -> None:
        self.generator = settings.network_of(self.config, "generator", weights=weights)
        if weights and (start := self.config["paths"].get("start")):
            checkpoint.begin_as(settings.run_at(start) / BEST, self.generator.variables)
        self.averaged = settings.network_of(self.config, "generator", weights=False)
        self.averaged.set_weights(self.generator.get_weights())
        self.critic = settings.network_of(self.config, "critic", weights=weights)
        features = settings.network_of(self.config, "features", weights=weights)
        self.own = features is None
        self.features = settings.network_of(self.config, "generator", weights=False).encoder if self.own else features
        self.features.trainable = False
        self.optimizers = {
            "generator": keras.optimizers.Adam(self.training.generator_rate, beta_1=0.9, beta_2=0.99),
            "critic": keras.optimizers.Adam(self.training.critic_rate, beta_1=0.5, beta_2=0.99),
        }
        self.optimizers["generator"].build(self.generator.trainable_variables)
        self.optimizers["critic"].build(self.critic.trainable_variables)

    @property
    def groups(self) -> dict[str, list[Any]]:
        """All variables, as a checkpoint has them."""
        models = {"generator": self.generator, "average": self.averaged, "critic": self.critic, "features": self.features}
        return {**{name: model.variables for name, model in models.items()}, **self._optimizer_groups()}

    def _optimizer_groups(self) -> dict[str, list[Any]]:
        return {f"{name}_optimizer": optimizer.variables for name, optimizer in self.optimizers.items()}

    def restore(self, path: Path) -> None:
        """Take up a checkpoint. RAISES InputError: P067."""
        self.state = checkpoint.restore(path, self.groups)

    # One step

    def step(self, batch: Sequence[np.ndarray], phase: Phase) -> Figures:
        """Train on a batch as the phase says; the critic first, the generator only where the critic is ahead."""
        rate = self.schedule.rate(phase, self.state["step"])
        self.optimizers["generator"].learning_rate = rate * self.training.generator_rate
        self.optimizers["critic"].learning_rate = rate * self.training.critic_rate
        figures: Figures = {}
        if phase.name != "generator":
            figures = self._learn("critic", batch)
            self.state["accuracy"] += 0.05 * (figures["accuracy"] - self.state["accuracy"])
        if phase.name == "generator" or (phase.name == "adversarial" and self.state["accuracy"] >= self.schedule.lead):
            figures |= self._learn("adversarial" if phase.name == "adversarial" else "generator", batch)
        return figures

    def _learn(self, kind: str, batch: Sequence[np.ndarray]) -> Figures:
        name = "critic" if kind == "critic" else "generator"
        key = f"{kind} {self.state['featured']}"  # compiled anew once there are features to compare
        if key not in self.learners:
            loss = {"critic": self._critic_loss, "generator": self._generator_loss, "adversarial": self._adversarial_loss}[kind]
            after = self._after_critic if name == "critic" else self._after_generator
            variables = (self.critic if name == "critic" else self.generator).trainable_variables
            self.learners[key] = self.devices.learner(loss, variables, self.optimizers[name], after)
        figures = self.learners[key](batch)
        return {f"{name}_norm" if figure == "norm" else figure: value for figure, value in figures.items()}

    def _critic_loss(self, spoilt, whole, condition=None):
        real_maps = opinions(self.critic, _unit(whole), condition)
        made_maps = opinions(self.critic, ops.stop_gradient(self._made(spoilt)), condition)
        loss = losses.critic_loss(real_maps, made_maps)
        return loss, {"critic": loss, "accuracy": losses.accuracy(real_maps, made_maps)}

    def _generator_loss(self, spoilt, whole, condition=None):
        return self._fidelity(self._made(spoilt), _unit(whole))

    def _adversarial_loss(self, spoilt, whole, condition=None):
        made = self._made(spoilt)
        loss, figures = self._fidelity(made, _unit(whole))
        adversarial = losses.adversarial_loss(opinions(self.critic, made, condition))
        return loss + self.loss.adversarial * adversarial, {**figures, "adversarial": adversarial}

    def _made(self, spoilt):
        return restored(self.generator(_unit(spoilt)), _unit(spoilt))

    def _fidelity(self, made, real):
        pixel = losses.pixel_loss(made, real)
        if not (self.state["featured"] and (self.loss.content or self.loss.style)):
            return self.loss.pixel * pixel, {"pixel": pixel}
        feature = self._feature_loss(made, real, self.loss.content, self.loss.style)
        return self.loss.pixel * pixel + feature, {"pixel": pixel, "feature": feature}

    def _feature_loss(self, made, real, content: float, style: float):
        return losses.feature_loss(self.features, made, real, content=content, style=style)

    def _after_critic(self) -> None:
        iterate(self.critic)

    def _after_generator(self) -> None:
        iterate(self.generator)
        self.devices.follow(self.averaged.variables, self.generator.variables, self.training.ema)

    # One run

    def train(self, run: Path, *, progress: bool = False) -> Outcome:
        """Train from where the state stands to the end of the schedule, of the minutes, or of the process's patience."""
        if self.devices.chief:
            return self._train(run, progress)
        with tempfile.TemporaryDirectory() as apart:  # one process writes the run's files; this one's are for itself
            checkpoint.save(Path(apart) / LAST, self.groups, self.state)
            return self._train(Path(apart), False)._replace(run=run)

    def _train(self, run: Path, progress: bool) -> Outcome:
        from tqdm import tqdm

        log = _Log(run, self.state["total"])
        total = sum(phase.steps for phase in self.phases)
        with _Signals() as signals, tqdm(total=total, initial=self.state["total"], disable=not progress, unit="step") as bar:
            ended = "done"
            if not (self.state["total"] or self.state["best"]):
                self._look(run, log, self.phases[0], [], 0.0, bar)
            while self.state["phase"] < len(self.phases) and ended == "done":
                ended = self._phase(run, log, bar, signals)
        return Outcome(run, ended, signals.number, self.state["best"] or {})

    def _phase(self, run: Path, log: "_Log", bar: Any, signals: "_Signals") -> str:
        """Train to the end of the phase; RETURNS "done", or "time" or "stopped" where the run is to end."""
        phase = self.phases[self.state["phase"]]
        batches, coarse = self._batches(phase.tier, phase.settings.crop, phase.settings.batch), self._coarse(phase)
        first = self.state["total"] - self.state["step"]

        def make(step: int) -> list[np.ndarray]:
            return batches.batch(first + step, blend=self.schedule.blended(phase, step), coarse=coarse)

        ahead = Ahead(make, self.state["step"], phase.steps)
        figures: list[Figures] = []
        bar.set_description(f"{phase.tier} {phase.name}")
        started, since, bad, ended = time.perf_counter(), self.state["seconds"], 0, "done"
        looked = started
        try:
            for batch in ahead:
                figures.append(self.step(batch, phase))
                bad = 0 if _finite(figures[-1]) else bad + 1
                if bad >= _TOLERATED:
                    self._take_up(run)
                    bad = 0
                self.state["step"] += 1
                self.state["total"] += 1
                self.state["seen"] += phase.settings.batch
                self.state["seconds"] = since + time.perf_counter() - started
                bar.update()
                over = bool(self.training.minutes) and self.state["seconds"] >= 60 * self.training.minutes
                stopped, over = self.devices.anywhere(bool(signals.number), over)
                ended = "stopped" if stopped else "time" if over else "done"
                last = self.state["step"] == phase.steps
                if last or over or self.state["step"] % self.training.look == 0:
                    spent = time.perf_counter()
                    waiting = ahead.waited / (spent - looked)
                    if last:
                        self._end_phase(phase)
                    more = self._look(run, log, phase, figures, waiting, bar)
                    looked = time.perf_counter()
                    started += looked - spent  # judging is not training
                    ahead.waited, figures = 0.0, []
                    if not more:
                        break
                elif stopped:  # no look, which would count where a run that is not stopped has none
                    checkpoint.save(run / LAST, self.groups, self.state)
                if ended != "done":
                    break
        finally:
            ahead.close()
        return ended

    def _end_phase(self, phase: Phase) -> None:
        if phase.name == "generator" and not self.state["featured"]:
            source = self.averaged.encoder
            for own, variable in zip(self.features.variables, source.variables, strict=True):
                own.assign(variable)
            self.state |= {"featured": True, "best": None}  # judged by PSNR till now
        self.state |= {"phase": self.state["phase"] + 1, "step": 0, "stale": 0}

    def _look(self, run, log, phase, figures, waiting, bar) -> bool:
        """Judge, log, keep; RETURNS (bool): False where the phase has ended early, as the figure no longer gets better."""
        line = {**self._judge(run), **_means(figures), "waiting": round(waiting, 4)}
        line["skipped"] = sum(not _finite(some) for some in figures)
        if phase.name == "adversarial" and figures:
            line["waits"] = round(sum("pixel" not in some for some in figures) / len(figures), 4)
        best = self.state["best"]
        better = best is None or line["judged"] > best["judged"]
        stands = {name: self.state[name] for name in ("total", "seen", "restores")}
        line = {**stands, "seconds": round(self.state["seconds"], 3), "tier": phase.tier, "phase": phase.name, **line}
        if phase.name != "critic" and self.state["step"]:  # of the phase that goes on, and changes what is judged
            self.state["stale"] = 0 if better else self.state["stale"] + 1
        if better:
            self.state["best"] = line
            checkpoint.save(run / BEST, {"average": self.averaged.variables}, line)
        (out,) = self.devices.anywhere(0 < self.schedule.patience <= self.state["stale"])
        if out:
            self._end_phase(phase)
        for remark in log.add(line):
            bar.write(f"{line['total']}: {remark}", file=sys.stderr)
        checkpoint.save(run / LAST, self.groups, self.state)
        shown = {"psnr": f"{line['psnr']:.2f}", "distance": line.get("distance")}
        bar.set_postfix({name: value for name, value in shown.items() if value is not None})
        return not out

    def _judge(self, run: Path) -> dict[str, Any]:
        """PSNR (dB, RGB) and feature distance of the averaged generator on held-out pictures; "judged" is higher for better.

        PSNR is the mean of the pictures that were spoilt: those left as they are have 60 to 100 dB and would drown the others.
        """
        spoilt, whole = self.judging[:2]
        parts = [slice(i, i + 4) for i in range(0, len(spoilt), 4)]
        made = np.concatenate([ops.convert_to_numpy(self.average(spoilt[part])) for part in parts])
        shown = np.clip(np.rint(made * 255), 0, 255).astype(np.uint8)
        undone = [number for number, pair in enumerate(zip(spoilt, whole, strict=True)) if not np.array_equal(*pair)]
        decibels = [min(100.0, psnr(shown[number], whole[number])) for number in undone]
        found: dict[str, Any] = {"psnr": round(float(np.mean(decibels or 100.0)), 4)}
        if self.state["featured"]:
            total = sum(float(self.distance(made[part], whole[part])) * len(made[part]) for part in parts)
            found["distance"] = round(total / len(made), 5)
        by_psnr = self.training.judge == "psnr" or "distance" not in found
        judged = found["psnr"] if by_psnr else -found["distance"]
        _write_samples(run / "samples" / f"{self.state['total']:06d}.png", spoilt, shown, whole)
        return {**found, "judged": judged}

    def _take_up(self, run: Path) -> None:
        """The networks of the last checkpoint again; the steps are not counted back, so that other batches follow."""
        self.state["restores"] += 1
        if self.state["restores"] > _RESTORES:
            raise InputError(Errors.P068.format(run=run, restores=_RESTORES))
        self.state["accuracy"] = checkpoint.restore(run / LAST, self.groups)["accuracy"]

    def _judging(self) -> list[np.ndarray]:
        tier, settings_ = list(self.schedule.tiers.items())[-1]
        return self._batches(tier, settings_.crop, 1, judging=True).fixed(self.training.pictures)

    def _batches(self, tier: str, crop: int, batch: int, *, judging: bool = False) -> Batches:
        paths = self.config["paths"]
        root, apart = paths.get("train"), paths.get("held_out")
        if not root:
            raise InputError(Errors.P061.format(folder="nothing (--paths.train is not given)"))
        least = math.lcm(self.generator.scale * self.generator.multiple, self.critic.multiple)
        if crop % least:
            allowed = f"a multiple of {least}, for these networks"
            raise InputError(Errors.P060.format(what=f"schedule.{tier}.crop", allowed=allowed, got=crop))
        if batch % self.devices.parts and not judging:
            allowed = f"a multiple of the {self.devices.parts} devices"
            raise InputError(Errors.P060.format(what=f"schedule.{tier}.batch", allowed=allowed, got=batch))
        root = apart if apart and judging else root
        files, share = tier_files(root, tier), self.training.held_out
        some = files if apart else held_out(files, Path(root) / tier, share)[judging]
        if not some:
            allowed = f"such that of the {len(files)} pictures of tier {tier} some judge and some are trained on"
            raise InputError(Errors.P060.format(what="training.held_out", allowed=allowed, got=share))
        return Batches(
            some,
            crop=crop,
            batch=batch,
            scale=self.generator.scale,
            degradation=self.degradation,
            seed=self.training.seed,
            turn=self.training.turn,
            flat=self.training.flat,
            conditions=None if judging else self.conditions,
        )

    def _conditions(self) -> dict[str, np.ndarray] | None:
        path = self.config["paths"].get("conditions")
        made = conditioning.load(path) if path else None
        wanted = made.vectors.shape[1] if made else 0
        if self.critic.conditions != wanted:
            what = "critic.conditions" + ("" if made else ", where paths.conditions names no file,")
            raise InputError(Errors.P060.format(what=what, allowed=wanted, got=self.critic.conditions))
        return made.by_name() if made else None

    def _coarse(self, phase: Phase) -> float:
        """How many times smaller the pictures of the tier before are."""
        root, before = self.config["paths"]["train"], list(self.schedule.tiers)[max(0, phase.level - 1)]
        return tier_side(root, phase.tier) / tier_side(root, before)


def _unit(pictures):
    """uint8 -> float32 from 0 to 1."""
    return ops.cast(pictures, "float32") / 255


def _finite(figures: Figures) -> bool:
    return all(math.isfinite(value) for name, value in figures.items() if name.endswith("norm"))


def _means(figures: Sequence[Figures]) -> dict[str, float]:
    names = dict.fromkeys(name for some in figures for name in some)
    finite = {name: [some[name] for some in figures if math.isfinite(some.get(name, math.nan))] for name in names}
    return {name: float(f"{np.mean(values):.6g}") for name, values in finite.items() if values}


def _write_samples(path: Path, spoilt: np.ndarray, made: np.ndarray, whole: np.ndarray, rows: int = 4) -> None:
    """Rows of: what the network got, what it made, what it was."""
    from image_gan import pictures

    scale = whole.shape[1] // spoilt.shape[1]
    got = spoilt[:rows].repeat(scale, axis=1).repeat(scale, axis=2)
    columns = [np.concatenate(some[:rows], axis=0) for some in (got, made, whole)]
    write_bytes(path, pictures.encode(pictures.Picture(np.concatenate(columns, axis=1), None, "png", None, None, None)))


class _Log:
    """log.jsonl, and TensorBoard's where TensorFlow trains."""

    def __init__(self, run: Path, total: int) -> None:
        """Lines after the checkpoint that is gone on from are dropped."""
        self.path, self.run = run / LOG, run
        kept = self.path.read_text("utf8").splitlines(keepends=True) if self.path.exists() else []
        whole = [json.loads(line) for line in kept if line.endswith("\n")]  # the last may have been cut short
        self.lines = [line for line in whole if line["total"] <= total]
        with replacing(self.path) as beside:
            beside.write_text("".join(json.dumps(line) + "\n" for line in self.lines), "utf8")
        self.board: Any = None
        if keras.backend.backend() == "tensorflow":
            import tensorflow as tf

            self.board = tf.summary.create_file_writer(str(run / "tensorboard"))

    def add(self, line: dict[str, Any]) -> list[str]:
        """Append a line; RETURNS (list): what is to be said of it."""
        self.lines.append(line)
        here = [one for one in self.lines if (one["tier"], one["phase"]) == (line["tier"], line["phase"])]
        if said := watch.remarks(here):
            line["remarks"] = said
        with open(self.path, "a", encoding="utf8") as file:
            file.write(json.dumps(line) + "\n")
        if self.board:
            import tensorflow as tf

            try:
                self._show(line)
            except tf.errors.OpError as error:  # a disk that is full, in TensorFlow's words
                raise OSError(error.message.split("\n")[0]) from None
        return said

    def _show(self, line: Mapping[str, Any]) -> None:
        import tensorflow as tf

        from image_gan import pictures

        with self.board.as_default():
            for name, value in line.items():
                if isinstance(value, float):
                    tf.summary.scalar(name, value, step=line["total"])
            sample = pictures.read(self.run / "samples" / f"{line['total']:06d}.png").pixels
            tf.summary.image("samples", sample[None], step=line["total"])
        self.board.flush()


class _Signals:
    """SIGTERM and Ctrl-C wait for the end of a step; a second one does not."""

    def __enter__(self) -> "_Signals":
        self.number, self._before = 0, {}
        try:
            for one in (signal.SIGTERM, signal.SIGINT):
                self._before[one] = signal.signal(one, self._hear)
        except ValueError:  # not the main thread: whoever runs this has other means
            pass
        return self

    def _hear(self, number: int, _: Any) -> None:
        if self.number:
            os._exit(128 + number)
        self.number = number

    def __exit__(self, *_: Any) -> None:
        for one, before in self._before.items():
            signal.signal(one, before)

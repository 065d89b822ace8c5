"""`Training` takes one step at a time; it can stop after any step and go on later. `fit` takes all of them and yields records."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

import torch
from torch import Tensor
from torch.utils.dlpack import from_dlpack

from vae_core.base import device
from vae_core.base.config import Device, ModelConfig, Precision, TrainConfig
from vae_core.base.errors import InputError
from vae_core.data import Images
from vae_core.model import noise, shrinking
from vae_core.model.vae import VAE
from vae_core.training import binarise, precision
from vae_core.training.figures import Figures, figures_of
from vae_core.training.objectives import average, objective
from vae_core.training.precision import autocast
from vae_core.training.processes import ALONE, Order, Processes
from vae_core.training.training_state import TrainingState, Unusable

RECORDS_PER_EPOCH = 10
COOLDOWN, MULTI_RATE_COOLDOWN = 0.2, 0.4  # of all steps
_CHUNK = 512  # images validated at a time


class Diverged(InputError):
    """The loss is no longer a finite number; the weights of the model that was being trained are of no use."""


@dataclass(frozen=True)
class Record:
    """One report of a training run; nats per image.

    Attributes:
        step, steps: steps done and steps in all.
        epoch: passes over the data done, with its fraction.
        loss, distortion, rate: means over the training images seen since the record before.
        validation: means over the validation images, at the end of each epoch, else None.
        images_per_second: over all training steps so far, without validation and without what the caller does between records.
        seconds: in `fit` so far, validation included.
    """

    step: int
    steps: int
    epoch: float
    loss: float
    distortion: float
    rate: float
    validation: Figures | None
    images_per_second: float
    seconds: float


def learning_rate(model: ModelConfig, config: TrainConfig, step: int, steps: int) -> float:
    """The rate of a step: `config.lr` for four fifths of the run, then falling linearly to 0 (Hägele et al. 2024, "cooldown").

    With a constant rate to the end, the noise of the last steps stays in the weights, and in the pictures as grain; a decay from the
    start on costs more than it gains in runs as short as ours. A multi-rate model's steps are noisier, so it has two fifths to cool down: a
    tenth of a nat better on MNIST.
    """
    return config.lr * min(1.0, (1 - step / steps) / cooldown(model))


def cooldown(model: ModelConfig) -> float:
    """The share of all steps in which the rate falls."""
    return MULTI_RATE_COOLDOWN if model.beta_range else COOLDOWN


class Training:
    """A model on its way through its training, one step after another, with Adam at `learning_rate`.

    The same model, images, configuration, machine and number of threads give the same weights and the same records, bit for bit, wherever
    training was stopped and went on from its `state`.

    Args:
        model: trained in place.
        images: their training part is used. Those in memory are not copied; those mapped from a file are read batch by batch.
        config: how to train.
        state: where this very training stood, to go on from there.
        processes: those that train the model together, each with a `Training` of the same; all but the first one `follow`.

    Attributes:
        step, steps: steps done and steps in all.
        seconds: spent in `update` so far.
        device, precision: what the steps run on, and in which numbers: what `config` asks for, or what `state` began with.

    Raises:
        InputError: there is no such device, or several processes cannot train such a model.
        LostProcess: at any step, one of the processes is gone.
        Unusable: training cannot go on from `state`.
    """

    def __init__(
        self, model: VAE, images: Images, config: TrainConfig, state: TrainingState | None = None, processes: Processes = ALONE
    ) -> None:
        processes.check(model.config, config)
        self._processes = processes
        where = device.choose(config.device if state is None else state.device)
        device.keep_freed_memory()
        self._model, self._images, self._config = model.to(where), images, config
        self.device: Device = where.type  # type: ignore[assignment]
        self.precision = precision.choose(model.config, config, where) if state is None else state.precision
        split = images.split()
        self._rows, self._validation = torch.from_numpy(split.train), split.validation
        self._resident, self._held_out = None, None
        if images.source is None:
            self._rows = self._rows.to(where)
            self._resident = from_dlpack(binarise.for_training(images.pixels, config)).to(where)
            self._held_out = list(self._chunks_held_out())
        self._optimiser = torch.optim.Adam(model.parameters(), lr=config.lr, betas=adam_betas(model.config), fused=True)
        self._generator = processes.generator(where)
        self._generator.manual_seed(config.seed)
        self._generator_at_epoch = self._generator.get_state()
        self._per_epoch = math.ceil(len(self._rows) / config.batch)
        self._per_record = math.ceil(self._per_epoch / RECORDS_PER_EPOCH)
        self._sums = torch.zeros(3, dtype=torch.float32 if self.device == "mps" else torch.float64, device=where)  # mps has no float64
        self._training_seconds = 0.0
        self.step, self.steps, self.seconds = 0, self._per_epoch * config.epochs, 0.0
        if state is not None:
            self._go_on_from(state)

    @property
    def done(self) -> bool:
        """Whether no step is left."""
        return self.step >= self.steps

    @property
    def epoch(self) -> float:
        """Passes over the data done, with its fraction."""
        return self.step / self._per_epoch

    @property
    def recorded(self) -> int:
        """The step of the newest record that was due, 0 before the first."""
        return self._newest_record(self.step)

    @property
    def images_per_second(self) -> float:
        """Over all steps so far, without validation."""
        return self._images_after(self.step) / self._training_seconds

    def update(self) -> Record | None:
        """Make one step; returns the record that is due after it, up to ten an epoch, else None.

        Raises:
            Diverged: the loss stopped being finite.
        """
        started = time.perf_counter()
        self._advance()
        if self.recorded < self.step:
            self._clock(started)
            return None
        means = self._means()
        self._sums.zero_()
        self._clock(started)
        started = time.perf_counter()
        validation = self.validate() if self.step % self._per_epoch == 0 else None
        self.seconds += time.perf_counter() - started
        return self._record(means, validation)

    def report(self) -> Record:
        """A record of the steps since the newest record that was due, at least one, without validation.

        Raises:
            Diverged: the loss stopped being finite.
        """
        return self._record(self._means(), None)

    def validate(self) -> Figures:
        """The figures of the model as it is now on the validation images.

        Raises:
            Diverged: the loss is not finite.
        """
        held_out = self._chunks_held_out() if self._held_out is None else self._held_out
        self._processes.order(Order.VALIDATE)
        measure = average if self._processes.count == 1 else self._processes.average
        means = measure(self._model, held_out, beta=self._config.weights, seed=self._config.seed)
        self._check_finite(means.loss)
        return figures_of(means)

    def follow(self) -> None:
        """On all processes but the first: take the part in its steps and validations, until it has the training end.

        Raises:
            Diverged: the loss is not finite.
            LostProcess: one of the processes is gone.
        """
        while (order := self._processes.heard()) is not Order.END:
            if order is Order.STEP:
                self._advance()
            else:
                self.validate()

    def state(self) -> TrainingState:
        """All that the next step depends on, as a copy; there is none before the first step."""
        moments = {name: self._optimiser.state[parameter] for name, parameter in self._model.named_parameters()}
        return TrainingState(
            step=self.step,
            seconds=self.seconds,
            images_per_second=self.images_per_second,
            device=self.device,
            precision=self.precision,
            weights={name: _copy(tensor) for name, tensor in self._model.state_dict().items()},
            first={name: _copy(moment["exp_avg"]) for name, moment in moments.items()},
            second={name: _copy(moment["exp_avg_sq"]) for name, moment in moments.items()},
            generator=self._generator.get_state(),
            generator_at_epoch=self._generator_at_epoch,
            sums=_copy(self._sums).double(),
        )

    def _go_on_from(self, state: TrainingState) -> None:
        self.step, self.seconds = state.step, state.seconds
        if self.done:
            raise Unusable(f"Training cannot go on from step {state.step}: it has {self.steps} steps.")
        self._training_seconds = self._images_after(state.step) / state.images_per_second
        self._model.load_state_dict(state.weights)
        for name, parameter in self._model.named_parameters():
            self._optimiser.state[parameter] = {
                "step": torch.tensor(float(min(state.step, 2**24)), device=parameter.device),  # from there on, Adam's own count stands
                "exp_avg": torch.empty_like(parameter).copy_(state.first[name]),  # laid out in memory as the parameter is
                "exp_avg_sq": torch.empty_like(parameter).copy_(state.second[name]),
            }
        self._sums.copy_(state.sums)
        try:
            self._generator.set_state(state.generator_at_epoch)
            self._draw_order()
            self._generator.set_state(state.generator)
        except RuntimeError as error:
            raise Unusable("The random numbers of this training cannot go on: their state is damaged.") from error

    def _advance(self) -> None:
        """One step of the optimiser."""
        self._processes.order(Order.STEP)
        position = self.step % self._per_epoch
        if position == 0:
            self._draw_order()
        if not self._model.training:
            self._model.train()
        rate = learning_rate(self._model.config, self._config, self.step, self.steps)
        for group in self._optimiser.param_groups:
            group["lr"] = rate
        shrinking.wait(self._model, rate == self._config.lr)
        rows = self._order[position * self._config.batch : (position + 1) * self._config.batch]
        if isinstance(self._generator, noise.PartGenerator):
            rows = rows[self._generator.divide(len(rows))]
        self._sums += _step(
            self._model,
            self._optimiser,
            self._pixels(rows),
            self._config,
            self.precision,
            self.step,
            self.steps,
            len(self._rows),
            self._generator,
            self._processes,
        )
        self.step += 1

    def _draw_order(self) -> None:
        """The rows of the training images in the order of the epoch that begins."""
        self._generator_at_epoch = self._generator.get_state()
        order = torch.randperm(len(self._rows), generator=self._generator, device=self._generator.device)
        self._order = self._rows[order.to(self._rows.device)]

    def _chunks_held_out(self) -> Iterator[Tensor]:
        for first in range(0, len(self._validation), _CHUNK):
            pixels = self._images.take(self._validation[first : first + _CHUNK])
            yield torch.from_numpy(binarise.for_evaluation(pixels, self._config))

    def _pixels(self, rows: Tensor) -> Tensor:
        if self._resident is not None:
            return self._resident.index_select(0, rows)
        return torch.from_numpy(binarise.for_training(self._images.take(rows.numpy()), self._config))

    def _newest_record(self, step: int) -> int:
        return step - step % self._per_epoch % self._per_record

    def _images_after(self, step: int) -> int:
        """How many images the model has been trained on after `step` steps."""
        epochs, position = divmod(step, self._per_epoch)
        return epochs * len(self._rows) + min(position * self._config.batch, len(self._rows))

    def _means(self) -> list[float]:
        """Loss, distortion and rate over the images since the newest record."""
        count = self._images_after(self.step) - self._images_after(self._newest_record(self.step - 1))
        means: list[float] = (self._sums / count).tolist()
        self._check_finite(means[0])
        return means

    def _record(self, means: list[float], validation: Figures | None) -> Record:
        loss, distortion, rate = means
        return Record(self.step, self.steps, self.epoch, loss, distortion, rate, validation, self.images_per_second, self.seconds)

    def _clock(self, started: float) -> None:
        elapsed = time.perf_counter() - started
        self._training_seconds += elapsed
        self.seconds += elapsed

    def _check_finite(self, loss: float) -> None:
        if not math.isfinite(loss):
            raise Diverged(
                f"Training diverged at step {self.step}: the loss is not a finite number any more; "
                f"lower the learning rate (it was {self._config.lr:g})."
            )


def adam_betas(model: ModelConfig) -> tuple[float, float]:
    """Adam's memory of gradients and of their squares: shorter in a multi-rate model, where gradients at large β soon shrink."""
    return (0.9, 0.99 if model.beta_range else 0.999)


def fit(model: VAE, images: Images, config: TrainConfig) -> Iterator[Record]:
    """Train `model` in place from its first step to its last; yields up to ten records an epoch.

    Raises:
        Diverged: the loss stopped being finite.
    """
    training = Training(model, images, config)
    while not training.done:
        record = training.update()
        if record is not None:
            yield record


def _step(
    model: VAE,
    optimiser: torch.optim.Optimizer,
    pixels: Tensor,
    config: TrainConfig,
    precision: Precision,
    step: int,
    steps: int,
    training_images: int,
    generator: torch.Generator,
    processes: Processes,
) -> Tensor:
    """One update; returns the sums over the whole batch of loss, distortion and rate, [3] on the generator's device."""
    x = pixels.to(generator.device, next(model.parameters()).dtype).div_(255)
    with autocast(precision, generator.device):
        terms = objective(model, x, config, step=step, steps=steps, training_images=training_images, generator=generator)
    optimiser.zero_grad(set_to_none=True)
    share = noise.share(len(x), generator)
    (terms.loss.mean() * share).backward()  # type: ignore[no-untyped-call]
    sums = torch.stack([term.detach() for term in terms]).sum(1) * (share > 0)
    processes.add_up([*(parameter.grad for parameter in model.parameters() if parameter.grad is not None), sums])
    optimiser.step()
    return sums


def _copy(tensor: Tensor) -> Tensor:
    return tensor.detach().to("cpu", copy=True, memory_format=torch.contiguous_format)


def seconds_per_image(model: ModelConfig, train: TrainConfig, *, steps: int = 3) -> float:
    """Seconds for one training image on this machine right now, measured over a few steps on black images; to estimate a run."""
    shape = (min(train.batch, 512), model.channels, model.height, model.width)
    where = device.choose(train.device)
    vae = VAE(model).to(where)
    optimiser = torch.optim.Adam(vae.parameters(), lr=0.0, fused=True)
    generator = torch.Generator(where).manual_seed(0)
    pixels = torch.zeros(shape, dtype=torch.uint8)
    numbers = precision.choose(model, train, where)
    update = partial(_step, vae, optimiser, pixels, train, numbers, 0, 1, len(pixels), generator, ALONE)

    def measured() -> float:
        update().tolist()  # the first step also sets up memory
        started = time.perf_counter()
        for _ in range(steps):
            update().tolist()
        return (time.perf_counter() - started) / (steps * shape[0])

    if not shrinking.wait(vae, waits=True):
        return measured()
    waiting = measured()
    shrinking.wait(vae, waits=False)
    share = cooldown(model)
    return (1 - share) * waiting + share * measured()

"""The same training as others do it: the loop of most tutorials, and Pythae's own trainer."""

from __future__ import annotations

import importlib.util
import logging
import time
import warnings

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.utils.data import DataLoader, Dataset

from vae_core.base.config import ModelConfig
from vae_core.data.images import to_pil
from vae_core.model.vae import VAE
from vae_core.training.objectives import elbo

LEARNING_RATE = 1e-3
Pixels = NDArray[np.uint8]


class Each(Dataset[Tensor]):
    """Images one by one as torchvision's MNIST and its ToTensor make them: by way of Pillow, then to [0, 1]."""

    def __init__(self, pixels: Pixels) -> None:
        self.pixels = pixels

    def __len__(self) -> int:
        return len(self.pixels)

    def __getitem__(self, index: int) -> Tensor:
        image = to_pil(self.pixels[index])
        array = np.array(image, np.uint8, copy=True).reshape(image.height, image.width, -1)
        return torch.from_numpy(array).permute(2, 0, 1).contiguous().float().div(255)


class Ready(Dataset[Tensor]):
    """Images one by one from a tensor of them all, in [0, 1] already: as little as a DataLoader can have to do."""

    def __init__(self, pixels: Pixels) -> None:
        self.images = torch.from_numpy(pixels) / 255

    def __len__(self) -> int:
        return len(self.images)

    def __getitem__(self, index: int) -> Tensor:
        return self.images[index]


def loader_rate(config: ModelConfig, images: Each | Ready, batch: int) -> float:
    """Images a second over one pass of a DataLoader that fetches image by image, with Adam as it comes."""
    loader = DataLoader(images, batch_size=batch, shuffle=True)
    model, generator = VAE(config), torch.Generator().manual_seed(0)
    optimiser = torch.optim.Adam(model.parameters(), lr=LEARNING_RATE)
    started = time.perf_counter()
    for x in loader:
        optimiser.zero_grad()
        elbo(model, x, beta=1.0, generator=generator).loss.mean().backward()  # type: ignore[no-untyped-call]
        optimiser.step()
    return len(images) / (time.perf_counter() - started)


def has_pythae() -> bool:
    """Whether Pythae is installed; `make bench` installs it."""
    return importlib.util.find_spec("pythae") is not None


def pythae_rate(config: ModelConfig, pixels: Pixels, batch: int) -> float:
    """Images a second over one epoch of Pythae's BaseTrainer with its default optimiser, with our network, layer for layer.

    We time its `train_step`, which is an epoch, and not what it does around that: logging, progress bars, saving, copying the best model.
    """
    logging.disable(logging.INFO)
    with warnings.catch_warnings(action="ignore"):  # of its age
        from pythae.data.datasets import BaseDataset
        from pythae.models import VAE as PythaeVAE
        from pythae.models import VAEConfig
        from pythae.models.base.base_utils import ModelOutput
        from pythae.models.nn import BaseDecoder, BaseEncoder
        from pythae.trainers import BaseTrainer, BaseTrainerConfig
        from pythae.trainers.training_callbacks import CallbackHandler, TrainingCallback

    class Encoder(BaseEncoder):  # type: ignore[misc]
        def __init__(self, body: nn.Module) -> None:
            super().__init__()
            self.body = body

        def forward(self, images: Tensor) -> ModelOutput:
            mean, logvar = self.body(images).chunk(2, dim=1)
            return ModelOutput(embedding=mean, log_covariance=logvar)

    class Decoder(BaseDecoder):  # type: ignore[misc]
        def __init__(self, body: nn.Module) -> None:
            super().__init__()
            self.body = body

        def forward(self, z: Tensor) -> ModelOutput:
            return ModelOutput(reconstruction=torch.sigmoid(self.body(z)))

    x = torch.from_numpy(pixels) / 255
    ours = VAE(config).to(memory_format=torch.contiguous_format)  # type: ignore[call-overload]  # as Pythae would make it
    settings = VAEConfig(input_dim=tuple(x.shape[1:]), latent_dim=config.latent, reconstruction_loss="bce")
    model = PythaeVAE(settings, encoder=Encoder(ours.encoder), decoder=Decoder(ours.decoder))
    options = BaseTrainerConfig(per_device_train_batch_size=batch, learning_rate=LEARNING_RATE, no_cuda=True, keep_best_on_train=True)
    trainer = BaseTrainer(model, BaseDataset(x, torch.zeros(len(x))), training_config=options)
    trainer.set_optimizer()
    trainer.callback_handler = CallbackHandler([TrainingCallback()], model)
    started = time.perf_counter()
    trainer.train_step(1)
    return len(x) / (time.perf_counter() - started)

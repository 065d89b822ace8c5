"""A model as one ZIP of `encoder.onnx`, `decoder.onnx` and `card.json`: for any program that runs ONNX, and for `import-model`.

The encoder takes `image` [batch, C, H, W] from 0 to 1 and gives `mean` and `logvar`, [batch, K]; the decoder takes `z` [batch, K] and gives
the mean `picture`. A plain autoencoder's encoder gives its code alone, as `mean`.
"""

from __future__ import annotations

import io
import json
import warnings
import zipfile
from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

from vae_core.base.errors import InputError
from vae_core.model.likelihoods import ContinuousBernoulli, DiscretisedLogistic
from vae_core.model.vae import VAE
from vae_core.training.checkpoint import Checkpoint

OPSET = 17


class _Encode(nn.Module):
    def __init__(self, model: VAE) -> None:
        super().__init__()
        self.model = model

    def forward(self, image: Tensor) -> tuple[Tensor, ...]:
        posterior = self.model.encode(image)
        return (posterior.mean, posterior.logvar) if self.model.config.variational else (posterior.mean,)


class _Decode(nn.Module):
    def __init__(self, model: VAE) -> None:
        super().__init__()
        self.model = model

    def forward(self, z: Tensor) -> Tensor:
        params, likelihood = self.model.decode(z), self.model.likelihood
        if isinstance(likelihood, ContinuousBernoulli):
            return _share_of_white(params)
        if not isinstance(likelihood, DiscretisedLogistic):
            return likelihood.mean(params)
        scale = likelihood.scale(params)  # the same mean by softplus: exported, the logarithm of a sigmoid overflows
        return scale * (functional.softplus(params / scale) - functional.softplus((params - 1) / scale))


def _share_of_white(logits: Tensor) -> Tensor:
    """`ContinuousBernoulli.mean` without expm1, which ONNX lacks; its argument is at most −½ here, so that nothing cancels."""
    size = logits.abs().clamp_min(0.5)
    large = 1 / (1 - torch.exp(-size)) - 1 / size
    small = logits.clamp(-0.5, 0.5)
    square = small * small
    series = 0.5 + small * (1 / 12 - square * (1 / 720 - square / 30240))
    return torch.where(logits.abs() < 0.5, series, torch.where(logits > 0, large, 1 - large))


def onnx_files(point: Checkpoint) -> dict[str, bytes]:
    """The files by name.

    Raises:
        InputError: it is a multi-rate model, of which one must say at which KL weight.
    """
    model, config = point.model, point.model.config
    if config.beta_range is not None:
        raise InputError("A model for every KL weight leaves as ONNX at one of them: say it with --beta.")
    image, code = torch.zeros(2, config.channels, config.height, config.width), torch.zeros(2, config.latent)
    heads = ["mean", "logvar"] if config.variational else ["mean"]
    card = {
        "format": 1,
        "name": point.card.name,
        "image": {"channels": config.channels, "height": config.height, "width": config.width, "range": [0.0, 1.0]},
        "latent": {"shape": [config.latent]},
        "encoder_gives": ",".join(heads),
        "decoder_gives": "picture",
        "licence": point.card.origin.licence if point.card.origin is not None else f"trained on: {point.card.data.licence}"[:200],
    }
    return {
        "encoder.onnx": _exported(_Encode(model), image, "image", heads, point),
        "decoder.onnx": _exported(_Decode(model), code, "z", ["picture"], point),
        "card.json": json.dumps(card, indent=1).encode(),
    }


def onnx_zip(point: Checkpoint) -> bytes:
    """The files in one ZIP.

    Raises:
        InputError: as `onnx_files`.
    """
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name, data in onnx_files(point).items():
            archive.writestr(zipfile.ZipInfo(name), data)
    return buffer.getvalue()


def _exported(module: nn.Module, example: Tensor, takes: str, gives: Sequence[str], point: Checkpoint) -> bytes:
    """One half; the card stands in its metadata too."""
    import onnx  # slow to import

    buffer = io.BytesIO()
    open_axes = {name: {0: "batch"} for name in (takes, *gives)}
    with warnings.catch_warnings(), torch.inference_mode():
        warnings.simplefilter("ignore")  # this exporter needs no further package; the newer one does
        torch.onnx.export(
            module.eval(),
            (example,),
            buffer,  # type: ignore[arg-type]  # a file in memory too, as its documentation says
            input_names=[takes],
            output_names=list(gives),
            dynamic_axes=open_axes,
            opset_version=OPSET,
            dynamo=False,
        )
    model = onnx.ModelProto.FromString(buffer.getvalue())
    onnx.helper.set_model_props(model, {"latent_loom_card": point.card.model_dump_json(exclude={"model"})})
    content: bytes = model.SerializeToString()
    return content

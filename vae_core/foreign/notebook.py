"""`adopt`: networks of PyTorch that a Python user has at hand become a model of ours, through ONNX in the user's own process."""

from __future__ import annotations

import contextlib
import io
import warnings

import torch
from torch import Tensor, nn
from torch.onnx import OnnxExporterError

from vae_core.base.config import LikelihoodName
from vae_core.base.errors import InputError
from vae_core.data import Images
from vae_core.foreign import importing, joining, opening
from vae_core.foreign.adopting import chosen, readings
from vae_core.foreign.said import Said
from vae_core.training.checkpoint import Checkpoint
from vae_core.training.origin import DecoderGives

_WAY_OUT = "Say which by encoder_gives, decoder_gives and pixels, or give images of its kind by images"


def adopt(
    encoder: nn.Module,
    decoder: nn.Module,
    example: Tensor,
    *,
    name: str = "Adopted",
    encoder_gives: str | None = None,
    decoder_gives: DecoderGives | None = None,
    pixels: str | None = None,
    likelihood: LikelihoodName | None = None,
    sigma: float | None = None,
    order: str | None = None,
    images: Images | None = None,
    beta: float | None = None,
) -> Checkpoint:
    """A model of ours from an encoder and a decoder; `runs.catalogue.keep` puts it on every page.

    Args:
        encoder: takes images [B, C, H, W] and returns mean and log-variance [B, K], or what `encoder_gives` says.
        decoder: takes codes [B, K] and returns pictures.
        example: images as the encoder takes them, [B, C, H, W].
        name: for people.
        encoder_gives, decoder_gives: how their numbers are read; found where they are left out, as `import-model` finds them.
        pixels: what they take for black and white, "0,1", "-1,1" or "0,255", or mean and standard deviation of each channel as in
            "0.5,0.5,0.5/0.2,0.2,0.2".
        likelihood, sigma: what the decoder's output means.
        order: "channels first" or "channels last", of a colour picture that is a flat list of numbers.
        images: of the kind that they were trained on.
        beta: the KL weight of their training, where it is known.

    Raises:
        InputError: a layer is not read, or nothing tells how the numbers are to be read.
    """
    training = [(module, module.training) for half in (encoder, decoder) for module in half.modules()]
    try:
        encoder.eval()
        decoder.eval()
        gives, code = _tried(encoder, decoder, example)
        files = [
            ("encoder.onnx", _exported("encoder", encoder, example, "image", gives)),
            ("decoder.onnx", _exported("decoder", decoder, code, "z", ["picture"])),
        ]
    finally:
        for module, was in training:
            module.training = was
    choices = Said(encoder_gives, decoder_gives, pixels, order=order, likelihood=likelihood, sigma=sigma).choices()
    opened = opening.open_files(files)  # the user's own network, just exported
    joined = None if images is None else joining.fitted(images, joining.shape_of(opened.halves, choices))
    found = readings(opened.halves, choices, None if joined is None else importing.tried_on(joined))
    reading, why = chosen(found, "This model", _WAY_OUT)
    return importing.adopted(opened, reading, why, name, joined, beta=beta)


def _tried(encoder: nn.Module, decoder: nn.Module, example: Tensor) -> tuple[list[str], Tensor]:
    """What to call the encoder's outputs, and codes of the example that the decoder takes.

    Outputs that differ from one call to the next are drawn at random; the others are mean and log-variance, in this order.
    """
    with torch.no_grad():
        once, again = (_tensors(encoder(example)) for _ in range(2))
        drawn = [not torch.equal(one, other) for one, other in zip(once, again, strict=True)]
        names = iter(["mean", "logvar", *(f"output_{place}" for place in range(2, len(once)))])
        gives = ["z" if random else next(names) for random in drawn]
        first = next((output for output, random in zip(once, drawn, strict=True) if not random), once[0])
        for code in (first, first[:, : first.shape[1] // 2]):  # a single output may hold mean and width
            try:
                _tensors(decoder(code))
            except (RuntimeError, ValueError, IndexError):  # what a module says of a shape that it does not take
                continue
            return gives, code
    raise InputError(
        f"The decoder does not take what the encoder gives, {_axes(first)}, nor half of its channels: wrap both so that the encoder "
        "returns mean and log-variance, and the decoder takes the mean."
    )


def _tensors(outputs: object) -> list[Tensor]:
    found = [outputs] if isinstance(outputs, Tensor) else list(outputs) if isinstance(outputs, tuple | list) else []
    if not found or not all(isinstance(output, Tensor) and output.ndim > 1 for output in found):
        raise InputError(
            f"A module returned {type(outputs).__name__}, where tensors with an axis for the batch are expected: wrap it in a module that "
            "returns mean and log-variance, or a picture."
        )
    return found


def _axes(tensor: Tensor) -> str:
    return " × ".join(map(str, tensor.shape[1:])) + " numbers"


def _exported(half: str, module: nn.Module, example: Tensor, takes: str, gives: list[str]) -> bytes:
    buffer = io.BytesIO()
    with warnings.catch_warnings(), torch.no_grad(), contextlib.redirect_stdout(io.StringIO()):  # it prints its graph where it fails
        warnings.simplefilter("ignore")  # this exporter needs no further package; the newer one does
        try:
            torch.onnx.export(
                module,
                (example,),
                buffer,  # type: ignore[arg-type]  # a file in memory too, as its documentation says
                input_names=[takes],
                output_names=gives,
                dynamic_axes={part: {0: "batch"} for part in (takes, *gives)},
                dynamo=False,
            )
        except (OnnxExporterError, RuntimeError) as error:
            said = (str(error).strip().splitlines() or [type(error).__name__])[0][:200]
            raise InputError(f"PyTorch cannot write the {half} as ONNX: {said}. Write that part of it with other operators.") from error
    return buffer.getvalue()

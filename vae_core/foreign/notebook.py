"""`adopt`: networks of PyTorch that a Python user has at hand become a model of ours, through ONNX in the user's own process."""

from __future__ import annotations

import io
import warnings

import torch
from torch import Tensor, nn

from vae_core.data import Images
from vae_core.foreign import importing, joining, opening
from vae_core.foreign.adopting import Choices, chosen, readings
from vae_core.training.checkpoint import Checkpoint
from vae_core.training.origin import DecoderGives


def adopt(
    encoder: nn.Module,
    decoder: nn.Module,
    example: Tensor,
    *,
    name: str = "Adopted",
    encoder_gives: str | None = None,
    decoder_gives: DecoderGives | None = None,
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
        images: of the kind that they were trained on.
        beta: the KL weight of their training, where it is known.

    Raises:
        InputError: a layer is not read, or nothing tells how the numbers are to be read.
    """
    encoder, decoder = encoder.eval(), decoder.eval()
    with torch.no_grad():
        outputs = encoder(example)
    gives = ["mean"] if isinstance(outputs, Tensor) else ["mean", "logvar", *(f"output_{place}" for place in range(2, len(outputs)))]
    first = outputs if isinstance(outputs, Tensor) else outputs[0]
    halved = encoder_gives is not None and encoder_gives.split(",")[0] in ("joined", "interleaved")
    code = first[:, : first.shape[1] // 2] if halved else first
    files = [
        ("encoder.onnx", _exported(encoder, example, "image", gives)),
        ("decoder.onnx", _exported(decoder, code, "z", ["picture"])),
    ]
    opened = opening.open_files(files)  # the user's own network, just exported
    choices = Choices(encoder_gives=encoder_gives, decoder_gives=decoder_gives)
    joined = None if images is None else joining.fitted(images, joining.shape_of(opened.halves, choices))
    found = readings(opened.halves, choices, None if joined is None else importing.tried_on(joined))
    reading, why = chosen(found, opened.halves.label)
    return importing.adopted(opened, reading, why, name, joined, beta=beta)


def _exported(module: nn.Module, example: Tensor, takes: str, gives: list[str]) -> bytes:
    buffer = io.BytesIO()
    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")  # this exporter needs no further package; the newer one does
        torch.onnx.export(
            module,
            (example,),
            buffer,  # type: ignore[arg-type]  # a file in memory too, as its documentation says
            input_names=[takes],
            output_names=gives,
            dynamic_axes={part: {0: "batch"} for part in (takes, *gives)},
            dynamo=False,
        )
    return buffer.getvalue()

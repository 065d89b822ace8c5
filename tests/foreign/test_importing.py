"""Models that others trained and published, opened: as ONNX files and as checkpoints of a known architecture."""

from __future__ import annotations

import io
import json
import os
import zipfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from tests.conftest import ROOT
from tests.foreign.graphs import file_of, node
from vae_core.base.errors import InputError
from vae_core.foreign import apart, importing, opening
from vae_core.foreign.adopting import Choices, chosen, readings
from vae_core.foreign.opening import Opened, Upload
from vae_core.training import checkpoint
from vae_core.training.checkpoint import Checkpoint
from vae_core.training.origin import RANGES

FOREIGN = Path(os.environ.get("LATENT_LOOM_SHARED", ROOT.parent / "shared")) / "data" / "foreign"
EACH = sorted(path.name for path in FOREIGN.iterdir() if path.is_dir()) if FOREIGN.is_dir() else []
AS_ONNX = [name for name in EACH if (FOREIGN / name / "encoder.onnx").is_file()]


def opened(
    files: Sequence[Upload],
    *,
    architecture: str | None = None,
    choices: Choices | None = None,
    open_files: Callable[..., Opened] = opening.open_files,
) -> Checkpoint:
    found = open_files(files, architecture=architecture)
    reading, why = chosen(readings(found.halves, importing.choices_of(found.card, choices or Choices()), None), found.halves.label)
    return importing.adopted(found, reading, why, "from elsewhere", None)


def answers_as_its_maker(point: Checkpoint, probe: Path) -> None:
    expected = np.load(probe)
    with torch.inference_mode():
        posterior = point.model.encode(torch.from_numpy(expected["x"]))
        drawn = [point.model.likelihood.mean(point.model.decode(z)) for z in (torch.from_numpy(expected["z"]), posterior.mean)]
    for got, name in zip((posterior.mean, posterior.logvar, *drawn), ("mu", "logvar", "decoded", "rec"), strict=True):
        np.testing.assert_allclose(got.numpy(), expected[name], atol=1e-4, rtol=0, err_msg=name)


@pytest.mark.parametrize("name", EACH)
def test_a_published_checkpoint_answers_as_its_authors_code_does(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = FOREIGN / name
    state = torch.load(folder / "model.pt", weights_only=True)
    monkeypatch.setattr(opening, "read_weights", lambda data, label: {key: value.numpy() for key, value in state.items()})
    files = [(part, (folder / part).read_bytes()) for part in ("model.pt", "specs.json")]
    point = opened(files, architecture="burgess")
    answers_as_its_maker(point, folder / "probe.npz")
    checkpoint.save(tmp_path / "kept", point.model, point.card)
    answers_as_its_maker(checkpoint.load(tmp_path / "kept"), folder / "probe.npz")
    assert point.card.origin is not None
    assert point.card.origin.knows_beta == (json.loads(files[1][1])["loss"] in ("VAE", "betaH"))


@pytest.mark.parametrize("name", AS_ONNX)
def test_a_published_pair_of_onnx_files_answers_as_its_authors_code_does(name: str) -> None:
    folder = FOREIGN / name
    files = [(part, (folder / part).read_bytes()) for part in ("decoder.onnx", "encoder.onnx")]  # told apart by their names
    point = opened(files)
    answers_as_its_maker(point, folder / "probe.npz")
    assert point.card.origin is not None
    assert point.card.origin.off is not None
    assert point.card.origin.off < 1e-5


def seeded(*modules: nn.Module) -> None:
    generator = torch.Generator().manual_seed(0)
    for module in modules:
        for tensor in (*module.parameters(), *module.buffers()):
            if tensor.is_floating_point():
                torch.nn.init.uniform_(tensor.data, 0.02, 0.12, generator=generator) if tensor.dim() == 1 else torch.nn.init.normal_(
                    tensor.data, 0, 0.05, generator=generator
                )


def block(make: type[nn.Conv2d] | type[nn.ConvTranspose2d], *settings: int, slope: float | None = None) -> nn.Sequential:
    bend = nn.ReLU() if slope is None else nn.LeakyReLU(slope)
    return nn.Sequential(make(*settings), nn.BatchNorm2d(settings[1]), bend)  # type: ignore[arg-type]


class Vanilla(nn.Module):
    """As in PyTorch-VAE, of fewer channels."""

    def __init__(self) -> None:
        super().__init__()
        self.encoder = nn.Sequential(*(block(nn.Conv2d, one, two, 3, 2, 1, slope=0.01) for one, two in ((3, 4), (4, 6), (6, 8))))
        self.fc_mu, self.fc_var, self.decoder_input = nn.Linear(32, 5), nn.Linear(32, 5), nn.Linear(5, 32)
        self.decoder = nn.Sequential(*(block(nn.ConvTranspose2d, one, two, 3, 2, 1, 1, slope=0.01) for one, two in ((8, 6), (6, 4))))
        last = block(nn.ConvTranspose2d, 4, 4, 3, 2, 1, 1, slope=0.01)
        self.final_layer = nn.Sequential(*last, nn.Conv2d(4, 3, 3, padding=1), nn.Tanh())

    def forward(self, x: torch.Tensor, z: torch.Tensor) -> tuple[torch.Tensor, ...]:
        hidden = self.encoder(2 * x - 1).flatten(1)
        drawn = self.final_layer(self.decoder(self.decoder_input(z).view(-1, 8, 2, 2)))
        return self.fc_mu(hidden), self.fc_var(hidden), (drawn + 1) / 2


class Example(nn.Module):
    """As in pytorch/examples."""

    def __init__(self) -> None:
        super().__init__()
        self.fc1, self.fc21, self.fc22 = nn.Linear(784, 400), nn.Linear(400, 20), nn.Linear(400, 20)
        self.fc3, self.fc4 = nn.Linear(20, 400), nn.Linear(400, 784)

    def forward(self, x: torch.Tensor, z: torch.Tensor) -> tuple[torch.Tensor, ...]:
        hidden = torch.relu(self.fc1(x.view(-1, 784)))
        return self.fc21(hidden), self.fc22(hidden), torch.sigmoid(self.fc4(torch.relu(self.fc3(z)))).view(-1, 1, 28, 28)


class Half(nn.Module):
    """Layers by number, as Pythae has them, and the heads."""

    def __init__(self, layers: Sequence[nn.Module], **heads: nn.Module) -> None:
        super().__init__()
        self.layers = nn.ModuleList(layers)
        for name, head in heads.items():
            self.add_module(name, head)


class Pythae(nn.Module):
    """As in Pythae, of fewer channels: `net` is one of its nets."""

    def __init__(self, net: str) -> None:
        super().__init__()
        self.net, latent = net, 5
        channels, side, small = {"mlp": (3, 8, 0), "mnist": (1, 28, 4), "cifar": (3, 32, 8), "celeba": (3, 64, 8)}[net]
        self.shape, self.small = (channels, side, side), small
        if net == "mlp":
            wide = channels * side * side
            encoder = [nn.Sequential(nn.Linear(wide, 512), nn.ReLU())]
            decoder = [nn.Sequential(nn.Linear(latent, 512), nn.ReLU()), nn.Sequential(nn.Linear(512, wide), nn.Sigmoid())]
            reached = 512
        else:
            encoder = [block(nn.Conv2d, one, two, 4, 2, 1) for one, two in ((channels, 2), (2, 3), (3, 4), (4, 6))]
            stages = {
                "mnist": ((6, 4, 3, 2, 1), (4, 3, 3, 2, 1, 1), (3, 1, 3, 2, 1, 1)),
                "cifar": ((6, 4, 4, 2, 1), (4, 3, 4, 2, 1, 1), (3, 3, 4, 1, 2)),
                "celeba": ((6, 4, 5, 2, 2), (4, 3, 5, 2, 1), (3, 2, 5, 2, 2, 1), (2, 3, 5, 1, 1)),
            }[net]
            first = nn.Linear(latent, 6 * small**2)
            ends = nn.Sequential(nn.ConvTranspose2d(*stages[-1]), nn.Sigmoid())  # type: ignore[arg-type]
            inner = [block(nn.ConvTranspose2d, *stage) for stage in stages[:-1]]
            decoder = [nn.Sequential(first) if net == "celeba" else first, *inner, ends]  # type: ignore[list-item]
            reached = 6 * {28: 1, 32: 2, 64: 4}[side] ** 2
        self.encoder = Half(encoder, embedding=nn.Linear(reached, latent), log_var=nn.Linear(reached, latent))
        self.decoder = Half(decoder)

    def forward(self, x: torch.Tensor, z: torch.Tensor) -> tuple[torch.Tensor, ...]:
        hidden = x.flatten(1) if self.net == "mlp" else x
        for layer in self.encoder.layers:
            hidden = layer(hidden)
        hidden = hidden.flatten(1)
        for place, layer in enumerate(self.decoder.layers):
            z = layer(z)
            if place == 0 and self.net != "mlp":
                z = z.view(len(z), 6, self.small, self.small)
        heads = self.encoder.get_submodule("embedding"), self.encoder.get_submodule("log_var")
        return heads[0](hidden), heads[1](hidden), z.view(len(z), *self.shape)


KNOWN: dict[str, tuple[nn.Module, tuple[int, int, int]]] = {
    "vanilla": (Vanilla(), (3, 16, 16)),
    "pytorch-example": (Example(), (1, 28, 28)),
    **{f"pythae-{net}": (model := Pythae(net), model.shape) for net in ("mlp", "mnist", "cifar", "celeba")},
}


@pytest.mark.parametrize("name", KNOWN)
def test_a_checkpoint_of_a_known_architecture_computes_what_the_network_does(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    theirs, shape = KNOWN[name]
    seeded(theirs)
    theirs.eval()
    files = [("model.safetensors", b""), ("model_config.json", json.dumps({"input_dim": shape}).encode())]
    state = {key: value.numpy() for key, value in theirs.state_dict().items()}
    monkeypatch.setattr(opening, "read_weights", lambda data, label: state)
    point = opened(files, architecture=name)
    x, z = torch.rand(3, *shape, generator=torch.Generator().manual_seed(1)), torch.randn(3, point.card.model.latent)
    with torch.inference_mode():
        mean, logvar, picture = theirs(x, z)
        posterior = point.model.encode(x)
        drawn = point.model.likelihood.mean(point.model.decode(z))
    for got, expected in ((posterior.mean, mean), (posterior.logvar, logvar), (drawn, picture)):
        np.testing.assert_allclose(got.numpy(), expected.numpy(), atol=1e-5)


@pytest.mark.slow
def test_a_checkpoint_is_read_in_a_process_that_runs_none_of_it(tmp_path: Path) -> None:
    torch.save({"model_state_dict": KNOWN["pytorch-example"][0].state_dict(), "epoch": 3}, tmp_path / "model.pt")
    point = opened([("model.pt", (tmp_path / "model.pt").read_bytes())], architecture="pytorch-example", open_files=apart.open_files)
    assert point.card.model.latent == 20
    torch.save(KNOWN["pytorch-example"][0], tmp_path / "whole.pt")  # a pickled module
    with pytest.raises(InputError, match=r"holds no weights that can be read without running code.*state_dict"):
        apart.open_files([("whole.pt", (tmp_path / "whole.pt").read_bytes())], architecture="pytorch-example")


def pair(heads: str, last: str = "", latent: int = 4) -> Iterator[Upload]:
    """An encoder whose outputs have these names, and a decoder that ends with an operator."""
    random = np.random.default_rng(0)
    names = heads.split()
    width = 2 * latent if len(names) == 1 else latent
    arrays = {f"w{place}": random.normal(size=(64, width)).astype(np.float32) / 9 for place in range(len(names))}
    nodes = [node("Flatten", "x", "flat"), *(node("MatMul", f"flat w{place}", name) for place, name in enumerate(names))]
    yield "encoder.onnx", file_of(nodes, arrays, ("batch", 1, 8, 8), outputs=heads)
    weight = {"w": random.normal(size=(latent, 64)).astype(np.float32) / 2, "to": np.array([-1, 1, 8, 8])}
    nodes = [node("MatMul", "z w", "h"), node("Reshape", "h to", "r"), node(last or "Identity", "r", "image")]
    yield "decoder.onnx", file_of(nodes, weight, ("batch", latent), source="z", outputs="image")


@pytest.mark.parametrize(
    ("heads", "asked", "gives"),
    [
        ("mu log_var", None, "mean,logvar"),
        ("sigma z_mean", None, "mean,std"),
        ("a b", "mean,logstd", "mean,logstd"),
        ("mean var z", None, "mean,variance"),
        ("both", "interleaved,logvar", "interleaved,logvar"),
        ("both", "joined,std", "joined,std"),
    ],
)
def test_heads_are_found_by_name_or_said(heads: str, asked: str | None, gives: str) -> None:
    files = list(pair(heads, "Sigmoid"))
    if "var" in heads.split() or "sigma" in heads or (asked or "").endswith("std"):
        files[0] = positive(files[0])
    point = opened(files, choices=Choices(encoder_gives=asked))
    assert point.card.origin is not None
    assert point.card.origin.encoder_gives == gives  # what it means in numbers, the check against the reference evaluator has seen


def positive(upload: Upload) -> Upload:
    """The encoder with widths above 0."""
    import onnx

    model = onnx.ModelProto.FromString(upload[1])
    for made in list(model.graph.node):
        if made.op_type == "MatMul" and made.output[0] in ("var", "sigma", "b", "both"):
            made.output[0] += "_raw"
            model.graph.node.append(node("Exp", made.output[0], made.output[0].removesuffix("_raw")))
    return upload[0], model.SerializeToString()


@pytest.mark.parametrize(
    ("heads", "last", "choices", "sentence"),
    [
        ("a b", "Sigmoid", Choices(), "do not say which is the mean.*say what the encoder gives, one of mean,logvar"),
        ("both", "Sigmoid", Choices(), "can be read in 2 ways, and without images nothing tells them apart"),
        ("mean logvar", "", Choices(), "can be read in 4 ways"),
        ("mean logvar", "Det", Choices(), "uses the operator Det .*which is not read. These are: Abs, Add"),
        ("mean logvar", "Sigmoid", Choices(likelihood="gaussian", sigma=0.0), "sigma"),
        ("mean logvar", "Tanh", Choices(likelihood="bernoulli"), "draws pictures, not chances"),
        ("mean logvar", "Sigmoid", Choices(encoder_gives="width"), "What the encoder gives is one of"),
    ],
)
def test_what_leaves_a_doubt_or_is_not_read_is_a_sentence(heads: str, last: str, choices: Choices, sentence: str) -> None:
    with pytest.raises(InputError, match=sentence):
        opened(list(pair(heads, last)), choices=choices)


def test_pixels_from_minus_one_to_one_and_logits_are_worked_into_the_layers() -> None:
    random = np.random.default_rng(0)
    for last, choices, range_ in (
        ("Tanh", Choices(), "-1,1"),
        ("", Choices(decoder_gives="logits"), "0,1"),
        ("", Choices(decoder_gives="picture", pixels=RANGES["0,255"]), "0,255"),
    ):
        point = opened(list(pair("mean logvar", last)), choices=choices)
        origin = point.card.origin
        assert origin is not None
        assert (origin.pixels.words, point.card.model.likelihood) == (
            range_,
            "bernoulli" if choices.decoder_gives == "logits" else "gaussian",
        )
        drawn = point.model.likelihood.mean(point.model.decode(torch.from_numpy(random.normal(size=(2, 4)).astype(np.float32))))
        assert drawn.shape == (2, 1, 8, 8)


def test_an_encoder_that_draws_is_refused_unless_it_also_gives_what_is_drawn_from() -> None:
    files = list(pair("mean logvar", "Sigmoid"))
    draw = [node("RandomNormalLike", "mean", "noise"), node("Add", "mean noise", "z")]
    assert opened([with_nodes(files[0], draw, "mean logvar z"), files[1]]).card.origin is not None
    with pytest.raises(InputError, match=r"draws random numbers \(RandomNormalLike.*without sampling"):
        opened([with_nodes(files[0], draw, "z"), files[1]])


def with_nodes(upload: Upload, nodes: Sequence[object], outputs: str) -> Upload:
    import onnx

    model = onnx.ModelProto.FromString(upload[1])
    model.graph.node.extend(nodes)
    del model.graph.output[:]
    model.graph.output.extend(onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, None) for name in outputs.split())
    return upload[0], model.SerializeToString()


def test_a_decoder_alone_is_told_to_come_with_its_encoder() -> None:
    with pytest.raises(InputError, match=r"has no output of its input's shape.*bring the other one"):
        opened([list(pair("mean logvar", "Sigmoid"))[1]])


def test_a_zip_with_a_card_is_opened_as_the_card_says() -> None:
    card = {"format": 1, "encoder_gives": "joined,logvar", "decoder_gives": "logits", "loss": {"convention": "entropy", "weight": 0.5}}
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in (*pair("both"), ("card.json", json.dumps(card).encode())):
            archive.writestr(name, data)
    point = opened([("model.zip", content.getvalue())])
    assert point.card.train.beta == pytest.approx(0.5 * 64)  # cross-entropy was averaged over 64 pixels
    with pytest.raises(InputError, match=r"card\.json cannot be used: encoder_fives"):
        opened([*pair("both"), ("card.json", json.dumps({"encoder_fives": "mean"}).encode())])
    for said, sentence in (
        ({"latent": {"shape": [16]}}, "a code of 16 numbers, and the decoder takes 4"),
        ({"image": {"channels": 1, "height": 8, "width": 8, "range": [0, 1e9]}}, "a range that cannot be used"),
    ):
        with pytest.raises(InputError, match=sentence):
            opened([*pair("both"), ("card.json", json.dumps(card | said).encode())])


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("model.pt2", "torch.export"),
        ("vae.keras", "tf2onnx"),
        ("encoder.pkl", "pickle"),
        ("encoder.onnx.data", "external_data=False"),
        ("model.pt", "say its architecture with --as"),
        ("photo.png", "one ONNX file, or two"),
    ],
)
def test_other_files_are_refused_with_a_way_out(name: str, sentence: str) -> None:
    with pytest.raises(InputError, match=sentence):
        opening.open_files([(name, b"PK whatever")])


def test_weights_in_a_zip_are_weights_alone_and_beside_layers_are_not() -> None:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("model/model.safetensors", b"whatever")
        archive.writestr("model/model_config.json", b"{}")
    assert opening.holds_weights_alone([("model.zip", content.getvalue())])
    assert not opening.holds_weights_alone([*pair("both"), ("model.pt", b"whatever")])

"""Faults that are planted in models at their exact optimum: each is found, and without one there is none."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

from tests.analysis.audit.planted import COLOURED, GREY, LARGE, LATENT, Break, found, images_of, model, whole
from vae_core import data
from vae_core.analysis.audit import dimensions, evidence, sheet
from vae_core.analysis.audit.evidence import Finding
from vae_core.base.config import ModelConfig, TrainConfig
from vae_core.base.errors import InputError
from vae_core.data import Images
from vae_core.model.vae import VAE
from vae_core.runs import catalogue
from vae_core.training.checkpoint import Checkpoint
from vae_core.training.origin import RANGES, Origin
from vae_core.training.train import fit

K = LATENT


def sound(beta: float) -> Checkpoint:
    return model(beta=beta, card_beta=beta)


@pytest.mark.parametrize("beta", [0.1, 1.0, 4.0, 10.0])
def test_a_model_at_its_optimum_has_no_fault_and_its_weight_is_read(beta: float) -> None:
    findings = found(sound(beta))
    assert {name for name, finding in findings.items() if finding.severity != "sound"} == set()
    assert findings["KL weight"].figure == pytest.approx(beta, rel=0.05)
    assert f"and the card says {beta:g}." in findings["KL weight"].sentence


@pytest.mark.parametrize("images", [LARGE, COLOURED])
def test_size_and_colour_are_no_fault(images: Images) -> None:
    assert {name for name, finding in found(model(images), images).items() if finding.severity != "sound"} == set()


@pytest.mark.parametrize("name", ["digits-2d", "digits-rates", "digits-split"])
def test_bundled_models_have_no_fault(name: str) -> None:
    findings = whole(catalogue.load(name), data.load("digits"))
    assert {name for name, finding in findings.items() if finding.severity == "fault"} == set()
    assert findings["KL weight"].figure == pytest.approx(1, abs=0.15)


@pytest.mark.parametrize(
    ("point", "images", "words"),
    [
        (model(LARGE, beta=256), LARGE, "about 256 times as much, as where the reconstruction was averaged over the 256 pixel values"),
        (model(beta=1 / 64), GREY, "about 1/64 times as much, as where the KL was averaged over the 64 pixel values"),
        (model(beta=1 / K), GREY, f"about 1/{K} times as much, as where the KL was averaged over the {K} dimensions"),
        (
            model(beta=64 / K),
            GREY,
            f"about 64/{K} times as much, as where the reconstruction was averaged over the 64 pixel values and the",
        ),
        (model(beta=2), GREY, "about 2 times as much, as where the KL has lost its ½"),
        (model(beta=1 / 40, batch=40), GREY, "about 1/40 times as much, as where the KL was averaged over the 40 images of a batch"),
        (
            model(LARGE, beta=40, batch=40),
            LARGE,
            "where the reconstruction was averaged over the 40 images of a batch and the KL was summed",
        ),
        (model(LARGE, variance=1, sigma=0.1), LARGE, "about 100 times as much, as where the loss was half the squared error, summed"),
        (model(LARGE, variance=0.5, sigma=0.1), LARGE, "about 50 times as much, as where the loss was the squared error summed"),
        (model(beta=17), GREY, "it was trained with another weight, or not to the end"),
        (
            model(beta=1e-4),
            GREY,
            "a β of 0.01 or less, where it cannot be read exactly, but the card says 1: as where the KL term is missing",
        ),
    ],
)
def test_another_weight_than_the_cards_is_found_with_the_slip_that_makes_it(point: Checkpoint, images: Images, words: str) -> None:
    finding = found(point, images)["KL weight"]
    assert finding.severity == "fault"
    assert words in finding.sentence


def test_a_small_weight_is_said_to_be_no_smaller_than_it_was_read() -> None:
    finding = found(model(beta=0.02, card_beta=0.001))["KL weight"]
    assert finding.severity == "sound"
    assert finding.sentence == "The weights behave as a β of 0.05 or less, where it cannot be read exactly, and the card says 0.001."


def test_a_network_that_was_trained_with_a_slip_betrays_it() -> None:
    """D + the mean of the KL over the eight dimensions, which is β = 1/8, where the card says 1."""
    images = data.load("digits")
    trained = VAE(ModelConfig(channels=1, height=8, width=8, latent=8, hidden=(64,)))
    for _ in fit(trained, images, TrainConfig(beta=1 / 8, epochs=15, batch=64, lr=5e-3, threads=1)):
        pass
    card = catalogue.load("digits-2d").card.model_copy(update={"model": trained.config})
    finding = found(Checkpoint(trained.eval(), card, None, ""), images)["KL weight"]
    assert finding.severity == "fault"
    assert finding.figure == pytest.approx(1 / 8, rel=0.15)
    assert "about 1/8 times as much, as where the KL was averaged over the 8 dimensions" in finding.sentence


def mistaken_widths(down: nn.Linear, up: nn.Linear) -> None:
    down.bias[K:] /= 2


def doubled_widths(down: nn.Linear, up: nn.Linear) -> None:
    down.bias[K:] *= 2


def one_width(down: nn.Linear, up: nn.Linear) -> None:
    down.bias[K:] = -2.5


def turned_widths(down: nn.Linear, up: nn.Linear) -> None:
    down.bias[K:] *= -1


def nothing_said(down: nn.Linear, up: nn.Linear) -> None:
    down.weight.zero_()
    down.bias.zero_()


def half_unused(down: nn.Linear, up: nn.Linear) -> None:
    for rows in (slice(4), slice(K, K + 4)):
        down.weight[rows] = 0
        down.bias[rows] = 0


def no_mean(down: nn.Linear, up: nn.Linear) -> None:
    down.weight[2] = 0
    down.bias[2] = 0


def not_heard(down: nn.Linear, up: nn.Linear) -> None:
    up.weight[:, 2] = 0


def two_not_heard(down: nn.Linear, up: nn.Linear) -> None:
    up.weight[:, [2, 5]] = 0


def said_twice(down: nn.Linear, up: nn.Linear) -> None:
    down.weight[1], down.bias[1] = down.weight[0], down.bias[0]


def negative(down: nn.Linear, up: nn.Linear) -> None:
    up.weight.neg_()
    up.bias.neg_().add_(1)


def from_minus_one(down: nn.Linear, up: nn.Linear) -> None:
    up.weight.mul_(2)
    up.bias.mul_(2).sub_(1)


def to_255(down: nn.Linear, up: nn.Linear) -> None:
    up.weight.mul_(255)
    up.bias.mul_(255)


def bytes_both_ways(down: nn.Linear, up: nn.Linear) -> None:
    down.weight.div_(255)
    to_255(down, up)


def dimensions_mixed_up(down: nn.Linear, up: nn.Linear) -> None:
    up.weight.copy_(up.weight.roll(1, 1))


def not_trained(down: nn.Linear, up: nn.Linear) -> None:
    generator = torch.Generator().manual_seed(0)
    for layer in (down, up):
        nn.init.normal_(layer.weight, std=0.2, generator=generator)


def far_means(down: nn.Linear, up: nn.Linear) -> None:
    for part in (down.weight, down.bias):
        part[:K] *= 4
    up.weight.div_(4)


@pytest.mark.parametrize(
    ("broken", "name", "severity", "words"),
    [
        (mistaken_widths, "KL weight", "fault", "its means fit the 1 of the card: the widths are not what they are taken for"),
        (doubled_widths, "KL weight", "fault", "as where log σ is read as log σ²"),
        (one_width, "Widths", "fault", "σ is 0.287 in every dimension and for every image: it is set, not learnt"),
        (turned_widths, "Widths", "fault", "100\N{NO-BREAK SPACE}% of the widths σ are above 1.1"),
        (nothing_said, "Unused dimensions", "fault", "All 8 dimensions are unused"),
        (nothing_said, "KL weight", "not measured", "No dimension is used"),
        (half_unused, "Unused dimensions", "doubt", "4 of 8 dimensions are unused: their KL is below 0.01 nats. 4 would do."),
        (no_mean, "Idle dimensions", "fault", "z₂: the mean is the same for every image"),
        (not_heard, "Ignored dimensions", "fault", "z₂: the encoder pays"),
        (said_twice, "Twin dimensions", "doubt", "z₀ and z₁ say the same: their means have a correlation of 1.00"),
        (negative, "Pixels", "fault", "What it draws of these images are negatives"),
        (from_minus_one, "Pixels", "fault", "What it draws of these images are pixels from −1 to 1"),
        (from_minus_one, "Range of pictures", "fault", "Pictures have pixels from −1."),
        (to_255, "Pixels", "fault", "What it draws of these images are pixels from 0 to 255"),
        (bytes_both_ways, "Pixels", "fault", "It reconstructs these images better as pixels from 0 to 255"),
        (dimensions_mixed_up, "Constant picture", "fault", "Worse than a constant picture"),
        (not_trained, "Constant picture", "fault", "Worse than a constant picture"),
        (far_means, "KL weight", "fault", "but the card says 1"),
    ],
)
def test_what_is_broken_in_the_weights_is_found(broken: Break, name: str, severity: str, words: str) -> None:
    finding = found(model(broken=broken))[name]
    assert finding.severity == severity
    assert words in finding.sentence


@pytest.mark.parametrize(
    ("point", "images", "words"),
    [
        (model(), images_of(255 - GREY.pixels), "It reconstructs these images better as negatives"),
        (model(), images_of(np.swapaxes(GREY.pixels, 2, 3).copy()), "better as pictures with rows and columns swapped"),
        (model(COLOURED), images_of(COLOURED.pixels[:, ::-1].copy()), "better as colours in the order blue, green, red"),
    ],
)
def test_images_that_are_given_otherwise_than_in_training_are_found(point: Checkpoint, images: Images, words: str) -> None:
    finding = found(point, images)["Pixels"]
    assert finding.severity == "fault"
    assert words in finding.sentence


def test_images_of_another_range_are_found() -> None:
    finding = found(model(), images_of(GREY.pixels // 16))["Images"]
    assert "The brightest pixel of 450 images is 15 of 255" in finding.sentence
    dark = GREY.pixels // 16
    dark[0] = GREY.pixels[0]
    assert "Images" not in found(model(), images_of(dark))


def test_a_model_of_few_images_has_learnt_them_by_heart() -> None:
    few = images_of(GREY.pixels.copy(), seen=20)
    finding = found(model(few), few)["Overfit"]
    assert finding.severity == "doubt"
    assert "it has learnt some of these by heart" in finding.sentence
    assert found(model(), images_of(GREY.pixels.copy() // 2 * 2))["Overfit"].severity == "not measured"  # it has seen none of these


def test_a_sigma_that_training_should_have_found_is_compared_with_the_error() -> None:
    finding = found(model(sigma_is="learned", sigma=0.5))["σ of pixels"]
    assert finding.severity == "fault"
    assert "σ is 0.5, and reconstructions from drawn codes have a root mean squared error of 0.1" in finding.sentence
    assert found(model(sigma_is="learned"))["σ of pixels"].severity == "sound"


def test_samples_that_are_like_no_image_and_holes_are_found() -> None:
    def narrow(down: nn.Linear, up: nn.Linear) -> None:
        for part in (down.weight, down.bias):
            part[:K] /= 4
        down.bias[K:] -= 2 * np.log(4)
        up.weight.mul_(4)

    findings = whole(model(broken=narrow))
    assert findings["Samples"].severity == "doubt"
    assert "Most of them are like no image" in findings["Samples"].sentence
    assert findings["Holes"].severity == "doubt"
    assert "what it draws of random codes there, it has not learnt" in findings["Holes"].sentence


def test_numbers_that_are_not_finite_end_the_audit() -> None:
    def broken(down: nn.Linear, up: nn.Linear) -> None:
        down.weight[0, 0] = torch.nan

    assert [(name, finding.severity) for name, finding in whole(model(broken=broken)).items()] == [("Codes", "fault")]


@pytest.mark.parametrize(
    ("changes", "words"),
    [({"capacity": 5.0}, "also charged a capacity"), ({"free_bits": 0.5}, "free bits"), ({"tc": 3.0}, "the total correlation")],
)
def test_a_weight_is_not_read_where_more_than_the_kl_term_was_charged(changes: dict[str, float], words: str) -> None:
    finding = found(model(train=changes))["KL weight"]
    assert (finding.severity, finding.figure) == ("not measured", None)
    assert words in finding.sentence


def from_elsewhere(point: Checkpoint, **changes: object) -> Checkpoint:
    values = {
        "files": ("model.pt",),
        "producer": "torch",
        "encoder_gives": "mean,logvar",
        "decoder_gives": "picture",
        "pixels": RANGES["0,1"],
    }
    card = point.card.model_copy(update={"origin": Origin.model_validate(values | changes)})
    return Checkpoint(point.model, card, None, "")


def test_of_a_gaussian_whose_sigma_nobody_knows_only_beta_times_its_square_is_said() -> None:
    plain = found(from_elsewhere(model(LARGE, sigma=1.0)), LARGE)["KL weight"]
    assert plain.severity == "sound"
    assert plain.sentence.startswith(
        "Of a Gaussian decoder whose σ nobody has said only β·σ² shows: with a KL weight of 1 its σ would be 0.0"
    )
    assert plain.sentence.endswith("as of a plain VAE.")
    half = found(from_elsewhere(model(LARGE, variance=1)), LARGE)["KL weight"]
    assert half.severity == "doubt"
    assert half.figure == pytest.approx(1, rel=0.05)
    assert "the loss was half the squared error, summed over the pixel values, with a weight of 1" in half.sentence
    other = found(from_elsewhere(model(LARGE, variance=0.2)), LARGE)["KL weight"]
    assert "times more than in a plain VAE" in other.sentence


def test_where_nobody_has_said_the_weight_only_a_slip_that_nobody_chooses_is_a_doubt() -> None:
    chosen = found(from_elsewhere(catalogue.load("digits-2d")), data.load("digits"))["KL weight"]
    assert chosen.severity == "sound"
    assert chosen.sentence.endswith("What it was trained with, nobody has said.")


def learnt_from(images: Images) -> dict[str, Finding]:
    """The whole sheet of a model whose card says that these are the images it learnt from."""
    point = model()
    data_card = point.card.data.model_copy(update={"identity": images.identity})
    return whole(replace(point, card=point.card.model_copy(update={"data": data_card})), images)


def test_what_an_audit_cannot_do_is_said() -> None:
    findings = whole(model(), None)
    assert findings["Images"].severity == "not measured"
    assert findings["Range of pictures"].severity == "sound"
    with pytest.raises(InputError, match="takes images of"):
        whole(model(), LARGE)
    ten, twenty = (learnt_from(Images("few", GREY.pixels[:count])) for count in (10, 20))
    assert ten["Images"].sentence == "An audit takes 20 images, and here are 10: name more."
    assert ten["Range of pictures"].severity == "sound"
    assert twenty["Overfit"].figure is not None
    few = images_of(GREY.pixels[:256])
    assert {name for name, finding in whole(model(), few).items() if finding.severity == "not measured"} == {"Overfit", "Holes", "Samples"}


def test_of_a_slow_network_fewer_images_and_dimensions_are_looked_at_and_the_sheet_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evidence, "affordable", lambda config: 200)
    monkeypatch.setattr(sheet, "affordable", lambda config: 200)
    monkeypatch.setattr(dimensions, "_PRODUCTS", 0)
    monkeypatch.setattr(dimensions, "_FEWEST", 1)
    findings = whole(model(broken=two_not_heard))
    assert (
        findings["Images"].sentence == "Its network is slow or its code is long, so this sheet is from 200 images; others are from 5,000."
    )
    assert findings["Ignored dimensions"].severity == "not measured"
    assert (
        "2 of 8 dimensions hardly move a picture. Of these only the 1 that cost most were tried" in findings["Ignored dimensions"].sentence
    )

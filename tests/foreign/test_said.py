"""What a person says of a model, in texts: read as on the command line and on the page, or refused in a sentence."""

from __future__ import annotations

import pytest

from vae_core.base.errors import InputError
from vae_core.foreign.said import Said, range_of
from vae_core.training.origin import RANGES, DecoderGives, reading_in_words


def test_texts_become_choices() -> None:
    said = Said("mean,std", "picture", "-1, 1", "3 × 64 x 48", "4x8x8", "channels last", "gaussian", 0.5).choices()
    assert (said.encoder_gives, said.decoder_gives, said.pixels) == ("mean,std", "picture", RANGES["-1,1"])
    assert (said.image, said.latent, said.channels_last) == ((3, 64, 48), (4, 8, 8), True)
    assert (said.likelihood, said.sigma) == ("gaussian", 0.5)
    assert set(Said().choices()) == {None}


def test_mean_and_deviation_are_a_range() -> None:
    found = range_of("0.5, 0.5, 0.4 / 0.25, 0.5, 0.2")
    assert found.scale == pytest.approx((4, 2, 5))  # a pixel p from 0 to 1 is (p − mean)/deviation to the model
    assert found.shift == pytest.approx((-2, -1, -2))
    assert range_of("0.5/0.5").scale == (2,)


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        (Said(image="64x64"), "such as 3x64x64"),
        (Said(image="4x64x64"), "1 channel, grey, or 3, not 4"),
        (Said(latent="ten"), 'such as 4x8x8, not "ten"'),
        (Said(latent="0"), "such as 4x8x8"),
        (Said(pixels="0,2"), "are no range"),
        (Said(pixels="0.5,0.5/0.2,0.2"), "are no range"),
        (Said(pixels="0.5/0"), "are no range"),
        (Said(pixels="nan/1"), "cannot be used"),
        (Said(decoder_gives="text"), "a picture or logits"),
        (Said(order="rows first"), "channels first or channels last"),
        (Said(likelihood="poisson"), "one of bernoulli"),
    ],
)
def test_what_says_nothing_is_one_sentence(said: Said, sentence: str) -> None:
    with pytest.raises(InputError, match=sentence):
        said.choices()


@pytest.mark.parametrize(
    ("reading", "words"),
    [
        (
            ("joined,std", "logits", "0,1"),
            "mean and σ in one output, all means first; the decoder gives logits, which a sigmoid makes a picture",
        ),
        (
            ("interleaved,logvar", "picture", "-1,1"),
            "mean and log-variance in turn in one output; the decoder gives a picture; pixels go from −1 to 1",
        ),
        (
            ("mean", "picture", "0.5/0.25"),
            "the code itself, without a width; the decoder gives a picture; pixels go from 0 to 1, times 4 and plus −2",
        ),
    ],
)
def test_a_reading_is_told_in_plain_words(reading: tuple[str, DecoderGives, str], words: str) -> None:
    encoder_gives, decoder_gives, pixels = reading
    assert reading_in_words(encoder_gives, decoder_gives, range_of(pixels)).startswith(f"the encoder gives {words}")

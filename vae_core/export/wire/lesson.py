"""Every record that the lesson of a static site is given; `typedefs` writes the same as types of JavaScript.

The arrays of a step stand in a file of its own; an address "start-end" is a part of what that file holds.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypedDict

from vae_core.export.wire.multirate import MultirateData
from vae_core.export.wire.records import MachineData, ReplayData


class LessonFile(TypedDict):
    """A file beside the page."""

    file: str  # its name
    integrity: str  # of that file, as fetch takes it


class LessonModel(LessonFile):
    """A model of the lesson."""

    id: str  # by which the steps ask for it
    hash: str  # of its weights


class LessonShort(TypedDict):
    """A short string."""

    text: str  # in English, as the script has it
    said: Sequence[str]  # in each of the languages


class CompressStep(TypedDict):
    """Step 1: a digit rebuilt from so many numbers."""

    right: int  # which answer is the right one, from 0
    order: Sequence[int]  # the dimensions of the network, the most informative first
    components: str  # address of the mean image, then the principal components, float32 [1 + M, D]
    losses: Sequence[Sequence[float]]  # errors after 1, 2, … M numbers: of the network, of the components
    two: float  # the error of a network made for two


class DreamStep(TypedDict):
    """Step 2: random codes in two models."""

    right: int  # which answer is the right one, from 0
    points: str  # address of the codes of n images in both models, float32 [2, n, 2]
    labels: Sequence[int]  # the class of each image, [n]
    palette: Sequence[str]  # "#rrggbb", one for each class
    reach: float  # how far both maps go


class RegionsStep(TypedDict):
    """Step 3: the machine of the Home page."""

    right: int  # which answer is the right one, from 0
    machine: MachineData  # but for the address of the weights, which is empty
    pairs: str  # two images whose regions overlap, and two far apart, uint8 [4, 1, 28, 28] in base64
    digits: Sequence[str]  # what these are, [4]
    overlap: str  # of the first two, as it is written
    apart: str  # how many widths the others are


class ContinuityStep(TypedDict):
    """Step 4: how much pictures change over a small step."""

    right: int  # which answer is the right one, from 0
    shares: Sequence[float]  # the steps of the slider, [S]
    changes: str  # address of the changes of n pictures in both models, float16 [2, S, n]
    lengths: Sequence[Sequence[float]]  # of the steps in both models, [2][S]
    middles: Sequence[Sequence[float]]  # the median change in both models, [2][S]


class TrickStep(TypedDict):
    """Step 5: the reparameterisation trick."""

    right: Sequence[int]  # for each digit
    estimates: str  # address of estimates of the slope for each digit, with the trick and without, float32 [10, 2, n]


class BoundTruth(TypedDict):
    """The true posterior of a digit over a grid."""

    across: tuple[float, float]  # from where to where z₀ goes
    up: tuple[float, float]  # the same of z₁
    sides: tuple[int, int]  # places across and up, [A, B]
    density: str  # address of the density as a share of its highest, 0 to 255, uint8 [A, B]
    evidence: float  # log p(x) in nats
    best: Sequence[float]  # mean, then standard deviation of the best Gaussian, [4]


class BoundStep(TypedDict):
    """Step 6: the bound."""

    right: int  # which answer is the right one, from 0
    truths: Sequence[BoundTruth]  # for each digit


class ForcesStep(TypedDict):
    """Step 7: the two forces."""

    right: int  # which answer is the right one, from 0
    replay: ReplayData  # of a small model; the sheet holds all its images in a row, and is an address in the file
    images: int  # how many these are


class TradeoffStep(TypedDict):
    """Step 8: a model of every KL weight."""

    right: int  # which answer is the right one, from 0
    multirate: MultirateData  # the addresses of codes and labels are in the file, those of weights are the models' ids


class BeforeStep(TypedDict):
    """Step 9: two older machines, which the browser runs."""

    right: int  # which answer is the right one, from 0
    stops: Sequence[int]  # rounds
    lower: str  # address of weights [H, V], biases of hidden [H] and of visible units [V], float32
    upper: str  # the same of the machine above, which sees the hidden units of the lower one
    units: Sequence[int]  # visible units, hidden units, and hidden units of the machine above
    digits: str  # address of the digits that both learnt, 0 or 1, uint8 [N, V]
    model: str  # which model stands beside them


class CreateStep(TypedDict):
    """Step 10: pictures that nobody has drawn."""

    right: int  # which answer is the right one, from 0
    names: Sequence[str]  # of the dimensions that tell most
    dimensions: Sequence[int]  # their numbers
    ranges: Sequence[Sequence[float]]  # lowest and highest value of each
    nats: Sequence[float]  # what each tells


class LessonData(TypedDict):
    """The lesson."""

    languages: Sequence[str]  # by their two letters, English first
    short: Sequence[LessonShort]
    digits: str  # one of each class, uint8 [10, 28, 28] in base64
    models: Sequence[LessonModel]
    files: Sequence[LessonFile]  # of the steps, in their order
    compress: CompressStep
    dream: DreamStep
    regions: RegionsStep
    continuity: ContinuityStep
    trick: TrickStep
    bound: BoundStep
    forces: ForcesStep
    tradeoff: TradeoffStep
    before: BeforeStep
    create: CreateStep

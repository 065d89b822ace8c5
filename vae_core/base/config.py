"""What a model and a training run are, as strict, bounded values that go to JSON and back unchanged."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self, TypeVar

from pydantic import BaseModel, Field, ValidationError, ValidationInfo, field_validator, model_validator

from vae_core.base.errors import InputError
from vae_core.base.layers import Graphs, Reshape
from vae_core.base.strict import Config

Body = Literal["mlp", "conv", "linear"]
AnyBody = Literal["mlp", "conv", "linear", "graph"]
LikelihoodName = Literal["bernoulli", "continuous_bernoulli", "gaussian", "logistic"]
Enlarging = Literal["transposed", "nearest"]
SigmaIs = Literal["fixed", "learned", "optimal"]
Widths = Literal["held", "free"]
Schedule = Literal["constant", "linear", "cyclical"]
Binarise = Literal["no", "static", "stochastic"]
Device = Literal["cpu", "cuda", "mps"]
Precision = Literal["fp32", "bf16"]
SIGMAS_OF: Mapping[LikelihoodName, tuple[SigmaIs, ...]] = {
    "gaussian": ("fixed", "learned", "optimal"),
    "logistic": ("fixed", "learned"),
}
"""What σ can be, for the likelihoods that have one: fixed, learned, or "optimal" where the best one has a closed form."""

MAX_PARAMETERS = 50_000_000
MIN_SIDE, MAX_SIDE = 8, 128  # pixels
MIN_LATENT, MAX_LATENT = 2, 128  # numbers of a code
MAX_WIDE = 4096  # of one that was made elsewhere: 4 × 32 × 32
MAX_PAIRS = 2**25  # batch² · latent numbers, 128 MB as one array; total correlation needs several
_PositiveBeta = Annotated[float, Field(ge=1e-6, le=10_000)]


class ModelConfig(Config):
    """The shape of one autoencoder.

    A field's description is also its help on the command line. "mlp" and "conv" have hidden layers with LeakyReLU, "linear" is one affine
    map each way; the decoder mirrors the encoder. "graph" is a model that was made elsewhere, its layers written down in `graph`. A σ
    that is "learned" is one more parameter of the model; one that is "optimal" is computed from each batch, for "gaussian" as its root
    mean squared error. A deterministic autoencoder's code is a point: its rate is not defined and counts as 0. A multi-rate model, one
    with a beta_range (Bae et al. 2022), is told the KL weight with each image and trains on the whole range at once; a split one is told
    two, for D_μ and for D_σ (`DiagonalGaussian.kl_halves_per_dim`), each from the range.
    """

    body: Annotated[AnyBody, Field(description="kind of network")] = "mlp"
    channels: Annotated[Literal[1, 3], Field(description="1 for grey images, 3 for RGB")]
    height: Annotated[int, Field(ge=MIN_SIDE, le=MAX_SIDE, description="height of an image in pixels")]
    width: Annotated[int, Field(ge=MIN_SIDE, le=MAX_SIDE, description="width of an image in pixels")]
    latent: Annotated[int, Field(ge=MIN_LATENT, le=MAX_WIDE, description="K, the number of latent dimensions")]
    hidden: Annotated[
        tuple[Annotated[int, Field(ge=1, le=4096)], ...],
        Field(
            max_length=8,
            description="mlp: widths of the encoder's layers; conv: channels after each halving of the image, then the width of a dense "
            "layer; linear: none",
        ),
    ] = ()
    enlarge: Annotated[
        Enlarging,
        Field(
            description="conv: how the decoder doubles a side: by a transposed convolution, as older models do, or by nearest neighbours "
            "and a convolution after it, which learns sooner"
        ),
    ] = "transposed"
    shrink: Annotated[
        float,
        Field(
            ge=0,
            le=64,
            description="conv with a σ: details that the decoder draws fainter than this many grey levels of 255 are taken away, so that "
            "flat areas are flat; 0 leaves all",
        ),
    ] = 0.0
    likelihood: Annotated[LikelihoodName, Field(description="what the decoder's output means")] = "bernoulli"
    sigma: Annotated[
        float,
        Field(ge=0.001, le=10, description=f"σ of the {' and the '.join(SIGMAS_OF)} likelihood, on the [0, 1] pixel scale"),
    ] = 0.1
    sigma_is: Annotated[
        SigmaIs, Field(description="whether σ stays fixed, is learned from its first value on, or is the optimal one of each batch")
    ] = "fixed"
    variational: Annotated[bool, Field(description="codes are sampled and have a rate; if not, a plain autoencoder")] = True
    widths: Annotated[
        Widths,
        Field(
            description="how narrow codes may be: held, as in older models, log σ² stays above -10; free, above -24, and in a multi-rate "
            "model it follows the KL weight as it does in the linear one"
        ),
    ] = "held"
    beta_range: Annotated[
        tuple[_PositiveBeta, _PositiveBeta] | None,
        Field(description="train one model for every KL weight from A to B, such as 0.01 10; it is judged at the KL weight that beta says"),
    ] = None
    split: Annotated[bool, Field(description="with a range of KL weights: a weight for each half of the rate, D_μ and D_σ")] = False

    graph: Annotated[Graphs | None, Field(description="graph: the layers of both networks")] = None

    @field_validator("latent")
    @classmethod
    def _wide_codes_come_from_elsewhere(cls, value: int, info: ValidationInfo) -> int:
        if value > MAX_LATENT and info.data.get("body") != "graph":
            raise ValueError(f"input should be less than or equal to {MAX_LATENT}")
        return value

    @model_validator(mode="after")
    def _graph_is_there_for_its_body(self) -> Self:
        if (self.body == "graph") != (self.graph is not None):
            raise ValueError("the body graph has its layers written down, and no other body has")
        if self.graph is not None and (self.hidden or self.beta_range is not None):
            raise ValueError("a model that was made elsewhere has no hidden sizes and no beta_range")
        return self

    @model_validator(mode="after")
    def _hidden_fits_the_body(self) -> Self:
        if self.body != "conv" and self.enlarge != "transposed":
            raise ValueError(f"only a conv model enlarges pictures: leave out enlarge for {self.body}")
        halvings = min(self.height, self.width).bit_length() - 1
        if self.body == "linear" and self.hidden:
            raise ValueError("a linear model has no hidden layers")
        if self.body == "mlp" and not self.hidden:
            raise ValueError("an mlp needs at least one hidden layer")
        if self.body == "conv" and not 2 <= len(self.hidden) <= halvings + 1:
            raise ValueError(
                f"a conv model for {self.height} x {self.width} images takes 1 to {halvings} channel counts and then a dense width"
            )
        return self

    @model_validator(mode="after")
    def _sigma_suits_the_likelihood(self) -> Self:
        if self.sigma_is != "fixed" and self.likelihood not in SIGMAS_OF:
            raise ValueError(f"sigma cannot be {self.sigma_is}, since a {self.likelihood} likelihood has none")
        if self.sigma_is not in SIGMAS_OF.get(self.likelihood, ("fixed",)):
            raise ValueError(f"a {self.likelihood} likelihood has no {self.sigma_is} sigma in closed form: let it be learned")
        if self.shrink and (self.body != "conv" or self.likelihood not in SIGMAS_OF):
            raise ValueError("only a conv model whose likelihood has a sigma takes faint details away: leave out shrink")
        return self

    @model_validator(mode="after")
    def _beta_range_rises(self) -> Self:
        if self.beta_range is None:
            if self.split:
                raise ValueError("a split model takes a pair of KL weights from a beta_range: give one, or leave out split")
            return self
        if not self.variational:
            raise ValueError("a deterministic autoencoder has no rate: it takes no beta_range")
        if self.beta_range[0] >= self.beta_range[1]:
            raise ValueError(f"a beta_range must rise: {self.beta_range[0]:g} is not below {self.beta_range[1]:g}")
        return self

    @property
    def lowest_logvar(self) -> float:
        """Below which no log σ² goes. In two dimensions the best codes are narrower than "held" lets them be from β = 0.3 down."""
        return -24.0 if self.widths == "free" else -10.0

    @property
    def wide(self) -> bool:
        """Whether a code has more numbers than there is room for sliders, so that directions take their place."""
        return self.latent > MAX_LATENT

    @property
    def code_shape(self) -> tuple[int, ...]:
        """(K,), or (C, h, w) of a code with axes of space, which the decoder of a model from elsewhere folds first."""
        first = None if self.graph is None or not self.graph.decoder else self.graph.decoder[0]
        return first.shape if isinstance(first, Reshape) and len(first.shape) == 3 else (self.latent,)

    @property
    def likelihood_words(self) -> str:
        """The likelihood with its σ, for a card: "bernoulli", "gaussian, σ 0.1", "logistic, σ learned"."""
        name = self.likelihood.replace("_", " ")
        if self.likelihood not in SIGMAS_OF:
            return name
        return f"{name}, σ {f'{self.sigma:g}' if self.sigma_is == 'fixed' else self.sigma_is}"

    @property
    def faint_words(self) -> str:
        """What becomes of faint details, for a card; empty where nothing does."""
        return f"those fainter than {self.shrink:g} of 255 grey levels are taken away" if self.shrink else ""


class TrainConfig(Config):
    """How a model is trained.

    A field's description is also its help on the command line. The loss is D + β·R as long as schedule, capacity, free_bits and tc are
    left alone. Evaluation always counts D + β·R with the final β, so that its figures mean the same for every objective and at every
    step.

    Schedules: "linear", β rises over the first `ramp` of all steps and stays; "cyclical", it does so in each of `cycles` equal parts
    (Fu et al. 2019). The capacity C rises linearly over `ramp`, and R is the mean over the batch (Burgess et al. 2018). With free bits,
    the loss has max(λ, mean over the batch of R_j) in place of each dimension's rate R_j (Kingma et al. 2016). β-TCVAE (Chen et al.
    2018) with weight w is `beta` = 1 and `tc` = w − 1. Binarisation makes each pixel black or white, white with its grey level as the
    chance: "static" once and for all; "stochastic" anew each time an image is trained on, while evaluation keeps to the static draw. The
    device "auto" is an NVIDIA GPU, else an Apple one, else the processor. The precision "auto" is bfloat16 where that is faster, see
    `vae_core.training.precision`.
    """

    beta: Annotated[
        float, Field(ge=0, le=10_000, description="β, the KL weight in loss = D + β·R; with a schedule, the value it rises to")
    ] = 1.0
    beta_sigma: Annotated[
        float | None,
        Field(ge=0, le=10_000, description="β_σ, a weight of its own for D_σ: loss = D + β·D_μ + β_σ·D_σ; left out, β weighs both"),
    ] = None
    epochs: Annotated[int, Field(ge=1, le=10_000, description="passes over the training images")] = 20
    batch: Annotated[int, Field(ge=1, le=65_536, description="images per step")] = 128
    lr: Annotated[float, Field(gt=0, le=10, description="Adam's learning rate; over the last fifth of the steps it falls to 0")] = 2e-3
    seed: Annotated[int, Field(ge=0, lt=2**63, description="seed of the weights, the order of the images and the noise")] = 0
    threads: Annotated[int, Field(ge=0, le=256, description="torch threads; 0 leaves the choice to torch")] = 0
    schedule: Annotated[Schedule, Field(description="how β rises from 0: not at all, once, or in cycles")] = "constant"
    ramp: Annotated[
        float,
        Field(gt=0, le=1, description="share of the steps, or of each cycle, over which β rises, or C with a capacity"),
    ] = 0.5
    cycles: Annotated[int, Field(ge=1, le=1000, description="number of cycles of a cyclical schedule")] = 4
    capacity: Annotated[
        float | None, Field(ge=0, le=10_000, description="C in nats per image: loss = D + β·|R − C|, with C rising from 0 to this value")
    ] = None
    free_bits: Annotated[
        float, Field(ge=0, le=100, description="λ in nats: each latent dimension's rate counts as at least this much in the loss")
    ] = 0.0
    tc: Annotated[float, Field(ge=0, le=10_000, description="weight of the total correlation of the codes, added to the loss")] = 0.0
    binarise: Annotated[
        Binarise, Field(description="make pixels black or white, with their grey level as the chance: once, or anew at each step")
    ] = "no"
    device: Annotated[Literal["auto"] | Device, Field(description="what to train on; auto is a GPU where there is one")] = "auto"
    precision: Annotated[
        Literal["auto"] | Precision,
        Field(description="number format of the network in training; auto is bf16 where that is faster; evaluation is always fp32"),
    ] = "auto"

    @model_validator(mode="after")
    def _parts_agree(self) -> Self:
        if self.capacity is not None and self.schedule != "constant":
            raise ValueError("with a capacity, C rises instead of beta: the schedule of beta must be constant")
        if self.capacity is not None and self.free_bits:
            raise ValueError("a capacity already sets the size of the rate: leave free_bits at 0, or leave out the capacity")
        if self.tc and self.batch < 2:
            raise ValueError("total correlation is estimated from the other images of a batch: take a batch of at least 2")
        if self.beta_sigma is not None and self.shapes_the_rate:
            raise ValueError("beta_sigma weighs one half of the plain rate: leave out schedule, capacity, free_bits and tc")
        return self

    @property
    def weights(self) -> float | tuple[float, float]:
        """β, or (β_μ, β_σ) where the halves of the rate are weighed apart."""
        return self.beta if self.beta_sigma is None else (self.beta, self.beta_sigma)

    @property
    def shapes_the_rate(self) -> bool:
        """Whether the loss does more with the rate than weigh it with a constant β."""
        return bool(self.schedule != "constant" or self.capacity is not None or self.free_bits or self.tc)


class RunConfig(Config):
    """One training run: its name for people, its data set (a name in the registry, or an id), the model and its training."""

    name: Annotated[str, Field(min_length=1, max_length=120)]
    data: Annotated[str, Field(min_length=1, max_length=4096)]
    model: ModelConfig
    train: TrainConfig

    @model_validator(mode="after")
    def _model_suits_the_training(self) -> Self:
        if not self.model.variational and self.train.shapes_the_rate:
            raise ValueError("a deterministic autoencoder has no rate: leave out schedule, capacity, free_bits and tc")
        if not self.model.variational and self.train.beta_sigma is not None:
            raise ValueError("a deterministic autoencoder has no rate: leave out beta_sigma")
        if self.train.binarise != "no" and self.model.likelihood != "bernoulli":
            raise ValueError(f"black and white images call for the bernoulli likelihood, not for {self.model.likelihood}")
        if self.model.beta_range is not None:
            if self.train.shapes_the_rate:
                raise ValueError("a model with a beta_range trains on every KL weight: leave out schedule, capacity, free_bits and tc")
            if self.train.beta_sigma is not None and not self.model.split:
                raise ValueError("a model with a beta_range weighs the whole rate alike: leave out beta_sigma, or make it a split one")
            low, high = self.model.beta_range
            for name in ("beta", "beta_sigma"):
                if (weight := getattr(self.train, name)) is not None and not low <= weight <= high:
                    raise ValueError(f"the {name} at which the model is judged must be in its beta_range, {low:g} to {high:g}")
        pairs = self.train.batch**2 * self.model.latent
        if self.train.tc and pairs > MAX_PAIRS:
            raise ValueError(
                f"total correlation compares all pairs of a batch in each dimension, here {pairs:,} numbers of at most {MAX_PAIRS:,}: "
                "take a smaller batch"
            )
        return self


def weights_name(model: ModelConfig, train: TrainConfig) -> str:
    """The KL weight in the name of a model: "β1"; "β1,0.5" for two halves; "β0.01–10" for a multi-rate model; or "autoencoder"."""
    if not model.variational:
        return "autoencoder"
    if model.beta_range is not None:
        low, high = model.beta_range
        return f"β{low:g}–{high:g}{' split' if model.split else ''}"
    return f"β{train.beta:g}" if train.beta_sigma is None else f"β{train.beta:g},{train.beta_sigma:g}"


def default_hidden(body: Body, height: int, width: int) -> tuple[int, ...]:
    """Hidden sizes that suit an image size.

    For conv, halvings until the shorter side is 4 to 7 pixels; for mlp, widths that keep the largest colour images well within
    the limit on parameters.
    """
    if body == "linear":
        return ()
    if body == "mlp":
        return (512, 512) if height * width <= 64 * 64 else (256, 256)
    halvings = max(1, min(height, width).bit_length() - 3)
    return (*(32, 64, 64, 64, 64)[:halvings], 256)


def default_enlarging(body: Body) -> Enlarging:
    """How the decoder of a new model doubles a side; a card that does not say it is of an older model, and means "transposed"."""
    return "nearest" if body == "conv" else "transposed"


def default_shrinking(body: Body, likelihood: LikelihoodName) -> float:
    """How faint what the decoder of a new model draws must be to be taken away, in grey levels; 0 where nothing is."""
    return 16.0 if body == "conv" and likelihood in SIGMAS_OF else 0.0


ModelT = TypeVar("ModelT", bound=BaseModel)


def parse(kind: type[ModelT], values: dict[str, Any]) -> ModelT:
    """Build a configuration from loose values.

    Raises:
        InputError: one sentence that names the first field at fault, the value and the limit.
    """
    try:
        return kind(**values)
    except ValidationError as error:
        raise InputError(explain(error)) from error


def explain(error: ValidationError) -> str:
    """The first complaint of pydantic as one sentence: field, value, rule."""
    first = error.errors(include_url=False)[0]
    field = ".".join(str(part) for part in first["loc"])
    rule = first["msg"].removeprefix("Value error, ")
    try:
        value = str(first["input"])[:60]
    except ValueError:  # Python refuses to write out a longer integer
        value = "a number of more than 4,300 digits"
    return f"{field} = {value}: {rule[0].lower()}{rule[1:]}." if field else f"{rule[0].upper()}{rule[1:]}."

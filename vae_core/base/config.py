"""What a model and a training run are, as strict, bounded values that go to JSON and back unchanged."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from vae_core.base.errors import InputError

Body = Literal["mlp", "conv", "linear"]
LikelihoodName = Literal["bernoulli", "continuous_bernoulli", "gaussian", "logistic"]
SigmaIs = Literal["fixed", "learned", "optimal"]
Schedule = Literal["constant", "linear", "cyclical"]
Binarise = Literal["no", "static", "stochastic"]
Device = Literal["cpu", "cuda", "mps"]
Precision = Literal["fp32", "bf16"]
MAX_PARAMETERS = 50_000_000
MAX_PAIRS = 2**25  # batch² · latent numbers, of which total correlation needs several arrays; one is 128 MB


_PositiveBeta = Annotated[float, Field(ge=1e-6, le=10_000)]


class Config(BaseModel):
    """Base of everything stored as JSON: no unknown keys, no coercion, no NaN, immutable."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, allow_inf_nan=False)


class ModelConfig(Config):
    """The shape of one autoencoder.

    Attributes:
        body: "mlp" and "conv" have hidden layers with LeakyReLU; "linear" is one affine map each way.
        channels, height, width: the image's shape.
        latent: K, the number of latent dimensions.
        hidden: mlp: the encoder's layer widths; conv: channels after each halving of the image, then the width of one dense
            layer; linear: empty. The decoder mirrors it.
        likelihood: what the decoder's output means.
        sigma: standard deviation of the "gaussian" and the "logistic" likelihood, on the [0, 1] pixel scale; the others have none.
        sigma_is: "fixed"; "learned" from `sigma` on, as one more parameter of the model; or "optimal", for "gaussian" alone: set to
            the root mean squared error of each batch.
        variational: False gives a deterministic autoencoder: the code is a point, its rate is not defined and counts as 0.
        beta_range: (a, b) gives one model for every KL weight from a to b, which is told the weight with each image ("multi-rate",
            Bae et al. 2022); it trains on all of them at once. None: a model of the one weight that it is trained with.
        split: with a range, the model is told two weights, of D_μ and of D_σ (`DiagonalGaussian.kl_halves_per_dim`), each of the range.
    """

    body: Body = "mlp"
    channels: Literal[1, 3]
    height: Annotated[int, Field(ge=8, le=128)]
    width: Annotated[int, Field(ge=8, le=128)]
    latent: Annotated[int, Field(ge=2, le=128)]
    hidden: Annotated[tuple[Annotated[int, Field(ge=1, le=4096)], ...], Field(max_length=8)] = ()
    likelihood: LikelihoodName = "bernoulli"
    sigma: Annotated[float, Field(ge=0.001, le=10)] = 0.1
    sigma_is: SigmaIs = "fixed"
    variational: bool = True
    beta_range: tuple[_PositiveBeta, _PositiveBeta] | None = None
    split: bool = False

    @model_validator(mode="after")
    def _hidden_fits_the_body(self) -> Self:
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
    def _sigma_is_to_be_had(self) -> Self:
        if self.sigma_is != "fixed" and self.likelihood not in ("gaussian", "logistic"):
            raise ValueError(f"sigma cannot be {self.sigma_is}, since a {self.likelihood} likelihood has none")
        if self.sigma_is == "optimal" and self.likelihood == "logistic":
            raise ValueError("a logistic likelihood has no optimal sigma in closed form: let it be learned")
        return self

    @model_validator(mode="after")
    def _beta_range_is_one(self) -> Self:
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
    def likelihood_words(self) -> str:
        """The likelihood with its σ, for a card: "bernoulli", "gaussian, σ 0.1", "logistic, σ learned"."""
        name = self.likelihood.replace("_", " ")
        if self.likelihood not in ("gaussian", "logistic"):
            return name
        return f"{name}, σ {f'{self.sigma:g}' if self.sigma_is == 'fixed' else self.sigma_is}"


class TrainConfig(Config):
    """How a model is trained.

    The loss is D + β·R as long as the fields from `capacity` to `tc` are left alone. Evaluation always counts D + β·R with the final β,
    so that its figures mean the same for every objective and at every step.

    Attributes:
        beta: β, the KL weight; 1 is the evidence lower bound. With a schedule, the value that it rises to.
        beta_sigma: β_σ, where the two halves of the rate are weighed apart: the loss is then D + β·D_μ + β_σ·D_σ. None: β weighs both.
        schedule: "constant"; "linear": β rises from 0 over the first `ramp` of all steps and stays; "cyclical": the run is cut into
            `cycles` equal parts, in each of which β rises from 0 over the first `ramp` of it and stays (Fu et al. 2019).
        ramp: a share of the steps, as above; with a capacity, the share over which C rises.
        cycles: of a cyclical schedule.
        capacity: C, in nats: the loss is D + β·|R − C|, with R the mean over the batch, and C rising linearly from 0 to this
            (Burgess et al. 2018). None: no capacity.
        free_bits: λ, in nats: the loss has max(λ, mean over the batch of R_j) in place of each dimension's rate R_j
            (Kingma et al. 2016).
        tc: adds this times an estimate of the total correlation of the codes; β-TCVAE (Chen et al. 2018) with weight w is
            `beta` = 1 and `tc` = w − 1.
        binarise: "static": each pixel is made black or white once and for all, white with its grey level as the chance; "stochastic":
            anew each time that an image is trained on, and judged on the static ones. "no": grey stays grey.
        epochs: passes over the training images.
        batch: images per step.
        lr: Adam's learning rate at the start; over the last fifth of the steps it falls to 0.
        seed: of the weights, the order of the images and the noise.
        threads: torch's threads in the training process; 0 leaves torch's own choice.
        device: what training runs on; "auto" is an NVIDIA GPU, else an Apple one, else the processor.
        precision: of the numbers that encoder and decoder multiply in training, see `precision`; "auto" is bfloat16 where that is
            faster. Evaluation is always float32.
    """

    beta: Annotated[float, Field(ge=0, le=10_000)] = 1.0
    beta_sigma: Annotated[float, Field(ge=0, le=10_000)] | None = None
    epochs: Annotated[int, Field(ge=1, le=10_000)] = 20
    batch: Annotated[int, Field(ge=1, le=65_536)] = 128
    lr: Annotated[float, Field(gt=0, le=10)] = 2e-3
    seed: Annotated[int, Field(ge=0, lt=2**63)] = 0
    threads: Annotated[int, Field(ge=0, le=256)] = 0
    schedule: Schedule = "constant"
    ramp: Annotated[float, Field(gt=0, le=1)] = 0.5
    cycles: Annotated[int, Field(ge=1, le=1000)] = 4
    capacity: Annotated[float, Field(ge=0, le=10_000)] | None = None
    free_bits: Annotated[float, Field(ge=0, le=100)] = 0.0
    tc: Annotated[float, Field(ge=0, le=10_000)] = 0.0
    binarise: Binarise = "no"
    device: Literal["auto"] | Device = "auto"
    precision: Literal["auto"] | Precision = "auto"

    @model_validator(mode="after")
    def _parts_agree(self) -> Self:
        if self.capacity is not None and self.schedule != "constant":
            raise ValueError("with a capacity it is C that rises: the schedule of beta must be constant")
        if self.capacity is not None and self.free_bits:
            raise ValueError("a capacity already says how large the rate shall be: leave free_bits at 0, or leave out the capacity")
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
        """Whether the loss has more to do with the rate than weigh it with a constant β."""
        return bool(self.schedule != "constant" or self.capacity is not None or self.free_bits or self.tc)


class RunConfig(Config):
    """One training run: a name for people, the data set's name in the registry or id, the model and its training."""

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
                raise ValueError("a model of a beta_range trains on every KL weight: leave out schedule, capacity, free_bits and tc")
            if self.train.beta_sigma is not None and not self.model.split:
                raise ValueError("a model of a beta_range weighs the whole rate alike: leave out beta_sigma, or make it a split one")
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
    """The KL weight in the name of a model: "β1"; "β1,0.5" for the two halves of the rate; "β0.01–10" for a model of many."""
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
    except ValueError:  # Python writes out no longer integer
        value = "a number of more than 4,300 digits"
    return f"{field} = {value}: {rule[0].lower()}{rule[1:]}." if field else f"{rule[0].upper()}{rule[1:]}."

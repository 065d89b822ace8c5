"""What a model and a training run are, as strict, bounded values that go to JSON and back unchanged."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from vae_core.errors import InputError

Body = Literal["mlp", "conv", "linear"]
LikelihoodName = Literal["bernoulli", "gaussian"]
MAX_PARAMETERS = 50_000_000


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
        sigma: standard deviation of the Gaussian likelihood, on the [0, 1] pixel scale.
        variational: False gives a deterministic autoencoder: the code is a point, its rate is not defined and counts as 0.
    """

    body: Body = "mlp"
    channels: Literal[1, 3]
    height: Annotated[int, Field(ge=8, le=128)]
    width: Annotated[int, Field(ge=8, le=128)]
    latent: Annotated[int, Field(ge=2, le=128)]
    hidden: Annotated[tuple[Annotated[int, Field(ge=1, le=4096)], ...], Field(max_length=8)] = ()
    likelihood: LikelihoodName = "bernoulli"
    sigma: Annotated[float, Field(ge=0.001, le=10)] = 0.1
    variational: bool = True

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


class TrainConfig(Config):
    """How a model is trained.

    Attributes:
        beta: β, the KL weight in loss = D + β·R; 1 is the evidence lower bound.
        epochs: passes over the training images.
        batch: images per step.
        lr: Adam's learning rate at the start; over the last fifth of the steps it falls to 0.
        seed: of the weights, the order of the images and the noise.
        threads: torch's threads in the training process; 0 leaves torch's own choice.
    """

    beta: Annotated[float, Field(ge=0, le=10_000)] = 1.0
    epochs: Annotated[int, Field(ge=1, le=10_000)] = 20
    batch: Annotated[int, Field(ge=1, le=65_536)] = 128
    lr: Annotated[float, Field(gt=0, le=10)] = 2e-3
    seed: Annotated[int, Field(ge=0, lt=2**63)] = 0
    threads: Annotated[int, Field(ge=0, le=256)] = 0


class RunConfig(Config):
    """One training run: a name for people, the data set's name in the registry or id, the model and its training."""

    name: Annotated[str, Field(min_length=1, max_length=120)]
    data: Annotated[str, Field(min_length=1, max_length=4096)]
    model: ModelConfig
    train: TrainConfig


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

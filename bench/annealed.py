"""−log p(x) by annealed importance sampling, the authority for importance sampling: ``python -m bench.annealed MODEL …``.

Chains go from the encoder's posterior, widened, to the true one along densities q^(1−t)·p(x, z)^t (Neal 2001), with one move of Hamiltonian
Monte Carlo a step (Wu et al. 2017). The weights have far less variance than those of codes of q, so that narrow posteriors do no
harm. For fixed moves the expectation of the weight is p(x), whatever the number of steps; here the length of a move follows its chain,
towards 65 % of moves taken, which leaves an error that vanishes with more steps.
"""

from __future__ import annotations

import argparse
import math

import torch
from torch import Tensor

from vae_core.analysis import folding
from vae_core.analysis.importance import estimates
from vae_core.analysis.pictures import shown_with
from vae_core.base.display import three_digits, with_error
from vae_core.model.gaussian import DiagonalGaussian
from vae_core.model.priors import StandardNormal
from vae_core.model.vae import VAE
from vae_core.runs import catalogue
from vae_core.training import binarise, checkpoint
from vae_core.training.objectives import standard_error

WIDEN, LEAPS, TAKEN = 1.35, 5, 0.65
_FIRST_STEP, _FASTER = 0.3, 1.03


def annealed(model: VAE, x: Tensor, *, steps: int, chains: int, seed: int = 0) -> Tensor:
    """−log p̂(x) of images in [0, 1], [B, C, H, W], in nats from `chains` chains of `steps` steps, float64 [B].

    Args:
        model: a variational one of one KL weight, in evaluation mode.
        x: the images.
        steps: from the posterior to the true one; more lessen the variance.
        chains: for each image.
        seed: of all noise.
    """
    generator = torch.Generator().manual_seed(seed)
    found = model.encode(x)
    q = DiagonalGaussian(*(part.repeat(chains, 1) for part in (found.mean, found.logvar + 2 * math.log(WIDEN))))
    images, prior, width = x.repeat(chains, 1, 1, 1), StandardNormal(model.config.latent), q.std
    z, weight, step = q.sample(generator), torch.zeros(len(q.mean), dtype=torch.float64), torch.full((len(q.mean), 1), _FIRST_STEP)

    def parts(codes: Tensor) -> tuple[Tensor, Tensor]:
        """log q(z), and log p(x, z)."""
        return q.log_prob(codes).double(), (prior.log_prob(codes) - model.likelihood.nll(model.decode(codes), images)).double()

    def energy(codes: Tensor, t: float) -> tuple[Tensor, Tensor]:
        with torch.enable_grad():
            codes = codes.detach().requires_grad_()
            start, end = parts(codes)
            value = (1 - t) * start + t * end
            return value.detach(), torch.autograd.grad(value.sum(), codes)[0]

    for number in range(1, steps + 1):
        start, end = parts(z)
        weight += (end - start) / steps
        t = number / steps
        value, slope = energy(z, t)
        speed = torch.empty_like(z).normal_(generator=generator)
        before, moved = value - 0.5 * speed.square().sum(1).double(), z
        for _ in range(LEAPS):  # in units of the posterior's own widths
            speed = speed + 0.5 * step * width * slope
            moved = moved + step * width * speed
            value, slope = energy(moved, t)
            speed = speed + 0.5 * step * width * slope
        chance = (value - 0.5 * speed.square().sum(1).double() - before).clamp(max=0).exp()
        taken = torch.rand(len(z), generator=generator, dtype=torch.float64) < chance
        z = torch.where(taken[:, None], moved, z)
        step = torch.where((chance > TAKEN)[:, None], step * _FASTER, step / _FASTER)
    return math.log(chains) - weight.reshape(chains, len(x)).logsumexp(0)


@torch.no_grad()
def main() -> None:
    """Print both estimates of some images of each model."""
    parser = argparse.ArgumentParser(prog="python -m bench.annealed", description=__doc__)
    parser.add_argument("models", nargs="+", help="ids of models of one KL weight, or of every weight, then at that of its card")
    parser.add_argument("--images", type=int, default=24)
    parser.add_argument("--steps", type=int, default=150)
    parser.add_argument("--chains", type=int, default=16)
    parser.add_argument("--samples", type=int, default=1000)
    chosen = parser.parse_args()
    torch.set_num_threads(1)
    for name in chosen.models:
        point = folding.plain(checkpoint.load(catalogue.models()[name].folder))
        images, train = shown_with(point.card), point.card.train
        assert images is not None
        pixels = binarise.for_evaluation(images.take(range(chosen.images)), train)
        truth = annealed(point.model, torch.from_numpy(pixels).float() / 255, steps=chosen.steps, chains=chosen.chains)
        print(f"{name}, annealed: {with_error(truth.mean().item(), standard_error(truth))} nats of {chosen.images} images")
        for widen in (1.0, WIDEN):
            *_, found = estimates(point.model, pixels, samples=chosen.samples, widen=widen)
            above, count = torch.from_numpy(found.nll) - truth, float(torch.from_numpy(found.effective).median())
            said = f"{with_error(above.mean().item(), standard_error(above))} nats above it, effective sample size {three_digits(count)}"
            print(f"{chosen.samples:,} importance samples, widened by {widen:g}: {said}")


if __name__ == "__main__":
    main()

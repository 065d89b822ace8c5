"""One model at three KL weights: distortion, rate and sharpness."""

from vae_core import data
from vae_core.analysis import evaluate, explore, folding
from vae_core.runs import catalogue

pixels = data.load("mnist-10k").pixels[:500]
everything = catalogue.load("mnist-2d-rates")  # one model, every KL weight
for beta in (0.1, 1.0, 10.0):
    model = folding.at(everything, beta).model
    found = evaluate.evaluate(model, pixels, beta=beta)
    print(beta, found.distortion, found.rate, evaluate.sharpness(explore.reconstruct(model, pixels), pixels))

"""log p(x), the bound, and what lies between them."""

from vae_core import data
from vae_core.analysis import bound, explore
from vae_core.runs import catalogue

model = catalogue.load("mnist-2d").model
digit = data.load("mnist-10k").pixels[0]
own = explore.encode(model, digit[None])  # what the encoder says
truth = bound.truth(model, digit)  # what is true, summed over a grid of codes
reached = bound.elbo(model, digit, own.mean[0], own.std[0])
print(truth.log_evidence, reached, bound.gap(truth, own.mean[0], own.std[0]))

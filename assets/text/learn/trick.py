"""The slope of D by the mean of the code, with the reparameterisation trick and without."""

from vae_core import data
from vae_core.analysis import explore
from vae_core.analysis.gradients import gradients
from vae_core.runs import catalogue

model = catalogue.load("mnist-2d").model
digit = data.load("mnist-10k").pixels[0]
own = explore.encode(model, digit[None])
found = gradients(model, digit, own.mean[0], own.std[0], draws=1000)
print(found.pathwise.mean(0), found.score.mean(0))  # the same, but for noise
print(found.spreads)  # with the trick, and without

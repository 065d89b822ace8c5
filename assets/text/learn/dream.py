"""Random codes in an autoencoder and in a variational one, and what share of real digits they reach."""

from vae_core import data
from vae_core.analysis import explore
from vae_core.analysis.fidelity import judge_of
from vae_core.analysis.pictures import of_test_part
from vae_core.runs import catalogue

judge = judge_of(of_test_part(data.load("mnist-10k")))  # sees digits as a small classifier does
assert judge is not None  # there are enough digits
for name in ("mnist-2d-ae", "mnist-2d"):
    model = catalogue.load(name).model
    pictures = explore.decode(model, explore.sample_prior(2, 12, seed=0))  # uint8 [12, 1, 28, 28]
    print(name, pictures.shape, judge.prior(model))

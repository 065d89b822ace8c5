"""The variational autoencoder: posterior, likelihoods, priors, networks, and the model that joins them."""

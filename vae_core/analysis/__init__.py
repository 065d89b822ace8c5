"""What a trained model shows: its codes, maps, figures and trade-offs, each a function of arrays."""

"""Measured speed: `make bench` prints one table; ratios within one run are what to trust."""

"""The 120 bad inputs of tests/README.md: each is made here and brought to the app, and what comes back is what its user reads."""

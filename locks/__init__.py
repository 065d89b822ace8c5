"""Every package that is installed, with its hash; the pins that a person chose stand in the requirements files."""

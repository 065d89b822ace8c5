"""Models that were trained elsewhere: read, never run, and translated into layers of our own."""

"""What is kept on disk: the directory of a run, its training, the queue, and the catalogue of all models."""

"""The lesson: a file a step, each a picture from a trained model and the figures that its texts need."""

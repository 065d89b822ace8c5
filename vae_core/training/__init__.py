"""From images to a checkpoint: objectives, schedules, precision, the loop, and what is saved of it."""

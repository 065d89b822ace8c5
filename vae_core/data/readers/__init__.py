"""From files of every kind to arrays of pixels, and what is known about each image."""

"""Compare: a file a view, and what the views choose alike."""

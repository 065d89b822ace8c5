"""A model that leaves: for the browser, and as one page to take home."""

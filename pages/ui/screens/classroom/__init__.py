"""What the Class page and the page on which a class draws need."""

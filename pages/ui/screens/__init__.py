"""What one page needs each: a folder a page, and none sees another."""

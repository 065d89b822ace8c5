"""What ships with the app besides code, and how it is made."""

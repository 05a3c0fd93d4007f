"""What the claims about real data and speed rest on. Scripts, not part of the package."""

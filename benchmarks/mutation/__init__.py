"""Apps that are right, with one thing made wrong."""

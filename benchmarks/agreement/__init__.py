"""What `check` reads and what `probe` and `store` observe, on the same apps."""

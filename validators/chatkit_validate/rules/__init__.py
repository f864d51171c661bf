"""What is demanded: one file per rule."""

"""What a name means: imports, re-exports, aliases, classes and their bases, across modules."""

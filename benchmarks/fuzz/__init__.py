"""Whatever stands in a tree, `check` ends, without a crash, and says the same again."""

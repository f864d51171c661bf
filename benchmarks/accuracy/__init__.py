"""The figures of the other benchmarks, kept beside each other."""

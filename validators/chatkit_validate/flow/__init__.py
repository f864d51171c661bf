"""What reaches what: origins of values, the call graph, which status an exception becomes."""

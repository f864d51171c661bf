"""The widget in a front end: what it is configured with, and which route of which backend that leads to.

Nothing here is imported unless a page or a package of the tree names ChatKit. The parsers (tree-sitter) are an extra:
`language.missing()` says what to install where they are not there.
"""

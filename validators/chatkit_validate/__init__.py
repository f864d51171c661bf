"""Executable checks for ChatKit integrations in FastAPI apps."""

__version__ = "0.1.0"

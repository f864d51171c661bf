"""Readers for the rules about an agent's turn: history, events, tools, what outlives it.

Imported when such a rule runs.
"""

"""Rewrites that keep what an app does, and the verdicts that have to stay with it."""

"""Puts agent, skills, validators and hooks into a project or a home folder, and takes them out again."""

"""Walks through code of the project with imagined rows, to see what it answers: nothing of it is imported or executed.

A `Machine` reads statements one by one, as far as they can be read: strings, numbers, dates and collections are what
Python makes of them, objects of libraries are `Unknown`, databases are tables in memory. Where a condition cannot be
decided both ways are walked, one rehearsal each.
"""

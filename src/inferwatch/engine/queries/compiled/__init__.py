"""Queries as SQL over columns: the same rows as the interpreter's, sooner.

In:  a query, and tables of events with the kind of each column.
Out: rows, to the process that runs queries; `NotCompiled` for what SQL does not say in the same way.

A value is two expressions at most: its number and its text. What a class of tables cannot have is not asked
of it; classes meet in a UNION ALL, and what follows is said once.
"""

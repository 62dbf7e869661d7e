"""The kit shared by the engine's small languages: positions, carets, a cursor, quotes.

In:  the text somebody typed (a filter pattern, a metric-math expression).
Out: spans and error pictures, for each language's parser; texts in quotes, for its printer.
"""

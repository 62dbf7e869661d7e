"""The language of SEARCH: which metrics a text finds.

In:  the first argument of SEARCH, and metrics' namespaces, names and dimensions.
Out: a `Search` that answers `matches(...)`, to `metricdata`.
"""

from inferwatch.engine.search.nodes import Search
from inferwatch.engine.search.parser import SearchError, parse
from inferwatch.engine.search.tokens import tokens

__all__ = ["Search", "SearchError", "parse", "tokens"]

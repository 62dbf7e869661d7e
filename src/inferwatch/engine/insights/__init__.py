"""The language of CloudWatch Logs Insights, and the plain interpreter that says what it means.

In:  a query's text; rows of fields, newest first.
Out: rows of texts, to `engine.queries`.
"""

from inferwatch.engine.insights.errors import MalformedQuery
from inferwatch.engine.insights.evaluate import Context
from inferwatch.engine.insights.interpret import Interpreter, shown
from inferwatch.engine.insights.parser import Query, parse

__all__ = ["Context", "Interpreter", "MalformedQuery", "Query", "parse", "shown"]

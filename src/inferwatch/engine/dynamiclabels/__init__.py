"""The language of dynamic labels: `${LABEL} [max: ${MAX}]`.

In:  a label as a query or widget has it, and what is known of the series it names.
Out: the label with its values, to `metricdata`.
"""

from inferwatch.engine.dynamiclabels.fill import Facts, fill
from inferwatch.engine.dynamiclabels.nodes import Label, Live, Property, Text
from inferwatch.engine.dynamiclabels.parser import LabelError, parse
from inferwatch.engine.dynamiclabels.printer import write

__all__ = ["Facts", "Label", "LabelError", "Live", "Property", "Text", "fill", "parse", "write"]

"""Pictures of metrics: a widget and its series as one Vega-Lite specification, and that as a PNG.

In:  a widget of a dashboard body, or GetMetricWidgetImage's; the AWS API, which has its data.
Out: a specification, to the console's browser; a picture, to `wire` and the command line.
"""

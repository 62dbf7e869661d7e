"""Why an alarm is in its state, and what would change that.

In:  an alarm as DescribeAlarms tells it, its datapoints and history, out of the AWS API, whoever answers it.
Out: an Explanation, to `inferwatch explain` and the console's alarm page.
"""

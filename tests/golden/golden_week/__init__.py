"""A week of inferences, what watches them, and what a plain reading of the rules says must come of it.

`traffic.py` makes the events, `watching.py` lists the filters and alarms, `chain.py` drives one through the
other, `story.py` writes down what happened, and `recount.py` works it out again without the engine.
"""

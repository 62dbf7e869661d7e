"""From the catalog to infrastructure.

In:  a `Spec`: what to call it, which models, thresholds, budgets, whom to tell.
Out: a `Plan` (see `infra.plan`), and what is made of one.
"""

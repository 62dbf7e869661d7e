"""Prices: from the tokens of an ended call to what it cost.

In:  usage, provider, model, tier and moment of a call; prices of your own, from `configure`.
Out: `Cost`: US dollars, whether that is all of it, and by which price list.

List prices are those of `genai-prices`, read off the caller in a thread of their own; the caller multiplies.
"""

from inferwatch.capture.prices.cost import UNPRICED, Cost
from inferwatch.capture.prices.own import Price
from inferwatch.capture.prices.pricer import Pricer

__all__ = ["UNPRICED", "Cost", "Price", "Pricer"]

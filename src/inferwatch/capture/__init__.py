"""Capture: exactly one record for each call of a model, whatever its end.

In:  calls made by the application: instrumented clients, or `inference(...)` by hand.
Out: `dict`, one flat record of `model.fields` per call, to the recorder's sink (`ship` in production).

Nothing here raises into the application: faults of our own are counted and said at most once a minute.
Content (prompts, completions, exception texts) is never read into a record.
"""

from inferwatch.capture.call import Call, inference
from inferwatch.capture.clients import instrument, instrument_all, uninstrument, uninstrument_all
from inferwatch.capture.recorder import Recorder, Tally

__all__ = [
    "Call",
    "Recorder",
    "Tally",
    "inference",
    "instrument",
    "instrument_all",
    "uninstrument",
    "uninstrument_all",
]

"""What tests of an application use: recordings of its inferences.

In:  calls made inside a `with recording()` block, in any thread or task.
Out: `list[dict]`, their records, to the test.
"""

from inferwatch.testing.recording import recording

__all__ = ["recording"]

"""A forked child numbers its own records, and leaves its parent's calls to the parent."""

from __future__ import annotations

import os

import pytest

import inferwatch


@pytest.mark.skipif(not hasattr(os, "fork"), reason="forks are POSIX")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_the_child_is_a_writer_of_its_own():
    """The open call is written once, by the parent; the child begins at 0."""
    records = []
    recorder = inferwatch.Recorder(records.append)
    reader, writer = os.pipe()

    with inferwatch.inference("chat", provider="p", model="m", recorder=recorder):
        child = os.fork()
        if child == 0:
            try:
                with inferwatch.inference("chat", provider="p", model="child", recorder=recorder):
                    pass
            finally:
                os.write(writer, repr([(r["model"], r["seq"], r["writer"]) for r in records]).encode())
                os._exit(0)
    os.waitpid(child, 0)
    ((model, seq, name),) = eval(os.read(reader, 4096))
    os.close(reader)
    os.close(writer)

    assert (model, seq) == ("child", 0)
    assert [(record["model"], record["seq"]) for record in records] == [("m", 0)]
    assert name != records[0]["writer"]

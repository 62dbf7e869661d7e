"""Which addresses are this machine."""

from __future__ import annotations

import pytest

from inferwatch.model.loopback import is_loopback


@pytest.mark.parametrize(
    ("url_or_host", "answer"),
    [
        ("http://127.0.0.1:4586", True),
        ("http://127.9.9.9", True),
        ("http://[::1]:80", True),
        ("http://localhost:1", True),
        ("http://logs.localhost", True),
        ("https://logs.eu-west-1.amazonaws.com", False),
        ("http://127.0.0.1.example", False),
        ("http://10.0.0.1", False),
        ("127.0.0.1", True),
        ("localhost:4586", True),
        ("[::1]:80", True),
        ("[::1", False),
        ("example.com:80", False),
        ("", False),
    ],
)
def test_loopback_is_known_by_name(url_or_host, answer):
    """By name or number, in a URL or alone; nothing is looked up."""
    assert is_loopback(url_or_host) is answer

"""Text that others wrote, on a page, a terminal, a mail."""

from __future__ import annotations

import pytest

from inferwatch.model.address import without_password
from inferwatch.model.visible import visible


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain, élan, 日本語, 👩‍💻\tand\nlines", "plain, élan, 日本語, 👩‍💻\tand\nlines"),
        ("invoice\u202egnp.exe", "invoice\\u202egnp.exe"),
        ("\u2067a\u2069 \u200f \u061c", "\\u2067a\\u2069 \\u200f \\u061c"),
        ("\x1b[31mred\x07\r\x9b", "\\u001b[31mred\\u0007\\u000d\\u009b"),
        ("\u2028\ud800", "\\u2028\\ud800"),
    ],
)
def test_signs_that_write_over_others_are_seen(text: str, shown: str) -> None:
    """As JSON escapes them; all else stays."""
    assert visible(text) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("https://ops:s3cret@example.com/hook", "https://ops:****@example.com/hook"),
        ("POST https://ops:s3:c@r@h:8/p failed", "POST https://ops:****@h:8/p failed"),
        ("https://:x@h", "https://:****@h"),
        ("https://ops@h/a:b@c", "https://ops@h/a:b@c"),
        ("https://h:8080/?mail=a@b", "https://h:8080/?mail=a@b"),
        ("ops@example.com", "ops@example.com"),
    ],
)
def test_a_password_in_an_address_is_not_shown(text: str, shown: str) -> None:
    """As AWS shows it; the user's name stays."""
    assert without_password(text) == shown

"""AWS's managed data identifiers that are done here; any other is refused by name.

Source: CloudWatch Logs User Guide, "Types of data that you can protect": names, keywords, card numbers of 13
to 19 digits that pass Luhn's check and begin as a known issuer's do; read 2026-11.
Differs: AWS publishes no patterns: these are written from what each kind of data is.
"""

from __future__ import annotations

import re
from functools import cache
from ipaddress import AddressValueError, IPv6Address
from typing import Any, Final

from inferwatch.engine.dataprotection.identifier import (
    Check,
    Identifier,
    Retry,
    after_it,
    always,
    compile_keywords,
    compile_regex,
    inside_it,
)

_OCTET = r"(?:25[0-5]|2[0-4]\d|1?\d?\d)"
_IPV4 = rf"{_OCTET}(?:\.{_OCTET}){{3}}"
_GROUP = "[0-9A-Fa-f]{0,4}"
_IP_ADDRESS = rf"\b{_IPV4}\b|(?:{_GROUP}:){{2,7}}{_IPV4}\b|{_GROUP}:[0-9A-Fa-f:]{{0,40}}(?:[0-9A-Fa-f]|::)"
_PKCS = "(?:RSA |DSA |EC |ENCRYPTED )?PRIVATE KEY"
_KEY_BODY = r"[A-Za-z0-9+/=\s\\]*"
_SECRET_KEY_WORDS = (
    "aws_secret_access_key",
    "credentials",
    "secret access key",
    "secret key",
    "set-awscredential",
)
_CARD_WORDS = (
    "account number", "american express", "amex", "bank card", "card", "card number", "card num", "cc #",
    "ccn", "check card", "credit", "credit card#", "dankort", "debit", "debit card", "diners club",
    "discover", "electron", "japanese card bureau", "jcb", "mastercard", "mc", "pan",
    "payment account number", "payment card number", "pcn", "union pay", "visa",
)  # fmt: skip
# First digits of an issuer, from and to, and the lengths of its numbers.
_ISSUERS: Final = (
    ("34", "34", (15,)), ("37", "37", (15,)),  # American Express
    ("5019", "5019", (16,)),  # Dankort
    ("300", "305", range(14, 20)), ("36", "36", range(14, 20)), ("38", "39", range(14, 20)),  # Diners Club
    ("6011", "6011", range(16, 20)), ("644", "649", range(16, 20)), ("65", "65", range(16, 20)),  # Discover
    ("3528", "3589", range(16, 20)),  # JCB
    ("51", "55", (16,)), ("2221", "2720", (16,)),  # Mastercard
    ("62", "62", range(16, 20)),  # UnionPay
    ("4", "4", (13, 16, 19)),  # Visa, Electron
)  # fmt: skip
_WORD_BYTES = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789")
_COLON = frozenset(b":")
_RUN_BYTES = frozenset(b"0123456789ABCDEFabcdef:")
_LABEL = re.compile(rb"[A-Za-z0-9_]+\Z")
_HEX_GROUP = re.compile(rb"[0-9A-Fa-f]{1,4}")


def _stands_apart(data: bytes, start: int, end: int, neighbours: frozenset[int]) -> bool:
    """Is the byte before and the byte after none of these?"""
    return not (
        (start > 0 and data[start - 1] in neighbours) or (end < len(data) and data[end] in neighbours)
    )


def is_card_number(data: bytes, start: int, end: int) -> bool:
    digits = data[start:end].replace(b" ", b"").replace(b"-", b"").decode()
    is_known = any(
        low <= digits[: len(low)] <= high and len(digits) in lengths for low, high, lengths in _ISSUERS
    )
    return is_known and passes_luhn(digits)


def passes_luhn(digits: str) -> bool:
    """From the right, every second digit is doubled and its digits added; the sum ends in 0."""
    doubled = (sum(divmod(2 * int(digit), 10)) for digit in digits[-2::-2])
    return (sum(map(int, digits[-1::-2])) + sum(doubled)) % 10 == 0


def is_ip_address(data: bytes, start: int, end: int) -> bool:
    """An IPv4 address that is no part of a longer dotted number, or a valid IPv6 address standing apart."""
    text = data[start:end]
    if b":" not in text:
        before, after = data[max(0, start - 2) : start], data[end : end + 2]
        return not (before[:1].isdigit() and before[1:] == b".") and not (
            after[:1] == b"." and after[1:].isdigit()
        )
    if not (_is_free_before(data, start) and _is_free_after(data, end)):
        return False
    try:
        return int(IPv6Address(text.decode())) != 0
    except AddressValueError:
        return False


def retry_ip_address(data: bytes, start: int, end: int) -> int:
    """Within a run of groups an address begins at its start, or after a label such as `de:`; no later."""
    colon = data.find(b":", start, end)
    if colon < 0:
        return start + 1
    in_a_run = start > 0 and data[start - 1] in _RUN_BYTES
    return end if in_a_run else colon + 1


def _is_free_before(data: bytes, start: int) -> bool:
    """No letter, digit or colon stands before; a label such as `addr:` may."""
    if start == 0 or data[start - 1] not in _WORD_BYTES | _COLON:
        return True
    if data[start - 1] not in _COLON:
        return False
    label = data[max(0, start - 6) : start - 1]
    last = _LABEL.search(label)
    return last is not None and not _HEX_GROUP.fullmatch(last.group())


def _is_free_after(data: bytes, end: int) -> bool:
    """No letter or digit follows; a colon may, where no group follows it."""
    after = data[end : end + 2]
    if not after or after[0] not in _WORD_BYTES | _COLON:
        return True
    return after[0] in _COLON and (len(after) == 1 or after[1] not in _WORD_BYTES | _COLON)


def is_secret_key(data: bytes, start: int, end: int) -> bool:
    return _stands_apart(data, start, end, _WORD_BYTES | frozenset(b"/+"))


# Name → pattern, closer look, keywords, where to look on after a refusal.
_TABLE: Final[dict[str, tuple[str, Check, tuple[str, ...], Retry]]] = {
    "AwsSecretKey": (r"[A-Za-z0-9/+]{40}", is_secret_key, _SECRET_KEY_WORDS, after_it),
    "CreditCardNumber": (
        r"\b(?:\d{13,19}|\d{4}(?: \d{4}){2} \d{1,7}|\d{4}(?:-\d{4}){2}-\d{1,7}|\d{4}[ -]\d{6}[ -]\d{4,5})\b",
        is_card_number,
        _CARD_WORDS,
        inside_it,
    ),
    "EmailAddress": (
        r"[A-Za-z0-9._%+-]+@(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?\.)+[A-Za-z]{2,}",
        always,
        (),
        after_it,
    ),
    "IpAddress": (_IP_ADDRESS, is_ip_address, (), retry_ip_address),
    "OpenSshPrivateKey": (
        rf"-----BEGIN OPENSSH PRIVATE KEY-----{_KEY_BODY}(?:-----END OPENSSH PRIVATE KEY-----)?",
        always,
        (),
        after_it,
    ),
    "PgpPrivateKey": (
        r"(?s)-----BEGIN PGP PRIVATE KEY BLOCK-----.*?(?:-----END PGP PRIVATE KEY BLOCK-----|\z)",
        always,
        (),
        after_it,
    ),
    "PkcsPrivateKey": (
        rf"(?s)-----BEGIN {_PKCS}-----.*?(?:-----END {_PKCS}-----|\z)",
        always,
        (),
        after_it,
    ),
    "PuttyPrivateKey": (
        r"(?s)PuTTY-User-Key-File-\d+:.*?(?:Private-(?:MAC|Hash): ?[0-9A-Fa-f]+|\z)",
        always,
        (),
        after_it,
    ),
}
MANAGED: Final = tuple(_TABLE)
"""Names of the identifiers that are done."""


@cache
def managed(name: str) -> Identifier:
    """A managed identifier by its name; one of `MANAGED`. Compiled when first asked for."""
    pattern, accepts, words, retry = _TABLE[name]
    keywords: Any = compile_keywords(words) if words else None
    return Identifier(name, compile_regex(pattern), accepts, keywords, retry)

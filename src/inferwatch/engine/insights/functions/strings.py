"""Functions of texts. Source: CloudWatch Logs User Guide, "String functions".

Differs: AWS does not say whether `urlencode` writes a space as + or %20; here as +.
"""

from __future__ import annotations

import base64
import string
from typing import Final
from urllib.parse import quote_plus, unquote_plus

from inferwatch.engine.insights.functions.function import Function, of_texts
from inferwatch.engine.insights.functions.numbers import MANY
from inferwatch.engine.insights.patterns import Regex
from inferwatch.engine.insights.values import Value, number, text

_SPACE = string.whitespace
_MAX_RESULT_CHARS = 2**20


def _contains(whole: str, part: str, ignoring_case: str = "false") -> int:
    if ignoring_case == "true":
        whole, part = whole.lower(), part.lower()
    return int(part in whole)


def _substr(value: Value, start: Value, length: Value = None) -> Value:
    shown, first = text(value), number(start)
    count = number(length) if length is not None else None
    if shown is None or first is None or first < 0 or (count is not None and count < 0):
        return None
    return shown[int(first) :] if count is None else shown[int(first) : int(first) + int(count)]


def _replace(whole: str, part: str, by: str) -> str | None:
    if not part or len(whole) * max(len(by), 1) > 64 * _MAX_RESULT_CHARS:
        return whole if not part else None
    return whole.replace(part, by)


def _replace_matches(whole: str, expression: str, by: str) -> str:
    return Regex.of(expression).replace_all(whole, by)


def _concat(*texts: str) -> str | None:
    whole = "".join(texts)
    return whole if len(whole) <= _MAX_RESULT_CHARS else None


def _decode(encoded: str) -> str:
    return base64.b64decode(encoded, validate=True).decode()


def _is_empty(value: Value) -> Value:
    return int(value is None or text(value) == "")


def _is_blank(value: Value) -> Value:
    return int(value is None or ((shown := text(value)) is not None and not shown.strip()))


def _split(whole: str, separator: str) -> list[str]:
    return whole.split(separator) if separator else list(whole)


def _hex(value: str) -> str:
    found = int(value)
    return f"-0x{-found:x}" if found < 0 else f"0x{found:x}"


STRINGS: Final = (
    Function("isempty", "1 where it is missing or empty, else 0", _is_empty),
    Function("isblank", "1 where it is missing, empty or white, else 0", _is_blank),
    Function("startsWith", "1 or 0", of_texts(lambda whole, part: int(whole.startswith(part))), 2, 2),
    Function("endsWith", "1 or 0", of_texts(lambda whole, part: int(whole.endswith(part))), 2, 2),
    Function("strcontains", "1 or 0; the third argument true ignores case", of_texts(_contains), 2, 3),
    Function("concat", "one after the other", of_texts(_concat), 1, MANY),
    Function("ltrim", "without these signs before", of_texts(lambda s, cut=_SPACE: s.lstrip(cut)), 1, 2),
    Function("rtrim", "without these signs behind", of_texts(lambda s, cut=_SPACE: s.rstrip(cut)), 1, 2),
    Function("trim", "without these signs around", of_texts(lambda s, cut=_SPACE: s.strip(cut)), 1, 2),
    Function("strlen", "how many characters", of_texts(len)),
    Function("toupper", "in capitals", of_texts(str.upper)),
    Function("tolower", "in small letters", of_texts(str.lower)),
    Function("substr", "from a place on, counted from 0, so many characters", _substr, 2, 3),
    Function("replace", "every occurrence replaced", of_texts(_replace), 3, 3),
    Function(
        "regexReplace",
        "every match replaced",
        of_texts(lambda s, e, by: Regex.of(e).replace_all(s, by)),
        3,
        3,
    ),
    Function("urlencode", "as in an address", of_texts(quote_plus)),
    Function("urldecode", "out of an address", of_texts(unquote_plus)),
    Function("base64encode", "in base64", of_texts(lambda s: base64.b64encode(s.encode()).decode())),
    Function("base64decode", "out of base64", of_texts(_decode)),
    Function("split", "a list of what stands between", of_texts(_split), 2, 2),
    Function("hexToAscii", "the bytes of hexadecimal digits", of_texts(lambda s: bytes.fromhex(s).decode())),
    Function("hexToDec", "a hexadecimal number", of_texts(lambda s: int(s, 16))),
    Function("decToHex", "a number in hexadecimal", of_texts(_hex)),
)

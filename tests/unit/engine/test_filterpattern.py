"""The filter pattern language: what matches, what is refused, and where."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from inferwatch.engine.filterpattern import Event, PatternError, compile_extractor, compile_pattern
from inferwatch.engine.filterpattern.compare import number_text
from inferwatch.engine.filterpattern.parser import parse
from inferwatch.engine.filterpattern.printer import write
from inferwatch.model.errors import AwsError

Vectors = Callable[[str], list[dict[str, Any]]]


def test_every_pattern_answers_as_the_service_recorded(vectors: Vectors) -> None:
    """All recorded and documented checks: matches, what is extracted, and refusals with AWS's text."""
    cases = vectors("filter_patterns")
    for case in cases:
        if "error" in case:
            with pytest.raises(PatternError) as refused:
                compile_pattern(case["pattern"])
            assert refused.value.code == case["error"]["code"], case["id"]
            assert refused.value.message == case["error"].get("message", refused.value.message), case["id"]
            continue
        pattern = compile_pattern(case["pattern"])

        extracted = pattern.extract(case["message"])

        assert (extracted is not None) == pattern.matches(case["message"]) == case["match"], case["id"]
        assert compile_extractor(pattern)(case["message"]) == extracted, case["id"]
        assert extracted == case.get("extracted", extracted), case["id"]
    assert len(cases) == 1194


def test_every_recorded_pattern_prints_to_one_that_reads_the_same(vectors: Vectors) -> None:
    """Printing and reading again changes nothing."""
    patterns = {case["pattern"] for case in vectors("filter_patterns") if "error" not in case}

    for text in patterns:
        tree = parse(text)
        assert parse(write(tree)) == tree, text


def test_one_event_is_parsed_once_for_many_patterns() -> None:
    """An `Event` keeps its document."""
    event = Event('{"a": 1}')
    first = event.document

    matched = [compile_pattern(f"{{ $.a = {number} }}").matches(event) for number in (1, 2)]

    assert matched == [True, False]
    assert event.document is first


@pytest.mark.parametrize(
    ("pattern", "message", "expected"),
    [
        ("a-b", "a", True),
        ("a-b", "ab", False),
        ("a?b", "a", True),
        ("?a", "b", False),
        ("?a -b", "c", True),
        ('"a"-b', "a b", False),
        ("é", "café", True),
        ('"%"', "5%", True),
        (r"%\-%", "a-b", True),
        (r"%\_x%", "_x", True),
        ("%^$%", "", True),
        ("%[[]%", "[", True),
        ("%a{2}%", "aba", False),
        ("%.%", "\ud800", True),
        ("{ $.a = %^1E%  }", '{"a": 1e10}', False),
        ("{ $.a = %E10$% }", '{"a": 1e10}', True),
        ("{ $.a != 1 }", '{"a": ' + "1" * 5_000 + "}", True),
        ("{ $.a > 1e300 }", '{"a": ' + "1" * 5_000 + "}", True),
        ("[a = -1]", "-1.0", True),
        ("[a > 1]", "1e999", False),
        ("[a > 1]", "1" * 5_000, True),
        ("[a != 1]", "x", True),
        ("[a != %x%]", "y", True),
        ("[a = null]", "null", True),
        ("[a = x && a != y || a = z]", "z", True),
        ("[...]", "", True),
        ("[]", "", True),
        ("[a]", " ", False),
        ("[a, ...]", "", False),
        ("[a, b]", 'x "y" ', True),
    ],
)
def test_a_pattern_matches(pattern: str, message: str, expected: bool) -> None:
    """Spots the recorded answers leave open, and odd values."""
    assert compile_pattern(pattern).matches(message) is expected


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("  a  b", {"$a": "a", "$b": "b"}),
        ("a [x y]z", {"$a": "a", "$b": "[x y]z"}),
        ("[a [b] c", {"$a": "a [b", "$b": "c"}),
        ('"" b', {"$a": "", "$b": "b"}),
        ('a"b c', {"$a": 'a"b', "$b": "c"}),
        ("] b", {"$a": "]", "$b": "b"}),
        ("a\tb\n", {"$a": "a", "$b": "b\n"}),
    ],
)
def test_tokens_of_a_line(message: str, expected: dict[str, str]) -> None:
    """Delimiters go from a token of their own, and stay in the raw rest of a line."""
    assert compile_pattern("[a, b]").extract(message) == expected


@pytest.mark.parametrize(
    ("pattern", "message", "column"),
    [
        ("  ERROR!", "Invalid character(s) in term '!'", 8),
        ('a "b', "Invalid character(s) in term '\"b'", 3),
        ('""', "Invalid character(s) in term '\"\"'", 1),
        ("a -", "Invalid character(s) in term '-'", 4),
        ('a"b"', "Invalid metric filter pattern", 2),
        ("%a b%", "Invalid character(s) in term '%a '", 3),
        (r"%\(%", r"Invalid character(s) in term '%\('", 3),
        (r"%a\1%", "Failed to compile regular expression.", 3),
        (r"%a\%", "Failed to compile regular expression.", 3),
        (r"%\xg0%", "Failed to compile regular expression.", 2),
        ("%a{1001}%", "Failed to compile regular expression.", 3),
        ("%é%", "Invalid character(s) in term '%é'", 2),
        ("%", "If a filter pattern starts with '%' it must end with '%'", 2),
        ("[a, b", "If a filter pattern starts with '[' it must end with ']'", 6),
        ("[a] b]", "Invalid metric filter pattern", 4),
        ("[a b]", "Invalid metric filter pattern", 4),
        ("[a = 1 || b = 2]", "Multiple variables used in a single filter. Var1 : a, Var2 : b", 11),
        ("[a, b, a]", "Duplicate field 'a'", 8),
        ("[..., ...]", "Duplicate field '...'", 7),
        ("[a > x]", "Invalid character(s) in term 'x'", 6),
        ("[a = (1)]", "Invalid metric filter pattern", 6),
        ("{ $.a > %1% }", "Invalid character(s) in term '%1%'", 9),
        (
            "{ $.a[*] = 1 || $.b.* = 1 || $.c[*] = 1 || $.d[*] = 1 }",
            "Your filter pattern exceeds the maximum of 3 wildcards allowed.",
            44,
        ),
        (
            "[a = %1%, b = %2%, c = %3%]",
            "Your input has exceeded the maximum of 2 regular expressions per filter pattern.",
            24,
        ),
        ("{ $.a = 1e99999999999999999999 }", "Invalid metric filter pattern", 9),
    ],
)
def test_a_refusal_has_a_text_and_a_column(pattern: str, message: str, column: int) -> None:
    """AWS's text where it is known, and where reading stopped, counted from 1 in what was typed."""
    with pytest.raises(PatternError) as refused:
        compile_pattern(pattern)

    assert (refused.value.message, refused.value.column) == (message, column)


@pytest.mark.parametrize(
    ("pattern", "column", "hint"),
    [
        (
            "{ $.duration_ms }",
            17,
            'expected a comparison; operators: =  !=  <  <=  >  >=  IS  NOT EXISTS; found "}"',
        ),
        ("{ $.a > }", 9, 'expected a value: a number, "text" or a word; found "}"'),
        ("{ $.a = 1 && }", 14, 'expected a selector such as $.duration_ms; found "}"'),
        ("{ ($.a = 1 }", 12, 'expected && or || or ); found "}"'),
        ('{ $.a = "x }', 9, 'expected a closing "; found """'),
        ("{ $.a IS MAYBE }", 10, 'expected NULL, TRUE or FALSE after IS; found "M"'),
        ("{ $.a = x:y }", 10, 'put the value in double quotes: "x…"'),
        ("%%", 2, "an empty regular expression"),
        (
            "%(%",
            2,
            r'"(" is not allowed in a regular expression: there are no groups; for the sign itself write \x28',
        ),
        ("%a b%", 3, r'" " is not allowed in a regular expression; write \x20'),
        ("%é%", 2, '"é" is not allowed in a regular expression'),
        ("%[%", 2, "a [ without its ]"),
        ("%[a][b%", 5, "a [ without its ]"),
        ("{ $.a = %x[% }", 11, "a [ without its ]"),
        (r"%\*a*[*]|*%", 10, 'nothing stands before "*" that it could repeat'),
        ("%a*b**%", 5, '"**" repeats a repetition'),
        (r"%\[z-a[z-a]%", 8, '"z-a" is no range of characters'),
        ("%a{2}{2,1}%", 3, '"{2}{2,1}" repeats a repetition'),
        ("%a{2}b{2,1}%", 7, '"{2,1}" is no count from 0 to 1,000, or runs backwards'),
        (r"%[a-\d]%", 5, r"escapes: \d \D \s \S \w \W \xhh and a sign"),
    ],
)
def test_an_error_points_at_its_column(pattern: str, column: int, hint: str) -> None:
    """The column is 1-based, and the hint says what would be right."""
    with pytest.raises(PatternError) as refused:
        compile_pattern(pattern)

    assert (refused.value.column, refused.value.hint) == (column, hint)


def test_the_picture_of_an_error_has_a_caret_under_the_column() -> None:
    """What a person sees: what, where, and the line with a caret."""
    with pytest.raises(PatternError) as refused:
        compile_pattern("{ $.a > }")

    assert refused.value.picture() == (
        'filter pattern, column 9: expected a value: a number, "text" or a word; found "}"\n'
        "  { $.a > }\n"
        "          ^"
    )


def test_the_empty_pattern_matches_every_message() -> None:
    """Blank is empty; text that is no JSON matches too."""
    assert compile_pattern("  ").matches("plain text")


def test_deep_parentheses_are_refused_not_run_into_the_stack() -> None:
    """A pattern can't exhaust the parser."""
    with pytest.raises(PatternError):
        compile_pattern("{ " + "(" * 400 + "$.a = 1" + ")" * 400 + " }")


@pytest.mark.parametrize("message", ["[" * 100_000, '{"a":' * 50_000 + "1" + "}" * 50_000, '{"a": NaN}', "{"])
def test_a_message_that_is_no_json_object_matches_nothing(message: str) -> None:
    """Not even NOT EXISTS: the message must be one JSON object."""
    assert not compile_pattern("{ $.b NOT EXISTS }").matches(message)


def test_a_pattern_over_its_limit_is_refused() -> None:
    """1,024 characters at most."""
    with pytest.raises(AwsError, match="1024"):
        compile_pattern("{ $.a = " + "x" * 1_024 + " }")


@pytest.mark.parametrize(("depth", "expected"), [(499, True), (500, False)])
def test_a_message_nests_five_hundred_levels(depth: int, expected: bool) -> None:
    """A fixed number, whatever the parser; brackets inside strings do not count."""
    message = '{"s": "' + "[{" * 600 + '", "a": ' + "[" * depth + "]" * depth + "}"

    assert compile_pattern("{ $.b NOT EXISTS }").matches(message) is expected


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (1, "1"),
        (1.0, "1.0"),
        (1e3, "1000.0"),
        (0.001, "0.001"),
        (1e-4, "1.0E-4"),
        (1e7, "1.0E7"),
        (1.25e10, "1.25E10"),
        (-2.5e-9, "-2.5E-9"),
        (float("inf"), "Infinity"),
    ],
)
def test_numbers_print_as_in_java(number: float, text: str) -> None:
    """What quoted texts and regular expressions are held against."""
    assert number_text(number) == text

"""The filter pattern language: what matches, what is refused, and where."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from inferwatch.engine.filterpattern import PatternError, compile_pattern, parse_document
from inferwatch.model.errors import AwsError, Unsupported

Vectors = Callable[[str], list[dict[str, Any]]]


def test_json_patterns_match_as_the_service_recorded(vectors: Vectors) -> None:
    """All recorded JSON patterns without a regular expression give AWS's answer."""
    checked = 0
    for case in vectors("filter_patterns"):
        if not case["pattern"].strip().startswith("{") or "error" in case or "%" in case["pattern"]:
            continue

        matched = compile_pattern(case["pattern"]).matches(parse_document(case["message"]))

        assert matched == case["match"], case["id"]
        checked += 1
    assert checked == 656


def test_refused_json_patterns_have_the_services_text(vectors: Vectors) -> None:
    """Recorded refusals have AWS's code and message."""
    checked = 0
    for case in vectors("filter_patterns"):
        if not case["pattern"].strip().startswith("{") or "error" not in case or "%" in case["pattern"]:
            continue

        with pytest.raises(PatternError) as refused:
            compile_pattern(case["pattern"])

        assert refused.value.code == case["error"]["code"], case["id"]
        if "message" in case["error"]:
            assert refused.value.message == case["error"]["message"], case["id"]
        checked += 1
    assert checked == 13


@pytest.mark.parametrize(
    ("pattern", "feature"),
    [
        ("ERROR", "filter patterns of plain terms"),
        ("%ERR.*%", "regular expression filter patterns"),
        ("[ip, user, ...]", "space-delimited filter patterns"),
        ("{ $.a = %x% }", "regular expressions in filter patterns"),
    ],
)
def test_a_kind_of_pattern_we_lack_is_refused_by_name(pattern: str, feature: str) -> None:
    """Nothing that is not understood matches, or fails to match, in silence."""
    with pytest.raises(Unsupported) as refused:
        compile_pattern(pattern)

    assert refused.value.feature == feature
    assert refused.value.code == "InvalidParameterException"


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
    assert compile_pattern("  ").matches(parse_document("plain text"))


def test_deep_parentheses_are_refused_not_run_into_the_stack() -> None:
    """A pattern can't exhaust the parser."""
    with pytest.raises(PatternError):
        compile_pattern("{ " + "(" * 400 + "$.a = 1" + ")" * 400 + " }")


@pytest.mark.parametrize("message", ["[" * 100_000, '{"a":' * 50_000 + "1" + "}" * 50_000, '{"a": NaN}', "{"])
def test_a_message_that_is_no_json_object_matches_nothing(message: str) -> None:
    """Not even NOT EXISTS: the message must be one JSON object."""
    assert not compile_pattern("{ $.b NOT EXISTS }").matches(parse_document(message))


def test_a_pattern_over_its_limit_is_refused() -> None:
    """1,024 characters at most."""
    with pytest.raises(AwsError, match="1024"):
        compile_pattern("{ $.a = " + "x" * 1_024 + " }")
